"""Which layers of an edited network keep their weights."""

from collections.abc import Mapping
from types import MappingProxyType

from lenet_viz.network.node import Node
from lenet_viz.network.shapes import parameters_of
from lenet_viz.network.spec import Spec

_NONE: Mapping[str, str] = MappingProxyType({})


def kept_modules(
    old: Spec, new: Spec, renamed: Mapping[str, str] = _NONE
) -> tuple[tuple[str, str], ...]:
    """Return the modules of a network whose weights fit on from another one.

    A module keeps its weights where its name, its op and the shapes of its parameters are the
    same: stride or padding may differ.

    Args:
        old: the network that has the weights.
        new: the network that is to have them.
        renamed: the old name of each module that has another one now, by the new name.

    Returns:
        Pairs of the new and the old name, in the new network's order.
    """
    before = old.modules()
    pairs = ((name, renamed.get(name, name), node) for name, node in new.modules().items())
    return tuple(
        (name, was)
        for name, was, node in pairs
        if was in before and _shapes(node) and _alike(node, before[was])
    )


def changed_modules(old: Spec, new: Spec, renamed: Mapping[str, str] = _NONE) -> tuple[str, ...]:
    """Return the modules with parameters whose weights are made anew; see `kept_modules`."""
    kept = {name for name, _ in kept_modules(old, new, renamed)}
    modules = new.modules().items()
    return tuple(name for name, node in modules if _shapes(node) and name not in kept)


def _alike(node: Node, before: Node) -> bool:
    return node.op == before.op and _shapes(node) == _shapes(before)


def _shapes(node: Node) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the shapes of a module's parameters and buffers by their own names."""
    found = [(each.name.rpartition(".")[2], each.shape) for each in parameters_of(node)]
    if node.op == "batch_norm2d" and node.flag("track_running_stats"):
        found.append(("running_mean", (node.number("num_features"),)))
    return tuple(found)
