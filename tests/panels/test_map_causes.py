"""Causes of zeros drawn over the maps, against masks made by torch alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_viz.explain.zeros import Cause
from lenet_viz.panels.cause_marks import hue_of
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.session.state import Show, State
from tests.panels.runs import Stock, odd_captures, state_of


@pytest.fixture
def panel(qtbot: QtBot) -> MapPanel:
    panel = MapPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 760)
    panel.show()
    return panel


def shown(state: State, card: str, *, on: bool = True) -> State:
    view = replace(state.view, show=Show.GRADIENT, causes=on)
    return replace(state, selected=card, view=view)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_inactive_and_lost_are_where_torch_has_them(
    panel: MapPanel, stock: Stock, theme: object
) -> None:
    panel.set_theme(theme)  # type: ignore[arg-type]
    state = stock.backward()
    assert state.capture is not None
    steps = state.capture.steps
    for card in ("conv2", "relu_2"):
        panel.render_state(None, shown(state, card))
        QApplication.processEvents()
        mosaic = panel.columns[0].mosaic
        layout, causes = mosaic.layout_now, mosaic.overlay.causes
        assert layout is not None
        assert causes is not None
        before = torch.from_numpy(np.array(steps["conv2"].activation))
        relu = F.relu(before)
        _, winners = F.max_pool2d(relu, 2, return_indices=True)
        won = torch.zeros(16, 13 * 13, dtype=torch.bool)
        won.scatter_(1, winners[0].reshape(16, -1), value=True)
        gradient = steps[card].gradient
        assert gradient is not None
        for index in np.ndindex(16, 13, 13):
            cause = Cause(causes[layout.mosaic.cell_of(index)])
            zero = gradient[0][index] == 0
            assert (cause is not Cause.NOT_ZERO) == zero
            place = index[1] * 13 + index[2]
            if card == "conv2" and cause is Cause.INACTIVE:
                assert before[0][index] <= 0
            if card == "relu_2" and cause in (Cause.LOST, Cause.TIED):
                assert not won[index[0], place]
            if card == "relu_2" and max(index[1:]) == 12:
                assert cause is Cause.OUTSIDE
            y, x = layout.mosaic.cell_of(index)
            assert mosaic._pixels is not None
            pixel = QColor(*(int(part) for part in mosaic._pixels[y, x, :3]))
            assert (pixel == hue_of(cause, theme)) if zero else True  # type: ignore[arg-type]


def test_the_legend_counts_every_zero_once(panel: MapPanel, stock: Stock) -> None:
    state = stock.backward()
    assert state.capture is not None
    panel.render_state(None, shown(state, "relu_2"))
    gradient = state.capture.steps["relu_2"].gradient
    assert gradient is not None
    counts = [
        int(entry.accessibleName().split()[0].replace(",", "")) for entry in panel.legend.entries
    ]
    assert sum(counts) == int((gradient == 0).sum())
    assert "Exact zeros" not in panel.reading.text()
    off = shown(state, "relu_2", on=False)
    panel.render_state(shown(state, "relu_2"), off)
    assert panel.legend.entries == []
    assert "Exact zeros" in panel.reading.text()
    assert panel.columns[0].mosaic.overlay.causes is None


def test_pointing_at_an_entry_leaves_its_marks_alone(panel: MapPanel, stock: Stock) -> None:
    panel.render_state(None, shown(stock.backward(), "relu_2"))
    entry, overlay = panel.legend.entries[0], panel.columns[0].mosaic.overlay
    before = panel.grab().toImage()
    entry.pointed.emit(True)
    assert overlay.only is entry.cause
    assert panel.grab().toImage() != before
    QApplication.sendEvent(entry, QEvent(QEvent.Type.Leave))
    assert overlay.only is None


def test_the_switch_asks_and_waits_for_the_state(
    panel: MapPanel, stock: Stock, qtbot: QtBot
) -> None:
    panel.render_state(None, shown(stock.backward(), "relu_2", on=False))
    with qtbot.waitSignal(panel.causes_requested) as told:
        panel.legend.switch.click()
    assert told.args == [True]


def test_without_gradients_or_zeros_there_is_no_switch(panel: MapPanel, stock: Stock) -> None:
    activation = replace(shown(stock.backward(), "relu_2"))
    view = replace(activation.view, show=Show.ACTIVATION)
    panel.render_state(None, replace(activation, view=view))
    assert panel.legend.isHidden()
    panel.render_state(None, shown(stock.forward(), "relu_2"))
    assert panel.legend.isHidden()


@pytest.mark.parametrize("kind", odd_captures())
def test_odd_runs(panel: MapPanel, kind: str) -> None:
    made = odd_captures()[kind]()
    state = state_of(made, backward=made.objective is not None)
    for card in state.cards:
        panel.render_state(None, shown(state, card))
    panel.grab()
