"""A spec as the Python text one writes in a lesson, with the line that runs each node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from types import MappingProxyType
from typing import Final

from lenet_viz.network.layer_types import SettingValue
from lenet_viz.network.shapes import ShapeReport, derive
from lenet_viz.network.spec import INPUT, Node, Spec

MOST_NESTED: Final = 4
"""How many calls one expression nests at most."""

_TAKEN: Final = frozenset({"x", "self", "torch", "nn", "F"})


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the source text.

    Attributes:
        number: its number in the text, from 1.
        text: the line without indentation.
    """

    number: int
    text: str


@dataclass(frozen=True)
class Source:
    """Python source of a network.

    Attributes:
        text: imports and ``class Net(nn.Module)``, ending in a newline.
        lines: for each node id, the line of ``forward`` that runs it.
    """

    text: str
    lines: Mapping[str, SourceLine]


@lru_cache(maxsize=32)
def source(spec: Spec) -> Source:
    """Return the Python text of ``spec``.

    Executing it and constructing ``Net()`` gives the same parameters and, run, bit-equal
    outputs to `lenet_viz.network.build.build` with the same random seed.
    """
    statements = _statements(spec)
    body = _init_lines(spec)
    used = "\n".join(body + [text for _, text in statements])
    head = ["import torch"] if "torch." in used else []
    head.append("import torch.nn as nn")
    if "F." in used:
        head.append("import torch.nn.functional as F")
    head += ["", "", "class Net(nn.Module):", "    def __init__(self):"]
    head += ["        super().__init__()", *("        " + line for line in body), ""]
    head.append("    def forward(self, x):")
    lines: dict[str, SourceLine] = {}
    for nodes, text in statements:
        head.append("        " + text)
        lines.update({node.id: SourceLine(len(head), text) for node in nodes})
    # The output's value is the last one made: nothing runs that it does not use.
    head.append("        return " + statements[-1][1].partition(" = ")[0])
    return Source("\n".join(head) + "\n", MappingProxyType(lines))


def _init_lines(spec: Spec) -> list[str]:
    report = derive(spec)
    return [f"self.{name} = {constructor(node, report)}" for name, node in spec.modules().items()]


def constructor(node: Node, report: ShapeReport) -> str:
    """Return the call that makes a node's module."""
    layer_type = node.layer_type
    if node.op == "upsample":
        return f"nn.Upsample({', '.join(_keywords(upsample_settings(node)))})"
    arguments = []
    for setting in layer_type.settings:
        if setting.name not in node.settings:
            continue
        value = node.settings[setting.name]
        if setting.required:
            text = _written_features(node, report) if setting.name == "in_features" else ""
            if setting.name == "normalized_shape" and isinstance(value, tuple) and len(value) == 1:
                text = str(value[0])
            arguments.append(text or _value(value))
        elif value != setting.default:
            named = "" if setting.name == "negative_slope" else f"{setting.name}="
            arguments.append(named + _value(value))
    return f"nn.{layer_type.module_class}({', '.join(arguments)})"


def _written_features(node: Node, report: ShapeReport) -> str:
    """Return ``16 * 6 * 6`` for a linear layer behind a flattened (16, 6, 6), otherwise nothing."""
    shapes = {shape.id: shape for shape in report.nodes}
    giver = shapes.get(node.inputs[0])
    if giver is None or giver.op not in ("view", "flatten"):
        return ""
    before = giver.inputs[0]
    if len(giver.output) != 2 or len(before) < 3 or giver.output[1] != node.setting("in_features"):
        return ""
    # Where only the channels are left, their number says it all.
    return " * ".join(map(str, before[1:])) if prod(before[2:]) > 1 else ""


def upsample_settings(node: Node) -> dict[str, SettingValue]:
    """Return the arguments of an upsample; torch takes ``align_corners`` only with bilinear."""
    settings = dict(node.settings)
    if node.word("mode") == "nearest":
        settings = {name: settings[name] for name in settings if settings[name] is not False}
    return settings


def _keywords(settings: Mapping[str, SettingValue]) -> list[str]:
    return [f"{name}={_value(value)}" for name, value in settings.items()]


def _value(value: SettingValue) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))}{',' if len(value) == 1 else ''})"
    return str(value)


