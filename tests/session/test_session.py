"""The verbs, with an engine that only writes down what it is asked."""

import pytest

from lenet_viz.engine.messages import InputRequest
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.initialisation import Initialisation
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import (
    Notice,
    ObjectiveChoice,
    Show,
    State,
)
from tests.session.pretend_engine import ENDED, Desk, PretendEngine

RANDOM = InputRequest("random", seed=5)
MSE = ObjectiveChoice("mse", seed=4)


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- what a session begins with ------------------------------------------------------------------


@pytest.mark.parametrize("preset", presets.NAMES)
def test_each_presets_own_settings_can_be_run(preset: str) -> None:
    desk = Desk(preset)
    desk.backward()
    request = desk.last
    assert request.preset == preset
    assert request.input.kind == presets.get(preset).input_kind
    classes = {"toy": 2, "autoencoder": None}.get(preset, 10)
    assert desk.state.settings.output_count == classes
    assert request.objective == (f"cross-entropy:{min(7, classes - 1)}" if classes else "mse")
    assert desk.state.run is not None
    assert not desk.state.stale_forward
    assert not desk.state.stale_backward


def test_an_unknown_preset_is_a_mistake_of_the_user() -> None:
    with pytest.raises(UserMistake, match="tutorial"):
        default_settings("tutorail")


def test_without_a_state_the_default_preset_is_taken() -> None:
    assert Session(PretendEngine(), "folder").state == State(default_settings())


# -- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "forward", "backward"),
    [
        (lambda s: s.choose_preset("tutorial"), True, True),
        (lambda s: s.choose_input(RANDOM), True, True),
        (lambda s: s.choose_weights_seed(3), True, True),
        (lambda s: s.choose_initialisation(Initialisation("he_normal")), True, True),
        (lambda s: s.choose_objective(MSE), False, True),
        (lambda s: s.choose_objective(ObjectiveChoice("cross-entropy", 3, 2)), False, True),
        (lambda s: s.choose_zero_grad(False), False, False),
    ],
)
def test_what_a_setting_makes_stale(desk: Desk, verb, forward: bool, backward: bool) -> None:
    desk.backward()
    before = desk.state.settings
    verb(desk.session)
    assert desk.state.settings != before
    assert desk.state.stale_forward is forward
    assert desk.state.stale_backward is backward
    desk.session.change_settings(before)
    assert not desk.state.stale_forward
    assert not desk.state.stale_backward, "taken back, everything is current again"


def test_without_a_backward_pass_no_gradient_is_stale(desk: Desk) -> None:
    desk.forward()
    desk.session.choose_objective(MSE)
    assert not desk.state.stale_backward
    desk.session.choose_input(RANDOM)
    assert desk.state.stale_forward
    assert not desk.state.stale_backward


def test_before_the_first_run_nothing_is_stale(desk: Desk) -> None:
    desk.session.choose_input(RANDOM)
    assert not desk.state.stale_forward
    assert not desk.state.stale_backward


def test_a_verb_that_changes_nothing_tells_nobody(desk: Desk) -> None:
    desk.backward()
    desk.changes.clear()
    settings, session = desk.state.settings, desk.session
    session.choose_preset(settings.preset)
    session.choose_input(settings.input)
    session.choose_objective(settings.objective)
    session.choose_weights_seed(settings.weights_seed)
    session.choose_zero_grad(settings.zero_grad)
    session.select(desk.state.selected)
    session.show(desk.state.view.show)
    session.share_scale(desk.state.view.shared_scale)
    session.show_strip_gradients(desk.state.view.strip_gradients)
    session.zoom_channel(None)
    session.choose_theme("system")
    session.dismiss_notice()
    session.stop()
    assert desk.changes == []
    assert desk.engine.stops == 0


