"""The state's own words, and that nothing in it can be changed."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from lenet_viz.network import presets
from lenet_viz.session import state as module
from lenet_viz.session.session import default_settings
from lenet_viz.session.state import ObjectiveChoice, State, output_count
from tests.session.pretend_engine import Desk


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        (ObjectiveChoice("cross-entropy", 7), "cross-entropy:7"),
        (ObjectiveChoice("output", 0), "output:0"),
        (ObjectiveChoice("random", 7), "random"),
        (ObjectiveChoice("mse", 7), "mse"),
    ],
)
def test_the_objectives_word(choice: ObjectiveChoice, word: str) -> None:
    assert choice.word == word


@pytest.mark.parametrize(
    ("preset", "count"),
    [("notebook", 10), ("tutorial", 10), ("lenet5", 10), ("toy", 2), ("autoencoder", None)],
)
def test_how_many_outputs_a_preset_has(preset: str, count: int | None) -> None:
    assert output_count(presets.get(preset).spec) == count


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(module).values() if is_dataclass(kind)], ids=str
)
def test_everything_in_the_state_is_frozen(kind: type) -> None:
    if kind.__module__ != module.__name__:
        return
    made = object.__new__(kind)
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(kind)[0].name, None)


def test_cards_begin_with_the_input_and_end_with_the_loss() -> None:
    assert State(default_settings()).cards == ("input",)
    desk = Desk("toy")
    desk.backward()
    assert desk.state.cards == (
        "input", "conv1", "relu", "max_pool2d", "view", "fc1", "target", "loss",
    )  # fmt: skip
