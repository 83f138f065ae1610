"""Ops that only move numbers: which element of which operand each output element is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from lenet_viz.capture.records import ArgumentValue, Literal
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Indices

MOST = 2**24
"""Tensors with more elements are not mapped: the map has eight bytes for each."""

_AS_THEY_LIE = frozenset({
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous", "clone",
    "detach", "to", "float", "double", "half", "bfloat16", "type", "type_as", "view_as",
    "reshape_as", "alias", "ravel", "identity", "cpu", "lift_fresh", "requires_grad",
})  # fmt: skip
"""Ops whose output has the input's elements in the same order."""


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


_Moved = Callable[[Call, list[Indices], int], Indices | None]


def copy_map(call: Call, output: int = 0) -> CopyMap | None:
    """Return where an output's elements come from; None for an op that does more than move them.

    It is compared with the captured numbers, and None comes back where it does not explain them.

    Args:
        call: the step.
        output: which of its outputs.
    """
    moved = _MOVES.get(call.op)
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
    for way in (moved, _listed) if call.op == "getitem" else (moved,):
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
    if call.op in _JOINS:
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
_JOINS = frozenset({"cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack"})


def _number(call: Call, name: str, default: int | None = None) -> int:
    value = call.step.literal(name, default)
    if not isinstance(value, int):
        raise TypeError(name)
    return int(value)


def _numbers(call: Call, name: str) -> tuple[int, ...]:
    value = call.step.literal(name)
    if isinstance(value, int):
        return (int(value),)
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        return tuple(int(item) for item in value)
    raise TypeError(name)


def _as_they_lie(call: Call, numbered: list[Indices], output: int) -> Indices:
    return numbered[0].reshape(call.output(output).shape)


