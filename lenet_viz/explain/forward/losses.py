"""A loss that compares numbers in pairs: the mean or sum of what each pair gives."""

from collections.abc import Callable, Mapping

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    SHARE,
    WEIGHT,
    CannotSay,
    Finding,
    Index,
    factor,
    needed,
    number,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How, Indices, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_TERMS = message("Why", QT_TRANSLATE_NOOP("Why", "loss of each pair"))
_TARGET = message("Why", QT_TRANSLATE_NOOP("Why", "target"))
_LOSS = message("Why", QT_TRANSLATE_NOOP("Why", "loss"))
_MEAN = QT_TRANSLATE_NOOP("Why", "the mean of {count} terms {text} = {total}")
_SUM = QT_TRANSLATE_NOOP("Why", "the sum of {count} terms {text} = {total}")
_ONE = QT_TRANSLATE_NOOP("Why", "{text} with x = {x}, t = {t} gives {total}")

_Each = Callable[[Numbers, Numbers, Numbers], Numbers]
"""From x, the target and a setting (beta, delta or the weights of the positives) to the losses."""


def _smooth(x: Numbers, t: Numbers, beta: Numbers) -> Numbers:
    d = np.abs(x - t)
    return np.where(d < beta, 0.5 * d * d / np.where(beta == 0, 1, beta), d - 0.5 * beta)


def _huber(x: Numbers, t: Numbers, delta: Numbers) -> Numbers:
    d = np.abs(x - t)
    return np.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta))


def _entropy(x: Numbers, t: Numbers, _: Numbers) -> Numbers:
    """Source: torch keeps both logarithms above -100."""
    found: Numbers = -(t * np.maximum(np.log(x), -100) + (1 - t) * np.maximum(np.log1p(-x), -100))
    return found


def _logits(x: Numbers, t: Numbers, positive: Numbers) -> Numbers:
    soft = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
    found: Numbers = (1 - t) * x + (1 + (positive - 1) * t) * soft
    return found


_EACH: Mapping[str, tuple[str, str, _Each]] = {
    "mse_loss": ("(x - t)²", "", lambda x, t, _: (x - t) ** 2),
    "l1_loss": ("|x - t|", "", lambda x, t, _: np.abs(x - t)),
    "smooth_l1_loss": ("(x - t)²/(2·beta) or |x - t| - beta/2", "beta", _smooth),
    "huber_loss": ("(x - t)²/2 or delta·(|x - t| - delta/2)", "delta", _huber),
    "binary_cross_entropy": ("-(t·log x + (1 - t)·log(1 - x))", "", _entropy),
    "binary_cross_entropy_with_logits": (
        "(1 - t)·x + (1 + (p - 1)·t)·log(1 + exp(-x))",
        "pos_weight",
        _logits,
    ),
}
PAIRWISE = frozenset(_EACH)


def pairwise(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of a loss that compares numbers in pairs, broadcast as torch does.

    Raises:
        CannotSay: a setting is not known here.
    """
    x, target = needed(call, "input"), needed(call, "target")
    shape = np.broadcast_shapes(x.shape, target.shape)
    reduction = str(call.step.literal("reduction", "mean"))
    places = places_of(shape)
    if reduction == "none":
        places = np.array([index], dtype=np.int64).reshape(1, len(shape))
    read = _spread(x, places, INPUT, "x"), _spread(target, places, _TARGET, "t")
    text, name, each = _EACH[call.op]
    setting = call.operand(name) if name else None
    by = np.ones(1) if setting is None else _spread(setting, places, WEIGHT, "p").values
    terms = worked(each(read[0].values, read[1].values, by), _LOSS, "l")
    weight = call.operand("weight")
    weights = () if weight is None else (_spread(weight, places, WEIGHT, "w"),)
    notes = () if x.shape == target.shape else (_broadcast(x.shape, target.shape),)
    return reduced(text, (terms, *weights), read, reduction, notes)


def places_of(shape: tuple[int, ...]) -> Indices:
    """Return the index of every element, int64 (elements, axes)."""
    count = int(np.prod(shape))
    if not shape:
        return np.zeros((1, 0), dtype=np.int64)
    return np.stack(np.unravel_index(np.arange(count), shape), axis=-1).astype(np.int64)


def _spread(operand: Operand, places: Indices, role: Message, symbol: str) -> Factor:
    """Return an operand's numbers at places of the broadcast shape."""
    if len(operand.shape) > places.shape[1]:
        raise CannotSay
    near = places[:, places.shape[1] - len(operand.shape) :]
    single = np.array([size == 1 for size in operand.shape], dtype=bool)
    return factor(operand, np.where(single, 0, near).astype(np.int64), role, symbol)


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> Message:
    template = QT_TRANSLATE_NOOP(
        "Why",
        "The input has shape {first} and the target {second}: both are broadcast, and numbers are "
        "compared that may not belong together. target.view(...) gives it the input's shape.",
    )
    return message("Why", template, first=str(first), second=str(second))


def reduced(
    text: str,
    terms: tuple[Factor, ...],
    read: tuple[Factor, Factor],
    reduction: str,
    notes: tuple[Message, ...] = (),
) -> Finding:
    """Return the mean or sum of losses, with the pairs that they were made of.

    Args:
        text: the loss of one pair in code style.
        terms: the losses, and their weights if there are any.
        read: the inputs and the targets.
        reduction: ``mean``, ``sum`` or ``none``.
        notes: what else is to be known.
    """
    count = terms[0].values.size
    mean = reduction == "mean"
    if mean:
        share = np.full(count, 1 / count if count else np.nan)
        terms = (*terms, worked(share, SHARE, "1/n"))
    block = Block(_TERMS, terms)
    total = block.total if count or not mean else float("nan")
    order = np.argsort(-np.abs(block.products), kind="stable")[:3]
    lines = [
        Line(f"l[{at}]", _pair(text, read, int(at)), float(terms[0].values[at])) for at in order
    ]
    formula = f"L = Σ {text} / n" if mean else f"L = Σ {text}" if reduction == "sum" else text
    if count > 1:
        lines.append(Line("L", f"Σ l / {count}" if mean else "Σ l", total))
    blocks = (block, Block(INPUT, read[:1]), Block(_TARGET, read[1:]))
    rounding = np.abs(read[0].values) + np.abs(read[1].values)
    scale = float(np.abs(block.products).sum()) + float(rounding.max(initial=0.0)) ** 2 * 1e-3
    return Finding(
        How.WORKED_OUT,
        formula,
        _headline(text, read, total, mean),
        blocks,
        total,
        scale if np.isfinite(scale) else 0.0,
        working=tuple(lines),
        notes=notes,
    )


def _headline(text: str, read: tuple[Factor, Factor], total: float, mean: bool) -> Message:
    count = read[0].values.size
    if count != 1:
        template = _MEAN if mean else _SUM
        return message("Why", template, count=count, text=text, total=number(total))
    x, t = (number(float(each.values[0])) for each in read)
    return message("Why", _ONE, text=text, x=x, t=t, total=number(total))


def _pair(text: str, read: tuple[Factor, Factor], at: int) -> str:
    x, t = (number(float(each.values[at])) for each in read)
    return f"{text}, x = {x}, t = {t}"
