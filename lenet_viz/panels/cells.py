"""Images of one pixel for each number, drawn as squares."""

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QPixmapCache

from lenet_viz.panels.crisp import draw_crisp, stays_lines


def draw_cells(painter: QPainter, area: QRectF, image: QImage, *, fill: bool = False) -> QRectF:
    """Draw an image of one pixel per number into ``area`` and return where it stands.

    Numbers stay squares: scaled by a whole number of device pixels where the area is large
    enough, smoothly shrunk where it is not.

    Args:
        painter: where to draw.
        area: where it may stand; it starts at the top left.
        image: one pixel for each number.
        fill: fill the area as far as the proportions allow: squares of whole device pixels are
            shrunk to fit, so that their edges are soft but their sizes equal.
    """
    # Not the device's own ratio: a widget that is rendered into an image knows only its screen's.
    ratio = painter.deviceTransform().m11()
    wide, high = image.width() / ratio, image.height() / ratio
    factor = min(area.width() / wide, area.height() / high)
    if factor >= 1 and not fill:
        factor = float(int(factor))
    whole = factor == int(factor)
    place = QRectF(area.left(), area.top(), wide * factor, high * factor)
    if stays_lines(painter):
        draw_crisp(painter, place, image)
        return place
    painter.save()
    if whole:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, image)
    else:
        small = _resampled(image, place.size() * ratio, factor)
        at = (round(place.left()), round(place.top()))
        target = QRectF(*at, small.width() / ratio, small.height() / ratio)
        painter.drawPixmap(target, small, QRectF(small.rect()))
    painter.restore()
    return place


def _resampled(image: QImage, size: QSizeF, factor: float) -> QPixmap:
    """Return an image at a size, first enlarged to whole squares where it grows.

    Qt keeps the last ones: a large matrix is not shrunk again each time it is painted.
    """
    key = f"cells:{image.cacheKey()}:{size.width():.2f}:{size.height():.2f}"
    known = QPixmap()
    if QPixmapCache.find(key, known):
        return known
    keep = Qt.AspectRatioMode.IgnoreAspectRatio
    if factor > 1:
        whole = int(factor) + 1
        image = image.scaled(image.width() * whole, image.height() * whole, keep)
    small = QPixmap.fromImage(
        image.scaled(
            max(1, round(size.width())),
            max(1, round(size.height())),
            keep,
            Qt.TransformationMode.SmoothTransformation,
        )
    )
    QPixmapCache.insert(key, small)
    return small
