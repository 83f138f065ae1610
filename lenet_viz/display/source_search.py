"""Where words stand in the rows of a text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a row.

    Attributes:
        row: from 0.
        start: its first character, from 0.
        stop: the character after its last.
    """

    row: int
    start: int
    stop: int


def found_in(rows: Sequence[str], words: str) -> tuple[Found, ...]:
    """Return every place of some words in the order of reading, none over another.

    Args:
        rows: the text.
        words: taken as they stand, in large or small letters alike; empty words are nowhere.
    """
    if not words:
        return ()
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    return tuple(
        Found(number, *match.span())
        for number, row in enumerate(rows)
        for match in pattern.finditer(row)
    )


def defined_at(rows: Sequence[str], name: str) -> int | None:
    """Return the row, from 0, that defines a name outside every function; None where none does.

    Args:
        rows: a Python text.
        name: of a class, a function or anything that is given a value.
    """
    if not name.isidentifier():
        return None
    word = re.escape(name)
    pattern = re.compile(rf"(?:class|def|async\s+def)\s+{word}\b|{word}\s*(?::[^=]*)?=(?!=)")
    return next((number for number, row in enumerate(rows) if pattern.match(row)), None)
