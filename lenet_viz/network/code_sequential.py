"""A spec as one ``nn.Sequential``, where it is a chain without branches."""

from functools import lru_cache
from math import prod
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.code import Source, SourceLine, constructor
from lenet_viz.network.reserved_names import RESERVED_MODULE_NAMES
from lenet_viz.network.shapes import ShapeReport, derive
from lenet_viz.network.spec import INPUT, Node, Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_OWN: Final = frozenset({"append", "extend", "insert", "pop"})
"""Names that ``nn.Sequential`` uses itself, beyond those of every module."""
_HEAD: Final = ("from collections import OrderedDict", "", "import torch.nn as nn", "")


def why_not_sequential(spec: Spec) -> Message | None:
    """Return why a network cannot be written as one ``nn.Sequential``; None where it can."""
    report = derive(spec)
    before, seen = INPUT, set[str]()
    for node in spec.order:
        if node.inputs != (before,):
            template = QT_TRANSLATE_NOOP(
                "Network",
                "{name} takes {sources}: an nn.Sequential only passes each layer's output on to "
                "the next.",
            )
            return message("Network", template, name=node.id, sources=", ".join(node.inputs))
        if node.module is not None and node.module in seen:
            template = QT_TRANSLATE_NOOP(
                "Network", "{name} is called twice: an nn.Sequential calls each layer once."
            )
            return message("Network", template, name=node.module)
        if node.module in _OWN:
            template = QT_TRANSLATE_NOOP(
                "Network", "{name} is a name that nn.Sequential uses itself: rename that layer."
            )
            return message("Network", template, name=node.module)
        if node.layer_type.module_class is None and not _flattens(node, report):
            template = QT_TRANSLATE_NOOP(
                "Network", "{name} is a {op}, for which nn has no module of its own."
            )
            return message("Network", template, name=node.id, op=node.op)
        seen.add(node.module or "")
        before = node.id
    return None


@lru_cache(maxsize=32)
def sequential_source(spec: Spec) -> Source:
    """Return the Python text of ``spec`` as one ``nn.Sequential``.

    Executing it gives ``net`` with the same keys of the ``state_dict`` as the class, the same
    weights after the same ``torch.manual_seed``, and bit-equal outputs.

    Raises:
        UserMistake: it cannot be written so.
    """
    reason = why_not_sequential(spec)
    if reason is not None:
        raise UserMistake(reason)
    report, names = derive(spec), _names(spec)
    lines = [*_HEAD, "net = nn.Sequential(OrderedDict(["]
    places: dict[str, SourceLine] = {}
    for node in spec.order:
        text = f'("{names[node.id]}", {_made(node, report)}),'
        lines.append(f"    {text}")
        places[node.id] = SourceLine(len(lines), text)
    lines.append("]))")
    return Source("\n".join(lines) + "\n", places)


def _made(node: Node, report: ShapeReport) -> str:
    return "nn.Flatten()" if node.op == "view" else constructor(node, report)


def _names(spec: Spec) -> dict[str, str]:
    """Return what each layer is called: its module's name, or its own where it has none."""
    taken = {node.module for node in spec.order if node.module is not None}
    taken |= RESERVED_MODULE_NAMES | _OWN
    names: dict[str, str] = {}
    for node in spec.order:
        name = node.module or node.id
        while node.module is None and name in taken:
            name += "_"
        taken.add(name)
        names[node.id] = name
    return names


def _flattens(node: Node, report: ShapeReport) -> bool:
    """Return whether a view does what ``nn.Flatten()`` does."""
    shaped = next((each for each in report.nodes if each.id == node.id), None)
    if node.op != "view" or shaped is None or not shaped.inputs:
        return False
    before = shaped.inputs[0]
    return shaped.output == (before[0], prod(before[1:]))
