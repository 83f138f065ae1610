"""The shapes that transposed convolutions, resizing and adaptive pooling give."""

from lenet_viz.network.axis import NAMES, axis_name
from lenet_viz.network.module_checks import check_module
from lenet_viz.network.shape_step import (
    Outcome,
    Repair,
    ShapeClash,
    Step,
    check_width,
    image_shape,
    pair_repair,
)
from lenet_viz.network.window_axes import Pair
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def conv_transpose2d(step: Step) -> Outcome:
    """Return the shape that a transposed convolution gives.

    Raises:
        ShapeClash: other channels than its own, groups that do not divide them, as much output
            padding as a step, or padding that leaves nothing.

    Source: torch.nn.ConvTranspose2d, "Shape".
    """
    batch, channels, *sizes = image_shape(step)
    node = step.node
    check_width(step, "in_channels", channels)
    check_module(node)
    _check_output_padding(step)
    kernel, stride, padding, extra, dilation = (
        node.pair(name)
        for name in ("kernel_size", "stride", "padding", "output_padding", "dilation")
    )
    full = [
        (sizes[i] - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 + extra[i] for i in range(2)
    ]
    height, width = (full[i] - 2 * padding[i] for i in range(2))
    if height < 1 or width < 1:
        _refuse_padding(step, full, padding)
    return (batch, node.number("out_channels"), height, width), ()


def _check_output_padding(step: Step) -> None:
    node = step.node
    extra, stride, dilation = (node.pair(name) for name in ("output_padding", "stride", "dilation"))
    most = max(stride[0], dilation[0]) - 1, max(stride[1], dilation[1]) - 1
    for i, name in enumerate(NAMES):
        if extra[i] > most[i]:
            raise ShapeClash(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "{node} has output_padding {extra} along the {axis}, with stride "
                        "{stride} and dilation {dilation}; it must be smaller than the larger "
                        "of them. Set it to {most}.",
                    ),
                    node=node.id,
                    extra=extra[i],
                    axis=axis_name(name),
                    stride=stride[i],
                    dilation=dilation[i],
                    most=most[i],
                ),
                pair_repair(
                    node, "output_padding", (min(extra[0], most[0]), min(extra[1], most[1]))
                ),
            )


def _refuse_padding(step: Step, full: Pair, padding: Pair) -> None:
    fitting = min(padding[0], (full[0] - 1) // 2), min(padding[1], (full[1] - 1) // 2)
    at = 0 if fitting[0] < padding[0] else 1
    raise ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "{node} makes {full} along the {axis} and takes padding {padding} off each side, "
                "so nothing would be left. Set padding to {most} or less.",
            ),
            node=step.node.id,
            full=full[at],
            axis=axis_name(NAMES[at]),
            padding=padding[at],
            most=fitting[at],
        ),
        pair_repair(step.node, "padding", fitting),
    )


def adaptive_avg_pool2d(step: Step) -> Outcome:
    """Return the shape that adaptive average pooling gives: the one that was asked for.

    Raises:
        ShapeClash: it gets no image.
    """
    batch, channels, *_ = image_shape(step)
    return (batch, channels, *step.node.pair("output_size")), ()


def upsample(step: Step) -> Outcome:
    """Return the shape that resizing gives.

    Raises:
        ShapeClash: it names both a size and a factor or neither, or aligns corners where nothing
            is interpolated.
    """
    batch, channels, *sizes = image_shape(step)
    node = step.node
    has_size, has_factor = "size" in node.settings, "scale_factor" in node.settings
    if has_size == has_factor:
        _refuse_both(step, both=has_size)
    if node.flag("align_corners") and node.word("mode") == "nearest":
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} has align_corners with mode nearest, which has no corners to align. "
                    "Set mode to bilinear, or align_corners to false.",
                ),
                node=node.id,
            ),
            Repair(node.id, "mode", "bilinear"),
        )
    if has_size:
        return (batch, channels, *node.pair("size")), ()
    factor = node.pair("scale_factor")
    return (batch, channels, sizes[0] * factor[0], sizes[1] * factor[1]), ()


def _refuse_both(step: Step, *, both: bool) -> None:
    if both:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{node} has both a size and a scale_factor; torch takes one of them. Take out size.",
        )
        repair = Repair(step.node.id, "size", None)
    else:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{node} has neither a size nor a scale_factor; torch needs one of them. "
            "Set scale_factor to 2.",
        )
        repair = Repair(step.node.id, "scale_factor", 2)
    raise ShapeClash(message("Network", template, node=step.node.id), repair)
