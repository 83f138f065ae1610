"""The outline around cells that a value elsewhere comes from or leads to."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from lenet_viz.panels.theme import Theme


def outline_box(painter: QPainter, place: QRectF, theme: Theme) -> None:
    """Draw a box that is seen on every colour of a map."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, wide in (("surface", 3.5), ("accent", 1.75)):
        pen = QPen(theme.color(colour), wide)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(place)
