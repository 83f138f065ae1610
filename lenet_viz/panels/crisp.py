"""Pictures of numbers on paper: squares that every viewer shows with sharp edges."""

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPaintEngine, QPainter

DOTS = 8
"""Pixels that a cell's side gets on paper: what a viewer blurs at its edge is then unseen."""
LARGEST = 4_000_000
"""Pixels of one picture on paper; more are shrunk to `FINE` for each logical pixel."""
FINE = 4.0


def stays_lines(painter: QPainter) -> bool:
    """Return whether what is painted stays lines, letters and pictures, as in SVG and PDF."""
    engine = painter.paintEngine()
    return engine is not None and engine.type() in {
        QPaintEngine.Type.SVG,
        QPaintEngine.Type.Pdf,
        QPaintEngine.Type.Picture,
    }


def crisp(image: QImage, width: float, height: float) -> QImage:
    """Return an image of numbers at a resolution that stays sharp in a file.

    Viewers smooth small pictures when they enlarge them. One that has been enlarged by a whole
    number before, nearest neighbour, keeps its squares.

    Args:
        image: one pixel for each number.
        width: that it gets on the page in logical pixels.
        height: that it gets in logical pixels.
    """
    if image.isNull():
        return image
    factor = max(1, min(DOTS, math.isqrt(LARGEST // max(1, image.width() * image.height()))))
    ignore, fast = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation
    if image.width() * image.height() <= LARGEST:
        return image.scaled(image.width() * factor, image.height() * factor, ignore, fast)
    fine = (max(1, round(width * FINE)), max(1, round(height * FINE)))
    return image.scaled(*fine, ignore, Qt.TransformationMode.SmoothTransformation)


def draw_crisp(painter: QPainter, place: QRectF, image: QImage, unit: float = 1.0) -> None:
    """Draw an image of numbers on paper, its squares sharp.

    Args:
        painter: draws on paper.
        place: where the whole image stands.
        image: one pixel for each number.
        unit: logical pixels of one unit of ``place``.
    """
    shown = crisp(image, place.width() * unit, place.height() * unit)
    if painter.opacity() < 1:
        # The SVG engine knows no opacity of pictures: it goes into their pixels.
        shown = _faded(shown, painter.opacity())
        painter.save()
        painter.setOpacity(1)
        painter.drawImage(place, shown)
        painter.restore()
    else:
        painter.drawImage(place, shown)


def _faded(image: QImage, opacity: float) -> QImage:
    faded = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    faded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(faded)
    painter.setOpacity(opacity)
    painter.drawImage(0, 0, image)
    painter.end()
    return faded
