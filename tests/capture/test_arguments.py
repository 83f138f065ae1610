"""Arguments get torch's names, whichever way a function is called."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.records import InputRef, StepRef


class Calls(nn.Module):
    def __init__(self, does: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.does = does

    def forward(self, x: Tensor) -> Any:
        return self.does(x)


@pytest.mark.parametrize(
    ("does", "op", "expected"),
    [
        (lambda x: x.view(2, -1), "view", {"size": (2, -1)}),
        (lambda x: x.view((2, -1)), "view", {"size": (2, -1)}),
        (lambda x: x.reshape(-1), "reshape", {"shape": (-1,)}),
        (lambda x: x.permute(0, 2, 3, 1), "permute", {"dims": (0, 2, 3, 1)}),
        (lambda x: torch.flatten(x, 1), "flatten", {"start_dim": 1, "end_dim": -1}),
        (lambda x: x.flatten(start_dim=2), "flatten", {"start_dim": 2, "end_dim": -1}),
        (lambda x: F.max_pool2d(x, 2), "max_pool2d", {"kernel_size": (2, 2), "stride": (2, 2)}),
        (
            lambda x: F.max_pool2d(x, 3, 1, 1, ceil_mode=True),
            "max_pool2d",
            {"kernel_size": (3, 3), "stride": (1, 1), "padding": (1, 1), "ceil_mode": True},
        ),
        (
            lambda x: F.avg_pool2d(x, (2, 1), padding=(1, 0)),
            "avg_pool2d",
            {"kernel_size": (2, 1), "stride": (2, 1), "padding": (1, 0), "ceil_mode": False},
        ),
        (lambda x: F.dropout(x, 0.25), "dropout", {"p": 0.25, "training": True}),
        (lambda x: F.softmax(x, dim=1), "softmax", {"dim": 1}),
        (lambda x: x.softmax(1), "softmax", {"dim": 1}),
        (lambda x: x.transpose(1, 2), "transpose", {"dim0": 1, "dim1": 2}),
        (lambda x: torch.tanh(x), "tanh", {}),
        (lambda x: x + 3, "add", {"other": 3}),
        (lambda x: 3 - x, "rsub", {"other": 3}),
        (lambda x: x.sum(), "sum", {}),
        (lambda x: x.sum(1, keepdim=True), "sum", {"keepdim": True}),
        (lambda x: torch.zeros(2, 3), "zeros", {"size": (2, 3)}),
        (lambda x: F.adaptive_avg_pool2d(x, 1), "adaptive_avg_pool2d", {"output_size": (1, 1)}),
        (
            lambda x: F.conv2d(x, torch.ones(1, 3, 3, 3), None, 2, padding="valid"),
            "conv2d",
            {"stride": (2, 2), "padding": "valid", "groups": 1},
        ),
    ],
)  # fmt: skip
def test_names_and_defaults(
    does: Callable[[Tensor], Any], op: str, expected: dict[str, Any]
) -> None:
    step = lenet_viz.capture(Calls(does), torch.rand(2, 3, 4, 4)).steps[-1]
    assert step.op == op
    for name, value in expected.items():
        assert step.literal(name) == value, step.arguments
    assert not [argument.name for argument in step.arguments if argument.name.isdigit()]


def test_tensors_in_lists() -> None:
    taken = lenet_viz.capture(Calls(lambda x: torch.cat([x, x * 2], 1)), torch.rand(2, 3))
    step = taken.steps["cat"]
    assert step.argument("tensors") == (InputRef(0), StepRef(0))
    assert step.literal("dim") == 1
    assert step.parents == (0,)
    assert step.input_shapes == ((2, 3), (2, 3))


@pytest.mark.parametrize(
    "does",
    [lambda x: x.size(0), lambda x: x.shape, lambda x: x.dim(), lambda x: float(x.sum() > 0)],
)
def test_questions_are_no_steps(does: Callable[[Tensor], Any]) -> None:
    ops = {step.op for step in lenet_viz.capture(Calls(does), torch.rand(2, 3)).steps}
    assert ops <= {"sum", "gt"}
