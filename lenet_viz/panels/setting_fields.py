"""Fields for a layer's settings: each shows a value and says what the user makes of it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QWidget,
)

from lenet_viz.network.layer_types import Setting, SettingValue
from lenet_viz.panels.choice_button import show_word
from lenet_viz.panels.pair_setting import PairSetting
from lenet_viz.panels.setting_field import SettingField, none_words

TRUE, FALSE = "True", "False"
"""As Python writes them."""


class WholeSetting(SettingField):
    """A whole number."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a field."""
        super().__init__(setting, name, parent)
        self.field = self.whole(none_words(setting))
        self.place(self.field)
        self.row.addStretch(1)
        self.field.valueChanged.connect(lambda _: self.changed.emit(self.field.number()))

    def show_value(self, value: SettingValue | None) -> None:
        """Show a number; None for none."""
        self.field.show_number(value if isinstance(value, int) else None)


class NumberSetting(SettingField):
    """A number with decimals."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a field."""
        super().__init__(setting, name, parent)
        self.field = QLineEdit(self)
        self.field.setMaximumWidth(110)
        self.place(self.field)
        self.row.addStretch(1)
        self._value: SettingValue | None = None
        self.field.editingFinished.connect(self._finished)

    def show_value(self, value: SettingValue | None) -> None:
        """Show a number."""
        self._value = value
        text = f"{value:g}" if isinstance(value, int | float) else ""
        if float(text or 0) != (value or 0):
            text = str(value)
        if self.field.text() != text:
            self.field.setText(text)

    def _finished(self) -> None:
        text = self.field.text().strip().replace(",", ".")
        try:
            found = float(text)
            inside = self.setting.low <= found <= self.setting.high
        except ValueError:
            inside, found = False, 0.0
        if not inside:
            self.refuse(self.field.text())
            self.show_value(self._value)
        elif found != self._value:
            self.changed.emit(found)


class FlagSetting(SettingField):
    """Yes or no."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a box."""
        super().__init__(setting, name, parent)
        self.field = QCheckBox(self)
        self.place(self.field)
        self.row.addStretch(1)
        self.field.clicked.connect(lambda on: self.changed.emit(on))

    def show_value(self, value: SettingValue | None) -> None:
        """Show whether it is on."""
        self.field.setChecked(bool(value))
        self.field.setText(TRUE if value else FALSE)


class SizesSetting(SettingField):
    """Several sizes, apart by commas."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a field."""
        super().__init__(setting, name, parent)
        self.field = QLineEdit(self)
        self.place(self.field)
        self._value: SettingValue | None = None
        self.field.editingFinished.connect(self._finished)

    def show_value(self, value: SettingValue | None) -> None:
        """Show the sizes."""
        self._value = value
        sizes = value if isinstance(value, tuple) else ()
        text = ", ".join(map(str, sizes))
        if self.field.text() != text:
            self.field.setText(text)

    def _finished(self) -> None:
        parts = self.field.text().strip(" ()[]").replace(";", ",").split(",")
        try:
            sizes = tuple(int(part) for part in parts if part.strip())
        except ValueError:
            sizes = ()
        if not sizes:
            self.refuse(self.field.text())
            self.show_value(self._value)
        elif sizes != self._value:
            self.changed.emit(sizes)


class ChoiceSetting(SettingField):
    """One of several words."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a list of words."""
        super().__init__(setting, name, parent)
        self.field = QComboBox(self)
        for word in setting.choices:
            self.field.addItem(word, word)
        self.place(self.field)
        self.row.addStretch(1)
        self.field.activated.connect(lambda _: self.changed.emit(self.field.currentData()))

    def show_value(self, value: SettingValue | None) -> None:
        """Show a word."""
        show_word(self.field, value)


_Maker = Callable[[Setting, str, QWidget | None], SettingField]
_FIELDS: dict[str, _Maker] = {
    "whole": WholeSetting,
    "pair": PairSetting,
    "number": NumberSetting,
    "flag": FlagSetting,
    "sizes": SizesSetting,
    "choice": ChoiceSetting,
}


def field_for(setting: Setting, name: str, parent: QWidget | None = None) -> SettingField:
    """Return a field for a setting.

    Args:
        setting: the setting.
        name: the object name.
        parent: the widget it belongs to.
    """
    field = _FIELDS[setting.kind](setting, name, parent)
    label = field.setting.name
    field.setAccessibleName(label)
    field.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    return field
