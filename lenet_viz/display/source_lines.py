"""The Python text of a run: its files, and which lines ran which steps."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePath
from typing import Final

from lenet_viz.capture.records import Capture, SourceLine
from lenet_viz.errors import LenetVizError
from lenet_viz.network import code
from lenet_viz.network.spec import Spec
from lenet_viz.wording import Message

LEFT_OUT: Final = 0
"""The line number of a row that stands for lines which are not there."""
GAP: Final = "…"
LONGEST: Final = 2000
"""Characters of one line that are shown: a longer one takes seconds to lay out."""
_FLAG: Final = "\ufffd"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
# What would break a row in two or cannot be drawn, and what turns the order of letters around:
# a reader would see other code than Python does.
_UNSHOWN = re.compile("[\0\u2028\u2029\ufdd0\ufdd1\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Text(StrEnum):
    """How much of a file's text there is."""

    WHOLE = "whole"
    NOT_KEPT = "not kept"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file's lines as rows that can be shown.

    Attributes:
        name: the file as the lines name it: a path, or ``<notebook>``.
        short: as few parts of the path as tell it from the run's other files.
        texts: one row each; every character can be drawn.
        numbers: the line number of each row, from 1; `LEFT_OUT` where lines are missing.
        text: whether this is the whole file, or why only the lines that the steps know.
        steps: the names of the steps that a line ran, in order, by line number.
        failed: why the run failed in a line, by line number.
    """

    name: str
    short: str
    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    text: Text
    steps: Mapping[int, tuple[str, ...]]
    failed: Mapping[int, Message]

    def row(self, number: int) -> int | None:
        """Return the row of a line; None where it is not shown."""
        if number == LEFT_OUT or number not in self.numbers:
            return None
        return self.numbers.index(number)

    def part(self, rows: range) -> "SourceFile":
        """Return some of the rows; what is left out before and after them is marked."""
        texts, numbers = self.texts[rows.start : rows.stop], self.numbers[rows.start : rows.stop]
        if rows.start > 0:
            texts, numbers = (GAP, *texts), (LEFT_OUT, *numbers)
        if rows.stop < len(self.texts):
            texts, numbers = (*texts, GAP), (*numbers, LEFT_OUT)
        return replace(self, texts=texts, numbers=numbers)


NOTHING: Final = SourceFile("", "", (), (), Text.NOT_KEPT, {}, {})
"""A file without a row."""


def next_step(steps: tuple[str, ...], selected: str) -> str:
    """Return the step after ``selected`` among a line's steps; the first where it is not there."""
    at = steps.index(selected) + 1 if selected in steps else 0
    return steps[at % len(steps)]


def first_number(file: SourceFile) -> int:
    """Return the line to look at first: one that failed, or that ran first, or the first."""
    return next(iter((*file.failed, *file.steps)), 1)


