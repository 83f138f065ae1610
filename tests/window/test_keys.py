"""Keys and clicks on real widgets do what they say."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QSpinBox, QWidget

from lenet_viz.session.state import Show
from tests.window.driver import Program

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_the_default_run_arrives_by_itself(program: Program) -> None:
    assert program.run.settings.preset == "notebook"
    assert program.run.backward
    assert program.run.capture.steps["conv2"].gradient is not None
    program.session.select("max_pool2d_2")
    assert program.text("step_formula") == "(13 - 2)/2 + 1 = 6.5 → 6"
    assert program.text("status_engine").startswith("Ready · torch ")


def test_f5_and_f6_run(program: Program) -> None:
    number = program.run.number
    program.key(Key.Key_F5)
    assert program.state.pending is not None
    assert not program.child("toolbar_forward").isEnabled()
    assert program.child("toolbar_stop").isEnabled()
    program.finish()
    assert program.run.number == number + 1
    assert not program.run.backward
    program.key(Key.Key_F6)
    program.finish()
    assert program.run.number == number + 2
    assert program.run.backward


def test_the_buttons_run_too(program: Program) -> None:
    number = program.run.number
    program.click("toolbar_forward")
    program.finish()
    program.click("toolbar_backward")
    program.finish()
    assert program.run.number == number + 2
    assert program.run.backward
    assert program.child("toolbar_forward").isEnabled()
    assert not program.child("toolbar_stop").isEnabled()


def test_arrows_walk_along_the_strip(program: Program) -> None:
    cards = program.state.cards
    for card in cards[1:]:
        program.key(Key.Key_Right)
        assert program.state.selected == card
    program.key(Key.Key_Right)
    assert program.state.selected == cards[-1]
    program.key(Key.Key_Left)
    assert program.state.selected == cards[-2]


def test_a_g_and_b_choose_what_the_maps_show(program: Program) -> None:
    program.session.select("conv1")
    for key, show in (
        (Key.Key_G, Show.GRADIENT),
        (Key.Key_B, Show.BOTH),
        (Key.Key_A, Show.ACTIVATION),
    ):
        program.key(key)
        assert program.state.view.show is show
        visible = [column.isVisible() for column in program.window.maps.columns]
        assert visible == [True, show is Show.BOTH]


def test_z_and_s_switch(program: Program) -> None:
    box = program.child("toolbar_zero_grad")
    assert isinstance(box, QCheckBox)
    assert box.isChecked()
    program.key(Key.Key_Z)
    assert not program.state.settings.zero_grad
    assert not box.isChecked()
    program.click("toolbar_zero_grad")
    assert program.state.settings.zero_grad
    program.key(Key.Key_S)
    assert not program.state.view.shared_scale
    program.key(Key.Key_S)
    assert program.state.view.shared_scale


def test_escape_leaves_the_channel_then_the_full_screen_then_the_message(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The offscreen screen is smaller than the window's least size: filling it may not last there.
    full = False

    def fill(wanted: bool) -> None:
        nonlocal full
        full = wanted

    monkeypatch.setattr(program.window, "showFullScreen", lambda: fill(True))
    monkeypatch.setattr(program.window, "showNormal", lambda: fill(False))
    monkeypatch.setattr(program.window, "isFullScreen", lambda: full)
    program.session.select("conv1")
    program.session.zoom_channel(2)
    program.window.figures.copy_window()
    program.key(Key.Key_F11)
    assert program.window.isFullScreen()
    assert program.notice()
    program.key(Key.Key_Escape)
    assert program.state.view.channel is None
    assert program.window.isFullScreen()
    program.key(Key.Key_Escape)
    assert not program.window.isFullScreen()
    assert program.notice()
    program.key(Key.Key_Escape)
    assert program.notice() == ""
    program.key(Key.Key_Escape)


def test_shift_f5_stops(program: Program) -> None:
    number = program.run.number
    program.wait_for_spare()
    program.key(Key.Key_F6)
    program.key(Key.Key_F5, SHIFT)
    program.finish()
    if program.run.number == number:  # else it was done before the key arrived
        assert "Stopped" in program.notice()
        assert not program.state.notice.mistake  # type: ignore[union-attr]
    program.key(Key.Key_F6)
    program.finish()
    assert program.run.number > number
    assert program.notice() == ""


def test_every_control_has_a_name_a_tip_and_words_for_a_screen_reader(program: Program) -> None:
    nameless = []
    for widget in program.window.findChildren(QWidget):
        if not isinstance(widget, QAbstractButton | QComboBox | QSpinBox):
            continue
        name = widget.objectName()
        if name.startswith("qt_") or name in {"ScrollLeftButton", "ScrollRightButton"}:
            continue  # Qt's own
        if not (
            name
            and widget.toolTip()
            and (widget.accessibleName() or getattr(widget, "text", str)())
        ):
            nameless.append((type(widget).__name__, name, widget.toolTip()))
    assert nameless == []


@pytest.mark.parametrize("name", ["forward", "backward", "stop", "help", "quit", "save_figure"])
def test_actions_have_keys_and_say_them(program: Program, name: str) -> None:
    action = program.window.actions_by_name[name]
    assert action.shortcuts()
    assert action.shortcut().toString() in action.toolTip()


def test_no_key_is_given_twice(program: Program) -> None:
    keys = [
        key.toString()
        for action in program.window.actions_by_name.values()
        for key in action.shortcuts()
    ]
    assert len(keys) == len(set(keys))
