"""Which optimiser makes the next update, and the button that has it made."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from lenet_viz.network.optimiser import ADAM, LIMITS, MOMENTUM, SGD
from lenet_viz.panels.choice_button import show_word
from lenet_viz.panels.flow_layout import Flow
from lenet_viz.panels.ledger_fields import NEAR, NumberField
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.toolbar_choices import why_off
from lenet_viz.session.state import State

_NESTEROV = "nesterov"


class LedgerControls(QWidget):
    """The optimiser's kind and numbers, Update, and the way back to the first weights.

    Signals, only ever caused by the user: ``optimiser_requested`` an `OptimiserChoice`,
    ``update_requested``, ``forget_requested``.
    """

    optimiser_requested = Signal(object)
    update_requested = Signal()
    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the controls."""
        super().__init__(parent)
        self.setObjectName("ledger_controls")
        self._state: State | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = Flow(self)
        self.update_button = self._make_update()
        self.kind = self._make_kind()
        self.refusal = QLabel(self)
        self.refusal.setObjectName("ledger_refusal")
        self.refusal.setProperty("role", "warning")
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.hide()
        self.fields = {name: self._make_field(name) for name in _words()}
        self.nesterov = QCheckBox(_NESTEROV, self)
        self.nesterov.setObjectName("ledger_nesterov")
        self.nesterov.setAccessibleName(_NESTEROV)
        self.nesterov.setToolTip(
            translate("Ledger", "Step along g + μ·b' instead of b': the momentum looks ahead")
        )
        self.nesterov.clicked.connect(self._changed)
        self._flow.addWidget(self.nesterov)
        self._flow.addWidget(self.refusal)
        self.forget = QToolButton(self)
        self.forget.setObjectName("ledger_forget")
        self.forget.setStyleSheet("padding-left: 5px; padding-right: 5px;")
        self.forget.setText(translate("Ledger", "Undo updates"))
        self.forget.setAccessibleName(translate("Ledger", "Undo updates"))
        self.forget.setToolTip(
            translate(
                "Ledger",
                "Go back to the weights before the first update; .grad and what the optimiser "
                "remembers are dropped with them",
            )
        )
        self.forget.clicked.connect(self.forget_requested)
        self._flow.addWidget(self.forget)

    def _make_update(self) -> QPushButton:
        button = QPushButton(translate("Ledger", "Update F7"), self)
        button.setObjectName("ledger_update")
        button.setAccessibleName(translate("Ledger", "Update"))
        button.setProperty("role", "main")
        button.clicked.connect(self.update_requested)
        self._flow.addWidget(button)
        return button

    def _make_kind(self) -> QComboBox:
        kind = QComboBox(self)
        kind.setObjectName("ledger_kind")
        kind.setStyleSheet(NEAR)
        kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        kind.setAccessibleName(translate("Ledger", "Optimiser"))
        kind.setToolTip(
            translate("Ledger", "torch.optim: another kind begins without anything remembered")
        )
        for text, word in (
            ("SGD", SGD),
            (translate("Ledger", "SGD, momentum"), MOMENTUM),
            ("Adam", ADAM),
        ):
            kind.addItem(text, word)
        kind.activated.connect(self._changed)
        self._flow.addWidget(kind)
        return kind

    def _make_field(self, name: str) -> NumberField:
        symbol, said, tip = _words()[name]
        holder = QWidget(self)
        holder.setObjectName(f"ledger_{name}_row")
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        label = QLabel(symbol, holder)
        label.setToolTip(tip)
        field = NumberField(name, holder)
        field.setObjectName(f"ledger_{name}")
        field.setAccessibleName(said)
        field.setToolTip(tip)
        label.setBuddy(field)
        row.addWidget(label)
        row.addWidget(field)
        field.valueChanged.connect(self._changed)
        field.refused.connect(partial(self._refuse, name))
        field.lineEdit().textEdited.connect(self.refusal.hide)
        self._flow.addWidget(holder)
        return field

    def render_state(self, state: State) -> None:
        """Show the optimiser of the next update, and whether one can be made now."""
        self._state = state
        choice = state.updating.choice
        show_word(self.kind, choice.kind)
        for name, field in self.fields.items():
            holder = field.parentWidget()
            if holder is not None:
                show_if(holder, name in choice.fields)
            field.blockSignals(True)
            if field.value() != getattr(choice, name):
                field.setValue(getattr(choice, name))
            field.blockSignals(False)
        show_if(self.nesterov, choice.kind == MOMENTUM)
        self.nesterov.setChecked(choice.nesterov)
        off = why_off(state)
        self.update_button.setEnabled(state.pending is None and not off)
        self.update_button.setToolTip(
            off or translate("Ledger", "One optimizer.step(): change every weight once (F7)")
        )
        show_if(self.forget, state.updating.count > 0)
        self.forget.setEnabled(state.pending is None)
        self.updateGeometry()

    def _refuse(self, name: str, text: str) -> None:
        """Say which numbers a field takes, beside the one that it took instead."""
        limit = LIMITS[name]
        least, most = f"{limit.least:g}", f"{limit.most:g}"
        if limit.below:
            words = formatted(
                "Ledger",
                "{name} is from {least} to below {most}, not {found}",
                name=name, least=least, most=most, found=text[:12],
            )  # fmt: skip
        else:
            words = formatted(
                "Ledger",
                "{name} is from {least} to {most}, not {found}",
                name=name, least=least, most=most, found=text[:12],
            )  # fmt: skip
        self.refusal.setText(words)
        show_if(self.refusal, shown=True)

    def _changed(self) -> None:
        if self._state is None:
            return
        numbers = {name: field.value() for name, field in self.fields.items()}
        choice = replace(
            self._state.updating.choice,
            kind=str(self.kind.currentData()),
            nesterov=self.nesterov.isChecked(),
            **numbers,
        )
        self.optimiser_requested.emit(choice)


def _words() -> dict[str, tuple[str, str, str]]:
    """Return each number's symbol, its name, and what it does."""
    return {
        "lr": (
            "lr",
            translate("Ledger", "Learning rate lr"),
            translate("Ledger", "Learning rate: how far one update goes"),
        ),
        "momentum": (
            "momentum μ",
            translate("Ledger", "Momentum μ"),
            translate("Ledger", "Momentum: how much of the buffer stays from step to step"),
        ),
        "beta1": (
            "β₁",
            translate("Ledger", "β₁"),
            translate("Ledger", "How much of the mean of the gradients stays"),
        ),
        "beta2": (
            "β₂",
            translate("Ledger", "β₂"),
            translate("Ledger", "How much of the mean of their squares stays"),
        ),
        "eps": (
            "eps ε",
            translate("Ledger", "ε"),
            translate("Ledger", "What is added to the root, so that nothing is divided by 0"),
        ),
        "weight_decay": (
            translate("Ledger", "weight decay λ"),
            translate("Ledger", "Weight decay λ"),
            translate("Ledger", "Weight decay: λ·w is added to every gradient"),
        ),
    }
