"""What was captured is what was there then, whatever is written to the same memory later."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.records import GradientState


def test_the_callers_input_may_change_afterwards() -> None:
    x = torch.ones(2, 3)
    taken = lenet_viz.capture(nn.Linear(3, 2), x, backward="random")
    x.zero_()
    assert (taken.inputs[0] == 1).all()


def test_gradients_that_a_model_computes_itself_are_not_the_objectives() -> None:
    class Inside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = self.fc(x)
            (inner,) = torch.autograd.grad((h * h).sum(), h, retain_graph=True)
            return self.fc(x) * inner

    taken = lenet_viz.capture(Inside(), torch.rand(2, 3), backward="random")
    assert taken.steps["fc"].gradient_state is GradientState.NOT_REACHED
    assert taken.steps["fc"].gradient is None
    assert taken.steps["fc_2"].gradient_state is GradientState.PRESENT


def test_a_backward_that_writes_over_its_gradient() -> None:
    class Spoils(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Tensor:
            return grad.mul_(5)

    class Model(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return Spoils.apply(x * 1) * 2

    taken = lenet_viz.capture(Model(), torch.rand(2, 3), backward=torch.ones(2, 3))
    assert [step.name for step in taken.steps] == ["mul", "clone", "Spoils", "mul_2"]
    gradients = {step.name: step.gradient for step in taken.steps}
    assert np.array_equal(gradients["Spoils"], np.full((2, 3), 2))
    assert np.array_equal(gradients["mul"], np.full((2, 3), 10))


def test_writes_through_a_view_without_gradients() -> None:
    class Counts(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            h = x + 1
            h[0].mul_(10)
            return h * 2

    taken = lenet_viz.capture(Counts(), torch.tensor([[1, 2], [3, 4]]))
    assert [step.name for step in taken.steps] == ["add", "getitem", "mul_", "alias", "mul"]
    assert taken.steps["alias"].parents == (0, 2)
    assert taken.steps["alias"].activation.tolist() == [[20, 30], [4, 5]]
    assert taken.steps["add"].activation.tolist() == [[2, 3], [4, 5]]
