"""A surface on which items stand in a column: painted, pointed at, clicked, walked with keys."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.panels.why_column import Layout
from lenet_viz.panels.why_items import Hit

NARROWEST = 160.0
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ItemBoard(QWidget):
    """Paints a column of items; what can be clicked is walked with Up and Down, Enter clicks it.

    Signals, only ever caused by the user: ``pointed`` the `Address` under the pointer or None,
    ``reached`` the place that the keys have come to, for what scrolls the board.
    """

    pointed = Signal(object)
    reached = Signal(QRectF)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty board.

        Args:
            name: the object name.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.theme: Theme = LIGHT
        self._layout: Layout | None = None
        self._current: int | None = None

    def laid_out(self, width: float) -> Layout | None:
        """Return what stands on the board at a width; None for nothing."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Place everything anew, for other contents or another width."""
        self._layout = self.laid_out(max(NARROWEST, float(self.width())))
        if self._current is not None and self._current >= len(self.hits):
            self._current = None
        self.setMinimumHeight(0 if self._layout is None else round(self._layout.y) + 1)
        self.updateGeometry()
        self.update()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What can be clicked at present."""
        return () if self._layout is None else tuple(self._layout.hits)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self.update()

    def height_for(self, width: float) -> float:
        """Return how high everything is at a width, in logical pixels."""
        made = self._layout
        if made is None or made.width != width:
            made = self.laid_out(width)
        return 0.0 if made is None else made.y

    # -- what the user does --------------------------------------------------------------------

    def _hit(self, point: QPointF) -> int | None:
        found = [at for at, hit in enumerate(self.hits) if hit.rect.contains(point)]
        return min(found, key=lambda at: self.hits[at].rect.width(), default=None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Click what is under the pointer."""
        at = self._hit(event.position())
        if at is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._current = at
        self.hits[at].act()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what can be clicked."""
        at = self._hit(event.position())
        shape = Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)
        self.pointed.emit(None if at is None else self.hits[at].address)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with Up and Down, click with Enter or Space."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.hits:
            step = 1 if key is Qt.Key.Key_Down else -1
            start = -1 if step > 0 else 0
            self._current = ((start if self._current is None else self._current) + step) % len(
                self.hits
            )
            self.reached.emit(self.hits[self._current].rect)
            self.update()
        elif key in _ENTER and self._current is not None:
            self.hits[self._current].act()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame of the keys away."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return super().event(event)
        at = self._hit(QPointF(event.pos()))
        if at is None or not self.hits[at].tip:
            QToolTip.hideText()
        else:
            rect = self.hits[at].rect.toRect()
            QToolTip.showText(event.globalPos(), self.hits[at].tip, self, rect)
        return True

    # -- drawing -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything for the new width."""
        super().resizeEvent(event)
        if self._layout is None or round(self._layout.width) != max(NARROWEST, self.width()):
            self.lay_out()

    def sizeHint(self) -> QSize:
        """Return the height of everything at the present width."""
        return QSize(360, 0 if self._layout is None else round(self._layout.y) + 1)

    def hasHeightForWidth(self) -> bool:
        """Return True: words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of everything at a width."""
        return round(self.height_for(max(NARROWEST, float(width)))) + 1

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is in view."""
        if self._layout is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = QRectF(event.rect())
        for item in self._layout.items:
            if item.rect.intersects(seen):
                item.paint(painter, self.theme)
        if self.hasFocus() and self._current is not None and self._current < len(self.hits):
            painter.setPen(QPen(self.theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.hits[self._current].rect.adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
