"""The network is built in the window, with keys and clicks on a real engine."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox, QWidget

from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_code import parse_model_word
from lenet_viz.panels.builder_list import LayerList
from lenet_viz.session.building import draft_of
from lenet_viz.session.state import OwnModel
from tests.window.driver import Program

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(name="program")
def at_work(program: Program) -> Program:
    program.begin_anew()
    program.session.choose_preset("notebook")
    program.finish()
    program.window.actions_by_name["build"].trigger()
    QApplication.processEvents()
    return program


def layers(program: Program) -> list[str]:
    draft = draft_of(program.state)
    assert draft is not None
    return [node.id for node in draft.nodes]


def the_list(program: Program) -> LayerList:
    found = program.child("builder_list", LayerList)
    assert isinstance(found, LayerList)
    return found


def press(program: Program, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(the_list(program), key, modifier or Qt.KeyboardModifier.NoModifier)
    QApplication.processEvents()


def write(program: Program, name: str, text: str) -> None:
    """Write into a field and press Enter."""
    field = program.child(name)
    assert field.isVisible(), name
    field.setFocus()
    if isinstance(field, QSpinBox | QLineEdit):
        field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()


def add(program: Program, op: str) -> None:
    """Choose an op in the menu of layers."""
    menu = program.window.builder.bar.add_button.menu()
    assert menu is not None
    action = next(one for one in menu.actions() if one.objectName() == f"builder_add_{op}")
    action.trigger()
    QApplication.processEvents()


def test_another_kernel_runs_by_itself(program: Program) -> None:
    number = program.run.number
    program.session.select_layer("conv1")
    write(program, "builder_conv2d_kernel_size", "5")
    program.finish()
    assert program.run.number == number + 1
    assert program.run.capture.steps["conv1"].shape == (1, 6, 28, 28)
    assert not program.state.stale_backward
    assert "notebook-edited" in program.child("builder_subtitle").text()  # type: ignore[attr-defined]


def test_a_wrong_width_says_what_fits_and_is_mended_by_a_button(program: Program) -> None:
    before = np.array(program.run.capture.parameters["fc2.weight"].value)
    program.session.select_layer("conv1")
    write(program, "builder_conv2d_out_channels", "4")
    assert program.state.stale_forward
    assert program.text("builder_mistake_words").startswith("conv2 takes 6 channels, pool1 gives 4")
    assert program.child("builder_mend").text() == "Set conv2.in_channels to 4"  # type: ignore[attr-defined]
    program.key(Qt.Key.Key_F6)
    assert "cannot run yet" in program.notice()
    program.click("builder_mend")
    program.finish()
    assert not program.child("builder_mistake").isVisible()
    assert not program.state.stale_backward
    assert program.run.capture.steps["conv1"].shape == (1, 4, 30, 30)
    # What was not touched is as it was, bit for bit.
    assert np.array_equal(before, program.run.capture.parameters["fc2.weight"].value)


def test_keys_of_the_list(program: Program) -> None:
    whole = layers(program)
    program.session.select_layer("relu1")
    the_list(program).setFocus()
    press(program, Qt.Key.Key_Down, ALT)
    assert layers(program)[:3] == ["conv1", "pool1", "relu1"]
    press(program, Qt.Key.Key_Up, ALT)
    assert layers(program) == whole
    press(program, Qt.Key.Key_D, CONTROL)
    assert layers(program)[:4] == ["conv1", "relu1", "relu5", "pool1"]
    press(program, Qt.Key.Key_Delete)
    assert layers(program) == whole
    press(program, Qt.Key.Key_Home)
    assert program.state.building.focus == "input"
    press(program, Qt.Key.Key_Delete)
    assert layers(program) == whole
    for _ in range(4):
        press(program, Qt.Key.Key_Z, CONTROL)
    assert not program.state.stale_settings or program.state.pending
    assert layers(program) == whole
    press(program, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert layers(program)[:3] == ["conv1", "pool1", "relu1"]
    program.finish()


def test_a_layer_is_renamed_with_f2_and_bad_names_are_refused(program: Program) -> None:
    program.session.select_layer("fc1")
    the_list(program).setFocus()
    press(program, Qt.Key.Key_F2)
    field = program.child("builder_name", QLineEdit)
    assert field.hasFocus()
    write(program, "builder_name", "hidden")
    program.finish()
    assert "hidden" in layers(program)
    assert "hidden.weight" in [each.name for each in program.run.capture.parameters]
    for bad in ("class", "conv1", "two words", "9"):
        write(program, "builder_name", bad)
        assert program.notice(), bad
        assert "hidden" in layers(program)
        assert field.text() == "hidden"  # type: ignore[attr-defined]
        program.session.dismiss_notice()


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("builder_conv2d_stride", "0", "stride is a whole number from 1"),
        ("builder_conv2d_out_channels", "0", "out_channels is a whole number from 1"),
        ("builder_conv2d_kernel_size", "3.5", "not 3.5"),
        ("builder_conv2d_kernel_size", "abc", "not abc"),
        ("builder_conv2d_padding", "-1", "padding is a whole number from 0"),
    ],
)
def test_a_number_out_of_range_is_refused_in_words(
    program: Program, field: str, text: str, said: str
) -> None:
    program.session.select_layer("conv1")
    before = draft_of(program.state)
    write(program, field, text)
    assert draft_of(program.state) == before
    assert said in program.text("builder_refusal")
    assert program.child("builder_refusal").isVisible()


def test_a_residual_connection_is_chosen_from_the_steps_above(program: Program) -> None:
    program.session.select_layer("relu3")
    add(program, "linear")
    program.finish()
    add(program, "add")
    assert layers(program)[8:11] == ["relu3", "fc4", "add1"]
    assert draft_of(program.state).node("add1").inputs == ("fc4", "relu3")  # type: ignore[union-attr]
    program.finish()
    assert not program.state.stale_backward
    field = program.child("builder_source_1", QComboBox)
    assert isinstance(field, QComboBox)
    names = [field.itemData(at) for at in range(field.count())]
    assert names == ["input", *layers(program)[:10]]
    field.setCurrentIndex(names.index("fc1"))
    field.activated.emit(names.index("fc1"))
    program.finish()
    assert draft_of(program.state).node("add1").inputs == ("fc4", "fc1")  # type: ignore[union-attr]
    assert not program.state.stale_backward


def test_dragging_a_row_moves_the_layer(program: Program) -> None:
    view = the_list(program)
    model = view.layers
    data = model.mimeData([model.index(2)])  # relu1
    model.dropMimeData(data, Qt.DropAction.MoveAction, 4, 0, model.index(-1))
    assert layers(program)[:3] == ["conv1", "pool1", "relu1"]
    data = model.mimeData([model.index(3)])
    model.dropMimeData(data, Qt.DropAction.MoveAction, 1, 0, model.index(-1))
    assert layers(program)[0] == "relu1"
    program.finish()


def test_card_and_layer_are_selected_together(program: Program) -> None:
    program.session.select("max_pool2d_2")
    assert program.state.building.focus == "pool2"
    view = the_list(program)
    rect = view.visualRect(view.layers.index(4))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    QApplication.processEvents()
    assert program.state.building.focus == "conv2"
    assert program.state.selected == "conv2"


def test_lenet5_from_an_empty_list_with_keys_alone(program: Program) -> None:
    program.key(Qt.Key.Key_N, CONTROL)
    assert layers(program) == []
    press(program, Qt.Key.Key_Home)
    for name, size in (("height", "28"), ("width", "28")):
        write(program, f"builder_input_{name}", size)
    for op in ("conv2d", "tanh", "avg_pool2d", "conv2d", "tanh", "avg_pool2d", "flatten", "linear"):
        add(program, op)
    for name, field, text in (
        ("conv1", "conv2d_kernel_size", "5"),
        ("conv1", "conv2d_padding", "2"),
        ("conv2", "conv2d_kernel_size", "5"),
        ("fc1", "linear_out_features", "120"),
    ):
        program.session.select_layer(name)
        write(program, f"builder_{field}", text)
    if program.child("builder_mistake").isVisible():
        program.click("builder_mend_all")
    program.session.select_layer("fc1")
    for features in ("84", "10"):
        add(program, "tanh")
        add(program, "linear")
        write(program, "builder_linear_out_features", features)
    program.finish()
    assert sum(each.value.size for each in program.run.capture.parameters) == 61_706
    assert program.run.capture.steps[-1].shape == (1, 10)
    assert not program.state.stale_backward
    assert "61,706 parameters" in program.text("builder_count")


def test_every_control_has_a_name_and_a_tip(program: Program) -> None:
    for op in ("layer_norm", "upsample", "cat", "dropout", "view", "softmax"):
        add(program, op)
        for widget in program.window.builder.findChildren(QWidget):
            own = widget.objectName().startswith("builder_") and widget.isVisible()
            if own and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled():
                assert widget.accessibleName(), widget.objectName()
                if widget.objectName() not in ("builder_scroll",):
                    assert widget.toolTip() or widget is the_list(program), widget.objectName()
    program.finish()


def test_the_input_is_a_row_of_its_own(program: Program) -> None:
    view = the_list(program)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 4))
    assert program.state.building.focus == "input"
    assert program.child("builder_input_channels").isVisible()


def test_a_preset_takes_the_place_of_layers_that_do_not_fit(program: Program) -> None:
    program.session.begin_network()
    program.session.choose_zero_grad(False)
    assert layers(program) == []
    program.session.choose_preset("notebook")
    assert layers(program)[0] == "conv1"
    program.session.undo()
    assert layers(program) == []


NET = """import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 5 * 5, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(x.flatten(1)){tail}
"""


def own_model(program: Program, folder: Path, tail: str = "") -> None:
    """Run a model of somebody's Python."""
    file = folder / "net.py"
    file.write_text(NET.replace("{tail}", tail))
    code = parse_model_word(f"{file}:Net", folder)
    assert code is not None
    program.session.choose_model(OwnModel(code, (InputShape((1, 1, 12, 12)),)))
    program.session.backward()
    program.finish()


