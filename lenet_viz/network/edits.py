"""What a builder can do to a list of layers: each edit gives another list and says what it did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lenet_viz.errors import UserMistake
from lenet_viz.network.draft import Draft
from lenet_viz.network.edit_defaults import first_settings, fresh_name, other_inputs
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.network.node import INPUT, Node, check_name
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit has made.

    Attributes:
        draft: the layers after it.
        words: what was done, as in "conv1: kernel_size 3 → 5".
        focus: the layer that it was about; "" where it is gone, or was about none.
        renamed: the old name of each module that has another one now, by the new name.
    """

    draft: Draft
    words: Message
    focus: str = ""
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def add_layer(draft: Draft, at: int, op: str) -> Edit:
    """Put a new layer into the list; its settings fit what it gets.

    Args:
        draft: the layers.
        at: its place, 0 for the first; the layer that stands there takes its output.
        op: a name in `LAYER_TYPES`.
    """
    at = max(0, min(len(draft.nodes), at))
    kind, above = LAYER_TYPES[op], draft.above(at)
    name = fresh_name(draft, op)
    inputs = (above, *other_inputs(draft, at, kind))
    settings = first_settings(draft, at, kind)
    node = Node(name, op, inputs, settings)
    words = message("Build", QT_TRANSLATE_NOOP("Build", "add {name}"), name=name)
    return Edit(_inserted(draft, at, node), words, name)


def delete_layer(draft: Draft, node_id: str) -> Edit:
    """Take a layer out; what took its output takes its input instead."""
    at = draft.place(node_id)
    instead = draft.nodes[at].inputs[0]
    rest = draft.nodes[:at] + draft.nodes[at + 1 :]
    nodes = tuple(_rewired(node, node_id, instead) for node in rest)
    words = message("Build", QT_TRANSLATE_NOOP("Build", "delete {name}"), name=node_id)
    focus = nodes[min(at, len(nodes) - 1)].id if nodes else ""
    return Edit(replace(draft, nodes=nodes), words, focus)


def duplicate_layer(draft: Draft, node_id: str) -> Edit:
    """Put a copy of a layer below it, with weights of its own."""
    at = draft.place(node_id)
    node = draft.nodes[at]
    name = fresh_name(draft, node.op)
    copy = replace(
        node,
        id=name,
        inputs=(node_id, *node.inputs[1:]),
        module=None if node.module is None else name,
    )
    template = QT_TRANSLATE_NOOP("Build", "duplicate {name} as {copy}")
    words = message("Build", template, name=node_id, copy=name)
    return Edit(_inserted(draft, at + 1, copy), words, name)


def move_layer(draft: Draft, node_id: str, to: int) -> Edit:
    """Put a layer elsewhere; it takes what stands above it there.

    Args:
        draft: the layers.
        node_id: which one.
        to: its place among the others, 0 for the first.

    Raises:
        UserMistake: it would stand above a layer whose output it adds or joins, or below one
            that does so with its own.
    """
    at = draft.place(node_id)
    node = draft.nodes[at]
    rest = draft.nodes[:at] + draft.nodes[at + 1 :]
    to = max(0, min(len(rest), to))
    # Only the main way closes behind it: a connection that somebody chose stays.
    rest = tuple(_rewired_main(each, node_id, node.inputs[0]) for each in rest)
    shorter = replace(draft, nodes=rest)
    moved = replace(node, inputs=(shorter.above(to), *node.inputs[1:]))
    words = message("Build", QT_TRANSLATE_NOOP("Build", "move {name}"), name=node_id)
    made = _inserted(shorter, to, moved)
    _check_order(made, node_id)
    return Edit(made, words, node_id)


