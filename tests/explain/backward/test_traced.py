"""A zero is traced exactly where no random run of the same geometry has a gradient."""

import numpy as np
import pytest
import torch

import lenet_viz
from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.why import explain
from tests.capture.notebook_net import Net


@pytest.fixture(scope="module")
def capture() -> Capture:
    torch.manual_seed(0)
    return lenet_viz.capture(Net(), torch.rand(1, 1, 32, 32), backward="random", seed=0)


def verdict(capture: Capture, place: Place, name: str, *index: int) -> str:
    answer = explain(capture, Address(place, name, 0, Side.GRADIENT, index))
    return "" if answer.verdict is None else str(answer.verdict)


def test_pixels_are_traced_to_the_second_pooling(capture: Capture) -> None:
    reached = np.zeros((32, 32), dtype=bool)
    for seed in range(4):
        torch.manual_seed(seed)
        net, x = Net(), torch.randn(1, 1, 32, 32, requires_grad=True)
        # With averages for maxima and no gate every window counts, whatever the numbers are.
        h = torch.nn.functional.avg_pool2d(net.conv1(x), 2)
        h = torch.nn.functional.avg_pool2d(net.conv2(h), 2)
        out = net.fc3(net.fc2(net.fc1(h.flatten(1))))
        (grad,) = torch.autograd.grad(out.sum(), x)
        reached |= grad[0, 0].numpy() != 0
    for y, x_ in ((31, 31), (30, 0), (0, 30), (31, 5), (29, 29), (10, 10)):
        words = verdict(capture, Place.INPUT, "0", 0, 0, y, x_)
        traced = "structurally zero" in words and "max_pool2d_2 leaves out" in words
        assert traced == (not reached[y, x_]), (y, x_, words)


def test_what_a_window_leaves_out_itself_is_said_once(capture: Capture) -> None:
    words = verdict(capture, Place.STEP, "relu_2", 0, 3, 12, 4)
    assert words
    assert "structurally" not in words


def test_a_zero_of_this_run_alone_is_not_called_structural(capture: Capture) -> None:
    gradient = capture.steps["conv2"].gradient
    assert gradient is not None
    for index in map(tuple, np.argwhere(gradient[0, :, :12, :12] == 0)[:40]):
        place = (0, *(int(at) for at in index))
        assert "structurally" not in verdict(capture, Place.STEP, "conv2", *place)
