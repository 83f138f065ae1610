"""The view box of a map: what the mouse does to zoom and position."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QGraphicsSceneWheelEvent

_LARGEST_ZOOM = 160.0
"""Logical pixels of a cell beyond which the wheel does not zoom in."""


class MapBox(pg.ViewBox):
    """A view box whose left button pans and clicks, and whose wheel stays within reason.

    ``clicked`` carries the place in the box and whether it was a double click.

    Attributes:
        least_cell: logical pixels of a cell below which the wheel does not zoom out.
    """

    clicked = Signal(QPointF, bool)

    def __init__(self) -> None:
        """Make a box whose rows run downwards and whose cells are square."""
        super().__init__(enableMenu=False, invertY=True, lockAspect=True, defaultPadding=0.0)
        self.least_cell = 0.01

    def mouseClickEvent(self, event: Any) -> None:
        """Pass on a click or double click of the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.clicked.emit(QPointF(event.pos()), bool(event.double()))

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Pan; the right button, which would zoom, does nothing."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            super().mouseDragEvent(event, axis)
        else:
            event.ignore()

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        """Zoom about the pointer, until cells are too large or too small to be of use."""
        (left, right), _ = self.viewRange()
        cell = self.width() / max(right - left, 1e-9)
        closer = event.delta() > 0
        if (closer and cell >= _LARGEST_ZOOM) or (not closer and cell <= self.least_cell):
            event.accept()
            return
        super().wheelEvent(event, axis)
