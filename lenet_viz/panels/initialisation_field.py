"""A field for how weights begin, with its formula below."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QVBoxLayout, QWidget

from lenet_viz.network.initialisation import (
    CONSTANT,
    KINDS,
    LARGEST_CONSTANT,
    Initialisation,
    fans,
)
from lenet_viz.panels.choice_button import show_word, word_field
from lenet_viz.panels.text import give_role, plain_tip, translate, translated

_WIDTH = 300
_FIRST_CONSTANT = 0.1


class _Constant(QDoubleSpinBox):
    """A number that is written without zeros at its end."""

    def textFromValue(self, value: float) -> str:
        """Return the shortest text of a number."""
        return f"{value:.12g}"


class InitialisationField(QWidget):
    """Which distribution weights are drawn from; a constant has its number beside it.

    Attributes:
        chosen: the `Initialisation` that the user has chosen.
    """

    chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make the field.

        Args:
            name: the object name.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self._kind = word_field(f"{name}_kind", "")
        self._kind.setAccessibleName(translate("Toolbar", "Initialisation"))
        for kind in KINDS:
            self._add(kind)
        self._value = self._number(f"{name}_value")
        self._formula = QLabel()
        self._formula.setObjectName(f"{name}_formula")
        self._formula.setWordWrap(True)
        self._formula.setTextFormat(Qt.TextFormat.PlainText)
        self._formula.setFixedWidth(_WIDTH)
        self._formula.setMinimumHeight(self._formula.fontMetrics().lineSpacing() * 4)
        self._formula.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        give_role(self._formula, "muted")
        self._kind.activated.connect(self._changed)
        self._value.valueChanged.connect(self._changed)
        self.setFocusProxy(self._kind)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self._kind, self._value, self._formula):
            layout.addWidget(widget)

    def _add(self, kind: str) -> None:
        choice = Initialisation(kind)
        constant = kind == CONSTANT
        name = translate("Toolbar", "constant") if constant else translated(choice.name)
        self._kind.addItem(name, kind)
        tip = Qt.ItemDataRole.ToolTipRole
        if not constant:
            self._kind.setItemData(self._kind.count() - 1, translated(choice.formula), tip)

    def _number(self, name: str) -> QDoubleSpinBox:
        field = _Constant()
        field.setObjectName(name)
        field.setDecimals(6)
        field.setRange(-LARGEST_CONSTANT, LARGEST_CONSTANT)
        field.setSingleStep(0.1)
        field.setValue(_FIRST_CONSTANT)
        field.setKeyboardTracking(False)
        field.setAccessibleName(translate("Toolbar", "Constant"))
        field.setToolTip(translate("Toolbar", "What every weight and every bias is"))
        return field

    def _changed(self) -> None:
        self.chosen.emit(Initialisation(str(self._kind.currentData()), self._value.value()))

    def align(self, label: QLabel) -> None:
        """Put the field's label beside its first line."""
        above = (self._kind.sizeHint().height() - label.fontMetrics().height()) // 2 + 3
        label.setContentsMargins(0, above, 0, 0)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def show_initialisation(self, choice: Initialisation, why_off: str) -> None:
        """Show a choice without telling anybody.

        Args:
            choice: what is chosen.
            why_off: why nothing can be chosen; "" where it can.
        """
        show_word(self._kind, choice.kind)
        constant = choice.kind == CONSTANT
        if constant and self._value.value() != choice.value:
            blocked = self._value.blockSignals(True)
            self._value.setValue(choice.value)
            self._value.blockSignals(blocked)
        self._value.setVisible(constant)
        for field in (self._kind, self._value):
            field.setEnabled(not why_off)
        self._formula.setText(why_off or translated(choice.formula))
        tip = why_off or "\n".join((translated(choice.formula), translated(fans())))
        self._kind.setToolTip(plain_tip(tip))
