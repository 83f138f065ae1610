"""Levels and lanes of a directed acyclic graph: how far along it a node is, and on which line."""

from collections.abc import Sequence

Parents = Sequence[Sequence[int]]


def levels_of(parents: Parents, children: Parents, widest: int) -> list[int]:
    """Return how far along the flow each node is, from 0.

    A node is one further than its furthest parent; where a level is full, further still. What
    does not depend on node 0, such as a second input, stands just before it is needed. What has
    no parents at all stands further left rather than below another such node: several zeros that
    begin a recurrence take one lane, not one each.

    Args:
        parents: of each node; all of them come before it.
        children: of each node.
        widest: how many nodes may stand at one level.
    """
    levels: list[int] = []
    taken: dict[int, int] = {}
    later: dict[int, int] = {}
    reached = [False] * len(parents)
    for node, before in enumerate(parents):
        reached[node] = node == 0 or any(reached[parent] for parent in before)
        level = _with_room(max((levels[parent] + 1 for parent in before), default=0), later)
        levels.append(level)
        taken[level] = taken.get(level, 0) + 1
        if taken[level] >= widest:
            later[level] = level + 1
    for node in reversed(range(len(parents))):
        if not reached[node] and children[node]:
            needed = min(levels[child] for child in children[node])
            alone = not parents[node] and _delay(node, levels, taken, needed, min(2, widest))
            if not alone:
                _delay(node, levels, taken, needed, widest)
    used = {level: at for at, level in enumerate(sorted(set(levels)))}
    return [used[level] for level in levels]


def _with_room(level: int, later: dict[int, int]) -> int:
    """Return the first level from ``level`` on with room; ``later`` leads past full ones."""
    passed = []
    while level in later:
        passed.append(level)
        level = later[level]
    for one in passed:
        later[one] = level
    return level


def _delay(node: int, levels: list[int], taken: dict[int, int], before: int, widest: int) -> bool:
    """Move a node to the last level before another with room; return whether there is one."""
    for level in range(before - 1, levels[node] - 1, -1):
        others = taken.get(level, 0) - (level == levels[node])
        if others < widest:
            taken[levels[node]] -= 1
            taken[level] = taken.get(level, 0) + 1
            levels[node] = level
            return True
    return False


def lanes_of(parents: Parents, children: Parents, levels: Sequence[int]) -> list[int]:
    """Return the lane each node stands in, from 0 at the top.

    Nodes that follow one another stand in one lane. The longest way from node 0 has lane 0;
    other branches stand as near as they can to the node where they leave it.

    Args:
        parents: of each node; all of them come before it.
        children: of each node.
        levels: of each node, above those of its parents.
    """
    chains = _chains(parents, children, levels)
    chains.sort(key=lambda chain: (levels[chain[0]], chain[0]))
    lanes = [0] * len(levels)
    ends: list[int] = []
    for chain in chains:
        near = [lanes[parent] for parent in parents[chain[0]]]
        lane = _nearest_free(ends, levels[chain[0]], max(near, default=0))
        if lane == len(ends):
            ends.append(-1)
        ends[lane] = levels[chain[-1]]
        for node in chain:
            lanes[node] = lane
    return lanes


def _nearest_free(ends: list[int], start: int, wanted: int) -> int:
    """Return the free lane nearest to a wanted one, lower ones first; a new one at need."""
    free = [lane for lane, end in enumerate(ends) if end < start]
    return min(free, key=lambda lane: (abs(lane - wanted), -lane), default=len(ends))


def _chains(parents: Parents, children: Parents, levels: Sequence[int]) -> list[list[int]]:
    """Return the nodes cut into chains in which each node is its predecessor's child."""
    heights = [0] * len(levels)
    follower = [-1] * len(levels)
    for node in reversed(range(len(levels))):
        if children[node]:
            follower[node] = min(children[node], key=lambda child: (-heights[child], child))
            heights[node] = heights[follower[node]] + 1
    chain_of: dict[int, list[int]] = {}
    chains: list[list[int]] = []
    main: list[int] | None = None
    for node, before in enumerate(parents):
        fitting = [parent for parent in before if follower[parent] == node]
        if fitting:
            last = max(fitting, key=lambda one: (levels[one], chain_of[one] is main, -one))
            chain_of[node] = chain_of[last]
            chain_of[node].append(node)
            continue
        chain_of[node] = [node]
        chains.append(chain_of[node])
        main = chain_of[node] if node == 0 else main
    return chains
