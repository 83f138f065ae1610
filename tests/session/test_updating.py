"""Updates as the session knows them: with a real engine's numbers, and with its failures."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from lenet_viz.capture.store import read_blob
from lenet_viz.engine.messages import InputRequest, Lost, RunFailed
from lenet_viz.engine.update_messages import UpdateDone, UpdateRequest
from lenet_viz.network.input_shapes import parse_input_shape
from lenet_viz.network.model_code import parse_model_word
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.session.ledger import Happened, OpenedUpdate, trained, weights_now
from lenet_viz.session.provenance import facts_of
from lenet_viz.session.state import EngineStatus, ObjectiveChoice, OwnModel, Run, State
from lenet_viz.session.updating import why_no_update
from lenet_viz.wording import message
from tests.engine.test_torch_run import Net
from tests.panels.runs import Bench, odd_captures, state_of

MOMENTUM = OptimiserChoice("momentum", lr=0.05, momentum=0.8)
ADAM = OptimiserChoice("adam", lr=0.01)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.session.choose_input(InputRequest("random", seed=1))
    made.session.choose_objective(ObjectiveChoice("cross-entropy", 7, 2))
    return made


def words(state: State) -> str:
    return "" if state.notice is None else str(state.notice.message)


def kinds(state: State) -> list[str]:
    return [str(event.kind) for event in state.updating.events]


def loss(state: State) -> float | None:
    assert state.capture is not None
    assert state.capture.objective is not None
    return state.capture.objective.loss


def code(state: State) -> list[str]:
    return [entry.code for entry in state.log]


def the_same(state: State, net: torch.nn.Module) -> bool:
    assert state.weights is not None
    found = weights_now(state)
    return all(
        found[name].tobytes() == parameter.detach().numpy().tobytes()
        for name, parameter in net.named_parameters()
    )


def test_a_whole_session_is_torchs_own_bit_for_bit(bench: Bench) -> None:
    """Backward, update, backward without zero_grad, two updates, zero_grad: as a script does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            net = Net()
            torch.manual_seed(1)
            x = torch.randn(1, 1, 32, 32, requires_grad=True)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.8)

        def torchs_pass() -> float:
            found = F.cross_entropy(net(x), torch.tensor([7]))
            found.backward()
            return found.item()

        bench.session.choose_optimiser(MOMENTUM)
        assert loss(bench.backward()) == torchs_pass()
        optimizer.step()
        assert the_same(bench.update(), net)
        bench.session.choose_zero_grad(False)
        assert loss(bench.backward()) == torchs_pass()
        for _ in range(2):
            optimizer.step()
            assert the_same(bench.update(), net)
        bench.session.choose_zero_grad(True)
        net.zero_grad()
        assert loss(bench.backward()) == torchs_pass()
        state = bench.state
        assert state.capture is not None
        for name, parameter in net.named_parameters():
            got = state.capture.parameters[name]
            assert got.value.tobytes() == parameter.detach().numpy().tobytes()
            assert parameter.grad is not None
            assert got.grad is not None
            assert got.grad.tobytes() == parameter.grad.numpy().tobytes()
        assert x.grad is not None
        grad = state.capture.input_grads[0]
        assert grad is not None
        assert grad.tobytes() == x.grad.numpy().tobytes()  # zero_grad never cleared it
        buffers = state.updating.remembered
        for name, parameter in net.named_parameters():
            real = optimizer.state[parameter]["momentum_buffer"]
            assert buffers[f"momentum_buffer:{name}"].tobytes() == real.numpy().tobytes()
    finally:
        torch.set_num_threads(threads)


def test_what_was_run_before_an_update_is_stale_and_the_grads_stay(bench: Bench) -> None:
    before = bench.backward()
    assert not before.stale_forward
    after = bench.update()
    assert after.run is before.run
    assert after.stale_forward
    assert after.stale_backward
    assert not after.stale_network
    assert after.grads == before.grads
    assert after.weights != before.weights
    assert "press Forward (F5)" in words(after)
    assert after.notice is not None
    assert not after.notice.mistake
    forward = bench.forward()
    assert not forward.stale_forward
    assert forward.grads == before.grads
    assert forward.capture is not None
    assert facts_of(forward.capture)["updates"] == "1"
    assert "weights_seed" not in facts_of(forward.capture)


