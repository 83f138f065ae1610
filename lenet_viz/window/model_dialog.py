"""Shows a Python file before it runs as a model: what it is, its text, how it is called."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
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
        column.addWidget(self._label("model_path", found.code.path))
        sha = formatted("Model", "SHA-256 {sha}", sha=found.code.sha256)
        column.addWidget(self._label("model_sha", sha))
        text = QPlainTextEdit(found.text, self)
        text.setObjectName("model_text")
        text.setAccessibleName(translate("Model", "The file's text"))
        text.setToolTip(translate("Model", "The text that would run"))
        text.setReadOnly(True)
        text.setFont(code_font(9))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        column.addWidget(text, 1)
        form = QFormLayout()
        self._name = QComboBox(self)
        self._name.setEditable(True)
        self._name.addItems(list(found.names))
        self._name.setEditText(found.code.name or next(iter(found.names), ""))
        self._row(form, "model_name", translate("Model", "Model"), self._name)
        self._name.setToolTip(
            translate("Model", "The class, function or instance in the file that is the model")
        )
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

    def propose_prefix(self, prefix: str) -> None:
        """Fill in the prefix that would make the weights fit."""
        self._strip.setText(prefix)

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
        form.addRow(words, field)

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
