"""Diagonal lines over the cells of a picture."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from lenet_viz.panels.theme import Theme

Mask = npt.NDArray[np.bool_]


def hatch(painter: QPainter, place: QRectF, mask: Mask, theme: Theme, role: str = "hatch") -> None:
    """Draw diagonal lines over the cells where ``mask`` is True.

    Args:
        painter: where to draw.
        place: where the whole array stands.
        mask: bool of shape (H, W).
        theme: for the colour of the lines.
        role: that colour's name in it.
    """
    height, width = mask.shape
    cell_x, cell_y = place.width() / width, place.height() / height
    painter.save()
    pen = QPen(theme.color(role), 1.0)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for rect in _runs(mask):
        top, left, rows, columns = rect
        box = QRectF(
            place.left() + left * cell_x,
            place.top() + top * cell_y,
            columns * cell_x,
            rows * cell_y,
        )
        painter.setClipRect(box)  # for the soft edges of lines; SVG knows no clipping
        step = 5.0
        # Lines run through fixed points of the picture, so that neighbouring runs join.
        first = int((box.left() + box.top()) // step)
        last = int((box.right() + box.bottom()) // step) + 1
        for line in range(first, last + 1):
            start, end = _within(box, line * step)
            if start.x() < end.x():
                painter.drawLine(start, end)
    painter.restore()


def _within(box: QRectF, total: float) -> tuple[QPointF, QPointF]:
    """Return the ends of the line x + y = ``total`` in a box; not clipped: SVG viewers differ."""
    high, low = max(box.left(), total - box.bottom()), min(box.right(), total - box.top())
    return QPointF(high, total - high), QPointF(low, total - low)


def _runs(mask: Mask) -> Sequence[tuple[int, int, int, int]]:
    """Return rectangles (top, left, rows, columns) that together cover the True cells."""
    found: list[tuple[int, int, int, int]] = []
    previous: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(mask.shape[0] + 1):
        line = mask[row] if row < mask.shape[0] else np.zeros(mask.shape[1], dtype=bool)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        spans = {(int(a), int(b)) for a, b in edges.reshape(-1, 2)}
        for span in list(previous):
            if span not in spans:
                top, rows = previous.pop(span)
                found.append((top, span[0], rows, span[1] - span[0]))
        for span in spans:
            top, rows = previous.get(span, (row, 0))
            previous[span] = (top, rows + 1)
    return found
