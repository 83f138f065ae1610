"""Raw data from the real window: keys, menus, dialogs, files and the clipboard."""

import csv
import errno
import gc
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt, QThreadPool
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QWidget

from lenet_viz.session.state import Show
from lenet_viz.window import background, data_export
from tests.window.driver import Program

Key = Qt.Key
# A menu takes the keys for itself, which the offscreen platform cannot give it.
NO_GRAB = pytest.mark.qt_log_ignore(
    "This plugin does not support grabbing the keyboard", extend=True
)
BOTH_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Dialog:
    """Stands for the file dialog: answers with a name and keeps what it was asked."""

    def __init__(self, answer: Path | str, kind: str = "") -> None:
        self.answer, self.kind = str(answer), kind
        self.titles: list[str] = []
        self.proposed: list[str] = []
        self.kinds = ""

    def __call__(self, parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
        self.titles.append(title)
        self.proposed.append(Path(proposed).name)
        self.kinds = kinds
        found = [kind for kind in kinds.split(";;") if self.kind in kind]
        return self.answer, found[0]


Answer = Callable[..., Dialog]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Have the file dialog answer at once."""

    def prepare(name: Path | str, kind: str = "") -> Dialog:
        dialog = Dialog(name, kind)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
        return dialog

    return prepare


def told(program: Program) -> str:
    program.wait(lambda: program.state.notice)
    return program.notice()


def choose(program: Program, words: str) -> None:
    """Take an entry of the small menu that asks which array is meant."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (action,) = [one for one in menu.actions() if one.text() == words]
    assert action.isEnabled(), action.toolTip()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def choices() -> list[str]:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return [one.text() for one in menu.actions() if not one.isSeparator()]


def copied(program: Program) -> list[list[str]]:
    """Return what the clipboard holds, as a spreadsheet would paste it."""
    told(program)
    return [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]


# -- one array ---------------------------------------------------------------------------------


def test_the_key_saves_what_the_maps_show(program: Program, tmp_path: Path, answer: Answer) -> None:
    for show, which in ((Show.ACTIVATION, "activation"), (Show.GRADIENT, "gradient")):
        program.session.select("conv2")
        program.session.show(show)
        program.session.dismiss_notice()
        dialog = answer(tmp_path / f"{which}.npy")
        program.key(Key.Key_S, BOTH_KEYS)
        words = told(program)
        assert dialog.proposed == [f"lenet_viz-conv2-{which}"]
        assert str(tmp_path / f"{which}.npy") in words
        assert "1 × 16 × 13 × 13" in words
        read = np.load(tmp_path / f"{which}.npy", allow_pickle=False)
        step = program.run.capture.steps["conv2"]
        assert read.tobytes() == getattr(step, which).tobytes()
        assert read.shape == (1, 16, 13, 13)
        assert read.dtype == np.float32


def test_every_card(program: Program, tmp_path: Path, answer: Answer) -> None:
    run = program.run.capture
    assert run.objective is not None
    one_hot = np.zeros((1, 10), dtype=np.float32)
    one_hot[0, 7] = 1
    wanted = {card: run.steps[card].activation for card in program.state.cards[1:-2]}
    wanted |= {"input": run.inputs[0], "target": one_hot, "loss": run.objective.upstream}
    assert list(wanted)
    for card in program.state.cards:
        program.session.select(card)
        program.session.dismiss_notice()
        answer(tmp_path / f"{card}.npy")
        program.window.data.save_array()
        told(program)
        assert np.array_equal(np.load(tmp_path / f"{card}.npy"), wanted[card]), card


@pytest.mark.parametrize("name", ["conv1.csv", "CONV1.CSV", "conv1"])
def test_a_table_for_spreadsheets(
    program: Program, tmp_path: Path, answer: Answer, name: str
) -> None:
    program.session.select("conv1")
    dialog = answer(tmp_path / name, "csv")
    program.window.actions_by_name["save_array"].trigger()
    told(program)
    assert dialog.kinds == "NumPy array (*.npy);;Table for spreadsheets (*.csv)"
    (path,) = tmp_path.glob("*1*")
    assert path.name == (name if "." in name else "conv1.csv")
    head, *rows = list(csv.reader(path.read_text("ascii").splitlines()))
    activation = program.run.capture.steps["conv1"].activation
    assert head[:4] == ["n", "c", "h", "w=0"]
    read = np.array([row[3:] for row in rows], dtype=np.float32)
    assert np.array_equal(read.reshape(activation.shape), activation)
    assert [row[:3] for row in rows[:2]] == [["0", "0", "0"], ["0", "0", "1"]]


@NO_GRAB
def test_with_both_shown_it_asks_which(program: Program, tmp_path: Path, answer: Answer) -> None:
    program.session.select("conv1")
    program.session.show(Show.BOTH)
    answer(tmp_path / "one.npy")
    program.key(Key.Key_S, BOTH_KEYS)
    assert choices() == ["Save activation of conv1 …", "Save gradient of conv1 …"]
    choose(program, "Save gradient of conv1 …")
    told(program)
    read = np.load(tmp_path / "one.npy")
    assert np.array_equal(read, np.asarray(program.run.capture.steps["conv1"].gradient))
    assert program.window.findChildren(QMenu, "data_choice") == []


@NO_GRAB
def test_a_selected_parameter(program: Program, tmp_path: Path, answer: Answer) -> None:
    table = program.window.parameters.table
    names = [row.parameter.name for row in program.window.parameters.model.rows]
    dock = program.window.docks["parameters"]
    dock.raise_()
    table.setFocus()
    table.selectRow(names.index("conv2.weight"))
    answer(tmp_path / "grad.npy")
    program.key(Key.Key_S, BOTH_KEYS)
    assert choices() == ["Save conv2.weight …", "Save conv2.weight.grad …"]
    choose(program, "Save conv2.weight.grad …")
    told(program)
    grad = program.run.capture.parameters["conv2.weight"].grad
    assert grad is not None
    assert np.array_equal(np.load(tmp_path / "grad.npy"), grad)
    table.clearSelection()


def test_a_missing_gradient_says_why(program: Program, tmp_path: Path, answer: Answer) -> None:
    program.session.forward()
    program.finish()
    program.session.select("conv1")
    program.session.show(Show.GRADIENT)
    dialog = answer(tmp_path / "x.npy")
    program.window.data.save_array()
    assert "gradient of conv1" in program.notice()
    assert "(F6)" in program.notice()
    program.session.dismiss_notice()
    QGuiApplication.clipboard().setText("before")
    program.window.data.copy_array()
    assert "(F6)" in program.notice()
    assert QGuiApplication.clipboard().text() == "before"
    assert dialog.proposed == []
    assert list(tmp_path.glob("*.npy")) == []


# -- the clipboard -----------------------------------------------------------------------------


def test_a_zoomed_channel_is_copied_alone(program: Program) -> None:
    program.session.select("conv2")
    program.session.zoom_channel(3)
    program.key(Key.Key_N, BOTH_KEYS)
    read = np.array(copied(program), dtype=np.float32)
    assert np.array_equal(read, program.run.capture.steps["conv2"].activation[0, 3])
    assert "n = 0, c = 3" in program.notice()
    assert "13 × 13" in program.notice()


def test_all_channels_are_copied_one_below_the_other(program: Program) -> None:
    program.session.select("conv1")
    program.window.actions_by_name["copy_array"].trigger()
    told(program)
    blocks = QGuiApplication.clipboard().text().split("\n\n")
    activation = program.run.capture.steps["conv1"].activation[0]
    assert len(blocks) == len(activation)
    for number, (block, channel) in enumerate(zip(blocks, activation, strict=True)):
        first, *rows = block.split("\n")
        assert first == f"c={number}"
        assert np.array_equal(np.array([row.split("\t") for row in rows], np.float32), channel)


def test_too_many_numbers_are_refused(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenet_viz.export.number_text.CLIPBOARD_LIMIT", 1000)
    QGuiApplication.clipboard().setText("before")
    program.session.select("conv1")
    program.window.data.copy_array()
    assert "1,000" in told(program)
    assert ".npy" in program.notice()
    assert QGuiApplication.clipboard().text() == "before"
    program.session.zoom_channel(0)
    program.session.dismiss_notice()
    program.window.data.copy_array()
    assert len(copied(program)) == 30


# -- a whole run -------------------------------------------------------------------------------


def test_the_whole_run(program: Program, tmp_path: Path, answer: Answer) -> None:
    dialog = answer(tmp_path / "all")
    program.key(Key.Key_E, BOTH_KEYS)
    assert str(tmp_path / "all.npz") in told(program)
    assert dialog.proposed == [f"lenet_viz-notebook-run-{program.run.number}.npz"]
    with np.load(tmp_path / "all.npz") as archive:
        listed = json.loads(archive["contents.json"])["arrays"]
        entries = [line["entry"] for line in listed if line["entry"]]
        assert sorted(entries) == sorted(set(archive.files) - {"contents.json"})
        for step in program.run.capture.steps:
            assert np.array_equal(archive[f"steps/{step.name}/activation"], step.activation)
            assert np.array_equal(archive[f"steps/{step.name}/gradient"], step.gradient)


# -- files that are there, or cannot be --------------------------------------------------------


@pytest.mark.parametrize("yes", [False, True])
def test_a_name_that_was_completed_asks_before_it_replaces(
    program: Program, tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch, yes: bool
) -> None:
    asked: list[str] = []

    def question(parent: QWidget, title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        button = QMessageBox.StandardButton
        # After a No another name can be typed: here the dialog is left.
        answer(tmp_path / "conv1.weight" if yes else "")
        return button.Yes if yes else button.No

    monkeypatch.setattr(QMessageBox, "question", question)
    (tmp_path / "conv1.weight.npy").write_bytes(b"older")
    answer(tmp_path / "conv1.weight")
    program.session.select("conv1")
    program.window.data.save_array()
    if yes:
        told(program)
    QThreadPool.globalInstance().waitForDone(5000)
    assert len(asked) == 1
    assert "conv1.weight.npy" in asked[0]
    assert ((tmp_path / "conv1.weight.npy").read_bytes() == b"older") is not yes


@pytest.mark.parametrize("verb", ["save_array", "save_run"])
def test_a_dialog_that_is_left_does_nothing(program: Program, answer: Answer, verb: str) -> None:
    answer("")
    program.window.actions_by_name[verb].trigger()
    program.pause(0.05)
    assert program.notice() == ""


@pytest.mark.parametrize(("verb", "ending"), [("save_array", "npy"), ("save_run", "npz")])
@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC])
def test_what_cannot_be_written_is_told_and_the_old_file_stays(
    program: Program,
    tmp_path: Path,
    answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    ending: str,
    number: int,
) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    path = folder / f"old.{ending}"
    path.write_bytes(b"older")
    real = os.open

    def refuse(name: Any, *rest: Any, **others: Any) -> int:
        if str(folder) in str(name):
            raise OSError(number, os.strerror(number), str(name))
        return real(name, *rest, **others)

    monkeypatch.setattr(os, "open", refuse)
    answer(path)
    program.window.actions_by_name[verb].trigger()
    assert str(path) in told(program)
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert path.read_bytes() == b"older"
    assert os.listdir(folder) == [path.name]


def test_a_folder_in_the_way(program: Program, tmp_path: Path, answer: Answer) -> None:
    (tmp_path / "x.npy").mkdir()
    answer(tmp_path / "x.npy")
    program.window.data.save_array()
    assert "folder" in told(program)
    assert list((tmp_path / "x.npy").iterdir()) == []


def test_closing_gives_up_what_takes_too_long(
    program: Program, tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(capture: object, path: Path, stop: threading.Event) -> object:
        begun.set()
        go_on.wait(10)
        return write(capture, path, stop)

    write = data_export.run_saved
    monkeypatch.setattr(data_export, "run_saved", slow)
    monkeypatch.setattr(background, "PATIENCE", 0.05)
    monkeypatch.setattr(background, "GIVING_UP", 50)
    path = tmp_path / "run.npz"
    path.write_bytes(b"older")
    answer(path)
    program.window.data.save_run()
    assert begun.wait(5)
    program.window.background.finish()
    go_on.set()
    assert "closed" in told(program)
    assert path.read_bytes() == b"older"
    program.window.background.stop.clear()


# -- threads, menus, names ---------------------------------------------------------------------


def test_reading_and_writing_happen_on_another_thread(
    program: Program, tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, threading.Thread] = {}
    for name in ("array_saved", "array_text", "run_saved"):
        real = getattr(data_export, name)

        def watched(*given: Any, name: str = name, real: Any = real) -> Any:
            threads[name] = threading.current_thread()
            return real(*given)

        monkeypatch.setattr(data_export, name, watched)
    answer(tmp_path / "x.npz")
    for verb in ("save_run", "save_array", "copy_array"):
        program.session.dismiss_notice()
        program.window.actions_by_name[verb].trigger()
        told(program)
    assert set(threads) == {"array_saved", "array_text", "run_saved"}
    assert threading.main_thread() not in threads.values()


def entries(menu: QMenu, actions: list[QAction]) -> dict[str, QAction]:
    """Return the entries of a menu and of the menus in it by their words."""
    found: dict[str, QAction] = {}
    for action in actions:
        inner = action.menu()
        if isinstance(inner, QMenu):
            found |= {f"{action.text()}: {one.text()}": one for one in inner.actions()}
        else:
            found[action.text()] = action
    return found


def test_the_right_click_menu_of_each_panel(
    program: Program, tmp_path: Path, answer: Answer
) -> None:
    program.session.select("conv2")
    run = "Save all arrays of this run …"
    one = ["Save activation of conv2 …", "Copy the numbers: activation of conv2", run]
    names = ("conv2.weight", "conv2.weight.grad", "conv2.bias", "conv2.bias.grad")
    own = [f"{verb}: {name}" for verb in ("Save an array", "Copy numbers") for name in names]
    pair = ("input", "input.grad")
    inputs = [f"{verb}: {name}" for verb in ("Save an array", "Copy numbers") for name in pair]
    wanted = {"strip": one, "maps": one, "parameters": one, "log": one, "source": one, "why": one}
    wanted |= {"ledger": one, "autograd": one, "builder": one, "compare": one, "code": one}
    wanted |= {"step": [*own, run], "input": [*inputs, run]}
    for panel in program.window.panels:
        menu = QMenu(program.window)
        actions = program.window.data.data_actions(panel, menu)
        menu.addActions(actions)
        found = entries(menu, actions)
        assert list(found) == wanted[panel.name], panel.name
        assert all(action.isEnabled() and action.toolTip() for action in found.values())
        if panel.name == "step":
            answer(tmp_path / "bias.npy")
            found["Save an array: conv2.bias"].trigger()
            told(program)
        menu.deleteLater()
    bias = program.run.capture.parameters["conv2.bias"].value
    assert np.array_equal(np.load(tmp_path / "bias.npy"), bias)


def test_menus_leave_nothing_behind(program: Program) -> None:
    def count() -> int:
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return len(program.window.findChildren(QAction)) + len(program.window.findChildren(QMenu))

    before = count()
    for _ in range(5):
        for panel in program.window.panels:
            menu = QMenu(program.window)
            menu.addActions(program.window.data.data_actions(panel, menu))
            menu.deleteLater()
    assert count() == before


def test_the_export_menu_lists_them(program: Program) -> None:
    button = program.child("toolbar_file")
    menu = button.findChild(QMenu)
    assert menu is not None
    names = [action.objectName() for action in menu.actions()]
    for name in data_export.ACTIONS:
        action = program.window.actions_by_name[name]
        assert name in names
        assert action.isEnabled()
        assert action.shortcut().toString() in action.toolTip()


def test_before_the_first_run_they_are_off_and_say_why(qapp: object, tmp_path: Path) -> None:
    fresh = Program(tmp_path)
    try:
        assert fresh.state.run is None
        for name in data_export.ACTIONS:
            action = fresh.window.actions_by_name[name]
            assert not action.isEnabled()
            assert "Nothing has run yet" in action.toolTip()
        menu = QMenu(fresh.window)
        (only,) = fresh.window.data.data_actions(fresh.window.maps, menu)
        assert not only.isEnabled()
        assert "Nothing has run yet" in only.toolTip()
        fresh.window.data.save_array()
        assert "Nothing has run yet" in fresh.notice()
        fresh.finish()
        for name in data_export.ACTIONS:
            action = fresh.window.actions_by_name[name]
            assert action.isEnabled()
            assert "Nothing" not in action.toolTip()
    finally:
        fresh.opened.close()
