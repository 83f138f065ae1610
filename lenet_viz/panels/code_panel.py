"""The Python text of the network that is built, live."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from lenet_viz.display.source_lines import LEFT_OUT, SourceFile, Text
from lenet_viz.network.code import Source, source
from lenet_viz.network.code_sequential import sequential_source, why_not_sequential
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.spec import Spec
from lenet_viz.panels.flow_layout import Flow
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.source_document import SourceDocument
from lenet_viz.panels.source_view import SourceView
from lenet_viz.panels.text import show_if, translate, translated
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.building import draft_of
from lenet_viz.session.state import State


class CodePanel(Panel):
    """A class or an ``nn.Sequential`` of the layers; the selected layer's line is marked.

    Signals, only ever caused by the user: ``layer_chosen`` a layer, ``save_requested`` a
    network's name and its text.
    """

    layer_chosen = Signal(str)
    save_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("code", parent)
        self._sequential = False
        self._spec: Spec | None = None
        self._source: Source | None = None
        self._document: SourceDocument | None = None
        self._page_width: int | None = None
        self.bar = QWidget(self)
        self.bar.setObjectName("code_bar")
        self._flow = Flow(self.bar)
        self.body.addWidget(self.bar)
        self.forms = {
            False: self._switch(
                "code_class",
                translate("Code", "class"),
                translate("Code", "An nn.Module class with a forward"),
            ),
            True: self._switch(
                "code_sequential",
                translate("Code", "Sequential"),
                translate("Code", "One nn.Sequential, where there are no branches"),
            ),
        }
        self.forms[False].clicked.connect(lambda: self._choose(sequential=False))
        self.forms[True].clicked.connect(lambda: self._choose(sequential=True))
        self.copy = self._button(
            "code_copy",
            translate("Code", "Copy"),
            translate("Code", "Copy the whole text"),
        )
        self.copy.clicked.connect(self._copy)
        self.save = self._button(
            "code_save", translate("Code", "Save …"), translate("Code", "Save the text as a file")
        )
        self.save.clicked.connect(self._save)
        self.hint = QLabel(self)
        self.hint.setObjectName("code_hint")
        self.hint.setWordWrap(True)
        self.hint.setFont(text_font(9))
        self.hint.setProperty("role", "warning")
        self.view = SourceView(self)
        self.view.setObjectName("code_text")
        self.view.setAccessibleName(translate("Code", "Python of the network"))
        self.view.setToolTip(translate("Code", "Click a line to select its layer"))
        self.view.line_chosen.connect(self._line_chosen)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.view, 1)
        self.body.addStretch(0)
        self.setMinimumSize(240, 150)
        self.set_title(translate("Code", "Code"))

    def _switch(self, name: str, text: str, tip: str) -> QPushButton:
        switch = self._button(name, text, tip)
        switch.setProperty("role", "switch")
        switch.setCheckable(True)
        return switch

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self.bar)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        self._flow.addWidget(button)
        return button

    def sizeHint(self) -> QSize:
        """Return a size that shows a line of 80 characters."""
        return QSize(640, 300)

    @property
    def text(self) -> str:
        """The text that is shown; "" for none."""
        return "" if self._source is None else self._source.text

    # -- what the state says -------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take another theme; the place in the text stays."""
        self.theme = theme
        self.view.set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the layers' text where they have changed, and mark the selected one's line."""
        draft = draft_of(new)
        spec, why = _spec_of(draft)
        if old is None or spec != self._spec or (spec is None):
            self._spec = spec
            self._show(why)
        self._mark(new.building.focus, moves=old is None or _focus(old) != new.building.focus)

    def _show(self, why: str = "") -> None:
        spec = self._spec
        reason = "" if spec is None else self._refusal(spec)
        self._source = None
        if spec is not None and not reason:
            self._source = sequential_source(spec) if self._sequential else source(spec)
        for form, button in self.forms.items():
            button.setChecked(form == self._sequential)
        words = why or reason
        self.hint.setText(words)
        show_if(self.hint, bool(words))
        for button in (self.copy, self.save):
            button.setEnabled(self._source is not None)
        show_if(self.view, self._source is not None)
        before, self._document = self._document, None
        if self._source is None:
            self.view.show_nothing()
        else:
            file = _file(self._source)
            self._document = SourceDocument(file, file, self)
            self.view.show_document(self._document, file)
        if before is not None:
            before.deleteLater()

    def _refusal(self, spec: Spec) -> str:
        reason = why_not_sequential(spec) if self._sequential else None
        return "" if reason is None else translated(reason)

    def _mark(self, layer: str, *, moves: bool) -> None:
        line = None if self._source is None else self._source.lines.get(layer)
        self.view.mark(LEFT_OUT if line is None else line.number)
        if line is not None and moves and not self.on_paper:
            self.view.reveal(line.number)

    # -- what the user does --------------------------------------------------------------------

    def _choose(self, *, sequential: bool) -> None:
        self._sequential = sequential
        self._show()
        if self.state is not None:
            self._mark(self.state.building.focus, moves=True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    def _save(self) -> None:
        if self._spec is not None:
            self.save_requested.emit(self._spec.name, self.text)

    def _line_chosen(self, number: int) -> None:
        if self._source is None:
            return
        layers = [name for name, line in self._source.lines.items() if line.number == number]
        focus = "" if self.state is None else self.state.building.focus
        at = layers.index(focus) + 1 if focus in layers else 0
        if layers:
            self.layer_chosen.emit(layers[at % len(layers)])

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Leave out what can only be used."""
        super().go_on_paper()
        self.bar.hide()

    def paper_height(self, width: int) -> int:
        """Return the height of all lines, which get their width when they are first asked."""
        if self._page_width is None:
            self._page_width = width
            sides = self.body.contentsMargins()
            self.view.go_on_paper(width - sides.left() - sides.right())
        return super().paper_height(width)

    def spare_height(self) -> int:
        """Return what is left below the lines."""
        bottom = self.view.geometry().bottom() + 1 + self.body.contentsMargins().bottom()
        shown = self.on_paper and self._source is not None
        return max(0, self.height() - bottom) if shown else 0

    def take_look(self, other: Panel) -> None:
        """Show the same form."""
        if isinstance(other, CodePanel):
            self._sequential = other._sequential
            self._show()


def _focus(state: State) -> str:
    return state.building.focus


def _spec_of(draft: Draft | None) -> tuple[Spec | None, str]:
    """Return the network that can be written, or why there is none."""
    if draft is None:
        return None, translate("Code", "This network is no list of layers: see Source.")
    found = examine(draft)
    if found.spec is None and found.mistake is not None:
        words = translate("Code", "The layers do not fit yet: repair them in Build.")
        return None, f"{words} {translated(found.mistake)}"
    return found.spec, ""


def _file(made: Source) -> SourceFile:
    """Return a network's text as rows, with the layers of each line."""
    texts = tuple(made.text.rstrip("\n").split("\n"))
    layers: dict[int, tuple[str, ...]] = {}
    for name, line in made.lines.items():
        layers[line.number] = (*layers.get(line.number, ()), name)
    numbers = tuple(range(1, len(texts) + 1))
    return SourceFile("<network>", "network", texts, numbers, Text.WHOLE, layers, {})
