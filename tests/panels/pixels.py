"""What a widget paints, and a pointer over it."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

Pixels = npt.NDArray[np.uint8]


def painted(widget: QWidget, ratio: int = 1) -> Pixels:
    """RGBA of shape (height · ratio, width · ratio, 4) on a black ground."""
    image = QImage(widget.width() * ratio, widget.height() * ratio, QImage.Format.Format_RGBA8888)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.black)
    widget.render(image, QPoint(0, 0))
    return pixels(image)


def drawn(widget: QWidget, scale: float) -> QImage:
    """A widget drawn by a painter that is scaled, as a figure draws it."""
    size = QSize(round(widget.width() * scale), round(widget.height() * scale))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.scale(scale, scale)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return image


def pixels(image: QImage) -> Pixels:
    """An image as RGBA of shape (height, width, 4)."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    row = image.bytesPerLine()
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), row)
    return flat[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def send_mouse(widget: QWidget, kind: QEvent.Type, at: QPointF) -> None:
    """Let the pointer move to a point of the widget, or press there."""
    pressed = kind == QEvent.Type.MouseButtonPress
    button = Qt.MouseButton.LeftButton if pressed else Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind, at, widget.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def move(widget: QWidget, at: QPointF) -> None:
    send_mouse(widget, QEvent.Type.MouseMove, at)


def press(widget: QWidget, at: QPointF) -> None:
    send_mouse(widget, QEvent.Type.MouseButtonPress, at)


class Heard:
    """Every signal that a widget's own class emits, in order."""

    def __init__(self, widget: QWidget) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.names = [
            name
            for kind in type(widget).__mro__
            if kind.__module__.startswith("lenet_viz")
            for name, found in vars(kind).items()
            if isinstance(found, Signal)
        ]
        for name in self.names:
            getattr(widget, name).connect(self._hear(name))

    def _hear(self, name: str) -> Any:
        return lambda *values: self.calls.append((name, values))

    def take(self) -> list[tuple[str, tuple[Any, ...]]]:
        """What was heard since the last time."""
        calls, self.calls = self.calls, []
        return calls
