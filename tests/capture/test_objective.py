"""What backward starts from, against torch's own gradient of the same scalar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import lenet_viz
from lenet_viz.errors import UserMistake
from tests.capture.notebook_net import random_input, seeded_net


def v_of(capture: Any) -> np.ndarray:
    assert capture.objective is not None
    return capture.objective.upstream


def test_random_is_the_notebooks_vector() -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(), backward="random", seed=5)
    expected = torch.randn(1, 10, generator=torch.Generator().manual_seed(5)).numpy()
    assert np.array_equal(v_of(taken), expected)
    assert np.array_equal(taken.steps["fc3"].gradient, expected)
    assert taken.objective is not None
    assert (taken.objective.loss, taken.objective.grad_fn) == (None, ("AddmmBackward0",))


def test_mse_against_the_notebooks_target() -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(), backward="mse", seed=5)
    target = torch.randn(10, generator=torch.Generator().manual_seed(5)).view(1, -1)
    output = torch.from_numpy(taken.steps["fc3"].activation.copy())
    assert taken.objective is not None
    assert np.array_equal(taken.objective.target, target.numpy())
    assert taken.objective.loss == F.mse_loss(output, target).item()
    assert np.allclose(v_of(taken), 2 * (output - target).numpy() / 10, rtol=1e-6)
    assert taken.objective.grad_fn == ("MseLossBackward0", "AddmmBackward0")


@pytest.mark.parametrize("batch", [1, 3])
def test_output_is_one_hot_in_every_row(batch: int) -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(batch), backward="output:4")
    expected = np.zeros((batch, 10), np.float32)
    expected[:, 4] = 1
    assert np.array_equal(v_of(taken), expected)
    assert taken.objective is not None
    assert taken.objective.loss == pytest.approx(taken.steps[-1].activation[:, 4].sum())


def test_cross_entropy_is_softmax_minus_one_hot() -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(2), backward="cross-entropy:9")
    logits = taken.steps[-1].activation.astype(np.float64)
    softmax = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert np.allclose(v_of(taken), (softmax - np.eye(10)[9]) / 2, atol=1e-7)


def test_one_sample_without_a_batch_axis() -> None:
    taken = lenet_viz.capture(nn.Linear(3, 4), torch.rand(3), backward="cross-entropy:1")
    logits = taken.steps[-1].activation.astype(np.float64)
    softmax = np.exp(logits) / np.exp(logits).sum()
    assert np.allclose(v_of(taken), softmax - np.eye(4)[1], atol=1e-7)


def test_a_vector_and_a_function() -> None:
    vector = torch.rand(1, 10)
    by_vector = lenet_viz.capture(seeded_net(), random_input(), backward=vector)
    by_function = lenet_viz.capture(
        seeded_net(), random_input(), backward=lambda out: (out * vector).sum()
    )
    assert np.array_equal(v_of(by_vector), vector.numpy())
    assert np.array_equal(v_of(by_function), vector.numpy())
    assert np.array_equal(by_vector.input_gradients[0], by_function.input_gradients[0])
    vector.zero_()
    assert v_of(by_vector).all()


@pytest.mark.parametrize("batch", [1, 3])
def test_a_vector_of_ones_own_in_a_word(batch: int) -> None:
    numbers = [0.1, -2.5, 0, 1e-30, 3, 1 / 3, 7, 8, -9, 1e5]
    word = "vector:" + ",".join(map(repr, numbers))
    x, net = random_input(batch), seeded_net()
    taken = lenet_viz.capture(net, x, backward=word)
    v = torch.tensor(numbers).expand(batch, 10)
    assert np.array_equal(v_of(taken), v.numpy())
    x = x.detach().requires_grad_()
    (expected,) = torch.autograd.grad(net(x), x, v)
    assert np.array_equal(taken.input_gradients[0], expected.numpy())


def test_a_vector_for_every_sample_of_its_own() -> None:
    word = "vector:" + ",".join(map(str, range(20)))
    taken = lenet_viz.capture(seeded_net(), random_input(2), backward=word)
    assert np.array_equal(v_of(taken), np.arange(20, dtype=np.float32).reshape(2, 10))


def test_a_target_without_view_is_broadcast_and_torch_warns(tmp_path: Path) -> None:
    x, net = random_input(3), seeded_net()
    with pytest.warns(UserWarning, match="different to the input size"):
        taken = lenet_viz.capture(net, x, backward="mse:flat", seed=5)
    target = torch.randn(10, generator=torch.Generator().manual_seed(5))
    assert taken.objective is not None
    assert np.array_equal(taken.objective.target, target.numpy())
    assert taken.objective.loss == F.mse_loss(net(x), target.expand(3, 10)).item()
    again = lenet_viz.load(taken.save(tmp_path / "flat.lvcap"))
    assert again.objective is not None
    assert np.array_equal(again.objective.target, target.numpy())


class Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * 2, x


@pytest.mark.parametrize(
    ("model", "backward", "says"),
    [
        (lambda: nn.Linear(3, 10), "cross-entropy:10", "no output 10"),
        (lambda: nn.Linear(3, 10), "output:12", "0 to 9"),
        (lambda: nn.Linear(3, 10), "loss", "cross-entropy:7"),
        (lambda: nn.Linear(3, 10), "vector:1,2,3", r"3 numbers.*\(2, 10\).*20 numbers, or 10"),
        (lambda: nn.Linear(3, 10), torch.rand(10), r"\(2, 10\)"),
        (lambda: nn.Linear(3, 10), lambda out: out, "one number"),
        (lambda: nn.Linear(3, 10), lambda out: 3.0, "float"),
        (Pair, "random", "tuple"),
        (Pair, lambda out: out[0].sum().item(), "float"),
    ],
)
def test_what_does_not_fit(model: Callable[[], nn.Module], backward: Any, says: str) -> None:
    with pytest.raises(UserMistake, match=says):
        lenet_viz.capture(model(), torch.rand(2, 3), backward=backward)


def test_nothing_to_differentiate() -> None:
    class Counts(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + 1

    with pytest.raises(UserMistake, match="does not depend on anything"):
        lenet_viz.capture(Counts(), torch.arange(3), backward=lambda out: out.float().sum())
