"""The lines between a storyboard's tiles, with their arrow heads."""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from lenet_viz.display.graph_layout import Point

HEAD = 5.0
_ROUND = 4.0


def paint_line(painter: QPainter, points: Sequence[Point], color: QColor, dashed: bool) -> None:
    """Paint one edge: a line with rounded corners and a head at its end.

    Args:
        painter: where to draw.
        points: at least two, each level with or straight above the one before; the last part
            goes to the right.
        color: of line and head.
        dashed: whether it stands for steps left out.
    """
    end = points[-1]
    # The line ends inside the head: its blunt end would show beside the point.
    shaft = [*points[:-1], (max(points[-2][0], end[0] - HEAD * 0.6), end[1])]
    pen = QPen(color, 1.1)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern([2.5, 2.0])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(rounded(shaft))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    tip = QPointF(*end)
    side = HEAD * 0.5
    back = [QPointF(tip.x() - HEAD, tip.y() + shift) for shift in (-side, side)]
    painter.drawPolygon(QPolygonF([tip, *back]))


def rounded(points: Sequence[Point]) -> QPainterPath:
    """Return a polyline with rounded corners."""
    path = QPainterPath(QPointF(*points[0]))
    for before, (corner, after) in zip(points, pairwise(points[1:]), strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        path.lineTo(QPointF(*near))
        path.quadTo(QPointF(*corner), QPointF(*far))
    path.lineTo(QPointF(*points[-1]))
    return path


def _towards(corner: Point, other: Point) -> Point:
    """Return where a corner's curve meets the way to another point."""
    length = hypot(other[0] - corner[0], other[1] - corner[1])
    share = min(_ROUND, length / 2) / length if length else 0.0
    return (
        corner[0] + (other[0] - corner[0]) * share,
        corner[1] + (other[1] - corner[1]) * share,
    )
