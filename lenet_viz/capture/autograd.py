"""The graph that autograd walks through: its nodes, and which step each belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lenet_viz.capture.values import InputRef, StepRef

NODE_LIMIT = 20_000
"""So many nodes are written down; what lies beyond is left out."""
LEAF = "AccumulateGrad"


@dataclass(frozen=True, slots=True)
class AutogradNode:
    """One ``grad_fn``.

    Attributes:
        name: as torch calls it, such as ``AddmmBackward0``.
        inputs: what its gradients go to next, in torch's order (``next_functions``): numbers of
            later nodes, None where nothing asks for one.
        step: number of the step to which it belongs; None for the objective's own nodes and for
            leaves.
        leaf: what adds a gradient into its ``.grad`` here: ``parameter:fc3.weight``, ``input:0``
            or ``constant:name``; "" for a node that is no leaf or whose tensor is not known.
    """

    name: str
    inputs: tuple[int | None, ...]
    step: int | None = None
    leaf: str = ""

    @property
    def is_leaf(self) -> bool:
        """Whether gradients end here."""
        return bool(self.leaf) or self.name == LEAF


class Walked(NamedTuple):
    """A graph as it was when its nodes were there; nothing of it keeps a tensor alive.

    Attributes:
        seen: of each node, in the order in which it was met, its ``id``, its type, the ``id`` of
            each node it leads to (0 for none), and of a leaf the ``id`` of its tensor.
        origins: where the tensor of a node came from, by the node's ``id``.
        leaves: what a leaf is called, by the ``id`` of its tensor.
    """

    seen: Sequence[tuple[int, type, Sequence[int], int]]
    origins: Mapping[int, StepRef | InputRef]
    leaves: Mapping[int, str]


NOTHING = Walked((), {}, {})


def walk(
    root: Any,
    made: Sequence[tuple[Any, int, Any, Any, int]],
    parameters: Mapping[str, Any],
    outside: Mapping[Any, tuple[Any, str]],
) -> Walked:
    """Return what can be seen of a graph as long as it is there, as quickly as may be.

    Args:
        root: the node that backward begins with; None for none.
        made: what `Producers` knows of every tensor that was made or passed in.
        parameters: the model's parameters by name.
        outside: tensors made outside every step, each with its name.
    """
    if root is None:
        return NOTHING
    # The first maker of a node is its own: what hands a tensor on unchanged comes later.
    origins = {id(known[2]): known[3] for known in reversed(made)}
    seen: list[tuple[int, type, Sequence[int], int]] = []
    waiting = [root]
    met = {id(root)}
    for node in waiting:  # it grows meanwhile, and keeps every node alive: each id stays its own
        here, kind = id(node), type(node)
        if type(origins.get(here)) is InputRef:
            seen.append((here, kind, (), 0))  # a copy of the caller's own tensor lies behind it
            continue
        following = []
        for one, _ in node.next_functions:
            if one is None:
                following.append(0)
                continue
            at = id(one)
            following.append(at)
            if at not in met and len(met) < NODE_LIMIT:
                met.add(at)
                waiting.append(one)
        leaf = 0 if following or kind.__name__ != LEAF else id(node.variable)
        seen.append((here, kind, following, leaf))
    leaves = {id(tensor): f"parameter:{name}" for name, tensor in parameters.items()}
    if outside:
        leaves |= {id(tensor): f"constant:{name}" for tensor, name in outside.values()}
    return Walked(seen, origins, leaves)


def nodes_of(walked: Walked) -> tuple[AutogradNode, ...]:
    """Return the nodes from the root to the leaves, each before those it leads to."""
    by_id = {each[0]: each for each in walked.seen}
    order = _ordered(walked.seen[0][0], by_id) if walked.seen else []
    numbers = {node: number for number, node in enumerate(order)}
    steps: list[int | None] = [None] * len(order)
    found = []
    for number, node in enumerate(order):
        origin = walked.origins.get(node)
        if isinstance(origin, StepRef):
            steps[number] = origin.step
        _, kind, following, leaf = by_id[node]
        inputs = tuple(numbers.get(one) for one in following)
        for one, at in zip(following, inputs, strict=True):
            # A node between belongs to the first one that leads to it.
            if at is not None and one not in walked.origins and steps[at] is None:
                steps[at] = steps[number]
        if isinstance(origin, InputRef):
            found.append(AutogradNode(LEAF, (), None, f"input:{origin.input}"))
        elif kind.__name__ == LEAF:
            found.append(AutogradNode(LEAF, (), None, walked.leaves.get(leaf, "")))
        else:
            found.append(AutogradNode(kind.__name__, inputs, steps[number]))
    return tuple(found)


def _ordered(root: int, by_id: Mapping[int, tuple[int, type, Sequence[int], int]]) -> list[int]:
    """Return all nodes so that each comes before those it leads to."""
    finished: list[int] = []
    seen = {root}
    # A node, and what it leads to that has not been looked at yet; no recursion: graphs are deep.
    stack = [(root, list(by_id[root][2]))]
    while stack:
        node, left = stack[-1]
        if not left:
            finished.append(node)
            stack.pop()
            continue
        following = left.pop()
        if following in by_id and following not in seen:
            seen.add(following)
            stack.append((following, list(by_id[following][2])))
    finished.reverse()
    return finished


def check_nodes(listed: Sequence[Any], steps: int) -> bool:
    """Return whether nodes read from a file fit each other and the steps.

    Args:
        listed: a name, the inputs, the step and the leaf of each node.
        steps: how many steps there are.
    """
    return all(_fits(each, at, len(listed), steps) for at, each in enumerate(listed))


def _fits(each: Any, at: int, count: int, steps: int) -> bool:
    name, inputs, step, leaf = each
    return (
        isinstance(name, str)
        and isinstance(leaf, str)
        and (step is None or (type(step) is int and 0 <= step < steps))
        and all(one is None or (type(one) is int and at < one < count) for one in inputs)
    )
