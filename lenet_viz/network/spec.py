"""A network as a value: a frozen graph of layers that can be written as JSON and read back."""

import json
from dataclasses import dataclass
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network import spec_graph, spec_text
from lenet_viz.network.layer_types import LARGEST, LARGEST_AXIS, SettingValue, field_mistake
from lenet_viz.network.node import INPUT, Node, RawNode, Settings, checked_node
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

__all__ = ["INPUT", "SCHEMA", "Node", "SettingValue", "Settings", "Spec"]

SCHEMA: Final = 1
"""The version of the JSON form that this program writes and reads."""

MOST_NODES: Final = 10_000
LONGEST_TEXT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Spec:
    """A network: nodes from its input to its output.

    Attributes:
        name: a short name.
        input_shape: channels, height, width of one sample, without the batch.
        nodes: at least one `Node`, in any order that has no cycle.
        output: the id of the node whose output is the network's; the last node's if not given.
        title: the heading a person reads.
        description: a sentence about it.

    Raises:
        UserMistake: unknown or repeated names, a cycle, a node that leads nowhere, sizes that
            are not whole numbers from 1.
    """

    name: str
    input_shape: tuple[int, int, int]
    nodes: tuple[Node, ...]
    output: str = ""
    title: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))
        object.__setattr__(self, "input_shape", _checked_input_shape(self.input_shape))
        for label in ("name", "title", "description"):
            _check_text(getattr(self, label), label, empty=label != "name")
        if not 1 <= len(self.nodes) <= MOST_NODES:
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "The network has {count} layers; wanted: 1 to {most}. Add a node to nodes.",
                    ),
                    count=len(self.nodes),
                    most=MOST_NODES,
                )
            )
        if self.output == "":
            object.__setattr__(self, "output", self.nodes[-1].id)
        spec_graph.check(self)

    @property
    def order(self) -> tuple[Node, ...]:
        """The nodes in the order in which they run: as listed where that is possible."""
        return spec_graph.order(self.nodes)

    def node(self, node_id: str) -> Node:
        """Return the node with this id.

        Raises:
            KeyError: there is none.
        """
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def modules(self) -> dict[str, Node]:
        """Return the first node of every module, in the order in which they are constructed."""
        first: dict[str, Node] = {}
        for node in self.order:
            if node.module is not None:
                first.setdefault(node.module, node)
        return first

    def to_json(self) -> str:
        """Return the spec as JSON text, one line per node, ending in a newline."""
        head = {
            "schema": SCHEMA,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "input_shape": self.input_shape,
        }
        lines = [f"  {_json(key)}: {_json(value)}," for key, value in head.items()]
        nodes = ",\n".join("    " + _json(_node_fields(node)) for node in self.nodes)
        return "\n".join(
            ["{", *lines, '  "nodes": [', nodes, "  ],", f'  "output": {_json(self.output)}', "}\n"]
        )

    @classmethod
    def from_json(cls, text: str) -> "Spec":
        """Return the spec that JSON ``text`` describes.

        Raises:
            UserMistake: not JSON, too large or deep, a newer schema, or a field that cannot be
                used; the message gives its path, as in ``nodes[3].settings.stride``.
        """
        document = spec_text.parse(text, SCHEMA)
        spec_text.check_keys(
            document,
            "",
            required=("schema", "name", "input_shape", "nodes"),
            optional=("title", "description", "output"),
        )
        nodes = document["nodes"]
        if not isinstance(nodes, list):
            field_mistake(
                "nodes", nodes, message("Network", QT_TRANSLATE_NOOP("Network", "a list"))
            )
        spec_text.check_count(len(nodes), MOST_NODES)
        return cls(
            name=document["name"],
            input_shape=document["input_shape"],
            nodes=tuple(_node_from(fields, f"nodes[{i}]") for i, fields in enumerate(nodes)),
            output=document.get("output", ""),
            title=document.get("title", ""),
            description=document.get("description", ""),
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _node_fields(node: Node) -> dict[str, object]:
    fields: dict[str, object] = {"id": node.id, "op": node.op, "inputs": node.inputs}
    if node.settings:
        fields["settings"] = dict(node.settings)
    if node.module is not None:
        fields["module"] = node.module
    return fields


def _node_from(fields: object, path: str) -> Node:
    checked = spec_text.check_keys(
        fields, path, required=("id", "op", "inputs"), optional=("settings", "module", "style")
    )
    settings = checked.get("settings", {})
    raw = RawNode(
        checked["id"],
        checked["op"],
        checked["inputs"],
        settings,
        checked.get("module"),
        checked.get("style"),
    )
    checked_node(raw, path)
    return Node(raw.id, raw.op, tuple(raw.inputs), settings, raw.module, raw.style)


def _checked_input_shape(shape: object) -> tuple[int, int, int]:
    wanted = message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "[channels, height, width], three whole numbers from 1, height and width up to {most}",
        ),
        most=LARGEST_AXIS,
    )
    if not isinstance(shape, (list, tuple)) or len(shape) != 3:
        field_mistake("input_shape", shape, wanted)
    for i, (size, most) in enumerate(
        zip(shape, (LARGEST, LARGEST_AXIS, LARGEST_AXIS), strict=True)
    ):
        if type(size) is not int or not 1 <= size <= most:
            field_mistake(f"input_shape[{i}]", size, wanted)
    return shape[0], shape[1], shape[2]


def _check_text(text: object, path: str, *, empty: bool) -> None:
    wanted = message(
        "Network",
        QT_TRANSLATE_NOOP("Network", "text of up to {most} characters"),
        most=LONGEST_TEXT,
    )
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not (text or empty):
        field_mistake(path, text, wanted)
    if any("\ud800" <= character <= "\udfff" for character in text):
        field_mistake(path, text, wanted)
