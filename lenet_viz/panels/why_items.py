"""The pieces that the Why panel is painted from: text, links, grids of numbers, small maps."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from lenet_viz.capture.address import Address
from lenet_viz.capture.arrays import Array
from lenet_viz.display import colours, numbers
from lenet_viz.display.scale import Scale
from lenet_viz.explain.terms import Numbers
from lenet_viz.panels.cells import draw_cells
from lenet_viz.panels.hatching import hatch
from lenet_viz.panels.theme import Theme, code_font
from lenet_viz.panels.thumbnail import as_image, colour_theme, drawable

CELL_WIDTH = 50.0
CELL_HEIGHT = 21.0


@dataclass(frozen=True)
class Hit:
    """A place that can be clicked.

    Attributes:
        rect: where.
        act: what happens.
        tip: what is said of it.
        address: the number that it stands for; None for none.
    """

    rect: QRectF
    act: Callable[[], None]
    tip: str = ""
    address: Address | None = None


@dataclass
class Item:
    """Something at a place; subclasses paint it.

    Attributes:
        rect: its place.
        hits: what can be clicked in it.
    """

    rect: QRectF
    hits: list[Hit] = field(default_factory=list)

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        raise NotImplementedError


@dataclass
class Ground(Item):
    """A rounded ground behind others.

    Attributes:
        role: its colour in the theme.
        outline: colour of its frame; "" for none.
    """

    role: str = "raised"
    outline: str = ""

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        painter.setPen(QPen(theme.color(self.outline), 1) if self.outline else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self.role))
        painter.drawRoundedRect(self.rect, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)


@dataclass
class Text(Item):
    """Words, wrapped where they are long.

    Attributes:
        text: the words.
        font: their font.
        role: their colour in the theme.
        flags: how they stand in their place.
    """

    text: str = ""
    font: QFont = field(default_factory=code_font)
    role: str = "text"
    flags: int = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        painter.setFont(self.font)
        painter.setPen(theme.color(self.role))
        painter.drawText(self.rect, self.flags | int(Qt.TextFlag.TextWordWrap), self.text)


@dataclass
class Grid(Item):
    """Numbers in cells, coloured by sign and size; up to two axes.

    Attributes:
        values: float64 (rows, columns).
        scale: what the colours stand for.
        written: whether there is room for the numbers.
        marked: the cell that is framed; None for none.
        padding: True in cells that are padding.
    """

    values: Numbers = field(default_factory=lambda: np.zeros((1, 1)))
    scale: Scale = field(default_factory=lambda: Scale("signed", -1.0, 1.0))
    written: bool = True
    marked: tuple[int, int] | None = None
    padding: "np.ndarray | None" = None

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        rows, columns = self.values.shape
        wide, high = self.rect.width() / columns, self.rect.height() / rows
        pixels = colours.colourise(self.values, self.scale, colour_theme(theme))
        if not self.written:
            draw_cells(painter, self.rect, as_image(pixels), fill=True)
            return
        font = code_font(8)
        painter.setFont(font)
        letters = max(1, int((wide - 3) / QFontMetricsF(font).horizontalAdvance("0")))
        for row, column in np.ndindex(rows, columns):
            cell = QRectF(
                self.rect.left() + column * wide, self.rect.top() + row * high, wide, high
            )
            inner = cell.adjusted(0.5, 0.5, -0.5, -0.5)
            red, green, blue = (int(part) for part in pixels[row, column][:3])
            ground = QColor(red, green, blue)
            padded = self.padding is not None and bool(self.padding[row, column])
            painter.fillRect(inner, theme.color("raised") if padded else ground)
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140
            ink = QColor("#ffffff") if dark else QColor("#1d2433")
            painter.setPen(theme.color("muted") if padded else ink)
            text = (
                "·"
                if padded
                else numbers.in_cell(np.float32(self.values[row, column]), min(8, letters))
            )
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
            if self.marked == (row, column):
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.drawRect(inner)


@dataclass
class SmallMap(Item):
    """One channel as a picture, some of its cells framed.

    Attributes:
        values: (rows, columns) of any real type.
        scale: what the colours stand for.
        frame: (top, left, rows, columns) that is framed; None for none.
        reached: so many elements, in reading order, are shown; the others are still to come.
            None shows all.
    """

    values: Array = field(default_factory=lambda: np.zeros((1, 1)))
    scale: Scale = field(default_factory=lambda: Scale("signed", -1.0, 1.0))
    frame: tuple[int, int, int, int] | None = None
    reached: int | None = None

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        pixels = colours.colourise(drawable(self.values), self.scale, colour_theme(theme))
        coming = None
        if self.reached is not None:
            coming = np.arange(self.values.size).reshape(self.values.shape) >= self.reached
            ground = theme.color("raised")
            pixels = pixels.copy()
            pixels[coming, :3] = (ground.red(), ground.green(), ground.blue())
        place = draw_cells(painter, self.rect, as_image(pixels), fill=True)
        if coming is not None:
            hatch(painter, place, coming, theme, "line")
        if self.frame is None:
            return
        top, left, high, wide = self.frame
        cell_h = place.height() / self.values.shape[0]
        cell_w = place.width() / self.values.shape[1]
        rect = QRectF(
            place.left() + left * cell_w, place.top() + top * cell_h, wide * cell_w, high * cell_h
        )
        grown = rect.adjusted(-1.5, -1.5, 1.5, 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("#ffffff"), 4))
        painter.drawRect(grown)
        painter.setPen(QPen(QColor("#111827"), 2))
        painter.drawRect(grown)


@dataclass
class Sign(Item):
    """A sign between two pictures: ×, =, *."""

    text: str = "="

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        painter.setFont(code_font(13, bold=True))
        painter.setPen(theme.color("muted"))
        painter.drawText(self.rect, Qt.AlignmentFlag.AlignCenter, self.text)


@dataclass
class Arrow(Item):
    """The triangle before a row that unfolds.

    Attributes:
        open: whether it points down.
    """

    open: bool = False

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        middle = self.rect.center()
        points = (
            [QPointF(-4, -2), QPointF(4, -2), QPointF(0, 4)]
            if self.open
            else [QPointF(-2, -4), QPointF(4, 0), QPointF(-2, 4)]
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("muted"))
        painter.drawPolygon([middle + point for point in points])
        painter.setBrush(Qt.BrushStyle.NoBrush)
