"""The image of a mosaic's cells: pyqtgraph's on the screen, sharp squares on paper."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from lenet_viz.panels.crisp import draw_crisp, stays_lines
from lenet_viz.panels.thumbnail import as_image


class CellImage(pg.ImageItem):
    """One pixel for each number, in the view's coordinates of one unit for each number."""

    def __init__(self) -> None:
        """Make an empty image."""
        super().__init__(axisOrder="row-major")
        self._pixels: npt.NDArray[np.uint8] | None = None

    def show_pixels(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Show pixels.

        Args:
            pixels: uint8 RGBA of shape (height, width, 4); kept, not copied.
        """
        self._pixels = pixels
        self.setImage(pixels, autoLevels=False)

    def paint(self, painter: QPainter, *args: Any) -> None:
        """Draw the cells; on paper only those in view, which nothing else would cut off there."""
        if not stays_lines(painter) or self._pixels is None:
            super().paint(painter, *args)
            return
        height, width = self._pixels.shape[:2]
        view = self.getViewBox().viewRect().intersected(QRectF(0, 0, width, height))
        if view.isEmpty():
            return
        left, top = int(view.left()), int(view.top())
        right = min(width, math.ceil(view.right()))
        bottom = min(height, math.ceil(view.bottom()))
        part = as_image(self._pixels[top:bottom, left:right])
        size = self.mapRectToDevice(QRectF(0, 0, 1, 1))
        cell = 1.0 if size is None else max(1e-6, abs(size.width()))
        draw_crisp(painter, QRectF(left, top, right - left, bottom - top), part, cell)
