"""A model of the user's own: shown first, run only when agreed to, and what follows."""

from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

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
    program.session.choose_preset("notebook")
    program.session.backward()
    program.finish()
    assert program.notice() == ""
