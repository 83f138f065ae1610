"""The form of the selected layer: its name, how it is written, what it takes, its settings."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.network.draft import Draft
from lenet_viz.network.layer_types import LARGEST_AXIS
from lenet_viz.network.node import INPUT, Node
from lenet_viz.panels.builder_fields import OpFields, form_of, label_of
from lenet_viz.panels.builder_words import op_tip, op_title, source_words
from lenet_viz.panels.choice_button import show_word, word_field
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import text_font
from lenet_viz.panels.whole_field import WholeField

MOST_SOURCES = 8
"""So many inputs of one layer are offered at most."""


class BuilderForm(QWidget):
    """What can be changed about the selected layer, or about the input.

    Signals, only ever caused by the user: ``renamed`` a name, ``restyled`` whether it is a
    module, ``connected`` which input and its source (None for none), ``changed`` a setting and
    its value, ``resized`` the input's channels, height and width.
    """

    renamed = Signal(str)
    restyled = Signal(bool)
    connected = Signal(int, object)
    changed = Signal(str, object)
    resized = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty form."""
        super().__init__(parent)
        self.setObjectName("builder_form")
        self.layer = ""
        self._ops: dict[str, OpFields] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        self.head = QLabel(self)
        self.head.setObjectName("builder_form_head")
        self.head.setFont(text_font(10, bold=True))
        self.head.setTextFormat(Qt.TextFormat.PlainText)
        self.about = QLabel(self)
        self.about.setObjectName("builder_form_about")
        self.about.setProperty("role", "muted")
        self.about.setFont(text_font(8.5))
        self.about.setWordWrap(True)
        self.refusal = QLabel(self)
        self.refusal.setObjectName("builder_refusal")
        self.refusal.setProperty("role", "warning")
        self.refusal.setWordWrap(True)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.head, self.about, self.refusal):
            column.addWidget(label)
        self._common = QWidget(self)
        self._common_form = form_of(self._common)
        self._make_common()
        column.addWidget(self._common)
        self._input = self._make_input()
        column.addWidget(self._input)
        self._column = column
        column.addStretch(1)

    def _make_common(self) -> None:
        self.name_field = QLineEdit(self._common)
        self.name_field.setObjectName("builder_name")
        self.name_field.setAccessibleName(translate("Build", "name"))
        self.name_field.setToolTip(
            translate("Build", "The layer's name, in the code and in the list (F2)")
        )
        self.name_field.editingFinished.connect(self._name_finished)
        self._common_form.addRow(label_of(translate("Build", "name")), self.name_field)
        self.style_field = word_field(
            "builder_style",
            translate("Build", "Whether the code has a module of its own, or calls a function"),
        )
        self.style_field.addItem(translate("Build", "module, in __init__"), True)
        self.style_field.addItem(translate("Build", "function, in forward"), False)
        self.style_field.setAccessibleName(translate("Build", "written as"))
        self.style_field.activated.connect(
            lambda _: self.restyled.emit(bool(self.style_field.currentData()))
        )
        self._style_label = label_of(translate("Build", "written as"))
        self._common_form.addRow(self._style_label, self.style_field)
        self.sources: list[QComboBox] = []
        self._source_labels: list[QLabel] = []
        for slot in range(MOST_SOURCES):
            field = word_field(
                f"builder_source_{slot}",
                translate("Build", "Which step's output it takes; only steps above it are offered"),
            )
            text = translate("Build", "takes") if not slot else translate("Build", "and")
            field.setAccessibleName(text)
            field.activated.connect(partial(self._source_chosen, slot))
            label = label_of(text)
            self._common_form.addRow(label, field)
            self.sources.append(field)
            self._source_labels.append(label)

    def _make_input(self) -> QWidget:
        holder = QWidget(self)
        form = form_of(holder)
        self.sizes: list[WholeField] = []
        named = (
            ("channels", translate("Build", "channels C"), 2**31 - 1),
            ("height", translate("Build", "height H"), LARGEST_AXIS),
            ("width", translate("Build", "width W"), LARGEST_AXIS),
        )
        for name, text, most in named:
            row = QWidget(holder)
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            field = WholeField(1, most, row)
            field.setObjectName(f"builder_input_{name}")
            field.setAccessibleName(text)
            field.setToolTip(translate("Build", "The size of one sample of the network's input"))
            field.valueChanged.connect(self._input_changed)
            field.refused.connect(partial(self._refuse_size, text, most))
            line.addWidget(field)
            line.addStretch(1)
            form.addRow(label_of(text), row)
            self.sizes.append(field)
        return holder

    # -- what is shown -------------------------------------------------------------------------

    def show_layer(self, draft: Draft, layer: str) -> None:
        """Show a layer of a draft; ``input`` for the input, "" for nothing."""
        known = layer == INPUT or any(node.id == layer for node in draft.nodes)
        if layer != self.layer:
            self.refuse("")
        self.layer = layer if known else ""
        node = draft.node(layer) if known and layer != INPUT else None
        show_if(self._common, node is not None)
        show_if(self._input, known and node is None)
        for op, fields in self._ops.items():
            show_if(fields, node is not None and op == node.op)
        if node is not None:
            self._show_node(draft, node)
        elif known:
            self.head.setText(translate("Build", "The network's input"))
            self.about.setText(translate("Build", "One sample; N, the batch, is added before it."))
            for field, size in zip(self.sizes, draft.input_shape, strict=True):
                field.show_number(size)
        else:
            self.head.setText("")
            self.about.setText(translate("Build", "Choose a layer to change it."))
        show_if(self.head, bool(self.head.text()))

    def _show_node(self, draft: Draft, node: Node) -> None:
        self.head.setText(formatted("Build", "{name}: {op}", name=node.id, op=op_title(node.op)))
        self.about.setText(op_tip(node.op))
        written = self.name_field.hasFocus() and self.name_field.isModified()
        if self.name_field.text() != node.id and not written:
            self.name_field.setText(node.id)
        kind = node.layer_type
        choice = kind.functional and kind.module_class is not None
        show_if(self._style_label, choice)
        show_if(self.style_field, choice)
        show_word(self.style_field, node.module is not None)
        self._show_sources(draft, node)
        if node.op not in self._ops:
            fields = OpFields(node.op, self)
            fields.changed.connect(self._setting_changed)
            fields.refused.connect(self.refuse)
            self._ops[node.op] = fields
            self._column.insertWidget(self._column.count() - 2, fields)
        show_if(self._ops[node.op], bool(kind.settings))
        self._ops[node.op].show_node(node)

    def _show_sources(self, draft: Draft, node: Node) -> None:
        """Offer the steps above a layer for each of its inputs."""
        above = [INPUT, *(each.id for each in draft.nodes[: draft.place(node.id)])]
        least, most = node.layer_type.inputs
        count = len(node.inputs)
        for slot, (field, label) in enumerate(zip(self.sources, self._source_labels, strict=True)):
            offered = slot < count or (slot == count and count < most)
            show_if(field, offered)
            show_if(label, offered)
            if not offered:
                continue
            entries: list[str | None] = [*above]
            if slot >= least:
                entries.insert(0, None)
            known = [field.itemData(at) for at in range(field.count())]
            if known != entries:
                field.clear()
                for name in entries:
                    field.addItem(
                        translate("Build", "nothing more") if name is None else source_words(name),
                        name,
                    )
            show_word(field, node.inputs[slot] if slot < count else None)

    def refuse(self, words: str) -> None:
        """Say what cannot be taken; "" for nothing."""
        self.refusal.setText(words)
        show_if(self.refusal, bool(words))

    def begin_name(self) -> None:
        """Let the name be written."""
        self.name_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name_field.selectAll()

    # -- what the user does --------------------------------------------------------------------

    def _name_finished(self) -> None:
        name = self.name_field.text()
        self.name_field.setModified(False)
        if name != self.layer and self.layer:
            self.renamed.emit(name)

    def _source_chosen(self, slot: int, at: int) -> None:
        self.refuse("")
        self.connected.emit(slot, self.sources[slot].itemData(at))

    def _setting_changed(self, name: str, value: object) -> None:
        self.refuse("")
        self.changed.emit(name, value)

    def _input_changed(self) -> None:
        self.refuse("")
        self.resized.emit(tuple(field.value() for field in self.sizes))

    def _refuse_size(self, name: str, most: int, text: str) -> None:
        self.refuse(
            formatted(
                "Build",
                "{name} is a whole number from 1 to {most}, not {found}",
                name=name,
                most=f"{most:,}",
                found=text[:24],
            )
        )
