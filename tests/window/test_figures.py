"""Figures of each panel and of the window: sizes, captions, files, the clipboard, the dialog."""

import errno
import gc
import os
import threading
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QWidget,
)

from lenet_viz.export.figures import PANELS
from lenet_viz.export.order import Order
from lenet_viz.window.figure_dialog import FigureDialog
from lenet_viz.window.help_dialog import HelpDialog
from tests.panels.real_networks import real_runs
from tests.window.driver import Program

NAMES = (*PANELS, "window")


def told(program: Program) -> str:
    program.wait(lambda: program.state.notice)
    return program.notice()


def written(program: Program, order: Order, path: Path) -> None:
    """Write a figure and wait until it is told."""
    program.session.dismiss_notice()
    program.window.figures.write(order, path)
    assert str(path) in told(program)
    assert program.state.notice is not None
    assert not program.state.notice.mistake, program.notice()


@pytest.mark.parametrize("what", NAMES)
def test_every_figure_in_every_format(program: Program, tmp_path: Path, what: str) -> None:
    program.session.select("conv2")
    order = Order(what, "own", own="900x700", scale=2.0)
    for ending in ("png", "svg", "pdf"):
        written(program, order, tmp_path / f"figure.{ending}")
    image = QImage(str(tmp_path / "figure.png"))
    assert (image.width(), image.height()) == (1800, 1400)
    caption = image.text("Description")
    # All that one needs to make the figure again.
    for part in ("notebook", "digit 7", "cross-entropy"):
        assert part in caption.lower()
    assert image.text("Software") == "lenet_viz"
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    assert root.get("viewBox") == "0 0 900 700"
    words = " ".join(root.itertext())
    assert caption.split(" · ")[0] in words
    pdf = (tmp_path / "figure.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [0 0 675" in pdf, "900 logical pixels are 675 points"


def test_every_panel_is_a_page(program: Program, tmp_path: Path) -> None:
    written(program, Order("all"), tmp_path / "all.pdf")
    pdf = (tmp_path / "all.pdf").read_bytes()
    assert pdf.count(b"/Type /Page\n") == len(PANELS)


@pytest.mark.parametrize("name", ["figure.gif", "figure"])
def test_another_ending_is_told(program: Program, tmp_path: Path, name: str) -> None:
    program.session.dismiss_notice()
    program.window.figures.write(Order("maps"), tmp_path / name)
    assert ".png, .svg, .pdf" in told(program)
    assert list(tmp_path.glob("figure*")) == []


def test_a_figure_is_as_wide_as_its_panel(program: Program, tmp_path: Path) -> None:
    for panel in program.window.panels:
        written(program, Order(panel.name, scale=1.0), tmp_path / "figure.png")
        assert QImage(str(tmp_path / "figure.png")).width() == panel.width()


def test_a_larger_scale_is_drawn_anew_not_enlarged(program: Program) -> None:
    program.session.select("conv1")
    once = program.window.figures.image(Order("step", scale=1.0))
    three = program.window.figures.image(Order("step", scale=3.0))
    enlarged = once.scaled(three.size())
    sample = [(x, y) for x in range(0, three.width(), 7) for y in range(0, three.height(), 7)]
    differ = sum(three.pixel(x, y) != enlarged.pixel(x, y) for x, y in sample)
    assert differ > len(sample) / 100


def test_the_pin_and_the_histogram_are_taken_over(program: Program) -> None:
    program.session.select("conv2")
    before = program.window.figures.image(Order("maps", scale=1.0))
    maps = program.window.maps
    maps.columns[0].clicked.emit(maps.columns[0], (0, 3, 4, 5))
    pinned = program.window.figures.image(Order("maps", scale=1.0))
    assert pinned != before
    maps.controls.histogram.click()
    taller = program.window.figures.image(Order("maps", scale=1.0))
    assert taller.height() > pinned.height()


def test_a_panel_that_looks_like_the_windows_has_no_buttons(program: Program) -> None:
    program.session.select("conv2")
    for panel in program.window.panels:
        (figure,) = program.window.figures.draw(Order(panel.name))
        widget = figure._easel.widget
        buttons = [one for one in widget.findChildren(QAbstractButton) if one.isVisibleTo(widget)]
        figure.take_down()
        assert buttons == [], panel.name


def test_a_figure_is_light_whatever_the_screen_has(program: Program) -> None:
    light = program.window.figures.image(Order("parameters", scale=1.0))
    program.session.choose_theme("dark")
    assert program.window.figures.image(Order("parameters", scale=1.0)) == light
    dark = program.window.figures.image(Order("parameters", theme="dark", scale=1.0))
    assert dark.pixelColor(3, 3).lightness() < 60 < 200 < light.pixelColor(3, 3).lightness()


def test_drawing_a_figure_leaves_the_window_as_it_is(program: Program) -> None:
    program.session.select("conv2")
    program.pause(0.1)
    state, shown = program.state, program.window.grab().toImage()
    for name in NAMES:
        program.window.figures.image(Order(name, "slide", scale=1.0))
        assert program.window.grab().toImage() == shown, name
    assert program.state is state


def test_an_older_file_is_replaced(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "maps.png"
    path.write_bytes(b"older")
    written(program, Order("maps", scale=1.0), path)
    assert QImage(str(path)).width() == program.window.maps.width()
    assert [entry.name for entry in tmp_path.glob("*.png")] == ["maps.png"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_what_cannot_be_written_is_told_and_the_old_file_stays(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, ending: str
) -> None:
    """Whoever is root may write everywhere: the refusal is made here."""
    folder = tmp_path / "locked"
    folder.mkdir()
    path = folder / f"maps.{ending}"
    path.write_bytes(b"older")
    real_open = os.open

    def refuse(name: object, *arguments: object, **others: object) -> int:
        if str(folder) in str(name):
            raise OSError(number, os.strerror(number), str(name))
        return real_open(name, *arguments, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    program.session.dismiss_notice()
    program.window.figures.write(Order("maps", scale=1.0), path)
    told(program)
    monkeypatch.undo()
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert str(path) in program.notice()
    assert path.read_bytes() == b"older"
    assert [entry.name for entry in folder.iterdir()] == [path.name]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "maps.png").write_bytes(b"older")
    folder.chmod(0o500)
    program.window.figures.write(Order("maps", scale=1.0), folder / "maps.png")
    told(program)
    folder.chmod(0o700)
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert (folder / "maps.png").read_bytes() == b"older"


@pytest.mark.parametrize("where", ["nowhere/figure.png", "a folder.png"])
def test_a_target_that_is_no_file(program: Program, tmp_path: Path, where: str) -> None:
    (tmp_path / "a folder.png").mkdir()
    program.window.figures.write(Order("maps", scale=1.0), tmp_path / where)
    told(program)
    assert program.state.notice is not None
    assert program.state.notice.mistake
    assert list((tmp_path / "a folder.png").iterdir()) == []


def test_what_was_written_is_told_in_the_windows_thread(program: Program, tmp_path: Path) -> None:
    threads: list[threading.Thread] = []
    listener = lambda old, new: threads.append(threading.current_thread())  # noqa: E731
    program.session.subscribe(listener)
    written(program, Order("maps", scale=1.0), tmp_path / "maps.png")
    program.session._listeners.remove(listener)
    assert set(threads) == {threading.main_thread()}


def test_nothing_of_a_figure_stays_in_memory(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def left(kind: type) -> int:
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return sum(issubclass(type(one), kind) for one in gc.get_objects())

    written(program, Order("maps", scale=1.0), tmp_path / "first.png")
    before, widgets = left(QImage), left(QWidget)
    one = program.window.figures.image(Order("maps", scale=1.0))
    assert left(QImage) == before + 1, "this way of counting sees images"
    del one
    for number, name in enumerate(NAMES):
        written(program, Order(name, scale=1.0), tmp_path / f"{number}.png")
    assert left(QImage) <= before + 2  # thumbnails that the last figure left in a cache
    assert left(QWidget) <= widgets
    monkeypatch.setattr(FigureDialog, "exec", lambda dialog: 0)
    monkeypatch.setattr(HelpDialog, "exec", lambda dialog: 0)
    for _ in range(3):
        program.window.actions_by_name["save_figure"].trigger()
        program.window.actions_by_name["help"].trigger()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert program.window.findChildren(QDialog) == []
    assert left(QWidget) <= widgets


@pytest.mark.parametrize("what", ["maps", "window"])
def test_the_clipboard_holds_an_image_and_a_drawing(program: Program, what: str) -> None:
    program.window.figures.copy(Order(what))
    widget = program.window.maps if what == "maps" else program.window
    content = QGuiApplication.clipboard().mimeData()
    assert content.hasImage()
    assert QGuiApplication.clipboard().image().width() == 2 * widget.width()
    root = ElementTree.fromstring(content.data("image/svg+xml").data())
    assert root.get("viewBox", "").split()[2] == str(widget.width())
    assert "clipboard" in program.notice()


def test_the_keys_for_the_clipboard(program: Program) -> None:
    program.window.actions_by_name["copy_window"].trigger()
    assert QGuiApplication.clipboard().image().width() == 2 * program.window.width()
    program.window.step_panel.setFocus()
    program.window.actions_by_name["copy_figure"].trigger()
    widths = {2 * panel.width() for panel in program.window.panels}
    assert QGuiApplication.clipboard().image().width() in widths


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_the_right_click_menu(program: Program) -> None:
    panel = program.window.maps
    panel.customContextMenuRequested.emit(panel.rect().center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert len(words) >= 4
    menu.actions()[0].trigger()
    menu.close()
    assert "clipboard" in told(program)


# -- the dialog --------------------------------------------------------------------------------


Found = TypeVar("Found", bound=QWidget)


def field(dialog: QDialog, kind: type[Found], name: str) -> Found:
    found = dialog.findChild(kind, name)
    assert found is not None, name
    return found


def test_the_dialog_asks_draws_and_saves(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(dialog: FigureDialog) -> int:
        box = field(dialog, QComboBox, "figure_what")
        assert {box.itemData(at) for at in range(box.count())} == {*NAMES, "all"}
        box.setCurrentIndex(box.findData("input"))
        size = field(dialog, QComboBox, "figure_size")
        size.setCurrentIndex(size.findData("own"))
        own = field(dialog, QLineEdit, "figure_own_size")
        own.selectAll()
        for letter in "500x400":
            own.insert(letter)
            own.textEdited.emit(own.text())
        program.wait(lambda: not dialog.preview.image.isNull() and not dialog._timer.isActive())
        words = field(dialog, QLabel, "figure_size_words").text()
        assert "1000 × 800 pixels" in words
        assert "132 × 106 mm" in words
        field(dialog, QPushButton, "figure_save").click()
        return 1

    def file_name(parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
        asked.append(Path(proposed).name)
        return str(tmp_path / "input.png"), kinds

    monkeypatch.setattr(FigureDialog, "exec", answer)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", file_name)
    program.window.actions_by_name["save_figure"].trigger()
    told(program)
    assert asked == ["notebook-input"]
    assert QImage(str(tmp_path / "input.png")).width() == 1000


def test_a_size_that_is_none_is_told_before_anything_is_saved(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(dialog: FigureDialog) -> int:
        size = field(dialog, QComboBox, "figure_size")
        size.setCurrentIndex(size.findData("own"))
        own = field(dialog, QLineEdit, "figure_own_size")
        own.setText("large")
        own.textEdited.emit("large")
        program.wait(lambda: not dialog._timer.isActive())
        assert "'large'" in field(dialog, QLabel, "figure_size_words").text()
        assert not field(dialog, QPushButton, "figure_save").isEnabled()
        assert not field(dialog, QPushButton, "figure_copy").isEnabled()
        own.setText("600")
        own.textEdited.emit("600")
        program.wait(lambda: not dialog._timer.isActive())
        assert field(dialog, QPushButton, "figure_save").isEnabled()
        return 0

    monkeypatch.setattr(FigureDialog, "exec", answer)
    program.window.actions_by_name["save_figure"].trigger()


def test_the_storyboards_steps_are_chosen(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(dialog: FigureDialog) -> int:
        box = field(dialog, QComboBox, "figure_what")
        steps = field(dialog, QListWidget, "figure_steps")
        assert steps.isHidden()
        box.setCurrentIndex(box.findData("storyboard"))
        assert not steps.isHidden()
        assert dialog.form.order().steps is None
        for row in range(3, steps.count()):
            steps.item(row).setCheckState(Qt.CheckState.Unchecked)
        assert dialog.form.order().steps == ("input", "conv1", "relu")
        field(dialog, QCheckBox, "figure_caption").setChecked(False)
        assert not dialog.form.order().caption
        return 0

    monkeypatch.setattr(FigureDialog, "exec", answer)
    program.window.actions_by_name["save_figure"].trigger()


def test_the_storyboard_offers_also_what_is_folded(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = real_runs()["nested chain"]()
    program.session.open_capture(capture, "nested")
    program.session.fold_all()
    offered: list[str] = []

    def answer(dialog: FigureDialog) -> int:
        steps = field(dialog, QListWidget, "figure_steps")
        offered.extend(
            steps.item(row).data(Qt.ItemDataRole.UserRole) for row in range(steps.count())
        )
        return 0

    monkeypatch.setattr(FigureDialog, "exec", answer)
    program.window.actions_by_name["save_figure"].trigger()
    assert len(program.state.cards) < len(capture.steps)
    assert [name for name in offered if capture.steps.get(name)] == [s.name for s in capture.steps]
    program.begin_anew()


def test_every_field_has_a_name_and_a_tool_tip(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(dialog: FigureDialog) -> int:
        for kind in (QComboBox, QLineEdit, QPushButton, QCheckBox, QListWidget):
            for widget in dialog.findChildren(kind):
                if widget.objectName().startswith("qt_"):
                    continue  # Qt's own, inside another
                assert widget.objectName().startswith("figure_")
                assert widget.accessibleName() or widget.text()  # type: ignore[attr-defined]
                assert widget.toolTip()
        return 0

    monkeypatch.setattr(FigureDialog, "exec", answer)
    program.window.actions_by_name["save_figure"].trigger()


def test_a_dialog_that_is_left_does_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FigureDialog, "exec", lambda dialog: 0)
    program.window.actions_by_name["save_figure"].trigger()
    answers = [1, 0]  # Save, then, since no file is named, the same dialog again: Cancel
    seen: list[FigureDialog] = []

    def answer(dialog: FigureDialog) -> int:
        dialog.wish = "save"
        seen.append(dialog)
        return answers.pop(0)

    monkeypatch.setattr(FigureDialog, "exec", answer)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: ("", ""))
    program.window.actions_by_name["save_figure"].trigger()
    program.pause(0.1)
    assert answers == []
    assert seen[0] is seen[1]
    assert program.notice() == ""


@pytest.mark.parametrize("wish", ["save", "copy"])
def test_what_was_previewed_is_what_is_drawn(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    """Another run of another network arrives while the dialog stands, and more while it asks."""
    seen: list[QImage] = []
    order = Order("step", "own", own="500x900", scale=1.0)

    def another(step: str) -> None:
        program.session.choose_preset("toy")
        program.session.backward()
        program.finish()
        program.session.select(step)

    def answer(dialog: FigureDialog) -> int:
        seen.append(program.window.figures.image(order))
        another("fc1")
        size = field(dialog, QComboBox, "figure_size")
        size.setCurrentIndex(size.findData("own"))
        field(dialog, QLineEdit, "figure_own_size").setText("500x900")
        field(dialog, QDoubleSpinBox, "figure_scale").setValue(1.0)
        field(dialog, QPushButton, f"figure_{wish}").click()
        return 1

    def file_name(parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
        assert Path(proposed).name == "notebook-step-conv2"
        another("conv1")
        return str(tmp_path / "step.png"), kinds

    program.session.select("conv2")
    monkeypatch.setattr(FigureDialog, "exec", answer)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", file_name)
    program.session.dismiss_notice()
    program.window.figures.ask("step")
    told(program)
    path = tmp_path / "step.png"
    made = QImage(str(path)) if wish == "save" else QGuiApplication.clipboard().image()
    kind = QImage.Format.Format_RGB32
    assert made.convertToFormat(kind) == seen[0].convertToFormat(kind)
    assert program.window.figures.image(order).convertToFormat(kind) != seen[0].convertToFormat(
        kind
    ), "the window shows another step by now"
