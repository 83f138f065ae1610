"""A Python file is code: what is shown of it before it may run, and that nothing runs unasked."""

import hashlib
import re
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.window.model_dialog import ModelDialog
from tests.window.driver import NO_KEY, Program

NET = """\
from pathlib import Path
from torch import nn
Path(__file__).with_name("ran").touch()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("<b>fat</b>", nn.Linear(3, 2))
    def forward(self, x):
        return getattr(self, "<b>fat</b>")(x)
"""


def drop(program: Program, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, NO_KEY)
    enter.ignore()
    QApplication.sendEvent(program.window, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(50, 50), copy, data, left, NO_KEY)
    QApplication.sendEvent(program.window, event)


def asked(program: Program) -> ModelDialog:
    program.wait(lambda: program.window.models.dialog)
    dialog = program.window.models.dialog
    assert dialog is not None
    return dialog


def label(dialog: ModelDialog, name: str) -> QLabel:
    found = dialog.findChild(QLabel, name)
    assert found is not None
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space])
def test_a_dropped_file_is_shown_whole_and_never_run_without_an_answer(
    program: Program, file: Path, end: Qt.Key
) -> None:
    before = program.run
    drop(program, file)
    dialog = asked(program)
    assert label(dialog, "model_path").text() == str(file)
    assert hashlib.sha256(NET.encode()).hexdigest() in label(dialog, "model_sha").text()
    text = dialog.findChild(QPlainTextEdit, "model_text")
    assert text is not None
    assert text.toPlainText() == NET
    assert "no sandbox" in label(dialog, "model_warning").text()
    button = dialog.findChild(QPushButton, "model_cancel")
    assert button is not None
    assert button.isDefault()
    QTest.keyClick(dialog.focusWidget() or dialog, end)
    program.wait(lambda: program.window.models.dialog is None)
    program.pause(0.2)
    assert program.run is before
    assert program.state.settings.own is None
    assert not file.with_name("ran").exists()


def test_enter_in_a_field_does_not_run_it(program: Program, file: Path, qtbot: QtBot) -> None:
    program.window.models.show_word(str(file))
    dialog = asked(program)
    for name in ("model_shapes", "model_arguments", "model_weights"):
        field = dialog.findChild(QLineEdit, name)
        assert field is not None
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Return)
    program.pause(0.2)
    assert program.window.models.dialog is dialog, "what was typed is not thrown away"
    press(dialog, "model_cancel", qtbot)
    program.wait(lambda: program.window.models.dialog is None)
    assert not file.with_name("ran").exists()


def test_a_file_that_changes_while_it_is_looked_at_is_shown_again(
    program: Program, file: Path, qtbot: QtBot
) -> None:
    program.window.models.show_word(str(file))
    dialog = asked(program)
    changed = NET.replace("Linear(3, 2)", "Linear(3, 4)")
    file.write_text(changed)
    press(dialog, "model_run", qtbot)
    program.wait(lambda: program.window.models.dialog not in (None, dialog))
    again = asked(program)
    assert not file.with_name("ran").exists()
    assert "changed" in label(again, "model_why").text()
    text = again.findChild(QPlainTextEdit, "model_text")
    assert text is not None
    assert text.toPlainText() == changed
    press(again, "model_cancel", qtbot)
    program.finish()
    assert not file.with_name("ran").exists()


def test_text_that_hides_something_is_shown_as_it_runs(program: Program, file: Path) -> None:
    file.write_bytes(b"# coding: utf-7\n# harmless +AAo-import this+AAo-x = 1 #+IC4\n")
    program.window.models.show_word(str(file))
    dialog = asked(program)
    text = dialog.findChild(QPlainTextEdit, "model_text")
    assert text is not None
    assert text.toPlainText().splitlines()[2:] == ["import this", "x = 1 #⟨U+202E⟩"]
    dialog.reject()


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")
def test_no_name_is_taken_for_html(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "<h1>a"
    folder.mkdir()
    file = folder / "<img src='x'>.py"
    file.write_text(NET)
    program.window.models.show_word(str(file))
    dialog = asked(program)
    found = html_in(dialog)
    shapes = dialog.findChild(QLineEdit, "model_shapes")
    assert shapes is not None
    shapes.setText("2,3")
    press(dialog, "model_run", qtbot)
    program.finish()
    assert [step.module for step in program.run.capture.steps] == ["<b>fat</b>"]
    for card in program.state.cards:
        program.session.select(card)
        QApplication.processEvents()
        found |= html_in(program.window)
    file.write_text(NET + "raise ValueError('<b>bold</b>')\n")
    program.session.forward()
    program.finish()
    found |= html_in(asked(program)) | html_in(program.window)
    asked(program).reject()
    assert not found, "\n".join(sorted(found))


def html(text: str) -> bool:
    """Return whether Qt takes a text for HTML, other than a paragraph without any inside."""
    inner = re.fullmatch('<p style="white-space: pre-wrap">([^<>]*)</p>', text)
    return GuiQt.mightBeRichText(text) and inner is None


def html_in(whole: QWidget) -> set[str]:
    """Return the names of widgets that would take what they show for HTML, and what they show."""
    found = set()
    for widget in whole.findChildren(QWidget):
        if html(widget.toolTip()):
            found.add(f"tip of {widget.objectName()}: {widget.toolTip()}")
        guesses = isinstance(widget, QLabel) and widget.textFormat() == Qt.TextFormat.AutoText
        if guesses and html(widget.text()):
            found.add(f"{widget.objectName()}: {widget.text()}")
    return found


def press(dialog: ModelDialog, name: str, qtbot: QtBot) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_the_oracle_knows_html(qapp: QApplication) -> None:
    holder = QWidget()
    QLabel("a <b>bold</b> word", holder).setObjectName("x")
    assert html_in(holder)
