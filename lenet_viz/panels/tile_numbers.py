"""The numbers of rows and columns along the edges of a picture."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from lenet_viz.display.mosaic import Mosaic
from lenet_viz.panels.theme import Theme, code_font

AXIS_FONT = 7.0


def number_tiles(painter: QPainter, mosaic: Mosaic, place: QRectF, theme: Theme) -> None:
    """Number the rows and columns of tiles, as many as fit.

    Args:
        painter: where to draw.
        mosaic: what stands where.
        place: where its cells are; the numbers stand above and to the left.
        theme: the colours.
    """
    # A matrix is one tile: its own rows and columns are numbered.
    one = mosaic.kind == "matrix"
    tile_height, tile_width = (1, 1) if one else (mosaic.tile_height, mosaic.tile_width)
    rows, columns = (mosaic.height, mosaic.width) if one else (mosaic.rows, mosaic.columns)
    painter.setFont(code_font(AXIS_FONT))
    painter.setPen(theme.color("muted"))
    cell = place.width() / max(1, mosaic.width)
    metrics = QFontMetricsF(painter.font())
    pitch = (tile_width + mosaic.gap) * cell
    every = _every(metrics.horizontalAdvance(str(columns)) + 6, pitch)
    for column in range(0, columns, every):
        center = place.left() + column * pitch + tile_width * cell / 2
        box = QRectF(center - 20, 0, 40, place.top())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(column))
    pitch = (tile_height + mosaic.gap) * cell
    every = _every(metrics.height(), pitch)
    for row in range(0, rows, every):
        center = place.top() + row * pitch + tile_height * cell / 2
        box = QRectF(0, center - 10, place.left() - 4, 20)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(flags), str(row))


def _every(needed: float, pitch: float) -> int:
    """Return that each n-th label fits: 1, 2, 5, 10, ..."""
    for every in (1, 2, 4, 5, 8, 10, 20, 50, 100, 200, 500, 1000):
        if pitch * every >= needed:
            return every
    return 2000
