"""Two runs side by side, against what torch and NumPy say of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from lenet_viz.panels.compare_panel import ComparePanel
from lenet_viz.panels.compare_rows import pairs_of, parameter_count, zero_pixels
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.session.comparing import Frozen
from lenet_viz.session.state import State
from tests.panels.pixels import Heard, painted
from tests.panels.runs import Bench, Stock, odd_captures, state_of


@pytest.fixture
def panel(qtbot: QtBot) -> ComparePanel:
    made = ComparePanel()
    qtbot.addWidget(made)
    made.resize(460, 700)
    made.show()
    return made


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.backward()
    made.session.freeze()
    return made


def answer(bench: Bench) -> State:
    while bench.engine.requests:
        bench.engine.answer(bench.session)
    return bench.state


def test_a_run_beside_itself_is_equal_bit_for_bit(bench: Bench) -> None:
    frozen = bench.state.frozen
    assert frozen is not None
    again = bench.backward()  # the same numbers, computed anew
    assert again.run is not None
    pairs = pairs_of(frozen.run, again.run)
    assert len(pairs) == 13
    assert not any(pair.differences for pair in pairs)
    assert not any(pair.built_differently for pair in pairs)


def test_three_by_three_against_five_by_five(bench: Bench) -> None:
    session = bench.session
    session.change_layer("conv1", "kernel_size", 5)
    session.change_layer("conv2", "kernel_size", 5)
    session.mend_all()
    state = answer(bench)
    frozen, run = state.frozen, state.run
    assert frozen is not None
    assert run is not None
    assert (parameter_count(frozen.run.capture), parameter_count(run.capture)) == (81_194, 61_706)
    assert (zero_pixels(frozen.run), zero_pixels(run)) == (124, 0)
    pairs = {pair.right.title: pair for pair in pairs_of(frozen.run, run) if pair.right}
    assert pairs["conv1"].built_differently
    assert "Conv2d 3×3 → Conv2d 5×5" in pairs["conv1"].differences
    assert "60 → 156 parameters" in pairs["conv1"].differences
    assert not pairs["fc2"].built_differently  # only its numbers are others
    one = frozen.run.capture.steps["fc2"].activation
    other = run.capture.steps["fc2"].activation
    largest = float(np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64)).max())
    (said,) = [each for each in pairs["fc2"].differences if each.startswith("values")]
    assert float(said.rpartition(" ")[2]) == pytest.approx(largest, rel=5e-3)


def test_a_layer_that_only_one_has_stands_alone(bench: Bench) -> None:
    bench.session.delete_layer("relu1")
    state = answer(bench)
    assert state.frozen is not None
    assert state.run is not None
    pairs = pairs_of(state.frozen.run, state.run)
    alone = [pair for pair in pairs if pair.left is None or pair.right is None]
    assert [(pair.left.title if pair.left else "", pair.right) for pair in alone] == [
        ("relu1", None)
    ]


def test_both_pictures_of_a_stage_share_one_scale(bench: Bench) -> None:
    bench.session.choose_weights_seed(5)
    state = bench.backward()
    assert state.frozen is not None
    assert state.run is not None
    for pair in pairs_of(state.frozen.run, state.run)[1:]:
        scale = pair.scale(gradient=False)
        assert scale is not None
        for stage in (pair.left, pair.right):
            assert stage is not None
            assert stage.activation is not None
            assert np.abs(stage.activation.values).max() <= scale.high


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_panel_is_painted_and_a_stage_can_be_clicked(
    panel: ComparePanel, bench: Bench, theme: object
) -> None:
    panel.set_theme(theme)  # type: ignore[arg-type]
    bench.session.choose_weights_seed(5)
    panel.render_state(None, bench.backward())
    QApplication.processEvents()
    assert len(np.unique(painted(panel.board).reshape(-1, 4), axis=0)) > 50
    heard = Heard(panel)
    hit = panel.board.hits[2]
    QTest.mouseClick(
        panel.board, Qt.MouseButton.LeftButton, pos=hit.rect.center().toPoint() + QPoint(0, 1)
    )
    assert heard.take() == [("step_requested", ("relu",))]


def test_without_a_frozen_run_it_says_what_it_is_for(panel: ComparePanel, stock: Stock) -> None:
    panel.render_state(None, stock.backward())
    assert "Freeze this run" in panel.hint.text()
    assert not panel.area.isVisible()
    button = panel.findChild(QPushButton, "compare_freeze")
    assert isinstance(button, QPushButton)
    heard = Heard(panel)
    button.click()
    assert heard.take() == [("freeze_requested", ())]


def test_unseen_it_works_nothing_out(bench: Bench, qtbot: QtBot) -> None:
    panel = ComparePanel()
    qtbot.addWidget(panel)
    panel.render_state(None, bench.state)
    assert panel.board.pairs == ()
    panel.show()
    assert len(panel.board.pairs) == 13


@pytest.mark.parametrize("kind", sorted(odd_captures()))
def test_odd_runs(panel: ComparePanel, kind: str, stock: Stock) -> None:
    made = state_of(odd_captures()[kind]())
    usual = stock.backward()
    assert usual.run is not None
    assert made.run is not None
    for frozen, present in ((usual.run, made), (made.run, made), (made.run, usual)):
        panel.render_state(None, replace(present, frozen=Frozen(frozen, kind)))
        QApplication.processEvents()
        painted(panel.board)
        assert panel.board.pairs
