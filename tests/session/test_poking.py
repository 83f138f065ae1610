"""A poked run is the run with that number changed, and taking it back leaves no trace."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import lenet_viz
from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.engine.messages import Lost, RunFailed, RunRequest
from lenet_viz.panels.ledger_numbers import step_of
from lenet_viz.session.asking import Asking
from lenet_viz.session.checking import why_not
from lenet_viz.session.poke import objective_of
from lenet_viz.session.state import ObjectiveChoice, State
from lenet_viz.wording import message
from tests.capture.notebook_net import Net
from tests.panels.runs import Bench, state_of

PIXEL = Address(Place.INPUT, "0", index=(0, 0, 12, 15))
DROPPED = Address(Place.INPUT, "0", index=(0, 0, 31, 31))
WEIGHT = Address(Place.PARAMETER, "conv1.weight", side=Side.GRADIENT, index=(2, 0, 1, 1))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "bench")
    made.backward()
    return made


def capture_of(state: State) -> Capture:
    assert state.capture is not None
    return state.capture


def poke(bench: Bench, address: Address, amount: float) -> Capture:
    bench.session.ask(address)
    bench.session.poke_to(amount)
    bench.engine.answer(bench.session)
    return capture_of(bench.state)


def loss_by_hand(before: Capture, address: Address, amount: float) -> tuple[float, np.ndarray]:
    """The notebook's loss with one number off, by torch alone."""
    net = Net()
    values = {p.name: torch.from_numpy(np.array(p.value)) for p in before.parameters}
    net.load_state_dict(values)
    x = torch.from_numpy(np.array(before.inputs[0]))
    where = x if address.place is Place.INPUT else net.get_parameter(address.name).data
    assert address.index is not None
    where[address.index] += amount
    out = net(x)
    assert before.objective is not None
    wanted = torch.tensor([before.objective.index])
    loss = torch.nn.functional.cross_entropy(out, wanted)
    return loss.item(), out.detach().numpy()


@pytest.mark.parametrize(("address", "amount"), [(PIXEL, 0.3), (WEIGHT, -0.05), (DROPPED, 5.0)])
def test_a_poked_run_is_torchs(bench: Bench, address: Address, amount: float) -> None:
    before = bench.state
    after = poke(bench, address, amount)
    loss, out = loss_by_hand(capture_of(before), address, amount)
    assert np.array_equal(after.steps["fc3"].activation, out)
    assert objective_of(after) == pytest.approx(loss, abs=0)
    shown = bench.state.poke
    assert shown is not None
    gradient = {
        PIXEL: capture_of(before).input_gradients[0],
        DROPPED: capture_of(before).input_gradients[0],
        WEIGHT: capture_of(before).parameters["conv1.weight"].gradient,
    }[address]
    assert gradient is not None
    assert shown.predicted == float(gradient[address.index]) * amount
    if address is DROPPED:
        assert objective_of(after) == objective_of(capture_of(before))
        assert shown.predicted == 0


def test_taking_it_back_leaves_no_trace(bench: Bench) -> None:
    bench.session.ask(PIXEL)
    before = bench.state
    poke(bench, PIXEL, 0.3)
    assert bench.state.run is not before.run
    assert bench.state.weights == before.weights
    assert bench.state.grads == before.grads
    bench.session.take_back()
    assert bench.state == before
    assert bench.state.run is before.run


def test_while_a_run_is_under_way_only_the_last_wish_is_kept(bench: Bench) -> None:
    bench.session.ask(PIXEL)
    for _ in range(7):
        bench.session.poke_by(1)
    assert len(bench.engine.requests) == 1
    bench.engine.answer(bench.session)
    assert len(bench.engine.requests) == 1
    request = bench.engine.requests[0]
    assert isinstance(request, RunRequest)
    assert [nudge.amount for nudge in request.nudges] == [0.7]
    bench.engine.answer(bench.session)
    assert bench.state.poke is not None
    assert bench.state.poke.shown == 0.7
    assert not bench.engine.requests


def test_back_to_nothing_is_the_run_before(bench: Bench) -> None:
    before = bench.state.run
    poke(bench, PIXEL, 0.1)
    bench.session.poke_by(-1)
    assert bench.state.poke is None
    assert bench.state.run is before
    assert not bench.engine.requests


def test_another_number_begins_from_the_run_before(bench: Bench) -> None:
    before = capture_of(bench.state)
    poke(bench, PIXEL, 0.3)
    after = poke(bench, WEIGHT, 0.1)
    assert np.array_equal(after.inputs[0], before.inputs[0])
    _, out = loss_by_hand(before, WEIGHT, 0.1)
    assert np.array_equal(after.steps["fc3"].activation, out)


