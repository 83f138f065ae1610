"""What a new layer starts with: a name, and settings that fit what it gets."""

from math import prod
from typing import Final

from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.layer_types import LayerType, Setting, SettingValue
from lenet_viz.network.node import INPUT
from lenet_viz.network.shape_step import Shape

BEGINNINGS: Final = {
    "conv2d": "conv",
    "conv_transpose2d": "deconv",
    "linear": "fc",
    "batch_norm2d": "bn",
    "layer_norm": "ln",
    "max_pool2d": "pool",
    "avg_pool2d": "pool",
    "adaptive_avg_pool2d": "pool",
    "leaky_relu": "leaky",
    "log_softmax": "logsoftmax",
    "upsample": "up",
    "dropout": "drop",
}
"""What layers are called, with a number; others have their op's name."""
_WIDTHS: Final = ("out_channels", "out_features")
_FIRST_CHANNELS: Final = (6, 16)
"""How many channels the first convolution of a network gives, and the further ones: LeNet's."""
_CLASSES: Final = 10


def fresh_name(draft: Draft, op: str) -> str:
    """Return a name for a new layer that no other has, such as ``conv2``."""
    taken = {node.id for node in draft.nodes} | {node.module for node in draft.nodes} | {INPUT}
    begins, number = BEGINNINGS.get(op, op), 1
    while f"{begins}{number}" in taken:
        number += 1
    return f"{begins}{number}"


def shape_above(draft: Draft, at: int) -> Shape | None:
    """Return the shape that comes out above a place, batch included; None where none does."""
    if at <= 0:
        return (1, *draft.input_shape)
    shaped = examine(draft).shape(draft.nodes[at - 1].id)
    return None if shaped is None else shaped.output


def other_inputs(draft: Draft, at: int, kind: LayerType) -> tuple[str, ...]:
    """Return what a new layer takes besides the step above: the nearest of the same shape."""
    if kind.inputs[0] < 2:
        return ()
    wanted = shape_above(draft, at)
    for earlier in range(at - 1, -1, -1):
        if earlier < at and shape_above(draft, earlier) == wanted:
            return (draft.above(earlier),)
    return (draft.above(at),)


def first_settings(draft: Draft, at: int, kind: LayerType) -> dict[str, SettingValue]:
    """Return the settings of a new layer: those that must be given, fitting what it gets."""
    shape = shape_above(draft, at) or (1, *draft.input_shape)
    follows = at < len(draft.nodes)
    settings = {
        setting.name: _first_value(setting, kind, shape, draft, follows)
        for setting in kind.settings
        if setting.required
    }
    if kind.op == "upsample":
        settings["scale_factor"] = 2
    return settings


def _first_value(
    setting: Setting, kind: LayerType, shape: Shape, draft: Draft, follows: bool
) -> SettingValue:
    name = setting.name
    if name in ("in_channels", "num_features"):
        return shape[1]
    if name == "in_features":
        return shape[-1] if len(shape) == 2 else prod(shape[1:])
    if name in _WIDTHS:
        return _width(kind, shape, draft, follows)
    if name == "kernel_size":
        return _kernel(kind, shape)
    if name == "shape":
        return (-1, prod(shape[1:]))
    if name == "normalized_shape":
        return shape[1:]
    return 1 if setting.default is None else setting.default


def _width(kind: LayerType, shape: Shape, draft: Draft, follows: bool) -> int:
    """Return how many channels or features a new layer gives: as many as it gets, before others."""
    if "features" in kind.settings[1].name:
        return shape[-1] if follows and len(shape) == 2 else _CLASSES
    if follows:
        return shape[1]
    again = any(node.op == kind.op for node in draft.nodes)
    return _FIRST_CHANNELS[1 if again else 0]


def _kernel(kind: LayerType, shape: Shape) -> int:
    usual = 3 if kind.op == "conv2d" else 2
    return max(1, min((usual, *shape[2:])))
