"""A gradient that is checked: what the engine is asked, and what its answers make of the state."""

from pathlib import Path

import pytest

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.engine.finite_difference import check
from lenet_viz.engine.messages import CheckDone, CheckRequest, Lost, RunFailed
from lenet_viz.wording import message
from tests.panels.runs import Bench

GRADIENT = Address(Place.STEP, "conv2", side=Side.GRADIENT, index=(0, 3, 4, 5))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.backward()
    return made


def request_of(bench: Bench) -> CheckRequest:
    request = bench.engine.requests.pop()
    assert isinstance(request, CheckRequest)
    return request


def test_the_check_is_of_the_run_at_hand(bench: Bench) -> None:
    bench.session.ask(Address(Place.STEP, "conv2", index=(0, 3, 4, 5)))
    bench.session.check_gradient()
    state = bench.state
    assert state.check is not None
    assert state.check.running
    assert state.check.address == GRADIENT
    request = request_of(bench)
    assert request.of.weights == state.weights
    assert (request.nudge.name, request.nudge.step) == ("conv2", 3)
    reply = check(request, lambda *_: None)
    assert isinstance(reply, CheckDone)
    bench.session.receive(reply)
    assert bench.state.check is not None
    assert bench.state.check.done == reply
    gradient = state.run.capture.steps["conv2"].gradient if state.run else None
    assert gradient is not None
    assert reply.estimate == pytest.approx(float(gradient[0, 3, 4, 5]), abs=1e-6)
    assert bench.state.run is state.run  # nothing that is shown has changed


def test_a_second_one_waits_its_turn_and_stop_reaches_it(bench: Bench) -> None:
    bench.session.ask(GRADIENT)
    bench.session.check_gradient()
    first = request_of(bench)
    bench.session.stop()
    assert bench.engine.stopped == 1
    bench.session.receive(Lost(first.run, message("engine", "Stopped."), wanted=True))
    assert bench.state.check is not None
    assert str(bench.state.check.failed) == "Stopped."
    bench.session.check_gradient()
    second = request_of(bench)
    assert second.run != first.run
    late = CheckDone(first.run, 1.0, 0.0, 1e-6, 1.0, 1.0, "float64")
    before = bench.state
    bench.session.receive(late)
    assert bench.state is before
    bench.session.receive(RunFailed(second.run, message("engine", "It failed.")))
    assert bench.state.check is not None
    assert str(bench.state.check.failed) == "It failed."


def test_a_new_run_takes_it_away(bench: Bench) -> None:
    bench.session.ask(GRADIENT)
    bench.session.check_gradient()
    request_of(bench)
    bench.backward()
    assert bench.state.check is None
    assert bench.state.asked == GRADIENT


def test_what_cannot_be_checked_is_told(bench: Bench, tmp_path: Path) -> None:
    def told() -> str:
        bench.session.check_gradient()
        assert not bench.engine.requests
        assert bench.state.notice is not None
        return str(bench.state.notice.message)

    assert "Click a value" in told()
    bench.session.ask(GRADIENT)
    bench.session.choose_weights_seed(9)
    assert "changed since" in told()
    bench.session.choose_weights_seed(0)
    bench.forward()
    assert "no gradients" in told()
    bench.backward()
    capture = bench.state.capture
    assert capture is not None
    bench.session.open_capture(capture, "saved.lvcap")
    assert "saved run" in told()
