"""What is left when a window is closed, and what comes too late for it."""

import gc
import os
import tempfile
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from lenet_viz.export.order import Order
from lenet_viz.window.app import make_window
from tests.window.driver import Program

PNG = b"\x89PNG\r\n\x1a\n"


def children_of(process: int) -> set[int]:
    """Return the ids of the processes below one, dead ones that nobody waited for included."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == process:
            found.add(int(entry.name))
    return found


@pytest.fixture
def own_temp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A temp folder in which nothing else is made."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def main_windows() -> int:
    """Return how many windows of the program there are."""
    return sum(widget.objectName() == "main_window" for widget in QApplication.topLevelWidgets())


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_closing_leaves_no_thread_process_widget_or_folder(
    own_temp: Path, tmp_path: Path, qapp: QApplication
) -> None:
    settle()
    threads, processes = set(threading.enumerate()), children_of(os.getpid())
    widgets = len(QApplication.allWidgets())
    program = Program(tmp_path / "settings")
    program.finish()
    assert list(own_temp.iterdir())
    assert len(children_of(os.getpid()) - processes) >= 1
    program.wait_for_spare()
    program.opened.close()
    del program
    settle()
    assert set(threading.enumerate()) - threads == set()
    assert children_of(os.getpid()) - processes == set()
    assert list(own_temp.iterdir()) == []
    assert len(QApplication.allWidgets()) <= widgets


def test_a_reply_that_waits_when_the_window_closes_is_dropped(
    tmp_path: Path, qapp: QApplication
) -> None:
    program = Program(tmp_path / "settings")
    program.finish()
    program.session.backward()
    time.sleep(1.0)  # the reply now waits in the queue of events, which is not served
    assert program.state.pending is not None
    program.opened.close()
    settle()


def test_closing_at_once_and_twice_is_fine(tmp_path: Path, qapp: QApplication) -> None:
    program = Program(tmp_path / "settings")
    program.window.close()
    settle()
    program.opened.close()
    settle()


def test_a_picture_that_is_being_written_when_the_window_closes_is_finished(
    tmp_path: Path, qapp: QApplication
) -> None:
    program = Program(tmp_path / "settings")
    program.finish()
    program.window.figures.write(Order("window", scale=3.0), tmp_path / "late.png")
    program.opened.close()
    settle()
    until = time.monotonic() + 10
    while not (tmp_path / "late.png").exists() and time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.01)
    assert (tmp_path / "late.png").read_bytes().startswith(PNG)
    settle()


def test_a_window_for_embedding_runs_by_itself_and_takes_its_engine_along(
    own_temp: Path, tmp_path: Path, qapp: QApplication
) -> None:
    settle()
    threads = set(threading.enumerate())
    window = make_window(tmp_path / "settings", "toy")
    window.show()
    until = time.monotonic() + 20
    while window.session.state.run is None and time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.005)
    assert window.session.state.run is not None
    assert window.session.state.run.settings.preset == "toy"
    window.close()
    del window
    settle()
    assert set(threading.enumerate()) - threads == set()
    assert list(own_temp.iterdir()) == []


def test_one_windows_focus_and_keys_are_its_own(tmp_path: Path, qapp: QApplication) -> None:
    """Two windows in one process do not hear each other."""
    first, second = Program(tmp_path / "a", "toy"), Program(tmp_path / "b", "tutorial")
    try:
        first.finish()
        second.finish()
        second.window.activateWindow()
        second.window.setFocus()
        widget = second.window.findChild(QWidget, "toolbar_forward")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
        assert second.state.pending is not None
        assert first.state.pending is None
        second.finish()
        assert (first.run.number, second.run.number) == (1, 2)
    finally:
        first.opened.close()
        second.opened.close()
