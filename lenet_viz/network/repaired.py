"""Layers with a repair carried out."""

from collections.abc import Sequence
from dataclasses import replace

from lenet_viz.network.node import Node
from lenet_viz.network.shape_step import Repair
from lenet_viz.network.spec import Spec


def repaired(nodes: Sequence[Node], repair: Repair) -> tuple[Node, ...]:
    """Return nodes with the setting changed; those that share the module change with it.

    Args:
        nodes: a network's nodes.
        repair: what to set; a value of None takes the setting out.

    Raises:
        StopIteration: there is no such node.
        UserMistake: the setting cannot have the value.
    """
    module = next(node.module for node in nodes if node.id == repair.node_id)
    return tuple(
        _changed(node, repair)
        if node.id == repair.node_id or (module is not None and node.module == module)
        else node
        for node in nodes
    )


def repaired_spec(spec: Spec, repair: Repair) -> Spec:
    """Return a network with a repair carried out; see `repaired`."""
    return replace(spec, nodes=repaired(spec.nodes, repair))


def _changed(node: Node, repair: Repair) -> Node:
    settings = {name: node.settings[name] for name in node.settings if name != repair.setting}
    if repair.value is not None:
        settings[repair.setting] = repair.value
    return replace(node, settings=settings)
