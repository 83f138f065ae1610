"""What is said of a source line and of its file."""

import html

from lenet_viz.capture.records import SourceLine
from lenet_viz.display.source_lines import SourceFile, Text
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.session.state import State

MOST_NAMED = 12
"""So many of a line's steps are named in a tool tip."""


def view_tip() -> str:
    """Return how the text is used."""
    return translate(
        "Source",
        "Click a line that ran, or press Enter in it, to select its step; once more for its next "
        "step. Select text to copy it.",
    )


def line_tip(file: SourceFile, number: int) -> str:
    """Return what a line ran and why it failed, as rich text; "" where it did neither."""
    parts = []
    if number in file.failed:
        parts.append(translated(file.failed[number]))
    names = file.steps.get(number, ())
    if names:
        parts.append(steps_words(names))
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in parts)
    return f"<qt>{paragraphs}</qt>" if parts else ""


def steps_words(names: tuple[str, ...]) -> str:
    """Return the steps that a line ran, and what a click does."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more > 0:
        return formatted(
            "Source",
            "Ran {names} and {count} more. Click to select the first, again for the next.",
            names=shown,
            count=more,
        )
    if len(names) > 1:
        return formatted(
            "Source",
            "Ran {names}. Click to select the first, again for the next.",
            names=shown,
        )
    return formatted("Source", "Ran {names}. Click to select it.", names=shown)


def place_words(line: SourceLine) -> str:
    """Return where a step's line stands."""
    return formatted(
        "Source", "line {number}, {function}", number=line.number, function=line.function
    )


def file_tip(name: str, *, several: bool) -> str:
    """Return the whole name of the file that is shown, and how to see another."""
    if not several:
        return name
    return formatted("Source", "{file}\nChoose another file of this run", file=name)


def nothing_words(state: State | None) -> str:
    """Return why there is no text at all."""
    if state is None or state.capture is None:
        return translate("Source", "The first run is on its way …")
    return translate("Source", "No step of this run knows the line of Python that ran it.")


def note_words(file: SourceFile) -> str:
    """Return why only some lines of a file are shown; "" where all are."""
    if file.text is Text.NOT_KEPT:
        return formatted(
            "Source",
            "This run keeps no text of {file}: here are the lines that its steps know.",
            file=file.short,
        )
    if file.text is Text.CHANGED:
        return formatted(
            "Source",
            "The text of {file} is not the one that ran: here are the lines that the steps know.",
            file=file.short,
        )
    return ""
