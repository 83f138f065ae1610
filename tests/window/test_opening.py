"""A saved run in the window: from the menu, by drag and drop, from the command line."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from lenet_viz.capture.store import load
from lenet_viz.network import presets
from lenet_viz.network.spec import Spec
from lenet_viz.session.state import Notice
from lenet_viz.window import opening
from lenet_viz.window.app import OpenWindow
from lenet_viz.window.opening import Shown, dropped
from tests.panels.runs import Bench, odd_captures
from tests.window.driver import SIZE, Program


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved run of the toy."""
    folder = tmp_path_factory.mktemp("toy")
    capture = Bench(folder / "engine", "toy").backward().capture
    assert capture is not None
    return capture.save(folder / "toy.lvcap")


@pytest.fixture
def afterwards(program: Program) -> Iterator[Program]:
    yield program
    program.session.choose_preset("notebook")


def test_a_capture_chosen_with_ctrl_o_is_shown_until_a_preset_is_chosen(
    afterwards: Program, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = afterwards
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(toy), ""))
    program.key(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    program.wait(lambda: program.state.opened is not None)
    assert program.window.windowTitle() == "toy.lvcap - lenet_viz"
    assert program.run.capture.model.name == "toy"
    assert not program.child("toolbar_forward").isEnabled()
    program.key(Qt.Key.Key_F5)
    assert "toy.lvcap" in program.notice()
    assert program.state.pending is None
    program.session.choose_preset("toy")
    assert program.window.windowTitle() == "lenet_viz"
    program.session.forward()
    program.finish()
    assert program.run.settings is not None


def test_a_dialog_that_is_left_changes_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("", ""))
    before = program.state
    program.window.opening.ask()
    program.pause(0.05)
    assert program.state is before


@pytest.mark.parametrize("content", [None, b"", b"not a capture", b"\xff" * 100])
def test_a_file_that_is_no_capture_is_told_of_and_the_run_stays(
    content: bytes | None, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "bad.lvcap"
    if content is not None:
        path.write_bytes(content)
    before = program.run
    program.window.opening.show_file(path)
    program.wait(lambda: program.state.notice is not None)
    assert "bad.lvcap" in program.notice()
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert program.run is before
    assert program.state.opened is None


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """The toy under a name of its own, and so no preset."""
    spec = json.loads(presets.get("toy").spec.to_json())
    spec["name"] = "mine"
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(spec))
    return path


@pytest.mark.parametrize("way", ["menu", "drop"])
def test_a_network_in_json_is_run_without_a_question(
    way: str, afterwards: Program, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, before = afterwards, afterwards.run
    if way == "menu":
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(network), ""))
        program.key(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    else:
        left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
        none = Qt.KeyboardModifier.NoModifier
        data = mime(str(network))
        enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, none)
        QApplication.sendEvent(program.window, enter)
        drop = QDropEvent(QPointF(50, 50), copy, data, left, none)
        QApplication.sendEvent(program.window, drop)
    program.wait(lambda: program.state.run is not before)
    assert program.window.models.dialog is None, "it is data"
    assert program.run.backward
    assert program.state.opened is None
    assert program.state.settings.spec == Spec.from_json(network.read_text())
    assert program.run.capture.inputs[0].shape == (1, 1, 6, 6)


@pytest.mark.parametrize("text", ["", "{", "[" * 1000, '{"schema": 99}', '{"schema": 1}', "null"])
def test_json_that_is_no_network_is_told_of_and_the_run_stays(
    text: str, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    before, settings = program.run, program.state.settings
    program.window.opening.show_file(path)
    program.wait(lambda: program.state.notice is not None)
    assert program.notice().startswith(str(path))
    assert (program.run, program.state.settings) == (before, settings)


def test_a_network_whose_sizes_do_not_fit_is_shown_in_the_builder(
    program: Program, network: Path
) -> None:
    spec = json.loads(network.read_text())
    spec["input_shape"] = [1, 1, 1]
    network.write_text(json.dumps(spec))
    before = program.run
    program.window.opening.show_file(network)
    program.wait(lambda: program.state.building.draft is not None)
    QApplication.processEvents()
    assert "conv1" in program.text("builder_mistake_words")
    assert program.run is before
    assert program.state.stale_forward


def mime(*names: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(name) if "://" in name else QUrl.fromLocalFile(name) for name in names])
    return data


