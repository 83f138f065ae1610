"""Marks on the strip's cards: folded, opaque."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from lenet_viz.panels.theme import Theme

SIGN: Final = 15.0
"""Size of the sign that unfolds a card."""
_SHEETS: Final = 2
_SHIFT: Final = 3.0
_RADIUS: Final = 6.0


def paint_stack(painter: QPainter, rect: QRectF, theme: Theme) -> QRectF:
    """Paint sheets behind a card and return where the uppermost one stands.

    Args:
        painter: where to draw.
        rect: of all of them.
        theme: its colours.
    """
    for sheet in range(_SHEETS, 0, -1):
        back = sheet_rect(rect, sheet)
        painter.setPen(QPen(theme.color("line"), 1.0))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(back.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
    return sheet_rect(rect, 0)


def sheet_rect(rect: QRectF, sheet: int) -> QRectF:
    """Return where a sheet of a stacked card stands; 0 is the uppermost."""
    most = _SHEETS * _SHIFT
    shift = sheet * _SHIFT
    return QRectF(
        rect.left() + shift, rect.top() + shift, rect.width() - most, rect.height() - most
    )


def plus_rect(sheet: QRectF) -> QRectF:
    """Return where the sign of a folded card's uppermost sheet stands."""
    return QRectF(sheet.right() - SIGN - 4, sheet.top() + 8, SIGN, SIGN)


def paint_plus(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Paint the sign that unfolds a card."""
    painter.setPen(QPen(theme.color("muted"), 1.0))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(QPen(theme.color("text"), 1.4))
    middle, arm = rect.center(), 3.5
    painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
    painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))


def dashed(edge: QPainterPath, rect: QRectF) -> QPainterPath:
    """Return slanted pieces of a card's top edge: what happened inside could not be seen."""
    pieces = QPainterPath()
    x = rect.left() - 6
    while x < rect.right():
        corners = [
            QPointF(x + 5, rect.top()), QPointF(x + 11, rect.top()),
            QPointF(x + 6, rect.top() + 5), QPointF(x, rect.top() + 5),
        ]  # fmt: skip
        pieces.addPolygon(QPolygonF([*corners, corners[0]]))
        x += 10
    return edge.intersected(pieces)
