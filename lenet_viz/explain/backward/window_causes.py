"""Causes of zeros through linear layers, convolutions and pooling."""

from itertools import product
from math import prod
from typing import Any

import numpy as np

from lenet_viz.explain.backward.cause_map import (
    LIVE,
    Causes,
    Flags,
    Upstream,
    chosen,
    some,
    weighed,
)
from lenet_viz.explain.backward.pull import CannotTell, Cause
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices
from lenet_viz.explain.windows import (
    AVERAGE_POOLS,
    CONVOLUTIONS,
    MAX_POOLS,
    TRANSPOSED,
    Windows,
    windows_of,
)


def window_causes(call: Call, path: Path, operand: Operand, upstream: Upstream) -> Causes | None:
    """Return the causes for each element of an operand; None for an op of another kind."""
    if call.op == "linear":
        return _linear(call, path, operand, upstream.first)
    if call.op in CONVOLUTIONS | TRANSPOSED:
        return _convolution(call, path, operand, upstream.first)
    if call.op in MAX_POOLS | AVERAGE_POOLS:
        windows = windows_of(call)
        if windows is None or path[0] not in ("input", "0"):
            raise CannotTell
        way = _max_pool if call.op in MAX_POOLS else _average_pool
        return way(windows, operand, upstream.first)
    return None


def _linear(call: Call, path: Path, operand: Operand, flags: Flags) -> Causes:
    x, weight = call.operand("input"), call.operand("weight")
    if x is None or weight is None or len(weight.shape) != 2:
        raise CannotTell
    rows = flags.reshape(-1, weight.shape[0])
    if path == ("bias",):
        return chosen(operand.shape, (some(rows, 0), LIVE), (True, Cause.DOWNSTREAM))
    if path == ("weight",):
        seen = x.array.reshape(-1, weight.shape[1]) != 0
        inputs = np.broadcast_to(some(seen, 0)[None, :], weight.shape)
        gradients = np.broadcast_to(some(rows, 0)[:, None], weight.shape)
        return weighed(inputs, gradients, _meet(rows.T, seen))
    live = _meet(rows, weight.array != 0).reshape(operand.shape)
    back = np.broadcast_to(some(rows, 1)[:, None], (len(rows), weight.shape[1]))
    return chosen(
        operand.shape,
        (live, LIVE),
        (~back.reshape(operand.shape), Cause.DOWNSTREAM),
        (True, Cause.JUST_ZERO),
    )


def _meet(left: Flags, right: Flags) -> Flags:
    """Return whether some k has both ``left[i, k]`` and ``right[k, j]``."""
    return np.asarray(left.astype(np.float32) @ right.astype(np.float32) > 0)


def _batched(array: np.ndarray, axes: int) -> np.ndarray:
    return array if array.ndim == axes + 2 else array[None]


def _incidence(table: Indices, size: int) -> Flags:
    """Return bool (size, windows): whether a window sees a place at all."""
    found = np.zeros((size + 1, len(table)), bool)
    found[table, np.arange(len(table))[:, None]] = True
    return found[:-1]


def _spread(flags: Flags, tables: list[Flags]) -> Flags:
    """Return which places are seen by a window that is flagged.

    Args:
        flags: (…, windows along each axis).
        tables: for each axis bool (size, windows).
    """
    axes = len(tables)
    for number, table in enumerate(tables):
        moved = np.moveaxis(flags, flags.ndim - axes + number, -1)
        moved = _meet(moved.reshape(-1, moved.shape[-1]), table.T).reshape(
            (*moved.shape[:-1], len(table))
        )
        flags = np.moveaxis(moved, -1, flags.ndim - axes + number)
    return flags


def _convolution(call: Call, path: Path, operand: Operand, flags: Flags) -> Causes:
    windows, x, weight = windows_of(call), call.operand("input"), call.operand("weight")
    if windows is None or x is None or weight is None:
        raise CannotTell
    gradients = _batched(flags, windows.axes)
    if path == ("bias",):
        back = some(gradients, 0, *range(2, gradients.ndim))
        return chosen(operand.shape, (back, LIVE), (True, Cause.DOWNSTREAM))
    seen = _batched(x.array != 0, windows.axes)
    if path == ("weight",):
        return _kernels(windows, weight, seen, gradients)
    return _through(windows, x, weight, gradients)


