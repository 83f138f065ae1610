"""A model of the user's own: shown first, run only when agreed to, and what follows."""

from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
)
from pytestqt.qtbot import QtBot
from safetensors.torch import save_file

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.input_shapes import parse_input_shape
from lenet_viz.network.model_code import parse_model_word
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.session.state import OwnModel
from lenet_viz.window.model_dialog import ModelDialog
from tests.window.driver import Program

NET = """\
from pathlib import Path

import torch
from torch import nn

Path(__file__).with_suffix(".ran").touch()


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x)) + x


class Net(nn.Module):
    def __init__(self, classes=5):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3)
        self.block = Block(4)
        self.head = nn.Linear(4, classes)

    def forward(self, x):
        h = self.block(self.stem(x))
        return self.head(h.mean((2, 3)))
"""


def _dialog(program: Program) -> ModelDialog:
    program.wait(lambda: program.window.models.dialog)
    dialog = program.window.models.dialog
    assert dialog is not None
    return dialog


def _press(dialog: ModelDialog, name: str, qtbot: QtBot) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_shown_agreed_to_and_run(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    ran = tmp_path / "net.ran"
    before = program.run
    program.window.models.show_word(str(file))
    dialog = _dialog(program)
    text = dialog.findChild(QPlainTextEdit, "model_text")
    assert text is not None
    assert text.toPlainText() == NET
    cancel = dialog.findChild(QPushButton, "model_cancel")
    assert cancel is not None
    assert cancel.isDefault()
    _press(dialog, "model_cancel", qtbot)
    assert program.run is before
    assert not ran.exists(), "nothing of it has run"

    program.window.models.show_word(str(file))
    dialog = _dialog(program)
    shapes = dialog.findChild(QLineEdit, "model_shapes")
    assert shapes is not None
    shapes.setText("nonsense")
    _press(dialog, "model_run", qtbot)
    why = dialog.findChild(QLabel, "model_why")
    assert why is not None
    assert dialog.isVisible()
    assert "nonsense" in why.text()
    assert not ran.exists()
    shapes.setText("2,3,9,9")
    _press(dialog, "model_run", qtbot)
    program.finish()
    assert ran.exists()
    run = program.run
    assert run is not before, program.notice()
    assert run.capture.model.name
    assert run.capture.input_values[0].shape == (2, 3, 9, 9)
    names = [step.name for step in run.capture.steps]
    assert names == ["stem", "block.conv", "relu", "add", "mean", "head"]
    torch.manual_seed(program.state.settings.weights_seed)
    scope: dict[str, object] = {"__file__": str(tmp_path / "other.py"), "__name__": "other"}
    exec(compile(NET, "other", "exec"), scope)  # the oracle: torch itself
    net = scope["Net"]()  # type: ignore[operator]
    out = net(torch.tensor(run.capture.inputs[0])).detach().numpy()
    np.testing.assert_array_equal(run.capture.steps["head"].activation, out)

    # A changed file is shown again and not run.
    ran.unlink()
    file.write_text(NET.replace("classes=5", "classes=6"))
    program.session.forward()
    program.finish()
    dialog = _dialog(program)
    assert not ran.exists()
    why = dialog.findChild(QLabel, "model_why")
    assert why is not None
    assert "changed" in why.text()
    _press(dialog, "model_run", qtbot)
    program.finish()
    assert program.run.capture.steps["head"].shape == (2, 6)
    program.session.choose_preset("notebook")
    program.session.backward()
    program.finish()


def test_a_model_of_the_command_line_is_asked_about_with_how_it_is_called(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    code = parse_model_word(f"{file}:Net(6)", tmp_path)
    assert code is not None
    own = OwnModel(code, (parse_input_shape("2,3,9,9"),), "")
    program.window.models.propose_model(own, WeightsChoice(str(tmp_path / "w.pt"), "module."))
    dialog = _dialog(program)
    shown = {
        name: field.text()
        for name in ("shapes", "arguments", "weights", "strip")
        if (field := dialog.findChild(QLineEdit, f"model_{name}")) is not None
    }
    assert shown == {
        "shapes": "2,3,9,9",
        "arguments": "6",
        "weights": str(tmp_path / "w.pt"),
        "strip": "module.",
    }
    assert program.state.settings.own is None
    _press(dialog, "model_cancel", qtbot)
    assert not (tmp_path / "net.ran").exists(), "nothing of it has run"


def test_a_shape_that_no_search_finds_is_asked_for(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "graph.py"
    file.write_text(NET.replace("h.mean((2, 3))", "x.nodes"))
    program.window.models.show_word(str(file))
    _press(_dialog(program), "model_run", qtbot)
    program.finish()
    told = program.notice()
    assert told.endswith("Press Ctrl+M and write the shape beside “Inputs”.")
    assert "--" not in told, "a window has no options"
    program.window.activateWindow()  # as a desktop does, once the dialog is gone
    program.pause(0.1)
    program.key(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    dialog = _dialog(program)
    assert "Inputs" in [label.text() for label in dialog.findChildren(QLabel)]
    _press(dialog, "model_cancel", qtbot)


def test_a_prefix_can_be_taken_off_for_a_preset(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    net = build(presets.get("notebook").spec, seed=9)
    names = {f"module.{name}": tensor for name, tensor in net.state_dict().items()}
    save_file(names, tmp_path / "w.safetensors")
    program.session.choose_weights_file(WeightsChoice(str(tmp_path / "w.safetensors")))
    program.session.backward()
    program.finish()
    assert program.notice().endswith("Take “module.” off the names.")
    box = program.window.findChild(QMessageBox, "prefix_question")
    assert box is not None
    assert "module." in box.text()
    take = box.findChild(QPushButton, "prefix_take")
    assert take is not None
    qtbot.mouseClick(take, Qt.MouseButton.LeftButton)
    program.finish()
    assert program.notice() == ""
    for parameter in program.run.capture.parameters:
        expected = net.state_dict()[parameter.name].numpy()
        np.testing.assert_array_equal(parameter.value, expected)


def test_what_fails_midway_is_shown(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(NET.replace("nn.Linear(4, classes)", "nn.Linear(7, classes)"))
    program.window.models.show_word(f"{file}:Net")
    dialog = _dialog(program)
    shapes = dialog.findChild(QLineEdit, "model_shapes")
    assert shapes is not None
    shapes.setText("1,3,9,9")
    _press(dialog, "model_run", qtbot)
    program.finish()
    steps = program.run.capture.steps
    assert [step.name for step in steps][:5] == ["stem", "block.conv", "relu", "add", "mean"]
    assert steps[len(steps) - 1].error is not None
    assert program.state.selected == steps[len(steps) - 1].name
    notice = program.notice()
    for word in ("linear", "head", "1×4", "self.head(h.mean"):
        assert word in notice, word
    assert notice.endswith("Ctrl+M changes how the model is called.")
    program.session.choose_preset("notebook")
    program.session.backward()
    program.finish()
    assert program.notice() == ""


SEVERAL = """\
from torch import nn

{gap}

class First(nn.Module):
    def __init__(self, wide, classes=3):
        super().__init__()
        self.net = nn.Linear(wide, classes)

    def forward(self, x):
        return self.net(x)

{gap}

class Second(nn.Module):
    def forward(self, x):
        return x * 2

{gap}
"""


def test_the_text_shows_the_class_that_is_chosen(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    text = SEVERAL.format(gap="\n".join(f"# {n}" for n in range(80)))
    file = tmp_path / "several.py"
    file.write_text(text)
    program.window.models.show_word(f"{file}:Second")
    dialog = _dialog(program)
    view = dialog.findChild(QPlainTextEdit, "model_text")
    names = dialog.findChild(QComboBox, "model_name")
    assert view is not None
    assert names is not None
    rows = text.splitlines()
    for name in ("Second", "First"):
        names.setCurrentText(name)
        QApplication.processEvents()
        seen = range(view.firstVisibleBlock().blockNumber(), len(rows))[:10]
        assert any(rows[row].startswith(f"class {name}(") for row in seen)
    _press(dialog, "model_cancel", qtbot)


def test_a_constructor_with_arguments_is_asked_for_them(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    program.begin_anew()
    before = program.run
    file = tmp_path / "several.py"
    file.write_text(SEVERAL.format(gap=""))
    program.window.models.show_word(f"{file}:First")
    _press(_dialog(program), "model_run", qtbot)
    program.finish()
    dialog = _dialog(program)
    field = dialog.findChild(QLineEdit, "model_arguments")
    assert field is not None
    assert dialog.focusWidget() is field
    assert "wide, classes=3" in field.placeholderText()
    assert program.run is before, "the old run stays"
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert program.window.models.dialog is dialog, "Enter neither runs it nor throws it away"
    _press(dialog, "model_run", qtbot)
    program.finish()
    assert [step.name for step in program.run.capture.steps] == ["net"]
    assert program.run.capture.input_values[0].shape == (1, 5)
    program.begin_anew()


def test_what_fails_without_a_shape_is_drawn_and_nothing_stands_before_it(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "misfit.py"
    file.write_text(NET.replace("nn.Linear(4, classes)", "nn.Linear(9, classes)"))
    program.window.models.show_word(str(file) + ":Net")
    _press(_dialog(program), "model_run", qtbot)
    program.finish()
    program.pause(0.2)
    assert program.window.models.dialog is None
    assert program.state.selected == "head"
    capture = program.run.capture
    assert [step.name for step in capture.steps if step.error] == ["head"]
    words = program.notice()
    assert "linear failed in head" in words
    assert "Ctrl+M" in words
    assert "--" not in words, "the window has no options"
    program.begin_anew()
