"""A short vector on a card, written out: index, then a coloured cell and the number, or a bar."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from lenet_viz.display import colours, numbers
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.theme import Theme, code_font
from lenet_viz.panels.thumbnail import colour_theme

LEAST = 7.0
"""Distance of rows that have room for their index."""


def paint_bars(
    painter: QPainter, area: QRectF, picture: Picture, theme: Theme, *, from_zero: bool
) -> None:
    """Draw a short vector as rows.

    Args:
        painter: where to draw.
        area: where it may stand.
        picture: the vector.
        theme: for the colours.
        from_zero: bars left and right of zero instead of numbers.
    """
    values = picture.values.reshape(-1)
    count = len(values)
    pitch = min(14.0, area.height() / count)
    font = code_font(max(5.5, min(7.5, pitch * 0.68)))
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    index_width = metrics.horizontalAdvance("00" if count > 10 else "0") + 4
    rgba = colours.colourise(values, picture.scale, colour_theme(theme))
    texts = numbers.column(values.tolist(), 6)
    middle = area.left() + index_width + (area.width() - index_width) / 2
    largest = max(abs(picture.scale.low), abs(picture.scale.high))
    for row in range(count):
        top = area.top() + row * pitch
        place = QRectF(area.left(), top, area.width(), pitch)
        painter.setPen(theme.color("muted"))
        if pitch >= LEAST:
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), str(row))
        color = QColor(*rgba[row].tolist())
        if from_zero:
            share = float(values[row]) / largest if largest else 0.0
            half = (area.width() - index_width) / 2 - 1
            bar = QRectF(middle, top + pitch * 0.18, share * half, pitch * 0.64).normalized()
            painter.fillRect(bar, QColor(*_bar_rgba(share)))
        else:
            cell = QRectF(area.left() + index_width, top, 9, pitch)
            painter.fillRect(cell, color)
            painter.setPen(theme.color("text"))
            text = place.adjusted(index_width + 12, 0, 0, 0)
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), texts[row])
    if from_zero:
        painter.setPen(QPen(theme.color("muted"), 1))
        painter.drawLine(QPointF(middle, area.top()), QPointF(middle, area.top() + count * pitch))


def _bar_rgba(share: float) -> tuple[int, int, int, int]:
    """Return the full colour of a sign: bars tell size by length, not by shade."""
    return (178, 24, 43, 255) if share > 0 else (33, 102, 172, 255)
