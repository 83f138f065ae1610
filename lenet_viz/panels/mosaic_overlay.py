"""Everything that is drawn over a mosaic, in one item: dots, hatching, numbers, tags, outlines."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from lenet_viz.display.colours import takes_black_text
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.mosaic_boxes import Box
from lenet_viz.display.numbers import Number, in_cell
from lenet_viz.explain.zeros import Cause
from lenet_viz.panels.box_outline import outline_box
from lenet_viz.panels.cause_marks import MARKS_FROM, NUMBERS_FROM, Causes, draw_marks
from lenet_viz.panels.map_layout import TAG_HEIGHT, TAG_WIDTH, Tags, tag_words
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font

Cell = tuple[int, int]
Mask = npt.NDArray[np.bool_]

DOT_FROM = 5.0
"""Logical pixels of a cell from which exact zeros carry a dot."""


class MosaicOverlay(QGraphicsItem):
    """What lies over the image, in the view's pixels; only what is visible is drawn.

    Attributes:
        mosaic: where each number stands; None for nothing.
        values: the array, of the mosaic's shape.
        colours: the image that lies below: uint8 RGBA of (height, width, 4).
        zeros: True in cells of exact zeros that are dotted, of (height, width); None for none.
        causes: the `Cause` of each exact zero, 0 in other cells; None where none are drawn.
        only: the one cause whose marks are drawn; None for all.
        hatched: True in cells that cannot matter; None for none.
        tags: where tiles carry their numbers.
        hover: the cell under the pointer.
        pin: the pinned cell.
        field: boxes around cells that something else comes from or leads to.
        focused: whether the keys go to this view.
        theme: for text and lines.
    """

    def __init__(self, box: pg.ViewBox) -> None:
        """Lie over ``box`` and let every click through.

        Args:
            box: the view box; the overlay shares its coordinates, not those of its contents.
        """
        super().__init__(box)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(100)
        self._box = box
        self.mosaic: Mosaic | None = None
        self.values: npt.NDArray[np.generic] | None = None
        self.colours: npt.NDArray[np.uint8] | None = None
        self.zeros: Mask | None = None
        self.causes: Causes | None = None
        self.only: Cause | None = None
        self.hatched: Mask | None = None
        self.tags: Tags = "none"
        self.hover: Cell | None = None
        self.pin: Cell | None = None
        self.field: tuple[Box, ...] = ()
        self.focused = False
        self.theme: Theme = LIGHT
        self._words: tuple[Mosaic | None, list[str]] = (None, [])

    def boundingRect(self) -> QRectF:
        """Return the whole view."""
        return QRectF(self._box.rect())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw what lies over the image."""
        if self.mosaic is None or not self.mosaic.count:
            return
        cell = self.cell_size()
        rows, columns = self.visible_cells()
        if len(rows) and len(columns):
            if self.causes is not None and cell >= MARKS_FROM:
                part = self.causes[rows.start : rows.stop, columns.start : columns.stop]
                if self.hatched is not None:
                    hidden = self.hatched[rows.start : rows.stop, columns.start : columns.stop]
                    part = np.where(hidden, np.int8(0), part)
                first = self.cell_rect(rows.start, columns.start)
                draw_marks(painter, part, first, self.theme, self.only)
            if self.hatched is not None:
                self._draw_hatching(painter, cell, rows, columns)
            if cell >= NUMBERS_FROM:
                self._draw_numbers(painter, cell, rows, columns)
            elif cell >= DOT_FROM and self.zeros is not None and self.causes is None:
                self._draw_dots(painter, cell, rows, columns)
            self._draw_tags(painter, cell)
        for box in self.field:
            outline_box(painter, self.cell_rect(*box), self.theme)
        self._outline(painter, self.hover, 1.0)
        self._outline(painter, self.pin, 2.0)
        if self.focused:
            painter.setPen(QPen(self.theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.boundingRect().adjusted(0.5, 0.5, -0.5, -0.5))

    # -- where things are ----------------------------------------------------------------------

    def cell_size(self) -> float:
        """Return the logical pixels of a cell's side."""
        (left, right), _ = self._box.viewRange()
        return float(self._box.width() / max(right - left, 1e-9))

    def cell_rect(self, y: int, x: int, height: int = 1, width: int = 1) -> QRectF:
        """Return the place of cells in the view."""
        (left, _), (top, _) = self._box.viewRange()
        cell = self.cell_size()
        return QRectF((x - left) * cell, (y - top) * cell, width * cell, height * cell)

    def cell_at(self, x: float, y: float) -> Cell:
        """Return the cell under a point of the view, which may lie outside the mosaic."""
        (left, _), (top, _) = self._box.viewRange()
        cell = self.cell_size()
        return math.floor(top + y / cell), math.floor(left + x / cell)

    def visible_cells(self) -> tuple[range, range]:
        """Return the rows and columns of the mosaic that are on screen."""
        if self.mosaic is None:
            return range(0), range(0)
        (left, right), (top, bottom) = self._box.viewRange()
        return (
            range(max(0, math.floor(top)), min(self.mosaic.height, math.ceil(bottom))),
            range(max(0, math.floor(left)), min(self.mosaic.width, math.ceil(right))),
        )

    def tag_rect(self, tile: int) -> QRectF:
        """Return the place of a tile's tag; empty where tags have no room."""
        mosaic, cell = self.mosaic, self.cell_size()
        if mosaic is None or mosaic.count < 2 or self.tags == "none":
            return QRectF()
        tile_rect = self.cell_rect(*mosaic.tile_rect(tile))
        if self.tags == "left":
            high = min(tile_rect.height() + mosaic.gap * cell, TAG_HEIGHT)
            middle = tile_rect.center().y()
            return QRectF(tile_rect.left() - TAG_WIDTH, middle - high / 2, TAG_WIDTH - 4, high)
        high = min(mosaic.gap * cell, TAG_HEIGHT)
        return QRectF(tile_rect.left(), tile_rect.top() - high, tile_rect.width(), high)

    def tag_at(self, x: float, y: float) -> int | None:
        """Return the tile whose tag is at a point of the view."""
        if self.mosaic is None or self.tags == "none":
            return None
        for tile in range(self.mosaic.count):
            if self.tag_rect(tile).contains(x, y):
                return tile
        return None

    # -- drawing -------------------------------------------------------------------------------

    def _draw_dots(self, painter: QPainter, cell: float, rows: range, columns: range) -> None:
        assert self.zeros is not None
        mask = self.zeros[rows.start : rows.stop, columns.start : columns.stop]
        if self.hatched is not None:
            mask = mask & ~self.hatched[rows.start : rows.stop, columns.start : columns.stop]
        ys, xs = np.nonzero(mask)
        if not len(ys):
            return
        corner = self.cell_rect(rows.start, columns.start)
        # One polygon filled through NumPy: a Python point for each zero would be too slow.
        points = pg.functions.create_qpolygonf(len(ys))
        memory = pg.functions.ndarray_from_qpolygonf(points)
        memory[:, 0] = corner.left() + (xs + 0.5) * cell
        memory[:, 1] = corner.top() + (ys + 0.5) * cell
        color = QColor("#6f6757") if self.theme.name == "light" else QColor("#b3ad9c")
        size = min(max(cell / 7, 1.0), 3.0)
        # Square dots: Qt strokes round ones one by one, thirty times slower.
        painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPoints(points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_hatching(self, painter: QPainter, cell: float, rows: range, columns: range) -> None:
        assert self.hatched is not None
        mask = self.hatched[rows.start : rows.stop, columns.start : columns.stop]
        step = 1 if cell >= 4 else math.ceil(4 / cell)
        lines = []
        color = self.theme.color("hatch")
        veil = QColor(color)
        veil.setAlpha(46)
        corner = self.cell_rect(rows.start, columns.start)
        for row, line in enumerate(mask):
            y = corner.top() + row * cell
            for start, stop in _runs(line):
                x = corner.left() + start * cell
                painter.fillRect(QRectF(x, y, (stop - start) * cell, cell), veil)
                if row % step == 0:
                    lines += [
                        QLineF(x + at * cell, y + cell * step, x + (at + step) * cell, y)
                        for at in range(0, stop - start, step)
                    ]
        painter.setPen(QPen(color, 1.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_numbers(self, painter: QPainter, cell: float, rows: range, columns: range) -> None:
        assert self.mosaic is not None
        assert self.values is not None
        assert self.colours is not None
        font = code_font(8.0 if cell < 52 else 9.0)
        painter.setFont(font)
        width = int((cell - (3 if cell < 52 else 7)) / QFontMetricsF(font).horizontalAdvance("0"))
        part = self.colours[rows.start : rows.stop, columns.start : columns.stop]
        black = takes_black_text(part)
        pens = (QColor("#ffffff"), QColor("#000000"))
        flags = int(Qt.AlignmentFlag.AlignCenter)
        real = self.values
        for y in rows:
            for x in columns:
                index = self.mosaic.index_at(y, x)
                if index is None:
                    continue
                painter.setPen(pens[int(black[y - rows.start, x - columns.start])])
                painter.drawText(self.cell_rect(y, x), flags, _cell_text(real[index], width))

    def _draw_tags(self, painter: QPainter, cell: float) -> None:
        mosaic = self.mosaic
        if mosaic is None or mosaic.count < 2 or self.tags == "none":
            return
        first = self.tag_rect(0)
        if first.height() < 8 or first.width() < 9:
            return
        if self._words[0] is not mosaic:
            self._words = (mosaic, tag_words(mosaic))
        painter.setFont(_tag_font(first.height()))
        painter.setPen(self.theme.color("muted"))
        side = Qt.AlignmentFlag.AlignRight if self.tags == "left" else Qt.AlignmentFlag.AlignLeft
        flags = int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip)
        view = self.boundingRect()
        for tile, word in enumerate(self._words[1]):
            rect = self.tag_rect(tile)
            if rect.intersects(view):
                painter.drawText(rect, flags, word)

    def _outline(self, painter: QPainter, cell: Cell | None, thick: float) -> None:
        if cell is None or self.mosaic is None:
            return
        rect = self.cell_rect(*cell)
        grow = max(0.0, 6 - rect.width()) / 2
        rect = rect.adjusted(-grow, -grow, grow, grow)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Black with white around it is seen on every colour of the map.
        painter.setPen(_sharp(QColor("#ffffff"), thick + 2))
        painter.drawRect(rect)
        painter.setPen(_sharp(QColor("#000000"), thick))
        painter.drawRect(rect)


@lru_cache(maxsize=16_384, typed=True)
def _cell_text(value: Number, width: int) -> str:
    """Return `in_cell`, kept: panning would ask for the same texts again and again."""
    return in_cell(value, width)


def _sharp(color: QColor, width: float) -> QPen:
    return QPen(
        color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin
    )


def _tag_font(height: float) -> QFont:
    return text_font(min(8.5, max(6.0, height * 0.58)), bold=True)


def _runs(line: Mask) -> list[tuple[int, int]]:
    """Return (start, stop) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
