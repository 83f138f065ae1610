"""One update on blobs against an optimiser of torch that keeps its tensors all along."""

import io
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lenet_viz.capture.store import read_blob, write_blob
from lenet_viz.capture.tensors import to_array
from lenet_viz.engine.frames import encode, read
from lenet_viz.engine.run_files import RunFiles
from lenet_viz.engine.update import update
from lenet_viz.engine.update_messages import Trained, UpdateDone, UpdateRequest
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.network.optimiser import OptimiserChoice

SHAPES = {"conv.weight": (3, 2, 3, 3), "conv.bias": (3,), "fc.weight": (4, 5), "scale": ()}


def quiet(*_: object) -> None:
    """Take a stage and say nothing."""


def stored(tensor: torch.Tensor) -> np.ndarray:
    array = to_array(tensor)
    return array[..., None].view(array.real.dtype) if np.iscomplexobj(array) else array


def drawn(dtype: torch.dtype, seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=generator).to(dtype) for name, shape in SHAPES.items()
    }


def torchs(choice: OptimiserChoice, tensors: list[torch.Tensor]) -> torch.optim.Optimizer:
    """The optimiser as somebody who knows torch writes it."""
    if choice.kind == "adam":
        betas = (choice.beta1, choice.beta2)
        return torch.optim.Adam(tensors, choice.lr, betas, choice.eps, choice.weight_decay)
    momentum = choice.momentum if choice.kind == "momentum" else 0
    nesterov = choice.kind == "momentum" and choice.nesterov
    return torch.optim.SGD(
        tensors, choice.lr, momentum, weight_decay=choice.weight_decay, nesterov=nesterov
    )


def choices() -> list[OptimiserChoice]:
    made = random.Random(5)
    return [
        OptimiserChoice(
            kind=made.choice(("sgd", "momentum", "adam")),
            lr=10 ** made.uniform(-4, 0),
            momentum=made.uniform(0.1, 0.99),
            nesterov=made.random() < 0.5,
            beta1=made.uniform(0, 0.99),
            beta2=made.uniform(0, 0.999),
            eps=10 ** made.uniform(-10, -3),
            weight_decay=made.choice((0.0, 10 ** made.uniform(-4, 0))),
        )
        for _ in range(40)
    ]


DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_several_updates_are_torchs_own_bit_for_bit(tmp_path: Path, dtype: torch.dtype) -> None:
    for number, choice in enumerate(choices()[: 40 if dtype is torch.float32 else 8]):
        weights = drawn(dtype, number)
        own = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
        optimiser = torchs(choice, list(own.values()))
        blob = write_blob({name: stored(one) for name, one in weights.items()}, tmp_path)
        parameters = tuple(Trained((name,), str(dtype).rpartition(".")[2]) for name in weights)
        state = None
        for step in range(3):
            grads = drawn(dtype, 1000 + 10 * number + step)
            without = "conv.bias" if step == number % 3 else ""
            for name, tensor in own.items():
                tensor.grad = None if name == without else grads[name].clone()
            optimiser.step()
            named = {
                f"parameter:{name}": stored(one) for name, one in grads.items() if name != without
            }
            given = write_blob(named, tmp_path)
            request = UpdateRequest(step, choice, parameters, blob, given, state, str(tmp_path))
            reply = update(request, quiet)
            blob, state = reply.weights, reply.state
            found = read_blob(tmp_path, blob)
            for name, tensor in own.items():
                assert found[name].tobytes() == stored(tensor).tobytes(), (choice, step, name)
        assert (state is None) == (choice.kind == "sgd")


def asked(folder: Path, choice: OptimiserChoice | None = None) -> UpdateRequest:
    weights = {"w": np.float32([1, -2]), "bn.running_mean": np.float32([5]), "n": np.int64(3)}
    return UpdateRequest(
        run=-4,
        optimiser=choice or OptimiserChoice(lr=0.5),
        parameters=(Trained(("w",), "float32"),),
        weights=write_blob({name: np.asarray(one) for name, one in weights.items()}, folder),
        grads=write_blob({"parameter:w": np.float32([2, 4]), "input:0": np.float32([9])}, folder),
        state=None,
        folder=str(folder),
    )