def test_a_simple_model_of_ones_own_is_edited_as_layers(program: Program, tmp_path: Path) -> None:
    own_model(program, tmp_path)
    before = {each.name: np.array(each.value) for each in program.run.capture.parameters}
    output = np.array(program.run.capture.steps[-1].activation)
    assert not program.child("builder_list").isVisible()
    program.click("builder_own")
    program.wait(lambda: program.state.settings.own is None)
    program.finish()
    assert layers(program) == ["conv", "relu1", "pool1", "flatten1", "fc"]
    after = {each.name: np.array(each.value) for each in program.run.capture.parameters}
    assert list(before) == list(after)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert np.array_equal(output, np.array(program.run.capture.steps[-1].activation))
    program.session.change_layer("conv", "kernel_size", 5)
    program.session.mend_all()
    program.finish()
    assert not program.state.stale_backward
    for _ in range(3):
        program.key(Qt.Key.Key_Z, CONTROL)
    assert program.state.settings.own is not None
    program.finish()


def test_a_model_that_does_more_stays_read_only_and_says_why(
    program: Program, tmp_path: Path
) -> None:
    own_model(program, tmp_path, tail=" * 2")
    program.click("builder_own")
    program.wait(program.notice)
    assert "net.py cannot be edited as layers: line 13: “self.fc(x.flatten(1)) * 2”" in (
        program.notice()
    )
    assert program.state.settings.own is not None
