"""`lenet-viz code` and `lenet-viz check`: a network as Python, and whether its shapes fit."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lenet_viz.commands.target import check_target
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.network.shapes import NodeShape, ShapeReport
    from lenet_viz.network.spec import Spec

Row = tuple[str, str, str, str, str, str, str]
_PYTHON = QT_TRANSLATE_NOOP(
    "cli",
    "{model} is no network that is described as data. Name a preset ({known}), a network's JSON "
    "or a Python file, as in net.json or net.py:Net.",
)


def code(
    model: str, *, sequential: bool = False, output: str | None = None, force: bool = False
) -> str:
    """Return a network's Python text, or the path that it was written to; a newline at its end.

    Args:
        model: a preset's name or the path of a network's JSON.
        sequential: one ``nn.Sequential`` instead of a class.
        output: the file to write; None to return the text.
        force: whether an existing file is replaced.

    Raises:
        UserMistake: there is no such network, its shapes do not fit, it is no chain, or the file
            cannot be written.
    """
    from lenet_viz.network.code import source
    from lenet_viz.network.code_sequential import sequential_source
    from lenet_viz.network.shapes import derive

    spec = network_named(model)
    derive(spec).require()
    text = sequential_source(spec).text if sequential else source(spec).text
    if output is None:
        return text
    from lenet_viz.capture.atomic import write_bytes

    path = Path(output)
    check_target(path, force, "net.py")
    write_bytes(path, text.encode("utf-8"))
    return f"{path}\n"


def check(model: str, *, as_json: bool = False) -> str:
    """Return the shapes of a network that fits, as arithmetic; nothing of it runs.

    Args:
        model: the path of a network's JSON, or a preset's name.
        as_json: JSON instead of a table.

    Raises:
        UserMistake: it is no network, or its shapes do not fit: says where, and what would.
    """
    from lenet_viz.network.shapes import derive

    spec = network_named(model)
    report = derive(spec)
    if report.mistake is not None:
        template = QT_TRANSLATE_NOOP("cli", "{file}: {mistake}")
        raise UserMistake(message("cli", template, file=model, mistake=report.mistake.message))
    return _as_json(spec, report) if as_json else _as_table(spec, report)


def network_named(model: str) -> "Spec":
    """Return a preset's network, or the one that a JSON file describes.

    Raises:
        UserMistake: there is none.
    """
    from lenet_viz.network import presets
    from lenet_viz.network.spec_file import names_spec, read_spec

    if names_spec(model):
        return read_spec(Path(model))
    if ".py" in model.lower() and not model.lower().endswith(".lvcap"):
        return _from_python(model)
    if ":" in model or model.lower().endswith(".lvcap"):
        known = ", ".join(presets.NAMES)
        raise UserMistake(message("cli", _PYTHON, model=model, known=known))
    return presets.get(model).spec


def _from_python(model: str) -> "Spec":
    """Return the layers of a class in a Python file; nothing of it runs.

    Raises:
        UserMistake: it cannot be read, or is too much for layers; says where.
    """
    from lenet_viz.network.code_text import check_syntax, decoded, read_bytes
    from lenet_viz.network.python_spec import spec_from_python

    file, _, name = model.partition(":") if model.count(":") == 1 else (model, "", "")
    data = read_bytes(file)
    check_syntax(file, data)
    try:
        return spec_from_python(decoded(data), name)
    except UserMistake as mistake:
        template = QT_TRANSLATE_NOOP("cli", "{file}: {mistake}")
        raise UserMistake(message("cli", template, file=file, mistake=mistake.message)) from mistake


def _as_json(spec: "Spec", report: "ShapeReport") -> str:
    document = {
        "model": spec.name,
        "input_shape": list(report.input_shape),
        "steps": [
            {
                "name": node.id,
                "op": node.op,
                "input_shapes": [list(shape) for shape in node.inputs],
                "formulas": [axis.formula() for axis in node.axes],
                "output_shape": list(node.output),
                "dropped_rows": list(node.axes[0].dropped) if node.axes else [],
                "dropped_columns": list(node.axes[1].dropped) if node.axes else [],
                "parameters": {each.name: list(each.shape) for each in node.parameters},
                "parameter_count": node.parameter_count,
            }
            for node in report.nodes
        ],
        "parameters": report.parameter_count,
        "structurally_zero": _zeros(spec),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_table(spec: "Spec", report: "ShapeReport") -> str:
    rows = [("step", "op", "in", "arithmetic", "out", "dropped", "parameters")]
    rows += [_row(node) for node in report.nodes]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines.append(f"parameters: {report.parameter_count}")
    zeros = _zeros(spec)
    if zeros is not None:
        pixels = spec.input_shape[1] * spec.input_shape[2]
        lines.append(f"structurally zero: {zeros} of {pixels} pixels of input")
    return "\n".join(lines) + "\n"


def _row(node: "NodeShape") -> Row:
    formulas = dict.fromkeys(axis.formula() for axis in node.axes)
    dropped = [
        f"{word} {', '.join(map(str, axis.dropped))}"
        for word, axis in zip(("rows", "columns"), node.axes, strict=False)
        if axis.dropped
    ]
    counts = " + ".join("·".join(map(str, each.shape)) for each in node.parameters)
    return (
        node.id,
        node.op,
        " + ".join(map(_shape, node.inputs)),
        "; ".join(formulas),
        _shape(node.output),
        ", ".join(dropped),
        f"{counts} = {node.parameter_count}" if counts else "",
    )


def _zeros(spec: "Spec") -> int | None:
    """Return how many input pixels cannot influence the output; None where nobody can say."""
    from lenet_viz.errors import UserMistake
    from lenet_viz.network.influence import influence

    try:
        reached = influence(spec)
    except UserMistake:
        return None
    return int((~reached).sum())


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
