"""A summary as text: JSON, or an aligned table."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from lenet_viz.commands.summary import Shape, StepLine, Summary
from lenet_viz.network.shapes import ParameterShape

_AXES: Final = {4: "(N, C, H, W)", 2: "(N, features)"}


def as_json_text(made: Summary) -> str:
    """Return a summary as JSON: model, input_shape, steps, totals."""
    document = {
        "model": made.model,
        "input_shape": made.input_shape,
        "steps": [
            {
                "name": step.name,
                "op": step.op,
                "module": step.module,
                "input_shapes": step.input_shapes,
                "output_shape": step.output_shape,
                "parameters": _parameter_fields(step.parameters),
                "shared_parameters": [parameter.name for parameter in step.shared],
                "parameter_count": step.parameter_count,
            }
            for step in made.steps
        ],
        "unused_parameters": _parameter_fields(made.unused),
        "totals": {
            "steps": len(made.steps),
            "parameters": made.parameter_count,
            "parameter_tensors": len(made.parameters),
            "layers": made.layer_count,
        },
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    # A shape belongs on one line; no string can hold the line breaks that are looked for.
    return re.sub(r"\[\n[\d,\s]+\]", _one_line, text) + "\n"


def _one_line(found: re.Match[str]) -> str:
    return "[" + ", ".join(re.findall(r"\d+", found[0])) + "]"


def _parameter_fields(parameters: Iterable[ParameterShape]) -> list[dict[str, object]]:
    return [{"name": p.name, "shape": p.shape, "count": p.count} for p in parameters]


def as_table(made: Summary) -> str:
    """Return a summary as an aligned table whose counts add up to its last row."""
    head = ("step", "op", "module", "input", "output", "count", "parameters")
    rows = [
        (
            step.name,
            step.op,
            step.module,
            " + ".join(map(_shape, step.input_shapes)),
            _shape(step.output_shape),
            f"{step.parameter_count:,}" if step.parameters else "",
            _arithmetic(step),
        )
        for step in made.steps
    ]
    if made.unused:
        count = sum(parameter.count for parameter in made.unused)
        names = ", ".join(parameter.name for parameter in made.unused)
        rows.append(("(in no step)", "", "", "", "", f"{count:,}", names))
    tensors, layers = len(made.parameters), made.layer_count
    total = (
        _counted(len(rows) - bool(made.unused), "step"),
        *("",) * 4,
        f"{made.parameter_count:,}",
        f"{_counted(tensors, 'parameter tensor')} in {_counted(layers, 'layer')}",
    )
    axes = _AXES.get(len(made.input_shape), "")
    title = f"{made.model}: input {_shape(made.input_shape)} {axes}".rstrip()
    return "\n".join([title, "", *_aligned(head, rows, total), ""])


def _aligned(head: Sequence[str], rows: Sequence[Sequence[str]], total: Sequence[str]) -> list[str]:
    """Return the rows as lines, with rules below the head and above the total."""
    widths = [max(map(len, column)) for column in zip(head, *rows, total, strict=True)]
    right = head.index("count")

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.rjust(width) if i == right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return [line(head), rule, *map(line, rows), rule, line(total)]


def _arithmetic(step: StepLine) -> str:
    """Return how a step's count comes about, such as ``weight 6×1×3×3 + bias 6 = 60``."""
    own = " + ".join(f"{_last(p.name)} {_shape(p.shape)}" for p in step.parameters)
    if step.shared:
        again = "shares " + ", ".join(parameter.name for parameter in step.shared)
        return f"{own} = {step.parameter_count:,}; {again}" if own else again
    return f"{own} = {step.parameter_count:,}" if own else ""


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape)) if shape else "scalar"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
