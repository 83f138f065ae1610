"""A button that shows a choice in words and opens the form to change it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QMenu,
    QSpinBox,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from lenet_viz.panels.text import plain_tip

LONGEST_TEXT = 150
"""The most logical pixels a choice's words may fill."""


class ChoiceButton(QToolButton):
    """A button with a form below it.

    Attributes:
        form: the form's layout; rows are added to it.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make a button with an empty form.

        Args:
            name: the object name.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        menu.setObjectName(f"{name}_menu")
        holder = QWidget(menu)
        holder.setObjectName(f"{name}_form")
        self.form = QFormLayout(holder)
        self.form.setContentsMargins(14, 12, 14, 12)
        self.form.setSpacing(8)
        action = QWidgetAction(menu)
        action.setDefaultWidget(holder)
        menu.addAction(action)
        self.setMenu(menu)

    def show_choice(self, text: str, tip: str) -> None:
        """Show the choice in words; long ones are shortened so that the toolbar fits."""
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(text, middle, LONGEST_TEXT))
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(tip if self.text() == text else f"{text}\n{tip}"))


def labelled(button: ChoiceButton, text: str, field: QWidget) -> QLabel:
    """Add a field with its label to a form and return the label."""
    label = QLabel(text)
    label.setBuddy(field)
    label.setMinimumHeight(field.sizeHint().height() + 8)
    field.setAccessibleName(text)
    button.form.addRow(label, field)
    return label


def number_field(name: str, low: int, high: int, tip: str) -> QSpinBox:
    """Return a field for a whole number.

    Args:
        name: the object name.
        low: the smallest number it takes.
        high: the largest.
        tip: the tool tip.
    """
    field = QSpinBox()
    field.setObjectName(name)
    field.setRange(low, high)
    field.setKeyboardTracking(False)
    field.setToolTip(tip)
    return field


def word_field(name: str, tip: str) -> QComboBox:
    """Return a field for one of several words."""
    field = QComboBox()
    field.setObjectName(name)
    field.setToolTip(tip)
    return field


def show_number(field: QSpinBox, value: int, most: int | None = None) -> None:
    """Show a number without telling anybody: only what a user does is a signal.

    Args:
        field: where it is shown.
        value: the number.
        most: the largest number the field takes from now on; as before if None.
    """
    blocked = field.blockSignals(True)
    if most is not None:
        field.setMaximum(most)
    if field.value() != value:
        field.setValue(value)
    field.blockSignals(blocked)


def show_word(field: QComboBox, word: object) -> None:
    """Show the entry whose data is ``word`` without telling anybody."""
    at = field.findData(word)
    if at != field.currentIndex():
        blocked = field.blockSignals(True)
        field.setCurrentIndex(at)
        field.blockSignals(blocked)
