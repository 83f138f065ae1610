"""The objective's own loss for outputs of every shape, against torch in float64."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import lenet_viz
from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.forward.activation import explain_activation
from lenet_viz.explain.terms import Explanation, Unexplained
from lenet_viz.explain.why import explain
from tests.explain.forward.reading import check_block, close, explained
from tests.panels.runs import Lambda

LOSS = Address(Place.OBJECTIVE, "loss", index=())
SHAPES = [(4,), (1, 4), (3, 5), (2, 4, 3), (2, 4, 3, 2)]


def run(backward: Any, *shape: int, kind: torch.dtype = torch.float32) -> tuple[Capture, Tensor]:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(5)).to(kind).requires_grad_()
    return lenet_viz.capture(Lambda(lambda _, x: x * 2), x, backward=backward, seed=3), x.detach()


def loss(capture: Capture) -> Explanation:
    answer = explain_activation(capture, LOSS)
    assert isinstance(answer, Explanation), str(answer.reason)
    assert answer.adds_up, (answer.total, answer.captured)
    for block in answer.blocks:
        check_block(capture, block)
    return answer


@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy(shape: tuple[int, ...]) -> None:
    capture, x = run("cross-entropy:2", *shape)
    classes = torch.full([n for at, n in enumerate(shape) if at != min(1, len(shape) - 1)], 2)
    wanted = float(F.cross_entropy((x * 2).double(), classes))
    answer = loss(capture)
    assert close(answer.total, wanted, answer.scale)
    assert answer.working


@pytest.mark.parametrize("shape", [(), *SHAPES])
def test_mean_squares(shape: tuple[int, ...]) -> None:
    capture, x = run("mse", *shape)
    assert capture.objective is not None
    target = torch.tensor(capture.objective.target)
    wanted = float(F.mse_loss((x * 2).double(), target.double()))
    answer = loss(capture)
    assert close(answer.total, wanted, answer.scale)
    places = [str(factor.address) for block in answer.blocks for factor in block.factors]
    assert "objective:target:0:activation" in places


@pytest.mark.parametrize("shape", SHAPES[1:])
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_a_target_that_was_broadcast(shape: tuple[int, ...]) -> None:
    capture, x = run("mse:flat", *shape)
    assert capture.objective is not None
    target = torch.tensor(capture.objective.target)
    assert target.shape == shape[-1:]
    x = (x * 2).double().requires_grad_()
    wanted = ((x - target.double()) ** 2).mean()
    answer = loss(capture)
    assert close(answer.total, wanted.item(), answer.scale)
    (gradient,) = torch.autograd.grad(wanted, x)
    for index in ((0,) * len(shape), tuple(size - 1 for size in shape)):
        address = Address(Place.STEP, capture.steps[-1].name, 0, Side.GRADIENT, index)
        share = explain(capture, address)
        assert isinstance(share, Explanation)
        assert share.adds_up
        assert close(share.total, float(gradient[index]), share.scale)


@pytest.mark.parametrize("shape", SHAPES)
def test_one_output(shape: tuple[int, ...]) -> None:
    capture, x = run("output:1", *shape)
    answer = loss(capture)
    assert close(answer.total, float((x * 2).double()[..., 1].sum()), answer.scale)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16, torch.float16])
def test_other_types(kind: torch.dtype) -> None:
    for word in ("cross-entropy:1", "mse", "output:0"):
        loss(run(word, 2, 3, kind=kind)[0])


def test_what_has_no_loss_says_so() -> None:
    for backward in ("random", torch.ones(1, 3), lambda out: (out**2).sum(), None):
        answer = explain_activation(run(backward, 1, 3)[0], LOSS)
        assert isinstance(answer, Unexplained)
        assert answer.reason.english()


def test_a_target_that_is_broadcast_is_warned_of() -> None:
    module = Lambda(lambda _, x: F.mse_loss(x, x[0].detach().clone()))
    with pytest.warns(UserWarning, match="target size"):
        capture = lenet_viz.capture(module, torch.randn(2, 3))
    answer = explained(capture, Address(Place.STEP, "mse_loss", index=()))
    assert "both are broadcast" in str(answer.notes[0])


@pytest.mark.parametrize("strange", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("word", ["cross-entropy:1", "mse", "output:1"])
def test_outputs_that_are_no_numbers(word: str, strange: float) -> None:
    x = torch.tensor([[1.0, strange, 2.0], [0.5, 0.25, 1.0]], requires_grad=True)
    capture = lenet_viz.capture(Lambda(lambda _, x: x * 2), x, backward=word, seed=3)
    answer = explain_activation(capture, LOSS)
    assert isinstance(answer, Explanation)
    assert answer.adds_up, (answer.total, answer.captured)
