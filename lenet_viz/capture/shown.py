"""How a capture shows itself in a notebook: its storyboard, and a table of its steps."""

import os
import subprocess
import weakref
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lenet_viz.capture.own_program import program_command
from lenet_viz.capture.records import Capture, ParameterRef, Step
from lenet_viz.capture.values import ArgumentValue, GradientState
from lenet_viz.errors import LenetVizError
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

WIDTH: Final = 1000
"""Logical pixels that the storyboard is wide."""
TIME_LIMIT: Final = 60.0
"""Seconds that a picture may take."""
MOST_STEPS: Final = 300
"""A run with more steps has no picture, and its table stops there."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"

_pictures: dict[int, bytes | None] = {}
"""Pictures of the captures that are in use, by `id`; None where none could be made."""

_STATES: Final = {
    GradientState.PRESENT: QT_TRANSLATE_NOOP("Shown", "present"),
    GradientState.NO_BACKWARD: QT_TRANSLATE_NOOP("Shown", "none: backward was not run"),
    GradientState.NO_GRAD: QT_TRANSLATE_NOOP("Shown", "none: requires_grad is False"),
    GradientState.NOT_REACHED: QT_TRANSLATE_NOOP("Shown", "none: not reached"),
    GradientState.ALIASED: QT_TRANSLATE_NOOP("Shown", "none: overwritten in place"),
}


def storyboard_png(capture: Capture) -> bytes | None:
    """Return the run's storyboard as a PNG file's bytes; None where none can be made.

    Another process draws it, once for each capture; this takes a second or two.
    """
    key = id(capture)
    if key not in _pictures:
        weakref.finalize(capture, _pictures.pop, key, None)
        _pictures[key] = _drawn(capture) if len(capture.steps) <= MOST_STEPS else None
    return _pictures[key]


def _drawn(capture: Capture) -> bytes | None:
    """Return the picture that the program draws without a display; None where it fails."""
    try:
        with TemporaryDirectory(prefix="lenet_viz-", ignore_cleanup_errors=True) as folder:
            run, picture = Path(folder, "run.lvcap"), Path(folder, "storyboard.png")
            capture.save(run)
            subprocess.run(
                program_command(*_order(run, picture)),
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIME_LIMIT,
                check=True,
            )
            made = picture.read_bytes()
    except (LenetVizError, OSError, subprocess.SubprocessError, MemoryError):
        return None
    return made if made.startswith(_PNG) else None


def _order(run: Path, picture: Path) -> tuple[str, ...]:
    """Return the words after ``lenet-viz`` that draw a run's storyboard, two pixels for one."""
    size = ("--size", str(WIDTH), "--scale", "2")
    words = ("figure", str(run), "--handed-over-run", "--panel", "storyboard")
    return (*words, *size, "-o", str(picture))


def as_html(capture: Capture) -> str:
    """Return the storyboard and the table of steps as HTML; the table alone without a picture."""
    picture = storyboard_png(capture)
    table = _table(capture)
    if picture is None:
        return table
    source = b64encode(picture).decode("ascii")
    words = escape(_summary(capture))
    return (
        f'<img alt="{words}" style="width: {WIDTH}px; max-width: 100%; height: auto" '
        f'src="data:image/png;base64,{source}">\n'
        f"<details><summary>{words}</summary>\n{table}\n</details>"
    )


def _summary(capture: Capture) -> str:
    count = sum(parameter.count for parameter in capture.parameters)
    template = QT_TRANSLATE_NOOP("Shown", "{model}: {steps} steps, {count} parameters")
    said = message(
        "Shown",
        template,
        model=capture.model.name,
        steps=len(capture.steps),
        count=f"{count:,}",
    )
    return said.english()


def _table(capture: Capture) -> str:
    heads = (
        QT_TRANSLATE_NOOP("Shown", "step"),
        QT_TRANSLATE_NOOP("Shown", "op"),
        QT_TRANSLATE_NOOP("Shown", "output shape"),
        QT_TRANSLATE_NOOP("Shown", "parameters"),
        QT_TRANSLATE_NOOP("Shown", "gradient of the output"),
    )
    counts = {parameter.name: parameter.count for parameter in capture.parameters}
    rows = [_row("th", [message("Shown", head).english() for head in heads])]
    for number, step in enumerate(capture.steps):
        if number == MOST_STEPS:
            break
        rows.append(_row("td", _cells(step, counts)))
    left = len(capture.steps) - MOST_STEPS
    caption = _summary(capture)
    if left > 0:
        template = QT_TRANSLATE_NOOP("Shown", "{left} more steps are not listed here.")
        caption += ". " + message("Shown", template, left=left).english()
    if capture.error is not None:
        caption += f". {capture.error.english()}"
    body = "\n".join(rows)
    return f"<table>\n<caption>{escape(caption)}</caption>\n{body}\n</table>"


def _row(tag: str, cells: list[str]) -> str:
    inside = "".join(f'<{tag} style="text-align: left">{escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inside}</tr>"


def _cells(step: Step, counts: dict[str, int]) -> list[str]:
    if step.error is not None:
        said = step.error.english()
        return [step.name, step.op, "-", _parameters(step, counts), said]
    shapes = ", ".join(str(value.shape) for value in step.outputs) or "-"
    state = step.outputs[0].gradient_state if step.outputs else None
    words = "-" if state is None else message("Shown", _STATES[state]).english()
    return [step.name, step.op, shapes, _parameters(step, counts), words]


def _parameters(step: Step, counts: dict[str, int]) -> str:
    """Return a step's parameters with their number of numbers: ``conv1.weight 54``."""
    found = dict.fromkeys(name for argument in step.arguments for name in _named(argument.value))
    return ", ".join(f"{name} {counts[name]:,}" if name in counts else name for name in found)


def _named(value: ArgumentValue) -> Iterator[str]:
    if isinstance(value, ParameterRef):
        yield value.name
    elif isinstance(value, tuple):
        for part in value:
            yield from _named(part)


def short_repr(capture: Capture) -> str:
    """Return a capture in one line, as a prompt echoes it."""
    inputs = ", ".join(str(value.shape) for value in capture.input_values)
    objective = capture.objective
    parts = [f"{len(capture.steps)} steps", f"input {inputs or 'none'}"]
    if capture.output_value is not None:
        parts.append(f"output {capture.output_value.shape}")
    if objective is not None:
        parts.append(f"backward from {objective.word or objective.kind}")
    if capture.error is not None:
        parts.append("failed")
    return f"<Capture of {capture.model.name}: {', '.join(parts)}>"
