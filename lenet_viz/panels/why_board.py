"""The surface that an answer is painted on: one widget, whatever the answer has."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lenet_viz.capture.records import Capture
from lenet_viz.explain.terms import Answer
from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.panels.why_column import Acts, Layout, Look
from lenet_viz.panels.why_items import Hit
from lenet_viz.panels.why_layout import laid_out, unfolded_first


class WhyBoard(QWidget):
    """Paints an answer; rows unfold, numbers that were read somewhere can be clicked.

    Up and Down walk through what can be clicked, Enter clicks it.

    Signals, only ever caused by the user: ``asked`` an `Address`, ``pointed`` the `Address` under
    the pointer or None.
    """

    asked = Signal(object)
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty board."""
        super().__init__(parent)
        self.setObjectName("why_board")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.theme: Theme = LIGHT
        self.look = Look()
        self._capture: Capture | None = None
        self._answer: Answer | None = None
        self._layout: Layout | None = None
        self._current: int | None = None
        self._heights: dict[float, float] = {}
        self._acts = Acts()
        self._acts.toggle = self.toggle
        self._acts.show_all = self.show_all_blocks
        self._acts.show_formula = self.show_formula
        self._acts.ask = self.asked.emit

    # -- given ---------------------------------------------------------------------------------

    def show_answer(
        self, capture: Capture | None, answer: Answer | None, reached: int | None = None
    ) -> None:
        """Show an answer, everything in it folded; None clears the board.

        Args:
            capture: the run.
            answer: why a number is what it is.
            reached: how many elements of its map a sweep has come to; what was unfolded then
                stays so. None without a sweep.
        """
        self._capture, self._answer = capture, answer
        before = self.look
        opened = unfolded_first(answer, paper=before.paper)
        if reached is not None and before.reached is not None:
            opened = before.open
        self.look = Look(opened, formula=before.formula, paper=before.paper, reached=reached)
        self._current = None
        self._lay_out()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What can be clicked at present."""
        return () if self._layout is None else tuple(self._layout.hits)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self.update()

    def _lay_out(self) -> None:
        self._layout = None
        self._heights.clear()
        if self._capture is not None and self._answer is not None:
            width = max(160.0, float(self.width()))
            self._layout = laid_out(self._capture, self._answer, self.look, width, self._acts)
        if self._current is not None and self._current >= len(self.hits):
            self._current = None
        self.setMinimumHeight(0 if self._layout is None else round(self._layout.y) + 1)
        self.updateGeometry()
        self.update()

    def height_for(self, width: float) -> float:
        """Return how high the answer is at a width, in logical pixels."""
        if self._capture is None or self._answer is None:
            return 0.0
        if width not in self._heights:  # Qt asks several times for each layout
            made = self._layout
            if made is None or made.width != width:
                made = laid_out(self._capture, self._answer, self.look, width, self._acts)
            self._heights[width] = made.y
        return self._heights[width]

    # -- what the user does --------------------------------------------------------------------

    def unfold(self, blocks: frozenset[int]) -> None:
        """Unfold these blocks and no others; none of them leaves all as they are."""
        if blocks:
            self.look = replace(self.look, open=blocks)
            self._lay_out()

    def toggle(self, number: int) -> None:
        """Unfold a block, or fold it again."""
        self.look = replace(self.look, open=self.look.open ^ {number})
        self._lay_out()

    def show_all_blocks(self) -> None:
        """Give every block a row."""
        self.look = replace(self.look, all_blocks=True)
        self._lay_out()

    def show_formula(self) -> None:
        """Show the general formula, or hide it again."""
        self.look = replace(self.look, formula=not self.look.formula)
        self._lay_out()

    def _hit(self, point: QPointF) -> int | None:
        found = [at for at, hit in enumerate(self.hits) if hit.rect.contains(point)]
        # The smallest one: a cell lies in its row.
        return min(found, key=lambda at: self.hits[at].rect.width(), default=None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Click what is under the pointer."""
        at = self._hit(event.position())
        if at is not None and event.button() is Qt.MouseButton.LeftButton:
            self._current = at
            self.hits[at].act()
            event.accept()
            return
        super().mousePressEvent(event)

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
            at = (start if self._current is None else self._current) + step
            self._current = at % len(self.hits)
            self.update()
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
            and self._current is not None
        ):
            self.hits[self._current].act()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame of the keys away."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._hit(QPointF(event.pos()))
            if at is None or not self.hits[at].tip:
                QToolTip.hideText()
            else:
                rect = self.hits[at].rect.toRect()
                QToolTip.showText(event.globalPos(), self.hits[at].tip, self, rect)
            return True
        return super().event(event)

    # -- drawing -------------------------------------------------------------------------------

    def resizeEvent(self, event: "object") -> None:
        """Lay everything out for the new width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        if self._layout is None or round(self._layout.width) != max(160, self.width()):
            self._lay_out()

    def sizeHint(self) -> QSize:
        """Return the answer's height at the present width."""
        return QSize(360, 120 if self._layout is None else round(self._layout.y) + 1)

    def hasHeightForWidth(self) -> bool:
        """Return True: words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the answer's height at a width."""
        return round(self.height_for(max(160.0, float(width)))) + 1

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
