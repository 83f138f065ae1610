"""How the nodes of a spec hang together: order, cycles, names, nodes that lead nowhere."""

import heapq
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.layer_types import field_mistake, nearest
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.network.spec import Node, Spec

_INPUT: Final = "input"


def check(spec: "Spec") -> None:
    """Check names, references, cycles and reachability of a spec's nodes.

    Raises:
        UserMistake: something does not hold; gives the path of the field.
    """
    _check_names(spec)
    _check_references(spec)
    if len(order(spec.nodes)) < len(spec.nodes):
        _report_cycle(spec.nodes)
    _check_all_used(spec)


@lru_cache(maxsize=64)
def order(nodes: tuple["Node", ...]) -> tuple["Node", ...]:
    """Return the nodes so that each follows its inputs, as near to their listing as possible.

    Nodes on a cycle or behind one are left out.
    """
    position = {node.id: i for i, node in enumerate(nodes)}
    waiting = [len({name for name in node.inputs if name != _INPUT}) for node in nodes]
    consumers: dict[str, list[int]] = {}
    for i, node in enumerate(nodes):
        for name in set(node.inputs):
            consumers.setdefault(name, []).append(i)
    ready = [i for i, count in enumerate(waiting) if count == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        i = heapq.heappop(ready)
        ordered.append(nodes[i])
        for j in consumers.get(nodes[i].id, ()) if position[nodes[i].id] == i else ():
            waiting[j] -= 1
            if waiting[j] == 0:
                heapq.heappush(ready, j)
    return tuple(ordered)


def _check_names(spec: "Spec") -> None:
    seen: dict[str, int] = {}
    modules: dict[str, int] = {}
    for i, node in enumerate(spec.nodes):
        if node.id in seen:
            field_mistake(
                f"nodes[{i}].id",
                node.id,
                message(
                    "Network",
                    QT_TRANSLATE_NOOP("Network", "a name that nodes[{other}] does not have"),
                    other=seen[node.id],
                ),
            )
        seen[node.id] = i
        if node.module is None:
            continue
        other = spec.nodes[modules.setdefault(node.module, i)]
        if (node.op, node.settings) != (other.op, other.settings):
            field_mistake(
                f"nodes[{i}].module",
                node.module,
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "a name that nodes[{other}] does not have, for only nodes with the same "
                        "op and settings share a module",
                    ),
                    other=modules[node.module],
                ),
            )


def _check_references(spec: "Spec") -> None:
    known = tuple(node.id for node in spec.nodes)
    known_set = set(known)
    for i, node in enumerate(spec.nodes):
        for j, name in enumerate(node.inputs):
            if name != _INPUT and name not in known_set:
                _unknown(f"nodes[{i}].inputs[{j}]", name, (_INPUT, *known))
    if not isinstance(spec.output, str) or spec.output not in known_set:
        _unknown("output", spec.output, known)


def _unknown(path: str, name: object, known: tuple[str, ...]) -> None:
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    guess = nearest(name, known[:1000]) if isinstance(name, str) else None
    if guess is None:
        wanted = message(
            "Network", QT_TRANSLATE_NOOP("Network", "the name of a node ({known})"), known=listed
        )
    else:
        wanted = message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "the name of a node ({known}), perhaps {guess}"),
            known=listed,
            guess=guess,
        )
    field_mistake(path, name, wanted)


def _report_cycle(nodes: Sequence["Node"]) -> None:
    by_id = {node.id: node for node in nodes}
    ordered = {node.id for node in order(tuple(nodes))}
    # Every node left out has an input that was left out: walking up must come round.
    walk = [next(node.id for node in nodes if node.id not in ordered)]
    while walk[-1] not in walk[:-1]:
        inputs = by_id[walk[-1]].inputs
        walk.append(next(name for name in inputs if name in by_id and name not in ordered))
    loop = walk[walk.index(walk[-1]) :][::-1]
    raise UserMistake(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "nodes form a cycle: {cycle}. Each needs the other first; "
                "take one of these names out of inputs.",
            ),
            cycle=" → ".join(loop if len(loop) <= 12 else [*loop[:6], "…", *loop[-6:]]),
        )
    )


def _check_all_used(spec: "Spec") -> None:
    by_id = {node.id: node for node in spec.nodes}
    reached: set[str] = set()
    stack = [spec.output]
    while stack:
        name = stack.pop()
        if name in reached or name == _INPUT:
            continue
        reached.add(name)
        stack.extend(by_id[name].inputs)
    for i, node in enumerate(spec.nodes):
        if node.id not in reached:
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "nodes[{index}] ({name}) leads nowhere: the output {output} does not use "
                        "it. Connect it or take it out.",
                    ),
                    index=i,
                    name=node.id,
                    output=spec.output,
                )
            )
