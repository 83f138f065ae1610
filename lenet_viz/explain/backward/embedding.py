"""Rows that are looked up: an embedding's weight, and elements named by an index tensor."""

import numpy as np

from lenet_viz.explain.backward.parts import folded, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Cause, Halt, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Factor, Indices
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_OVER_PLACES = QT_TRANSLATE_NOOP("Why", "{count} places that look it up added = {total}")


def _embedding(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    looked, weight = call.operand("input"), call.operand("weight")
    if looked is None or weight is None or path != ("weight",):
        raise CannotTell
    if call.step.literal("max_norm") is not None:
        raise CannotTell
    row, padding = index[0], call.step.literal("padding_idx")
    if isinstance(padding, int) and padding not in (None, -1) and row == padding:
        template = QT_TRANSLATE_NOOP(
            "Why", "Row {row} is {step}'s padding_idx: torch gives it no gradient."
        )
        return (_none(call, message("Why", template, row=row, step=call.step.name)),)
    places = np.argwhere(looked.array == row).astype(np.int64)
    if not len(places):
        template = QT_TRANSLATE_NOOP("Why", "No input of {step} looks row {row} up.")
        return (_none(call, message("Why", template, row=row, step=call.step.name)),)
    last = np.full((len(places), 1), index[1], np.int64)
    factors: tuple[Factor, ...] = ()
    if call.step.literal("scale_grad_by_freq"):
        factors = (worked_out("1/count", 1 / len(places), (1, len(places))),)
    formula = "g[w, r, d] = Σ g[y, n, d] over every n that looks row r up"
    reached = np.concatenate([places, last], axis=-1)[None]
    title = (through(call.step.name),)
    return (Pull(title, reached, factors, formula, headline=_OVER_PLACES),)


def _none(call: Call, sentence: Message) -> Pull:
    reached = np.full((1, 0, len(call.step.shape)), -1, np.int64)
    halt = Halt(Cause.OUTSIDE, sentence)
    return Pull((through(call.step.name),), reached, (), "g[w] = 0", halt=halt)


def _looked_up(call: Call, path: Path) -> tuple[Operand, Operand, int]:
    x, index, dim = call.operand("input"), call.operand("index"), call.step.literal("dim", 0)
    if x is None or index is None or path != ("input",) or not isinstance(dim, int):
        raise CannotTell
    if not x.shape or len(index.shape) == 0:
        raise CannotTell
    return x, index, dim % len(x.shape)


def _gather(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    _, looked, axis = _looked_up(call, path)
    numbers = looked.array
    fits = np.ones(numbers.shape, bool)
    for each, one in enumerate(index):
        if each != axis:
            rows = np.arange(numbers.shape[each]) == one
            fits &= rows.reshape([-1 if a == each else 1 for a in range(numbers.ndim)])
    places = np.argwhere(fits & (numbers == index[axis])).astype(np.int64)
    return (_taken(call, places),)


def _index_select(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    _, looked, axis = _looked_up(call, path)
    found = np.flatnonzero(looked.array == index[axis])
    places: Indices = np.tile(np.asarray(index, np.int64), (len(found), 1))
    places[:, axis] = found
    return (_taken(call, places),)


def _taken(call: Call, places: Indices) -> Pull:
    formula = "g[x] = Σ g[y] of every place that takes x"
    return Pull((through(call.step.name),), folded(places), (), formula)


RULES: dict[str, Rule] = {
    "embedding": _embedding,
    "gather": _gather,
    "index_select": _index_select,
}
