"""A spec with a repair carried out."""

from dataclasses import replace

from lenet_viz.network.shape_step import Repair
from lenet_viz.network.spec import Node, Spec


def repaired(spec: Spec, repair: Repair) -> Spec:
    """Return ``spec`` with the setting changed; nodes that share the module change with it.

    Args:
        spec: the network.
        repair: what to set; a value of None takes the setting out.

    Raises:
        KeyError: there is no such node.
        UserMistake: the setting cannot have the value.
    """
    module = spec.node(repair.node_id).module
    nodes = tuple(
        _changed(node, repair)
        if node.id == repair.node_id or (module is not None and node.module == module)
        else node
        for node in spec.nodes
    )
    return replace(spec, nodes=nodes)


def _changed(node: Node, repair: Repair) -> Node:
    settings = {name: node.settings[name] for name in node.settings if name != repair.setting}
    if repair.value is not None:
        settings[repair.setting] = repair.value
    return replace(node, settings=settings)
