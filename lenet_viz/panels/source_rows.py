"""The rows of a Python text: where each stands, and which of them can be seen."""

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QFrame,
    QPlainTextDocumentLayout,
    QPlainTextEdit,
    QSizePolicy,
    QWidget,
)

from lenet_viz.display.source_lines import NOTHING, SourceFile
from lenet_viz.panels.source_document import SourceDocument, qt_columns
from lenet_viz.panels.theme import LIGHT, Theme, code_font

SMALLEST = 0.65
"""Of the type's wanted size: on paper long lines are not drawn smaller."""
PAGE_ROOM = 4
"""Pixels below the last row of a page: without them Qt would scroll."""
_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


class SourceRows(QPlainTextEdit):
    """The rows of one file; what is seen of them has its colours.

    Attributes:
        file: what is shown.
        theme: the theme it is drawn with.
        document_shown: other rows, or the same ones anew, or in another theme.
    """

    document_shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.file = NOTHING
        self.theme: Theme = LIGHT
        self._wanted: int | None = None
        self._page = QSize(0, 0)
        self._all_rows = False
        self._empty: QTextDocument | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(code_font(9))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(_SELECTABLE)
        # Qt's own menu would hide the panel's; Ctrl+A and Ctrl+C select and copy.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.verticalScrollBar().valueChanged.connect(self._color)
        self.verticalScrollBar().actionTriggered.connect(self._let_go)

    def show_document(self, document: SourceDocument, file: SourceFile) -> None:
        """Show the rows of a document.

        Args:
            document: the rows.
            file: the same rows with the steps that they ran.
        """
        self.file = file
        if self.document() is not document:
            self.setDocument(document)
        self._color()
        self.document_shown.emit()

    def show_nothing(self) -> None:
        """Let go of the document."""
        self.file = NOTHING
        if isinstance(self.document(), SourceDocument):
            # One for always: each run that shows another text lets go of the one before.
            empty = self._empty = self._empty or QTextDocument(self)
            empty.setDocumentLayout(QPlainTextDocumentLayout(empty))
            self.setDocument(empty)
            self.document_shown.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self._color()
        self.document_shown.emit()

    def _color(self) -> None:
        document = self.document()
        if isinstance(document, SourceDocument):
            first = self.firstVisibleBlock().blockNumber()
            rows = len(self.file.texts) if self.on_paper else self._rows_that_fit() + 2
            document.color(first, first + rows, self.theme)

    # -- places --------------------------------------------------------------------------------

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

    def reveal(self, number: int) -> None:
        """Scroll a line to the middle, unless it can be seen; once the view is shown, if need be.

        Args:
            number: the line's number.
        """
        self._wanted = self.file.row(number)
        self._scroll_to_wanted()

    def cursor_in_row(self, row: int, start: int, stop: int) -> QTextCursor:
        """Return a cursor that selects a part of a row.

        Args:
            row: from 0.
            start: the first character.
            stop: the one after the last.
        """
        column = qt_columns(self.file.texts[row])
        cursor = QTextCursor(self.document())
        first = self.document().findBlockByNumber(row).position()
        cursor.setPosition(first + column(start))
        cursor.setPosition(first + column(stop), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def select_in_row(self, row: int, start: int, stop: int) -> None:
        """Select a part of a row and bring it into view; see `cursor_in_row`."""
        self._wanted = row
        self._scroll_to_wanted()
        self.setTextCursor(self.cursor_in_row(row, start, stop))
        self.ensureCursorVisible()

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
        row = self.blockBoundingRect(self.firstVisibleBlock()).height()
        return max(1, int(room / max(row, QFontMetricsF(self.font()).lineSpacing())))

    def _let_go(self) -> None:
        self._wanted = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to select; from now on the user decides what is seen."""
        self._let_go()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move about; from now on the user decides what is seen."""
        self._let_go()
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the wanted row in view."""
        super().resizeEvent(event)
        self._scroll_to_wanted()
        self._color()
        if self.on_paper:
            self._measure_page()

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to what was wanted while nobody saw the view."""
        super().showEvent(event)
        self._color()
        self._scroll_to_wanted()

    # -- on paper ------------------------------------------------------------------------------

    @property
    def on_paper(self) -> bool:
        """Whether all rows are shown at once."""
        return self._all_rows

    def go_on_paper(self, width: int) -> None:
        """Show all rows at once.

        Args:
            width: that there is for them; they get more, and are drawn smaller, where they need
                more, and go on in the next line where that would be too small.
        """
        self._all_rows = True
        widest = max(map(self.fontMetrics().horizontalAdvance, self.file.texts), default=0)
        needed = round(
            widest + self.viewportMargins().left() + 3 * self.document().documentMargin()
        )
        modes, most = QPlainTextEdit.LineWrapMode, round(width / SMALLEST)
        self.setLineWrapMode(modes.NoWrap if needed <= most else modes.WidgetWidth)
        self._page = QSize(min(needed, most), 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._color()
        self._measure_page()

    def _measure_page(self) -> None:
        """Be as high as all rows."""
        block, high = self.document().firstBlock(), 2 * self.document().documentMargin()
        while block.isValid():
            high += self.blockBoundingRect(block).height()
            block = block.next()
        if self._page.height() != round(high) + PAGE_ROOM:
            self._page.setHeight(round(high) + PAGE_ROOM)
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Return the size of all rows on a page, or little."""
        return self._page if self.on_paper else super().minimumSizeHint()

    def sizeHint(self) -> QSize:
        """Return the size of all rows on a page, or any."""
        return self._page if self.on_paper else super().sizeHint()
