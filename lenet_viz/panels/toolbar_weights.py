"""The toolbar's choice of weights: drawn with a seed, fixed by the preset, or from a file."""

from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from lenet_viz.network.initialisation import AS_TORCH, CONSTANT
from lenet_viz.panels.choice_button import ChoiceButton, labelled, number_field, show_number
from lenet_viz.panels.initialisation_field import InitialisationField
from lenet_viz.panels.text import drawn_name, formatted, translate, translated
from lenet_viz.panels.toolbar_choices import LARGEST_SEED, show_past
from lenet_viz.session.provenance import (
    has_own_weights,
    initialisation,
    kept_layers,
    weights_seed,
)
from lenet_viz.session.state import Run, Settings, State


class WeightsButton(ChoiceButton):
    """Where the weights come from.

    Attributes:
        seed_requested: the seed they are to be drawn with.
        file_requested: when a file is to be asked for.
        drawn_requested: when the file is to be left.
        initialisation_requested: the `Initialisation` they are to be drawn from.
    """

    seed_requested = Signal(int)
    file_requested = Signal()
    drawn_requested = Signal()
    initialisation_requested = Signal(object)

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
        self._initialisation = InitialisationField("toolbar_initialisation")
        label = labelled(self, translate("Toolbar", "Initialisation"), self._initialisation)
        self._initialisation.align(label)
        self._initialisation.chosen.connect(self.initialisation_requested)
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
        drawn = settings.draws_weights or settings.own is not None
        self._seed.setEnabled(file is None and drawn)
        self._initialisation.show_initialisation(settings.initialisation, _why_off(settings))
        for widget in (self._drawn, self._drawn_label):
            widget.setVisible(file is not None)
        if file is not None:
            self.show_choice(
                formatted("Toolbar", "weights: {name}", name=PurePath(file.path).name),
                formatted("Toolbar", "The weights: read from {path}", path=file.path),
            )
        elif drawn:
            self._show_drawn(settings)
        else:
            self.show_choice(
                translate("Toolbar", "weights: fixed"),
                translate("Toolbar", "The weights: fixed numbers that come with the preset"),
            )

    def _show_drawn(self, settings: Settings) -> None:
        """Show what weights are drawn with: short on the button, in full in its name."""
        choice = AS_TORCH if settings.own is not None else settings.initialisation
        drawn = drawn_name(settings.weights_seed, choice)
        name = formatted("Toolbar", "weights: {drawn}", drawn=drawn)
        tip = translate("Toolbar", "The weights: drawn at random with this seed")
        text = name
        if settings.kept is not None:
            text = translate("Toolbar", "weights: partly kept")
            name = formatted("Toolbar", "weights: partly kept; new: {drawn}", drawn=drawn)
            tip = formatted(
                "Toolbar",
                "Layers that the edit left alone keep their weights; new ones: {drawn}. Another "
                "seed or initialisation draws all of them anew.",
                drawn=drawn,
            )
        elif not choice.is_default:
            tip = "\n".join((name, translated(choice.formula)))
            if choice.kind != CONSTANT:
                text = _short(translated(choice.name), settings.weights_seed)
        self.show_choice(text, tip)
        self.setAccessibleName(name)


def _short(initialisation: str, seed: int | str) -> str:
    """Return what a button says, where “weights: seed 0, …” leaves the menus no room."""
    return formatted(
        "Toolbar", "{initialisation}, seed {seed}", initialisation=initialisation, seed=seed
    )


def _why_off(settings: Settings) -> str:
    """Return why no initialisation can be chosen; "" where one can."""
    if settings.own is not None:
        return translate(
            "Toolbar", "Off: your model's own code makes its weights, after the seed is set."
        )
    if settings.weights_file is not None:
        return translate("Toolbar", "Off: the weights are read from a file.")
    if not settings.draws_weights:
        return translate("Toolbar", "Off: the preset comes with fixed weights.")
    return ""


def _weights_of(run: Run) -> str:
    """Return where the weights of a run from elsewhere came from, in as few words."""
    if has_own_weights(run.capture):
        return translate("Toolbar", "weights: fixed")
    seed = weights_seed(run.capture)
    if seed:
        choice = initialisation(run.capture)
        if kept_layers(run.capture):
            return translate("Toolbar", "weights: partly kept")
        if choice.is_default or choice.kind == CONSTANT:
            return formatted("Toolbar", "weights: {drawn}", drawn=drawn_name(seed, choice))
        return _short(translated(choice.name), seed)
    return translate("Toolbar", "weights: given")
