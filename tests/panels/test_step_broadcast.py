"""The broadcast of a recorded step is torch's own."""

import pytest
import torch
import torch.nn.functional as F
from pytestqt.qtbot import QtBot
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.records import Capture
from lenet_viz.panels.step_broadcast import broadcast_of
from lenet_viz.panels.step_panel import StepPanel
from tests.panels.runs import state_of


class Losses(nn.Module):
    """A loss against a target of another shape, as one writes it by mistake."""

    def forward(self, x: Tensor) -> Tensor:
        return F.mse_loss(x, torch.arange(10.0))


class Plain(nn.Module):
    """Tensors of one shape, of a shape that is copied along an axis, and a number."""

    def forward(self, x: Tensor) -> Tensor:
        return ((x + x) * x[:, :1] + 1).sum()


def run(model: nn.Module) -> Capture:
    return lenet_viz.capture(model, torch.rand(1, 10), backward="random")


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_a_target_with_one_axis_is_copied(qtbot: QtBot) -> None:
    capture = run(Losses())
    step = next(one for one in capture.steps if one.op == "mse_loss")
    found = broadcast_of(capture, step)
    assert found is not None
    _, shown = found
    assert shown.common == tuple(torch.broadcast_shapes((1, 10), (10,)))
    assert [row.shape for row in shown.rows] == [(1, 10), (10,)]
    panel = StepPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.render_state(None, state_of(capture, step.name))
    assert panel.content.broadcast.isVisibleTo(panel)
    panel.render_state(None, state_of(capture, "input"))
    assert not panel.content.broadcast.isVisibleTo(panel)


def test_only_what_is_copied_is_drawn() -> None:
    capture = run(Plain())
    drawn = {step.op: broadcast_of(capture, step) for step in capture.steps}
    assert {op for op, found in drawn.items() if found is not None} == {"mul"}
    assert drawn["mul"] is not None
    assert drawn["mul"][1].common == (1, 10)