def _expand(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.broadcast_to(numbered[0], call.output(output).shape)


def _permute(call: Call, numbered: list[Indices], output: int) -> Indices:
    return numbered[0].transpose(_numbers(call, "dims"))


def _transpose(call: Call, numbered: list[Indices], output: int) -> Indices:
    names = ("dim0", "dim1") if call.step.argument("dim0") is not None else ("axis0", "axis1")
    return numbered[0].swapaxes(*(_number(call, name) for name in names))


def _turned(call: Call, numbered: list[Indices], output: int) -> Indices:
    return numbered[0].T


def _last_two(call: Call, numbered: list[Indices], output: int) -> Indices:
    return numbered[0].swapaxes(-1, -2)


def _movedim(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.moveaxis(numbered[0], _numbers(call, "source"), _numbers(call, "destination"))


def _joined(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.concatenate([each for each in numbered if each.size], axis=_number(call, "dim", 0))


def _stacked(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.stack(numbered, axis=_number(call, "dim", 0))


def _pieces(call: Call, numbered: list[Indices], output: int) -> Indices:
    """Take one of the pieces that a tensor was cut into, by the sizes that they have."""
    axis = _number(call, "dim", 0)
    sizes = [value.shape[axis] for value in call.step.outputs]
    begin = sum(sizes[:output])
    return numbered[0].take(range(begin, begin + sizes[output]), axis=axis)


def _unbound(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.asarray(numbered[0].take(output, axis=_number(call, "dim", 0)))


def _narrowed(call: Call, numbered: list[Indices], output: int) -> Indices:
    begin = _number(call, "start")
    return numbered[0].take(
        range(begin, begin + _number(call, "length")), axis=_number(call, "dim")
    )


def _selected(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.asarray(numbered[0].take(_number(call, "index"), axis=_number(call, "dim")))


def _flipped(call: Call, numbered: list[Indices], output: int) -> Indices:
    return np.flip(numbered[0], _numbers(call, "dims"))


def _rolled(call: Call, numbered: list[Indices], output: int) -> Indices:
    shifts = _numbers(call, "shifts")
    dims = call.step.literal("dims")
    if dims in (None, ()):
        return np.roll(numbered[0], shifts[0])
    return np.roll(numbered[0], shifts, _numbers(call, "dims"))


def _repeated(call: Call, numbered: list[Indices], output: int) -> Indices:
    name = "repeats" if call.step.argument("repeats") is not None else "dims"
    return np.tile(numbered[0], _numbers(call, name))


_PADDING: Mapping[str, dict[str, Any]] = {
    "constant": {"mode": "constant", "constant_values": -1},
    "reflect": {"mode": "reflect"},
    "replicate": {"mode": "edge"},
    "circular": {"mode": "wrap"},
}


def _padded(call: Call, numbered: list[Indices], output: int) -> Indices | None:
    amounts = _numbers(call, "pad")
    how = _PADDING.get(str(call.step.literal("mode", "constant")))
    if how is None or len(amounts) % 2:
        return None
    array = numbered[0]
    pairs = [(0, 0)] * array.ndim
    cut: list[slice] = [slice(None)] * array.ndim
    for number in range(len(amounts) // 2):
        before, after = amounts[2 * number], amounts[2 * number + 1]
        axis = array.ndim - 1 - number
        pairs[axis] = (max(before, 0), max(after, 0))
        cut[axis] = slice(max(-before, 0), array.shape[axis] - max(-after, 0))
    return np.pad(array[tuple(cut)], pairs, **how)


def _shuffled(call: Call, numbered: list[Indices], output: int) -> Indices:
    factor = _number(call, "upscale_factor")
    *lead, channels, height, width = numbered[0].shape
    parts = numbered[0].reshape(*lead, channels // factor**2, factor, factor, height, width)
    axes = [*range(len(lead)), *(len(lead) + at for at in (0, 3, 1, 4, 2))]
    return parts.transpose(axes).reshape(call.output(output).shape)


def _enlarged(call: Call, numbered: list[Indices], output: int) -> Indices | None:
    """Take the nearest element: output i reads ⌊i·in/out⌋ along each spatial axis."""
    if call.op == "interpolate" and call.step.literal("mode", "nearest") != "nearest":
        return None
    array = numbered[0]
    for axis in range(2, array.ndim):
        size, there = array.shape[axis], call.output(output).shape[axis]
        array = array.take([at * size // there for at in range(there)], axis=axis)
    return array


_SLICE = re.compile(r"slice\((None|-?\d+), (None|-?\d+), (None|-?\d+)\)")


def _indexed(call: Call, numbered: list[Indices], output: int) -> Indices | None:
    value = call.step.argument("index")
    if value is None:
        return None
    parts = value if isinstance(value, tuple) else (value,)
    return _taken(numbered[0], tuple(_index_part(call, each, at) for at, each in enumerate(parts)))


def _listed(call: Call, numbered: list[Indices], output: int) -> Indices:
    return _taken(numbered[0], [int(each) for each in _numbers(call, "index")])


def _taken(array: Indices, index: Any) -> Indices:
    return np.asarray(array[index], dtype=np.int64)


def _index_part(call: Call, value: ArgumentValue, at: int) -> Any:
    if isinstance(value, Literal):
        literal = value.value
        if literal == "Ellipsis":
            return Ellipsis
        if isinstance(literal, str):
            match = _SLICE.fullmatch(literal)
            if match is None:
                raise ValueError(literal)
            return slice(*(None if each == "None" else int(each) for each in match.groups()))
        if literal is None or isinstance(literal, int):
            return literal
        raise ValueError(literal)
    if isinstance(value, tuple):
        return [_index_part(call, each, at) for each in value]
    operand = call.operand("index", at) or call.operand("index")
    if operand is None or operand.array.dtype.kind not in "biu":
        raise ValueError(at)
    return np.asarray(operand.array)


_MOVES: Mapping[str, _Moved] = {
    **dict.fromkeys(_AS_THEY_LIE, _as_they_lie),
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _expand),
    "permute": _permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transpose),
    **dict.fromkeys(("t", "T"), _turned),
    **dict.fromkeys(("mT", "adjoint"), _last_two),
    **dict.fromkeys(("movedim", "moveaxis"), _movedim),
    **dict.fromkeys(("cat", "concat", "concatenate"), _joined),
    "stack": _stacked,
    **dict.fromkeys(("chunk", "split", "tensor_split", "split_with_sizes"), _pieces),
    "unbind": _unbound,
    "narrow": _narrowed,
    "select": _selected,
    "flip": _flipped,
    "roll": _rolled,
    **dict.fromkeys(("repeat", "tile"), _repeated),
    "pad": _padded,
    "pixel_shuffle": _shuffled,
    **dict.fromkeys(("interpolate", "upsample", "upsample_nearest"), _enlarged),
    "getitem": _indexed,
}
"""For each op how its operands' numbered elements are moved; -1 stands for a number put in."""

COPIES = frozenset(_MOVES)
"""The ops that may only move numbers."""
