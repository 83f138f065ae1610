"""A run from a file in the place of a network: what can be done with it, and what is said."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load
from lenet_viz.engine.messages import InputRequest
from lenet_viz.session.session import Session
from lenet_viz.session.state import CaptureOnly, ObjectiveChoice, State
from tests.panels.runs import odd_captures
from tests.session.pretend_engine import Desk, real_capture

ODD = odd_captures()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def shown(made: Capture, name: str = "seven.lvcap") -> Desk:
    desk = Desk()
    desk.session.open_capture(made, name)
    return desk


def notice(state: State) -> str:
    return "" if state.notice is None else state.notice.message.english()


@pytest.mark.parametrize("name", list(ODD))
def test_any_capture_can_be_opened_and_nothing_of_it_is_stale(name: str, tmp_path: Path) -> None:
    made = load(ODD[name]().save(tmp_path / "odd.lvcap"))
    state = shown(made, "odd.lvcap").state
    assert state.run is not None
    assert state.run.capture is made
    assert state.source == CaptureOnly("odd.lvcap")
    assert not state.stale_forward
    assert not state.stale_backward
    assert not state.stale_network
    assert state.run.backward is (made.objective is not None)
    assert state.selected in state.cards
    first = state.log[0]
    assert first.code == "run = lenet_viz.load('odd.lvcap')"
    assert first.note is not None
    assert "odd.lvcap" in first.note.english()
    assert len(state.log) > 1, "what the notebook would print comes after it"


def test_a_card_that_was_selected_stays_selected(desk: Desk) -> None:
    desk.backward()
    desk.session.select("conv2")
    desk.session.open_capture(real_capture("tutorial"), "a.lvcap")
    assert desk.state.selected == "conv2"
    desk.session.open_capture(real_capture("toy"), "b.lvcap")
    assert desk.state.selected in desk.state.cards


@pytest.mark.parametrize("verb", [Session.forward, Session.backward])
def test_an_opened_run_is_not_run_again_and_it_is_said_why(
    verb: Callable[[Session], None],
) -> None:
    desk = shown(real_capture("notebook"))
    before = len(desk.engine.requests)
    verb(desk.session)
    assert len(desk.engine.requests) == before
    assert desk.state.pending is None
    assert "seven.lvcap" in notice(desk.state)
    assert "Choose a model" in notice(desk.state)


@pytest.mark.parametrize(
    "verb",
    [
        lambda s: s.choose_input(InputRequest("random", seed=5)),
        lambda s: s.choose_objective(ObjectiveChoice("mse", seed=4)),
        lambda s: s.choose_weights_seed(3),
        lambda s: s.choose_zero_grad(False),
    ],
)
def test_what_would_change_its_run_is_refused(verb: Callable[[Session], None]) -> None:
    desk = shown(real_capture("notebook"))
    settings = desk.state.settings
    verb(desk.session)
    assert desk.state.settings == settings
    assert desk.state.opened is not None
    assert "seven.lvcap" in notice(desk.state)


def test_a_preset_brings_the_network_back_and_the_opened_run_is_old_until_it_ran() -> None:
    desk = shown(real_capture("notebook", "cross-entropy:7"))
    desk.session.choose_preset(desk.state.settings.preset)  # even the one that was there before
    state = desk.state
    assert state.opened is None
    assert state.source == state.settings.spec
    assert state.stale_forward
    assert state.stale_backward
    assert state.stale_network
    desk.backward()
    assert desk.last.weights is None, "the file's weights are not the network's"
    assert desk.last.grads is None
    assert not desk.last.same_input
    assert desk.state.run is not None
    assert desk.state.run.passes == 1
    assert not desk.state.stale_forward
    assert not desk.state.stale_backward


def test_during_a_run_nothing_is_opened(desk: Desk) -> None:
    desk.session.forward()
    before = desk.state.run
    desk.session.open_capture(real_capture("toy"), "toy.lvcap")
    assert desk.state.run is before
    assert desk.state.opened is None
    assert "Stop" in notice(desk.state)


def test_gradients_that_were_there_before_are_not_called_this_pass_alone() -> None:
    module = nn.Linear(2, 2)
    module.weight.grad = torch.ones(2, 2)
    made = capture(module, torch.ones(1, 2), backward="output:0", seed=0)
    notes = [entry.note.english() for entry in shown(made).state.log if entry.note is not None]
    assert any("added to what earlier passes left" in note for note in notes)
    assert not any("nothing to clear" in note for note in notes)


def test_a_run_that_show_handed_over_names_no_file() -> None:
    desk = Desk()
    desk.session.open_capture(real_capture("toy"), "Net", from_file=False)
    assert desk.state.log[0].code == "lenet_viz.show(net, input)"
