"""Hatching for models of one's own: from the steps that ran, whatever the input looks like."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import lenet_viz
from lenet_viz.panels.input_panel import InputPanel
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.structural import structural_mask
from tests.panels.pixels import painted
from tests.panels.runs import Lambda, state_of

DROPPING = {
    "image": (lambda x: F.avg_pool2d(x, 4), (1, 2, 9, 11)),
    "batch": (lambda x: F.avg_pool2d(x, 4), (3, 1, 9, 11)),
    "without a batch": (lambda x: F.avg_pool2d(x, 4), (1, 9, 11)),
    "sequence": (lambda x: F.avg_pool1d(x, 4), (1, 3, 11)),
    "volume": (lambda x: F.avg_pool3d(x, 3), (1, 1, 3, 7, 8)),
    "cut": (lambda x: x[..., 1:, :-2], (1, 1, 6, 7)),
}


@pytest.mark.parametrize("name", DROPPING)
def test_what_can_never_matter_is_hatched_and_explained(qtbot: QtBot, name: str) -> None:
    function, shape = DROPPING[name]
    x = torch.rand(shape, requires_grad=True)
    out = function(x)
    capture = lenet_viz.capture(
        Lambda(lambda m, x: function(x)), x, backward=torch.rand(out.shape) + 1
    )
    state = state_of(capture)
    gradient = capture.input_gradients[0]
    assert gradient is not None
    mask = structural_mask(state.run)
    assert mask is not None
    lead = tuple(range(len(shape) - 2))
    np.testing.assert_array_equal(mask, (gradient == 0).all(lead))
    panel = InputPanel()
    qtbot.addWidget(panel)
    panel.resize(440, 420)
    panel.show()
    panel.render_state(None, state)
    QApplication.processEvents()
    sentence = panel.findChild(QLabel, "input_sentence")
    assert sentence is not None
    assert f"{mask.sum()} of {mask.size}" in sentence.text()
    view = panel.findChild(PictureView, "input_gradient")
    assert view is not None
    hatched = painted(view)
    view.set_mask(None)
    assert (hatched != painted(view)).any()


def test_a_run_whose_output_is_not_known_is_not_hatched() -> None:
    capture = lenet_viz.capture(
        Lambda(lambda m, x: {"small": F.avg_pool2d(x, 4), "whole": x}), torch.rand(1, 1, 9, 9)
    )
    assert structural_mask(state_of(capture, backward=False).run) is None
    assert structural_mask(None) is None
