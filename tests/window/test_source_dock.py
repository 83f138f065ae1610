"""The way from a step to its line and back, and layouts from before there was a source panel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QWidget

from lenet_viz.session.session import Session
from lenet_viz.session.state import State
from lenet_viz.window.layout import restore
from lenet_viz.window.main_window import MainWindow
from lenet_viz.window.memory import LAYOUT_VERSION, Memory
from tests.session.pretend_engine import PretendEngine
from tests.window.driver import Program

pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)

AREA = Qt.DockWidgetArea.RightDockWidgetArea


def test_from_a_steps_line_to_the_source_and_back(program: Program) -> None:
    program.begin_anew()
    window = program.window
    window.session.select("conv2")
    QApplication.processEvents()
    assert window.docks["source"].visibleRegion().isEmpty()
    link = window.step_panel.content.source
    link.setFocus()
    program.key(Qt.Key.Key_Return)
    assert not window.docks["source"].visibleRegion().isEmpty()
    view = window.source.view
    assert view.selected == 16
    view.setFocus()
    cursor = view.textCursor()
    cursor.setPosition(view.document().findBlockByNumber(17).position())
    view.setTextCursor(cursor)
    for wanted in ("fc1", "relu_3", "fc1"):
        program.key(Qt.Key.Key_Return)
        assert program.state.selected == wanted
        assert view.selected == 18
    window.docks["input"].raise_()
    window.docks["source"].hide()
    QTest.keyClick(link, Qt.Key.Key_Space)
    QApplication.processEvents()
    assert not window.docks["source"].visibleRegion().isEmpty()
    program.window.arrange_anew()
    QApplication.processEvents()


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    memory = Memory(tmp_path)
    state = State(memory.settings(), view=memory.view())
    made = MainWindow(Session(PretendEngine(), str(tmp_path), state), memory, (1440, 900))
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def older(front: str, hidden: tuple[str, ...], floating: tuple[str, ...]) -> QByteArray:
    """The layout of a window that has every dock but the source's."""
    old = QMainWindow()
    old.setCentralWidget(QWidget())
    old.resize(1440, 900)
    docks = {}
    for name in ("strip", "step", "input", "parameters", "log"):
        docks[name] = QDockWidget(name.title(), old)
        docks[name].setObjectName(f"dock_{name}")
    old.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, docks["strip"])
    old.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["step"])
    for name in ("input", "parameters", "log"):
        old.addDockWidget(AREA, docks[name])
    old.tabifyDockWidget(docks["input"], docks["parameters"])
    old.tabifyDockWidget(docks["parameters"], docks["log"])
    docks[front].raise_()
    old.show()
    for name in hidden:
        docks[name].hide()
    for name in floating:
        docks[name].setFloating(True)
    QApplication.processEvents()
    state = old.saveState(LAYOUT_VERSION)
    old.close()
    old.deleteLater()
    return state


def tabs(window: MainWindow) -> list[tuple[str, bool]]:
    """The tabs that can be seen, and whether each is in front."""
    return [
        (bar.tabText(at), bar.currentIndex() == at)
        for bar in window.findChildren(QTabBar)
        if not bar.visibleRegion().isEmpty()
        for at in range(bar.count())
    ]


NEW = ("Ledger", "Autograd", "Source", "Why?")


@pytest.mark.parametrize(
    ("front", "hidden", "floating", "wanted"),
    [
        ("input", (), (), ["Input*", "Parameters", "Log", *NEW]),
        ("log", (), (), ["Input", "Parameters", "Log*", *NEW]),
        ("input", ("log",), (), ["Input*", "Parameters", *NEW]),
        (
            "parameters",
            (),
            ("log",),
            ["Input", "Parameters*", *NEW],
        ),
        ("input", ("log", "parameters"), (), ["Input*", *NEW]),
    ],
)
def test_a_layout_from_before_keeps_its_places(
    window: MainWindow,
    front: str,
    hidden: tuple[str, ...],
    floating: tuple[str, ...],
    wanted: list[str],
) -> None:
    restore(window, window.docks, older(front, hidden, floating))
    window.show()
    QApplication.processEvents()
    # The builder stands behind the step; every other new dock behind the log.
    assert [name + "*" * chosen for name, chosen in tabs(window)] == [
        *wanted,
        "Step*",
        "Build",
        "Compare",
        "Code",
    ]
    for name, dock in window.docks.items():
        assert dock.isHidden() == (name in hidden)
        assert dock.isFloating() == (name in floating)
    assert window.dockWidgetArea(window.docks["source"]) == AREA


def test_where_nothing_is_docked_the_source_still_is(window: MainWindow) -> None:
    state = older("input", ("step", "input", "parameters", "log"), ())
    restore(window, window.docks, state)
    window.show()
    QApplication.processEvents()
    assert not window.docks["source"].visibleRegion().isEmpty()


def test_a_layout_with_the_source_hidden_leaves_it_hidden(window: MainWindow) -> None:
    window.show()
    window.docks["source"].hide()
    QApplication.processEvents()
    state = window.saveState(LAYOUT_VERSION)
    window.docks["source"].show()
    restore(window, window.docks, state)
    assert window.docks["source"].isHidden()


def test_damaged_layouts_change_nothing(window: MainWindow) -> None:
    window.show()
    QApplication.processEvents()
    before = tabs(window)
    restore(window, window.docks, QByteArray(b"no layout"))
    QApplication.processEvents()
    assert tabs(window) == before
