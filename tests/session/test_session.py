"""The verbs and the replies, with an engine that only writes down what it is asked."""

from dataclasses import replace
from itertools import pairwise

import pytest

from lenet_viz.engine.messages import InputRequest, Ready
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.session.replies import LOG_LIMIT
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import (
    EngineStatus,
    LogEntry,
    Notice,
    ObjectiveChoice,
    Show,
    State,
)
from tests.session.pretend_engine import ENDED, FAILED, Desk, Grads, PretendEngine

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
    assert request.objective == f"cross-entropy:{min(7, desk.state.settings.output_count - 1)}"
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


# -- runs ----------------------------------------------------------------------------------------


def test_forward_asks_for_no_objective_and_backward_names_it(desk: Desk) -> None:
    session = desk.session
    session.choose_objective(ObjectiveChoice("mse", seed=9))
    session.forward()
    asked = desk.last
    assert asked.objective is None
    assert asked.spec == presets.get("notebook").spec.to_json()
    assert (asked.weights, asked.grads, asked.folder) == (None, None, "folder")
    assert desk.state.pending is not None
    assert not desk.state.pending.backward
    assert desk.state.engine is EngineStatus.BUSY
    desk.finish()
    assert desk.state.engine is EngineStatus.READY
    assert desk.state.pending is None
    session.backward()
    assert (desk.last.objective, desk.last.objective_seed) == ("mse", 9)
    assert desk.last.weights == desk.state.weights
    assert desk.last.same_input


def test_a_run_while_one_is_under_way_is_ignored(desk: Desk) -> None:
    desk.session.forward()
    desk.session.backward()
    desk.session.forward()
    assert len(desk.engine.requests) == 1


def test_stop_is_passed_on_only_while_something_runs(desk: Desk) -> None:
    desk.session.stop()
    assert desk.engine.stops == 0
    desk.session.forward()
    desk.session.stop()
    assert desk.engine.stops == 1
    assert desk.state.pending is not None, "until the engine's end is known"
    desk.lose(1, wanted=True)
    assert desk.state.pending is None
    assert desk.state.notice == Notice(ENDED, mistake=False)
    assert desk.state.engine is EngineStatus.STARTING


def test_settings_changed_during_a_run_make_its_result_stale(desk: Desk) -> None:
    desk.session.backward()
    desk.session.choose_input(RANDOM)
    desk.finish()
    assert desk.state.run is not None
    assert desk.state.run.settings.input != RANDOM
    assert desk.state.stale_forward


def test_weights_are_named_for_the_same_network_only(desk: Desk) -> None:
    desk.backward()
    first = desk.state.weights
    desk.session.choose_weights_seed(1)
    desk.session.forward()
    assert desk.last.weights is None
    assert desk.last.grads is None
    desk.finish()
    assert desk.state.weights != first
    desk.session.choose_preset("tutorial")
    desk.session.forward()
    assert desk.last.weights is None


# -- accumulation --------------------------------------------------------------------------------


def passes(desk: Desk) -> tuple[int, int]:
    run = desk.state.run
    assert run is not None
    assert desk.state.passes == run.passes
    return run.passes, run.input_passes


def test_zero_grad_clears_the_parameters_but_not_the_input(desk: Desk) -> None:
    for wanted in ((1, 1), (1, 2), (1, 3)):
        desk.backward()
        assert passes(desk) == wanted
    desk.session.choose_zero_grad(False)
    for wanted in ((2, 4), (3, 5)):
        desk.backward()
        assert passes(desk) == wanted
    desk.forward()
    assert passes(desk) == (3, 5), "forward leaves every .grad"
    desk.session.choose_zero_grad(True)
    desk.backward()
    assert passes(desk) == (1, 6)


def test_another_objective_adds_up_in_the_same_grad(desk: Desk) -> None:
    desk.session.choose_zero_grad(False)
    desk.backward()
    desk.session.choose_objective(MSE)
    desk.backward()
    assert passes(desk) == (2, 2)


