"""What the fields of a layer's settings have in common."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lenet_viz.network.layer_types import Setting, SettingValue
from lenet_viz.panels.builder_words import setting_tip
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.whole_field import WholeField


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
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)

    def show_value(self, value: SettingValue | None) -> None:
        """Show a value; None for none."""
        raise NotImplementedError

    def place(self, widget: QWidget, suffix: str = "", tip: str = "") -> None:
        """Put a widget into the row, with its name and what it says of itself."""
        widget.setObjectName(f"{self.name}{suffix}")
        widget.setAccessibleName(self.setting.name)
        widget.setToolTip(tip or setting_tip(self.setting.name) or self.setting.name)
        self.row.addWidget(widget)

    def refuse(self, text: str) -> None:
        """Say what is allowed, and that ``text`` is not."""
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

    def whole(self, none: str = "") -> WholeField:
        """Return a field for one of its numbers; ``none`` stands where it may be left out."""
        field = WholeField(int(self.setting.low), int(self.setting.high), self, none)
        field.refused.connect(self.refuse)
        return field


def none_words(setting: Setting) -> str:
    """Return what stands where a setting may be left out; "" where it may not."""
    if setting.required or setting.default is not None:
        return ""
    return (
        translate("Build", "= kernel") if setting.name == "stride" else translate("Build", "none")
    )
