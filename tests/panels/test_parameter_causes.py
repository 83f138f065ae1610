"""Causes of a weight gradient's zeros in the step panel, against sums made by NumPy alone."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.explain.zeros import Cause
from lenet_viz.panels.cause_legend import CauseEntry
from lenet_viz.panels.cause_marks import hue_of
from lenet_viz.panels.map_causes import parameter_causes
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.theme import DARK, LIGHT, Theme
from lenet_viz.session.state import State
from tests.panels.pixels import painted
from tests.panels.runs import Stock, odd_captures, state_of


@pytest.fixture
def panel(qtbot: QtBot) -> StepPanel:
    made = StepPanel()
    qtbot.addWidget(made)
    made.resize(420, 1400)
    made.show()
    return made


def shown(state: State, card: str, *, on: bool = True) -> State:
    return replace(state, selected=card, view=replace(state.view, causes=on))


def entries(panel: StepPanel, number: int) -> list[CauseEntry]:
    block = panel.findChild(QWidget, f"step_parameter_{number}")
    assert block is not None
    return [entry for entry in block.findChildren(CauseEntry) if entry.isVisible()]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_kernel_is_zero_because_of_its_input_or_of_what_comes_back(
    panel: StepPanel, stock: Stock, theme: Theme
) -> None:
    state = shown(stock.backward(), "conv2")
    assert state.capture is not None
    steps = state.capture.steps
    x = np.asarray(steps["max_pool2d"].activation)[0]
    v = np.asarray(steps["conv2"].gradient)[0]
    grad = state.capture.parameters["conv2.weight"].grad
    assert grad is not None
    found = parameter_causes(state, "conv2.weight", np.asarray(grad))
    assert found is not None
    counted = {Cause.INPUT_ZERO: 0, Cause.DOWNSTREAM: 0}
    for out, into, y, x_at in np.ndindex(*grad.shape):
        cause = Cause(found.causes[out, into, y, x_at])
        if grad[out, into, y, x_at] != 0:
            assert cause is Cause.NOT_ZERO
            continue
        window = x[into, y : y + 13, x_at : x_at + 13]
        assert not (window * v[out]).any()
        wanted = Cause.DOWNSTREAM if window.any() and not v[out].any() else Cause.INPUT_ZERO
        assert cause is wanted
        counted[wanted] += 1
    assert all(counted.values())
    panel.set_theme(theme)
    panel.render_state(None, state)
    QApplication.processEvents()
    assert {entry.cause for entry in entries(panel, 0)} == set(counted)
    picture = panel.findChild(PictureView, "step_parameter_0_grad")
    assert picture is not None
    pixels = painted(picture)[..., :3]
    for cause in counted:
        hue = hue_of(cause, theme)
        assert (pixels == (hue.red(), hue.green(), hue.blue())).all(-1).any()


def test_off_there_is_no_legend_and_grey_zeros(panel: StepPanel, stock: Stock) -> None:
    panel.render_state(None, shown(stock.backward(), "conv2", on=False))
    QApplication.processEvents()
    assert not entries(panel, 0)
    assert not entries(panel, 1)


def test_accumulated_gradients_have_no_causes_of_this_run(panel: StepPanel, stock: Stock) -> None:
    panel.render_state(None, shown(stock.accumulated(), "conv2"))
    QApplication.processEvents()
    assert not entries(panel, 0)


@pytest.mark.parametrize("kind", sorted(odd_captures()))
def test_odd_runs(panel: StepPanel, kind: str) -> None:
    made = odd_captures()[kind]()
    state = state_of(made)
    for step in made.steps:
        panel.render_state(None, shown(state, step.name))
    for parameter in made.parameters:
        grad = parameter.grad
        found = parameter_causes(shown(state, "input"), parameter.name, grad)
        if found is not None and grad is not None:
            np.testing.assert_array_equal(found.causes != 0, np.asarray(grad) == 0)
