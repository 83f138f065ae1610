"""Runs that a session asks for, and how many passes every ``.grad`` adds up."""

import pytest

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.session.state import (
    EngineStatus,
    Notice,
    ObjectiveChoice,
)
from tests.session.pretend_engine import ENDED, Desk, Grads

RANDOM = InputRequest("random", seed=5)
MSE = ObjectiveChoice("mse", seed=4)


@pytest.fixture
def desk() -> Desk:
    return Desk()


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
