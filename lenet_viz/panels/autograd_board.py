"""The surface that autograd's graph is painted on: a row for each node, lines between them."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lenet_viz.capture.records import Capture
from lenet_viz.display.autograd_rows import AutogradRow, rows_of
from lenet_viz.panels.autograd_pen import END, MOST_LANES, ROW, AutogradPen, Marks
from lenet_viz.panels.autograd_words import tip
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.session.cards import LOSS_CARD, input_card


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row or an end of it stands.

    Attributes:
        rect: in logical pixels.
        node: the node that a click means.
        users: how many nodes lead to it.
    """

    rect: QRectF
    node: int
    users: int


class AutogradBoard(QWidget):
    """Paints the rows in view; Up and Down walk through them, Enter chooses one.

    Attributes:
        chosen: emitted with the number of the node that the user chose.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty board."""
        super().__init__(parent)
        self.setObjectName("autograd_board")
        self.setAccessibleName(translate("Autograd", "Autograd's nodes"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.theme: Theme = LIGHT
        self.selected = ""
        self.current: int | None = None
        self.rows: tuple[AutogradRow, ...] = ()
        self.tops: list[float] = []
        self._capture: Capture | None = None
        self._lanes = 1

    # -- given ---------------------------------------------------------------------------------

    def show_graph(self, capture: Capture | None) -> None:
        """Show the graph of a run; None clears the board."""
        nodes = () if capture is None or capture.autograd is None else capture.autograd
        self._capture = capture
        self.rows = rows_of(nodes)
        self.tops, y = [], 4.0
        for row in self.rows:
            self.tops.append(y)
            y += ROW + END * len(row.ends)
        lanes = [max((row.lane, *row.starts)) for row in self.rows]
        self._lanes = 1 + min(max(lanes, default=0), MOST_LANES - 1)
        self.current = None
        self.setFixedHeight(round(y) + 4)
        self.update()

    def select(self, card: str) -> None:
        """Mark the rows of a card."""
        if card != self.selected:
            self.selected = card
            self.update()

    def top_of(self, card: str) -> float | None:
        """Return where the first row of a card stands; None for none."""
        for row, top in zip(self.rows, self.tops, strict=True):
            if self._card(row.node) == card:
                return top
        return None

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for every row."""
        return QSize(360, self.height())

    def _card(self, number: int) -> str:
        """Return the card that a node belongs to; "" for a parameter."""
        assert self._capture is not None
        assert self._capture.autograd is not None
        node = self._capture.autograd[number]
        kind, _, name = node.leaf.partition(":")
        if kind == "input" and name.isdecimal():
            return input_card(int(name))
        if node.step is not None:
            return self._capture.steps[node.step].name
        return "" if node.is_leaf else LOSS_CARD

    def places(self) -> list[_Place]:
        """Return everything that can be chosen, from the top down."""
        found = []
        for row, top in zip(self.rows, self.tops, strict=True):
            found.append(_Place(QRectF(0, top, self.width(), ROW), row.node, row.users))
            for number, end in enumerate(row.ends):
                rect = QRectF(0, top + ROW + END * number, self.width(), END)
                found.append(_Place(rect, end.nodes[-1], end.users))
        return found

    # -- drawing -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in view."""
        if self._capture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = AutogradPen(painter, self._capture, self.theme, self._lanes, self.width())
        seen = QRectF(event.rect())
        for at, (row, top) in enumerate(zip(self.rows, self.tops, strict=True)):
            bottom = self.tops[at + 1] if at + 1 < len(self.rows) else float(self.height())
            if bottom < seen.top() - ROW or top > seen.bottom() + ROW:
                continue
            pen.ground(row, top, self._marks(row, top))
            pen.lines(row, top, bottom)
            pen.node(row, top)
            pen.ends(row, top)
        painter.end()

    def _marks(self, row: AutogradRow, top: float) -> Marks:
        high = ROW + END * len(row.ends)
        current = None if self.current is None else self.places()[self.current].rect
        if not self.hasFocus() or current is None or not top <= current.top() < top + high:
            current = None
        return Marks(bool(self.selected) and self._card(row.node) == self.selected, current)

    # -- what the user does --------------------------------------------------------------------

    def _at(self, point: QPointF) -> int | None:
        found = (at for at, place in enumerate(self.places()) if place.rect.contains(point))
        return next(found, None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the pointer."""
        at = self._at(event.position())
        if at is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.current = at
        self.update()
        self.chosen.emit(self.places()[at].node)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what can be chosen."""
        hit = self._at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with Up and Down, choose with Enter or Space."""
        key, places = Qt.Key(event.key()), self.places()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and places:
            step = 1 if key is Qt.Key.Key_Down else -1
            start = -1 if step > 0 else len(places)
            at = (start if self.current is None else self.current) + step
            self.current = max(0, min(len(places) - 1, at))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and places:
            if self.current is not None:
                self.chosen.emit(places[self.current].node)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame of the keys away."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what a node does."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(QPointF(event.pos()))
            capture = self._capture
            if at is None or capture is None or capture.autograd is None:
                QToolTip.hideText()
            else:
                place = self.places()[at]
                words = tip(capture, capture.autograd[place.node], place.users)
                QToolTip.showText(event.globalPos(), words, self, place.rect.toRect())
            return True
        return super().event(event)
