"""Where the windows of a convolution or pooling stand, one axis at a time."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from lenet_viz.capture.records import Literal
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Indices

CONVOLUTIONS = frozenset({"conv1d", "conv2d", "conv3d"})
TRANSPOSED = frozenset({"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"})
MAX_POOLS = frozenset(
    f"{kind}max_pool{n}d{end}"
    for kind in ("", "adaptive_")
    for n in (1, 2, 3)
    for end in ("", "_with_indices")
)
AVERAGE_POOLS = frozenset(f"{kind}avg_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3))
WINDOW_OPS = CONVOLUTIONS | TRANSPOSED | MAX_POOLS | AVERAGE_POOLS


@dataclass(frozen=True, eq=False)
class Windows:
    """Which input place each window sees at each of its own places, along every spatial axis.

    Attributes:
        positions: for each spatial axis int64 of shape (output size, window size): the input row
            or column that window ``out`` sees at its place ``k``; -1 for padding, and where a
            window is shorter than others.
        padded: for each axis bool of the same shape: True for padding that counts as a value of
            an average with ``count_include_pad``; a window may reach beyond even the padding.
        groups: into how many groups the channels are split.
        channels_out: the convolution's output channels; 0 for a pooling.
        transposed: whether it is a transposed convolution: ``positions`` then has for each
            *input* place and kernel place the output row, -1 where it is cut off.
    """

    positions: tuple[Indices, ...]
    padded: tuple[np.ndarray, ...]
    groups: int = 1
    channels_out: int = 0
    transposed: bool = False

    @property
    def axes(self) -> int:
        """How many spatial axes there are."""
        return len(self.positions)

    @property
    def kernel(self) -> tuple[int, ...]:
        """The window's size along each axis; of an adaptive pooling the largest."""
        return tuple(each.shape[1] for each in self.positions)


def windows_of(call: Call) -> Windows | None:
    """Return the windows of a step; None where it has none, or settings that are not known here."""
    op = call.op
    if op not in WINDOW_OPS:
        return None
    operand = call.operand("input") or call.operand("0")
    axes = int(op.partition("d_with")[0].removesuffix("d")[-1])
    if operand is None or len(operand.shape) not in (axes + 1, axes + 2) or not call.step.outputs:
        return None
    sizes, out = operand.shape[-axes:], call.step.shape[-axes:]
    if op.startswith("adaptive"):
        return _adaptive(sizes, out)
    if op in CONVOLUTIONS | TRANSPOSED:
        return _convolution(call, axes, sizes, out)
    return _pool(call, axes, sizes, out)


def setting(call: Call, name: str, axes: int, default: int) -> tuple[int, ...] | None:
    """Return a setting as one number for each axis; None where it is something else."""
    value = call.step.literal(name)
    if value is None or value == ():
        literal = call.step.argument(name)
        return (default,) * axes if literal in (None, (), Literal(None)) else None
    if isinstance(value, int):
        return (value,) * axes
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        numbers = tuple(int(item) for item in value)
        return numbers * axes if len(numbers) == 1 else numbers if len(numbers) == axes else None
    return None


def _convolution(
    call: Call, axes: int, sizes: tuple[int, ...], out: tuple[int, ...]
) -> Windows | None:
    weight = call.operand("weight")
    stride, dilation = setting(call, "stride", axes, 1), setting(call, "dilation", axes, 1)
    groups = call.step.literal("groups", 1)
    if weight is None or weight.address is None or len(weight.shape) != axes + 2:
        return None
    if stride is None or dilation is None or not isinstance(groups, int):
        return None
    kernel = weight.shape[2:]
    padding = _padding(call, axes, kernel, dilation)
    if padding is None:
        return None
    transposed = call.op in TRANSPOSED
    first, size = (sizes, out) if transposed else (out, sizes)
    positions = tuple(
        _positions(first[i], kernel[i], stride[i], dilation[i], padding[i], size[i])
        for i in range(axes)
    )
    channels = weight.shape[1] * groups if transposed else weight.shape[0]
    padded = tuple(each < 0 for each in positions)
    return Windows(positions, padded, groups, channels, transposed)


def _padding(
    call: Call, axes: int, kernel: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Return the zeros before the first row of each axis."""
    word = call.step.literal("padding", 0)
    if word == "valid":
        return (0,) * axes
    if word == "same":
        return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
    return setting(call, "padding", axes, 0)


def _pool(call: Call, axes: int, sizes: tuple[int, ...], out: tuple[int, ...]) -> Windows | None:
    kernel = setting(call, "kernel_size", axes, 0)
    if kernel is None or 0 in kernel:
        return None
    stride = setting(call, "stride", axes, 0)
    padding, dilation = setting(call, "padding", axes, 0), setting(call, "dilation", axes, 1)
    if stride is None or padding is None or dilation is None:
        return None
    stride = tuple(s or k for s, k in zip(stride, kernel, strict=True))
    positions, padded = [], []
    for i in range(axes):
        found = _positions(out[i], kernel[i], stride[i], dilation[i], padding[i], sizes[i])
        places = np.arange(out[i])[:, None] * stride[i] + np.arange(kernel[i]) * dilation[i]
        positions.append(found)
        padded.append((found < 0) & (places < sizes[i] + 2 * padding[i]))
    return Windows(tuple(positions), tuple(padded))


def _positions(
    count: int, kernel: int, stride: int, dilation: int, padding: int, size: int
) -> Indices:
    places = np.arange(count)[:, None] * stride + np.arange(kernel) * dilation - padding
    return np.where((places >= 0) & (places < size), places, -1).astype(np.int64)


def _adaptive(sizes: tuple[int, ...], out: tuple[int, ...]) -> Windows:
    """Return windows that share the input out: output i has rows ⌊i·in/out⌋ to ⌈(i+1)·in/out⌉ - 1.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """
    positions = []
    for size, count in zip(sizes, out, strict=True):
        starts = [i * size // count for i in range(count)]
        ends = [ceil((i + 1) * size / count) for i in range(count)]
        longest = max((b - a for a, b in zip(starts, ends, strict=True)), default=0)
        table = np.full((count, longest), -1, dtype=np.int64)
        for i, (a, b) in enumerate(zip(starts, ends, strict=True)):
            table[i, : b - a] = np.arange(a, b)
        positions.append(table)
    return Windows(tuple(positions), tuple(np.zeros(each.shape, bool) for each in positions))
