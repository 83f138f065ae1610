"""The toolbar's two larger choices: the input, and what backward starts from."""

from collections.abc import Callable
from math import prod
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lenet_viz import inputs
from lenet_viz.capture.words import LONGEST_VECTOR, MSE, VECTOR
from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.panels.choice_button import (
    ChoiceButton,
    labelled,
    number_field,
    show_number,
    show_word,
    word_field,
)
from lenet_viz.panels.text import (
    formatted,
    objective_name,
    objective_title,
    translate,
    translated,
)
from lenet_viz.session.opening import cannot_run
from lenet_viz.session.provenance import input_choice
from lenet_viz.session.state import ObjectiveChoice, Run, State

LARGEST_SEED: Final = 2**31 - 1


def why_off(state: State) -> str:
    """Return why nothing can be run while a run from elsewhere is shown; "" where there is none."""
    opened = state.opened
    return "" if opened is None else translated(cannot_run(opened).message)


def show_past(button: ChoiceButton, state: State, words: Callable[[Run], str]) -> bool:
    """Return whether a run from elsewhere is shown; the button then says what that run had.

    Args:
        button: the button; switched off for such a run, on again for others.
        state: what is shown.
        words: gives what the button says of a run; "" for what it had not.
    """
    past = state.opened is not None and state.run is not None
    button.setEnabled(not past)
    if past and state.run is not None:
        said = words(state.run) or translate("Toolbar", "no backward")
        button.show_choice(said, why_off(state))
    return past


