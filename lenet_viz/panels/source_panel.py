"""The Python text that ran: each step's line, and the steps of each line."""

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QWidget

from lenet_viz.capture.records import SourceLine
from lenet_viz.display.source_excerpt import excerpt, narrowed
from lenet_viz.display.source_lines import (
    LEFT_OUT,
    SourceFile,
    Text,
    first_number,
    next_step,
    source_files,
)
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.source_document import SourceDocument
from lenet_viz.panels.source_find import SourceFind
from lenet_viz.panels.source_view import SourceView
from lenet_viz.panels.source_words import file_tip, note_words, nothing_words, place_words
from lenet_viz.panels.text import card_title, formatted, plain_tip, show_if, translate, translated
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.state import State


class SourcePanel(Panel):
    """The text of the files that ran; the line of the selected step is marked.

    Attributes:
        view: the text.
        choice: which file is shown.
        find_bar: where words are looked for.
    """

    step_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("source", parent)
        self._files: dict[str, SourceFile] = {}
        self._documents: dict[str, SourceDocument] = {}
        self._current = ""
        self._rows: range | None = None
        self._page_width: int | None = None
        self._words = ""
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.choice = QComboBox(self)
        self.choice.setObjectName("source_file")
        self.choice.setAccessibleName(translate("Source", "File"))
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.choice.setSizeAdjustPolicy(policy)
        self.choice.setMinimumContentsLength(14)
        self.choice.activated.connect(self._choose_file)
        self.head.addWidget(self.choice)
        self._note = self._label("source_note", "muted")
        self._failure = self._label("source_failure", "warning")
        self.view = SourceView(self)
        self.view.line_chosen.connect(self._choose_line)
        self.find_bar = SourceFind(self.view, self)
        self.body.addWidget(self.find_bar)
        self.body.addWidget(self.view, 1)
        self.body.addStretch(0)
        self.setMinimumWidth(240)

    def _label(self, name: str, role: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(text_font(9))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.body.addWidget(label)
        return label

    def sizeHint(self) -> QSize:
        """Return a size that shows a line of 80 characters."""
        return QSize(640, 300)

    # -- drawing -------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take another theme; file and place stay."""
        self.theme = theme
        self.view.set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the line of the selected step; read the texts where the run has changed."""
        if old is not None and old.run is new.run and old.selected == new.selected:
            return
        stays = old is not None and old.selected == new.selected
        if old is None or old.run is not new.run:
            stays = self._take_files(new) and stays
        line = self._line()
        if not stays:
            self._current = self._first_file() if line is None else line.file
        self._show(line, moves=not stays)

    def _take_files(self, state: State) -> bool:
        """Take over the files of a run; return whether the shown one is as it was."""
        files = () if state.capture is None else source_files(state.capture)
        self._files = {file.name: file for file in files}
        kept = {
            name: document
            for name, document in self._documents.items()
            if name in self._files and document.whole.texts == self._files[name].texts
        }
        dropped = [each for name, each in self._documents.items() if name not in kept]
        self._documents = kept
        if self._current not in kept:
            self.view.show_nothing()
        for document in dropped:
            document.deleteLater()
        self.choice.clear()
        for at, file in enumerate(files):
            self.choice.addItem(file.short, file.name)
            self.choice.setItemData(at, plain_tip(file.name), Qt.ItemDataRole.ToolTipRole)
        failed = any(file.failed for file in files)
        return self._current in kept and not failed

    def _line(self) -> SourceLine | None:
        """Return the line of the selected step; None where none is known."""
        step = None if self.state is None else self.state.step
        line = None if step is None else step.source_line
        return line if line is not None and line.file in self._files else None

    def _first_file(self) -> str:
        """Return a file to look at: the one that failed, the one that is shown, or the first."""
        for file in self._files.values():
            if file.failed:
                return file.name
        return self._current if self._current in self._files else next(iter(self._files), "")

    def _show(self, line: SourceLine | None, *, moves: bool) -> None:
        """Show the current file.

        Args:
            line: the line of the selected step.
            moves: whether the text is scrolled to what is to be seen.
        """
        file = self._files.get(self._current)
        self._show_words(file, line)
        show_if(self.view, file is not None)
        if file is None:
            self.view.show_nothing()
            return
        mine = line is not None and line.file == file.name
        number = line.number if line is not None and mine else LEFT_OUT
        shown = self._document(file, number)
        self.view.show_document(shown, replace(shown.file, steps=file.steps, failed=file.failed))
        self.view.mark(number)
        if moves:
            self.view.reveal(number or first_number(file))

    def _document(self, file: SourceFile, number: int) -> SourceDocument:
        """Return a file as it is shown: whole, or on a page around a line."""
        if self.on_paper:
            part = self._page(file, number or first_number(file))
            for document in self._documents.values():
                document.deleteLater()
            self._documents = {file.name: SourceDocument(part, file, self)}
        elif file.name not in self._documents:
            self._documents[file.name] = SourceDocument(file, file, self)
        return self._documents[file.name]

    def _page(self, file: SourceFile, number: int) -> SourceFile:
        """Return what a page shows of a file."""
        row = file.row(number)
        if file.text is not Text.WHOLE or row is None:
            return file
        if self._rows is None:
            self._rows = excerpt(file.texts, row)
        return file.part(self._rows)

    # -- words ---------------------------------------------------------------------------------

    def _show_words(self, file: SourceFile | None, line: SourceLine | None) -> None:
        several = len(self._files) > 1 and not self.on_paper
        show_if(self.choice, several)
        self.choice.setCurrentIndex(self.choice.findData(self._current))
        self.choice.setToolTip(plain_tip(file_tip(self._current, several=several)))
        parts = [] if line is None else [place_words(line)]
        if file is not None and not several:
            parts.append(file.short)
        self._words = " · ".join(parts)
        self.set_title(translate("Source", "Source"), self._words)
        self._subtitle.setToolTip(plain_tip(self._current))
        note = nothing_words(self.state) if file is None else note_words(file)
        failures = [] if self.state is None or self.state.capture is None else self._failures()
        for label, text in ((self._note, note), (self._failure, "\n".join(failures))):
            label.setText(text)
            show_if(label, bool(text))
        self._fit_words()

    def _failures(self) -> list[str]:
        """Return why the run failed, where a line is marked for it."""
        found = [each for file in self._files.values() for each in file.failed.values()]
        return [translated(each) for each in dict.fromkeys(found)]

    def _fit_words(self) -> None:
        """Shorten the words beside the title to the room that they have."""
        if self.on_paper:
            return
        layout = self.layout()
        if layout is not None:
            layout.activate()
        middle = Qt.TextElideMode.ElideMiddle
        metrics = self._subtitle.fontMetrics()
        self._subtitle.setText(metrics.elidedText(self._words, middle, self._subtitle.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the words into the new width."""
        super().resizeEvent(event)
        self._fit_words()

    # -- what the user does --------------------------------------------------------------------

    def _choose_line(self, number: int) -> None:
        file, state = self._files.get(self._current), self.state
        if file is not None and state is not None and number in file.steps:
            self.step_requested.emit(next_step(file.steps[number], state.selected))

    def _choose_file(self, at: int) -> None:
        name = self.choice.itemData(at)
        if name != self._current and name in self._files:
            self._current = name
            self._show(self._line(), moves=True)

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Show the function around the selected line, all of it, and no choice of files."""
        super().go_on_paper()
        policy = QSizePolicy.Policy.Preferred
        self._subtitle.setSizePolicy(policy, policy)
        self.body.setStretchFactor(self.view, 0)
        self.body.setStretch(self.body.count() - 1, 1)

    def paper_height(self, width: int) -> int:
        """Return the height of all lines, which get their width when they are first asked."""
        if self.on_paper and self._page_width is None:
            self._page_width = width
            sides = self.body.contentsMargins()
            self.view.go_on_paper(width - sides.left() - sides.right())
        return super().paper_height(width)

    def spare_height(self) -> int:
        """Return what is left below the lines."""
        bottom = self.view.geometry().bottom() + 1 + self.body.contentsMargins().bottom()
        return max(0, self.height() - bottom) if self.on_paper and self._files else 0

    def shorten(self) -> bool:
        """Leave out the lines that are farthest from the selected one."""
        file, line = self._files.get(self._current), self._line()
        if file is None or self._rows is None:
            return False
        mine = line is not None and line.file == file.name
        number = line.number if line is not None and mine else first_number(file)
        rows = narrowed(self._rows, file.row(number) or 0)
        if rows == self._rows:
            return False
        self._rows = rows
        self._show(line, moves=False)
        return True

    def take_look(self, other: Panel) -> None:
        """Show the same file at the same place."""
        if not isinstance(other, SourcePanel):
            return
        if other._current in self._files and other._current != self._current:
            line = self._line()
            if line is None or not self.on_paper:
                self._current, self._rows = other._current, None
                self._show(line, moves=False)
        if not self.on_paper:
            for mine, theirs in (
                (self.view.verticalScrollBar(), other.view.verticalScrollBar()),
                (self.view.horizontalScrollBar(), other.view.horizontalScrollBar()),
            ):
                mine.setValue(theirs.value())

    def caption_details(self) -> tuple[str, ...]:
        """Return the selected step, and its line or the file."""
        file, line = self._files.get(self._current), self._line()
        if file is None or self.state is None:
            return ()
        step = formatted("Caption", "step {name}", name=card_title(self.state.selected))
        if line is None or line.file != file.name:
            return (formatted("Caption", "source {file}", file=file.short),)
        place = formatted(
            "Caption", "source {file}, line {number}", file=file.short, number=line.number
        )
        return (step, place)
