"""The strip's dock in the window: as high as branched runs need it."""

from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from torch import nn

import lenet_viz
from lenet_viz.capture.records import Capture
from tests.window.driver import Program


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 8, batch_first=True)
        self.fc = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h0 = torch.zeros(1, x.shape[0], 8)
        c0 = torch.zeros(1, x.shape[0], 8)
        out, _ = self.lstm(torch.relu(x), (h0, c0))
        return self.fc(out[:, -1])


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.side = nn.Conv2d(2, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(torch.relu(self.conv(x))) + self.side(x)).mean((2, 3))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication):  # type: ignore[no-untyped-def]
    program = Program(Path(tmp_path_factory.mktemp("strip")) / "settings", None)
    program.wait(lambda: program.window.isVisible())
    yield program
    program.opened.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _capture(model: nn.Module, *shape: int) -> Capture:
    return lenet_viz.capture(model, torch.randn(*shape), backward="random", seed=0)


@pytest.mark.parametrize(
    "made", [lambda: _capture(Recurrent(), 1, 5, 4), lambda: _capture(Residual(), 1, 2, 8, 8)]
)
def test_a_side_branch_is_seen_whole_and_the_main_lane_stays_high(program: Program, made) -> None:  # type: ignore[no-untyped-def]
    program.finish()
    program.session.open_capture(made(), "run")
    program.pause(0.15)
    area = program.child("strip_scroll", QScrollArea)
    assert isinstance(area, QScrollArea)
    assert area.verticalScrollBar().maximum() == 0
    cards = program.window.strip.cards
    assert cards.height() <= area.viewport().height()
    heights = {round(cards.layout_.rect(at).height()) for at in range(len(program.state.cards))}
    assert len(heights) == 2
    assert max(heights) == 174, "as high as in a run without branches"


def test_where_the_window_has_less_room_the_cards_are_lower(program: Program) -> None:
    program.finish()
    program.session.open_capture(_capture(Residual(), 1, 2, 8, 8), "run")
    program.pause(0.1)
    dock = program.window.docks["strip"]
    area = program.child("strip_scroll", QScrollArea)
    assert isinstance(area, QScrollArea)
    whole = dock.height()
    try:
        program.window.resizeDocks([dock], [whole - 40], Qt.Orientation.Vertical)
        program.pause(0.1)
        assert dock.height() < whole
        assert area.verticalScrollBar().maximum() == 0
        tops = [program.window.strip.cards.layout_.rect(at).bottom() for at in range(6)]
        assert max(tops) <= area.viewport().height()
    finally:
        program.window.resizeDocks([dock], [whole], Qt.Orientation.Vertical)
        program.pause(0.05)