def test_a_gradient_accumulated_before_is_not_lost(bench: Bench) -> None:
    bench.session.choose_zero_grad(False)
    bench.backward()
    passes, grads = bench.state.passes, bench.state.grads
    poke(bench, PIXEL, 0.3)
    bench.backward()
    assert bench.state.poke is None
    assert bench.state.passes == passes + 1
    assert bench.state.grads != grads
    parameter = capture_of(bench.state).parameters["fc3.bias"]
    assert parameter.gradient is not None
    assert np.allclose(parameter.gradient * 3, parameter.grad, rtol=1e-5)


@pytest.mark.parametrize("verb", ["forward", "backward", "update", "check", "settings"])
def test_every_other_verb_takes_it_back_first(bench: Bench, verb: str) -> None:
    before = bench.state.run
    poke(bench, PIXEL, 0.3)
    session = bench.session
    {
        "forward": session.forward,
        "backward": session.backward,
        "update": session.update,
        "check": session.check_gradient,
        "settings": lambda: session.choose_objective(ObjectiveChoice("output", 3, 2)),
    }[verb]()
    assert bench.state.poke is None
    assert bench.state.run is before


def test_a_failure_or_a_lost_engine_brings_the_run_before_back(bench: Bench) -> None:
    before = bench.state.run
    for kind in ("failed", "lost"):
        bench.session.ask(PIXEL)
        bench.session.poke_to(0.5)
        number = bench.engine.requests.pop().run
        sentence = message("T", "gone")
        reply = RunFailed(number, sentence) if kind == "failed" else Lost(number, sentence)
        bench.session.receive(reply)
        assert bench.state.poke is None
        assert bench.state.run is before
        assert bench.state.notice is not None


def test_what_cannot_be_poked_says_why(bench: Bench) -> None:
    session = bench.session
    session.poke_to(0.1)
    assert bench.state.notice is not None
    session.ask(Address(Place.STEP, "conv1", 0, Side.ACTIVATION, (0, 0, 1, 1)))
    session.poke_by(1)
    assert not bench.engine.requests
    session.ask(PIXEL)
    session.choose_weights_seed(8)
    session.poke_by(1)
    assert not bench.engine.requests
    assert bench.state.poke is None


def test_a_vector_objective_is_its_product(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "bench")
    bench.session.choose_objective(ObjectiveChoice("random", 0, 5))
    capture = capture_of(bench.backward())
    assert capture.objective is not None
    upstream = capture.objective.upstream
    assert upstream is not None
    wanted = float((upstream.astype(np.float64) * capture.steps["fc3"].activation).sum())
    assert objective_of(capture) == pytest.approx(wanted, rel=1e-12)
    assert objective_of(replace(capture, objective=None)) is None


def test_another_objective_is_not_compared_with(bench: Bench) -> None:
    before = objective_of(capture_of(bench.state))
    bench.session.choose_objective(ObjectiveChoice("output", 3, 2))
    after = objective_of(poke(bench, PIXEL, 0.1))
    assert before is not None
    assert after is not None
    wanted, _ = loss_by_hand(bench.state.poke.before.capture, PIXEL, 0.1)  # type: ignore[union-attr]
    assert after == pytest.approx(wanted, rel=1e-5)
    assert bench.state.settings.objective.kind == "output"


def test_a_poked_run_has_one_pass_in_every_grad(bench: Bench) -> None:
    bench.session.choose_zero_grad(False)
    bench.backward()
    assert bench.state.run is not None
    assert (bench.state.run.passes, bench.state.run.input_passes) == (2, 2)
    poke(bench, PIXEL, 0.1)
    assert (bench.state.run.passes, bench.state.run.input_passes) == (1, 1)
    # What F7 would do is told of the run before the poke, which F7 goes back to.
    preview = step_of(bench.state).before["fc3.bias"]
    bench.session.take_back()
    assert np.array_equal(preview, step_of(bench.state).before["fc3.bias"])


def test_a_whole_number_cannot_be_checked() -> None:
    embedding = torch.nn.Embedding(5, 3)
    made = lenet_viz.capture(embedding, torch.tensor([[1, 4]]), backward="random", seed=0)
    state = replace(state_of(made), asking=Asking(Address(Place.INPUT, "0", index=(0, 1))))
    reason = why_not(state)
    assert reason is not None
    assert "whole number" in reason.english()
