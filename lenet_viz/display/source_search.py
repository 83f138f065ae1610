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
