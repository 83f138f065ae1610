"""What a run, a choice in the toolbar and a second backward pass show."""

import time
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox

from lenet_viz.network import presets
from tests.window.driver import Program

LONGEST_GAP = 0.25
"""Generous: the tests' machine has other things to do. The benchmark asks for 0.05 s."""


def choose(program: Program, name: str, word: str) -> None:
    """Choose an entry of a combo box as a click on it would."""
    box = program.child(name)
    assert isinstance(box, QComboBox)
    at = box.findData(word)
    assert at >= 0
    box.setCurrentIndex(at)
    box.activated.emit(at)


def turn(program: Program, name: str, value: int) -> None:
    box = program.child(name)
    assert isinstance(box, QSpinBox)
    box.setValue(value)


@pytest.mark.parametrize(
    ("control", "value", "forward"),
    [
        ("toolbar_preset", "tutorial", True),
        ("toolbar_input_kind", "random", True),
        ("toolbar_digit", 3, True),
        ("toolbar_weights_seed", 9, True),
        ("toolbar_objective_kind", "mse", False),
        ("toolbar_objective_index", 2, False),
    ],
)
def test_a_choice_makes_the_result_visibly_stale(
    program: Program, control: str, value: str | int, forward: bool
) -> None:
    program.session.select("conv1")
    program.key(Qt.Key.Key_B)
    assert program.text("status_stale") == ""
    before = program.state.settings
    if isinstance(value, str):
        choose(program, control, value)
    else:
        turn(program, control, value)
    assert program.state.settings != before
    assert "older than the present" in program.text("status_stale")
    left, right = program.child("maps_left_stale"), program.child("maps_right_stale")
    assert left.isVisible() is forward
    assert right.isVisible()
    run = program.run
    program.click("toolbar_backward")
    program.finish()
    assert program.run is not run
    assert program.run.settings == program.state.settings
    assert program.text("status_stale") == ""
    assert not left.isVisible()
    assert not right.isVisible()


def test_what_is_stale_is_painted_fainter(program: Program) -> None:
    program.session.select("conv1")
    fresh = program.window.maps.columns[0].picture.grab().toImage()
    program.session.choose_weights_seed(77)
    program.pause(0.05)
    faded = program.window.maps.columns[0].picture.grab().toImage()
    assert fresh != faded
    program.session.choose_weights_seed(0)
    program.pause(0.05)
    assert program.window.maps.columns[0].picture.grab().toImage() == fresh


@pytest.mark.parametrize("preset", presets.NAMES)
def test_every_preset_runs_and_every_card_can_be_shown(program: Program, preset: str) -> None:
    choose(program, "toolbar_preset", preset)
    program.key(Qt.Key.Key_F6)
    program.finish()
    assert program.run.settings.preset == preset
    assert program.notice() == ""
    for card in program.state.cards:
        program.session.select(card)
        for key in (Qt.Key.Key_G, Qt.Key.Key_B, Qt.Key.Key_A):
            program.key(key)


def test_without_zero_grad_the_same_backward_pass_doubles_every_grad(program: Program) -> None:
    program.key(Qt.Key.Key_F6)
    program.finish()
    program.session.select("conv1")
    once = {p.name: p.grad for p in program.run.capture.parameters}
    assert all(grad is not None for grad in once.values())
    assert "sum of" not in program.text("step_parameter_0_grad_head")
    program.key(Qt.Key.Key_Z)
    program.key(Qt.Key.Key_F6)
    program.finish()
    assert program.run.passes == 2
    for parameter in program.run.capture.parameters:
        grad, first = parameter.grad, once[parameter.name]
        assert grad is not None
        assert first is not None
        np.testing.assert_array_equal(grad, 2 * first)
    assert "sum of 2 passes" in program.text("step_parameter_0_grad_head")
    program.key(Qt.Key.Key_Z)
    program.key(Qt.Key.Key_F6)
    program.finish()
    assert program.run.passes == 1
    for parameter in program.run.capture.parameters:
        assert parameter.grad is not None
        np.testing.assert_array_equal(parameter.grad, once[parameter.name])


def test_zero_grad_leaves_the_inputs_grad(program: Program) -> None:
    program.session.choose_weights_seed(41)
    for passes in (1, 2):
        program.key(Qt.Key.Key_F6)
        program.finish()
        assert (program.run.passes, program.run.input_passes) == (1, passes)
    words = " ".join(label.text() for label in program.window.input_panel.findChildren(QLabel))
    assert "sum of 2 passes" in words


def test_the_log_grows_with_each_run(program: Program) -> None:
    # Other tests of the same window may have filled the log to its limit: entries are compared.
    before = program.state.log
    program.session.choose_weights_seed(17)
    program.key(Qt.Key.Key_F6)
    program.finish()
    new = [entry for entry in program.state.log if not any(entry is old for old in before)]
    assert new
    assert new[-1] is program.state.log[-1]
    assert new[-1].output


@pytest.mark.parametrize("word", ["dark", "light", "system"])
def test_a_theme_is_put_on_everywhere_and_checked_in_the_menu(program: Program, word: str) -> None:
    program.session.choose_theme("dark" if word == "light" else "light")
    program.window.actions_by_name[f"theme_{word}"].trigger()
    assert program.state.view.theme == word
    themes = {panel.theme.name for panel in program.window.panels}
    assert len(themes) == 1
    assert word == "system" or themes == {word}
    checked = {
        each: program.window.actions_by_name[f"theme_{each}"].isChecked()
        for each in ("system", "light", "dark")
    }
    assert checked == {each: each == word for each in checked}
    program.window.actions_by_name[f"theme_{word}"].trigger()
    assert program.window.actions_by_name[f"theme_{word}"].isChecked(), "chosen twice"


def test_the_window_keeps_breathing_during_runs(program: Program) -> None:
    beats: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start(20)
    for seed in range(4):
        program.session.choose_weights_seed(100 + seed)
        (program.session.backward if seed % 2 else program.session.forward)()
        program.finish()
        program.pause(0.05)
    timer.stop()
    assert len(beats) > 10
    assert max(after - before for before, after in pairwise(beats)) < LONGEST_GAP
