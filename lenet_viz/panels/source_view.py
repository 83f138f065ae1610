"""A Python text to read: lines that ran are marked, one is selected, any can be clicked."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from lenet_viz.display.source_lines import LEFT_OUT, SourceFile
from lenet_viz.panels.source_document import SourceDocument
from lenet_viz.panels.source_margin import SourceMargin
from lenet_viz.panels.source_rows import SourceRows
from lenet_viz.panels.source_words import line_tip, view_tip
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import Theme


class SourceView(SourceRows):
    """The rows of one file with what they ran.

    Attributes:
        selected: the number of the line that ran the selected step; `LEFT_OUT` for none.
        hovered: the number of the line under the pointer, if it ran steps; `LEFT_OUT` for none.
        margin: the columns before the text.
    """

    line_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a view of nothing."""
        super().__init__(parent)
        self.selected = self.hovered = LEFT_OUT
        self._pressed: QPointF | None = None
        self.setObjectName("source_text")
        self.setAccessibleName(translate("Source", "Python source"))
        self.setToolTip(view_tip())
        self.viewport().setMouseTracking(True)
        self.margin = SourceMargin(self)
        self.verticalScrollBar().valueChanged.connect(self.margin.update)

    # -- what is shown -------------------------------------------------------------------------

    def show_document(self, document: SourceDocument, file: SourceFile) -> None:
        """Show the rows of a document.

        Args:
            document: the rows.
            file: the same rows with the steps that they ran.
        """
        self.hovered = LEFT_OUT
        super().show_document(document, file)
        self.setViewportMargins(self.margin.measure(), 0, 0, 0)
        self._place_margin()
        self._repaint()

    def show_nothing(self) -> None:
        """Let go of the document."""
        self.selected = self.hovered = LEFT_OUT
        super().show_nothing()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self._repaint()

    def mark(self, number: int) -> None:
        """Mark the line that ran the selected step; `LEFT_OUT` for none."""
        if number != self.selected:
            self.selected = number
            self._repaint()

    def _number_at(self, y: float) -> int:
        for number, top, height, _line in self.rows_in_view():
            if top <= y < top + height:
                return number
        return LEFT_OUT

    # -- pointer and keys ----------------------------------------------------------------------

    def hover(self, y: float | None) -> None:
        """Outline the line at a height of the view, if it ran steps; None to outline none."""
        number = LEFT_OUT if y is None else self._number_at(y)
        number = number if number in self.file.steps else LEFT_OUT
        if number != self.hovered:
            self.hovered = number
            shape = Qt.CursorShape
            self.margin.setCursor(shape.PointingHandCursor if number else shape.ArrowCursor)
            self._repaint()

    def choose(self, y: float) -> None:
        """Ask for a step of the line at a height of the view, if it ran any."""
        self._choose(self._number_at(y))

    def _choose(self, number: int) -> None:
        if number in self.file.steps:
            self.line_chosen.emit(number)

    def show_tip(self, event: QHelpEvent) -> bool:
        """Show what the line under the pointer ran; False where it ran nothing."""
        words = line_tip(self.file, self._number_at(event.pos().y()))
        if words:
            QToolTip.showText(event.globalPos(), words, self)
        return bool(words)

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer, and say of a line what it ran."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if self.show_tip(event):
                return True
        elif event.type() == QEvent.Type.Leave:
            self.hover(None)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a selection."""
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = event.position() if left else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select text, or outline the line under the pointer."""
        super().mouseMoveEvent(event)
        self.hover(event.position().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the step of the line that was clicked; selecting text is no click."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or self.textCursor().hasSelection():
            return
        way = (event.position() - pressed).manhattanLength()
        if way < QApplication.startDragDistance():
            self.choose(pressed.y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select a word: the first click has asked for the step."""
        super().mouseDoubleClickEvent(event)
        self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the step of the cursor's line on Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            row = self.textCursor().blockNumber()
            self._choose(self.file.numbers[row] if row < len(self.file.numbers) else LEFT_OUT)
        else:
            super().keyPressEvent(event)

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the grounds of marked lines, then the text."""
        painter = QPainter(self.viewport())
        for number, top, height, _line in self.rows_in_view():
            if number != LEFT_OUT:
                place = QRectF(0, top, self.viewport().width(), height)
                self._paint_marks(painter, number, place)
        painter.end()
        super().paintEvent(event)

    def _paint_marks(self, painter: QPainter, number: int, place: QRectF) -> None:
        if number == self.selected:
            painter.fillRect(place, self.theme.color("accent_ground"))
        failed = number in self.file.failed
        if failed or number == self.hovered:
            painter.setPen(QPen(self.theme.color("warning" if failed else "muted"), 1))
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin beside the text."""
        super().resizeEvent(event)
        self._place_margin()

    def _place_margin(self) -> None:
        inside = self.contentsRect()
        width = self.viewportMargins().left()
        self.margin.setGeometry(QRect(inside.left(), inside.top(), width, self.viewport().height()))

    def _repaint(self) -> None:
        self.viewport().update()
        self.margin.update()
