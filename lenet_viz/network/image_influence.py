"""Which values of an image can influence marked values behind a window or a resizing."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lenet_viz.network.axis import Axis
from lenet_viz.network.padding_rows import padded_axis, row_sources
from lenet_viz.network.shapes import NodeShape
from lenet_viz.network.spec import Node

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


def pool2d(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    """Return which values lie in the windows of a pooling's marked values."""
    del node, training
    return [_scatter(mask, shape.axes)]


def conv2d(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    """Return which values the marked values of a convolution are made of."""
    del training
    mode = node.word("padding_mode")
    groups = node.number("groups")
    per_group = _any_of_group(mask, groups)
    if mode == "zeros":
        reached = _scatter(per_group, shape.axes)
    else:
        padded = _scatter(per_group, tuple(padded_axis(axis) for axis in shape.axes))
        rows, columns = (row_sources(axis, mode) for axis in shape.axes)
        reached = _folded(_folded(padded, 1, rows), 2, columns)
    return [np.repeat(reached, shape.inputs[0][1] // groups, axis=0)]


def conv_transpose2d(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    """Return which values are spread over marked values of a transposed convolution."""
    del training
    groups = node.number("groups")
    per_group = _any_of_group(mask, groups)
    kernel, stride, padding, dilation = (
        node.pair(name) for name in ("kernel_size", "stride", "padding", "dilation")
    )
    for i in range(2):
        sources = shape.inputs[0][2 + i], shape.output[2 + i]
        per_group = _gathered(
            per_group, i, sources, (kernel[i], stride[i], padding[i], dilation[i])
        )
    return [np.repeat(per_group, shape.inputs[0][1] // groups, axis=0)]


def adaptive_avg_pool2d(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    """Return which values lie in the windows of marked averages.

    Source: torch.nn.AdaptiveAvgPool2d: window i runs from ⌊i·in/out⌋ to ⌈(i + 1)·in/out⌉ - 1.
    """
    del node, training
    for i in range(2):
        in_size, out_size = shape.inputs[0][2 + i], shape.output[2 + i]
        at = np.arange(out_size)
        first, end = at * in_size // out_size, -(-(at + 1) * in_size // out_size)
        mask = _between(mask, i, in_size, first, end)
    return [mask]


def upsample(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    """Return which values a resizing reads for its marked values."""
    del training
    for i in range(2):
        in_size, out_size = shape.inputs[0][2 + i], shape.output[2 + i]
        factor = node.pair("scale_factor")[i] if "scale_factor" in node.settings else None
        if node.word("mode") == "nearest":
            first = _nearest(in_size, out_size, factor)
            end = first + 1
        else:
            first, end = _linear(in_size, out_size, factor, corners=node.flag("align_corners"))
        mask = _between(mask, i, in_size, first, end)
    return [mask]


def _any_of_group(mask: Mask, groups: int) -> Mask:
    # Each input channel of a group meets each output channel of that group.
    return np.asarray(mask.reshape(groups, -1, *mask.shape[1:]).any(axis=1))


def _between(mask: Mask, axis: int, in_size: int, first: Places, end: Places) -> Mask:
    """Return which rows (or columns) are read, where row i reads those from first to end - 1.

    Both ascend; nothing larger than the mask is made, however many rows there are.
    """
    marked = np.moveaxis(mask, axis + 1, 0).astype(np.int32)
    # One more from where a window begins, one fewer from where it ends: the sum counts windows.
    open_windows = np.zeros((in_size + 1, *marked.shape[1:]), dtype=np.int32)
    for places, sign in ((first, 1), (end, -1)):
        rows, starts = np.unique(places, return_index=True)
        open_windows[rows] += sign * np.add.reduceat(marked, starts, axis=0, dtype=np.int32)
    reached = np.cumsum(open_windows[:-1], axis=0, dtype=np.int32) > 0
    return np.asarray(np.moveaxis(reached, 0, axis + 1))


def _nearest(in_size: int, out_size: int, factor: int | None) -> Places:
    """Return which row each row takes; torch multiplies by a float32, which may round down.

    Source: ATen/native/UpSample.h, nearest_neighbor_compute_source_index.
    """
    step = np.float32(in_size / out_size) if factor is None else np.float32(1 / factor)
    at = np.arange(out_size).astype(np.float32)
    return np.minimum((at * step).astype(np.int64), in_size - 1)


def _linear(
    in_size: int, out_size: int, factor: int | None, *, corners: bool
) -> tuple[Places, Places]:
    """Return between which rows each row lies; the one alone on which it lies exactly.

    Source: ATen/native/UpSample.h, area_pixel_compute_source_index.
    """
    at = np.arange(out_size)
    if corners:
        step = Fraction(in_size - 1, max(out_size - 1, 1))
        above, below = at * step.numerator, step.denominator
    else:
        step = Fraction(in_size, out_size) if factor is None else Fraction(1, factor)
        # (i + 1/2)·step - 1/2, not before the first row.
        above = np.maximum((2 * at + 1) * step.numerator - step.denominator, 0)
        below = 2 * step.denominator
    first = above // below
    on_a_row = above % below == 0
    # A step that float32 cannot hold may put a row a little beside the one it lies on.
    sure = step.denominator & (step.denominator - 1) == 0
    end = first + np.where(on_a_row & sure, 1, 2)
    first = first - (on_a_row & (not sure))
    return np.maximum(first, 0), np.minimum(end, in_size)


def _gathered(
    mask: Mask, axis: int, sizes: tuple[int, int], window: tuple[int, int, int, int]
) -> Mask:
    """Return which rows meet a marked row: those whose window, laid over the output, holds one."""
    in_size, out_size = sizes
    kernel, stride, padding, dilation = window
    moved = np.moveaxis(mask, axis + 1, 0)
    reached = np.zeros((in_size, *moved.shape[1:]), dtype=np.bool_)
    for tap in range(kernel):
        offset = tap * dilation - padding
        first = max(0, -(offset // stride))
        last = min(in_size - 1, (out_size - 1 - offset) // stride)
        if first <= last:
            start = offset + first * stride
            reached[first : last + 1] |= moved[start : offset + last * stride + 1 : stride]
    return np.moveaxis(reached, 0, axis + 1)


def _folded(mask: Mask, dim: int, sources: tuple[int, ...]) -> Mask:
    """Return a padded mask with what lies in its padding laid over the rows it repeats."""
    moved = np.moveaxis(mask, dim, 0)
    folded = np.zeros((max(sources) + 1, *moved.shape[1:]), dtype=np.bool_)
    for at, source in enumerate(sources):
        if source >= 0:
            folded[source] |= moved[at]
    return np.moveaxis(folded, 0, dim)


def _scatter(mask: Mask, axes: tuple[Axis, ...]) -> Mask:
    """Return which inputs lie in a window of a marked output, channel by channel."""
    # One axis at a time: a window is the product of its rows and its columns.
    rows = np.zeros((mask.shape[0], axes[0].in_size, mask.shape[2]), dtype=np.bool_)
    for tap in range(axes[0].kernel):
        source, target = _tap(axes[0], tap)
        rows[:, target] |= mask[:, source]
    reached = np.zeros((*rows.shape[:2], axes[1].in_size), dtype=np.bool_)
    for tap in range(axes[1].kernel):
        source, target = _tap(axes[1], tap)
        reached[:, :, target] |= rows[:, :, source]
    return reached


def _tap(axis: Axis, tap: int) -> tuple[slice, slice]:
    """Return the windows whose ``tap``-th row lies in the input, and the input rows it meets."""
    offset = tap * axis.dilation - axis.padding
    first = max(0, -(offset // axis.stride))
    last = min(axis.out_size - 1, (axis.in_size - 1 - offset) // axis.stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = offset + first * axis.stride
    return slice(first, last + 1), slice(start, offset + last * axis.stride + 1, axis.stride)
