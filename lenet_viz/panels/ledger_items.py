"""Cells and chips of the gradient ledger."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from lenet_viz.display.colours import colourise, text_colour
from lenet_viz.display.scale import Scale
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.panels.thumbnail import colour_theme
from lenet_viz.panels.why_items import Item

_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass
class Cell(Item):
    """One number on the colour of its sign and size; None has a broken frame and no colour.

    Attributes:
        value: the number; None where torch has none.
        text: how it is written.
        most: the size at which the colour is fullest.
        expected: whether it is worked out here and not torch's own: its frame is dotted.
    """

    value: float | None = None
    text: str = ""
    most: float = 1.0
    expected: bool = False

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        inner = self.rect.adjusted(0.5, 0.5, -0.5, -0.5)
        if self.value is None:
            painter.setPen(QPen(theme.color("muted"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner, 4, 4)
            painter.setPen(theme.color("muted"))
        else:
            ground = self._ground(theme)
            style = Qt.PenStyle.DotLine if self.expected else Qt.PenStyle.SolidLine
            painter.setPen(QPen(theme.color("muted" if self.expected else "line"), 1, style))
            painter.setBrush(ground)
            painter.drawRoundedRect(inner, 4, 4)
            painter.setPen(QColor(text_colour((ground.red(), ground.green(), ground.blue()))))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        size = 9.0
        while size > 6.5 and self._wide(size) > self.rect.width() - 4:
            size -= 0.5
        painter.setFont(code_font(size))
        painter.drawText(self.rect, _MIDDLE, self.text)

    def _wide(self, size: float) -> float:
        return QFontMetricsF(code_font(size)).horizontalAdvance(self.text)

    def _ground(self, theme: Theme) -> QColor:
        most = self.most if np.isfinite(self.most) and self.most > 0 else 1.0
        scale = Scale("signed", -most, most)
        pixel = colourise(np.full((1, 1), self.value), scale, colour_theme(theme))[0, 0]
        return QColor(*(int(part) for part in pixel[:3]))


@dataclass
class Chip(Item):
    """One event: what happened, and what it left.

    Attributes:
        title: what happened.
        left: what it left, in code style.
        role: the colour of its frame in the theme.
        broken: whether the frame is broken: nothing is left.
    """

    title: str = ""
    left: str = ""
    role: str = "line"
    broken: bool = False

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        style = Qt.PenStyle.DashLine if self.broken else Qt.PenStyle.SolidLine
        painter.setPen(QPen(theme.color(self.role), 1, style))
        painter.setBrush(theme.color("surface" if self.broken else "raised"))
        painter.drawRoundedRect(self.rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = self.rect.height() / 2
        inner = self.rect.adjusted(7, 2, -4, -2)
        top = QRectF(inner.left(), inner.top(), inner.width(), half - 2)
        below = QRectF(inner.left(), inner.top() + half - 2, inner.width(), half - 2)
        painter.setPen(theme.color("text"))
        painter.setFont(text_font(8.5, bold=True))
        painter.drawText(top, _LEFT, self.title)
        painter.setPen(theme.color("muted"))
        painter.setFont(code_font(8))
        painter.drawText(below, _LEFT, self.left)

    @staticmethod
    def wide(title: str, left: str) -> float:
        """Return the width that two lines need."""
        return 14 + max(
            QFontMetricsF(text_font(8.5, bold=True)).horizontalAdvance(title),
            QFontMetricsF(code_font(8)).horizontalAdvance(left),
        )
