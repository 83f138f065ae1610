"""The shapes that convolutions and poolings give, and the settings that would fit."""

from collections.abc import Sequence
from typing import NoReturn

from lenet_viz.errors import UserMistake
from lenet_viz.network.axis import NAMES, Axis, axis_name, pool_axis, window_starts
from lenet_viz.network.memory_limit import check_padded
from lenet_viz.network.module_checks import check_module
from lenet_viz.network.padding_rows import with_padding_mode
from lenet_viz.network.shape_step import (
    Outcome,
    Repair,
    ShapeClash,
    Step,
    check_width,
    image_shape,
    located,
    pair_repair,
)
from lenet_viz.network.window_axes import Pair, conv_axes, conv_padding
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def conv2d(step: Step) -> Outcome:
    """Return the shape that a convolution gives.

    Raises:
        ShapeClash: other channels than its own, groups that do not divide them, a kernel larger
            than the padded input, or padding that the input is too small for.
    """
    batch, channels, *sizes = image_shape(step)
    node = step.node
    check_width(step, "in_channels", channels)
    check_module(node)
    kernel, stride, dilation = (node.pair(name) for name in ("kernel_size", "stride", "dilation"))
    padding, after = conv_padding(node)
    mode = node.word("padding_mode")
    _check_padding(step, sizes, padding, after)
    try:
        axes = conv_axes(sizes, kernel, stride, padding, dilation, after)
    except UserMistake as mistake:
        padded = [sizes[i] + 2 * padding[i] + after[i] for i in range(2)]
        raise located(step, mistake, _smaller_kernel(step, padded, dilation)) from mistake
    if mode != "zeros" or any(after):
        # Zeros on both sides are only thought of; anything else is written out.
        padded = [sizes[i] + 2 * padding[i] + after[i] for i in range(2)]
        check_padded(node.id, (batch, channels, *padded))
    height, width = (with_padding_mode(axis, mode) for axis in axes)
    shape = batch, node.number("out_channels"), height.out_size, width.out_size
    return shape, (height, width)


def _check_padding(step: Step, sizes: Pair, padding: Pair, after: Pair) -> None:
    """Check that the input has the rows that its padding repeats.

    Source: torch.nn.ReflectionPad2d, torch.nn.CircularPad2d.
    """
    mode = step.node.word("padding_mode")
    if mode not in ("reflect", "circular"):
        return
    for i, name in enumerate(NAMES):
        most = sizes[i] - 1 if mode == "reflect" else sizes[i]
        if padding[i] + after[i] > most:
            raise ShapeClash(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "{node} pads the {axis} by {padding}, {giver} gives {size}: padding_mode "
                        "{mode} has at most {most} to add. Make the padding smaller, or set "
                        "padding_mode to replicate.",
                    ),
                    node=step.node.id,
                    axis=axis_name(name),
                    padding=padding[i] + after[i],
                    giver=step.givers[0],
                    size=sizes[i],
                    mode=mode,
                    most=most,
                ),
                Repair(step.node.id, "padding_mode", "replicate"),
            )


def pool2d(step: Step) -> Outcome:
    """Return the shape that a pooling gives.

    Raises:
        ShapeClash: more padding than half the window, or a window larger than the padded input.
    """
    batch, channels, *sizes = image_shape(step)
    node = step.node
    kernel, stride, padding = (node.pair(name) for name in ("kernel_size", "stride", "padding"))
    dilation = node.pair("dilation") if node.op == "max_pool2d" else (1, 1)
    ceil_mode = node.flag("ceil_mode")
    axes: list[Axis] = []
    for i in range(2):
        window = kernel[i], stride[i], padding[i], dilation[i]
        try:
            axes.append(pool_axis(NAMES[i], sizes[i], *window, ceil_mode=ceil_mode))
        except UserMistake as mistake:
            padded = [sizes[at] + 2 * padding[at] for at in range(2)]
            repair = _smaller_kernel(step, padded, dilation)
            if 2 * padding[i] > kernel[i]:
                fitting = min(padding[0], kernel[0] // 2), min(padding[1], kernel[1] // 2)
                repair = pair_repair(node, "padding", fitting)
            raise located(step, mistake, repair) from mistake
    empty = [_empty_window(axis) for axis in axes]
    if any(empty):
        _refuse_empty(step, axes, empty)
    return (batch, channels, axes[0].out_size, axes[1].out_size), tuple(axes)


def _empty_window(axis: Axis) -> bool:
    """Return whether a window meets nothing but padding: its dilation steps over the input."""
    for start in window_starts(axis):
        if start >= 0:
            return False  # it starts on the input, and so do all after it
        taps = -(start // axis.dilation)
        if taps >= axis.kernel or start + taps * axis.dilation >= axis.in_size:
            return True
    return False


def _refuse_empty(step: Step, axes: Sequence[Axis], empty: list[bool]) -> NoReturn:
    # torch gives -inf for such a window, and its backward writes outside the gradient.
    axis = axes[empty.index(True)]
    height, width = (1 if empty[i] else axes[i].dilation for i in range(2))
    raise ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "{node} has a window that meets only padding along the {axis}: dilation {dilation} "
                "steps over all {size} that {giver} gives. Set dilation to 1.",
            ),
            node=step.node.id,
            axis=axis_name(axis.name),
            dilation=axis.dilation,
            size=axis.in_size,
            giver=step.givers[0],
        ),
        pair_repair(step.node, "dilation", (height, width)),
    )


def _smaller_kernel(step: Step, padded: Pair, dilation: Pair) -> Repair:
    """Return the repair that takes the largest kernel that fits, as many numbers as there were."""
    kernel = step.node.pair("kernel_size")
    height, width = (min(kernel[i], (padded[i] - 1) // dilation[i] + 1) for i in range(2))
    if not isinstance(step.node.setting("kernel_size"), tuple):
        height = width = min(height, width)
    return pair_repair(step.node, "kernel_size", (height, width))