def rename_layer(draft: Draft, node_id: str, name: str) -> Edit:
    """Give a layer another name, and its module with it where that has the same.

    Raises:
        UserMistake: the name cannot be used, or another layer has it.
    """
    name = name.strip()
    check_name(name, message_path(node_id))
    node = draft.node(node_id)
    taken = {each.id for each in draft.nodes} | {
        each.module for each in draft.nodes if each.module not in (None, node.module)
    }
    if name != node_id and (name in taken or name == INPUT):
        template = QT_TRANSLATE_NOOP(
            "Build", "{name} cannot be called {other}: another step has that name. Choose another."
        )
        raise UserMistake(message("Build", template, name=node_id, other=name))
    modules = {} if node.module != node_id else {node_id: name}
    nodes = tuple(_renamed(each, node_id, name, modules) for each in draft.nodes)
    words = message(
        "Build", QT_TRANSLATE_NOOP("Build", "rename {name} → {other}"), name=node_id, other=name
    )
    renamed = MappingProxyType({new: old for old, new in modules.items()})
    return Edit(replace(draft, nodes=nodes), words, name, renamed)


def connect_layer(draft: Draft, node_id: str, slot: int, source: str | None) -> Edit:
    """Choose what a layer takes.

    Args:
        draft: the layers.
        node_id: which one.
        slot: which of its inputs, from 0; one more than it has for a further one.
        source: the name of a layer above it, or ``input``; None takes this input away.

    Raises:
        UserMistake: the source does not stand above it, or it has too few or too many inputs.
    """
    at = draft.place(node_id)
    node = draft.nodes[at]
    inputs = list(node.inputs)
    if source is None:
        del inputs[slot : slot + 1]
    elif slot < len(inputs):
        inputs[slot] = source
    else:
        inputs.append(source)
    nodes = (*draft.nodes[:at], replace(node, inputs=tuple(inputs)), *draft.nodes[at + 1 :])
    made = replace(draft, nodes=nodes)
    _check_order(made, node_id)
    template = QT_TRANSLATE_NOOP("Build", "{name} takes {sources}")
    words = message("Build", template, name=node_id, sources=", ".join(inputs))
    return Edit(made, words, node_id)


def resize_input(draft: Draft, shape: tuple[int, int, int]) -> Edit:
    """Give the network's input another number of channels, height or width."""
    template = QT_TRANSLATE_NOOP("Build", "input {old} → {new}")
    old, new = ("×".join(map(str, each)) for each in (draft.input_shape, shape))
    return Edit(
        replace(draft, input_shape=shape), message("Build", template, old=old, new=new), INPUT
    )


def message_path(node_id: str) -> str:
    """Return where a layer's name stands, for a sentence about it."""
    return f"{node_id}.name"


def _inserted(draft: Draft, at: int, node: Node) -> Draft:
    """Return the list with one more layer, on the way from what is above it to what is below."""
    below = list(draft.nodes[at:])
    above = draft.above(at)
    for takes in (_takes_mainly, _takes_at_all):
        follower = next((i for i, each in enumerate(below) if takes(each, above)), None)
        if follower is not None:
            below[follower] = _rewired(below[follower], above, node.id)
            break
    return replace(draft, nodes=(*draft.nodes[:at], node, *below))


def _takes_mainly(node: Node, name: str) -> bool:
    return node.inputs[0] == name


def _takes_at_all(node: Node, name: str) -> bool:
    return name in node.inputs


_Rewiring = Callable[[Node, str, str], Node]


def _rewired(node: Node, old: str, new: str) -> Node:
    if old not in node.inputs:
        return node
    return replace(node, inputs=tuple(new if name == old else name for name in node.inputs))


def _rewired_main(node: Node, old: str, new: str) -> Node:
    if node.inputs[0] != old:
        return node
    return replace(node, inputs=(new, *node.inputs[1:]))


def _renamed(node: Node, old: str, new: str, modules: Mapping[str, str]) -> Node:
    made = _rewired(node, old, new)
    module = modules.get(node.module or "", node.module)
    return replace(made, id=new if node.id == old else node.id, module=module)


def _check_order(draft: Draft, node_id: str) -> None:
    """Check that every layer takes only what stands above it.

    Raises:
        UserMistake: some layer does not; ``node_id`` is the one that was moved or connected.
    """
    known = {INPUT}
    for node in draft.nodes:
        for name in node.inputs:
            if name not in known:
                template = QT_TRANSLATE_NOOP(
                    "Build",
                    "{name} cannot take {source}, which does not stand above it. Choose a step "
                    "above, or move {moved} elsewhere.",
                )
                raise UserMistake(
                    message("Build", template, name=node.id, source=name, moved=node_id)
                )
        known.add(node.id)
