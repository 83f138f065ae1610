"""A second oracle: torch.fx runs the same networks op by op; its values equal the recorder's."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, fx, nn

import lenet_viz
from tests.capture.notebook_net import Net, random_input


class Keeps(fx.Interpreter):
    """Keeps a copy of every value."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.values: list[Tensor] = []

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op in ("call_function", "call_method", "call_module") and isinstance(value, Tensor):
            self.values.append(value.detach().clone())
        return value


class Traceable(Net):
    def num_flat_features(self, x: Tensor) -> int:
        return 576


def residual() -> nn.Module:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
            self.second = nn.Conv2d(4, 4, 3, padding=1, groups=2)
            self.act = nn.ReLU(inplace=True)
            self.fc = nn.Linear(4 * 64, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = self.first(x)
            h = self.act(self.second(h) + h)
            h = nn.functional.avg_pool2d(h, 4).flatten(1)
            return torch.log_softmax(self.fc(h), dim=1)

    return Residual().eval()


@pytest.mark.parametrize("make", [Traceable, residual])
def test_activations(make: Any) -> None:
    torch.manual_seed(0)
    model, x = make(), random_input(2)
    oracle = Keeps(fx.symbolic_trace(model))
    with torch.no_grad():
        oracle.run(x)
    taken = lenet_viz.capture(model, x)
    assert len(taken.steps) == len(oracle.values)
    for step, value in zip(taken.steps, oracle.values, strict=True):
        assert np.array_equal(step.activation, value.numpy()), step.name
