"""Finding words in the text of the source panel."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QTextEdit, QWidget

from lenet_viz.display.source_search import Found, found_in
from lenet_viz.panels.source_rows import SourceRows
from lenet_viz.panels.text import formatted, give_role, translate

MARKED: Final = 500
"""The most places that are marked at once; going from one to the next has no end."""


class SourceFind(QWidget):
    """A line to type in, how often it is there, and the ways to the next and the last place.

    Attributes:
        words: what is looked for.
    """

    def __init__(self, view: SourceRows, parent: QWidget) -> None:
        """Serve a view; nothing is seen before `open`.

        Args:
            view: where is looked.
            parent: the panel.
        """
        super().__init__(parent)
        self.setObjectName("source_find")
        self._view = view
        self._places: Sequence[Found] = ()
        self._at = -1
        self.words = QLineEdit(self)
        self.words.setObjectName("source_find_words")
        self.words.setPlaceholderText(translate("Source", "find in this file"))
        self.words.setAccessibleName(translate("Source", "Words to find"))
        self.words.setToolTip(
            translate("Source", "Words to find, large or small letters (Ctrl+F); Esc closes")
        )
        self.words.setClearButtonEnabled(False)
        self.words.textEdited.connect(self._begin)
        self.words.installEventFilter(self)
        self._count = QLabel(self)
        self._count.setObjectName("source_find_count")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.words, 1)
        row.addWidget(self._count)
        self._buttons = (
            self._button("previous", "‹", translate("Source", "The place before (Shift+Enter)")),
            self._button("next", "›", translate("Source", "The next place (Enter)")),
            self._button("close", "×", translate("Source", "Close (Esc)")),
        )
        for button in self._buttons:
            row.addWidget(button)
        before, after, close = self._buttons
        before.clicked.connect(lambda: self.go(-1))
        after.clicked.connect(lambda: self.go(1))
        close.clicked.connect(self.close_)
        view.document_shown.connect(self._look)
        self.hide()

    def _button(self, name: str, sign: str, tip: str) -> QPushButton:
        button = QPushButton(sign, self)
        button.setObjectName(f"source_find_{name}")
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setFixedWidth(30)
        button.setAutoDefault(False)
        return button

    def begin(self) -> None:
        """Be seen and take the keyboard; text that is selected is looked for at once."""
        chosen = self._view.textCursor().selectedText()
        if chosen and "\u2029" not in chosen and self.isHidden():
            self.words.setText(chosen)
        self.show()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()
        self._look()

    def close_(self) -> None:
        """Leave; the last place stays selected."""
        self.hide()
        self._view.setExtraSelections([])
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- looking -------------------------------------------------------------------------------

    def _look(self) -> None:
        """Look in what the view shows now; nothing is scrolled."""
        if self.isHidden():
            return
        self._places = found_in(self._view.file.texts, self.words.text())
        if self._at >= len(self._places):
            self._at = -1
        self._mark()
        self._tell()

    def _begin(self) -> None:
        """Go to the first place from where the text stands."""
        self._at = -1
        self._look()
        if self._places:
            first = self._view.firstVisibleBlock().blockNumber()
            self._at = next((n for n, place in enumerate(self._places) if place.row >= first), 0)
            self._show()

    def go(self, places: int) -> None:
        """Go so many places on, from the last one to the first."""
        if self._places:
            self._at = (self._at + places) % len(self._places) if self._at >= 0 else 0
            self._show()

    def _show(self) -> None:
        place = self._places[self._at]
        self._view.select_in_row(place.row, place.start, place.stop)
        self._tell()

    def _mark(self) -> None:
        form = QTextCharFormat()
        form.setBackground(self._view.theme.color("accent_ground"))
        form.setForeground(self._view.theme.color("text"))
        marks = []
        for place in self._places[:MARKED]:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = self._view.cursor_in_row(place.row, place.start, place.stop)
            mark.format = form
            marks.append(mark)
        self._view.setExtraSelections(marks)

    def _tell(self) -> None:
        count = len(self._places)
        words = "" if not self.words.text() else translate("Source", "nowhere")
        if count and self._at < 0:
            words = formatted("Source", "{count} places", count=count)
        elif count:
            words = formatted("Source", "{at} of {count}", at=self._at + 1, count=count)
        self._count.setText(words)
        give_role(self._count, "warning" if self.words.text() and not count else "muted")
        for button in self._buttons[:2]:
            button.setEnabled(bool(count))

    # -- keys ----------------------------------------------------------------------------------

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Take Enter, Shift+Enter and Esc, which would do something else in the window."""
        del watched
        if not isinstance(event, QKeyEvent):
            return False
        keys = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in keys:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.close_()
            else:
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.go(-1 if back else 1)
        return True