def test_another_input_has_a_grad_of_its_own(desk: Desk) -> None:
    desk.session.choose_zero_grad(False)
    desk.backward()
    first = desk.state.settings
    desk.session.choose_input(RANDOM)
    desk.session.backward()
    assert not desk.last.same_input
    assert desk.last.grads is not None, "the parameters' .grad goes on"
    desk.finish()
    assert passes(desk) == (2, 1)
    desk.session.change_settings(first)
    desk.backward()
    assert passes(desk) == (3, 1), "the first input's .grad was let go of"


def test_other_weights_begin_anew(desk: Desk) -> None:
    desk.session.choose_zero_grad(False)
    desk.backward()
    desk.backward()
    desk.session.choose_weights_seed(8)
    desk.forward()
    assert passes(desk) == (0, 0)
    assert desk.state.grads is None


def test_a_run_that_failed_adds_nothing(desk: Desk) -> None:
    desk.session.choose_zero_grad(False)
    desk.backward()
    grads = desk.state.grads
    desk.session.backward()
    desk.fail()
    assert (passes(desk), desk.state.grads) == ((1, 1), grads)
    desk.backward()
    assert passes(desk) == (2, 2)
    assert Grads.of(desk.state.grads).passes == 2


# -- replies -------------------------------------------------------------------------------------


def test_a_failed_run_leaves_the_one_before(desk: Desk) -> None:
    desk.backward()
    before = desk.state
    desk.session.choose_weights_seed(1)
    desk.session.backward()
    desk.fail()
    after = desk.state
    assert after.notice == Notice(FAILED, mistake=True)
    assert after.engine is EngineStatus.READY
    assert after.pending is None
    assert (after.run, after.weights, after.grads) == (before.run, before.weights, before.grads)
    assert after.log == before.log
    desk.session.forward()
    assert after.run is desk.state.run
    assert desk.state.notice is None, "the sentence goes when the next run begins"


def test_a_killed_engine_leaves_the_run_before(desk: Desk) -> None:
    desk.backward()
    before = desk.state
    desk.session.backward()
    desk.lose(desk.last.run)
    assert desk.state.run is before.run
    assert desk.state.notice == Notice(ENDED, mistake=True)
    assert desk.state.engine is EngineStatus.STARTING
    desk.session.receive(Ready("2"))
    assert desk.state.engine is EngineStatus.READY
    assert desk.state.notice == Notice(ENDED, mistake=True), "it can still be read"


def test_a_run_that_waits_survives_the_idle_engines_end(desk: Desk) -> None:
    """The client keeps a request that the lost engine was never given."""
    desk.session.forward()
    desk.lose(None)
    assert desk.state.notice == Notice(ENDED, mistake=True)
    assert desk.state.pending is not None
    desk.session.receive(Ready("2"))
    assert desk.state.engine is EngineStatus.BUSY
    desk.finish()
    assert desk.state.run is not None


def test_replies_to_old_runs_are_dropped(desk: Desk) -> None:
    desk.session.forward()
    first = desk.last
    desk.session.stop()
    desk.lose(first.run, wanted=True)
    desk.session.receive(Ready("2"))
    desk.session.choose_weights_seed(4)
    desk.session.backward()
    before, told = desk.state, len(desk.changes)
    desk.session.receive(*desk.engine.answer(first))
    desk.progress(first.run)
    desk.lose(first.run)
    assert desk.state is before
    assert len(desk.changes) == told
    desk.finish()
    assert desk.state.run is not None
    assert desk.state.run.number == desk.last.run
    before = desk.state
    desk.session.receive(*desk.engine.answer(desk.last))
    assert desk.state is before, "no run is counted twice"


def test_progress_is_shown(desk: Desk) -> None:
    desk.session.backward()
    desk.progress(desk.last.run, 0.8)
    assert desk.state.pending is not None
    assert desk.state.pending.fraction == 0.8
    assert desk.state.pending.stage.english() == "stage"


