"""Convolutions, transposed ones too: their input, their kernels and their bias."""

import numpy as np

from lenet_viz.explain.backward.parts import (
    channel_title,
    grid,
    read,
    role_input,
    role_kernel,
    sample_title,
)
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices
from lenet_viz.explain.windows import CONVOLUTIONS, TRANSPOSED, Windows, windows_of
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message

OVER_POSITIONS = QT_TRANSLATE_NOOP("Why", "{count} positions added = {total}")
OVER_TERMS = QT_TRANSLATE_NOOP("Why", "{count} gradients × kernel numbers added = {total}")


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    windows, x, weight = windows_of(call), call.operand("input"), call.operand("weight")
    if windows is None or x is None or weight is None:
        raise CannotTell
    if path == ("input",):
        way = _input_of_transposed if windows.transposed else _input
        return (way(windows, x, weight, index),)
    if path == ("weight",):
        return (_kernel(call, windows, x, index),)
    if path == ("bias",):
        return (_bias(call, windows, index),)
    raise CannotTell


def _lead(index: tuple[int, ...], axes: int) -> tuple[int, ...]:
    """Return the part of an index before the channel: the sample's number, or nothing."""
    return index[: len(index) - axes - 1]


def _join(fixed: tuple[int, ...], channels: Indices, places: Indices) -> Indices:
    """Return (channels, *places' shape, axes) of fixed axes, a channel and spatial places."""
    shape = (len(channels), *places.shape[:-1])
    parts = [np.full((*shape, 1), one) for one in fixed]
    parts.append(np.broadcast_to(channels.reshape(-1, *[1] * len(shape[1:]), 1), (*shape, 1)))
    parts.append(np.broadcast_to(places, (*shape, places.shape[-1])))
    return np.concatenate(parts, axis=-1).astype(np.int64)


def _at_most_two(places: Indices) -> Indices:
    """Return places of three spatial axes laid out along two; of fewer as they are."""
    *sizes, axes = places.shape
    if len(sizes) <= 2:
        return places
    return places.reshape((int(np.prod(sizes[:-1])), sizes[-1], axes))


def _input(windows: Windows, x: Operand, weight: Operand, index: tuple[int, ...]) -> Pull:
    """Return one block for each output channel: the windows that hold the element."""
    axes = windows.axes
    pairs = [
        np.argwhere(windows.positions[axis] == index[len(index) - axes + axis])
        for axis in range(axes)
    ]
    seen = _at_most_two(grid(*(pair[:, 0] for pair in pairs)))
    places = _at_most_two(grid(*(pair[:, 1] for pair in pairs)))
    per_group = weight.shape[1]
    outputs = windows.channels_out // windows.groups
    channel = index[len(index) - axes - 1]
    first = channel // per_group * outputs
    channels = np.arange(first, first + outputs)
    inner = np.concatenate([np.full((*places.shape[:-1], 1), channel % per_group), places], axis=-1)
    return Pull(
        tuple(channel_title(int(one)) for one in channels),
        _join(_lead(index, axes), channels, seen),
        (read(role_kernel(), "w", weight, _join((), channels, inner)),),
        "g[x, c, r] = Σ g[y, o, i] · w[o, c, k] over every window i that holds r at its place k",
        headline=OVER_TERMS,
    )


def _input_of_transposed(
    windows: Windows, x: Operand, weight: Operand, index: tuple[int, ...]
) -> Pull:
    axes, outputs = windows.axes, weight.shape[1]
    rows = [windows.positions[axis][index[len(index) - axes + axis]] for axis in range(axes)]
    kept = [np.flatnonzero(row >= 0) for row in rows]
    seen = _at_most_two(grid(*(row[keep] for row, keep in zip(rows, kept, strict=True))))
    places = _at_most_two(grid(*kept))
    channel = index[len(index) - axes - 1]
    group = channel // (x.shape[len(x.shape) - axes - 1] // windows.groups)
    inner = np.arange(outputs)
    return Pull(
        tuple(channel_title(int(one)) for one in inner + group * outputs),
        _join(_lead(index, axes), inner + group * outputs, seen),
        (read(role_kernel(), "w", weight, _join((channel,), inner, places)),),
        "g[x, c, i] = Σ g[y, o, r] · w[c, o, k] over every r that i writes at place k",
        headline=OVER_TERMS,
    )


def _kernel(call: Call, windows: Windows, x: Operand, index: tuple[int, ...]) -> Pull:
    """Return one block for each sample: every position of the window."""
    axes = windows.axes
    rows = [windows.positions[axis][:, index[2 + axis]] for axis in range(axes)]
    counted = grid(*(np.arange(len(row)) for row in rows))
    looked = grid(*rows)
    inside = (looked >= 0).all(axis=-1, keepdims=True)
    if windows.transposed:
        at_x, at_y = counted, looked
        per_group = x.shape[len(x.shape) - axes - 1] // windows.groups
        c_x, c_y = (
            index[0],
            index[1] + index[0] // per_group * (windows.channels_out // windows.groups),
        )
    else:
        at_x, at_y = looked, counted
        outputs = windows.channels_out // windows.groups
        per_group = x.shape[len(x.shape) - axes - 1] // windows.groups
        c_x, c_y = index[1] + index[0] // outputs * per_group, index[0]
    at_x, at_y = (_at_most_two(np.where(inside, each, -1)) for each in (at_x, at_y))
    samples = x.shape[0] if len(x.shape) == axes + 2 else 0
    return Pull(
        _sample_titles(samples),
        _for_samples(samples, c_y, at_y),
        (read(role_input(), "x", x, _for_samples(samples, c_x, at_x)),),
        "g[w, o, c, k] = Σ g[y, n, o, i] · x[n, c, what window i sees at k]",
        weighs_input=True,
        headline=OVER_POSITIONS,
    )


def _sample_titles(samples: int) -> tuple[Message, ...]:
    return tuple(sample_title(n) for n in range(max(1, samples)))


def _for_samples(samples: int, channel: int, places: Indices) -> Indices:
    """Return (samples, *places' shape, axes of the tensor); 0 samples: it has no batch axis."""
    missing = (places < 0).any(axis=-1, keepdims=True)
    count = max(1, samples)
    shape = (count, *places.shape[:-1])
    parts = []
    if samples:
        numbers = np.arange(samples).reshape(-1, *[1] * len(places.shape[:-1]), 1)
        parts.append(np.broadcast_to(numbers, (*shape, 1)))
    parts.append(np.full((*shape, 1), channel))
    parts.append(np.broadcast_to(places, (*shape, places.shape[-1])))
    return np.where(missing, -1, np.concatenate(parts, axis=-1)).astype(np.int64)


def _bias(call: Call, windows: Windows, index: tuple[int, ...]) -> Pull:
    shape, axes = call.step.shape, windows.axes
    places = _at_most_two(grid(*(np.arange(size) for size in shape[-axes:])))
    samples = shape[0] if len(shape) == axes + 2 else 0
    return Pull(
        _sample_titles(samples),
        _for_samples(samples, index[0], places),
        (),
        "g[b, o] = Σ g[y, n, o, i] over every sample and position",
        headline=OVER_POSITIONS,
    )


RULES: dict[str, Rule] = dict.fromkeys(sorted(CONVOLUTIONS | TRANSPOSED), _rule)
