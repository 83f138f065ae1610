"""What an engine's replies make of the state."""

from dataclasses import replace
from itertools import pairwise

import pytest

from lenet_viz.engine.messages import InputRequest, Ready
from lenet_viz.session.replies import LOG_LIMIT
from lenet_viz.session.session import Session
from lenet_viz.session.state import (
    EngineStatus,
    LogEntry,
    Notice,
    ObjectiveChoice,
    State,
)
from tests.session.pretend_engine import ENDED, FAILED, Desk, PretendEngine

RANDOM = InputRequest("random", seed=5)


@pytest.fixture
def desk() -> Desk:
    return Desk()


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
