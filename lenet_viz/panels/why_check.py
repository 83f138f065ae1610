"""The foot of the Why panel: a gradient checked by finite differences."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.capture.address import Place
from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.engine.messages import CheckDone
from lenet_viz.explain.operands import array_at
from lenet_viz.panels.text import formatted, show_if, translate, translated
from lenet_viz.panels.theme import LIGHT, Theme, text_font
from lenet_viz.session.state import State


class WhyCheck(QWidget):
    """A button that asks for a finite difference, and what came of it.

    Attributes:
        requested: emitted when the user asks for one.
        nudged: emitted with the ε by which the user wants the number nudged.
    """

    requested = Signal()
    nudged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make it with nothing checked."""
        super().__init__(parent)
        self._theme: Theme = LIGHT
        self._role = "muted"
        self.button = QPushButton(self)
        self.button.setObjectName("why_check")
        self.button.setText(translate("Why", "Check"))
        self.button.setAccessibleName(translate("Why", "Check the gradient"))
        self.button.setToolTip(
            translate(
                "Why",
                "Repeat the run with this number a little larger and smaller, in float64, and see "
                "how the objective changes (D)",
            )
        )
        self.button.clicked.connect(self.requested)
        self.amount = QDoubleSpinBox(self)
        self.amount.setObjectName("why_amount")
        self.amount.setRange(-1000.0, 1000.0)
        self.amount.setDecimals(4)
        self.amount.setMaximumWidth(104)
        self.amount.setSingleStep(0.1)
        self.amount.setValue(0.1)
        self.amount.setKeyboardTracking(False)
        self.amount.setAccessibleName(translate("Why", "By how much it is nudged"))
        self.amount.setToolTip(translate("Why", "ε: by how much the number is nudged"))
        self.nudge = QPushButton(self)
        self.nudge.setObjectName("why_nudge")
        self.nudge.setText(translate("Why", "Nudge"))
        self.nudge.setAccessibleName(translate("Why", "Nudge the number"))
        self.nudge.setToolTip(
            translate(
                "Why",
                "Add ε to this number, repeat the run, and compare the change of the objective "
                "with what the gradient predicts: g·ε (N)",
            )
        )
        self.nudge.clicked.connect(self.nudge_now)
        self.words = QLabel(self)
        self.words.setObjectName("why_check_words")
        self.words.setWordWrap(True)
        self.words.setFont(text_font(8.5))
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.button, self.nudge, self.amount):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.words)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self._colour(self._role)

    def nudge_now(self) -> None:
        """Ask for a nudge by what stands in the field; by nothing there is none."""
        if self.amount.value():
            self.nudged.emit(self.amount.value())

    def _colour(self, role: str) -> None:
        self._role = role
        self.words.setStyleSheet(f"color: {getattr(self._theme, role)}")

    def show_state(self, state: State, *, on_paper: bool) -> None:
        """Show what is known of the gradient of the number that is asked about."""
        asked, check = state.asked, state.check
        places = (Place.STEP, Place.INPUT, Place.PARAMETER)
        possible = asked is not None and asked.place in places
        # Nothing that runs has gradients to offer where only a saved run is shown.
        show_if(self, possible and not on_paper and state.opened is None)
        if asked is None:
            return
        mine = check is not None and (check.address.place, check.address.name) == (
            asked.place,
            asked.name,
        )
        mine = mine and check is not None and check.address.index == asked.index
        ready = state.pending is None and not (check is not None and check.running)
        for widget in (self.button, self.nudge):
            widget.setEnabled(ready)
        if check is None or not mine:
            self._say("", "muted")
        elif check.running:
            self._say(
                translate("Why", "repeating the run with this number a little off …"), "muted"
            )
        elif check.failed is not None:
            self._say(translated(check.failed), "warning")
        elif check.done is not None:
            self._tell(state, check.done)

    def _say(self, text: str, role: str) -> None:
        self.words.setText(text)
        show_if(self.words, bool(text))
        if role != self._role:
            self._colour(role)

    def _tell(self, state: State, done: CheckDone) -> None:
        check, capture = state.check, state.capture
        if check is None or capture is None or check.address.index is None:
            return
        gradient = array_at(capture, check.address)
        if check.amount and gradient is not None:
            self._tell_nudge(float(gradient[check.address.index].real), check.amount, done)
            return
        words = formatted(
            "Why",
            "finite difference {estimate} ± {error} (ε = {step}, {dtype})",
            estimate=numbers.text(done.estimate, 6, plus=True),
            error=f"{done.error:.0e}",
            step=f"{done.step_size:.1e}",
            dtype=done.dtype,
        )
        role = "muted"
        if gradient is not None:
            found = float(gradient[check.address.index].real)
            agrees = (
                abs(found - done.estimate) <= 3 * done.error + _share(capture) * abs(found) + 1e-9
            )
            vague = found != 0 and done.error > abs(found)
            if vague:
                template = translate("Why", "too uncertain to compare with autograd's {found}")
            elif agrees:
                template = translate("Why", "agrees with autograd's {found}")
            else:
                template = translate("Why", "autograd gave {found}")
            words += ": " + template.replace("{found}", numbers.text(found, 6, plus=True))
            role = "text" if vague else "good" if agrees else "warning"
        notes = " ".join(translated(note) for note in done.notes)
        self._say(f"{words}. {notes}".rstrip() if notes else words, role)

    def _tell_nudge(self, gradient: float, amount: float, done: CheckDone) -> None:
        """Say what the gradient predicted, and what really changed."""
        predicted, actual = gradient * amount, done.above * done.step_size
        words = formatted(
            "Why",
            "nudged by {amount}: predicted change of the objective g·ε = {predicted}, "
            "actual change {actual}",
            amount=numbers.text(amount, 4, plus=True),
            predicted=numbers.text(predicted, 5, plus=True),
            actual=numbers.text(actual, 5, plus=True),
        )
        close = abs(predicted - actual) <= 0.05 * max(abs(predicted), abs(actual))
        if not close:
            words += ". " + translate(
                "Why",
                "ε is large here: on the way the slope changes, for instance where a ReLU opens or "
                "another value wins a max. The gradient holds for a tiny ε.",
            )
        self._say(words, "good" if close else "text")


_SHARES = {"bfloat16": 1.6e-2, "float16": 2e-3}
"""What part of a gradient its type's own rounding may make, over a few steps."""


def _share(capture: Capture) -> float:
    """Return which part of a gradient may be rounding, in the type that a run worked in."""
    value = capture.output_value
    return 1e-4 if value is None else _SHARES.get(value.dtype, 1e-4)
