"""Pictures of each panel and of the window: sizes, captions, files, the clipboard."""

import errno
import gc
import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFileDialog, QLabel, QWidget

from lenet_viz.window.help_dialog import HelpDialog
from lenet_viz.window.picture_dialog import PictureDialog
from tests.window.driver import Program

NAMES = ("strip", "step", "maps", "input", "parameters", "log", "window")


def widget_of(program: Program, what: str) -> QWidget:
    for panel in program.window.panels:
        if panel.name == what:
            return panel
    return program.window


def written(program: Program, what: str, scale: float, path: Path) -> QImage:
    """Write a picture and read it back."""
    program.session.dismiss_notice()
    program.window.pictures.write(what, scale, path)
    program.wait(lambda: program.state.notice)
    assert str(path) in program.notice()
    assert program.state.notice is not None
    assert not program.state.notice.mistake
    image = QImage(str(path))
    assert not image.isNull()
    return image


@pytest.mark.parametrize("what", NAMES)
@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
def test_size_and_caption(program: Program, tmp_path: Path, what: str, scale: float) -> None:
    program.session.select("conv2")
    widget = widget_of(program, what)
    image = written(program, what, scale, tmp_path / f"{what}.png")
    assert image.width() == round(widget.width() * scale)
    assert image.height() > widget.height() * scale, "the caption stands below"
    caption = image.text("Description")
    # All that one needs to make the picture again.
    for part in ("notebook", "digit 7", "cross-entropy"):
        assert part in caption.lower()
    assert image.text("Software") == "lenet_viz"


def test_a_larger_scale_is_drawn_anew_not_enlarged(program: Program) -> None:
    program.session.select("conv1")
    once = program.window.step_panel.picture(1.0)
    three = program.window.step_panel.picture(3.0)
    enlarged = once.scaled(three.size())
    sample = [(x, y) for x in range(0, three.width(), 7) for y in range(0, three.height(), 7)]
    differ = sum(three.pixel(x, y) != enlarged.pixel(x, y) for x, y in sample)
    assert differ > len(sample) / 100


def test_an_older_file_is_replaced(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "maps.png"
    path.write_bytes(b"older")
    assert written(program, "maps", 1.0, path).width() == program.window.maps.width()
    assert [entry.name for entry in tmp_path.glob("*.png")] == ["maps.png"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_what_cannot_be_written_is_told_and_the_old_file_stays(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Whoever is root may write everywhere: the refusal is made here."""
    folder = tmp_path / "locked"
    folder.mkdir()
    path = folder / "maps.png"
    path.write_bytes(b"older")
    real_open = os.open

    def refuse(name: object, *arguments: object, **others: object) -> int:
        if str(folder) in str(name):
            raise OSError(number, os.strerror(number), str(name))
        return real_open(name, *arguments, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    program.session.dismiss_notice()
    program.window.pictures.write("maps", 1.0, path)
    program.wait(lambda: program.state.notice)
    monkeypatch.undo()
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert str(path) in program.notice()
    assert path.read_bytes() == b"older"
    assert [entry.name for entry in folder.iterdir()] == ["maps.png"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "maps.png").write_bytes(b"older")
    folder.chmod(0o500)
    program.window.pictures.write("maps", 1.0, folder / "maps.png")
    program.wait(lambda: program.state.notice)
    folder.chmod(0o700)
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert (folder / "maps.png").read_bytes() == b"older"


@pytest.mark.parametrize("where", ["nowhere/picture.png", "a folder"])
def test_a_target_that_is_no_file(program: Program, tmp_path: Path, where: str) -> None:
    (tmp_path / "a folder").mkdir()
    program.window.pictures.write("maps", 1.0, tmp_path / where)
    program.wait(lambda: program.state.notice)
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert list((tmp_path / "a folder").iterdir()) == []


def test_what_was_written_is_told_in_the_windows_thread(program: Program, tmp_path: Path) -> None:
    threads: list[threading.Thread] = []
    listener = lambda old, new: threads.append(threading.current_thread())  # noqa: E731
    program.session.subscribe(listener)
    written(program, "maps", 1.0, tmp_path / "maps.png")
    program.session._listeners.remove(listener)
    assert set(threads) == {threading.main_thread()}


def test_nothing_of_a_picture_stays_in_memory(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def left(kind: type) -> int:
        gc.collect()
        return sum(issubclass(type(one), kind) for one in gc.get_objects())

    before = left(QImage)
    one = program.window.maps.picture(1.0)
    assert left(QImage) == before + 1, "this way of counting sees pictures"
    del one
    for number in range(3):
        written(program, "maps", 1.0, tmp_path / f"{number}.png")
    assert left(QImage) <= before
    monkeypatch.setattr(PictureDialog, "exec", lambda dialog: 0)
    monkeypatch.setattr(HelpDialog, "exec", lambda dialog: 0)
    for _ in range(3):
        program.window.actions_by_name["save_picture"].trigger()
        program.window.actions_by_name["help"].trigger()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert program.window.findChildren(QDialog) == []


@pytest.mark.parametrize("what", ["maps", "window"])
def test_the_clipboard(program: Program, what: str) -> None:
    program.window.pictures.copy(what, 2.0)
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * widget_of(program, what).width()
    assert "clipboard" in program.notice()


def test_the_keys_for_the_clipboard(program: Program) -> None:
    program.window.actions_by_name["copy_window"].trigger()
    assert QGuiApplication.clipboard().image().width() == 2 * program.window.width()
    program.window.step_panel.setFocus()
    program.window.actions_by_name["copy_picture"].trigger()
    widths = {2 * panel.width() for panel in program.window.panels}
    assert QGuiApplication.clipboard().image().width() in widths


def test_the_dialog_asks_draws_and_saves(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(dialog: PictureDialog) -> int:
        box = dialog.findChild(QComboBox, "picture_what")
        assert box is not None
        assert {box.itemData(at) for at in range(box.count())} == set(NAMES)
        box.setCurrentIndex(box.findData("input"))
        preview = dialog.findChild(QLabel, "picture_preview")
        size = dialog.findChild(QLabel, "picture_size")
        assert preview is not None
        assert size is not None
        assert not preview.pixmap().isNull()
        assert str(2 * program.window.input_panel.width()) in size.text()
        dialog.wish = "save"
        return 1

    def file_name(parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
        asked.append(Path(proposed).name)
        return str(tmp_path / "input.png"), kinds

    monkeypatch.setattr(PictureDialog, "exec", answer)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", file_name)
    program.window.actions_by_name["save_picture"].trigger()
    program.wait(lambda: program.state.notice)
    assert asked == ["lenet_viz-input-input.png"]
    assert QImage(str(tmp_path / "input.png")).width() == 2 * program.window.input_panel.width()


def test_a_dialog_that_is_left_does_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PictureDialog, "exec", lambda dialog: 0)
    program.window.actions_by_name["save_picture"].trigger()
    monkeypatch.setattr(PictureDialog, "exec", lambda dialog: setattr(dialog, "wish", "save") or 1)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: ("", ""))
    program.window.actions_by_name["save_picture"].trigger()
    program.pause(0.1)
    assert program.notice() == ""
