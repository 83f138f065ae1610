"""The pen that draws rows of autograd's graph."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from lenet_viz.capture.autograd import AutogradNode
from lenet_viz.capture.records import Capture
from lenet_viz.display.autograd_rows import AutogradRow
from lenet_viz.panels.autograd_words import leaf_words
from lenet_viz.panels.text import card_title, formatted
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.session.cards import LOSS_CARD

LANE = 16.0
MOST_LANES = 13
"""Lanes further right lie on the last one."""
ROW = 25.0
END = 19.0
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked of a row.

    Attributes:
        selected: whether its step is the selected one.
        current: what the keys stand on, in logical pixels; None where it is not in this row.
    """

    selected: bool
    current: QRectF | None


class AutogradPen:
    """Draws one row after the other."""

    def __init__(
        self, painter: QPainter, capture: Capture, theme: Theme, lanes: int, width: int
    ) -> None:
        """Take a painter.

        Args:
            painter: what is drawn with.
            capture: the run whose graph it is.
            theme: the colours.
            lanes: how many lanes stand beside the rows.
            width: of the surface, in logical pixels.
        """
        self._painter = painter
        self._capture = capture
        self._nodes: Sequence[AutogradNode] = capture.autograd or ()
        self._theme = theme
        self._width = width
        self._left = self._x(lanes - 1) + 14

    def _x(self, lane: int) -> float:
        return 14.0 + LANE * min(lane, MOST_LANES - 1)

    def ground(self, row: AutogradRow, top: float, marks: Marks) -> None:
        """Mark the row."""
        painter = self._painter
        high = ROW + END * len(row.ends)
        rect = QRectF(1, top, self._width - 2, high)
        if marks.selected:
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.setBrush(self._theme.color("accent_ground"))
            painter.drawRoundedRect(rect, 5, 5)
        if marks.current is not None:
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(marks.current.adjusted(2, 1, -2, -1), 4, 4)

    def lines(self, row: AutogradRow, top: float, bottom: float) -> None:
        """Draw the ways of the gradients past this row and from it."""
        painter = self._painter
        painter.setPen(QPen(self._theme.color("muted"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle = top + ROW / 2
        for lane, goes_on in enumerate(row.above):
            if goes_on is None:
                continue
            here = goes_on == row.lane and (lane == row.lane or lane not in row.starts)
            if goes_on == lane and lane != row.lane:
                painter.drawLine(QPointF(self._x(lane), top), QPointF(self._x(lane), bottom))
            elif here:
                _curve(painter, QPointF(self._x(lane), top), QPointF(self._x(row.lane), middle))
        for lane in row.starts:
            start = QPointF(self._x(row.lane), middle)
            bend = QPointF(self._x(lane), min(bottom, middle + ROW / 2 + 6))
            _curve(painter, start, bend)
            painter.drawLine(bend, QPointF(self._x(lane), bottom))

    def node(self, row: AutogradRow, top: float) -> None:
        """Draw the node, its name and what it belongs to."""
        painter, capture = self._painter, self._capture
        node = self._nodes[row.node]
        step = None if node.step is None else capture.steps[node.step]
        op = "loss" if step is None and not node.is_leaf else "input" if step is None else step.op
        colour = self._theme.op_color(op)
        middle = QPointF(self._x(row.lane), top + ROW / 2)
        painter.setPen(QPen(self._theme.color("surface"), 2))
        painter.setBrush(colour)
        painter.drawEllipse(middle, 5.5, 5.5)
        left = self._left
        words = self._right_words(row)
        font = text_font(9, bold=True)
        wide = QFontMetricsF(font).horizontalAdvance(words)
        room = self._width - left - wide - 18
        painter.setFont(code_font(9))
        painter.setPen(self._theme.color("text"))
        name = _elided(node.name, code_font(9), room)
        painter.drawText(QRectF(left, top, room, ROW), _LEFT, name)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QRectF(0, top, self._width - 8.0, ROW), _RIGHT, words)

    def _right_words(self, row: AutogradRow) -> str:
        capture = self._capture
        node = self._nodes[row.node]
        if node.step is not None:
            words = capture.steps[node.step].name
        elif node.is_leaf:
            words = leaf_words(capture, node)
        else:
            words = card_title(LOSS_CARD)
        return _added(words, row.users)

    def ends(self, row: AutogradRow, top: float) -> None:
        """Draw the leaves of a row below it: what adds a gradient into a parameter's ``.grad``."""
        painter, left = self._painter, self._left + 12
        for number, end in enumerate(row.ends):
            y = top + ROW + END * number
            names = " ← ".join(self._nodes[at].name for at in end.nodes)
            words = _added(leaf_words(self._capture, self._nodes[end.nodes[-1]]), end.users)
            wide = QFontMetricsF(code_font(8.5)).horizontalAdvance(words)
            room = self._width - left - wide - 18
            painter.setFont(code_font(8.5))
            painter.setPen(self._theme.color("muted"))
            short = _elided(names, code_font(8.5), room)
            painter.drawText(QRectF(left, y, max(0.0, room), END), _LEFT, short)
            painter.setPen(self._theme.color("text"))
            painter.drawText(QRectF(0, y, self._width - 8.0, END), _RIGHT, words)
            painter.setPen(QPen(self._theme.color("line"), 1.2))
            painter.drawLine(QPointF(left - 10, y - 2), QPointF(left - 10, y + END / 2))
            painter.drawLine(QPointF(left - 10, y + END / 2), QPointF(left - 3, y + END / 2))


def _added(words: str, users: int) -> str:
    """Return the words, with how many gradients are added there where it is more than one."""
    if users <= 1:
        return words
    return formatted("Autograd", "sum of {count}   {words}", count=users, words=words)


def _curve(painter: QPainter, start: QPointF, end: QPointF) -> None:
    path = QPainterPath(start)
    middle = (start.y() + end.y()) / 2
    path.cubicTo(QPointF(start.x(), middle), QPointF(end.x(), middle), end)
    painter.drawPath(path)


def _elided(text: str, font: QFont, room: float) -> str:
    elide = Qt.TextElideMode.ElideRight
    return str(QFontMetricsF(font).elidedText(text, elide, max(10.0, room)))
