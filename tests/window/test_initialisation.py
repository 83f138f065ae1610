"""How weights begin, chosen in the window; torch's own functions are the oracle."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from torch import nn

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.initialisation import Initialisation
from lenet_viz.panels.text import caption_of, translated
from tests.window.driver import Program

pytestmark = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing", extend=True
)


def test_a_choice_in_the_menu_draws_the_weights_anew(program: Program) -> None:
    program.begin_anew()
    kind = program.window.toolbar.findChild(QComboBox, "toolbar_initialisation_kind")
    assert kind is not None
    kind.setFocus()
    for _ in range(4):
        QTest.keyClick(kind, Qt.Key.Key_Down)
    assert program.state.settings.initialisation == Initialisation("he_normal")
    assert program.state.stale_forward
    program.session.backward()
    program.finish()
    net = build(presets.get("notebook").spec, seed=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for layer in (net.conv1, net.conv2, net.fc1, net.fc2, net.fc3):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    parameters = program.run.capture.parameters
    assert np.array_equal(parameters["fc3.weight"].value, net.fc3.weight.detach().numpy())
    assert "seed 0, He normal (SHA-256" in caption_of(program.state, ())
    assert any("nn.init.kaiming_normal_" in entry.code for entry in program.state.log)


def test_an_edited_network_keeps_trained_weights_and_says_what_begins_anew(
    program: Program,
) -> None:
    program.begin_anew()
    program.session.update()
    program.finish()
    program.session.backward()
    program.finish()
    before = program.run.capture.parameters["fc1.weight"].value.copy()
    program.session.change_layer("conv1", "out_channels", 4)
    program.session.mend_all()
    program.finish()
    assert np.array_equal(program.run.capture.parameters["fc1.weight"].value, before)
    assert program.state.notice is not None
    said = translated(program.state.notice.message)
    assert "New weights for conv1, conv2 (seed 0, PyTorch default)" in said
    assert "kept from before the edit, new layers seed 0 (" in caption_of(program.state, ())
    # What comes after goes on from the run's own weights.
    program.session.update()
    program.finish()
    assert program.state.updating.count == 1
    program.session.forward()
    program.finish()
    assert not np.array_equal(program.run.capture.parameters["fc1.weight"].value, before)