def test_the_events_of_a_session(bench: Bench) -> None:
    bench.forward()
    bench.forward()
    bench.backward()
    bench.session.choose_zero_grad(False)
    bench.backward()
    state = bench.update()
    assert kinds(state) == ["forward", "zero_grad", "backward", "backward", "update"]
    assert [event.passes for event in state.updating.events] == [0, 0, 1, 2, 2]
    last = state.updating.events[-1]
    assert last.kind is Happened.UPDATE
    assert last.updated is state.updating.last
    for _ in range(20):
        state = bench.forward()
    assert len(state.updating.events) == 6
    bench.session.choose_weights_seed(5)
    assert kinds(bench.backward()) == ["backward"]


def test_the_log_is_what_somebody_would_type(bench: Bench) -> None:
    bench.backward()
    bench.update()
    assert code(bench.state)[-2:] == [
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.01)",
        "optimizer.step()\nprint(net.conv1.bias.detach())",
    ]
    bench.update()
    assert code(bench.state)[-1] == "optimizer.step()\nprint(net.conv1.bias.detach())"
    assert "again" in words(bench.state)
    bench.session.choose_optimiser(OptimiserChoice(lr=0.5, weight_decay=0.1))
    bench.update()
    assert code(bench.state)[-2] == (
        "optimizer.param_groups[0]['lr'] = 0.5\noptimizer.param_groups[0]['weight_decay'] = 0.1"
    )
    bench.session.choose_optimiser(ADAM)
    bench.update()
    assert code(bench.state)[-2] == "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)"
    count = len(code(bench.state))
    bench.forward()
    assert code(bench.state)[count:] == ["out = net(input)\nprint(out)"]
    bench.backward()
    bench.session.choose_input(InputRequest("random", seed=3))
    count = len(code(bench.state))
    bench.forward()
    assert not any("Net()" in each for each in code(bench.state)[count:])


def test_every_way_to_call_an_optimiser_is_python() -> None:
    weight = torch.zeros(1, requires_grad=True)

    class Holder:
        def parameters(self) -> list[torch.Tensor]:
            return [weight]

    for choice in (
        OptimiserChoice(),
        OptimiserChoice("momentum", momentum=0.0, nesterov=True),
        OptimiserChoice("momentum", lr=1e-9, momentum=0.5, nesterov=True, weight_decay=0.1),
        OptimiserChoice("adam", beta1=0.5, eps=1e-3, weight_decay=2.0),
    ):
        made = eval(choice.call, {"torch": torch, "net": Holder()})
        group = made.param_groups[0]
        assert group["lr"] == choice.lr
        assert group["weight_decay"] == choice.weight_decay
        if choice.kind == "adam":
            assert group["betas"] == (choice.beta1, choice.beta2)
            assert group["eps"] == choice.eps


def test_what_the_optimiser_remembers_goes_with_its_kind_and_its_network(bench: Bench) -> None:
    bench.session.choose_optimiser(MOMENTUM)
    bench.backward()
    bench.update()
    kept = bench.state.updating.memory
    assert kept is not None
    bench.session.choose_optimiser(replace(MOMENTUM, lr=0.5, nesterov=True))
    assert bench.state.updating.memory == kept
    bench.session.choose_input(InputRequest("random", seed=4))
    assert bench.backward().updating.memory == kept
    bench.session.choose_optimiser(ADAM)
    assert bench.state.updating.memory is None
    assert bench.state.updating.remembered == {}
    assert bench.state.updating.count == 1
    bench.update()
    assert bench.state.updating.memory is not None
    bench.session.choose_weights_seed(9)
    assert bench.state.stale_network
    bench.session.update()
    assert not bench.engine.requests
    assert "belong to older settings" in words(bench.state)
    after = bench.backward()
    assert after.updating.memory is None
    assert after.updating.count == 0
    assert after.updating.choice == ADAM


def test_the_updates_can_be_forgotten(bench: Bench) -> None:
    first = bench.backward()
    bench.update()
    bench.backward()
    bench.session.forget_updates()
    assert bench.state.stale_forward
    assert bench.state.updating.count == 0
    again = bench.backward()
    assert again.weights == first.weights
    assert again.grads == first.grads
    assert loss(again) == loss(first)
    bench.session.forget_updates()
    assert bench.state == again  # there are none


def test_without_a_grad_there_is_nothing_to_update_with(bench: Bench) -> None:
    for begin in (lambda: bench.state, bench.forward):
        begin()
        before = bench.state
        bench.session.update()
        assert not bench.engine.requests
        assert words(bench.state) == (
            "No parameter has a .grad yet, so there is nothing to update with. "
            "Press Backward (F6) first."
        )
        assert replace(bench.state, notice=None) == replace(before, notice=None)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("scalar output", "This network has no parameters"),
        ("frozen", "Backward gave no parameter a .grad"),
        ("without backward", "Press Backward (F6) first."),
    ],
)
def test_it_says_what_a_network_lacks(name: str, wanted: str) -> None:
    state = state_of(odd_captures()[name](), backward=name != "without backward")
    reason = why_no_update(state)
    assert reason is not None
    assert wanted in str(reason.message)


