"""Edits of one layer's settings, and the repairs that mend what does not fit."""

from dataclasses import replace

from lenet_viz.errors import UserMistake
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.edits import Edit, delete_layer
from lenet_viz.network.layer_types import SettingValue
from lenet_viz.network.node import Node
from lenet_viz.network.repaired import repaired
from lenet_viz.network.setting_text import setting_text, value_text
from lenet_viz.network.shape_step import Repair
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

MOST_REPAIRS = 100
"""So many repairs are made in a row at most."""


def change_setting(draft: Draft, node_id: str, setting: str, value: SettingValue | None) -> Edit:
    """Give a layer's setting another value; layers that share its module follow.

    Args:
        draft: the layers.
        node_id: which one.
        setting: the setting's name.
        value: the value; None for torch's default.

    Raises:
        UserMistake: the value is of another type or out of range.
    """
    node = draft.node(node_id)
    nodes = repaired(draft.nodes, Repair(node_id, setting, value))
    template = QT_TRANSLATE_NOOP("Build", "{name}: {setting} {old} → {new}")
    after = next(each for each in nodes if each.id == node_id)
    words = message(
        "Build",
        template,
        name=node_id,
        setting=setting,
        old=setting_text(node, setting),
        new=setting_text(after, setting),
    )
    return Edit(replace(draft, nodes=nodes), words, node_id)


def restyle_layer(draft: Draft, node_id: str, *, as_module: bool) -> Edit:
    """Write a layer as a module of its own, or as a call of a function.

    Raises:
        UserMistake: its op has only one of both.
    """
    at = draft.place(node_id)
    node = draft.nodes[at]
    module = _module_name(draft, node_id) if as_module else None
    style = "module" if as_module else "functional"
    made = Node(node.id, node.op, node.inputs, node.settings, module, style)  # type: ignore[arg-type]
    nodes = (*draft.nodes[:at], made, *draft.nodes[at + 1 :])
    template = (
        QT_TRANSLATE_NOOP("Build", "{name} as a module")
        if as_module
        else QT_TRANSLATE_NOOP("Build", "{name} as a function")
    )
    return Edit(replace(draft, nodes=nodes), message("Build", template, name=node_id), node_id)


def mend(draft: Draft) -> Edit:
    """Do what the first mistake's repair says.

    Raises:
        UserMistake: it has none.
    """
    found = examine(draft)
    if found.stray is not None:
        return delete_layer(draft, found.stray)
    if found.repair is None:
        raise UserMistake(_no_repair())
    repair = found.repair
    return change_setting(draft, repair.node_id, repair.setting, repair.value)


def mend_all(draft: Draft) -> Edit:
    """Repair one mistake after the other until all fits, or one has no repair.

    Raises:
        UserMistake: the first has none.
    """
    made, count = mend(draft), 1
    while count < MOST_REPAIRS and examine(made.draft).repair is not None:
        made, count = mend(made.draft), count + 1
    if count == 1:
        return made
    template = QT_TRANSLATE_NOOP("Build", "{count} repairs")
    return replace(made, words=message("Build", template, count=count))


def repair_words(draft: Draft) -> Message | None:
    """Return what the first mistake's repair would do; None where there is none."""
    found = examine(draft)
    if found.stray is not None:
        return message("Build", QT_TRANSLATE_NOOP("Build", "Take {name} out"), name=found.stray)
    if found.repair is None:
        return None
    repair = found.repair
    name, setting = repair.node_id, repair.setting
    if repair.value is None:
        template = QT_TRANSLATE_NOOP("Build", "Leave {name}.{setting} out")
        return message("Build", template, name=name, setting=setting)
    template = QT_TRANSLATE_NOOP("Build", "Set {name}.{setting} to {value}")
    value = value_text(repair.value)
    return message("Build", template, name=name, setting=setting, value=value)


def _no_repair() -> Message:
    template = QT_TRANSLATE_NOOP(
        "Build", "No single setting mends this. Change the layers by hand, or undo (Ctrl+Z)."
    )
    return message("Build", template)


def _module_name(draft: Draft, node_id: str) -> str:
    taken = {node.module for node in draft.nodes}
    name = node_id
    while name in taken:
        name += "_"
    return name
