"""A small picture of an array: sharp cells, axis numbers, hatching, the cell under the pointer."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lenet_viz.display.mosaic_boxes import Box, boxes
from lenet_viz.display.scale import Scale
from lenet_viz.explain.zeros import Cause
from lenet_viz.panels.box_outline import outline_box
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.cause_marks import MARKS_FROM, Causes, draw_marks
from lenet_viz.panels.cells import draw_cells
from lenet_viz.panels.hatching import Mask, hatch
from lenet_viz.panels.theme import LIGHT, Theme, code_font
from lenet_viz.panels.thumbnail import thumbnail
from lenet_viz.panels.tile_numbers import AXIS_FONT, number_tiles


class PictureView(QWidget):
    """An array as a picture; the pointer reads its numbers.

    Attributes:
        hovered: emitted with the index under the pointer (a tuple), or None when it leaves.
        clicked: emitted with the index that was clicked.
        turned: emitted with the index under the pointer and how many notches the wheel was turned
            with Ctrl held, up counting positive.
        whole_pixels: whether a cell's side is a whole number of logical pixels, where it can be.
    """

    hovered = Signal(object)
    clicked = Signal(object)
    turned = Signal(object, int)

    def __init__(
        self,
        name: str,
        parent: QWidget | None = None,
        *,
        axes: bool = False,
        largest_cell: int = 24,
    ) -> None:
        """Make an empty picture.

        Args:
            name: the object name.
            parent: the widget it belongs to.
            axes: number the rows and columns of tiles (kernels) along the edges.
            largest_cell: the most logical pixels one number may fill.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._axes = axes
        self._field: tuple[Box, ...] = ()
        self._largest = largest_cell
        self._tallest = 420
        self.whole_pixels = True
        self._picture: Picture | None = None
        self._image = QImage()
        self._mask: Mask | None = None
        self._causes: Causes | None = None
        self._only: Cause | None = None
        self._words = ""
        self._reader: Callable[[tuple[int, ...]], str] | None = None
        self._index: tuple[int, ...] | None = None
        self._marked: tuple[int, ...] | None = None
        self._place = QRectF()
        self._faded = False
        self.theme: Theme = LIGHT

    def set_tallest(self, pixels: int) -> None:
        """Limit the picture's height to so many logical pixels."""
        self._tallest = pixels
        self._resize()

    def show_picture(
        self,
        picture: Picture | None,
        words: str = "",
        *,
        faded: bool = False,
        causes: Causes | None = None,
    ) -> None:
        """Show an array, or a sentence where there is none.

        Args:
            picture: what to draw; None for nothing.
            words: the sentence that stands where there is no picture.
            faded: whether it is older than the present settings.
            causes: why exact zeros are zero, of the array's shape; None where that is not drawn.
        """
        self._picture = picture
        self._causes = causes
        self._words = words
        self._faded = faded
        self._index = None
        self._image = (
            QImage()
            if picture is None
            else thumbnail(picture.values, picture.mosaic, picture.scale, self.theme, causes)
        )
        self._resize()
        self.update()

    def read_with(self, reader: Callable[[tuple[int, ...]], str]) -> None:
        """Show what ``reader`` says of the number under the pointer beside the pointer."""
        self._reader = reader

    def set_mask(self, mask: Mask | None) -> None:
        """Hatch the cells where ``mask`` is True (bool, H × W: the array's last two axes)."""
        self._mask = mask
        self.update()

    def look_at(self, cause: Cause | None) -> None:
        """Draw the marks of one cause alone; None for all."""
        self._only = cause
        self.update()

    def set_field(self, marked: Mask | None) -> None:
        """Box what is marked, tile by tile; None for nothing.

        Args:
            marked: bool, as many elements as the picture has.
        """
        shown = None if marked is None or self._picture is None else self._picture.mosaic
        found = () if shown is None or marked is None else boxes(shown, marked)
        if found != self._field:
            self._field = found
            self.update()

    def mark(self, index: tuple[int, ...] | None) -> None:
        """Outline a cell, as its partner picture is being pointed at."""
        if index != self._marked:
            self._marked = index
            self.update()

    @property
    def scale(self) -> Scale | None:
        """What the colours mean; None where there is no picture."""
        return None if self._picture is None else self._picture.scale

    @property
    def cell_size(self) -> float:
        """Logical pixels of one cell as painted; below 1 where the picture is shrunk."""
        return self._place.width() / max(1, self._image.width())

    def _margins(self) -> tuple[float, float]:
        if not self._axes or self._picture is None:
            return 0.0, 0.0
        metrics = QFontMetricsF(code_font(AXIS_FONT))
        return metrics.horizontalAdvance("000"), metrics.height() + 1

    def _fit(self) -> QRectF:
        """Return where the cells are to stand."""
        if self._image.isNull():
            return QRectF()
        left, top = self._margins()
        width = max(1.0, self.width() - left)
        factor = min(width / self._image.width(), (self._tallest - top) / self._image.height())
        factor = min(float(self._largest), factor)
        if factor >= 1 and self.whole_pixels:
            factor = float(int(factor))
        size = (self._image.width() * factor, self._image.height() * factor)
        return QRectF(left, top, *size)

    def _resize(self) -> None:
        self._place = self._fit()
        height = 34 if self._image.isNull() else int(self._place.bottom()) + 2
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """Return a size that shows cells of a few pixels."""
        return QSize(140, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cells to the new width."""
        super().resizeEvent(event)
        self._resize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells, the axis numbers, the hatching and the outline."""
        del event
        painter = QPainter(self)
        if self._picture is None or self._image.isNull():
            painter.setPen(self.theme.color("muted"))
            flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), int(flags), self._words)
            painter.end()
            return
        if self._faded:
            painter.setOpacity(0.35)
        # Filled: axis numbers and hatching stand where the cells are at any scale.
        draw_cells(painter, self._place, self._image, fill=True)
        painter.setOpacity(1.0)
        mosaic, cell = self._picture.mosaic, self.cell_size
        if self._axes:
            number_tiles(painter, mosaic, self._place, self.theme)
        if self._causes is not None and cell >= MARKS_FROM:
            first = QRectF(self._place.topLeft(), QSizeF(cell, cell))
            draw_marks(painter, mosaic.compose(self._causes), first, self.theme, self._only)
        if self._mask is not None and self._mask.shape == mosaic.shape[-2:]:
            cells = mosaic.compose(np.broadcast_to(self._mask, mosaic.shape))
            hatch(painter, self._place, cells, self.theme)
        for y, x, height, width in self._field:
            corner = self._place.topLeft() + QPointF(x, y) * cell
            outline_box(painter, QRectF(corner, QSizeF(width, height) * cell), self.theme)
        for index in (self._marked, self._index):
            if index is not None:
                self._outline(painter, index)
        painter.end()

    def _outline(self, painter: QPainter, index: tuple[int, ...]) -> None:
        assert self._picture is not None
        y, x = self._picture.mosaic.cell_of(index)
        cell = self.cell_size
        place = QRectF(self._place.left() + x * cell, self._place.top() + y * cell, cell, cell)
        grown = place.adjusted(-1.5, -1.5, 1.5, 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("surface"), 3))
        painter.drawRect(grown)
        painter.setPen(QPen(self.theme.color("text"), 1.5))
        painter.drawRect(grown)

    def index_at(self, position: QPointF) -> tuple[int, ...] | None:
        """Return the index of the number under a point; None beside the cells."""
        if self._picture is None or not self._place.contains(position) or self.cell_size <= 0:
            return None
        y = int((position.y() - self._place.top()) / self.cell_size)
        x = int((position.x() - self._place.left()) / self.cell_size)
        return self._picture.mosaic.index_at(y, x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which number is under the pointer."""
        index = self.index_at(event.position())
        if index != self._index:
            self._index = index
            self.hovered.emit(index)
            self.update()
            if self._reader is not None:
                words = "" if index is None else self._reader(index)
                QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say which number was clicked."""
        index = self.index_at(event.position())
        if index is not None:
            self.clicked.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Say that the number under the pointer is to change; without Ctrl, let it scroll."""
        index = self.index_at(event.position())
        notches = event.angleDelta().y() // 120
        if event.modifiers() != Qt.KeyboardModifier.ControlModifier or index is None:
            event.ignore()
        elif notches:
            self.turned.emit(index, notches)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that no number is under the pointer."""
        del event
        if self._index is not None:
            self._index = None
            self.hovered.emit(None)
            self.update()
