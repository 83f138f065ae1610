"""The real engine, against torch's own numbers computed here."""

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lenet_viz.capture.store import load, read_blob, write_blob
from lenet_viz.engine.messages import InputRequest, Lost, Ready, RunDone, RunFailed, RunRequest
from lenet_viz.network import presets
from tests.engine.fakes import Talk


@pytest.fixture(scope="module")
def engine() -> Iterator[Talk]:
    with Talk(None, spare=False) as talk:
        assert talk.until(Ready, timeout=60).torch_version == torch.__version__
        yield talk


def asked(folder: Path, run: int = 1, preset: str = "notebook", **changed: Any) -> RunRequest:
    made = RunRequest(
        run=run,
        spec=presets.get(preset).spec.to_json(),
        preset=preset,
        weights_seed=0,
        weights=None,
        input=InputRequest("random", seed=1),
        objective=None,
        objective_seed=2,
        zero_grad=True,
        grads=None,
        folder=str(folder),
    )
    return replace(made, **changed)


def done(engine: Talk, request: RunRequest) -> RunDone:
    engine.client.submit(request)
    while not isinstance(reply := engine.replies.get(timeout=60), RunDone):
        assert not isinstance(reply, RunFailed | Lost), str(reply.message) + str(reply)
    assert reply.run == request.run
    return reply


def failed(engine: Talk, request: RunRequest) -> RunFailed:
    engine.client.submit(request)
    reply = engine.until(RunFailed)
    assert reply.run == request.run
    return reply


class Net(torch.nn.Module):
    """The notebook's own network, written as the notebook does."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 6, 3)
        self.conv2 = torch.nn.Conv2d(6, 16, 3)
        self.fc1 = torch.nn.Linear(16 * 6 * 6, 120)
        self.fc2 = torch.nn.Linear(120, 84)
        self.fc3 = torch.nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 576)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        out: torch.Tensor = self.fc3(x)
        return out


@pytest.fixture(scope="module")
def bare() -> tuple[Net, torch.Tensor]:
    """The notebook's network and input with the seeds that `asked` names, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = Net()
        torch.manual_seed(1)
        x = torch.randn(1, 1, 32, 32, requires_grad=True)
        F.cross_entropy(net(x), torch.tensor([7])).backward()
    torch.set_num_threads(threads)
    return net, x


def same(array: np.ndarray | None, tensor: torch.Tensor | None) -> bool:
    if array is None or tensor is None:
        return array is None and tensor is None
    return bool(array.tobytes() == tensor.detach().contiguous().numpy().tobytes())


def test_forward_equals_the_notebooks_own_module_bit_for_bit(
    engine: Talk, tmp_path: Path, bare: tuple[Net, torch.Tensor]
) -> None:
    reply = done(engine, asked(tmp_path))
    capture = load(reply.capture)
    net, x = bare
    assert same(capture.inputs[0], x)
    for name, parameter in net.named_parameters():
        assert same(capture.parameters[name].value, parameter)
        assert capture.parameters[name].grad is None
    assert capture.output_value is not None
    assert same(capture.output_value.activation, net(x))
    assert reply.grads is None
    assert capture.objective is None
    assert set(read_blob(tmp_path, reply.weights)) == set(net.state_dict())


def test_backward_equals_torchs_own_and_repeats_the_forward_pass(
    engine: Talk, tmp_path: Path, bare: tuple[Net, torch.Tensor]
) -> None:
    forward = load(done(engine, asked(tmp_path, 1)).capture)
    reply = done(engine, asked(tmp_path, 2, objective="cross-entropy:7"))
    both = load(reply.capture)
    assert [step.name for step in both.steps] == [step.name for step in forward.steps]
    for one, other in zip(forward.steps, both.steps, strict=True):
        assert one.activation.tobytes() == other.activation.tobytes()
    net, x = bare
    for name, parameter in net.named_parameters():
        assert same(both.parameters[name].gradient, parameter.grad)
        assert same(both.parameters[name].grad, parameter.grad)
        assert both.parameters[name].grad_before is None
    assert same(both.input_grads[0], x.grad)
    assert same(both.input_gradients[0], x.grad)
    assert reply.grads is not None


@pytest.mark.parametrize("objective", ["random", "output:3", "cross-entropy:7", "mse"])
def test_every_objective_gives_the_same_bytes_again(
    engine: Talk, tmp_path: Path, objective: str
) -> None:
    hashes = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        done(engine, asked(folder, 1, objective="output:1", objective_seed=9))  # disturbs nothing
        reply = done(engine, asked(folder, 2, objective=objective))
        hashes.append((_digest(reply.capture), reply.weights, reply.grads))
    assert hashes[0] == hashes[1]
    other = done(engine, asked(tmp_path / "one", 3, objective=objective, objective_seed=3))
    assert (other.grads != hashes[0][2]) == (objective in {"random", "mse"})


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_a_second_backward_without_zero_grad_gives_exactly_twice(
    engine: Talk, tmp_path: Path
) -> None:
    keep = {"objective": "random", "zero_grad": False}
    one = done(engine, asked(tmp_path, 1, **keep))
    two = done(engine, asked(tmp_path, 2, grads=one.grads, weights=one.weights, **keep))
    first, second = load(one.capture), load(two.capture)
    assert two.weights == one.weights
    for parameter in second.parameters:
        before = first.parameters[parameter.name].grad
        assert before is not None
        assert parameter.grad_before is not None
        assert parameter.grad is not None
        assert parameter.grad_before.tobytes() == before.tobytes()
        assert np.array_equal(parameter.grad, 2 * before)
        assert parameter.gradient is not None
        assert np.array_equal(parameter.gradient, before)
    assert np.array_equal(_input_grad(second), 2 * _input_grad(first))


