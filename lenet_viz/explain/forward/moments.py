"""Values made of many numbers at once: variances, norms, products, log-sums, and their places."""

import math

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    CannotSay,
    Finding,
    Index,
    factor,
    first,
    grid,
    number,
)
from lenet_viz.explain.forward.reductions import group_of
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Block, Factor, How, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_VALUES = message("Why", QT_TRANSLATE_NOOP("Why", "the values"))


def _block(group: Factor, *, chosen: tuple[int, ...] | None = None) -> tuple[Block, ...]:
    return (Block(_VALUES, (group,), chosen=chosen),)


def _told(template: str, group: Factor, total: float) -> Message:
    return message("Why", template, count=group.values.size, total=number(total))


def spread(call: Call, output: int, index: Index) -> Finding:
    """Return how a variance or standard deviation was made of many values.

    Raises:
        CannotSay: the axes are not known.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.var.html
    """
    group = group_of(call, index)
    values, count = group.values, group.values.size
    if not count:
        raise CannotSay
    mean = float(values.mean())
    squares = float(((values - mean) ** 2).sum())
    divisor = count - _correction(call, index, squares, count)
    variance = float(np.divide(squares, max(divisor, 0.0)))
    deviation = call.op == "std"
    total = math.sqrt(variance) if deviation else variance
    lines = [
        Line("mean", f"Σ x / {count}", mean),
        Line("Σ (x - mean)²", f"{count} squares", squares),
        Line("var", f"{number(squares)} / {divisor:g}", variance),
    ]
    if deviation:
        lines.append(Line("y", f"√{number(variance)}", total))
        template = QT_TRANSLATE_NOOP("Why", "the standard deviation of {count} values = {total}")
    else:
        template = QT_TRANSLATE_NOOP("Why", "the variance of {count} values = {total}")
    largest = float(np.abs(values).max())
    scale = total + (largest if deviation else largest * math.sqrt(variance))
    return Finding(
        How.WORKED_OUT,
        "y = √(Σ (x - mean)² / (n - correction))" if deviation else _VARIANCE,
        _told(template, group, total),
        _block(group),
        total,
        scale,
        working=tuple(lines),
    )


_VARIANCE = "y = Σ (x - mean)² / (n - correction)"


def _correction(call: Call, index: Index, squares: float, count: int) -> float:
    """Return what is taken from the number of values: 1 unless the step says otherwise."""
    given = call.step.literal("correction")
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    unbiased = call.step.literal("unbiased")
    if isinstance(unbiased, bool):
        return float(unbiased)
    if unbiased is None:
        return 1.0
    # ``x.var(1, False)`` is recorded with its axis under this name: the number tells which it was.
    captured = float(call.output().activation[index])
    power = 0.5 if call.op == "std" else 1.0
    away = [abs(captured - (squares / max(count - each, 1e-300)) ** power) for each in (1, 0)]
    return 1.0 if away[0] <= away[1] else 0.0


def norm(call: Call, output: int, index: Index) -> Finding:
    """Return how a norm was made of many values.

    Raises:
        CannotSay: the axes or the order are not known.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
    """
    order = call.step.literal("p", call.step.literal("ord", 2))
    order = 2 if order in (None, "fro") else order
    if isinstance(order, str):
        order = math.inf if order == "inf" else order
    if not isinstance(order, int | float) or order == 0:
        raise CannotSay
    group = group_of(call, index)
    sizes = np.abs(group.values)
    if not sizes.size:
        raise CannotSay
    if math.isinf(order):
        total = float(sizes.max() if order > 0 else sizes.min())
        lines: tuple[Line, ...] = (Line("y", "max |x|" if order > 0 else "min |x|", total),)
    else:
        powers = float((sizes**order).sum())
        total = float(np.float64(powers) ** (1 / order))
        lines = (
            Line(f"Σ |x|^{order:g}", f"{sizes.size} terms", powers),
            Line("y", f"{number(powers)}^(1/{order:g})", total),
        )
    template = QT_TRANSLATE_NOOP("Why", "the norm of {count} values = {total}")
    formula = "y = (Σ |x|^p)^(1/p)"
    headline = _told(template, group, total)
    return Finding(How.WORKED_OUT, formula, headline, _block(group), total, total, working=lines)


