"""Which characters of a Python text are keywords, strings, comments, numbers or new names.

It is found line by line, so that only what is seen costs time, and it is found in any text: one
that Python would refuse gets the colours that it would have up to the mistake.
"""

import keyword
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a stretch of Python is."""

    KEYWORD = "keyword"
    STRING = "string"
    COMMENT = "comment"
    NUMBER = "number"
    NAME = "name"


class Stretch(NamedTuple):
    """Characters of one line that are of one kind.

    Attributes:
        start: its first character, from 0.
        stop: the one after its last.
        kind: what it is.
    """

    start: int
    stop: int
    kind: Kind


def _string(quote: str) -> str:
    """Return the pattern of a string from its first quote to its last, or to where it breaks off.

    Args:
        quote: one character, or the same one three times.
    """
    one, many = quote[0], len(quote) == 3
    plain = rf"[^{one}\\]*" if many else rf"[^{one}\\\n]*"
    inner = rf"\\(?:.|\Z)|{one}(?!{one}{one})" if many else r"\\(?:.|\Z)"
    end = rf"{quote}|\Z" if many else rf"{one}|(?=\n)|\Z"
    return rf"{quote}{plain}(?:(?:{inner}){plain})*(?:{end})"


_STRINGS = "|".join(_string(quote) for quote in ('"' * 3, "'" * 3, '"', "'"))
_QUOTED = re.compile(
    r"(?P<comment>\#[^\n]*)|(?:(?<!\w)(?:[rubfRUBF]|[bBfF][rR]|[rR][bBfF]))?" rf"(?:{_STRINGS})",
    re.DOTALL,
)
_WORDS = re.compile(
    r"(?<!\w)(?:def|class)\s+(?P<name>\w+)"
    rf"|(?<![\w])(?P<keyword>{'|'.join(keyword.kwlist)})(?!\w)"
    r"|(?<![\w.])(?P<number>0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+"
    r"|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)"
)


class PythonWords:
    """The kinds of the stretches of one text."""

    def __init__(self, rows: Sequence[str]) -> None:
        """Look through a text for strings and comments; the rest is found when it is asked for.

        Args:
            rows: its lines, without their ends.
        """
        self._rows = rows
        self._starts = [0]
        for row in rows:
            self._starts.append(self._starts[-1] + len(row) + 1)
        self._quoted = [
            (found.start(), found.end(), Kind.COMMENT if found["comment"] else Kind.STRING)
            for found in _QUOTED.finditer("\n".join(rows))
        ]
        self._ends = [stop for _, stop, _ in self._quoted]

    def stretches(self, row: int) -> list[Stretch]:
        """Return the stretches of one line from left to right; plain text is not among them."""
        text = self._rows[row]
        found: list[Stretch] = []
        at = 0
        for start, stop, kind in self._quoted_in(row):
            found.extend(_words(text, at, start))
            if stop > start:
                found.append(Stretch(start, stop, kind))
            at = stop
        found.extend(_words(text, at, len(text)))
        return found

    def _quoted_in(self, row: int) -> Iterator[Stretch]:
        """Return the strings and comments of a line, cut off at its ends."""
        first, size = self._starts[row], len(self._rows[row])
        for number in range(bisect_right(self._ends, first), len(self._quoted)):
            start, stop, kind = self._quoted[number]
            if start >= first + size:
                return
            yield Stretch(max(0, start - first), min(size, stop - first), kind)


def _words(text: str, start: int, stop: int) -> Iterator[Stretch]:
    """Return keywords, numbers and new names between two characters of a line."""
    if not text[start:stop].strip():
        return
    for found in _WORDS.finditer(text, start, stop):
        if found["name"]:
            head = found.start()
            yield Stretch(head, head + len(found[0].split()[0]), Kind.KEYWORD)
            if not keyword.iskeyword(found["name"]):
                yield Stretch(*found.span("name"), Kind.NAME)
        else:
            yield Stretch(*found.span(), Kind(str(found.lastgroup)))
