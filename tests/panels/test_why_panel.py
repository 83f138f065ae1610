"""The Why panel: what it says of a number, what unfolds, what can be clicked and copied."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

import lenet_viz
from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.terms import Explanation
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.panels.why_items import Grid, Text
from lenet_viz.panels.why_panel import WhyPanel
from lenet_viz.session.asking import Asking
from lenet_viz.session.state import State
from tests.panels.runs import odd_captures, state_of


@pytest.fixture(scope="module")
def run() -> Capture:
    return lenet_viz.capture("notebook", backward="cross-entropy:7", seed=0)


@pytest.fixture
def panel(qtbot: QtBot) -> WhyPanel:
    made = WhyPanel()
    qtbot.addWidget(made)
    made.resize(460, 700)
    made.set_theme(LIGHT)
    made.show()
    return made


def at(name: str, *index: int, side: Side = Side.ACTIVATION) -> Address:
    return Address(Place.STEP, name, side=side, index=index)


def asking(capture: Capture, address: Address | None) -> State:
    return replace(state_of(capture), asking=Asking(address))


def show(panel: WhyPanel, capture: Capture, address: Address | None) -> State:
    state = asking(capture, address)
    panel.render_state(panel.state, state)
    panel.grab()
    return state


def texts(panel: WhyPanel) -> list[str]:
    layout = panel.board._layout
    return [] if layout is None else [i.text for i in layout.items if isinstance(i, Text)]


def test_nothing_is_asked_at_first(panel: WhyPanel, run: Capture) -> None:
    show(panel, run, None)
    hint = panel.findChild(QLabel, "why_hint")
    assert hint is not None
    assert hint.isVisible()
    assert "Click any value" in hint.text()
    assert panel.answer is None
    assert not panel.board.hits


def test_a_convolution_is_its_channels_and_its_bias(panel: WhyPanel, run: Capture) -> None:
    show(panel, run, at("conv2", 0, 3, 4, 5))
    words = texts(panel)
    assert "6 channel sums + bias = -0.33478" in words
    assert [f"input channel {n}" for n in range(6)] == [w for w in words if "input ch" in w]
    shown = [
        float(w) for w in words if w[:1] in "+-0" and w.lstrip("+-").replace(".", "").isdigit()
    ]
    assert len(shown) == 8
    # As shown: six sums and the bias make the sum, to the last digit.
    assert round(sum(shown[:-1]), 9) == shown[-1]
    assert panel._subtitle.text() == "conv2 [channel 3, row 4, column 5]"
    assert any("equal but for rounding" in word for word in words)


def click(panel: WhyPanel, point: QPointF) -> None:
    QTest.mouseClick(
        panel.board, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, point.toTuple()))
    )


def test_a_row_unfolds_and_its_cells_lead_on(panel: WhyPanel, run: Capture, qtbot: QtBot) -> None:
    show(panel, run, at("conv2", 0, 3, 4, 5))
    before = panel.board.sizeHint().height()
    row = next(
        i for i in panel.board._layout.items if isinstance(i, Text) and i.text == "input channel 5"
    )
    click(panel, row.rect.center())
    assert panel.board.look.open == {5}
    assert panel.board.sizeHint().height() > before
    grids = [i for i in panel.board._layout.items if isinstance(i, Grid)]
    weight, pool = run.parameters["conv2.weight"].value, run.steps["max_pool2d"].activation
    patch = pool[0, 5, 4:7, 5:8].astype(np.float64)
    np.testing.assert_array_equal(grids[0].values, patch)
    np.testing.assert_array_equal(grids[1].values, weight[3, 5].astype(np.float64))
    np.testing.assert_array_equal(grids[2].values, patch * weight[3, 5].astype(np.float64))
    cell = grids[0].rect
    place = QPointF(cell.left() + cell.width() * 5 / 6, cell.top() + cell.height() / 6)
    with qtbot.waitSignal(panel.asked_requested) as asked:
        click(panel, place)
    assert asked.args == [at("max_pool2d", 0, 5, 4, 7)]
    click(panel, row.rect.center())
    assert panel.board.look.open == set()


def test_the_keys_reach_everything(panel: WhyPanel, run: Capture, qtbot: QtBot) -> None:
    show(panel, run, at("fc1", 0, 7))
    panel.board.setFocus()
    hits = panel.board.hits
    assert len(hits) >= 17  # eight terms of two numbers each, the bias
    number = next(n for n, hit in enumerate(hits) if hit.address is not None)
    for _ in range(number + 1):
        QTest.keyClick(panel.board, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.asked_requested) as asked:
        QTest.keyClick(panel.board, Qt.Key.Key_Return)
    assert asked.args == [hits[number].address]


def test_forward_and_backward(panel: WhyPanel, run: Capture, qtbot: QtBot) -> None:
    show(panel, run, at("conv2", 0, 3, 4, 5))
    forward = panel.findChild(QPushButton, "why_activation")
    backward = panel.findChild(QPushButton, "why_gradient")
    assert forward is not None
    assert backward is not None
    assert forward.isChecked()
    with qtbot.waitSignal(panel.side_requested):
        backward.click()
    assert forward.isChecked()  # until the state says otherwise
    with qtbot.assertNotEmitted(panel.side_requested):
        forward.click()
    show(panel, run, at("conv2", 0, 3, 4, 5, side=Side.GRADIENT))
    assert backward.isChecked()
    assert any("inactive" in word for word in texts(panel))  # the verdict stands on top
    order = [word for word in texts(panel) if "inactive" in word or "general" in word]
    assert "inactive" in order[0]


def test_back_and_forward_buttons(panel: WhyPanel, run: Capture, qtbot: QtBot) -> None:
    asked = Asking(at("fc3", 0, 1), (at("fc2", 0, 1),), ())
    panel.render_state(None, replace(state_of(run), asking=asked))
    back, forward = (panel.findChild(QToolButton, f"why_{n}") for n in ("back", "forward"))
    assert back is not None
    assert forward is not None
    assert back.isEnabled()
    assert not forward.isEnabled()
    with qtbot.waitSignal(panel.back_requested):
        back.click()


def test_copies_that_can_be_pasted(panel: WhyPanel, run: Capture) -> None:
    show(panel, run, at("conv2", 0, 3, 4, 5))
    menu = panel.copy.menu()
    assert menu is not None
    found = {}
    for action in menu.actions():
        action.trigger()
        found[action.objectName()] = QGuiApplication.clipboard().text()
    assert found["why_copy_text"].startswith("conv2[0, 3, 4, 5] = -0.334775")
    assert found["why_copy_markdown"].count("\n| ") == 9  # head, rule, six channels, the bias
    latex = found["why_copy_latex"]
    assert latex.startswith("\\begin{align*}")
    assert latex.count("{") == latex.count("}")
    assert "s_{0} + s_{1}" in latex


def test_every_address_of_every_odd_run_has_something_to_say(panel: WhyPanel) -> None:
    for name, make in odd_captures().items():
        capture = make()
        addresses = [
            Address(Place.STEP, step.name, output, index=tuple(size // 2 for size in value.shape))
            for step in list(capture.steps)[:12]
            for output, value in enumerate(step.outputs)
            if 0 not in value.shape
        ]
        addresses += [
            Address(Place.INPUT, str(n), index=tuple(size // 2 for size in value.shape))
            for n, value in enumerate(capture.input_values)
            if 0 not in value.shape
        ]
        addresses += [
            Address(Place.PARAMETER, p.name, index=tuple(size // 2 for size in p.shape))
            for p in capture.parameters
            if 0 not in p.shape
        ]
        for address in addresses:
            for side in Side:
                show(panel, capture, replace(address, side=side))
                assert panel.answer is not None, (name, address)
                assert texts(panel), (name, address)
                if isinstance(panel.answer, Explanation) and panel.answer.blocks:
                    for block in range(len(panel.answer.blocks[:3])):
                        panel.board.toggle(block)
                    panel.grab()


def test_it_is_as_high_as_its_answer(panel: WhyPanel, run: Capture) -> None:
    show(panel, run, at("conv2", 0, 3, 4, 5))
    for width in (200, 300, 500, 900):
        assert panel.board.heightForWidth(width) >= 200
        assert panel.paper_height(width) > panel.board.height_for(width - 28)
    panel.set_theme(DARK)
    panel.grab()


def test_many_channels_are_summed_up_until_they_are_wanted(panel: WhyPanel) -> None:
    import torch

    model = torch.nn.Conv2d(60, 2, 3)
    capture = lenet_viz.capture(model, torch.randn(1, 60, 5, 5))
    show(panel, capture, at(capture.steps[0].name, 0, 1, 1, 1))
    rows = [word for word in texts(panel) if word.startswith("input channel")]
    assert len(rows) < 20
    assert any("smaller ones" in word for word in texts(panel))
    panel.board.show_all_blocks()
    assert len([word for word in texts(panel) if word.startswith("input channel")]) == 60


def test_a_gradient_that_comes_back_two_ways_names_both(panel: WhyPanel) -> None:
    import torch

    class Residual(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(1, 2, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = x * 2
            return h + self.conv(h)

    capture = lenet_viz.capture(Residual(), torch.randn(1, 1, 4, 4), backward="random")
    show(panel, capture, at("mul", 0, 0, 1, 1, side=Side.GRADIENT))
    rows = " ".join(texts(panel))
    assert "output channel 0 of conv" in rows
    assert "add" in rows
    assert isinstance(panel.answer, Explanation)
    assert panel.answer.adds_up