def product(call: Call, output: int, index: Index) -> Finding:
    """Return the factors of a product of many values.

    Raises:
        CannotSay: the axes are not known.
    """
    group = group_of(call, index)
    total = float(np.prod(group.values))
    text = " · ".join(_shown(float(each)) for each in group.values[:6])
    more = " · …" if group.values.size > 6 else ""
    template = QT_TRANSLATE_NOOP("Why", "the product of {count} values = {total}")
    return Finding(
        How.WORKED_OUT,
        "y = Π x",
        _told(template, group, total),
        _block(group),
        total,
        abs(total) if math.isfinite(total) else 0.0,
        working=(Line("y", text + more, total),),
        verdict=_zero(group.values, total),
    )


def _zero(values: Numbers, total: float) -> Message | None:
    if total != 0 or not np.any(values == 0):
        return None
    return message("Why", QT_TRANSLATE_NOOP("Why", "Zero because a factor is zero."))


def log_sum(call: Call, output: int, index: Index) -> Finding:
    """Return how the logarithm of a sum of exponentials was made, the maximum taken off first.

    Raises:
        CannotSay: the axes are not known.
    """
    group = group_of(call, index)
    values = group.values
    if not values.size:
        raise CannotSay
    most = float(values.max())
    safe = most if math.isfinite(most) else 0.0
    total_ = float(np.exp(values - safe).sum())
    total = safe + float(np.log(np.float64(total_)))
    lines = (
        Line("m", "max x", most),
        Line("Σ exp(x - m)", f"{values.size} exponentials", total_),
        Line("y", f"{number(safe)} + log({number(total_)})", total),
    )
    template = QT_TRANSLATE_NOOP("Why", "log Σ exp of {count} values = {total}")
    scale = abs(safe) + abs(total)
    return Finding(
        How.WORKED_OUT,
        "y = m + log Σ exp(x - m)",
        _told(template, group, total),
        _block(group),
        total,
        scale if math.isfinite(scale) else 0.0,
        working=lines,
    )


def running_sum(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of a cumulative sum: everything up to here along one axis.

    Raises:
        CannotSay: the axis is not known.
    """
    operand, axis = first(call), call.step.literal("dim")
    if not isinstance(axis, int):
        raise CannotSay
    if not operand.shape:
        indices = grid(())[None, :0]
    else:
        axis %= len(operand.shape)
        indices = grid(*index[:axis], np.arange(index[axis] + 1), *index[axis + 1 :])
    group = factor(operand, indices, INPUT, "x")
    total = float(group.values.sum())
    template = QT_TRANSLATE_NOOP("Why", "the sum of the first {count} values = {total}")
    headline = _told(template, group, total)
    return Finding(How.SUM, "y[i] = Σ x[0 … i]", headline, _block(group), total)


def place(call: Call, output: int, index: Index) -> Finding:
    """Return at which place the largest or smallest of many values stands.

    Raises:
        CannotSay: the axes are not known.
    """
    group = group_of(call, index)
    if not group.values.size:
        raise CannotSay
    missing = np.flatnonzero(np.isnan(group.values))
    least = call.op in ("argmin", "min")
    best = np.argmin(group.values) if least else np.argmax(group.values)
    at = int(missing[0]) if missing.size else int(best)
    captured = int(call.output(output).activation[index])
    if captured != at and 0 <= captured < group.values.size:
        # Where several are equal, torch does not promise the first.
        at = captured if group.values[captured] == group.values[at] else at
    template = (
        QT_TRANSLATE_NOOP("Why", "the smallest of {count} values stands at place {total}")
        if least
        else QT_TRANSLATE_NOOP("Why", "the largest of {count} values stands at place {total}")
    )
    shown = message("Why", template, count=group.values.size, total=at)
    line = Line(f"x[{at}]", "min x" if least else "max x", float(group.values[at]))
    formula = "y = place of min x" if least else "y = place of max x"
    blocks = _block(group, chosen=(at,))
    return Finding(How.WORKED_OUT, formula, shown, blocks, float(at), 0.0, working=(line,))


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text