def test_buffers_and_the_old_blobs_stay(tmp_path: Path) -> None:
    request = asked(tmp_path)
    reply = update(request, quiet)
    assert reply.run == -4
    found, before = read_blob(tmp_path, reply.weights), read_blob(tmp_path, request.weights)
    assert found["w"].tolist() == [0, -4]
    assert before["w"].tolist() == [1, -2]
    assert found["bn.running_mean"].tolist() == [5]
    assert found["n"] == 3
    assert read_blob(tmp_path, request.grads)["input:0"].tolist() == [9]


def test_a_tied_parameter_is_updated_once_under_all_its_names(tmp_path: Path) -> None:
    request = asked(tmp_path)
    array = np.float32([1, -2])
    weights = write_blob({"w": array, "other": array}, tmp_path)
    tied = (Trained(("w", "other"), "float32"),)
    reply = update(replace(request, weights=weights, parameters=tied), quiet)
    found = read_blob(tmp_path, reply.weights)
    assert found["w"].tolist() == found["other"].tolist() == [0, -4]


@pytest.mark.parametrize(
    "change",
    [
        {"lr": -0.1},
        {"lr": float("nan")},
        {"lr": float("inf")},
        {"kind": "momentum", "momentum": 1.0},
        {"kind": "momentum", "momentum": -0.5},
        {"kind": "adam", "beta1": 1.0},
        {"kind": "adam", "beta2": -1e-9},
        {"kind": "adam", "eps": -1e-8},
        {"weight_decay": -1.0},
        {"kind": "rmsprop"},
    ],
    ids=str,
)
def test_numbers_that_no_optimiser_takes_are_one_sentence(
    tmp_path: Path, change: dict[str, float]
) -> None:
    choice = replace(OptimiserChoice(), **change)  # type: ignore[arg-type]
    files = set(tmp_path.iterdir()) | {p for _ in [asked(tmp_path)] for p in tmp_path.iterdir()}
    with pytest.raises(UserMistake) as caught:
        update(asked(tmp_path, choice), quiet)
    assert "wanted" in str(caught.value.message)
    assert set(tmp_path.iterdir()) == files


def test_numbers_of_another_kind_do_not_matter(tmp_path: Path) -> None:
    update(asked(tmp_path, OptimiserChoice(momentum=7.0, eps=-1.0)), quiet)
    kept = update(asked(tmp_path, OptimiserChoice("momentum", momentum=0.0, nesterov=True)), quiet)
    assert read_blob(tmp_path, kept.weights)["w"].tolist() != [1, -2]


def test_without_any_grad_there_is_nothing_to_update_with(tmp_path: Path) -> None:
    request = asked(tmp_path)
    only_input = write_blob({"input:0": np.float32([9])}, tmp_path)
    with pytest.raises(UserMistake, match="Press Backward"):
        update(replace(request, grads=only_input), quiet)
    with pytest.raises(UserMistake, match="Press Backward"):
        update(replace(request, parameters=()), quiet)


def test_blobs_that_do_not_belong_together_are_told(tmp_path: Path) -> None:
    foreign = write_blob({"parameter:w": np.float32([2, 4, 6])}, tmp_path)
    with pytest.raises(LenetVizError, match=r"\(3,\).*\(2,\)"):
        update(replace(asked(tmp_path), grads=foreign), quiet)
    with pytest.raises(LenetVizError):
        update(replace(asked(tmp_path), weights="f" * 64), quiet)


def test_the_messages_come_through_the_pipe(tmp_path: Path) -> None:
    request = replace(
        asked(tmp_path, OptimiserChoice("adam", lr=1e-3, beta2=0.99)),
        parameters=(Trained(("a.b", "c"), "bfloat16"), Trained(("w",), "float32")),
        state="a" * 64,
    )
    done = UpdateDone(-4, "b" * 64, None, str(tmp_path))
    for message in (request, done):
        assert read(io.BytesIO(encode(message))) == message


def test_what_the_optimiser_remembers_outlives_many_runs(tmp_path: Path) -> None:
    files = RunFiles(kept=2)
    names = [letter * 64 for letter in "abcdef"]
    for name in names:
        (tmp_path / f"{name}.safetensors").write_bytes(b"blob")
        files.add_update(UpdateDone(-1, name, None, str(tmp_path)))
    left = {path.stem[0] for path in tmp_path.glob("*.safetensors")}
    assert left == {"d", "e", "f"}
