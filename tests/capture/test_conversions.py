"""Conversions are steps, though Python's own bool(), float() and int() of a tensor are none."""

import numpy as np
import torch
from torch import Tensor, nn

import lenet_viz


class Converts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = (x + 1).double().float() * 2
        mask = (h > 0).int().bool().float()
        if float(h.detach().sum()) > 1e9 or bool(h.isnan().any()):
            return h
        return self.fc(h) * mask


def test_conversions_are_steps_and_keep_the_chain() -> None:
    torch.manual_seed(0)
    model, x = Converts(), torch.randn(1, 3)
    capture = lenet_viz.capture(model, x, backward=lambda out: out.sum())
    names = [step.name for step in capture.steps]
    ops = [step.op for step in capture.steps if step.op not in {"detach", "sum", "isnan", "any"}]
    assert ops == ["add", "double", "float", "mul", "gt", "int", "bool", "float", "linear", "mul"]
    assert not any(step.opaque for step in capture.steps)
    last = capture.steps[-1]
    assert {names[parent] for parent in last.parents} == {"fc", "float_2"}
    assert [names[parent] for parent in capture.steps["mul"].parents] == ["float"]
    leaf = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(leaf).sum(), leaf)
    assert np.array_equal(capture.input_gradients[0], gradient.numpy())
    assert np.array_equal(capture.steps["float"].activation, (x + 1).numpy())


def test_a_conversion_that_changes_nothing_is_a_step_too() -> None:
    class Same(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x * 3).float() + 1

    capture = lenet_viz.capture(Same(), torch.randn(2, 2), backward=lambda out: out.sum())
    assert [step.op for step in capture.steps] == ["mul", "float", "add"]
    assert capture.steps["add"].parents
