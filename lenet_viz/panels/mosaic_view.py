"""A mosaic that can be pointed at, clicked and walked through with the keys."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from lenet_viz.panels.mosaic_picture import Index, MosaicPicture

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


class MosaicView(MosaicPicture):
    """Shows one `MapSide` and tells what the user does with it.

    Signals: ``hovered`` and ``clicked`` carry an index of the tensor (the first also None),
    ``channel_clicked`` a channel, ``ranged`` the range after a zoom or pan (None after a fit),
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
        self.box.clicked.connect(self._click)
        self.box.sigRangeChangedManually.connect(self._ranged)

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
