"""The autograd panel: every node leads to its step or to its gradient."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.panels.autograd_panel import AutogradPanel
from lenet_viz.panels.theme import DARK
from lenet_viz.session.state import State
from tests.panels.runs import Stock, odd_captures, state_of


@pytest.fixture
def panel(qtbot: QtBot) -> AutogradPanel:
    panel = AutogradPanel()
    qtbot.addWidget(panel)
    panel.resize(430, 600)
    panel.show()
    return panel


def nodes(state: State) -> list[str]:
    assert state.capture is not None
    assert state.capture.autograd is not None
    return [node.name for node in state.capture.autograd]


def test_a_click_selects_the_nodes_step(panel: AutogradPanel, stock: Stock, qtbot: QtBot) -> None:
    state = stock.backward()
    panel.render_state(None, state)
    assert state.capture is not None
    assert state.capture.autograd is not None
    for place in panel.board.places():
        node = state.capture.autograd[place.node]
        point = place.rect.center().toPoint()
        if node.leaf.startswith("parameter:"):
            name = node.leaf.partition(":")[2]
            with qtbot.waitSignal(panel.value_clicked) as told:
                qtbot.mouseClick(panel.board, Qt.MouseButton.LeftButton, pos=point)
            address = told.args[0]
            assert (address.place, address.name, address.side) == (
                Place.PARAMETER,
                name,
                Side.GRADIENT,
            )
            gradient = state.capture.parameters[name].gradient
            assert gradient is not None
            assert abs(gradient[address.index]) == np.abs(gradient).max()
            continue
        wanted = "input" if node.leaf else "loss"
        if node.step is not None:
            wanted = state.capture.steps[node.step].name
        with qtbot.waitSignal(panel.step_requested) as told:
            qtbot.mouseClick(panel.board, Qt.MouseButton.LeftButton, pos=point)
        assert told.args == [wanted]


def test_keys_walk_and_choose(panel: AutogradPanel, stock: Stock, qtbot: QtBot) -> None:
    panel.render_state(None, stock.backward())
    board = panel.board
    board.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(board, key)
    assert board.current == len(board.places()) - 1
    with qtbot.waitSignal(panel.step_requested) as told:
        qtbot.keyClick(board, Qt.Key.Key_Return)
    assert told.args == ["input"]


def test_the_selected_step_is_marked_and_in_view(panel: AutogradPanel, stock: Stock) -> None:
    state = stock.backward()
    panel.resize(430, 260)
    panel.render_state(None, replace(state, selected="fc3"))
    panel.render_state(replace(state, selected="fc3"), replace(state, selected="conv1"))
    top = panel.board.top_of("conv1")
    assert top is not None
    assert panel.board.selected == "conv1"
    assert not panel.board.visibleRegion().isEmpty()
    assert panel.board.visibleRegion().contains(QPoint(20, round(top) + 10))


def test_what_is_copied_names_every_node(panel: AutogradPanel, stock: Stock, qtbot: QtBot) -> None:
    state = stock.backward()
    panel.render_state(None, state)
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert sorted(
        name for line in text.splitlines() for name in line.split() if "Backward" in name
    ) == sorted(name for name in nodes(state) if "Backward" in name)
    assert text.count("AccumulateGrad") == nodes(state).count("AccumulateGrad")


def test_without_a_backward_pass_it_says_so(panel: AutogradPanel, stock: Stock) -> None:
    panel.render_state(None, replace(stock.forward(), run=None))
    assert "Forward (F5)" in panel.hint.text()
    panel.render_state(None, stock.forward())
    assert "no gradients yet" in panel.hint.text()
    panel.render_state(None, stock.backward())
    assert "no gradients yet" not in panel.hint.text()


@pytest.mark.parametrize("kind", odd_captures())
def test_odd_runs(panel: AutogradPanel, kind: str, qtbot: QtBot) -> None:
    made = odd_captures()[kind]()
    panel.render_state(None, state_of(made, "input", backward=made.objective is not None))
    panel.set_theme(DARK)
    panel.grab()
    for place in panel.board.places()[:40]:
        panel.board.chosen.emit(place.node)


def test_an_address_is_one_that_can_be_asked(panel: AutogradPanel, stock: Stock) -> None:
    panel.render_state(None, stock.backward("toy"))
    asked: list[Address] = []
    panel.value_clicked.connect(asked.append)
    for place in panel.board.places():
        panel.board.chosen.emit(place.node)
    assert asked
    assert all(address.index is not None for address in asked)
