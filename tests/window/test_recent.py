"""The files that were opened last."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from lenet_viz.network import presets
from lenet_viz.window.memory import Memory
from tests.window.driver import Program


@pytest.fixture(name="program")
def without_recent(program: Program) -> Program:
    program.window.recent.clear()
    return program


def entries(program: Program) -> list[str]:
    actions = program.window.recent.menu.actions()
    return [one.toolTip() for one in actions if one.objectName()[7:].isdigit()]


def trigger(program: Program, name: str) -> None:
    action = next(one for one in program.window.recent.menu.actions() if one.objectName() == name)
    action.trigger()
    QApplication.processEvents()


def test_what_was_opened_or_saved_can_be_opened_again(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "toy & co.json"
    file.write_text(presets.get("toy").spec.to_json())
    program.window.opening.show_file(file)
    program.wait(lambda: entries(program))
    program.finish()
    assert entries(program) == [str(file)]
    assert "&&" in program.window.recent.menu.actions()[0].text()
    program.begin_anew()
    saved = tmp_path / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    program.window.network_file.save()
    program.wait(saved.exists)
    assert entries(program) == [str(saved), str(file)]
    trigger(program, "recent_1")
    program.wait(lambda: program.state.settings.title == "toy")
    program.finish()
    assert entries(program) == [str(file), str(saved)]
    trigger(program, "recent_clear")
    program.wait(lambda: not entries(program))


def test_a_file_that_is_gone_says_so(program: Program, tmp_path: Path) -> None:
    program.window.recent.add(tmp_path / "gone.json")
    trigger(program, "recent_0")
    program.wait(lambda: program.state.notice is not None)
    assert "gone.json" in program.notice()


def test_python_is_shown_and_asks(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("import torch.nn as nn\nnet = nn.ReLU()\nraise SystemExit\n")
    program.window.recent.add(f"{file}:net")
    trigger(program, "recent_0")
    program.wait(lambda: program.window.models.dialog is not None)
    assert program.window.models.dialog is not None
    program.window.models.dialog.reject()
    QApplication.processEvents()
    assert program.state.settings.own is None


def test_ten_are_remembered_from_start_to_start(tmp_path: Path, program: Program) -> None:
    for number in range(14):
        program.window.recent.add(f"/files/{number}.lvcap")
    assert len(entries(program)) == 10
    memory = Memory(tmp_path)
    memory.keep_recent(["/a.json", "/ü.lvcap"])
    memory.write()
    assert Memory(tmp_path).recent() == ["/a.json", "/ü.lvcap"]
    (tmp_path / "window.json").write_text('{"recent": "[1, {}, \\"/x\\"]"}')
    assert Memory(tmp_path).recent() == ["/x"]
    (tmp_path / "window.json").write_text('{"recent": "["}')
    assert Memory(tmp_path).recent() == []
