"""Values that sum up, average or pick among many."""

from collections.abc import Iterator

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    SHARE,
    CannotSay,
    Finding,
    Index,
    factor,
    first,
    grid,
    number,
    worked,
)
from lenet_viz.explain.forward.products import sorted_block
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def _axes(call: Call, operand: Operand) -> tuple[int, ...]:
    """Return the axes that are summed up; all where none is named."""
    value = next((call.step.literal(name) for name in _names(call)), None)
    rank = len(operand.shape)
    if value is None or value == ():
        return tuple(range(rank))
    axes = (value,) if isinstance(value, int) else value
    if not isinstance(axes, tuple) or not all(isinstance(axis, int) for axis in axes):
        raise CannotSay
    return tuple(sorted(int(axis) % rank for axis in axes)) if rank else ()


def _names(call: Call) -> Iterator[str]:
    """Yield under which names a call has its axes: some forms lend them another argument's."""
    for name in ("dim", "axis", *_LENT.get(call.op, ())):
        value = call.step.literal(name)
        if value is not None and not isinstance(value, bool):
            yield name


_LENT = {
    **dict.fromkeys(("max", "min"), ("other",)),
    **dict.fromkeys(("var", "std"), ("unbiased",)),
}
"""``x.max(1)`` is recorded with its axis as ``other``, ``x.var(1)`` as ``unbiased``."""


def group_of(call: Call, index: Index) -> Factor:
    """Return all numbers that a value was made of, as a block of one axis.

    Raises:
        CannotSay: the axes are not known.
    """
    operand = first(call)
    axes = _axes(call, operand)
    kept = len(call.step.shape) == len(operand.shape)
    rest = iter(index)
    places: list[np.ndarray | int] = []
    for axis, size in enumerate(operand.shape):
        if axis in axes:
            places.append(np.arange(size))
            if kept:
                next(rest, None)
        else:
            places.append(next(rest))
    indices = grid(*places)
    return factor(operand, indices.reshape(-1, len(operand.shape)), INPUT, "x")


def summed(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of a sum or mean, the largest first.

    Raises:
        CannotSay: the axes are not known.
    """
    group = group_of(call, index)
    count = group.values.size
    factors = [group]
    if call.op == "mean":
        factors.append(worked(np.full(count, 1 / count if count else np.nan), SHARE, "1/n"))
    template = QT_TRANSLATE_NOOP("Why", "{count} values, the largest first")
    block = sorted_block(message("Why", template, count=count), *factors)
    if call.op == "mean":
        shown = QT_TRANSLATE_NOOP("Why", "the mean of {count} values = {total}")
        formula = "y = Σ x / n"
    else:
        shown = QT_TRANSLATE_NOOP("Why", "the sum of {count} values = {total}")
        formula = "y = Σ x"
    total = block.total if count or call.op == "sum" else float("nan")
    headline = message("Why", shown, count=count, total=number(total))
    return Finding(How.SUM, formula, headline, (block,), total)


def extreme(call: Call, output: int, index: Index) -> Finding:
    """Return which of many values is the largest or smallest.

    Raises:
        CannotSay: the axes are not known, or it is the output with the places.
    """
    if output:
        raise CannotSay
    group = group_of(call, index)
    if not group.values.size:
        raise CannotSay
    least = call.op in ("amin", "min")
    missing = np.flatnonzero(np.isnan(group.values))
    pick = np.argmin if least else np.argmax
    at = int(missing[0]) if missing.size else int(pick(group.values))
    total = float(group.values[at])
    template = (
        QT_TRANSLATE_NOOP("Why", "the smallest of {count} values = {total}")
        if least
        else QT_TRANSLATE_NOOP("Why", "the largest of {count} values = {total}")
    )
    headline = message("Why", template, count=group.values.size, total=number(total))
    title = message("Why", QT_TRANSLATE_NOOP("Why", "the values"))
    block = Block(title, (group,), chosen=(at,))
    formula = "y = min x" if least else "y = max x"
    return Finding(How.LARGEST, formula, headline, (block,), total, abs(total))
