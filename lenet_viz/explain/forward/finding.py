"""What a rule finds out about one value, before it becomes an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.display import numbers
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How, Indices, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Finding:
    """How a value was made; the fields are those of `Explanation`.

    Attributes:
        how: how the total follows from the blocks.
        formula: the general rule in code style.
        headline: the shortest true sentence with numbers.
        blocks: the terms.
        total: what the arithmetic comes to, in float64.
        scale: the size of the numbers that rounding is measured against; None for the sum of the
            terms' absolute values.
        working: lines that lead to the total.
        notes: what else is to be known.
        verdict: for an exact zero, why.
    """

    how: How
    formula: str
    headline: Message
    blocks: tuple[Block, ...]
    total: float
    scale: float | None = None
    working: tuple[Line, ...] = ()
    notes: tuple[Message, ...] = ()
    verdict: Message | None = None


Rule = Callable[[Call, int, Index], Finding]
"""From a step, the number of an output and an element of it; raises `CannotSay`."""


class CannotSay(Exception):
    """There is no arithmetic for an op with these settings.

    Attributes:
        reason: one sentence; None where the op alone is reason enough.
    """

    def __init__(self, reason: Message | None = None) -> None:
        """Keep the reason."""
        super().__init__(str(reason))
        self.reason = reason


INPUT = message("Why", QT_TRANSLATE_NOOP("Why", "input"))
KERNEL = message("Why", QT_TRANSLATE_NOOP("Why", "kernel"))
WEIGHT = message("Why", QT_TRANSLATE_NOOP("Why", "weight"))
BIAS = message("Why", QT_TRANSLATE_NOOP("Why", "bias"))
SHARE = message("Why", QT_TRANSLATE_NOOP("Why", "share"))
SCALE = message("Why", QT_TRANSLATE_NOOP("Why", "factor"))


def needed(call: Call, *path: str | int) -> Operand:
    """Return the operand at a place of a call.

    Raises:
        CannotSay: there is none, or its numbers were not kept.
    """
    found = call.operand(*path)
    if found is None:
        raise CannotSay
    return found


def first(call: Call) -> Operand:
    """Return the first tensor of a call.

    Raises:
        CannotSay: there is none.
    """
    for operand in call.operands():
        return operand
    raise CannotSay


def picked(array: Array, indices: Indices) -> Numbers:
    """Return an array's numbers at indices as float64; 0 where an index is -1."""
    if np.iscomplexobj(array):
        raise CannotSay(COMPLEX)
    if indices.shape[-1] == 0:
        return np.full(indices.shape[:-1], float(np.asarray(array)))
    if indices.min(initial=0) >= 0:
        return np.asarray(array[tuple(np.moveaxis(indices, -1, 0))], dtype=np.float64)
    inside = np.asarray((indices >= 0).all(axis=-1))
    safe = np.where(inside[..., None], indices, 0)
    taken = np.asarray(array[tuple(np.moveaxis(safe, -1, 0))], dtype=np.float64)
    return np.where(inside, taken, 0.0)


COMPLEX = message(
    "Why", QT_TRANSLATE_NOOP("Why", "The arithmetic here is for real numbers; these are complex.")
)


def factor(operand: Operand, indices: Indices, role: Message, symbol: str) -> Factor:
    """Return an operand's numbers at places of a block; a plain number has no address."""
    values = picked(operand.array, indices)
    if operand.address is None:
        return Factor(role, symbol, values)
    return Factor(role, symbol, values, operand.address, indices)


def one(operand: Operand, index: Index, role: Message, symbol: str) -> Factor:
    """Return one number of an operand as a block of one term."""
    indices = np.array(index, dtype=np.int64).reshape(len(index))
    return factor(operand, indices, role, symbol)


def worked(values: Numbers | float, role: Message, symbol: str) -> Factor:
    """Return numbers that are worked out here."""
    return Factor(role, symbol, np.asarray(values, dtype=np.float64))


def grid(*axes: Sequence[int] | Indices | int) -> Indices:
    """Return the indices of a block: axes given as lists span it, single numbers are the same.

    ``grid(0, [1, 2], [5, 6, 7])`` has shape (2, 3, 3): two block axes, then three numbers an
    index. More than two spanning axes are folded into two. -1 in any axis makes all of it -1.
    """
    spans = [np.atleast_1d(np.asarray(axis, dtype=np.int64)) for axis in axes]
    if not spans:
        return np.zeros((0,), dtype=np.int64)
    full = np.stack(np.meshgrid(*spans, indexing="ij"), axis=-1)
    if full.min(initial=0) < 0:
        full = np.where((full < 0).any(axis=-1, keepdims=True), -1, full)
    kept = [
        size
        for axis, size in zip(axes, full.shape[:-1], strict=True)
        if not isinstance(axis, int | np.integer)
    ]
    if len(kept) > 2:
        kept = [int(np.prod(kept[:-1])), kept[-1]]
    return full.reshape(*kept, len(axes))


def number(value: float) -> str:
    """Return a number for a sentence or a line of working, to five digits.

    One that a float32 holds exactly is written as that type writes it: -0.31, not -0.31000.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = np.float32(value)
    exact = float(narrow) == value
    return numbers.text(narrow if exact else np.float64(value), 5)


def total_of(blocks: Sequence[Block]) -> float:
    """Return the sum of all terms in float64, each block's own sum first."""
    return float(sum(block.total for block in blocks))


def single(name: Message, *factors: Factor) -> Block:
    """Return a block with a title."""
    return Block(name, factors)
