"""One rule per op: the shape it gives for the shapes it gets, or why it cannot."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.axis import Axis
from lenet_viz.network.node import Node
from lenet_viz.network.shape_step import (
    Repair,
    Shape,
    ShapeClash,
    Step,
    axis_index,
    check_width,
    image_shape,
    located,
    shape_text,
)
from lenet_viz.network.window_axes import conv_axes, pool_axes
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

Outcome = tuple[Shape, tuple[Axis, ...]]
Rule = Callable[[Step], Outcome]


def rule_of(node: Node) -> Rule:
    """Return the rule for a node's op."""
    return _RULES[node.op]


def _same(step: Step) -> Outcome:
    return step.inputs[0], ()


def check_groups(node: Node) -> None:
    """Check that a convolution's channels can be divided into its groups.

    Raises:
        ShapeClash: they cannot.
    """
    groups = node.number("groups")
    for setting in ("in_channels", "out_channels"):
        channels = node.number(setting)
        if channels % groups:
            raise ShapeClash(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "{node} has {setting} = {channels}, which {groups} groups do not divide "
                        "evenly. Choose a multiple of {groups}, or other groups.",
                    ),
                    node=node.id,
                    setting=setting,
                    channels=channels,
                    groups=groups,
                )
            )


def _conv2d(step: Step) -> Outcome:
    batch, channels, *sizes = image_shape(step)
    node = step.node
    check_groups(node)
    check_width(step, "in_channels", channels)
    pairs = [node.pair(name) for name in ("kernel_size", "stride", "padding", "dilation")]
    try:
        axes = conv_axes(sizes, *pairs)
    except UserMistake as mistake:
        raise located(step, mistake) from mistake
    return (batch, node.number("out_channels"), axes[0].out_size, axes[1].out_size), axes


def _pool2d(step: Step) -> Outcome:
    batch, channels, *sizes = image_shape(step)
    node = step.node
    kernel, stride, padding = (node.pair(name) for name in ("kernel_size", "stride", "padding"))
    dilation = node.pair("dilation") if node.op == "max_pool2d" else (1, 1)
    ceil_mode = node.flag("ceil_mode")
    try:
        axes = pool_axes(sizes, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    except UserMistake as mistake:
        raise located(step, mistake) from mistake
    return (batch, channels, axes[0].out_size, axes[1].out_size), axes


def _linear(step: Step) -> Outcome:
    shape = step.inputs[0]
    if len(shape) > 2 and prod(shape[1:]) == step.node.number("in_features") != shape[-1]:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} takes {wanted} features in the last size, {giver} gives {shape}. "
                    "Put a view or flatten between them.",
                ),
                node=step.node.id,
                wanted=step.node.number("in_features"),
                giver=step.givers[0],
                shape=shape_text(shape),
            )
        )
    check_width(step, "in_features", shape[-1])
    return (*shape[:-1], step.node.number("out_features")), ()


def _batch_norm2d(step: Step) -> Outcome:
    shape = image_shape(step)
    check_width(step, "num_features", shape[1])
    if step.training and shape[0] * shape[2] * shape[3] == 1:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} in training mode needs more than one value per channel, {giver} gives "
                    "{shape}. Use a batch of 2 or more, or eval mode.",
                ),
                node=step.node.id,
                giver=step.givers[0],
                shape=shape_text(shape),
            )
        )
    return shape, ()


def _view(step: Step) -> Outcome:
    shape = step.inputs[0]
    sizes = step.node.setting("shape")
    asked = sizes if isinstance(sizes, tuple) else (int(sizes),)
    total, fixed = prod(shape), prod(size for size in asked if size != -1)
    rest, remainder = divmod(total, fixed)
    if remainder or (-1 not in asked and rest != 1):
        _refuse_view(step, asked)
    output = tuple(rest if size == -1 else size for size in asked)
    if output[0] != shape[0]:
        _refuse_view(step, asked)
    return output, ()


def _refuse_view(step: Step, asked: Shape) -> None:
    shape = step.inputs[0]
    each = prod(shape[1:])
    # view(-1, f) over a batch would otherwise cut samples apart without any error.
    repair = Repair(step.node.id, "shape", (-1, each)) if len(asked) == 2 else None
    raise ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "{node} is asked for ({asked}), {giver} gives {shape}: {each} values for each of "
                "{batch} samples do not fit without mixing or cutting samples. "
                "view(-1, {each}) would fit.",
            ),
            node=step.node.id,
            asked=", ".join(map(str, asked)),
            giver=step.givers[0],
            shape=shape_text(shape),
            each=each,
            batch=shape[0],
        ),
        repair,
    )


def _flatten(step: Step) -> Outcome:
    shape = step.inputs[0]
    start = axis_index(step, "start_dim", least=1)
    end = axis_index(step, "end_dim", least=start)
    return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]), ()


def _add(step: Step) -> Outcome:
    first, second = step.inputs
    if first != second:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} adds {shape} from {giver} and {other_shape} from {other}; "
                    "both must have the same shape.",
                ),
                node=step.node.id,
                shape=shape_text(first),
                giver=step.givers[0],
                other_shape=shape_text(second),
                other=step.givers[1],
            )
        )
    return first, ()


def _cat(step: Step) -> Outcome:
    dim = axis_index(step, "dim", least=1)
    first = step.inputs[0]
    for giver, shape in zip(step.givers, step.inputs, strict=True):
        if len(shape) != len(first) or _without(shape, dim) != _without(first, dim):
            raise ShapeClash(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "{node} joins along dim {dim} {shape} from {giver} and {other_shape} from "
                        "{other}; all other sizes must be equal.",
                    ),
                    node=step.node.id,
                    dim=dim,
                    shape=shape_text(first),
                    giver=step.givers[0],
                    other_shape=shape_text(shape),
                    other=giver,
                )
            )
    total = sum(shape[dim] for shape in step.inputs)
    return (*first[:dim], total, *first[dim + 1 :]), ()


def _without(shape: Shape, dim: int) -> Shape:
    return shape[:dim] + shape[dim + 1 :]


def _softmax(step: Step) -> Outcome:
    axis_index(step, "dim", least=1)
    return step.inputs[0], ()


_RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "conv2d": _conv2d,
        "linear": _linear,
        "batch_norm2d": _batch_norm2d,
        "relu": _same,
        "tanh": _same,
        "sigmoid": _same,
        "max_pool2d": _pool2d,
        "avg_pool2d": _pool2d,
        "view": _view,
        "flatten": _flatten,
        "add": _add,
        "cat": _cat,
        "softmax": _softmax,
        "log_softmax": _softmax,
        "dropout": _same,
    }
)
