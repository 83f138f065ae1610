"""The field of a setting for height and width."""

from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QWidget

from lenet_viz.network.layer_types import Setting, SettingValue
from lenet_viz.panels.choice_button import show_word
from lenet_viz.panels.setting_field import SettingField, none_words
from lenet_viz.panels.text import show_if, translate


class PairSetting(SettingField):
    """A number for height and width, or one for each, or a word."""

    def __init__(self, setting: Setting, name: str, parent: QWidget | None = None) -> None:
        """Make the fields."""
        super().__init__(setting, name, parent)
        self.words = QComboBox(self)
        self.height_field = self.whole(none_words(setting))
        self._times = QLabel("×", self)
        self.width_field = self.whole()
        self.split = QToolButton(self)
        self.words.addItem(translate("Build", "pixels"), "")
        for word in setting.choices:
            self.words.addItem(word, word)
        self.place(self.words, "_word")
        self.place(self.height_field)
        self.row.addWidget(self._times)
        self.place(self.width_field, "_width", translate("Build", "The same for the width"))
        self.split.setText(translate("Build", "H ≠ W"))
        self.split.setCheckable(True)
        self.place(
            self.split, "_split", translate("Build", "Another number for the width than the height")
        )
        self.row.addStretch(1)
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
