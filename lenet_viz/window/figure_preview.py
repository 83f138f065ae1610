"""The preview of a figure: a sheet of paper on a desk."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_viz.export.figure import Figure
from lenet_viz.export.files import image_of
from lenet_viz.panels.text import translate

EDGE = 14
"""Logical pixels between the sheet and the edge of the desk."""


class FigurePreview(QWidget):
    """Draws a figure as large as the room allows, at the screen's own resolution."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty desk."""
        super().__init__(parent)
        self.setObjectName("figure_preview")
        self.setAccessibleName(translate("Picture", "Preview"))
        self.setToolTip(translate("Picture", "What the file will show"))
        self.setMinimumSize(360, 300)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._figure: Figure | None = None
        self.image = QImage()

    def sizeHint(self) -> QSize:
        """Return a size at which text of a page can nearly be read."""
        return QSize(660, 540)

    def show_figure(self, figure: Figure) -> None:
        """Show a figure; it belongs to the preview from now on."""
        self.clear()
        self._figure = figure
        self._draw()

    def clear(self) -> None:
        """Let go of the figure."""
        if self._figure is not None:
            self._figure.take_down()
            self._figure = None

    def _draw(self) -> None:
        figure = self._figure
        if figure is None:
            return
        room_x, room_y = self.width() - 2 * EDGE, self.height() - 2 * EDGE
        zoom = min(room_x / figure.width, room_y / figure.height, 1.5)
        ratio = self.devicePixelRatioF()
        self.image = image_of(figure, max(0.02, zoom * ratio))
        self.image.setDevicePixelRatio(ratio)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the figure anew for the new room."""
        super().resizeEvent(event)
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the desk, the sheet's shadow and the sheet."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(128, 132, 142, 70))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        if not self.image.isNull():
            size = self.image.deviceIndependentSize()
            left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            place = QRectF(round(left), round(top), size.width(), size.height())
            painter.fillRect(place.translated(2, 3), QColor(0, 0, 0, 60))
            painter.drawImage(place.topLeft(), self.image)
            painter.setPen(QPen(QColor(0, 0, 0, 60), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
        painter.end()
