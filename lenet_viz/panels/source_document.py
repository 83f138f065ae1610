"""A Python text as Qt lays it out, in colours where it has been seen."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QFontMetricsF, QTextCharFormat, QTextDocument, QTextLayout
from PySide6.QtWidgets import QPlainTextDocumentLayout

from lenet_viz.display.python_words import Kind, PythonWords
from lenet_viz.display.source_lines import SourceFile
from lenet_viz.panels.theme import Theme, code_font

TAB = 4
"""Columns of a tab."""


def word_color(theme: Theme, kind: Kind) -> QColor:
    """Return the colour of a kind of words; the theme's own, and neither red nor blue."""
    colors = {
        Kind.KEYWORD: theme.ops["linear"],
        Kind.STRING: theme.good,
        Kind.COMMENT: theme.muted,
        Kind.NUMBER: theme.ops["activation"],
        Kind.NAME: theme.text,
    }
    return QColor(colors[kind])


class SourceDocument(QTextDocument):
    """The rows of one file, or some of them.

    Attributes:
        file: the rows.
        whole: the file that they are a part of.
    """

    def __init__(self, file: SourceFile, whole: SourceFile, parent: QObject) -> None:
        """Lay out the rows of ``file``.

        Args:
            file: what is shown.
            whole: what it is a part of; it decides where strings begin and end.
            parent: what the document belongs to.
        """
        super().__init__(parent)
        self.file = file
        self.whole = whole
        self._words: PythonWords | None = None
        self._rows: dict[int, int] = {}
        self._theme: Theme | None = None
        self._seen = bytearray(len(file.texts))
        self.setUndoRedoEnabled(False)
        font = code_font(9)
        self.setDefaultFont(font)
        option = self.defaultTextOption()
        option.setTabStopDistance(TAB * QFontMetricsF(font).horizontalAdvance(" "))
        self.setDefaultTextOption(option)
        self.setDocumentLayout(QPlainTextDocumentLayout(self))
        self.setPlainText("\n".join(file.texts))

    def color(self, first: int, last: int, theme: Theme) -> None:
        """Give rows their colours, as far as they do not have them.

        Args:
            first: the first row.
            last: the last row.
            theme: whose colours.
        """
        if theme is not self._theme:
            self._theme = theme
            self._seen = bytearray(len(self.file.texts))
            self._formats = {kind: _format(theme, kind) for kind in Kind}
        for row in range(max(0, first), min(last + 1, len(self._seen))):
            if not self._seen[row]:
                self._seen[row] = 1
                self._color_row(row)

    def _color_row(self, row: int) -> None:
        if self._words is None:
            self._words = PythonWords(self.whole.texts)
            self._rows = {number: at for at, number in enumerate(self.whole.numbers) if number}
        at = self._rows.get(self.file.numbers[row])
        if at is None:
            return
        column = qt_columns(self.file.texts[row])
        ranges = []
        for stretch in self._words.stretches(at):
            found = QTextLayout.FormatRange()
            found.start = column(stretch.start)
            found.length = column(stretch.stop) - found.start
            found.format = self._formats[stretch.kind]
            ranges.append(found)
        self.findBlockByNumber(row).layout().setFormats(ranges)


def _format(theme: Theme, kind: Kind) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(word_color(theme, kind))
    if kind is Kind.NAME:
        form.setFontWeight(700)
    if kind is Kind.COMMENT:
        form.setFontItalic(True)
    return form


def qt_columns(text: str) -> Callable[[int], int]:
    """Return what turns a place in a text into Qt's, which counts some characters twice."""
    if text.isascii() or max(text) <= "\uffff":
        return int
    return lambda place: len(text[:place].encode("utf-16-le")) // 2
