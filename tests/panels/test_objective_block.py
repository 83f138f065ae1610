"""The loss card in the step panel: rows are read, clicked and written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.panels.objective_block import ObjectiveBlock
from lenet_viz.panels.objective_board import ObjectiveBoard, number_in
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.theme import DARK
from lenet_viz.session.state import ObjectiveChoice, State
from tests.panels.runs import Bench, Stock, odd_captures, state_of


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "bench")


@pytest.fixture
def panel(qtbot: QtBot) -> StepPanel:
    panel = StepPanel()
    qtbot.addWidget(panel)
    panel.resize(330, 700)
    panel.show()
    return panel


def show(panel: StepPanel, state: State, card: str = "loss") -> ObjectiveBlock:
    panel.render_state(None, replace(state, selected=card))
    return panel.content.objective


def click(
    qtbot: QtBot, board: ObjectiveBoard, name: str, row: int, *, double: bool = False
) -> None:
    at = board.cell(name, row).center().toPoint()
    if double:
        qtbot.mouseDClick(board, Qt.MouseButton.LeftButton, pos=at)
    else:
        qtbot.mouseClick(board, Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.parametrize("card", ["loss", "target"])
@pytest.mark.parametrize("kind", ["cross-entropy", "mse", "random", "output"])
def test_both_cards_have_rows(panel: StepPanel, stock: Stock, kind: str, card: str) -> None:
    block = show(panel, stock.backward("notebook", kind), card)
    assert block.isVisibleTo(panel)
    assert block.board.count == 10
    assert "vᵀJ" in block.caption.text()


def test_other_cards_have_none(panel: StepPanel, stock: Stock) -> None:
    for card in ("input", "conv1", "fc3"):
        assert not show(panel, stock.backward(), card).isVisibleTo(panel)


def test_clicking_a_number_asks_about_it(panel: StepPanel, stock: Stock, qtbot: QtBot) -> None:
    board = show(panel, stock.backward("notebook", "mse")).board
    asked: list[Address] = []
    panel.value_clicked.connect(asked.append)
    for name in ("out", "target", "v"):
        click(qtbot, board, name, 4)
    assert asked == [
        Address(Place.STEP, "fc3", 0, Side.ACTIVATION, (0, 4)),
        Address(Place.OBJECTIVE, "target", index=(0, 4)),
        Address(Place.STEP, "fc3", 0, Side.GRADIENT, (0, 4)),
    ]


def test_a_v_is_written_and_run(panel: StepPanel, bench: Bench, qtbot: QtBot) -> None:
    state = bench.backward()
    board = show(panel, state).board
    panel.objective_requested.connect(bench.session.choose_objective)
    click(qtbot, board, "v", 6, double=True)
    assert board.editor.isVisibleTo(board)
    board.editor.clear()
    qtbot.keyClicks(board.editor, "-2.5")
    qtbot.keyClick(board.editor, Qt.Key.Key_Return)
    assert not board.editor.isVisibleTo(board)
    chosen = bench.state.settings.objective
    before = state.capture.objective.upstream.reshape(-1).tolist()  # type: ignore[union-attr]
    assert chosen.kind == "vector"
    assert chosen.vector == (*before[:6], -2.5, *before[7:])
    block = show(panel, bench.state)
    assert block.board.rows is not None
    assert block.board.rows.changed.tolist() == [row == 6 for row in range(10)]
    assert "F6" in block.caption.text()
    state = bench.backward()
    assert state.capture is not None
    assert state.capture.objective is not None
    assert np.array_equal(state.capture.steps["fc3"].gradient[0], np.float32(chosen.vector))  # type: ignore[index]
    block = show(panel, state)
    assert block.board.rows is not None
    assert not block.board.rows.changed.any()


@pytest.mark.parametrize("wrong", ["", "x", "nan", "inf", "1_0", "1e999"])
def test_what_is_no_number_stays_to_be_mended(
    panel: StepPanel, stock: Stock, qtbot: QtBot, wrong: str
) -> None:
    board = show(panel, stock.backward()).board
    asked: list[ObjectiveChoice] = []
    panel.objective_requested.connect(asked.append)
    board.edit(2)
    board.editor.setText(wrong)
    qtbot.keyClick(board.editor, Qt.Key.Key_Return)
    assert board.editor.isVisibleTo(board)
    assert "finite number" in board.editor.toolTip()
    qtbot.keyClick(board.editor, Qt.Key.Key_Escape)
    assert not board.editor.isVisibleTo(board)
    assert asked == []


def test_numbers() -> None:
    assert [number_in(text) for text in (" 1 ", "-0.5", "2e-3", "0,5", "−1")] == [
        1, -0.5, 0.002, 0.5, -1
    ]  # fmt: skip


def test_by_keys_alone(panel: StepPanel, bench: Bench, qtbot: QtBot) -> None:
    board = show(panel, bench.backward()).board
    panel.objective_requested.connect(bench.session.choose_objective)
    board.setFocus()
    for _ in range(3):
        qtbot.keyClick(board, Qt.Key.Key_Down)
    qtbot.keyClick(board, Qt.Key.Key_F2)
    board.editor.setText("7")
    qtbot.keyClick(board.editor, Qt.Key.Key_Return)
    assert bench.state.settings.objective.vector[2] == 7


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("ones", [1] * 10), ("zeros", [0] * 10), ("onehot", [0, 1] + [0] * 8)],
)
def test_buttons_write_all(
    panel: StepPanel, bench: Bench, qtbot: QtBot, name: str, wanted: list[int]
) -> None:
    board = show(panel, bench.backward()).board
    panel.objective_requested.connect(bench.session.choose_objective)
    click(qtbot, board, "out", 1)
    button = panel.findChild(QPushButton, f"objective_{name}")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert list(bench.state.settings.objective.vector) == wanted


def test_turning_every_sign(panel: StepPanel, bench: Bench, qtbot: QtBot) -> None:
    state = bench.backward()
    show(panel, state)
    panel.objective_requested.connect(bench.session.choose_objective)
    qtbot.mouseClick(panel.findChild(QPushButton, "objective_negate"), Qt.MouseButton.LeftButton)
    v = state.capture.objective.upstream  # type: ignore[union-attr]
    assert np.array_equal(bench.state.settings.objective.vector, -v.reshape(-1))


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_a_target_without_view_is_drawn_and_told(
    panel: StepPanel, bench: Bench, qtbot: QtBot
) -> None:
    bench.session.choose_objective(ObjectiveChoice("mse"))
    block = show(panel, bench.backward())
    panel.objective_requested.connect(bench.session.choose_objective)
    assert bench.state.notice is None
    view = panel.findChild(QCheckBox, "objective_view")
    assert view.isChecked()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(8, view.height() // 2))
    state = bench.backward()
    assert state.capture is not None
    assert state.capture.objective is not None
    assert state.capture.objective.target.shape == (10,)  # type: ignore[union-attr]
    assert state.notice is not None
    assert "[10]" in str(state.notice.message)
    assert any("broadcast" in str(entry.note) for entry in state.log)
    block = show(panel, state)
    assert not view.isChecked()
    assert block.picture.isVisibleTo(panel)
    assert "[10]" in block.picture.accessibleDescription()


def test_a_run_from_elsewhere_is_read_only(panel: StepPanel, stock: Stock, qtbot: QtBot) -> None:
    from lenet_viz.session.state import CaptureOnly

    state = replace(stock.backward(), opened=CaptureOnly("x.lvcap"))
    block = show(panel, state)
    block.board.edit(1)
    assert not block.board.editor.isVisibleTo(block.board)
    assert not panel.findChild(QPushButton, "objective_ones").isVisibleTo(panel)


def test_odd_runs(panel: StepPanel, qtbot: QtBot) -> None:
    panel.set_theme(DARK)
    for name, capture in odd_captures().items():
        block = show(panel, state_of(capture()))
        panel.grab()
        assert block.board.count <= 400, name
