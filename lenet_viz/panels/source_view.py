"""A Python text to read: lines that ran are marked, one is selected, any can be clicked."""

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QPlainTextDocumentLayout,
    QPlainTextEdit,
    QToolTip,
    QWidget,
)

from lenet_viz.display.source_lines import LEFT_OUT, NOTHING, SourceFile
from lenet_viz.panels.source_document import SourceDocument
from lenet_viz.panels.source_margin import SourceMargin
from lenet_viz.panels.source_words import line_tip, view_tip
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT, Theme, code_font

PAGE_ROOM = 4
"""Pixels below the last row of a page: without them Qt would scroll."""
_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


class SourceView(QPlainTextEdit):
    """The rows of one file.

    Attributes:
        file: what is shown.
        theme: the theme it is drawn with.
        selected: the number of the line that ran the selected step; `LEFT_OUT` for none.
        hovered: the number of the line under the pointer, if it ran steps; `LEFT_OUT` for none.
    """

    line_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a view of nothing."""
        super().__init__(parent)
        self.file = NOTHING
        self.theme: Theme = LIGHT
        self.selected = self.hovered = LEFT_OUT
        self._wanted: int | None = None
        self._on_paper = False
        self._pressed: QPointF | None = None
        self.setObjectName("source_text")
        self.setAccessibleName(translate("Source", "Python source"))
        self.setToolTip(view_tip())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(code_font(9))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(_SELECTABLE)
        # Qt's own menu would hide the panel's; Ctrl+A and Ctrl+C select and copy.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.viewport().setMouseTracking(True)
        self.margin = SourceMargin(self)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().actionTriggered.connect(self._let_go)

    # -- what is shown -------------------------------------------------------------------------

    def show_document(self, document: SourceDocument, file: SourceFile) -> None:
        """Show the rows of a document.

        Args:
            document: the rows.
            file: the same rows with the steps that they ran.
        """
        self.file = file
        self.hovered = LEFT_OUT
        if self.document() is not document:
            self.setDocument(document)
        self.setViewportMargins(self.margin.measure(), 0, 0, 0)
        self._place_margin()
        self._color()

    def show_nothing(self) -> None:
        """Let go of the document."""
        self.file = NOTHING
        self.selected = self.hovered = LEFT_OUT
        if isinstance(self.document(), SourceDocument):
            empty = QTextDocument(self)
            empty.setDocumentLayout(QPlainTextDocumentLayout(empty))
            self.setDocument(empty)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self._color()
        self._repaint()

    def mark(self, number: int) -> None:
        """Mark the line that ran the selected step; `LEFT_OUT` for none."""
        if number != self.selected:
            self.selected = number
            self._repaint()

    def reveal(self, number: int) -> None:
        """Scroll a line to the middle, unless it can be seen; once the view is shown, if need be.

        Args:
            number: the line's number.
        """
        self._wanted = self.file.row(number)
        self._scroll_to_wanted()

    def _scroll_to_wanted(self) -> None:
        """Scroll to the wanted row; it stays wanted, in any new size, until the user scrolls."""
        row = self._wanted
        if row is None or not self.isVisible():
            return
        first, rows = self.verticalScrollBar().value(), self._rows_that_fit()
        if not first <= row < first + rows:
            self.verticalScrollBar().setValue(max(0, row - rows // 2))
            self.horizontalScrollBar().setValue(0)

    def _rows_that_fit(self) -> int:
        """Return how many rows are wholly in view."""
        room = self.viewport().height() - 2 * self.document().documentMargin()
        return max(1, int(room / QFontMetricsF(self.font()).lineSpacing()))

    def rows_in_view(self) -> Iterator[tuple[int, float, float, float]]:
        """Return each row in view: its line's number, top, height, and that of its first line."""
        line = QFontMetricsF(self.font()).lineSpacing()
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        bottom = self.viewport().height()
        while block.isValid() and top < bottom and block.blockNumber() < len(self.file.numbers):
            height = self.blockBoundingRect(block).height()
            yield self.file.numbers[block.blockNumber()], top, height, line
            top += height
            block = block.next()

    def _number_at(self, y: float) -> int:
        for number, top, height, _line in self.rows_in_view():
            if top <= y < top + height:
                return number
        return LEFT_OUT

    def _color(self) -> None:
        document = self.document()
        if isinstance(document, SourceDocument):
            first = self.firstVisibleBlock().blockNumber()
            rows = len(self.file.texts) if self._on_paper else self._rows_that_fit() + 2
            document.color(first, first + rows, self.theme)

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Show all rows at once; long ones go on below."""
        self._on_paper = True
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)

    def _take_room(self) -> None:
        """Be as high as all rows."""
        block, high = self.document().firstBlock(), 2 * self.document().documentMargin()
        while block.isValid():
            high += self.blockBoundingRect(block).height()
            block = block.next()
        self.setFixedHeight(round(high) + PAGE_ROOM)

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
        number = self._number_at(event.pos().y())
        words = line_tip(self.file, number)
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
        self._let_go()
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
        self._let_go()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            row = self.textCursor().blockNumber()
            self._choose(self.file.numbers[row] if row < len(self.file.numbers) else LEFT_OUT)
        else:
            super().keyPressEvent(event)

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the grounds of marked lines, then the text."""
        painter = QPainter(self.viewport())
        wide = self.viewport().width()
        for number, top, height, _line in self.rows_in_view():
            place = QRectF(0, top, wide, height)
            if number != LEFT_OUT and number == self.selected:
                painter.fillRect(place, self.theme.color("accent_ground"))
            if number in self.file.failed or (number != LEFT_OUT and number == self.hovered):
                failed = number in self.file.failed
                painter.setPen(QPen(self.theme.color("warning" if failed else "muted"), 1))
                painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin beside the text."""
        super().resizeEvent(event)
        self._place_margin()
        if self._on_paper and event.oldSize().width() != event.size().width():
            self._take_room()
        self._scroll_to_wanted()
        self._color()

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to what was wanted while nobody saw the view."""
        super().showEvent(event)
        self._color()
        self._scroll_to_wanted()

    def _place_margin(self) -> None:
        inside = self.contentsRect()
        width = self.viewportMargins().left()
        self.margin.setGeometry(QRect(inside.left(), inside.top(), width, self.viewport().height()))

    def _let_go(self) -> None:
        self._wanted = None

    def _scrolled(self) -> None:
        self._color()
        self.margin.update()

    def _repaint(self) -> None:
        self.viewport().update()
        self.margin.update()