def _input_grad(capture: Any) -> np.ndarray:
    grad = capture.input_grads[0]
    assert grad is not None
    return np.asarray(grad)


def test_zero_grad_clears_the_parameters_and_leaves_the_input_alone(
    engine: Talk, tmp_path: Path
) -> None:
    one = done(engine, asked(tmp_path, 1, objective="random"))
    two = done(engine, asked(tmp_path, 2, objective="random", grads=one.grads))
    first, second = load(one.capture), load(two.capture)
    for parameter in second.parameters:
        assert parameter.grad_before is None
        assert np.array_equal(parameter.grad, first.parameters[parameter.name].grad)
    assert np.array_equal(_input_grad(second), 2 * _input_grad(first))


def test_another_input_starts_without_a_grad_of_its_own(engine: Talk, tmp_path: Path) -> None:
    one = done(engine, asked(tmp_path, 1, objective="random"))
    changed = {"input": InputRequest("digit", 3), "same_input": False, "grads": one.grads}
    only_forward = done(engine, asked(tmp_path, 2, **changed))
    assert load(only_forward.capture).input_grads == (None,)
    two = done(engine, asked(tmp_path, 3, objective="random", zero_grad=False, **changed))
    second = load(two.capture)
    assert np.array_equal(_input_grad(second), second.input_gradients[0])
    assert second.parameters["fc3.bias"].grad_before is not None


def test_forward_alone_changes_no_grad(engine: Talk, tmp_path: Path) -> None:
    one = done(engine, asked(tmp_path, 1, objective="random"))
    for zero_grad in (True, False):
        two = done(engine, asked(tmp_path, 2, grads=one.grads, zero_grad=zero_grad))
        assert two.grads == one.grads
        first, second = load(one.capture), load(two.capture)
        for parameter in second.parameters:
            assert np.array_equal(parameter.grad, first.parameters[parameter.name].grad)
            assert parameter.gradient is None
        assert np.array_equal(_input_grad(second), _input_grad(first))


def test_weights_come_from_the_blob_that_is_named(engine: Talk, tmp_path: Path) -> None:
    one = done(engine, asked(tmp_path, 1))
    arrays = {k: np.array(v) for k, v in read_blob(tmp_path, one.weights).items()}
    arrays["fc3.bias"] += 1
    name = write_blob(arrays, tmp_path)
    two = done(engine, asked(tmp_path, 2, weights=name))
    assert two.weights == name
    first, second = load(one.capture).output_value, load(two.capture).output_value
    assert first is not None
    assert second is not None
    np.testing.assert_allclose(second.activation, first.activation + 1, rtol=1e-5)


@pytest.mark.parametrize("preset", presets.NAMES)
@pytest.mark.parametrize("kind", ["digit", "random", "own"])
def test_every_preset_runs_with_every_input(
    engine: Talk, tmp_path: Path, preset: str, kind: str
) -> None:
    chosen = InputRequest(presets.get(preset).input_kind if kind == "own" else kind, label=7)
    reply = done(engine, asked(tmp_path, 1, preset, input=chosen, objective="output:1"))
    capture = load(reply.capture)
    assert capture.inputs[0].shape == (1, *presets.get(preset).spec.input_shape)
    assert capture.error is None
    assert capture.model.name == preset


def test_the_toys_numbers_are_its_own(engine: Talk, tmp_path: Path) -> None:
    reply = done(engine, asked(tmp_path, 1, "toy", input=InputRequest("preset")))
    capture = load(reply.capture)
    toy = presets.get("toy")
    assert toy.weights is not None
    for name, numbers in toy.weights.items():
        assert np.array_equal(capture.parameters[name].value, np.array(numbers))
    assert np.array_equal(capture.inputs[0], np.array(toy.image))


def test_settings_hold_everything_needed_to_run_again(engine: Talk, tmp_path: Path) -> None:
    reply = done(engine, asked(tmp_path, 1, objective="mse", input=InputRequest("digit", 3, 2)))
    assert (
        dict(load(reply.capture).settings).items()
        >= {
            "preset": "notebook",
            "weights_seed": "0",
            "input": "digit:3:2",
            "objective": "mse",
            "objective_seed": "2",
            "zero_grad": "yes",
            "threads": "1",
        }.items()
    )


MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown blob": ({"weights": "0" * 64}, ["0" * 64]),
    "unknown grads": ({"grads": "1" * 64}, ["1" * 64]),
    "no blob's name": ({"weights": "../../secret"}, ["secret"]),
    "no spec": ({"spec": "{}"}, []),
    "objective": ({"objective": "loss"}, ["loss"]),
    "objective out of range": ({"objective": "output:10"}, ["10"]),
    "digit": ({"input": InputRequest("digit", 11)}, ["11"]),
    "scan": ({"input": InputRequest("digit", 1, 10**6)}, ["1000000"]),
    "input kind": ({"input": InputRequest("picture")}, ["picture"]),
    "no image": ({"input": InputRequest("preset")}, ["image of its own"]),
    "input seed": ({"input": InputRequest("random", seed=-1)}, ["-1"]),
    "objective seed": ({"objective_seed": 2**63}, [str(2**63)]),
    "weights seed": ({"weights_seed": 2**64}, [str(2**64)]),
    "no folder": ({"folder": "/nowhere/at/all"}, ["nowhere"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_cannot_be_used_is_said(engine: Talk, tmp_path: Path, name: str) -> None:
    changed, words = MISTAKES[name]
    text = str(failed(engine, replace(asked(tmp_path, 4), **changed)).message)
    for word in words:
        assert word in text
    for word in ("Error", "Traceback", "Exception"):
        assert word not in text
    done(engine, asked(tmp_path, 5))


def test_weights_of_another_network_are_refused_by_name(engine: Talk, tmp_path: Path) -> None:
    other = done(engine, asked(tmp_path, 1, "tutorial"))
    text = str(failed(engine, asked(tmp_path, 2, weights=other.weights)).message)
    assert "conv1.weight" in text
    assert "(6, 1, 5, 5)" in text
    assert "(6, 1, 3, 3)" in text


def test_files_of_the_program_are_no_mistake_of_the_user(engine: Talk, tmp_path: Path) -> None:
    reply = failed(engine, replace(asked(tmp_path), folder=str(tmp_path / "gone")))
    assert not reply.mistake
    reply = failed(engine, replace(asked(tmp_path), grads="0" * 64))
    assert not reply.mistake
    assert failed(engine, replace(asked(tmp_path), weights_seed=-1)).mistake


def test_a_network_that_does_not_fit_fails_with_the_steps_so_far(
    engine: Talk, tmp_path: Path
) -> None:
    notebook = presets.get("notebook").spec.to_json()
    spec = notebook.replace('"in_features": 576', '"in_features": 400')
    assert spec != notebook
    reply = failed(engine, replace(asked(tmp_path, 1), spec=spec, preset=""))
    assert "fc1" in str(reply.message)
    assert reply.capture is not None
    partial = load(reply.capture)
    assert "conv1" in partial.steps
    assert partial.error is not None


@pytest.mark.skipif(sys.platform != "linux", reason="measures through /proc")
@pytest.mark.parametrize(
    ("first", "runs", "growth"),
    [(10, 60, 30.0), pytest.param(200, 1000, 10.0, marks=pytest.mark.soak)],
)
def test_memory_stays_flat(
    engine: Talk, tmp_path: Path, first: int, runs: int, growth: float
) -> None:
    """A run that kept its tensors would add 1.5 MB each time."""
    _, engine_pid = min(_engines())
    grads, begun = None, 0.0
    for run in range(runs):
        if run == first:
            begun = _megabytes(engine_pid)
        request = asked(tmp_path, run, objective="random", zero_grad=False, grads=grads)
        reply = done(engine, request)
        grads = reply.grads
        os.unlink(reply.capture)
    assert _megabytes(engine_pid) - begun < growth


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="finds the engine through /proc")
def test_an_engine_killed_while_it_works_loses_nothing(tmp_path: Path) -> None:
    with Talk(None, spare=False) as talk:
        talk.until(Ready, timeout=60)
        request = asked(tmp_path, 1, objective="random", zero_grad=False)
        first = done(talk, request)
        expected = _digest(first.capture)
        talk.client.submit(replace(request, run=2, grads=first.grads))
        _, newest = max(_engines())
        os.kill(newest, signal.SIGKILL)
        assert "SIGKILL" in str(talk.until(Lost, timeout=60).message)
        again = done(talk, replace(request, run=1))
        assert (_digest(again.capture), again.weights, again.grads) == (
            expected,
            first.weights,
            first.grads,
        )
        two = done(talk, replace(request, run=3, grads=first.grads))
        assert np.array_equal(_input_grad(load(two.capture)), 2 * _input_grad(load(again.capture)))


def _engines() -> list[tuple[int, int]]:
    """Return when each engine of this process was started, and its process id."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = folder.joinpath("stat").read_text().rpartition(")")[2].split()
            is_engine = b"lenet_viz.engine.process" in folder.joinpath("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and is_engine:
            found.append((int(fields[19]), int(folder.name)))
    return found