def test_bad_numbers_never_reach_the_engine(bench: Bench) -> None:
    bench.backward()
    bench.session.choose_optimiser(OptimiserChoice(lr=float("nan")))
    bench.session.update()
    assert not bench.engine.requests
    assert "lr of the optimiser is NaN; wanted" in words(bench.state)


def test_an_opened_capture_cannot_be_updated(bench: Bench) -> None:
    state = bench.backward()
    assert state.capture is not None
    bench.update()
    bench.session.open_capture(state.capture, "run.lvcap")
    assert bench.state.updating.count == 0
    assert kinds(bench.state) == ["zero_grad", "backward"]
    bench.session.update()
    assert not bench.engine.requests
    assert "run.lvcap is the record of a run" in words(bench.state)


def test_stop_and_a_lost_engine_lose_nothing(bench: Bench) -> None:
    bench.session.choose_optimiser(MOMENTUM)
    bench.backward()
    before = bench.update()
    for wanted in (True, False):
        bench.session.update()
        request = bench.engine.requests.pop()
        assert isinstance(request, UpdateRequest)
        assert request.state == before.updating.memory
        assert bench.state.pending is not None
        assert bench.state.engine is not EngineStatus.READY
        bench.session.update()
        bench.session.forward()
        assert not bench.engine.requests  # one thing at a time
        bench.session.stop()
        assert bench.engine.stopped == 1 + (not wanted)
        bench.session.receive(Lost(request.run, message("Test", "it ended"), wanted=wanted))
        assert words(bench.state) == "it ended"
        late = UpdateDone(request.run, "f" * 64, None, request.folder)
        bench.session.receive(late, OpenedUpdate({}, {}))
        state = bench.state
        assert state.pending is None
        assert (state.weights, state.grads) == (before.weights, before.grads)
        assert state.updating == before.updating
    bench.session.update()
    request = bench.engine.requests.pop()
    bench.session.receive(RunFailed(request.run, message("Test", "the disk is full")))
    assert words(bench.state) == "the disk is full"
    assert bench.state.weights == before.weights
    assert bench.update().updating.count == 2


TIED = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.one = nn.Linear(3, 3)
        self.two = nn.Linear(3, 3)
        self.two.weight = self.one.weight
        self.left = nn.Parameter(torch.ones(2))
    def forward(self, x):
        return self.two(torch.tanh(self.one(self.norm(x))))
"""


def test_tied_weights_and_batch_norm_go_on_together(tmp_path: Path) -> None:
    """A tied tensor has two names in the blob; a model that is loaded must find both new."""
    bench = Bench(tmp_path / "runs")
    (tmp_path / "net.py").write_text(TIED)
    own = OwnModel(parse_model_word("net.py:Net", tmp_path), (parse_input_shape("4,3:float32"),))
    bench.session.choose_model(own)
    first = bench.backward()
    assert first.capture is not None
    names = {one.names for one in trained(first.capture)}
    assert ("one.weight", "two.weight") in names
    after = bench.update()
    found, folder = weights_now(after), Path(bench.session._folder)
    assert after.weights is not None
    blob = read_blob(folder, after.weights)
    assert blob["one.weight"].tobytes() == blob["two.weight"].tobytes()
    before = read_blob(folder, str(first.weights))
    assert blob["norm.running_mean"].tobytes() == before["norm.running_mean"].tobytes()
    assert blob["left"].tolist() == [1, 1]  # the objective does not depend on it
    forward = bench.forward()
    assert forward.capture is not None
    new = forward.capture.parameters["one.weight"]
    assert new.value.tobytes() == found["one.weight"].tobytes()
    grad = first.capture.parameters["one.weight"].grad
    assert grad is not None
    old = torch.from_numpy(first.capture.parameters["one.weight"].value.copy())
    wanted = old.add(torch.from_numpy(grad.copy()), alpha=-0.01)
    assert new.value.tobytes() == wanted.numpy().tobytes()


def test_odd_runs_have_their_weights(bench: Bench) -> None:
    for name, make in odd_captures().items():
        state = state_of(make())
        assert isinstance(state.run, Run)
        weights = weights_now(state)
        assert len(weights) == len(list(weights)), name
        for each in weights:
            assert weights[each].size >= 0
