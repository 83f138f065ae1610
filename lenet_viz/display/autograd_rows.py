"""Autograd's graph as rows, the objective first: what a row shows, and the lines between rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from lenet_viz.capture.autograd import AutogradNode


@dataclass(frozen=True, slots=True)
class LeafEnd:
    """A way from a row's node that leads to a leaf and nowhere else.

    Attributes:
        nodes: the numbers of the nodes on it, the leaf last.
        users: how many nodes lead to the leaf; its gradient is the sum of what they bring.
    """

    nodes: tuple[int, ...]
    users: int


@dataclass(frozen=True, slots=True)
class AutogradRow:
    """One node on the way through the network.

    Attributes:
        node: its number.
        lane: in which of the lanes beside the rows it stands, from 0.
        above: for each lane that comes from the row before, the lane in which it goes on from
            here: its own, or this row's where it ends here; None where it is free.
        starts: lanes that begin at this node, one for each node it leads to.
        ends: the leaves that it leads to on a way of their own.
        users: how many nodes lead here: where there are several, their gradients add up.
    """

    node: int
    lane: int
    above: tuple[int | None, ...]
    starts: tuple[int, ...]
    ends: tuple[LeafEnd, ...]
    users: int


def rows_of(nodes: Sequence[AutogradNode]) -> tuple[AutogradRow, ...]:
    """Return a row for each node that is no way to a parameter alone, in the nodes' order."""
    users = [0] * len(nodes)
    for node in nodes:
        for following in node.inputs:
            if following is not None:
                users[following] += 1
    ends = _ends(nodes, users)
    aside = {
        number for way in ends for number in way if nodes[way[-1]].leaf.partition(":")[0] != "input"
    }
    lanes: list[int | None] = []
    rows = []
    for number, node in enumerate(nodes):
        if number in aside and number:
            continue
        rows.append(_row(number, node, lanes, aside, users, nodes))
    return tuple(rows)


def _ends(nodes: Sequence[AutogradNode], users: Sequence[int]) -> list[tuple[int, ...]]:
    """Return every longest way of nodes with one user each that ends in a leaf."""
    way: dict[int, tuple[int, ...]] = {}
    for number in reversed(range(len(nodes))):
        node = nodes[number]
        following = [one for one in node.inputs if one is not None]
        if node.is_leaf:
            way[number] = (number,)
        elif len(following) == 1 and following[0] in way and users[number] == 1:
            behind = way[following[0]]
            # A node of a step that has more to tell than a transposed weight keeps its row.
            if node.step is not None and nodes[behind[-1]].leaf.startswith("parameter"):
                way[number] = (number, *behind)
    return list(way.values())


def _row(
    number: int,
    node: AutogradNode,
    lanes: list[int | None],
    aside: set[int],
    users: Sequence[int],
    nodes: Sequence[AutogradNode],
) -> AutogradRow:
    """Return a row and change ``lanes``, which hold the node that each leads to."""
    mine = [at for at, wanted in enumerate(lanes) if wanted == number]
    lane = mine[0] if mine else _free(lanes)
    above = tuple(
        None if wanted is None else lane if wanted == number else at
        for at, wanted in enumerate(lanes)
    )
    for at in mine:
        lanes[at] = None
    starts, ends = [], []
    if lane == len(lanes):
        lanes.append(None)
    for following in dict.fromkeys(one for one in node.inputs if one is not None):
        if following in aside:
            ends.append(_end(following, nodes, users))
            continue
        known = next((at for at, wanted in enumerate(lanes) if wanted == following), None)
        if known is None:
            known = lane if lanes[lane] is None else _free(lanes)
            if known == len(lanes):
                lanes.append(None)
            lanes[known] = following
        starts.append(known)
    while lanes and lanes[-1] is None:
        lanes.pop()
    return AutogradRow(number, lane, above, tuple(starts), tuple(ends), users[number])


def _free(lanes: Sequence[int | None]) -> int:
    return next((at for at, wanted in enumerate(lanes) if wanted is None), len(lanes))


def _end(first: int, nodes: Sequence[AutogradNode], users: Sequence[int]) -> LeafEnd:
    found = [first]
    while not nodes[found[-1]].is_leaf:
        found.append(next(one for one in nodes[found[-1]].inputs if one is not None))
    return LeafEnd(tuple(found), users[found[-1]])


def as_text(nodes: Sequence[AutogradNode], steps: Sequence[str]) -> str:
    """Return the graph as readers print it by hand, a line for each node.

    Args:
        nodes: the graph.
        steps: the steps' names.
    """
    lines = []
    for row in rows_of(nodes):
        node = nodes[row.node]
        label = node.leaf.partition(":")[2] if node.leaf else ""
        named = steps[node.step] if node.step is not None else label
        more = f"   (+ {row.users} gradients)" if row.users > 1 else ""
        lines.append(f"{'  ' * row.lane}{node.name}   {named}".rstrip() + more)
        for end in row.ends:
            names = " ← ".join(nodes[at].name for at in end.nodes)
            leaf = nodes[end.nodes[-1]].leaf.partition(":")[2]
            lines.append(f"{'  ' * row.lane}    {names}   {leaf}".rstrip())
    return "\n".join(lines)
