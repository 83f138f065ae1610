"""Shows a Python file before it runs as a model: what it is, its text, how it is called."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.display.source_search import defined_at
from lenet_viz.errors import UserMistake
from lenet_viz.network.input_shapes import parse_input_shape
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.panels.theme import code_font
from lenet_viz.session.state import OwnModel


@dataclass(frozen=True, slots=True)
class ModelText:
    """A Python file as it is now, read but not run.

    Attributes:
        code: which file, and what in it.
        text: its text.
        names: the classes in it that look like models.
    """

    code: ModelCode
    text: str
    names: tuple[str, ...]


class ModelDialog(QDialog):
    """Asks whether a file may run, and how. Nothing of it runs before the answer."""

    def __init__(
        self,
        found: ModelText,
        own: OwnModel | None = None,
        weights: WeightsChoice | None = None,
        why: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            found: the file.
            own: how it was called before; None for the first time.
            weights: the file of weights before.
            why: why it is asked; "" where the user asked for it.
            parent: the window.
        """
        super().__init__(parent)
        self.setObjectName("model_dialog")
        self.setWindowTitle(translate("Model", "Run a model of yours"))
        self.resize(760, 680)
        self._code = found.code
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        self._why = self._label("model_why", why)
        self._why.setProperty("role", "warning")
        self._why.setVisible(bool(why))
        column.addWidget(self._why)
        column.addWidget(
            self._label(
                "model_warning",
                translate(
                    "Model",
                    "This file is code. It runs with all your rights, in a process of its own but "
                    "in no sandbox: run it only if you trust where it comes from.",
                ),
            )
        )
        path = self._label("model_path", found.code.path)
        path.setFont(code_font(9.5, bold=True))
        column.addWidget(path)
        sha = self._label("model_sha", formatted("Model", "SHA-256 {sha}", sha=found.code.sha256))
        sha.setProperty("role", "muted")
        column.addWidget(sha)
        for label in (path, sha):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text = self._text_view(found.text)
        column.addWidget(self._text, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        self._name = QComboBox(self)
        self._name.setEditable(True)
        self._name.addItems(list(found.names))
        self._name.setEditText(found.code.name or next(iter(found.names), ""))
        self._row(form, "model_name", translate("Model", "Model"), self._name)
        self._name.setToolTip(
            translate("Model", "The class, function or instance in the file that is the model")
        )
        self._name.currentTextChanged.connect(self._show_definition)
        self._arguments = self._field(
            form,
            "model_arguments",
            translate("Model", "Its arguments"),
            found.code.arguments,
            translate("Model", "Plain Python values, such as 10, hidden=32; empty for none"),
        )
        self._shapes = self._field(
            form,
            "model_shapes",
            translate("Model", "Inputs"),
            "; ".join(shape.words() for shape in own.shapes) if own is not None else "",
            translate(
                "Model",
                "The shape of each input, as in 1,3,32,32; several with ; between, integers as "
                "ids=1,16:int64:0..1000. Empty: a shape that fits is looked for",
            ),
        )
        self._shapes.setPlaceholderText(
            translate("Model", "empty: a shape that fits is looked for; else as in 1,3,32,32")
        )
        self._keywords = self._field(
            form,
            "model_keywords",
            translate("Model", "Further keywords"),
            "" if own is None else own.keywords,
            translate("Model", "Keyword arguments of forward that are no tensors: causal=True"),
        )
        self._weights = self._field(
            form,
            "model_weights",
            translate("Model", "Weights' file"),
            "" if weights is None else weights.path,
            translate("Model", "A .safetensors or .pt file; empty: weights from the seed"),
        )
        self._strip = self._field(
            form,
            "model_strip",
            translate("Model", "Prefix to take off"),
            "" if weights is None else weights.strip,
            translate("Model", "Taken off each name in the weights' file, such as module."),
        )
        column.addLayout(form)
        column.addWidget(self._buttons())
        self.answer: tuple[OwnModel, WeightsChoice | None] | None = None

    def ask(self, kind: str, options: tuple[str, ...]) -> None:
        """Put the cursor where what is asked can be written, and fill in what is known.

        Args:
            kind: as in `lenet_viz.engine.messages.Question`.
            options: likewise.
        """
        known = options[0] if options else ""
        fields = {
            "choose": self._name,
            "arguments": self._arguments,
            "shape": self._shapes,
            "keyword": self._keywords,
            "strip": self._strip,
        }
        if kind == "strip":
            self._strip.setText(known)
        elif kind == "arguments":
            self._arguments.setPlaceholderText(known)
        elif kind == "keyword" and known and not self._keywords.text():
            self._keywords.setText(f"{known}=")
        if kind in fields:
            fields[kind].setFocus()

    def _text_view(self, words: str) -> QPlainTextEdit:
        text = QPlainTextEdit(words, self)
        text.setObjectName("model_text")
        text.setAccessibleName(translate("Model", "The file's text"))
        text.setToolTip(translate("Model", "The text that would run"))
        text.setReadOnly(True)
        text.setFont(code_font(9))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        return text

    def _show_definition(self) -> None:
        """Scroll the text to what is chosen; it stays where that is not in it."""
        row = defined_at(self._text.toPlainText().split("\n"), self._name.currentText().strip())
        if row is not None:
            self._text.verticalScrollBar().setValue(max(0, row - 1))

    def showEvent(self, event: QShowEvent) -> None:
        """Show what is chosen first."""
        super().showEvent(event)
        self._show_definition()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter to buttons: in a field it would cancel what has just been typed."""
        enter = event.key() in {int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter)}
        if not (enter and isinstance(self.focusWidget(), QLineEdit | QComboBox)):
            super().keyPressEvent(event)

    def _label(self, name: str, text: str) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)  # a path or an error may look like HTML
        label.setText(text)
        label.setObjectName(name)
        label.setWordWrap(True)
        return label

    def _field(self, form: QFormLayout, name: str, words: str, text: str, tip: str) -> QLineEdit:
        field = QLineEdit(text, self)
        field.setToolTip(tip)
        self._row(form, name, words, field)
        return field

    def _row(self, form: QFormLayout, name: str, words: str, field: QWidget) -> None:
        field.setObjectName(name)
        field.setAccessibleName(words)
        label = QLabel(words, self)
        label.setBuddy(field)
        field.ensurePolished()
        label.setMinimumHeight(field.sizeHint().height())  # in the middle of its field
        form.addRow(label, field)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(self)
        run = QPushButton(translate("Model", "Run this file"), self)
        run.setObjectName("model_run")
        run.setToolTip(translate("Model", "Run the file and make the model"))
        run.setAutoDefault(False)
        buttons.addButton(run, QDialogButtonBox.ButtonRole.ActionRole)
        run.clicked.connect(self._agree)
        cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("model_cancel")
        cancel.setIcon(QIcon())  # some desktops put a sign there, the other button has none
        cancel.setToolTip(translate("Model", "Run nothing; all stays as it is (Esc)"))
        cancel.setDefault(True)
        cancel.setFocus()
        buttons.rejected.connect(self.reject)
        return buttons

    def _agree(self) -> None:
        """Take the answer, unless something typed cannot be understood."""
        try:
            shapes = tuple(
                parse_input_shape(words.strip())
                for words in self._shapes.text().split(";")
                if words.strip()
            )
        except UserMistake as mistake:
            self._why.setText(translated(mistake.message))
            self._why.setVisible(True)
            self._shapes.setFocus()
            return
        code = replace(
            self._code,
            name=self._name.currentText().strip(),
            arguments=self._arguments.text().strip(),
        )
        own = OwnModel(code, shapes, self._keywords.text().strip())
        path = self._weights.text().strip()
        self.answer = (own, WeightsChoice(path, self._strip.text().strip()) if path else None)
        self.accept()
