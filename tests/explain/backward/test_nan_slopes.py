"""Slopes at NaN are torch's own."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lenet_viz
from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.explain.why import explain
from lenet_viz.explain.zeros import zero_causes

FUNCTIONS = {
    "relu": F.relu,
    "threshold": lambda x: F.threshold(x, 0.1, 0.0),
    "softshrink": F.softshrink,
    "hardshrink": F.hardshrink,
    "abs": torch.abs,
}


class Only(torch.nn.Module):
    def __init__(self, function: object) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)  # type: ignore[operator]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient_at_nan(name: str) -> None:
    x = torch.tensor([[float("nan"), 2.0, -2.0]], requires_grad=True)
    v = torch.tensor([[1.5, -0.5, 0.25]])
    made = lenet_viz.capture(Only(FUNCTIONS[name]), x, backward=v)
    fresh = x.detach().clone().requires_grad_()
    FUNCTIONS[name](fresh).backward(v)  # type: ignore[operator]
    for column in range(3):
        address = Address(Place.INPUT, "0", side=Side.GRADIENT, index=(0, column))
        answer = explain(made, address)
        assert answer is not None
        assert fresh.grad is not None
        assert answer.total == fresh.grad[0, column].item()  # type: ignore[union-attr]
        assert answer.adds_up  # type: ignore[union-attr]


def test_an_empty_batch_has_causes() -> None:
    made = lenet_viz.capture(
        torch.nn.Conv2d(1, 2, 3), torch.rand(0, 1, 6, 6, requires_grad=True), backward="random",
        seed=0,
    )  # fmt: skip
    found = zero_causes(made, Address(Place.PARAMETER, "weight", side=Side.GRADIENT))
    assert found is None or np.all(found.causes > 0)
