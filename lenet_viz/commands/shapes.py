"""`lenet-viz shapes`: every step's shape as arithmetic, what is dropped, and what cannot matter."""

import json
from typing import TYPE_CHECKING, Any, Final, TextIO

from lenet_viz.commands.any_capture import NO_BACKWARD, any_capture
from lenet_viz.commands.own_run import OwnWords, own_code

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture

_NOTHING: Final = OwnWords()


def shapes(
    model: str, *, as_json: bool = False, own: OwnWords = _NOTHING, progress: TextIO | None = None
) -> str:
    """Return the text that the command prints, its last newline included.

    Args:
        model: a preset's name, a network's JSON, Python code, or the path of a capture.
        as_json: JSON instead of a table.
        own: how a model of the user's own is called.
        progress: where the stages of its run are told; nowhere if None.

    Raises:
        UserMistake: there is no such model, or a word cannot be used.
        EngineLost: the engine ended.
    """
    from lenet_viz.commands.window import capture_named

    saved = own_code(model) is None and capture_named(model) is not None
    backward = None if saved else NO_BACKWARD
    with any_capture(model, own, progress, backward_word=backward) as capture:
        return _as_json(capture) if as_json else _as_table(capture)


def _zeros(capture: "Capture") -> list[dict[str, Any]]:
    """Return for each input how many of its numbers cannot influence the output."""
    from lenet_viz.explain.structural import structurally_zero

    found = []
    for number, (name, value) in enumerate(
        zip(capture.input_names, capture.input_values, strict=True)
    ):
        mask = structurally_zero(capture, number)
        count = None if mask is None else int(mask.sum())
        of = None if mask is None else int(mask.size)
        found.append({"input": name, "shape": list(value.shape), "count": count, "of": of})
    return found


def _as_json(capture: "Capture") -> str:
    from lenet_viz.explain.ledger.whole import parameter_total, whole_ledger

    document = {
        "model": capture.model.name,
        "steps": [
            {
                "name": row.name,
                "op": row.op,
                "input_shapes": [list(shape) for shape in row.inputs],
                "formulas": list(row.formulas),
                "output_shapes": [list(shape) for shape in row.outputs],
                "dropped_rows": list(row.dropped_rows),
                "dropped_columns": list(row.dropped_columns),
                "parameters": dict(row.parameters),
                "parameter_count": row.count,
            }
            for row in whole_ledger(capture)
        ],
        "parameters": parameter_total(capture),
        "structurally_zero": _zeros(capture),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_table(capture: "Capture") -> str:
    from lenet_viz.explain.ledger.whole import parameter_total, whole_ledger
    from lenet_viz.explain.structural import span_text

    rows = [("step", "in", "arithmetic", "out", "dropped", "parameters")]
    for row in whole_ledger(capture):
        dropped = [
            f"{word} {span_text(values)}"
            for word, values in (("rows", row.dropped_rows), ("columns", row.dropped_columns))
            if values
        ]
        rows.append(
            (
                row.name,
                " + ".join(map(_shape, row.inputs)),
                "; ".join(row.formulas),
                " + ".join(map(_shape, row.outputs)),
                ", ".join(dropped),
                " + ".join(text for _, text in row.parameters),
            )
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines.append(f"parameters: {parameter_total(capture)}")
    for zero in _zeros(capture):
        if zero["count"] is not None:
            lines.append(
                f"structurally zero: {zero['count']} of {zero['of']} pixels of {zero['input']}"
            )
    return "\n".join(lines) + "\n"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "()"
