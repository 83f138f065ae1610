"""Ops that only move numbers: which element of which operand each output element is."""

from dataclasses import dataclass
from itertools import accumulate
from math import prod

import numpy as np

from lenet_viz.explain.moves import MOVES, index_of_a_list
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Indices

MOST = 2**24
"""Tensors with more elements are not mapped: the map has eight bytes for each."""

COPIES = frozenset(MOVES)
"""The ops that may only move numbers."""


@dataclass(frozen=True, eq=False)
class CopyMap:
    """Where each element of an output was before.

    Attributes:
        operands: the tensors it was taken from.
        source: int64 of the output's shape: which of them; -1 for a number that was put in.
        flat: int64 of the output's shape: which element of it, counted in row-major order.
    """

    operands: tuple[Operand, ...]
    source: Indices
    flat: Indices


def copy_map(call: Call, output: int = 0) -> CopyMap | None:
    """Return where an output's elements come from; None for an op that does more than move them.

    It is compared with the captured numbers, and None comes back where it does not explain them.

    Args:
        call: the step.
        output: which of its outputs.
    """
    moved = MOVES.get(call.op)
    if moved is None or output >= len(call.step.outputs):
        return None
    operands = _sources(call)
    shape = call.output(output).shape
    if not operands or max(prod(shape), *(prod(each.shape) for each in operands)) > MOST:
        return None
    ends = list(accumulate(prod(each.shape) for each in operands))
    starts = [end - prod(each.shape) for end, each in zip(ends, operands, strict=True)]
    numbered = [
        np.arange(start, end, dtype=np.int64).reshape(each.shape)
        for start, end, each in zip(starts, ends, operands, strict=True)
    ]
    # ``x[[0, 1]]`` and ``x[0, 1]`` are recorded alike: the captured numbers tell which it was.
    for way in (moved, index_of_a_list) if call.op == "getitem" else (moved,):
        try:
            taken = way(call, numbered, output)
        except (ValueError, IndexError, TypeError, KeyError):
            continue  # a setting that NumPy does not take as torch does
        if taken is None or taken.shape != shape:
            continue
        source = np.searchsorted(np.asarray(ends), taken, side="right")
        source = np.where(taken < 0, -1, source).astype(np.int64)
        flat = np.where(taken < 0, -1, taken - np.asarray([*starts, 0])[source])
        found = CopyMap(operands, source, flat.astype(np.int64))
        if _holds(call, found, output):
            return found
    return None


def _sources(call: Call) -> tuple[Operand, ...]:
    """Return the tensors whose numbers are moved: a list's, or the first."""
    found = tuple(call.operands())
    if call.op in JOINS:
        return tuple(each for each in found if each.path[0] in ("tensors", "0"))
    return found[:1]


def _holds(call: Call, found: CopyMap, output: int) -> bool:
    value = call.output(output)
    if value.activation_key is None:
        return False
    numbers = value.activation
    for number, operand in enumerate(found.operands):
        mine = found.source == number
        before = operand.array.reshape(-1)[found.flat[mine]]
        after = numbers[mine]
        if call.op in _CONVERSIONS:
            with np.errstate(all="ignore"):
                before = before.astype(after.dtype)
        same = before == after
        if after.dtype.kind in "fc":
            same |= np.isnan(before) & np.isnan(after)
        if not np.all(same):
            return False
    return True


_CONVERSIONS = frozenset({"to", "float", "double", "half", "bfloat16", "type", "type_as"})
JOINS = frozenset({"cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack"})
