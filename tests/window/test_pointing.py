"""What is under the pointer is marked where it comes from, against torch's own gradients."""

from dataclasses import replace

import numpy as np
import torch

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from tests.capture.notebook_net import Net
from tests.window.driver import Program


def reach(capture: Capture, step: str, index: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The box of pixels that a step's value depends on, by gradients of random runs."""
    found = np.zeros((32, 32), dtype=bool)
    for seed in range(6):
        torch.manual_seed(seed)
        net = Net()
        x = torch.randn(1, 1, 32, 32, requires_grad=True)
        value = {"conv1": net.conv1}.get(step)
        out = (
            net.conv1(x)
            if value is not None
            else net.conv2(torch.nn.functional.max_pool2d(torch.relu(net.conv1(x)), 2))
        )
        (grad,) = torch.autograd.grad(out[index], x)
        found |= grad[0, 0].numpy() != 0
    ys, xs = np.nonzero(found)
    return int(ys.min()), int(xs.min()), int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1


def test_a_value_boxes_its_pixels_and_its_kernels(program: Program) -> None:
    window = program.window
    program.session.select("conv1")
    window.maps.pointed.emit(Address(Place.STEP, "conv1", index=(0, 2, 4, 5)))
    for view in window.input_panel._views:
        assert view._field == ((4, 5, 3, 3),)
    assert len(window.step_panel._blocks[0]._picture._field) == 1
    window.maps.pointed.emit(None)
    assert window.input_panel._views[0]._field == ()
    assert window.step_panel._blocks[0]._picture._field == ()
    window.maps.pointed.emit(Address(Place.STEP, "conv2", index=(0, 3, 4, 5)))
    (box,) = window.input_panel._views[0]._field
    wide = reach(program.run.capture, "conv2", (0, 3, 4, 5))
    # The window of a max pooling has one winner: random runs may miss an edge, never pass it.
    assert box[0] <= wide[0]
    assert box[1] <= wide[1]
    assert box[0] + box[2] >= wide[0] + wide[2]
    assert box == (8, 10, 8, 8)


def test_a_pixel_boxes_what_it_reaches(program: Program) -> None:
    window = program.window
    program.session.select("conv1")
    window.input_panel.pointed.emit(Address(Place.INPUT, "0", index=(0, 0, 10, 10)))
    overlay = window.maps.columns[0].mosaic.overlay
    assert len(overlay.field) == 6
    assert {box[2:] for box in overlay.field} == {(3, 3)}
    program.session.select("fc1")
    assert overlay.field == ()


def test_why_points_at_its_terms(program: Program) -> None:
    window = program.window
    program.session.ask(Address(Place.STEP, "conv2", index=(0, 3, 4, 5)))
    window.why.pointed.emit(
        Address(Place.PARAMETER, "conv2.weight", side=Side.GRADIENT, index=(3, 1, 2, 0))
    )
    assert window.step_panel._blocks[0]._picture._marked == (3, 1, 2, 0)
    window.why.pointed.emit(None)
    assert window.step_panel._blocks[0]._picture._marked is None
    window.why.pointed.emit(Address(Place.STEP, "nothing", index=(0,)))
    pixel = Address(Place.INPUT, "0", index=(0, 0, 3, 4))
    window.why.pointed.emit(replace(pixel, side=Side.GRADIENT))
    assert window.input_panel._views[1]._field == ((3, 4, 1, 1),)
