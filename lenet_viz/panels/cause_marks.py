"""How each cause of an exact zero is drawn: a hue that is no sign's, and a mark of its own."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from lenet_viz.explain.zeros import Cause
from lenet_viz.panels.theme import Theme

Causes = npt.NDArray[np.int8]
Segment = tuple[float, float, float, float]

MARKS_FROM = 6.0
"""Logical pixels of a cell from which it carries its cause's mark."""
NUMBERS_FROM = 34.0
"""Logical pixels of a cell from which it carries its number."""

_HUES: Final[dict[Cause, tuple[str, str]]] = {
    Cause.INACTIVE: ("#c4e59a", "#405c25"),
    Cause.LOST: ("#f2dc98", "#6b581c"),
    Cause.TIED: ("#ffc585", "#8a5216"),
    Cause.OUTSIDE: ("#bab3a4", "#5b574d"),
    Cause.INPUT_ZERO: ("#9fd9c3", "#2c6150"),
    Cause.NOT_REACHED: ("#e2d3f4", "#54437a"),
    Cause.NO_DEPENDENCE: ("#a6dbd5", "#1f5f5a"),
    Cause.DOWNSTREAM: ("#ccd3d0", "#4f5a56"),
    Cause.JUST_ZERO: ("#efe9c9", "#4f4a33"),
    Cause.UNKNOWN: ("#f4f4f4", "#2c2c2c"),
}
_MARKS: Final[dict[Cause, tuple[Segment, ...]]] = {
    Cause.INACTIVE: ((0.25, 0.5, 0.75, 0.5),),
    Cause.LOST: ((0.3, 0.3, 0.7, 0.7),),
    Cause.TIED: ((0.25, 0.38, 0.75, 0.38), (0.25, 0.62, 0.75, 0.62)),
    Cause.OUTSIDE: ((0.3, 0.7, 0.7, 0.3),),
    Cause.INPUT_ZERO: ((0.5, 0.3, 0.5, 0.7), (0.3, 0.5, 0.7, 0.5)),
    Cause.NOT_REACHED: ((0.3, 0.3, 0.7, 0.7), (0.3, 0.7, 0.7, 0.3)),
    Cause.NO_DEPENDENCE: ((0.5, 0.25, 0.5, 0.75),),
    Cause.DOWNSTREAM: ((0.3, 0.38, 0.5, 0.66), (0.5, 0.66, 0.7, 0.38)),
    Cause.JUST_ZERO: (
        (0.35, 0.35, 0.65, 0.35),
        (0.65, 0.35, 0.65, 0.65),
        (0.65, 0.65, 0.35, 0.65),
        (0.35, 0.65, 0.35, 0.35),
    ),
    Cause.UNKNOWN: ((0.45, 0.5, 0.55, 0.5),),
}


def hue_of(cause: Cause, theme: Theme) -> QColor:
    """Return the ground that a cause's cells have."""
    light, dark = _HUES[cause]
    return QColor(dark if theme.name == "dark" else light)


def coloured(rgba: npt.NDArray[np.uint8], causes: Causes, theme: Theme) -> npt.NDArray[np.uint8]:
    """Return colours in which every exact zero has its cause's hue.

    Args:
        rgba: uint8 of the array's shape and four channels.
        causes: a `Cause` for each exact zero, 0 for other numbers; of the array's shape.
        theme: the colours.
    """
    table = np.zeros((max(Cause) + 1, 4), np.uint8)
    for cause in _HUES:
        hue = hue_of(cause, theme)
        table[int(cause)] = (hue.red(), hue.green(), hue.blue(), 255)
    return np.where(causes[..., None] > 0, table[causes], rgba).astype(np.uint8)


def draw_mark(painter: QPainter, place: QRectF, cause: Cause, theme: Theme) -> None:
    """Draw a swatch: a cell of a cause, with its mark."""
    painter.fillRect(place, hue_of(cause, theme))
    painter.setPen(QPen(theme.color("text"), 1.2))
    for x, y, to_x, to_y in _MARKS[cause]:
        start = place.topLeft()
        wide, high = place.width(), place.height()
        line = (start.x() + x * wide, start.y() + y * high)
        painter.drawLine(
            round(line[0]), round(line[1]), round(start.x() + to_x * wide),
            round(start.y() + to_y * high),
        )  # fmt: skip


def draw_marks(
    painter: QPainter, causes: Causes, corner: QRectF, theme: Theme, only: Cause | None
) -> None:
    """Draw the marks of a part of a mosaic.

    Args:
        painter: where to draw.
        causes: (rows, columns) of the part.
        corner: the place of its first cell.
        theme: the colours.
        only: the one cause whose marks are drawn; None for all.
    """
    cell = corner.width()
    # Where cells carry their numbers, marks stand in a corner below them.
    scale, shift = (0.4, 0.58) if cell >= NUMBERS_FROM else (1.0, 0.0)
    pen = QPen(theme.color("text"), 1.6 if only else 1.0)
    painter.setPen(pen)
    for cause, marks in _MARKS.items():
        if only is not None and cause != only:
            continue
        rows, columns = np.nonzero(causes == cause)
        if not len(rows):
            continue
        left, top = corner.left() + columns * cell, corner.top() + rows * cell
        for mark in marks:
            # One path through NumPy: a Python line for each zero would be too slow.
            x, y, to_x, to_y = (scale * at + shift for at in mark)
            xs = np.column_stack((left + x * cell, left + to_x * cell)).reshape(-1)
            ys = np.column_stack((top + y * cell, top + to_y * cell)).reshape(-1)
            painter.drawPath(pg.functions.arrayToQPath(xs, ys, connect="pairs"))
