"""The switches above the maps."""

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from lenet_viz.panels.text import show_if, translate
from lenet_viz.session.state import Show, View


class MapControls(QWidget):
    """A row of switches; they show what they are told and never emit ``clicked`` for it.

    Attributes:
        switches: activation, gradient, both.
        shared_scale: one colour scale for all channels.
        histogram: whether the histogram is shown.
        all_channels: leaves a channel zoom; the panel places it in its head.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the switches."""
        super().__init__(parent)
        self.switches = {
            Show.ACTIVATION: self._switch("maps_activation"),
            Show.GRADIENT: self._switch("maps_gradient"),
            Show.BOTH: self._switch("maps_both"),
        }
        self.shared_scale = self._switch("maps_shared_scale")
        self.histogram = self._switch("maps_histogram")
        self.all_channels = QPushButton(self)
        self.all_channels.setObjectName("maps_all_channels")
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in self.switches.values():
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.shared_scale)
        row.addWidget(self.histogram)

    def _switch(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setCheckable(True)
        button.setProperty("role", "switch")
        return button

    def name_all(self) -> None:
        """Give the controls their words in the present language."""
        words = (
            (self.switches[Show.ACTIVATION], *_activation_words()),
            (self.switches[Show.GRADIENT], *_gradient_words()),
            (self.switches[Show.BOTH], *_both_words()),
            (self.shared_scale, *_scale_words()),
            (self.histogram, *_histogram_words()),
            (self.all_channels, *_all_channels_words()),
        )
        for button, word, tip in words:
            if button.toolTip() != tip:
                button.setText(word)
                button.setToolTip(tip)
                button.setAccessibleName(word)
                button.setAccessibleDescription(tip)

    def show_choices(self, view: View, *, choice: bool, channels: int, zoomed: bool) -> None:
        """Show a state's choices.

        Args:
            view: what is chosen.
            choice: whether activation or gradient can be chosen here.
            channels: how many channels there are; scales of fewer than two cannot differ.
            zoomed: whether one channel is shown alone.
        """
        show_if(self, True)
        self.switches[view.show].setChecked(True)
        for button in self.switches.values():
            show_if(button, choice)
        self.shared_scale.setChecked(view.shared_scale)
        show_if(self.shared_scale, channels > 1)
        show_if(self.all_channels, zoomed)


def _activation_words() -> tuple[str, str]:
    return translate("Maps", "activation"), translate("Maps", "Show the activation (A)")


def _gradient_words() -> tuple[str, str]:
    return (
        translate("Maps", "gradient"),
        translate("Maps", "Show d(objective)/d(activation) (G)"),
    )


def _both_words() -> tuple[str, str]:
    return translate("Maps", "both"), translate("Maps", "Show both side by side (B)")


def _scale_words() -> tuple[str, str]:
    return (
        translate("Maps", "shared scale"),
        translate("Maps", "One colour scale for all channels; off: each channel has its own"),
    )


def _histogram_words() -> tuple[str, str]:
    return translate("Maps", "histogram"), translate("Maps", "Count how often values occur")


def _all_channels_words() -> tuple[str, str]:
    return translate("Maps", "all channels"), translate("Maps", "Show all channels again (Esc)")
