"""What would make the terms of a sum fit: the channels of the layer that one of them comes from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lenet_viz.network.module_checks import CONVOLUTIONS
from lenet_viz.network.node import Node
from lenet_viz.network.shape_step import Repair, Shape

_KEEP_CHANNELS: Final = frozenset(
    {
        "relu",
        "leaky_relu",
        "gelu",
        "tanh",
        "sigmoid",
        "dropout",
        "max_pool2d",
        "avg_pool2d",
        "adaptive_avg_pool2d",
        "upsample",
    }
)


def join_repairs(
    order: Sequence[Node], node: Node, shapes: Mapping[str, Shape]
) -> Iterator[Repair]:
    """Give the changes of one setting after which the terms of a sum have the same channels.

    They are worth a try only: what else takes that layer's output may then not fit.

    Args:
        order: the network's nodes.
        node: one of its nodes.
        shapes: the shapes of what the node takes, batch included.
    """
    if node.op != "add":
        return
    first, second = (shapes[name] for name in node.inputs)
    if len(first) != 4 or len(second) != 4 or first[1] == second[1]:
        return
    if (first[0], *first[2:]) != (second[0], *second[2:]):
        return
    for name, wanted in zip(node.inputs, (second[1], first[1]), strict=True):
        source = _maker(order, name)
        if source is not None:
            yield Repair(source.id, "out_channels", wanted)


def _maker(order: Sequence[Node], name: str) -> Node | None:
    """Return the convolution whose channels reach ``name`` through nodes that keep their number."""
    nodes = {node.id: node for node in order}
    node = nodes.get(name)
    while node is not None and node.op in _KEEP_CHANNELS:
        node = nodes.get(node.inputs[0])
    return node if node is not None and node.op in CONVOLUTIONS else None