class InputButton(ChoiceButton):
    """Which input is run.

    Attributes:
        input_requested: emitted with an `InputRequest` when the user changes it.
    """

    input_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the button and its form."""
        super().__init__("toolbar_input", parent)
        self.state: State | None = None
        self._kind = word_field(
            "toolbar_input_kind", translate("Toolbar", "Where the input comes from")
        )
        self._kind.addItem(translate("Toolbar", "handwritten digit"), "digit")
        self._kind.addItem("torch.randn", "random")
        self._kind.addItem(translate("Toolbar", "the preset's own image"), "preset")
        labelled(self, translate("Toolbar", "Input"), self._kind)
        self._digit = number_field(
            "toolbar_digit", 0, 9, translate("Toolbar", "Which digit, 0 to 9")
        )
        self._digit_label = labelled(self, translate("Toolbar", "Digit"), self._digit)
        self._scan = number_field(
            "toolbar_scan", 0, 200, translate("Toolbar", "Which scan of that digit, from 0")
        )
        self._scan_label = labelled(self, translate("Toolbar", "Scan"), self._scan)
        self._seed = number_field(
            "toolbar_input_seed",
            0,
            LARGEST_SEED,
            translate("Toolbar", "Seed of torch.randn: the same seed gives the same numbers"),
        )
        self._seed_label = labelled(self, translate("Toolbar", "Seed"), self._seed)
        self._kind.activated.connect(self._changed)
        for field in (self._digit, self._scan, self._seed):
            field.valueChanged.connect(self._changed)

    def _changed(self) -> None:
        if self.state is None:
            return
        kind = str(self._kind.currentData())
        label = self._digit.value()
        self.input_requested.emit(
            InputRequest(
                kind=kind,
                label=label,
                index=min(self._scan.value(), inputs.count(label) - 1),
                seed=self._seed.value(),
            )
        )

    def render_state(self, state: State) -> None:
        """Show the input of the settings."""
        self.state = state
        if show_past(self, state, _input_of):
            return
        chosen = state.settings.input
        show_word(self._kind, chosen.kind)
        preset = state.settings.preset
        own = bool(preset) and presets.get(preset).image is not None
        own = own and state.settings.input_shape[1:] == presets.get(preset).spec.input_shape
        model = self._kind.model()
        at = self._kind.findData("preset")
        model.item(at).setEnabled(own)  # type: ignore[attr-defined]
        show_number(self._digit, chosen.label)
        show_number(self._scan, chosen.index, inputs.count(chosen.label) - 1)
        show_number(self._seed, chosen.seed)
        for widget in (self._digit, self._digit_label, self._scan, self._scan_label):
            widget.setVisible(chosen.kind == "digit")
        for widget in (self._seed, self._seed_label):
            widget.setVisible(chosen.kind == "random")
        tip = translate("Toolbar", "The input: click to change")
        self.show_choice(_input_words(chosen.kind, chosen.label, chosen.index, chosen.seed), tip)


def _input_words(kind: str, label: int, index: int, seed: int | str) -> str:
    """Return an input in as few words as the toolbar has room for."""
    words = {
        "digit": formatted("Toolbar", "digit {label}, scan {index}", label=label, index=index),
        "random": formatted("Toolbar", "randn, seed {seed}", seed=seed),
        "preset": translate("Toolbar", "own image"),
    }
    return words[kind]


def _input_of(run: Run) -> str:
    """Return the input of a run from elsewhere in as few words."""
    chosen = input_choice(run.capture)
    if chosen is None:
        return translate("Toolbar", "input: given")
    seed = run.capture.settings.get("input_seed") or chosen.seed
    return _input_words(chosen.kind, chosen.label or 0, chosen.index, "?" if seed is None else seed)


def _outputs(state: State) -> int:
    """Return how many outputs or classes can be chosen; many where only a run could tell."""
    settings, run = state.settings, state.run
    shape = settings.output_shape
    if shape is None:
        if run is None or run.settings is None or not run.settings.same_network(settings):
            return LARGEST_SEED
        value = run.capture.output_value
        shape = () if value is None else value.shape
    if not shape:
        return LARGEST_SEED
    classes = settings.objective.kind == "cross-entropy" and len(shape) > 1
    return max(1, shape[1 if classes else -1])


def first_vector(state: State) -> tuple[float, ...]:
    """Return the vector v that one's own begins with; empty where its size is not known.

    It is the one chosen before, else what backward last started from, else all ones.
    """
    chosen, run = state.settings.objective.vector, state.run
    if chosen:
        return chosen
    made_with = None if run is None else run.settings
    same = made_with is not None and made_with.same_network(state.settings)
    if run is not None and same and run.capture.output_value is not None:
        objective, value = run.capture.objective, run.capture.output_value
        v = None if objective is None else objective.upstream
        count = prod(value.shape)
        if not 0 < count <= LONGEST_VECTOR or "complex" in value.dtype:
            return ()
        return (1.0,) * count if v is None else tuple(map(float, v.reshape(-1)))
    return (1.0,) * (state.settings.output_count or 0)


class ObjectiveButton(ChoiceButton):
    """What backward starts from.

    Attributes:
        objective_requested: emitted with an `ObjectiveChoice` when the user changes it.
    """

    objective_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the button and its form."""
        super().__init__("toolbar_objective", parent)
        self._kind = word_field(
            "toolbar_objective_kind", translate("Toolbar", "What backward starts from")
        )
        for text, kind in (
            (translate("Toolbar", "cross-entropy of a class"), "cross-entropy"),
            (translate("Toolbar", "MSE against a random target"), "mse"),
            (translate("Toolbar", "random vector v, as in the notebook"), "random"),
            (translate("Toolbar", "one output"), "output"),
            (translate("Toolbar", "own vector v, written on the loss card"), VECTOR),
        ):
            self._kind.addItem(text, kind)
        labelled(self, translate("Toolbar", "Objective"), self._kind)
        self._index = number_field(
            "toolbar_objective_index", 0, 9, translate("Toolbar", "Which class or output, from 0")
        )
        self._index_label = labelled(self, translate("Toolbar", "Class or output"), self._index)
        self._seed = number_field(
            "toolbar_objective_seed",
            0,
            LARGEST_SEED,
            translate("Toolbar", "Seed of the random vector or target"),
        )
        self._seed_label = labelled(self, translate("Toolbar", "Seed"), self._seed)
        self._state: State | None = None
        self._kind.activated.connect(self._changed)
        self._index.valueChanged.connect(self._changed)
        self._seed.valueChanged.connect(self._changed)

    def _changed(self) -> None:
        kind, state = str(self._kind.currentData()), self._state
        vector = () if state is None or kind != VECTOR else first_vector(state)
        flat = kind == MSE and state is not None and state.settings.objective.flat
        self.objective_requested.emit(
            ObjectiveChoice(kind, self._index.value(), self._seed.value(), vector, flat)
        )

    def render_state(self, state: State) -> None:
        """Show the objective of the settings."""
        self._state = state
        model = self._kind.model()
        for kind, fits in (
            (VECTOR, bool(first_vector(state))),
            ("cross-entropy", state.settings.has_classes),
        ):
            model.item(self._kind.findData(kind)).setEnabled(fits)  # type: ignore[attr-defined]
        if show_past(self, state, lambda run: objective_title(run.capture)):
            return
        objective = state.settings.objective
        show_word(self._kind, objective.kind)
        show_number(self._index, objective.index, _outputs(state) - 1)
        show_number(self._seed, objective.seed)
        for widget in (self._index, self._index_label):
            widget.setVisible(objective.has_index)
        for widget in (self._seed, self._seed_label):
            widget.setVisible(objective.drawn)
        self.show_choice(
            objective_name(objective.word),
            translate("Toolbar", "The objective that backward starts from: click to change"),
        )
