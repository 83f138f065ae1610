"""What makes one output value: exactly the weights that its gradient reaches."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.address import Address, Place
from lenet_viz.panels.kernel_rows import kernels_of

CASES: dict[str, tuple[nn.Module, tuple[int, ...], tuple[int, ...]]] = {
    "conv2d": (nn.Conv2d(2, 4, 3), (1, 2, 5, 5), (0, 3, 1, 1)),
    "conv1d": (nn.Conv1d(2, 4, 3), (1, 2, 7), (0, 1, 2)),
    "unbatched": (nn.Conv2d(2, 4, 3), (2, 5, 5), (2, 0, 1)),
    "transposed": (nn.ConvTranspose2d(2, 4, 3), (1, 2, 4, 4), (0, 3, 2, 2)),
    "transposed in groups": (nn.ConvTranspose2d(4, 6, 3, groups=2), (1, 4, 4, 4), (0, 4, 2, 2)),
    "transposed in groups, first": (
        nn.ConvTranspose2d(4, 6, 3, groups=2),
        (1, 4, 4, 4),
        (0, 0, 2, 2),
    ),
    "linear": (nn.Linear(5, 3), (1, 5), (0, 2)),
    "linear over a sequence": (nn.Linear(5, 3), (1, 4, 5), (0, 1, 2)),
}


@pytest.mark.parametrize("case", CASES)
def test_they_are_those_that_its_gradient_reaches(case: str) -> None:
    torch.manual_seed(3)
    layer, shape, index = CASES[case]
    x: Tensor = torch.rand(shape) + 0.5
    capture = lenet_viz.capture(nn.Sequential(layer), x)
    step = capture.steps[0]
    value = layer(x)[index]
    for parameter in capture.parameters:
        mask = kernels_of(step, parameter, Address(Place.STEP, step.name, index=index))
        own = layer.get_parameter(parameter.name.partition(".")[2])
        (wanted,) = torch.autograd.grad(value, own, retain_graph=True)
        assert mask is not None
        assert np.array_equal(mask, wanted.numpy() != 0)


def test_other_steps_and_places_have_none() -> None:
    capture = lenet_viz.capture(nn.Sequential(nn.BatchNorm1d(3).eval()), torch.rand(2, 3))
    step, parameter = capture.steps[0], next(iter(capture.parameters))
    assert kernels_of(step, parameter, Address(Place.STEP, step.name, index=(0, 1))) is None
    assert kernels_of(step, parameter, Address(Place.INPUT, "0", index=(0, 1))) is None
    assert kernels_of(step, parameter, None) is None
    assert kernels_of(None, parameter, None) is None
