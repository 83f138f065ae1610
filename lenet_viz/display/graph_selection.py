"""Some nodes of a graph alone: what was left out between them becomes an edge."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen part of a graph.

    Attributes:
        nodes: the numbers the chosen nodes have in the whole graph, ascending.
        parents: of each chosen node, as places in ``nodes``, ascending.
        bridges: the edges (parent, child), as places in ``nodes``, that stand for nodes left out;
            where a child takes its parent directly, too, the edge is no bridge.
    """

    nodes: tuple[int, ...]
    parents: tuple[tuple[int, ...], ...]
    bridges: frozenset[tuple[int, int]]


def selected(parents: Sequence[Sequence[int]], kept: Collection[int]) -> Selection:
    """Return the part of a graph that consists of some nodes.

    The parents of a node left out stand in for it.

    Args:
        parents: of each node; all of them come before it.
        kept: numbers of the nodes to keep.
    """
    nodes = tuple(sorted(set(kept)))
    place = {node: at for at, node in enumerate(nodes)}
    # One bit for each chosen node: what a node left out stands for is one integer.
    stands_for: list[int] = []
    found: list[tuple[int, ...]] = []
    bridges: set[tuple[int, int]] = set()
    for node, before in enumerate(parents):
        through = 0
        for parent in before:
            through |= 1 << place[parent] if parent in place else stands_for[parent]
        if node not in place:
            stands_for.append(through)
            continue
        stands_for.append(0)
        direct = {place[parent] for parent in before if parent in place}
        every = _bits(through)
        bridges |= {(parent, place[node]) for parent in every if parent not in direct}
        found.append(every)
    return Selection(nodes, tuple(found), frozenset(bridges))


def _bits(number: int) -> tuple[int, ...]:
    found = []
    while number:
        lowest = number & -number
        found.append(lowest.bit_length() - 1)
        number ^= lowest
    return tuple(found)
