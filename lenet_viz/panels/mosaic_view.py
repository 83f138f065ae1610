"""One array as a mosaic of cells that can be zoomed, panned, pointed at and walked through."""

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from lenet_viz.display.colours import colourise, colourise_channels
from lenet_viz.panels.map_box import MapBox
from lenet_viz.panels.map_content import Side2D
from lenet_viz.panels.map_layout import Layout, layout
from lenet_viz.panels.mosaic_overlay import MosaicOverlay
from lenet_viz.panels.theme import Theme
from lenet_viz.panels.thumbnail import colour_theme, drawable

Index = tuple[int, ...]

ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
BY_KEY = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)
"""Ways to get the focus after which a frame shows where it is."""
STALE_OPACITY = 0.4


class MosaicView(pg.GraphicsView):
    """Shows one `Side2D` as an image of cells; one image item and one overlay, both reused.

    Signals carry what the user did: ``hovered`` and ``clicked`` an index of the tensor (the
    first also None), ``channel_clicked`` a channel, ``ranged`` the range after a zoom or pan,
    ``left`` the Escape key.
    """

    hovered = Signal(object)
    clicked = Signal(object)
    channel_clicked = Signal(object)
    ranged = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty view."""
        super().__init__(parent)
        self.box = MapBox()
        self.setCentralItem(self.box)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.box.addItem(self.image, ignoreBounds=True)
        self.overlay = MosaicOverlay(self.box)
        self.side: Side2D | None = None
        self.layout_now: Layout | None = None
        self._rgba: npt.NDArray[np.uint8] | None = None
        self._pixels: npt.NDArray[np.uint8] | None = None
        self._structural: npt.NDArray[np.bool_] | None = None
        self._pin: Index | None = None
        self._hover: Index | None = None
        self._fitted = True
        self.setMinimumSize(80, 80)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self.box.clicked.connect(self._click)
        self.box.sigRangeChanged.connect(lambda *_: self.overlay.update())
        self.box.sigRangeChangedManually.connect(self._ranged)

    # -- given ---------------------------------------------------------------------------------

    def show_side(
        self, side: Side2D, theme: Theme, structural: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Draw an array; zoom and pan stay where the layout stays the same.

        Args:
            side: it has values of at least one element.
            theme: for the ground, lines and exact zeros.
            structural: (H, W), True where the number is structurally zero; drawn hatched.
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
        self.image.setOpacity(STALE_OPACITY if side.stale else 1.0)
        self._lay_out()

    def set_marks(self, hover: Index | None, pin: Index | None) -> None:
        """Outline the numbers at two indices of the tensor; None takes an outline away."""
        self._hover, self._pin = hover, pin
        self.overlay.hover = self._cell_of(hover)
        self.overlay.pin = self._cell_of(pin)
        self.overlay.update()

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
        new = layout(side.values.shape, self.box.width(), self.box.height(), bands=_bands(side))
        same = self.layout_now is not None and self.layout_now.mosaic == new.mosaic
        self.layout_now = new
        self._pixels = new.mosaic.compose(rgba)
        self.image.setImage(self._pixels, autoLevels=False)
        self._fill_overlay(side, new)
        if self._fitted or not same:
            self.fit()
        self.set_marks(self._hover, self._pin)

    def _fill_overlay(self, side: Side2D, new: Layout) -> None:
        overlay, mosaic = self.overlay, new.mosaic
        assert side.values is not None
        overlay.mosaic, overlay.tags, overlay.colours = mosaic, new.tags, self._pixels
        overlay.values = drawable(side.values)
        zeros = side.values == 0
        dotted = side.scales[0].kind != "grey" and bool(zeros.any())
        overlay.zeros = mosaic.compose(np.asarray(zeros), fill=False) if dotted else None
        overlay.hatched = None
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

    # -- what the user does --------------------------------------------------------------------

    def _click(self, at: QPointF, double: bool) -> None:
        tag = self.overlay.tag_at(at.x(), at.y())
        tile = tag
        if double and tile is None and self.layout_now is not None:
            tile = self.layout_now.mosaic.tile_at(*self.overlay.cell_at(at.x(), at.y()))
        channel = None if tile is None else self.channel_of(tile)
        if channel is not None and (double or tag is not None):
            self.channel_clicked.emit(channel)
        elif double:
            self._fit_and_tell()
        else:
            index = self.index_at(at.x(), at.y())
            if index is not None:
                self.clicked.emit(index)

    def _fit_and_tell(self) -> None:
        self.fit()
        self.ranged.emit(None)

    def _ranged(self, *_: object) -> None:
        self._fitted = False
        self.ranged.emit(self.box.viewRange())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag; the widgets below have no part in it."""
        super().mousePressEvent(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click or a drag."""
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Begin a double click."""
        super().mouseDoubleClickEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which number is under the pointer."""
        super().mouseMoveEvent(event)
        at = event.position()
        index = None if event.buttons() else self.index_at(at.x(), at.y())
        if index != self._hover:
            self.hovered.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that no number is under the pointer."""
        super().leaveEvent(event)
        if self._hover is not None:
            self.hovered.emit(None)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that this view uses from the window's short cuts."""
        wanted = event.type() == QEvent.Type.ShortcutOverride
        if wanted and isinstance(event, QKeyEvent) and self._uses(event):
            event.accept()
            return True
        return bool(super().event(event))

    def _uses(self, event: QKeyEvent) -> bool:
        if event.key() in ARROWS:
            alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            return alt or self._pin is not None
        if event.key() == Qt.Key.Key_Escape:
            return self._pin is not None or (self.side is not None and self.side.zoomed)
        return event.key() == Qt.Key.Key_0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pin with the arrow keys; 0 fits; Escape takes the pin or the zoom away."""
        if not self._uses(event):
            event.ignore()
            return
        if event.key() in ARROWS:
            index = self.neighbour(self._pin, *ARROWS[Qt.Key(event.key())])
            if index is not None:
                self._reveal(index)
                self.clicked.emit(index)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            self._fit_and_tell()
        event.accept()

    def _reveal(self, index: Index) -> None:
        """Pan so that a number is on screen."""
        at = self.point_of(index)
        size = self.overlay.cell_size()
        (left, right), (top, bottom) = self.box.viewRange()
        x = min(0.0, at.x() - size / 2) + max(0.0, at.x() + size / 2 - self.box.width())
        y = min(0.0, at.y() - size / 2) + max(0.0, at.y() + size / 2 - self.box.height())
        if x or y:
            dx, dy = x / size, y / size
            self.box.setRange(
                xRange=(left + dx, right + dx), yRange=(top + dy, bottom + dy), padding=0
            )
            self._ranged()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go here, where they came by key."""
        super().focusInEvent(event)
        self.overlay.focused = event.reason() in BY_KEY
        self.overlay.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys no longer go here."""
        super().focusOutEvent(event)
        self.overlay.focused = False
        self.overlay.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the picture out anew, unless the user has zoomed in."""
        super().resizeEvent(event)
        if getattr(self, "overlay", None) is None:
            return
        if self._fitted:
            self._lay_out()
        else:
            self.overlay.update()


def _bands(side: Side2D) -> int:
    """Return how many bands a flattened array is cut into; 0 for none."""
    if side.values is None or side.values.ndim != 1 or len(side.source_shape) < 2:
        return 0
    return side.source_shape[0]
