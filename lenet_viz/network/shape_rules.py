"""Which rule an op has for the shape it gives."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from lenet_viz.network import image_shapes, layer_shapes, rearranged_shapes, window_shapes
from lenet_viz.network.node import Node
from lenet_viz.network.shape_step import Outcome, Step

Rule = Callable[[Step], Outcome]


def rule_of(node: Node) -> Rule:
    """Return the rule for a node's op."""
    return _RULES[node.op]


def _same(step: Step) -> Outcome:
    return step.inputs[0], ()


_RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "conv2d": window_shapes.conv2d,
        "conv_transpose2d": image_shapes.conv_transpose2d,
        "linear": layer_shapes.linear,
        "batch_norm2d": layer_shapes.batch_norm2d,
        "layer_norm": layer_shapes.layer_norm,
        "relu": _same,
        "leaky_relu": _same,
        "gelu": _same,
        "tanh": _same,
        "sigmoid": _same,
        "max_pool2d": window_shapes.pool2d,
        "avg_pool2d": window_shapes.pool2d,
        "adaptive_avg_pool2d": image_shapes.adaptive_avg_pool2d,
        "upsample": image_shapes.upsample,
        "view": rearranged_shapes.view,
        "flatten": rearranged_shapes.flatten,
        "add": rearranged_shapes.add,
        "cat": rearranged_shapes.cat,
        "softmax": rearranged_shapes.softmax,
        "log_softmax": rearranged_shapes.softmax,
        "dropout": _same,
    }
)
