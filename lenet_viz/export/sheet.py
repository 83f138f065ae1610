"""How large a figure is: named sizes of slides and pages, or a width and a height."""

import math
import re
from dataclasses import dataclass
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

PER_INCH: Final = 96.0
"""Logical pixels of an inch, as SVG and CSS have them."""
PER_MM: Final = PER_INCH / 25.4
LARGEST: Final = 20_000.0
"""Logical pixels of a figure's longer side."""
SMALLEST: Final = 120.0
TYPE_RANGE: Final = (4.0, 48.0)
"""Points that running text may have."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a figure is drawn on.

    Attributes:
        width: in logical pixels of 1/96 inch.
        height: in logical pixels; None for as much as the content needs.
        margin: empty edge in logical pixels.
        type_size: of running text in points.
    """

    width: float
    height: float | None = None
    margin: float = 6.0
    type_size: float = 9.0


SHEETS: Final = {
    "slide": Sheet(1280, 720, 28, 13),
    "a4-column": Sheet(85 * PER_MM, None, 0.0, 8),
    "a4": Sheet(210 * PER_MM, 297 * PER_MM, 15 * PER_MM, 9),
}
"""The named sizes: a 16:9 slide, a column of a page in two columns, a page."""

_UNITS: Final = {"": 1.0, "px": 1.0, "mm": PER_MM, "cm": 10 * PER_MM, "in": PER_INCH}
_SIZE: Final = re.compile(
    r"(\d{1,6}(?:\.\d{1,3})?)(?:[xX×](\d{1,6}(?:\.\d{1,3})?))?\s*(px|mm|cm|in|)", re.ASCII
)


def sheet_of(word: str) -> Sheet:
    """Return the sheet that a word names.

    Args:
        word: a name of `SHEETS`, or ``1600x1000``, ``1600`` (as high as needed), ``120x80mm``,
            ``6.5in``.

    Raises:
        UserMistake: it is none of these, or too small or too large.
    """
    if word.strip().lower() in SHEETS:
        return SHEETS[word.strip().lower()]
    found = _SIZE.fullmatch(word.strip())
    if found is None:
        raise _no_size(word)
    unit = _UNITS[found[3]]
    width = float(found[1]) * unit
    height = None if found[2] is None else float(found[2]) * unit
    if not all(SMALLEST <= side <= LARGEST for side in (width, height) if side is not None):
        raise _out_of_range(word, width, height)
    return Sheet(width, height)


def _out_of_range(word: str, width: float, height: float | None) -> UserMistake:
    sides = " × ".join(str(round(side)) for side in (width, height) if side is not None)
    return UserMistake(
        message(
            "Export",
            QT_TRANSLATE_NOOP(
                "Export",
                "The size {found} is {sides} pixels of 1/96 inch; wanted: sides from {least} to "
                "{most} pixels, which are {least_mm} to {most_mm} mm.",
            ),
            found=repr(word),
            sides=sides,
            least=round(SMALLEST),
            most=round(LARGEST),
            least_mm=math.ceil(SMALLEST / PER_MM),
            most_mm=math.floor(LARGEST / PER_MM),
        )
    )


def _no_size(word: str) -> UserMistake:
    return UserMistake(
        message(
            "Export",
            QT_TRANSLATE_NOOP(
                "Export",
                "The size is {found}; wanted: {names}, or width × height from {least} to {most} "
                "pixels, as in 1600x1000, or a length, as in 120x80mm or 6.5in (a width alone: as "
                "high as needed).",
            ),
            found=repr(word),
            names=", ".join(SHEETS),
            least=round(SMALLEST),
            most=round(LARGEST),
        )
    )