def test_an_engine_that_never_starts_is_said_to_be_lost_and_can_be_tried_again() -> None:
    desk = Desk(ready=False)
    desk.session.backward()
    assert desk.state.engine is EngineStatus.STARTING
    desk.lose(1, followed=False)
    assert desk.state.engine is EngineStatus.LOST
    assert desk.state.pending is None
    desk.session.forward()
    assert desk.state.engine is EngineStatus.STARTING
    desk.session.receive(Ready("2"))
    assert desk.state.engine is EngineStatus.BUSY
    desk.finish()
    assert desk.state.engine is EngineStatus.READY


def test_an_engine_that_nothing_follows_is_said_to_be_lost(desk: Desk) -> None:
    desk.session.forward()
    desk.lose(desk.last.run, followed=False)
    assert desk.state.engine is EngineStatus.LOST
    desk.session.forward()
    desk.finish()
    assert desk.state.engine is EngineStatus.READY


def test_stopped_before_the_engine_was_ready_it_goes_on_starting() -> None:
    desk = Desk(ready=False)
    desk.session.backward()
    desk.session.stop()
    desk.lose(1, wanted=True)
    assert desk.state.engine is EngineStatus.STARTING


# -- selection and log ---------------------------------------------------------------------------


def test_the_selection_survives_a_run_of_the_same_network(desk: Desk) -> None:
    desk.backward()
    desk.session.select("conv2")
    desk.session.zoom_channel(3)
    desk.session.choose_input(RANDOM)
    desk.backward()
    assert desk.state.selected == "conv2"
    assert desk.state.view.channel == 3


def test_the_selection_falls_back_where_the_card_is_gone() -> None:
    desk = Desk("lenet5")
    desk.backward()
    desk.session.select("tanh")
    assert desk.state.selected == "tanh"
    desk.session.zoom_channel(5)
    desk.session.choose_preset("toy")
    desk.backward()
    assert desk.state.selected == "input"
    assert desk.state.view.channel is None
    desk.session.select("loss")
    desk.session.choose_preset("notebook")
    desk.backward()
    assert desk.state.selected == "loss"


def test_a_zoomed_channel_of_another_map_is_left() -> None:
    desk = Desk("notebook")
    desk.backward()
    desk.session.select("conv1")
    desk.session.zoom_channel(5)
    desk.session.choose_preset("toy")  # its conv1 has one channel
    desk.backward()
    assert desk.state.selected == "conv1"
    assert desk.state.view.channel is None


def test_the_log_tells_a_repeated_forward_only_once(desk: Desk) -> None:
    desk.forward()
    forward = desk.state.log
    assert any("net" in entry.code for entry in forward)
    desk.backward()
    added = desk.state.log[len(forward) :]
    assert desk.state.log[: len(forward)] == forward
    assert added
    assert not {entry.code for entry in added} & {"print(out)"}
    desk.session.choose_input(RANDOM)
    desk.backward()
    assert "print(out)" in {entry.code for entry in desk.state.log[len(forward) + len(added) :]}


def test_the_log_is_limited_and_keeps_the_newest() -> None:
    desk = Desk()
    old = tuple(LogEntry(str(number)) for number in range(LOG_LIMIT))
    desk.session.state = replace(desk.state, log=old)
    desk.backward()
    assert len(desk.state.log) == LOG_LIMIT
    assert desk.state.log[0] != old[0]
    assert desk.state.log[-1] not in old


def test_every_listener_hears_old_and_new(desk: Desk) -> None:
    heard: list[tuple[State, State]] = []
    desk.session.subscribe(lambda old, new: heard.append((old, new)))
    desk.backward()
    assert heard == desk.changes
    for (_, new), (old, _) in pairwise(heard):
        assert new is old


def test_the_class_follows_the_input_through_a_change_of_network() -> None:
    session = Session(PretendEngine(), "folder")
    for preset, word in (
        ("toy", "cross-entropy:1"),
        ("notebook", "cross-entropy:7"),
        ("toy", "cross-entropy:1"),
        ("lenet5", "cross-entropy:7"),
    ):
        session.choose_preset(preset)
        assert session.state.settings.objective.word == word
    session.choose_objective(ObjectiveChoice("cross-entropy", 3, 2))
    session.choose_preset("tutorial")
    assert session.state.settings.objective.word == "cross-entropy:3", "a chosen class stays"