def test_only_captures_of_this_machine_can_be_dropped(qapp: QApplication) -> None:
    assert dropped(mime("/a/b.png", "/a/c.LVCAP")) == Path("/a/c.LVCAP")
    assert dropped(mime("/a/b.py", "/a/c.JSON")) == Path("/a/c.JSON")
    assert dropped(mime("/a/b.png")) is None
    assert dropped(mime("https://example.org/a.lvcap")) is None
    assert dropped(QMimeData()) is None


def test_a_dropped_capture_is_shown_and_a_dropped_picture_is_refused(
    afterwards: Program, toy: Path
) -> None:
    program, none = afterwards, Qt.KeyboardModifier.NoModifier
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    for data, taken in ((mime("/a/b.png"), False), (mime(str(toy)), True)):
        enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, none)
        enter.ignore()
        QApplication.sendEvent(program.window, enter)
        assert enter.isAccepted() is taken
        drop = QDropEvent(QPointF(50, 50), copy, data, left, none)
        QApplication.sendEvent(program.window, drop)
    program.wait(lambda: program.state.opened is not None)
    assert program.run.capture.model.name == "toy"


@pytest.mark.parametrize("name", ["nan and inf", "no steps", "several outputs", "branching"])
def test_a_window_opens_on_any_capture_and_runs_nothing(
    name: str, qapp: QApplication, tmp_path: Path
) -> None:
    made = load(odd_captures()[name]().save(tmp_path / "odd.lvcap"))
    opened = OpenWindow(tmp_path, "notebook", size=SIZE, shown=Shown(made, "odd.lvcap"))
    try:
        opened.window.show()
        for card in opened.window.session.state.cards:
            opened.window.session.select(card)
            QApplication.processEvents()
        assert opened.window.session.state.opened is not None
        assert opened.window.session.state.pending is None
    finally:
        opened.close()


def _slowly(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the file of one name be read late."""
    read = opening.read_file

    def late(path: Path) -> Shown | Notice:
        if path.name == name:
            time.sleep(0.4)
        return read(path)

    monkeypatch.setattr(opening, "read_file", late)


def test_a_late_file_does_not_take_the_place_of_one_that_was_opened_after_it(
    afterwards: Program, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = afterwards
    slow = tmp_path / "slow.lvcap"
    shutil.copy(toy, slow)
    _slowly(monkeypatch, slow.name)
    program.window.opening.show_file(slow)
    program.window.opening.show_file(toy)
    program.wait(lambda: program.state.opened is not None)
    program.pause(0.7)
    assert program.state.opened is not None
    assert program.state.opened.name == "toy.lvcap"


def test_a_late_file_does_not_undo_a_later_choice(
    afterwards: Program, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = afterwards
    slow = tmp_path / "slow.lvcap"
    shutil.copy(toy, slow)
    _slowly(monkeypatch, slow.name)
    program.session.choose_preset("notebook")
    program.window.opening.show_file(slow)
    program.session.choose_preset("lenet5")
    program.pause(0.8)
    assert program.state.opened is None
    assert program.state.settings.preset == "lenet5"


def test_damaged_numbers_are_told_before_anything_is_shown(
    program: Program, toy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "damaged.lvcap"
    content = bytearray(toy.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    before = program.run
    program.session.dismiss_notice()
    program.window.opening.show_file(path)
    program.wait(lambda: program.state.notice is not None)
    assert "damaged.lvcap" in program.notice()
    assert "not those that were saved" in program.notice()
    assert program.run is before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX")
def test_a_pipe_is_refused_at_once(program: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.lvcap")
    program.session.dismiss_notice()
    program.window.opening.show_file(tmp_path / "pipe.lvcap")
    program.wait(lambda: program.state.notice is not None)
    assert "no ordinary file" in program.notice()