def source_files(capture: Capture) -> tuple[SourceFile, ...]:
    """Return the files whose lines ran, in the order in which they first did."""
    found = _gathered(capture)
    short = short_names(found)
    own = f"<{capture.model.name}>"
    files = []
    for name, lines in found.items():
        text, rows = _rows(capture, name, lines)
        files.append(
            SourceFile(
                name=name,
                short=capture.model.name if name == own else short[name],
                texts=tuple(row for _, row in rows),
                numbers=tuple(number for number, _ in rows),
                text=text,
                steps={number: tuple(steps) for number, steps in lines.steps.items()},
                failed=lines.failed,
            )
        )
    return tuple(files)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Return each path with as many of its last parts as tell it from the others."""
    parts = {name: PurePath(name.replace("\\", "/")).parts or (name,) for name in names}
    return {name: _shortest(name, parts) for name in parts}


def _shortest(name: str, parts: Mapping[str, tuple[str, ...]]) -> str:
    mine = parts[name]
    for count in range(1, len(mine) + 1):
        same = [other for other in parts.values() if other[-count:] == mine[-count:]]
        if len(same) == 1:
            return "/".join(mine[-count:])
    return name


@dataclass(slots=True)
class _Lines:
    """What the steps know of one file, by line number."""

    texts: dict[int, str] = field(default_factory=dict)
    steps: dict[int, list[str]] = field(default_factory=dict)
    failed: dict[int, Message] = field(default_factory=dict)


def _gathered(capture: Capture) -> dict[str, _Lines]:
    found: dict[str, _Lines] = {}
    told = False
    for step in capture.steps:
        line = step.source_line
        if line is None or line.number < 1:
            continue
        lines = found.setdefault(line.file, _Lines())
        lines.texts[line.number] = line.text
        lines.steps.setdefault(line.number, []).append(step.name)
        if step.error is not None:
            lines.failed[line.number] = step.error
            told = True
    for name in capture.sources:
        found.setdefault(name, _Lines())
    if capture.error is not None and not told:
        _place_failure(capture, capture.error, found)
    return found


def _place_failure(capture: Capture, error: Message, found: Mapping[str, _Lines]) -> None:
    """Find the file of the line that an error outside every step names."""
    line = _told_line(error)
    if line is None:
        return
    for name, lines in found.items():
        text = _text_of(capture, name, lines)
        rows = _split(text)
        if line.number <= len(rows) and rows[line.number - 1].strip() == line.text:
            lines.failed[line.number] = error
            lines.texts[line.number] = line.text
            return


def _told_line(error: Message) -> SourceLine | None:
    """Return the line that a failure's sentence names, its file unknown; None for none."""
    told = dict(error.values).get("line")
    values = dict(told.values) if isinstance(told, Message) else {}
    number, text = values.get("number"), values.get("text")
    if not isinstance(number, int) or number < 1 or not isinstance(text, str):
        return None
    return SourceLine("", number, text)


def _rows(capture: Capture, name: str, lines: _Lines) -> tuple[Text, list[tuple[int, str]]]:
    """Return how much of a text there is, and its rows with their line numbers."""
    text = _text_of(capture, name, lines)
    if text:
        return Text.WHOLE, list(enumerate(_shown(text), 1))
    known = sorted(lines.texts)
    rows: list[tuple[int, str]] = []
    for before, number in pairwise((0, *known)):
        if number != before + 1:
            rows.append((LEFT_OUT, GAP))
        rows.append((number, _drawable(lines.texts[number])))
    if rows:
        rows.append((LEFT_OUT, GAP))
    return (Text.CHANGED if name in capture.sources else Text.NOT_KEPT), rows


def _text_of(capture: Capture, name: str, lines: _Lines) -> str:
    """Return a file's whole text if it is the one that ran; "" where there is none.

    The text of a generated model has no file: it is the model's own, or written anew from its
    spec. None of them is believed whose lines are not those that ran.
    """
    kept = capture.sources.get(name)
    if kept is not None:
        return kept if _agrees(kept, lines) else ""
    if not any(lines.texts.values()):
        return ""
    for text in (capture.model.source_text, _written(capture.model.spec)):
        if text and _agrees(text, lines):
            return text
    return ""


def _agrees(text: str, lines: _Lines) -> bool:
    rows = _split(text)
    return all(
        number <= len(rows) and (not line or rows[number - 1].strip() == line.strip())
        for number, line in lines.texts.items()
    )


@lru_cache(maxsize=4)
def _written(spec: str) -> str:
    """Return a spec as Python; "" where it is none."""
    with suppress(LenetVizError):
        return code.source(Spec.from_json(spec)).text if spec else ""
    return ""


@lru_cache(maxsize=8)
def _split(text: str) -> tuple[str, ...]:
    """Return a text's lines as Python counts them, without their ends."""
    rows = _LINE_ENDS.split(text)
    return tuple(rows if rows[-1] else rows[:-1])


@lru_cache(maxsize=8)
def _shown(text: str) -> tuple[str, ...]:
    """Return a text's lines as rows that can be drawn."""
    return tuple(_drawable(row) for row in _split(text))


def _drawable(row: str) -> str:
    """Return a line as it can be drawn: a row of its own, in the order in which Python reads it."""
    if len(row) > LONGEST:
        row = f"{row[:LONGEST]} {GAP}"
    return row if row.isascii() and "\0" not in row else _UNSHOWN.sub(_FLAG, row)