def _statements(spec: Spec) -> list[tuple[list[Node], str]]:
    """Return the statements of ``forward``: the nodes each one runs and its text."""
    groups = _groups(spec)
    # The statement after which each value is no longer needed.
    last_use: dict[str, int] = {}
    for i, group in enumerate(groups):
        for name in group[0].inputs:
            last_use[name] = i
    variables = {INPUT: "x"}
    taken = set(_TAKEN)
    in_x = INPUT
    made = []
    for i, group in enumerate(groups):
        text = ", ".join(variables[name] for name in group[0].inputs)
        for node in group:
            text = _call(node, text)
        if last_use[in_x] <= i:
            target, in_x = "x", group[-1].id
        else:
            target = _fresh(group[-1].id, taken)
        variables[group[-1].id] = target
        made.append((group, f"{target} = {text}"))
    return made


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _groups(spec: Spec) -> list[list[Node]]:
    """Return the nodes in the order they run, those of one statement together.

    A node joins the statement before it if it takes that statement's value, nothing else does,
    and it is no layer with parameters, no reshape and no joining of branches.
    """
    uses: dict[str, int] = {spec.output: 1}
    for node in spec.nodes:
        for name in node.inputs:
            uses[name] = uses.get(name, 0) + 1
    groups: list[list[Node]] = []
    for node in spec.order:
        joins = (
            bool(groups)
            and not node.layer_type.starts_statement
            and node.inputs == (groups[-1][-1].id,)
            and uses[node.inputs[0]] == 1
            and len(groups[-1]) < MOST_NESTED
        )
        if joins:
            groups[-1].append(node)
        else:
            groups.append([node])
    return groups


def _call(node: Node, argument: str) -> str:
    """Return the expression that applies ``node`` to ``argument``."""
    if node.module is not None:
        return f"self.{node.module}({argument})"
    return _FUNCTIONS[node.op](node, argument)


def _plain(name: str) -> Callable[[Node, str], str]:
    return lambda node, argument: f"{name}({argument})"


def _with_settings(name: str, positional: int) -> Callable[[Node, str], str]:
    """Return a writer of a call whose first settings are positional, the others keywords."""

    def write(node: Node, argument: str) -> str:
        pieces = [argument]
        for i, setting in enumerate(node.layer_type.settings):
            if setting.name not in node.settings:
                continue
            text = _value(node.settings[setting.name])
            pieces.append(text if i < positional else f"{setting.name}={text}")
        return f"{name}({', '.join(pieces)})"

    return write


def _upsample(node: Node, argument: str) -> str:
    return f"F.interpolate({', '.join((argument, *_keywords(upsample_settings(node))))})"


def _view(node: Node, argument: str) -> str:
    sizes = node.setting("shape")
    listed = sizes if isinstance(sizes, tuple) else (sizes,)
    return f"{argument}.view({', '.join(map(str, listed))})"


def _flatten(node: Node, argument: str) -> str:
    start, end = node.number("start_dim"), node.number("end_dim")
    return (
        f"torch.flatten({argument}, {start})"
        if end == -1
        else (f"torch.flatten({argument}, {start}, {end})")
    )


def _add(node: Node, argument: str) -> str:
    del node
    return argument.replace(", ", " + ")


def _cat(node: Node, argument: str) -> str:
    return f"torch.cat(({argument}), dim={node.number('dim')})"


def _dropout(node: Node, argument: str) -> str:
    return f"F.dropout({argument}, p={node.setting('p')}, training=self.training)"


_FUNCTIONS: Final[Mapping[str, Callable[[Node, str], str]]] = MappingProxyType(
    {
        "relu": _plain("F.relu"),
        "tanh": _plain("torch.tanh"),
        "sigmoid": _plain("torch.sigmoid"),
        "leaky_relu": _with_settings("F.leaky_relu", 1),
        "gelu": _with_settings("F.gelu", 0),
        "max_pool2d": _with_settings("F.max_pool2d", 1),
        "avg_pool2d": _with_settings("F.avg_pool2d", 1),
        "adaptive_avg_pool2d": _with_settings("F.adaptive_avg_pool2d", 1),
        "upsample": _upsample,
        "view": _view,
        "flatten": _flatten,
        "add": _add,
        "cat": _cat,
        "softmax": _with_settings("F.softmax", 0),
        "log_softmax": _with_settings("F.log_softmax", 0),
        "dropout": _dropout,
    }
)
