"""The log: what the notebook would have printed, cell by cell, with a sentence where it helps."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QLabel, QPushButton, QTextEdit, QWidget

from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.session.state import LogEntry, State

PROMPT = ">>> "
CONTINUED = "... "
MARK = "→ "
END_ROOM = 4
"""So many pixels above the end still count as the end."""

COMMENT = "  # "
"""What sets the arithmetic of a printed size apart."""


class LogPanel(Panel):
    """The printed log; it follows its end unless the reader has scrolled up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty log."""
        super().__init__("log", parent)
        self._shown: list[LogEntry] = []
        self._blocks: list[int] = []
        self._copy = QPushButton(translate("Log", "Copy"), self)
        self._copy.setObjectName("log_copy")
        self._copy.setAccessibleName(translate("Log", "Copy the whole log"))
        self._copy.setToolTip(translate("Log", "Copy the whole log as text"))
        self._copy.clicked.connect(self.copy_all)
        self.head.addWidget(self._copy)
        self._empty = QLabel(self)
        self._empty.setObjectName("log_empty")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = QTextEdit(self)
        self._text.setObjectName("log_text")
        self._text.setAccessibleName(translate("Log", "Printed log"))
        self._text.setToolTip(
            translate("Log", "What Python would print for each run; select to copy a part")
        )
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Qt's own menu would hide the panel's; Ctrl+A and Ctrl+C select and copy.
        self._text.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._text.document().setDocumentMargin(2)
        self._follows = True
        bar = self._text.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._grown)
        self.body.addWidget(self._empty)
        self.body.addWidget(self._text, 1)
        self.body.addStretch(0)

    def sizeHint(self) -> QSize:
        """Return a size that shows a printed tensor's 80 characters."""
        return QSize(640, 300)

    def draw(self, old: State | None, new: State) -> None:
        """Append the cells that are new; write all of them anew where ``old`` is None."""
        self.set_title(
            translate("Log", "Printed log"), translate("Log", "what the notebook would print")
        )
        self._empty.setText(
            translate("Log", "Nothing printed yet: press Forward (F5), then Backward (F6).")
        )
        self._empty.setVisible(not new.log)
        self._text.setVisible(bool(new.log))
        self._copy.setEnabled(bool(new.log))
        if old is None:
            self._rewrite(new.log)
        elif old.log is not new.log:
            self._append(new.log)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme; the place that is being read stays."""
        bar = self._text.verticalScrollBar()
        follows, place = self._follows, bar.value()
        super().set_theme(theme)
        if not follows:
            bar.setValue(place)

    def shorten(self) -> bool:
        """Leave out the oldest fifth of the cells, and say how many are left out."""
        if self.state is None or len(self._shown) < 2:
            return False
        kept = self._shown[max(1, len(self._shown) // 5) :]
        self._rewrite(kept)
        self._subtitle.setText(
            formatted(
                "Log",
                "the newest {count} of {all} cells",
                count=len(kept),
                all=len(self.state.log),
            )
        )
        return True

    def copy_all(self) -> None:
        """Put the whole log on the clipboard as plain text."""
        QGuiApplication.clipboard().setText(self._text.toPlainText())

    def _scrolled(self, value: int) -> None:
        self._follows = value >= self._text.verticalScrollBar().maximum() - END_ROOM

    def _grown(self, _least: int, most: int) -> None:
        """Stay at the end while text is added or wrapped anew, unless the reader has left it."""
        if self._follows:
            self._text.verticalScrollBar().setValue(most)

    def _append(self, log: Sequence[LogEntry]) -> None:
        """Drop cells that have left the log at its beginning, add those at its end."""
        dropped = _dropped(self._shown, log)
        kept = len(self._shown) - dropped
        if self._shown and not kept:
            self._rewrite(log)
            return
        follows = self._follows
        self._remove_first(dropped)
        self._write(log[kept:])
        if follows:
            self._to_end()

    def _rewrite(self, log: Sequence[LogEntry]) -> None:
        self._text.clear()
        self._shown, self._blocks = [], []
        self._write(log)
        self._to_end()

    def _to_end(self) -> None:
        # Asking for the size ends the layout, which is otherwise done bit by bit and leaves the
        # scroll bar with an estimate.
        self._text.document().documentLayout().documentSize()
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._text.horizontalScrollBar().setValue(0)

    def _remove_first(self, cells: int) -> None:
        count = sum(self._blocks[:cells])
        del self._shown[:cells], self._blocks[:cells]
        if not count:
            return
        document = self._text.document()
        cursor = QTextCursor(document)
        following = document.findBlockByNumber(count)
        cursor.setPosition(following.position(), QTextCursor.MoveMode.KeepAnchor)
        # Removing up to the next cell's start gives its first line the format of the line
        # removed; both are a cell's first line, so nothing changes.
        cursor.removeSelectedText()

    def _write(self, entries: Sequence[LogEntry]) -> None:
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for entry in entries:
            before = self._text.document().blockCount() if self._shown else 0
            self._write_cell(cursor, entry)
            self._shown.append(entry)
            self._blocks.append(self._text.document().blockCount() - before)
        cursor.endEditBlock()

    def _write_cell(self, cursor: QTextCursor, entry: LogEntry) -> None:
        first = True
        prompt, code = self._format("muted"), self._format("good", bold=True)
        for line in entry.code.splitlines():
            self._start_line(cursor, first=first, wraps=True)
            cursor.insertText(CONTINUED if line.startswith(" ") else PROMPT, prompt)
            cursor.insertText(line, code)
            first = False
        output = self._format("text")
        for line in entry.output.splitlines():
            self._start_line(cursor, first=first, wraps=COMMENT in line)
            cursor.insertText(line, output)
            first = False
        if entry.note is not None:
            self._start_line(cursor, first=first, note=True, wraps=True)
            cursor.insertText(MARK, self._note_format("accent", italic=False))
            cursor.insertText(translated(entry.note), self._note_format("muted", italic=True))

    def _start_line(
        self, cursor: QTextCursor, *, first: bool, note: bool = False, wraps: bool = False
    ) -> None:
        """Begin a block; the document's own first block is used before another is made."""
        block = QTextBlockFormat()
        block.setTopMargin(9 if first else 3 if note else 0)
        block.setBottomMargin(1)
        # A printed tensor keeps its lines; code, arithmetic and sentences are wrapped.
        block.setNonBreakableLines(not wraps)
        if cursor.atStart() and not self._shown:
            cursor.setBlockFormat(block)
        else:
            cursor.insertBlock(block)

    def _format(self, role: str, *, bold: bool = False) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(code_font(9, bold=bold))
        form.setForeground(self.theme.color(role))
        return form

    def _note_format(self, role: str, *, italic: bool) -> QTextCharFormat:
        form = QTextCharFormat()
        font = text_font(9)
        font.setItalic(italic)
        form.setFont(font)
        form.setForeground(self.theme.color(role))
        return form


def _dropped(shown: Sequence[LogEntry], log: Sequence[LogEntry]) -> int:
    """Return how many of the shown cells have left the log at its beginning.

    All of them, where what remains is not how the log begins.
    """
    for start in range(len(shown)):
        rest = len(shown) - start
        if rest <= len(log) and all(a is b for a, b in zip(shown[start:], log[:rest], strict=True)):
            return start
    return len(shown)
