"""What a node's module is made of, and settings with which torch makes none."""

from math import gcd

from lenet_viz.network.node import Node
from lenet_viz.network.shape_step import (
    Repair,
    Shape,
    ShapeClash,
    pair_repair,
    pair_text,
)
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

CONVOLUTIONS = ("conv2d", "conv_transpose2d")


def check_module(node: Node) -> None:
    """Check that a node's module can be made at all, whatever it gets.

    Raises:
        ShapeClash: a convolution's groups do not divide its channels, or it is to keep the size
            with a stride.
    """
    if node.op in CONVOLUTIONS:
        _check_groups(node)
    if node.op == "conv2d" and node.word("padding") == "same":
        _check_same(node)


def _check_groups(node: Node) -> None:
    groups = node.number("groups")
    channels = {name: node.number(name) for name in ("in_channels", "out_channels")}
    common = gcd(*channels.values())
    if common % groups == 0:
        return
    mended = _nearest_divisor(common, groups)
    setting = next(name for name, count in channels.items() if count % groups)
    raise ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "{node} has {setting} = {channels}, which {groups} groups do not divide "
                "evenly. Choose a multiple of {groups}, or set groups to {mended}.",
            ),
            node=node.id,
            setting=setting,
            channels=channels[setting],
            groups=groups,
            mended=mended,
        ),
        Repair(node.id, "groups", mended),
    )


def _nearest_divisor(number: int, wanted: int) -> int:
    """Return the divisor of ``number`` next to ``wanted``, the smaller of two as near."""
    # Divisors come in pairs, so that the square root is far enough to look.
    small = [divisor for divisor in range(1, int(number**0.5) + 2) if number % divisor == 0]
    both = {*small, *(number // divisor for divisor in small)}
    return min(both, key=lambda divisor: (abs(divisor - wanted), divisor))


def _check_same(node: Node) -> None:
    if node.pair("stride") == (1, 1):
        return
    kernel, dilation = node.pair("kernel_size"), node.pair("dilation")
    mended = (dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2)
    raise ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                '{node} has padding "same" and stride {stride}; torch keeps the size only with '
                "stride 1. Set padding to {mended}, or stride to 1.",
            ),
            node=node.id,
            stride=pair_text(node.pair("stride")),
            mended=pair_text(mended),
        ),
        pair_repair(node, "padding", mended),
    )


def parameter_shapes(node: Node) -> tuple[tuple[str, Shape], ...]:
    """Return name and shape of the parameters of a node's module, in torch's order."""
    weight: Shape = ()
    has_bias = node.layer_type.setting("bias") is not None and node.flag("bias")
    bias: Shape = ()
    if node.op in CONVOLUTIONS:
        sides = node.number("in_channels"), node.number("out_channels")
        bias = sides[1:]
        first, second = sides[::-1] if node.op == "conv2d" else sides
        weight = (first, second // node.number("groups"), *node.pair("kernel_size"))
    elif node.op == "linear":
        weight = node.number("out_features"), node.number("in_features")
        bias = weight[:1]
    elif node.op == "batch_norm2d" and node.flag("affine"):
        weight = bias = (node.number("num_features"),)
        has_bias = True
    elif node.op == "layer_norm" and node.flag("elementwise_affine"):
        sizes = node.setting("normalized_shape")
        assert isinstance(sizes, tuple)
        weight = bias = sizes
    if not weight:
        return ()
    return (("weight", weight), ("bias", bias)) if has_bias else (("weight", weight),)
