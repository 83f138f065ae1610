"""Fields for a layer's settings: each shows a value and says what the user makes of it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from lenet_viz.network.layer_types import Setting, SettingValue
from lenet_viz.panels.builder_words import setting_tip
from lenet_viz.panels.choice_button import show_word
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.whole_field import WholeField

TRUE, FALSE = "True", "False"
"""As Python writes them."""


class SettingField(QWidget):
    """A field for one setting.

    Attributes:
        setting: which one.
        changed: emitted with the value that the user gave; None for torch's default.
        refused: emitted with a sentence on what cannot be taken.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a field.

        Args:
            setting: the setting.
            name: the object name.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setting = setting
        self.setObjectName(f"{name}_row")
        self.name = name
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)

    def show_value(self, value: SettingValue | None) -> None:
        """Show a value; None for none."""
        raise NotImplementedError

    def _place(self, widget: QWidget, suffix: str = "", tip: str = "") -> None:
        widget.setObjectName(f"{self.name}{suffix}")
        widget.setAccessibleName(self.setting.name)
        widget.setToolTip(tip or setting_tip(self.setting.name) or self.setting.name)
        self._row.addWidget(widget)

    def _refuse(self, text: str) -> None:
        setting = self.setting
        low, high = (
            f"{setting.low:g}",
            f"{setting.high:,.0f}" if setting.high > 9 else f"{setting.high:g}",
        )
        if setting.kind == "number":
            words = formatted(
                "Build", "{name} is a number from {low} to {high}, not {found}",
                name=setting.name, low=low, high=high, found=text[:24],
            )  # fmt: skip
        elif setting.kind == "sizes":
            words = formatted(
                "Build", "{name} is a list of sizes such as -1, 400, not {found}",
                name=setting.name, found=text[:24],
            )  # fmt: skip
        else:
            words = formatted(
                "Build", "{name} is a whole number from {low} to {high}, not {found}",
                name=setting.name, low=low, high=high, found=text[:24],
            )  # fmt: skip
        self.refused.emit(words)

    def _whole(self, none: str = "") -> WholeField:
        field = WholeField(int(self.setting.low), int(self.setting.high), self, none)
        field.refused.connect(self._refuse)
        return field


def _none_words(setting: Setting) -> str:
    """Return what stands where a setting may be left out; "" where it may not."""
    if setting.required or setting.default is not None:
        return ""
    return (
        translate("Build", "= kernel") if setting.name == "stride" else translate("Build", "none")
    )


class WholeSetting(SettingField):
    """A whole number."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a field."""
        super().__init__(setting, name, parent)
        self.field = self._whole(_none_words(setting))
        self._place(self.field)
        self._row.addStretch(1)
        self.field.valueChanged.connect(lambda _: self.changed.emit(self.field.number()))

    def show_value(self, value: SettingValue | None) -> None:
        """Show a number; None for none."""
        self.field.show_number(value if isinstance(value, int) else None)


class PairSetting(SettingField):
    """A number for height and width, or one for each, or a word."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make the fields."""
        super().__init__(setting, name, parent)
        self.words = QComboBox(self)
        self.height_field = self._whole(_none_words(setting))
        self._times = QLabel("×", self)
        self.width_field = self._whole()
        self.split = QToolButton(self)
        self.words.addItem(translate("Build", "pixels"), "")
        for word in setting.choices:
            self.words.addItem(word, word)
        self._place(self.words, "_word")
        self._place(self.height_field)
        self._row.addWidget(self._times)
        self._place(self.width_field, "_width", translate("Build", "The same for the width"))
        self.split.setText(translate("Build", "H ≠ W"))
        self.split.setCheckable(True)
        self._place(
            self.split, "_split", translate("Build", "Another number for the width than the height")
        )
        self._row.addStretch(1)
        show_if(self.words, bool(setting.choices))
        self.words.activated.connect(self._word_chosen)
        self.height_field.valueChanged.connect(self._numbers_changed)
        self.width_field.valueChanged.connect(self._numbers_changed)
        self.split.clicked.connect(self._numbers_changed)

    def show_value(self, value: SettingValue | None) -> None:
        """Show one number, two, a word, or that there is none."""
        word = value if isinstance(value, str) else ""
        show_word(self.words, word)
        two = isinstance(value, tuple)
        self.split.setChecked(two)
        show_if(self.height_field, not word)
        show_if(self._times, two)
        show_if(self.width_field, two)
        show_if(self.split, not word and value is not None)
        if isinstance(value, tuple):
            self.height_field.show_number(value[0])
            self.width_field.show_number(value[1])
        elif not isinstance(value, str):
            self.height_field.show_number(value if isinstance(value, int) else None)
            self.width_field.show_number(self.height_field.value())

    def _word_chosen(self) -> None:
        word = str(self.words.currentData())
        self.changed.emit(word or self.setting.default)

    def _numbers_changed(self) -> None:
        first = self.height_field.number()
        if self.split.isChecked() and first is not None:
            self.changed.emit((first, self.width_field.value()))
        else:
            self.changed.emit(first)


class NumberSetting(SettingField):
    """A number with decimals."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a field."""
        super().__init__(setting, name, parent)
        self.field = QLineEdit(self)
        self.field.setMaximumWidth(110)
        self._place(self.field)
        self._row.addStretch(1)
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
            self._refuse(self.field.text())
            self.show_value(self._value)
        elif found != self._value:
            self.changed.emit(found)


class FlagSetting(SettingField):
    """Yes or no."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make a box."""
        super().__init__(setting, name, parent)
        self.field = QCheckBox(self)
        self._place(self.field)
        self._row.addStretch(1)
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
        self._place(self.field)
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
            self._refuse(self.field.text())
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
        self._place(self.field)
        self._row.addStretch(1)
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
