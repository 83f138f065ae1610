"""One array as a mosaic of cells in a view that can be zoomed and panned."""

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from lenet_viz.display.colours import colourise, colourise_channels
from lenet_viz.display.mosaic_boxes import Box, boxes
from lenet_viz.panels.cause_marks import Causes, coloured
from lenet_viz.panels.cell_image import CellImage
from lenet_viz.panels.map_box import MapBox
from lenet_viz.panels.map_layout import BARS_UP_TO, Layout, layout
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.mosaic_overlay import MosaicOverlay
from lenet_viz.panels.theme import Theme
from lenet_viz.panels.thumbnail import colour_theme, drawable

Index = tuple[int, ...]

STALE_OPACITY = 0.4


class MosaicPicture(pg.GraphicsView):
    """Draws one `MapSide` as an image of cells; one image item and one overlay, both reused.

    Attributes:
        box: zoom and position.
        image: the cells.
        overlay: what lies over them.
        side: what is drawn; None at first.
        layout_now: where it is drawn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty view."""
        super().__init__(parent)
        self.box = MapBox()
        self.setCentralItem(self.box)
        self.image = CellImage()
        self.box.addItem(self.image, ignoreBounds=True)
        self.overlay = MosaicOverlay(self.box)
        self.side: MapSide | None = None
        self.layout_now: Layout | None = None
        self._rgba: npt.NDArray[np.uint8] | None = None
        self._pixels: npt.NDArray[np.uint8] | None = None
        self._causes: Causes | None = None
        self._structural: npt.NDArray[np.bool_] | None = None
        self._pin: Index | None = None
        self._hover: Index | None = None
        self._fitted = True
        self._wanted: list[list[float]] | None = None
        self.setMinimumSize(80, 80)
        # A ground of one colour is painted as fast as it is kept, and stays a shape on paper.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self.box.sigRangeChanged.connect(lambda *_: self.overlay.update())

    # -- given ---------------------------------------------------------------------------------

    def show_side(
        self,
        side: MapSide,
        theme: Theme,
        structural: npt.NDArray[np.bool_] | None = None,
        causes: Causes | None = None,
    ) -> None:
        """Draw an array; zoom and pan stay where the layout stays the same.

        Args:
            side: it has values of at least one element.
            theme: for the ground, lines and exact zeros.
            structural: (H, W), True where the number is structurally zero; drawn hatched.
            causes: a `Cause` for each exact zero, of the array's shape; None where zeros are
                drawn as zeros.
        """
        assert side.values is not None
        self.side = side
        self._structural = structural
        self.overlay.theme = theme
        self.setBackground(theme.surface)
        real = drawable(side.values)
        if len(side.scales) > 1:
            self._rgba = colourise_channels(real, side.scales, colour_theme(theme))
        else:
            self._rgba = colourise(real, side.scales[0], colour_theme(theme))
        self._causes = causes
        if causes is not None:
            self._rgba = coloured(self._rgba, causes, theme)
        self.image.setOpacity(STALE_OPACITY if side.stale else 1.0)
        self._lay_out()

    def set_marks(self, hover: Index | None, pin: Index | None) -> None:
        """Outline the numbers at two indices of the tensor; None takes an outline away."""
        self._hover, self._pin = hover, pin
        self.overlay.hover = self._cell_of(hover)
        self.overlay.pin = self._cell_of(pin)
        self.overlay.update()

    def set_field(self, marked: npt.NDArray[np.bool_] | None) -> None:
        """Box what is marked, tile by tile; None for nothing.

        Args:
            marked: bool of the drawn array's shape.
        """
        overlay = self.overlay
        found: tuple[Box, ...] = ()
        if marked is not None and overlay.mosaic is not None:
            found = boxes(overlay.mosaic, marked)
        if found != overlay.field:
            overlay.field = found
            overlay.update()

    def fit(self) -> None:
        """Show the whole picture."""
        if self.layout_now is None:
            return
        self._fitted = True
        at = self.layout_now
        left, top = -at.left / at.cell, -at.top / at.cell
        wide, high = self.box.width() / at.cell, self.box.height() / at.cell
        self.box.least_cell = at.cell / 3
        self.box.setRange(
            xRange=(left, left + wide), yRange=(top, top + high), padding=0, disableAutoRange=True
        )

    def follow(self, view_range: list[list[float]]) -> None:
        """Show the range that another view was brought to."""
        self._fitted = False
        self.box.setRange(xRange=view_range[0], yRange=view_range[1], padding=0)

    def keep_range_of(self, other: "MosaicPicture") -> None:
        """Show the part that another view was zoomed to, once this one is laid out."""
        self._wanted = None if other._fitted else other.box.viewRange()
        if self._wanted is not None:
            self.follow(self._wanted)

    def close(self) -> bool:
        """Close the widget as Qt does; pyqtgraph would delete items that Python still holds."""
        return QGraphicsView.close(self)

    # -- places --------------------------------------------------------------------------------

    def index_at(self, x: float, y: float) -> Index | None:
        """Return the tensor's index under a point of the view, in logical pixels."""
        if self.layout_now is None or self.side is None:
            return None
        index = self.layout_now.mosaic.index_at(*self.overlay.cell_at(x, y))
        return None if index is None else (*self.side.prefix, *index)

    def point_of(self, index: Index) -> QPointF:
        """Return the middle of the cell that shows an index of the tensor."""
        cell = self._cell_of(index)
        assert cell is not None
        return self.overlay.cell_rect(*cell).center()

    def neighbour(self, index: Index | None, down: int, right: int) -> Index | None:
        """Return the index of the next cell in a direction, gaps skipped; None at the edge."""
        if self.layout_now is None or self.side is None:
            return None
        mosaic = self.layout_now.mosaic
        cell = self._cell_of(index)
        if cell is None:
            return (*self.side.prefix, *(0 for _ in mosaic.shape))
        y, x = cell[0] + down, cell[1] + right
        while 0 <= y < mosaic.height and 0 <= x < mosaic.width:
            found = mosaic.index_at(y, x)
            if found is not None:
                return (*self.side.prefix, *found)
            y, x = y + down, x + right
        return None

    def channel_of(self, tile: int) -> int | None:
        """Return the channel that a tile belongs to; None where the array has none."""
        if self.layout_now is None or self.side is None or not self.side.has_channels:
            return None
        mosaic = self.layout_now.mosaic
        if mosaic.kind != "maps":
            return None
        return tile // max(1, mosaic.count // mosaic.shape[0])

    # -- inside --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        side, rgba = self.side, self._rgba
        if side is None or side.values is None or rgba is None:
            return
        new = layout(side.values.shape, self.box.width(), self.box.height(), bands=bands_of(side))
        same = self.layout_now is not None and self.layout_now.mosaic == new.mosaic
        self.layout_now = new
        self._pixels = new.mosaic.compose(rgba)
        self.image.show_pixels(self._pixels)
        self._fill_overlay(side, new)
        if self._fitted or not same:
            self.fit()
        self.set_marks(self._hover, self._pin)

    def _fill_overlay(self, side: MapSide, new: Layout) -> None:
        overlay, mosaic = self.overlay, new.mosaic
        assert side.values is not None
        overlay.mosaic, overlay.tags, overlay.colours = mosaic, new.tags, self._pixels
        overlay.values = drawable(side.values)
        zeros = side.values == 0
        dotted = side.scales[0].kind != "grey" and bool(zeros.any())
        overlay.zeros = mosaic.compose(np.asarray(zeros), fill=False) if dotted else None
        overlay.causes = None if self._causes is None else mosaic.compose(self._causes)
        overlay.only = None
        overlay.hatched = None
        overlay.field = ()
        mask = self._structural
        if mask is not None and side.values.shape[-2:] == mask.shape and mosaic.kind != "vector":
            whole = np.ascontiguousarray(np.broadcast_to(mask, side.values.shape))
            overlay.hatched = mosaic.compose(whole, fill=False)

    def _cell_of(self, index: Index | None) -> tuple[int, int] | None:
        if index is None or self.side is None or self.layout_now is None:
            return None
        if not self.side.holds(index):
            return None
        return self.layout_now.mosaic.cell_of(index[len(self.side.prefix) :])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the picture out anew, unless the user has zoomed in."""
        super().resizeEvent(event)
        if getattr(self, "overlay", None) is None:
            return
        if self._fitted:
            self._lay_out()
        elif self._wanted is not None:
            self.follow(self._wanted)
        else:
            self.overlay.update()


def bands_of(side: MapSide) -> int:
    """Return how many bands a flattened array is cut into; 0 for none."""
    if side.values is None or side.values.ndim != 1 or len(side.source_shape) < 2:
        return 0
    return side.source_shape[0]


def aspect_of(side: MapSide) -> float:
    """Return height to width of a picture that is as wide as its column."""
    if side.values is None or not side.values.size:
        return 0.2
    if side.values.ndim < 2 and side.values.size <= BARS_UP_TO:
        return 0.5
    mosaic = layout(side.values.shape, 600, 600, bands=bands_of(side)).mosaic
    return mosaic.height / mosaic.width * 1.04
