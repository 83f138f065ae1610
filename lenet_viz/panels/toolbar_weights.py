"""The toolbar's choice of weights: drawn with a seed, fixed by the preset, or from a file."""

from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from lenet_viz.network import presets
from lenet_viz.panels.choice_button import ChoiceButton, labelled, number_field, show_number
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.toolbar_choices import LARGEST_SEED, show_past
from lenet_viz.session.provenance import has_own_weights, weights_seed
from lenet_viz.session.state import Run, State


class WeightsButton(ChoiceButton):
    """Where the weights come from.

    Attributes:
        seed_requested: the seed they are to be drawn with.
        file_requested: when a file is to be asked for.
        drawn_requested: when the file is to be left.
    """

    seed_requested = Signal(int)
    file_requested = Signal()
    drawn_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the button and its form."""
        super().__init__("toolbar_weights", parent)
        self._seed = number_field(
            "toolbar_weights_seed",
            0,
            LARGEST_SEED,
            translate("Toolbar", "Seed the weights are drawn with: torch.manual_seed(seed); Net()"),
        )
        labelled(self, translate("Toolbar", "Weights' seed"), self._seed)
        self._seed.valueChanged.connect(self.seed_requested)
        file = self._button("toolbar_weights_file", translate("Toolbar", "From a file …"))
        file.setToolTip(
            translate(
                "Toolbar",
                "Read weights from a .safetensors file, or a state_dict in a .pt file",
            )
        )
        file.clicked.connect(self.file_requested)
        labelled(self, translate("Toolbar", "Weights' file"), file)
        self._drawn = self._button("toolbar_weights_drawn", translate("Toolbar", "Leave the file"))
        self._drawn.setToolTip(translate("Toolbar", "Draw the weights with the seed again"))
        self._drawn.clicked.connect(self.drawn_requested)
        self._drawn_label = labelled(self, translate("Toolbar", "Seed again"), self._drawn)

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.clicked.connect(self.menu().close)
        return button

    def render_state(self, state: State) -> None:
        """Show where the weights of the settings come from."""
        if show_past(self, state, _weights_of):
            return
        settings = state.settings
        file = settings.weights_file
        show_number(self._seed, settings.weights_seed)
        fixed = settings.pure_preset
        drawn = not fixed or presets.get(fixed).weights is None
        self._seed.setEnabled(file is None and drawn)
        for widget in (self._drawn, self._drawn_label):
            widget.setVisible(file is not None)
        if file is not None:
            self.show_choice(
                formatted("Toolbar", "weights: {name}", name=PurePath(file.path).name),
                formatted("Toolbar", "The weights: read from {path}", path=file.path),
            )
        elif drawn:
            self.show_choice(
                formatted("Toolbar", "weights: seed {seed}", seed=settings.weights_seed),
                translate("Toolbar", "The weights: drawn at random with this seed"),
            )
        else:
            self.show_choice(
                translate("Toolbar", "weights: fixed"),
                translate("Toolbar", "The weights: fixed numbers that come with the preset"),
            )


def _weights_of(run: Run) -> str:
    """Return where the weights of a run from elsewhere came from, in as few words."""
    if has_own_weights(run.capture):
        return translate("Toolbar", "weights: fixed")
    seed = weights_seed(run.capture)
    if seed:
        return formatted("Toolbar", "weights: seed {seed}", seed=seed)
    return translate("Toolbar", "weights: given")
