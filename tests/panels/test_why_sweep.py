"""The row that sweeps: it plays, steps, scrubs; the output fills."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.panels.why_items import SmallMap
from lenet_viz.panels.why_panel import WhyPanel
from tests.panels.runs import Bench, Stock


class Desk:
    """A Why panel wired to a session, as the window wires it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.bench = Bench(folder)
        self.bench.backward()
        self.panel = WhyPanel()
        qtbot.addWidget(self.panel)
        self.panel.resize(430, 600)
        self.panel.show()
        session = self.bench.session
        session.subscribe(self.panel.render_state)
        self.panel.sweep_requested.connect(session.start_sweep)
        self.panel.sweep_moved.connect(session.sweep_to)
        self.panel.sweep_ended.connect(session.stop_sweep)

    def ask(self, step: str, *index: int, side: Side = Side.ACTIVATION) -> None:
        self.bench.session.ask(Address(Place.STEP, step, 0, side, index))

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        found = self.panel.findChild(kind, name)
        assert found is not None
        return found

    @property
    def position(self) -> int:
        sweep = self.bench.state.sweep
        assert sweep is not None
        return sweep.position

    def output(self) -> SmallMap:
        layout = self.panel.board._layout
        assert layout is not None
        return [item for item in layout.items if isinstance(item, SmallMap)][-1]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Desk:
    return Desk(qtbot, tmp_path / "bench")


def test_it_plays_to_the_end_and_stops(desk: Desk, qtbot: QtBot) -> None:
    desk.ask("fc3", 0, 4)
    speed = desk.find(QComboBox, "why_sweep_speed")
    assert isinstance(speed, QComboBox)
    speed.setCurrentIndex(speed.count() - 1)
    qtbot.mouseClick(desk.find(QPushButton, "why_sweep_begin"), Qt.MouseButton.LeftButton)
    assert desk.panel.sweep.playing
    qtbot.waitUntil(lambda: desk.position == 9, timeout=10_000)
    qtbot.waitUntil(lambda: not desk.panel.sweep.playing)
    qtbot.mouseClick(desk.find(QToolButton, "why_sweep_play"), Qt.MouseButton.LeftButton)
    assert desk.panel.sweep.playing, "played again from the start"
    assert desk.position < 9


def test_steps_pause_it(desk: Desk, qtbot: QtBot) -> None:
    desk.ask("conv2", 0, 3, 4, 5)
    desk.panel.sweep.toggle()
    for name, wanted in (("forth", 1), ("forth", 2), ("back", 1)):
        qtbot.mouseClick(desk.find(QToolButton, f"why_sweep_{name}"), Qt.MouseButton.LeftButton)
        assert desk.position == wanted
        assert not desk.panel.sweep.playing


def test_the_slider_scrubs(desk: Desk, qtbot: QtBot) -> None:
    desk.ask("conv2", 0, 3, 4, 5)
    desk.panel.sweep.toggle()
    slider = desk.find(QSlider, "why_sweep_slider")
    assert isinstance(slider, QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert desk.position == 168
    assert desk.bench.state.asked == Address(
        Place.STEP, "conv2", 0, Side.ACTIVATION, (0, 3, 12, 12)
    )
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert desk.position == 167


@pytest.mark.parametrize(
    ("step", "index", "cells"),
    [("conv2", (0, 3, 4, 5), 169), ("max_pool2d_2", (0, 2, 1, 1), 36), ("fc1", (0, 3), 120)],
)
def test_the_output_fills(
    desk: Desk, qtbot: QtBot, step: str, index: tuple[int, ...], cells: int
) -> None:
    desk.ask(step, *index)
    desk.panel.sweep.toggle()
    for position in (0, cells // 2, cells - 1):
        desk.bench.session.sweep_to(position)
        shown = desk.output()
        assert shown.reached == position + 1
        assert shown.frame is not None
        top, left, _, _ = shown.frame
        assert top * shown.values.shape[1] + left == position
        desk.panel.grab()


def test_what_is_to_come_is_not_shown(desk: Desk, qtbot: QtBot) -> None:
    desk.ask("conv2", 0, 3, 4, 5)
    desk.panel.sweep.toggle()
    desk.bench.session.sweep_to(84)
    item = desk.output()
    image = desk.panel.board.grab().toImage()
    wide, high = item.rect.width() / 13, item.rect.height() / 13

    def colour(row: int, column: int) -> str:
        x = item.rect.left() + (column + 0.5) * wide
        y = item.rect.top() + (row + 0.5) * high
        return image.pixelColor(round(x), round(y)).name()

    ground, line = desk.panel.theme.color("raised"), desk.panel.theme.color("line")
    low = [min(a, b) - 3 for a, b in zip(ground.getRgb(), line.getRgb(), strict=True)]
    high_ = [max(a, b) + 3 for a, b in zip(ground.getRgb(), line.getRgb(), strict=True)]
    for row in range(8, 13):
        for column in range(13):
            found = QColor(colour(row, column)).getRgb()
            assert all(a <= c <= b for a, c, b in zip(low, found, high_, strict=True))
    assert len({colour(row, column) for row in range(5) for column in range(13)}) > 10


def test_what_is_unfolded_stays_so(desk: Desk) -> None:
    desk.ask("conv2", 0, 3, 4, 5)
    desk.panel.sweep.toggle()
    desk.panel.board.toggle(1)
    desk.bench.session.sweep_to(7)
    assert desk.panel.board.look.open == frozenset({1})


def test_another_question_ends_the_play(desk: Desk) -> None:
    desk.ask("conv2", 0, 3, 4, 5)
    desk.panel.sweep.toggle()
    desk.ask("fc1", 0, 3)
    assert not desk.panel.sweep.playing
    assert desk.panel.board.look.reached is None


def test_the_row_is_not_on_paper(qtbot: QtBot, stock: Stock) -> None:
    panel = WhyPanel()
    qtbot.addWidget(panel)
    panel.go_on_paper()
    panel.render_state(None, stock.backward())
    assert not panel.sweep.isVisibleTo(panel)