def test_a_digit_brings_its_class_along(desk: Desk) -> None:
    desk.session.choose_input(InputRequest("digit", 3, 1))
    assert desk.state.settings.objective.index == 3
    desk.session.choose_objective(ObjectiveChoice("output", 5, 2))
    desk.session.choose_input(InputRequest("digit", 4, 1))
    assert desk.state.settings.objective == ObjectiveChoice("output", 5, 2)


def test_a_digit_beyond_the_classes_leaves_the_objective() -> None:
    desk = Desk("toy")  # two logits
    desk.session.choose_input(InputRequest("digit", 8))
    assert desk.state.settings.objective.index == 1
    desk.session.choose_input(InputRequest("digit", 0))
    assert desk.state.settings.objective.index == 0


def test_another_preset_keeps_what_fits(desk: Desk) -> None:
    session = desk.session
    session.choose_input(RANDOM)
    session.choose_objective(ObjectiveChoice("output", 9, 2))
    session.choose_weights_seed(11)
    session.choose_zero_grad(False)
    session.choose_preset("lenet5")
    kept = desk.state.settings
    assert (kept.input, kept.objective.index, kept.weights_seed) == (RANDOM, 9, 11)
    assert kept.zero_grad is False
    session.choose_preset("toy")
    there = desk.state.settings
    assert there.input.kind == "preset", "the toy has an image of its own"
    assert there.objective.index < there.output_count == 2
    session.choose_preset("notebook")
    assert desk.state.settings.input.kind != "preset", "the notebook has none"


def test_an_unknown_preset_changes_nothing(desk: Desk) -> None:
    before = desk.state
    with pytest.raises(UserMistake):
        desk.session.choose_preset("nope")
    assert desk.state is before


# -- how things are shown ------------------------------------------------------------------------


def test_the_view_verbs(desk: Desk) -> None:
    session = desk.session
    session.show(Show.BOTH)
    session.show_strip_gradients(True)
    session.share_scale(False)
    session.zoom_channel(2)
    session.choose_theme("dark")
    view = desk.state.view
    assert (view.show, view.strip_gradients, view.shared_scale) == (Show.BOTH, True, False)
    assert (view.channel, view.theme) == (2, "dark")
    session.zoom_channel(None)
    assert desk.state.view.channel is None
    assert desk.engine.requests == []


def test_a_notice_stands_until_it_is_taken_away(desk: Desk) -> None:
    notice = Notice(ENDED, mistake=True)
    desk.session.tell(notice)
    assert desk.state.notice == notice
    desk.session.dismiss_notice()
    assert desk.state.notice is None


def test_selecting_leaves_the_zoomed_channel(desk: Desk) -> None:
    desk.backward()
    desk.session.select("conv2")
    desk.session.zoom_channel(15)
    desk.session.select("conv1")
    assert desk.state.view.channel is None
    desk.session.select("nowhere")
    assert desk.state.selected == "conv1"


def test_walking_stops_at_both_ends(desk: Desk) -> None:
    desk.session.walk(1)
    assert desk.state.selected == "input", "before the first run there is only the input"
    desk.backward()
    cards = desk.state.cards
    assert (cards[0], cards[-2:]) == ("input", ("target", "loss"))
    desk.session.walk(-1)
    seen = [desk.state.selected]
    for _ in range(len(cards) + 2):
        desk.session.walk(1)
        seen.append(desk.state.selected)
    assert tuple(seen[: len(cards)]) == cards
    assert seen[-1] == "loss"
    desk.session.walk(-3)
    assert desk.state.selected == cards[-4]
    desk.session.walk(-1000)
    assert desk.state.selected == "input"


def test_the_selected_steps_record_is_at_hand(desk: Desk) -> None:
    assert desk.state.step is None
    desk.backward()
    assert desk.state.selected == "conv1", "the first run selects its first step"
    desk.session.select("input")
    assert desk.state.step is None
    desk.session.select("conv2")
    assert desk.state.step is not None
    assert desk.state.step.shape == (1, 16, 13, 13)