def _through(windows: Windows, x: Operand, weight: Operand, gradients: Flags) -> Causes:
    """Return the causes of a convolution's input."""
    axes, groups = windows.axes, windows.groups
    sizes, out = x.shape[len(x.shape) - axes :], gradients.shape[2:]
    tables = []
    for axis in range(axes):
        size = out[axis] if windows.transposed else sizes[axis]
        table = _incidence(windows.positions[axis], size)
        tables.append(table.T if windows.transposed else table)
    samples, channels = gradients.shape[0], x.shape[len(x.shape) - axes - 1]
    grouped = gradients.reshape((samples, groups, -1, *out))
    back = _spread(some(grouped, 2), tables)
    back = np.repeat(back, channels // groups, axis=1).reshape(x.shape)
    inside = np.ones(sizes, bool)
    for axis, table in enumerate(tables):
        inside = inside & some(table, 1).reshape([-1 if n == axis else 1 for n in range(axes)])
    live = back
    if not weight.array.all():
        live = _with_zero_weights(windows, x, weight, grouped)
    return chosen(
        x.shape,
        (~inside, Cause.OUTSIDE),
        (live, LIVE),
        (~back, Cause.DOWNSTREAM),
        (True, Cause.JUST_ZERO),
    )


def _with_zero_weights(windows: Windows, x: Operand, weight: Operand, grouped: Flags) -> Flags:
    """Return where some gradient meets a weight that is not zero."""
    axes, groups = windows.axes, windows.groups
    sizes = x.shape[len(x.shape) - axes :]
    live = np.zeros((grouped.shape[0], groups, x.shape[-axes - 1] // groups, *sizes), bool)
    there = weight.array != 0
    kernels = there.reshape((groups, -1, *there.shape[1:]))
    for place in product(*(range(size) for size in windows.kernel)):
        kernel = kernels[(..., *place)].astype(np.float32)
        rule = "ngo...,gco->ngc..." if windows.transposed else "ngo...,goc->ngc..."
        met = np.einsum(rule, grouped.astype(np.float32), kernel) > 0
        tables = []
        for axis, at in enumerate(place):
            row = windows.positions[axis][:, at]
            if windows.transposed:
                table = _incidence(row[:, None], grouped.shape[3 + axis]).T
            else:
                table = _incidence(row[:, None], sizes[axis])
            tables.append(table)
        live |= _spread(met, tables)
    return live.reshape(x.shape)


def _kernels(windows: Windows, weight: Operand, seen: Flags, gradients: Flags) -> Causes:
    """Return the causes of a convolution's kernels, one kernel place after another."""
    groups, samples = windows.groups, len(seen)
    inputs, back, both = (np.zeros(weight.shape, bool) for _ in range(3))
    # Written out: an empty batch leaves -1 without an answer.
    x = seen.reshape((samples, groups, seen.shape[1] // groups, *seen.shape[2:]))
    g = gradients.reshape((samples, groups, gradients.shape[1] // groups, *gradients.shape[2:]))
    shape = (groups, weight.shape[0] // groups, weight.shape[1])
    for place in product(*(range(size) for size in windows.kernel)):
        rows = [windows.positions[axis][:, at] for axis, at in enumerate(place)]
        looked: Any = np.ix_(*(row[row >= 0] for row in rows))
        counted: Any = np.ix_(*(np.flatnonzero(row >= 0) for row in rows))
        at_x, at_g = (counted, looked) if windows.transposed else (looked, counted)
        every: Any = (slice(None), slice(None), slice(None))
        first, second = x[(*every, *at_x)], g[(*every, *at_g)]
        left, right = (first, second) if windows.transposed else (second, first)
        a, b = (np.moveaxis(each, 0, 2).reshape(_flat(each)) for each in (left, right))
        met = np.matmul(a.astype(np.float32), np.swapaxes(b, 1, 2).astype(np.float32)) > 0
        here: Any = (slice(None), slice(None), *place)
        both[here] = met.reshape(weight.shape[:2])
        mine = [np.broadcast_to(some(a, 2)[:, :, None], shape).reshape(weight.shape[:2])]
        mine.append(np.broadcast_to(some(b, 2)[:, None, :], shape).reshape(weight.shape[:2]))
        inputs[here], back[here] = mine if windows.transposed else mine[::-1]
    return weighed(inputs, back, both)


def _flat(each: Flags) -> tuple[int, ...]:
    """Return the shape of (samples, groups, channels, places…) as groups, channels, all else."""
    return (*each.shape[1:3], each.shape[0] * int(np.prod(each.shape[3:])))


def _average_pool(windows: Windows, x: Operand, flags: Flags) -> Causes:
    sizes = x.shape[len(x.shape) - windows.axes :]
    tables = [_incidence(table, size) for table, size in zip(windows.positions, sizes, strict=True)]
    inside = _spread(np.ones(flags.shape, bool), tables)
    return chosen(
        x.shape,
        (~inside, Cause.OUTSIDE),
        (_spread(flags, tables), LIVE),
        (True, Cause.DOWNSTREAM),
    )


def _max_pool(windows: Windows, x: Operand, flags: Flags) -> Causes:
    """Return the causes of a max pooling's input: each window's first largest takes all."""
    axes = windows.axes
    sizes = x.shape[len(x.shape) - axes :]
    maps = np.asarray(x.array).reshape((-1, *sizes))
    values, places, valid = _unfolded(windows, maps, sizes)
    best = _winners(values, valid)
    top = np.take_along_axis(values, best[..., None], axis=-1)
    won = np.arange(values.shape[-1]) == best[..., None]
    equal = (values == top) & valid
    upstream = flags.reshape((*best.shape, 1))
    size = prod(sizes)
    where = np.arange(len(maps)).reshape((-1, *[1] * axes, 1)) * size + places

    def any_of(chosen_flags: Flags) -> Flags:
        found = np.zeros(len(maps) * size, bool)
        found[where[chosen_flags]] = True
        return found.reshape(x.shape)

    inside = any_of(np.broadcast_to(valid, values.shape))
    wins = any_of(won)
    return chosen(
        x.shape,
        (~inside, Cause.OUTSIDE),
        (~wins & any_of(equal), Cause.TIED),
        (~wins, Cause.LOST),
        (any_of(won & upstream), LIVE),
        (~any_of(np.broadcast_to(valid & upstream, values.shape)), Cause.DOWNSTREAM),
        (True, Cause.JUST_ZERO),
    )


def _unfolded(
    windows: Windows, maps: np.ndarray, sizes: tuple[int, ...]
) -> tuple[np.ndarray, Indices, Flags]:
    """Return what each window sees (maps, *windows, places), where that is, and what counts."""
    axes = windows.axes
    places: Indices = np.zeros((), np.int64)
    valid: Flags = np.ones((), bool)
    for axis, table in enumerate(windows.positions):
        shape = [1] * (2 * axes)
        shape[axis], shape[axes + axis] = table.shape
        places = places * sizes[axis] + np.maximum(table, 0).reshape(shape)
        valid = valid & (table >= 0).reshape(shape)
    outs = tuple(len(table) for table in windows.positions)
    places, valid = places.reshape((*outs, -1)), valid.reshape((*outs, -1))
    values = maps.reshape((len(maps), -1))[:, places]
    return values, places, valid


def _winners(values: np.ndarray, valid: Flags) -> Indices:
    """Return each window's winner: the first largest; the last NaN where there is one."""
    wide = values.astype(np.float64)
    missing = np.isnan(wide) & valid
    wide[~np.broadcast_to(valid, wide.shape) | missing] = -np.inf
    best = wide.argmax(axis=-1)
    lowest = np.take_along_axis(wide, best[..., None], axis=-1)[..., 0] == -np.inf
    if lowest.any():
        first = np.broadcast_to(valid.argmax(axis=-1), best.shape)
        best = np.where(lowest, first, best)
    last = missing.shape[-1] - 1 - missing[..., ::-1].argmax(axis=-1)
    return np.asarray(np.where(some(missing, -1), last, best), np.int64)
