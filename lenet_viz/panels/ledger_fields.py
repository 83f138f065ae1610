"""A field for a number of any size, such as an optimiser's."""

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from lenet_viz.network.optimiser import LIMITS

DECIMALS = 14
NEAR = "padding-left: 6px; padding-right: 2px;"
"""Style of a field beside whose arrows no further room is left free: its numbers are short."""
_BELOW = 1 - 1e-6
"""What stands for "below 1" in a field."""


class NumberField(QDoubleSpinBox):
    """A number of any size, also written as 1e-8; its arrows go through 1, 2, 5, 10.

    Attributes:
        limit_name: which of an optimiser's numbers it is.
        refused: a text that the user wrote and that is no number here; the nearest is taken.
    """

    refused = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make a field.

        Args:
            name: which of an optimiser's numbers it is.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.limit_name = name
        limit = LIMITS[name]
        self.setDecimals(DECIMALS)
        self.setRange(limit.least, _BELOW if limit.below else limit.most)
        self.setKeyboardTracking(False)
        self.setStyleSheet(NEAR)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._even = limit.below
        self.valueChanged.connect(self.updateGeometry)

    def textFromValue(self, value: float) -> str:
        """Return the shortest text of a number."""
        short = f"{value:.12g}"
        mantissa, letter, exponent = short.partition("e")
        return f"{mantissa}e{int(exponent)}" if letter else short

    def valueFromText(self, text: str) -> float:
        """Return the number that a text is."""
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> object:
        """Return whether a text is a number here, or can become one."""
        if set(text) - set("0123456789.,eE+-"):
            return QValidator.State.Invalid, text, position
        try:
            found = float(text.replace(",", "."))
        except ValueError:
            return QValidator.State.Intermediate, text, position
        inside = self.minimum() <= found <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, position

    def fixup(self, text: str) -> str:
        """Return the nearest number that is allowed; the one before for what is none."""
        try:
            found = float(text.replace(",", "."))
        except ValueError:
            found = self.value()
        if math.isnan(found):
            found = self.value()
        if text.strip():
            self.refused.emit(text)
        return self.textFromValue(min(self.maximum(), max(self.minimum(), found)))

    def stepBy(self, steps: int) -> None:
        """Go to the next number up or down."""
        value = self.value()
        for _ in range(abs(steps)):
            if self._even:
                value = round(value + math.copysign(0.01, steps), 10)
            else:
                value = _next(value, up=steps > 0)
        self.setValue(value)

    def sizeHint(self) -> QSize:
        """Return the room for the number, or for a short one such as 0.01."""
        text = self.fontMetrics().horizontalAdvance(self.textFromValue(self.value()))
        return QSize(max(70, text + 38), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()


def _next(value: float, *, up: bool) -> float:
    """Return the next of …, 0.01, 0.02, 0.05, 0.1, … above or below a number."""
    if value <= 0:
        return 1e-4 if up else 0.0
    power = math.floor(math.log10(value) + 1e-9)
    series = [round(m * 10.0**p, 15) for p in range(power - 1, power + 2) for m in (1, 2, 5)]
    if up:
        return next(each for each in series if each > value * (1 + 1e-9))
    return next(each for each in reversed(series) if each < value * (1 - 1e-9))
