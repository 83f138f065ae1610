"""A field for a whole number that says what it cannot take."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QSpinBox, QWidget

MOST = 2**31 - 1


class WholeField(QSpinBox):
    """A whole number; what is none, or out of range, is refused in words.

    Attributes:
        refused: emitted with the text that is no number here.
    """

    refused = Signal(str)

    def __init__(self, low: int, high: int, parent: QWidget | None = None, none: str = "") -> None:
        """Make a field.

        Args:
            low: the least number.
            high: the largest.
            parent: the widget it belongs to.
            none: what stands for no number at all, one step below the least; "" for nothing.
        """
        super().__init__(parent)
        self._none = none
        self.setRange(low - 1 if none else low, min(high, MOST))
        if none:
            self.setSpecialValueText(none)
        self.setKeyboardTracking(False)
        self.setAccelerated(True)
        self.setStyleSheet("padding-left: 6px; padding-right: 2px;")

    def number(self) -> int | None:
        """Return the number; None where none is given."""
        return None if self._none and self.value() == self.minimum() else self.value()

    def show_number(self, value: int | None) -> None:
        """Show a number without telling anybody."""
        wanted = self.minimum() if value is None else value
        blocked = self.blockSignals(True)
        if self.value() != wanted or self.text() != self.textFromValue(wanted):
            self.setValue(wanted)
        self.blockSignals(blocked)

    def validate(self, text: str, position: int) -> object:
        """Return whether a text is a number here; anything may be written until it is left."""
        if text.strip() == self._none and self._none:
            return QValidator.State.Acceptable, text, position
        least = self.minimum() + bool(self._none)
        try:
            inside = least <= int(text) <= self.maximum()
        except ValueError:
            inside = False
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, position

    def fixup(self, text: str) -> str:
        """Refuse what is no number here; the one before stays."""
        if text.strip():
            self.refused.emit(text)
        return self.textFromValue(self.value())

    def sizeHint(self) -> QSize:
        """Return the room for its number, and for short ones."""
        words = max(self.text(), self._none, "0000", key=len)
        room = self.fontMetrics().horizontalAdvance(words) + 36
        return QSize(room, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()
