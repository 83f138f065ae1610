"""The builder: the layers of the network, what does not fit, and the selected layer's form."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.network.draft import Draft, examine
from lenet_viz.panels.builder_bar import BuilderBar
from lenet_viz.panels.builder_form import BuilderForm
from lenet_viz.panels.builder_list import LayerList
from lenet_viz.panels.builder_mistake import MistakeBox
from lenet_viz.panels.builder_rows import rows_of
from lenet_viz.panels.builder_words import network_words
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, plain_tip, show_if, translate, translated
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.building import draft_of
from lenet_viz.session.state import State


class BuilderPanel(Panel):
    """The list of layers with what can be done to it.

    Signals, only ever caused by the user: ``add_requested`` an op, ``delete_requested``,
    ``duplicate_requested`` and ``layer_chosen`` a layer, ``move_requested`` a layer and a place,
    ``rename_requested`` a layer and a name, ``setting_requested`` a layer, a setting and a value,
    ``style_requested`` a layer and whether it is a module, ``connect_requested`` a layer, which
    input and its source, ``input_requested`` a shape, ``mend_requested``, ``mend_all_requested``,
    ``undo_requested``, ``redo_requested``, ``automatic_requested`` a bool,
    ``layers_requested`` where Python is to be read as layers.
    """

    add_requested = Signal(str)
    delete_requested = Signal(str)
    duplicate_requested = Signal(str)
    move_requested = Signal(str, int)
    rename_requested = Signal(str, str)
    setting_requested = Signal(str, str, object)
    style_requested = Signal(str, bool)
    connect_requested = Signal(str, int, object)
    input_requested = Signal(object)
    layer_chosen = Signal(str)
    mend_requested = Signal()
    mend_all_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()
    automatic_requested = Signal(bool)
    layers_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty builder."""
        super().__init__("builder", parent)
        self.automatic = self._make_switch()
        self.head.addWidget(self.automatic)
        self.bar = BuilderBar(self)
        self.body.addWidget(self.bar)
        self.form = BuilderForm()
        self.list = LayerList(self)
        self.list.chosen.connect(lambda row: self.layer_chosen.emit(self._name(row)))
        self.list.move_requested.connect(
            lambda row, to: self.move_requested.emit(self._name(row), to)
        )
        self.list.delete_requested.connect(lambda row: self.delete_requested.emit(self._name(row)))
        self.list.duplicate_requested.connect(
            lambda row: self.duplicate_requested.emit(self._name(row))
        )
        self.list.rename_requested.connect(lambda _: self.form.begin_name())
        self.list.edit_requested.connect(lambda _: self.form.focusNextChild())
        self.list.add_requested.connect(self.bar.add_button.showMenu)
        self.mistake = MistakeBox(self)
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.list, 1)
        self.count = QLabel(self)
        self.count.setObjectName("builder_count")
        self.count.setProperty("role", "muted")
        self.count.setFont(text_font(8.5))
        column.addWidget(self.count)
        self._area = QScrollArea(self)
        self._area.setObjectName("builder_scroll")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        below = QWidget(self)
        below.setObjectName("builder_below")
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(8)
        lower.addWidget(self.mistake)
        lower.addWidget(self.form, 1)
        self._area.setWidget(below)
        self.own = QPushButton(translate("Build", "Edit as layers"), self)
        self.own.setObjectName("builder_own")
        self.own.setAccessibleName(translate("Build", "Edit as layers"))
        self.own.setToolTip(
            translate(
                "Build",
                "Read the file as a list of layers, where it is simple enough; the file itself "
                "is not changed",
            )
        )
        self.own.clicked.connect(self.layers_requested)
        self.body.addWidget(self.own, 0, Qt.AlignmentFlag.AlignLeft)
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.setObjectName("builder_splitter")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(top)
        self._splitter.addWidget(self._area)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setHandleWidth(8)
        self.body.addWidget(self._splitter, 1)
        self.setMinimumWidth(250)
        self._wire()

    # -- building ------------------------------------------------------------------------------

    def _make_switch(self) -> QPushButton:
        text = translate("Build", "runs by itself")
        switch = QPushButton(text, self)
        switch.setObjectName("builder_automatic")
        switch.setAccessibleName(text)
        switch.setToolTip(
            translate("Build", "Run the network after every edit that fits, or only with F5 and F6")
        )
        switch.setProperty("role", "switch")
        switch.setCheckable(True)
        switch.clicked.connect(self.automatic_requested)
        return switch

    def _wire(self) -> None:
        form = self.form
        form.renamed.connect(lambda name: self.rename_requested.emit(form.layer, name))
        form.restyled.connect(lambda module: self.style_requested.emit(form.layer, module))
        form.connected.connect(
            lambda slot, source: self.connect_requested.emit(form.layer, slot, source)
        )
        form.changed.connect(
            lambda name, value: self.setting_requested.emit(form.layer, name, value)
        )
        form.resized.connect(self.input_requested)
        self.bar.add_requested.connect(self._add)
        self.bar.shift_requested.connect(self._shift)
        self.bar.duplicate_requested.connect(lambda: self.duplicate_requested.emit(form.layer))
        self.bar.delete_requested.connect(lambda: self.delete_requested.emit(form.layer))
        self.bar.undo_requested.connect(self.undo_requested)
        self.bar.redo_requested.connect(self.redo_requested)
        self.mistake.mend_requested.connect(self.mend_requested)
        self.mistake.mend_all_requested.connect(self.mend_all_requested)

    # -- what the state says -------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.list.pen.theme = theme
        self.mistake.set_theme(theme)
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the layers, the first mistake and the selected layer."""
        same = (
            old is not None
            and old.building is new.building
            and old.settings is new.settings
            and old.opened is new.opened
            and old.notice is new.notice
        )
        if same:
            return
        draft = draft_of(new)
        show_if(self._splitter, draft is not None)
        own = new.opened is None and new.settings.own is not None
        show_if(self.own, own and not self.on_paper)
        for button in (self.bar.add_button, *self.bar.layer_buttons):
            button.setEnabled(draft is not None)
        self._show_history(new)
        if draft is None:
            self.set_title(translate("Build", "Build"), _why_none(new))
            return
        found = examine(draft)
        count = None if found.mistake is not None else found.report.parameter_count
        self.set_title(translate("Build", "Build"), draft.name)
        self.count.setText(network_words(draft, count))
        self.list.show_rows(rows_of(draft, found), new.building.focus)
        self.form.show_layer(draft, new.building.focus)
        for button in self.bar.layer_buttons:
            button.setEnabled(bool(self.form.layer) and self.form.layer != "input")
        self._show_mistake(draft)

    def _show_history(self, state: State) -> None:
        building = state.building
        for button, moments, word, keys in (
            (self.bar.undo, building.past, translate("Build", "Undo"), "Ctrl+Z"),
            (self.bar.redo, building.future, translate("Build", "Redo"), "Ctrl+Shift+Z"),
        ):
            button.setEnabled(bool(moments))
            said = translated(moments[-1].words) if moments else ""
            tip = (
                formatted("Build", "{word}: {what} ({keys})", word=word, what=said, keys=keys)
                if said
                else formatted("Build", "{word} ({keys})", word=word, keys=keys)
            )
            button.setToolTip(plain_tip(tip))
        self.automatic.setChecked(building.automatic)

    def _show_mistake(self, draft: Draft) -> None:
        """Show what does not fit, above the form; what is new is scrolled to."""
        before = "" if self.mistake.isHidden() else self.mistake.words.text()
        self.mistake.show_draft(draft)
        if not self.mistake.isHidden() and self.mistake.words.text() != before:
            self._area.verticalScrollBar().setValue(0)
            self.list.show_also(examine(draft).failed or "")

    # -- what the user does --------------------------------------------------------------------

    def _name(self, row: int) -> str:
        return self.list.layers.rows[row].layer

    def _add(self, op: str) -> None:
        self.add_requested.emit(op)
        self.list.setFocus()

    def _shift(self, by: int) -> None:
        row = self.list.currentIndex().row()
        if row > 0:
            self.move_requested.emit(self._name(row), max(0, row - 1 + by))

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Leave out what can only be used."""
        super().go_on_paper()
        self.bar.hide()
        self._area.hide()

    def paper_height(self, width: int) -> int:
        """Return the height at which every row is seen."""
        margins = self.body.contentsMargins()
        inner = width - margins.left() - margins.right()
        mistake = 0 if self.mistake.isHidden() else self.mistake.heightForWidth(inner) + 6
        self.list.setFixedHeight(self.list.whole_height())
        head = self.head.sizeHint().height()
        return head + self.list.whole_height() + mistake + margins.top() + margins.bottom() + 16

    def caption_details(self) -> tuple[str, ...]:
        """Return that the layers are those that are built."""
        draft = None if self.state is None else draft_of(self.state)
        return () if draft is None else (formatted("Caption", "layers of {name}", name=draft.name),)


def _why_none(state: State) -> str:
    """Return why there is nothing to build on."""
    if state.opened is not None:
        return translate("Build", "a record of a run has no layers to change")
    return translate("Build", "this network is Python code, changed in its file")
