"""How each op moves numbers: NumPy's counterpart, applied to numbered elements."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lenet_viz.capture.records import ArgumentValue, Literal
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Indices

Move = Callable[[Call, list[Indices], int], Indices | None]
"""From a step, the numbered elements of its operands and the number of an output to where each of
that output's elements was before; -1 for a number put in."""

AS_THEY_LIE = frozenset({
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous", "clone",
    "detach", "to", "float", "double", "half", "bfloat16", "type", "type_as", "view_as",
    "reshape_as", "alias", "ravel", "identity", "cpu", "lift_fresh", "requires_grad",
})  # fmt: skip
"""Ops whose output has the input's elements in the same order."""


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
    index = index_of(call)
    return None if index is None else _taken(numbered[0], index)


def index_of(call: Call) -> tuple[Any, ...] | None:
    """Return the index of a ``getitem`` or ``setitem`` as NumPy takes it; None for none.

    Raises:
        ValueError: a part of it is not known here.
    """
    value = call.step.argument("index")
    if value is None:
        return None
    parts = value if isinstance(value, tuple) else (value,)
    return tuple(_index_part(call, each, at) for at, each in enumerate(parts))


def index_of_a_list(call: Call, numbered: list[Indices], output: int) -> Indices:
    """Return what ``x[[2, 0]]`` takes, whose index is recorded like that of ``x[2, 0]``."""
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


MOVES: Mapping[str, Move] = {
    **dict.fromkeys(AS_THEY_LIE, _as_they_lie),
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
