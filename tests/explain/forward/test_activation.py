"""Forward arithmetic against the numbers that torch gave, and its terms against the tensors."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import lenet_viz
from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.explain.forward.activation import explain_activation
from lenet_viz.explain.operands import array_at
from lenet_viz.explain.terms import Explanation, How, Unexplained
from tests.explain.forward.ops import FAMILIES, settings
from tests.figures import Figures


def chosen(shape: tuple[int, ...], count: int, rng: random.Random) -> Iterator[tuple[int, ...]]:
    if 0 in shape:
        return
    for _ in range(count):
        yield tuple(rng.randrange(size) for size in shape)


def read(capture: Capture, address: Address) -> float:
    assert address.index is not None
    array = array_at(capture, address)
    assert array is not None
    return float(array[address.index])


def check_terms(capture: Capture, answer: Explanation) -> int:
    """Every factor that names an element has that element's number; the terms make the total."""
    checked, total = 0, 0.0
    for block in answer.blocks:
        products = np.ones(block.shape)
        for factor in block.factors:
            assert factor.values.shape == block.shape
            assert len(block.shape) <= 2
            products = products * factor.values
            for place in np.ndindex(*block.shape):
                where = factor.at(place)
                if where is not None and checked < 12:
                    assert read(capture, where) == pytest.approx(float(factor.values[place]), rel=0)
                    checked += 1
        total += float(products.sum())
    if answer.how is How.SUM:
        assert total == pytest.approx(answer.total, rel=1e-9, abs=1e-12, nan_ok=True)
    if answer.how is How.LARGEST:
        assert answer.blocks[0].products[answer.blocks[0].chosen] == answer.total
    return checked


@pytest.mark.parametrize("family", FAMILIES)
def test_every_op_with_random_settings(family: str, figures: Figures) -> None:
    rng = random.Random(family)
    values = terms = models = 0
    for model, x in settings(family, 140):
        capture = lenet_viz.capture(model, x, seed=1)
        models += 1
        for step in capture.steps:
            if step.outputs[0].dtype in ("int64", "bool") or step.op in ("ones", "tensor"):
                continue
            for index in chosen(step.shape, 2, rng):
                answer = explain_activation(capture, Address(Place.STEP, step.name, index=index))
                assert isinstance(answer, Explanation), (step, answer)
                assert answer.adds_up, (step, answer.total, answer.captured, answer.scale)
                assert answer.captured == pytest.approx(
                    float(step.activation[index]), rel=0, nan_ok=True
                )
                terms += check_terms(capture, answer)
                values += 1
    assert models == 140
    figures.add("forward arithmetic", {"settings": models, "values": values, "terms read": terms})


@pytest.fixture(scope="module")
def notebook() -> Capture:
    return lenet_viz.capture("notebook", backward="cross-entropy:7", seed=0)


def test_every_value_of_the_notebook(notebook: Capture, figures: Figures) -> None:
    values = 0
    rng = random.Random(0)
    for step in notebook.steps:
        every = list(np.ndindex(*step.shape))
        for index in every if len(every) < 600 else rng.sample(every, 300):
            answer = explain_activation(notebook, Address(Place.STEP, step.name, index=index))
            assert isinstance(answer, Explanation)
            assert answer.adds_up, (step.name, index, answer.total, answer.captured)
            values += 1
    figures.add("forward arithmetic of the notebook", {"values": values})


def test_conv2_is_six_channels_and_a_bias(notebook: Capture) -> None:
    address = Address(Place.STEP, "conv2", index=(0, 3, 4, 5))
    answer = explain_activation(notebook, address)
    assert isinstance(answer, Explanation)
    assert len(answer.blocks) == 7
    assert "6 channel sums + bias" in str(answer.headline)
    weight = torch.tensor(notebook.parameters["conv2.weight"].value, dtype=torch.float64)
    x = torch.tensor(notebook.steps["max_pool2d"].activation, dtype=torch.float64)
    for channel in range(6):
        patch = x[0, channel, 4:7, 5:8]
        wanted = float((patch * weight[3, channel]).sum())
        assert answer.blocks[channel].total == pytest.approx(wanted, rel=1e-12)
        assert answer.blocks[channel].factors[0].at((1, 2)) == Address(
            Place.STEP, "max_pool2d", index=(0, channel, 5, 7)
        )


def test_the_loss(notebook: Capture) -> None:
    answer = explain_activation(notebook, Address(Place.OBJECTIVE, "loss", index=()))
    assert isinstance(answer, Explanation)
    assert answer.adds_up
    for word in ("mse", "output:3"):
        capture = lenet_viz.capture("notebook", backward=word, seed=0)
        answer = explain_activation(capture, Address(Place.OBJECTIVE, "loss", index=()))
        assert isinstance(answer, Explanation)
        assert answer.adds_up
    capture = lenet_viz.capture("notebook", backward="random", seed=0)
    answer = explain_activation(capture, Address(Place.OBJECTIVE, "loss", index=()))
    assert isinstance(answer, Unexplained)


@pytest.mark.parametrize(
    "address",
    [
        Address(Place.INPUT, "0", index=(0, 0, 1, 1)),
        Address(Place.PARAMETER, "conv1.weight", index=(0, 0, 1, 1)),
        Address(Place.STEP, "nothing", index=(0,)),
        Address(Place.STEP, "conv1", index=(0, 0)),
        Address(Place.STEP, "conv1", index=(0, 0, 99, 0)),
        Address(Place.STEP, "conv1", index=(0, 0, -1, 0)),
        Address(Place.STEP, "conv1", output=3, index=(0, 0, 0, 0)),
        Address(Place.STEP, "conv1"),
        Address(Place.OBJECTIVE, "target", index=(0, 0)),
    ],
)
def test_what_no_step_made_says_so(notebook: Capture, address: Address) -> None:
    answer = explain_activation(notebook, address)
    assert isinstance(answer, Unexplained)
    assert str(answer.reason)


def test_ops_without_arithmetic_say_so() -> None:
    capture = lenet_viz.capture(torch.nn.LSTM(3, 4), torch.randn(2, 1, 3))
    answer = explain_activation(
        capture, Address(Place.STEP, capture.steps[-1].name, index=(0, 0, 0))
    )
    assert isinstance(answer, Unexplained)
    assert "lstm" in str(answer.reason)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_types(dtype: torch.dtype) -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten())
    capture = lenet_viz.capture(model.to(dtype), torch.randn(1, 1, 5, 5).to(dtype))
    for step in capture.steps:
        for index in np.ndindex(*step.shape):
            answer = explain_activation(capture, Address(Place.STEP, step.name, index=index))
            assert isinstance(answer, Explanation)
            assert answer.adds_up


class Odd(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> Any:
        return torch.relu(torch.nn.functional.max_pool2d(x * 2, 2)).softmax(-1)


def test_nan_and_infinity() -> None:
    x = torch.randn(1, 1, 4, 4)
    x[0, 0, 0, 0], x[0, 0, 3, 3], x[0, 0, 2, 0] = torch.nan, torch.inf, -torch.inf
    capture = lenet_viz.capture(Odd(), x)
    for step in capture.steps:
        for index in np.ndindex(*step.shape):
            answer = explain_activation(capture, Address(Place.STEP, step.name, index=index))
            assert isinstance(answer, Explanation)
            assert answer.adds_up, (step.name, index, answer.total, answer.captured)
