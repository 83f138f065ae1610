"""Which values can influence the output at all, from geometry: the rest is structurally zero."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from lenet_viz.network import image_influence
from lenet_viz.network.image_influence import Mask
from lenet_viz.network.shapes import NodeShape, derive
from lenet_viz.network.spec import INPUT, Node, Spec

_Tracer = Callable[[Node, NodeShape, Mask, bool], list[Mask]]


def influence(spec: Spec, *, training: bool = False) -> Mask:
    """Return which input pixels can influence the output.

    The complement is structurally zero: its gradient is 0 for every input and every weight.

    Args:
        spec: the network.
        training: whether batch normalisation and dropout are in training mode.

    Returns:
        Array (H, W) of bool, True where some channel of the pixel can influence some output.

    Raises:
        UserMistake: the network's shapes do not fit together.
    """
    return np.asarray(influence_by_node(spec, training=training)[INPUT].any(axis=0))


def influence_by_node(
    spec: Spec, *, training: bool = False, output: Mask | None = None
) -> dict[str, Mask]:
    """Return, for the input and every node's output, which values can influence the output.

    Args:
        spec: the network.
        training: whether batch normalisation and dropout are in training mode.
        output: array of the output's shape without the batch, bool: the values of the output
            that are asked about; all of them if None.

    Returns:
        For each node id and ``"input"``, an array of its shape without the batch, of bool.

    Raises:
        UserMistake: the network's shapes do not fit together.
        ValueError: ``output`` has another shape than the network's output.
    """
    report = derive(spec).require()
    shapes = {node.id: node for node in report.nodes}
    masks: dict[str, Mask] = {INPUT: np.zeros(spec.input_shape, dtype=np.bool_)}
    for shape in report.nodes:
        masks[shape.id] = np.zeros(shape.output[1:], dtype=np.bool_)
    if output is not None and output.shape != masks[spec.output].shape:
        raise ValueError(f"output has shape {output.shape}, not {masks[spec.output].shape}")
    masks[spec.output] |= True if output is None else output
    for node in reversed(spec.order):
        traced = _TRACERS[node.op](node, shapes[node.id], masks[node.id], training)
        for name, mask in zip(node.inputs, traced, strict=True):
            masks[name] |= mask
    return masks


def _same(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    del node, training
    return [mask] * len(shape.inputs)


def _dropout(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    everything_dropped = training and node.setting("p") == 1
    return [np.zeros_like(mask) if everything_dropped else mask]


def _reshape(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    del node, training
    return [mask.reshape(shape.inputs[0][1:])]


def _linear(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    del node, training
    return [np.broadcast_to(mask.any(axis=-1, keepdims=True), shape.inputs[0][1:])]


def _softmax(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    del training
    dim = _dim(node, shape)
    if mask.shape[dim] == 1:
        # The softmax of a single value is 1, whatever the value.
        return [np.zeros_like(mask)]
    return [np.broadcast_to(mask.any(axis=dim, keepdims=True), mask.shape)]


def _batch_norm2d(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    if not training and node.flag("track_running_stats"):
        return [mask]
    # The mean and variance of a channel take in all its values.
    return [np.broadcast_to(mask.any(axis=(1, 2), keepdims=True), mask.shape)]


def _cat(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    del training
    dim = _dim(node, shape)
    ends = np.cumsum([one[dim + 1] for one in shape.inputs])[:-1]
    return np.split(mask, [int(end) for end in ends], axis=dim)


def _layer_norm(node: Node, shape: NodeShape, mask: Mask, training: bool) -> list[Mask]:
    del training
    sizes = node.setting("normalized_shape")
    assert isinstance(sizes, tuple)
    # Also of a single value, which is its own mean: torch's rounding leaves traces of it.
    axes = tuple(range(mask.ndim - len(sizes), mask.ndim))
    return [np.broadcast_to(mask.any(axis=axes, keepdims=True), mask.shape)]


def _dim(node: Node, shape: NodeShape) -> int:
    """Return the dim setting counted without the batch."""
    dim = node.number("dim")
    return (dim + len(shape.output) if dim < 0 else dim) - 1


_TRACERS: Final[Mapping[str, _Tracer]] = MappingProxyType(
    {
        "conv2d": image_influence.conv2d,
        "conv_transpose2d": image_influence.conv_transpose2d,
        "linear": _linear,
        "batch_norm2d": _batch_norm2d,
        "layer_norm": _layer_norm,
        "relu": _same,
        "leaky_relu": _same,
        "gelu": _same,
        "tanh": _same,
        "sigmoid": _same,
        "max_pool2d": image_influence.pool2d,
        "avg_pool2d": image_influence.pool2d,
        "adaptive_avg_pool2d": image_influence.adaptive_avg_pool2d,
        "upsample": image_influence.upsample,
        "view": _reshape,
        "flatten": _reshape,
        "add": _same,
        "cat": _cat,
        "softmax": _softmax,
        "log_softmax": _softmax,
        "dropout": _dropout,
    }
)
