"""Height and width of a convolution together."""

from collections.abc import Sequence

from lenet_viz.network.axis import NAMES, Axis, conv_axis
from lenet_viz.network.node import Node

Pair = Sequence[int]
"""A number for the height and one for the width."""


def conv_padding(node: Node) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the padding of a convolution: on each side, and after the last row beyond that.

    ``"same"`` adds as many rows as the kernel spans beyond one; of an odd number, the one that is
    left over comes after the last row.

    Source: torch.nn.Conv2d, "padding".
    """
    word = node.word("padding")
    if not word:
        return node.pair("padding"), (0, 0)
    if word == "valid":
        return (0, 0), (0, 0)
    kernel, dilation = node.pair("kernel_size"), node.pair("dilation")
    height, width = (dilation[i] * (kernel[i] - 1) for i in range(2))
    return (height // 2, width // 2), (height % 2, width % 2)


def conv_axes(
    sizes: Pair,
    kernel: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    after: Pair = (0, 0),
) -> tuple[Axis, Axis]:
    """Return the arithmetic of both axes of a convolution.

    Args:
        sizes: height and width of the input.
        kernel: of the kernel.
        stride: from one window to the next.
        padding: zeros added on each side.
        dilation: from one row or column of the kernel to the next.
        after: zeros added after the last row and column beyond ``padding``.

    Raises:
        UserMistake: see `conv_axis`.
    """
    height, width = (
        conv_axis(NAMES[i], sizes[i], kernel[i], stride[i], padding[i], dilation[i], after=after[i])
        for i in range(2)
    )
    return height, width
