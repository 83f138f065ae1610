"""The row of the Why panel that pokes: a number is off, and every panel shows what it does."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.capture.address import Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import LIGHT, Theme, text_font
from lenet_viz.session.poke import LARGEST, Poke, objective_of, step_of
from lenet_viz.session.state import State


class WhyPoke(QWidget):
    """By how much the number is off, and what that does to the objective.

    Attributes:
        poked: emitted with the amount by which the user wants the number off.
        taken_back: emitted when the user wants it as it was.
    """

    poked = Signal(float)
    taken_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make it with nothing poked."""
        super().__init__(parent)
        self.setObjectName("why_poke_row")
        self._theme: Theme = LIGHT
        self._role = "muted"
        label = QLabel(translate("Why", "Poke"), self)
        label.setObjectName("why_poke_label")
        self.amount = QDoubleSpinBox(self)
        self.amount.setObjectName("why_poke")
        self.amount.setRange(-LARGEST, LARGEST)
        self.amount.setDecimals(4)
        self.amount.setMaximumWidth(104)
        self.amount.setKeyboardTracking(False)
        self.amount.setAccessibleName(translate("Why", "Poke: by how much the number is off"))
        self.amount.setToolTip(
            translate(
                "Why",
                "Turn the wheel here, or press Ctrl+Up and Ctrl+Down: the number changes, the run "
                "is repeated, and every map follows. Ctrl and the wheel do it over the input and "
                "the kernels, too.",
            )
        )
        self.amount.valueChanged.connect(self.poked)
        label.setBuddy(self.amount)
        self.back = QToolButton(self)
        self.back.setObjectName("why_poke_back")
        self.back.setText(translate("Why", "Take back"))
        self.back.setAccessibleName(translate("Why", "Take the poke back"))
        self.back.setToolTip(translate("Why", "Show the run from before the poke (Esc)"))
        self.back.clicked.connect(self.taken_back)
        self.words = QLabel(self)
        self.words.setObjectName("why_poke_words")
        self.words.setWordWrap(True)
        self.words.setFont(text_font(8.5))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(self.amount)
        row.addWidget(self.back)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.words)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.words.setStyleSheet(f"color: {getattr(theme, self._role)}")

    def show_state(self, state: State, *, on_paper: bool) -> None:
        """Show by how much the number that is asked about is off."""
        asked = state.asked
        possible = asked is not None and asked.place in (Place.INPUT, Place.PARAMETER)
        show_if(self, possible and not on_paper and state.opened is None)
        if asked is None or not possible:
            return
        poke = state.poke
        mine = poke is not None and poke.address == replace(asked, side=Side.ACTIVATION)
        self.amount.blockSignals(True)
        self.amount.setSingleStep(step_of(asked))
        self.amount.setValue(poke.amount if poke is not None and mine else 0.0)
        self.amount.blockSignals(False)
        self.amount.setEnabled(state.pending is None and not state.stale_forward)
        show_if(self.back, poke is not None)
        if poke is None:
            words, role = "", "muted"
        elif not mine:
            words = formatted("Why", "another number is poked: {where}", where=poke.nudge.words())
            role = "muted"
        elif not poke.shown:
            words, role = translate("Why", "repeating the run with this number off …"), "muted"
        else:
            words, role = _told(state, poke)
        self.words.setText(words)
        show_if(self.words, bool(words))
        if role != self._role:
            self._role = role
            self.set_theme(self._theme)


def _told(state: State, poke: Poke) -> tuple[str, str]:
    """Return what the poke did to the objective beside what was predicted, and its role."""
    capture = state.capture
    before = objective_of(poke.before.capture)
    after = None if capture is None else objective_of(capture)
    predicted = poke.predicted
    if before is None or after is None or predicted is None:
        words = translate(
            "Why",
            "The maps show what it does. Press Backward (F6) first to see what the gradient "
            "predicts for the objective.",
        )
        return words, "muted"
    actual = after - before
    close = abs(predicted - actual) <= 0.05 * max(abs(predicted), abs(actual))
    if predicted == 0 and actual == 0:
        words = formatted(
            "Why",
            "objective {before}: nothing changes, as its gradient 0 predicts",
            before=numbers.text(before, 6),
        )
        return words, "good"
    words = formatted(
        "Why",
        "objective {before} → {after}: predicted g·ε = {predicted}, really {actual}",
        before=numbers.text(before, 6),
        after=numbers.text(after, 6),
        predicted=numbers.text(predicted, 4, plus=True),
        actual=numbers.text(actual, 4, plus=True),
    )
    if close:
        return words, "good"
    if not np.isfinite(actual):
        return f"{words}. {translate('Why', 'The objective is no finite number.')}", "text"
    if abs(actual - predicted) <= 8 * _rounding(capture, before):
        more = translate("Why", "That is less than the objective's rounding: poke further.")
        return f"{words}. {more}", "muted"
    more = translate("Why", "So large a poke leaves the straight line that a gradient is.")
    return f"{words}. {more}", "text"


def _rounding(capture: Capture | None, objective: float) -> float:
    """Return how coarse an objective of this size is in the type that its output has."""
    value = None if capture is None else capture.output_value
    dtype = "float32" if value is None else value.dtype
    return {"float64": 2.0**-52, "float16": 2.0**-10, "bfloat16": 2.0**-7}.get(
        dtype, 2.0**-23
    ) * max(abs(objective), 1e-30)
