import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.panels import card_ink, card_painting, card_row
from lenet_viz.panels.card_layout import GAP, HEIGHT, NARROWEST, WIDEST, layout_for
from lenet_viz.panels.card_row import CardRow
from lenet_viz.panels.cells import draw_cells
from lenet_viz.panels.strip import StripPanel
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.session.state import State
from tests.panels.pixels import Heard, move, painted, pixels, press
from tests.panels.runs import Stock, state_of


@pytest.fixture
def strip(qtbot: QtBot) -> StripPanel:
    made = StripPanel()
    qtbot.addWidget(made)
    made.resize(1264, 240)
    made.show()
    return made


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the cards painted so far."""
    titles: list[str] = []

    def note(painter, rect, ink, theme, look):  # type: ignore[no-untyped-def]
        titles.append(ink.title)
        card_painting.paint_card(painter, rect, ink, theme, look)

    monkeypatch.setattr(card_row, "paint_card", note)
    return titles


def _show(strip: StripPanel, state: State) -> CardRow:
    strip.render_state(None, state)
    QApplication.processEvents()
    return strip.cards


def _center(row: CardRow, card: str) -> QPointF:
    assert row.state is not None
    return row.layout_.rect(row.state.cards.index(card)).center()


# -- layout ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 15, 40, 1002])
@pytest.mark.parametrize("available", [200, 1264, 2500])
def test_cards_stand_side_by_side_within_their_limits(count: int, available: int) -> None:
    layout = layout_for(count, available)
    assert NARROWEST <= layout.width <= WIDEST
    for at in {0, count // 2, count - 1}:
        assert layout.at(layout.rect(at).center()) == at
        assert layout.at(layout.rect(at).topRight() + QPointF(GAP / 2, 5)) is None
    rects = [layout.rect(at) for at in range(count)]
    assert all(one.right() < other.left() for one, other in itertools.pairwise(rects))
    assert rects[-1].right() <= layout.total
    if layout.width > NARROWEST:
        assert layout.total <= available + 1
    assert layout.at(QPointF(-3, 20)) is None
    assert layout.at(QPointF(layout.total + 3, 20)) is None


def test_the_notebook_needs_no_scroll_bar_at_1280(strip: StripPanel, stock: Stock) -> None:
    _show(strip, stock.backward())
    area = strip.findChild(QScrollArea, "strip_scroll")
    assert area is not None
    assert area.horizontalScrollBar().maximum() == 0
    strip.resize(700, 240)
    QApplication.processEvents()
    assert area.horizontalScrollBar().maximum() > 0


def test_cards_are_as_high_as_the_room_they_have(strip: StripPanel, stock: Stock) -> None:
    row = _show(strip, stock.backward())
    assert row.layout_.rect(0).bottom() <= HEIGHT


# -- a thousand cards --------------------------------------------------------------------------


def test_of_a_thousand_cards_only_those_in_sight_are_painted(
    strip: StripPanel, thousand: Capture, drawn: list[str]
) -> None:
    row = _show(strip, state_of(thousand))
    assert len(row.state.cards) == 1003  # type: ignore[union-attr]
    assert row.layout_.width == NARROWEST
    visible = strip.width() / (NARROWEST + GAP)
    assert 10 < len(set(drawn)) <= visible + 4
    drawn.clear()
    area = strip.findChild(QScrollArea, "strip_scroll")
    assert area is not None
    bar = area.horizontalScrollBar()
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    assert drawn[-1] == "loss"
    assert len(set(drawn)) <= visible + 4


def test_a_card_is_prepared_once(
    strip: StripPanel, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    whole = card_ink.picture_of_card

    def note(capture, card, gradient):  # type: ignore[no-untyped-def]
        made.append(card)
        return whole(capture, card, gradient)

    monkeypatch.setattr(card_ink, "picture_of_card", note)
    state = stock.backward()
    _show(strip, state)
    assert sorted(made) == sorted(state.cards)
    made.clear()
    selected = replace(state, selected="fc1")
    strip.render_state(state, selected)
    QApplication.processEvents()
    painted(strip.cards)
    assert made == [], "to select a card makes no thumbnail anew"
    strip.render_state(selected, replace(selected, run=replace(selected.run)))
    QApplication.processEvents()
    assert sorted(made) == sorted(state.cards), "another run"


def test_the_selected_card_is_brought_into_sight(strip: StripPanel, thousand: Capture) -> None:
    state = state_of(thousand)
    row = _show(strip, state)
    for card in ("loss", "input", "tanh_500"):
        old, state = state, replace(state, selected=card)
        strip.render_state(old, state)
        QApplication.processEvents()
        assert row.visibleRegion().contains(_center(row, card).toPoint())


# -- pointer and keys --------------------------------------------------------------------------


def test_a_click_chooses_the_card_below_it(strip: StripPanel, stock: Stock) -> None:
    state = stock.backward()
    row = _show(strip, state)
    heard = Heard(strip)
    for card in state.cards:
        press(row, _center(row, card))
        assert heard.take() == [("card_chosen", (card,))]
    press(row, row.layout_.rect(0).topRight() + QPointF(GAP / 2, 20))
    assert heard.take() == []


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        (Qt.Key.Key_Left, -1, -1),
        (Qt.Key.Key_Right, 1, 1),
        (Qt.Key.Key_Home, -(10**9), -1002),
        (Qt.Key.Key_End, 1002, 10**9),
    ],
)
def test_keys_walk(
    strip: StripPanel, stock: Stock, qtbot: QtBot, key: Qt.Key, least: int, most: int
) -> None:
    row = _show(strip, stock.backward())
    heard = Heard(strip)
    qtbot.keyClick(row, key)
    ((name, (steps,)),) = heard.take()
    assert name == "walk_requested"
    assert least <= steps <= most
    qtbot.keyClick(row, Qt.Key.Key_X)
    assert heard.take() == []


def test_the_cards_are_reached_with_the_tab_key(strip: StripPanel) -> None:
    assert strip.cards.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize(
    ("name", "gradients"), [("strip_activations", False), ("strip_gradients", True)]
)
def test_the_switches(
    strip: StripPanel, stock: Stock, qtbot: QtBot, name: str, gradients: bool
) -> None:
    _show(strip, stock.backward())
    button = strip.findChild(QPushButton, name)
    assert button is not None
    heard = Heard(strip)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard.take() == [("gradients_requested", (gradients,))]


@pytest.mark.parametrize("gradients", [False, True])
def test_exactly_one_switch_is_on(
    strip: StripPanel, stock: Stock, gradients: bool, qtbot: QtBot
) -> None:
    state = stock.backward()
    new = replace(state, view=replace(state.view, strip_gradients=gradients))
    strip.render_state(None, new)
    on = {
        name: strip.findChild(QPushButton, f"strip_{name}") for name in ("activations", "gradients")
    }
    assert on["gradients"].isChecked() is gradients  # type: ignore[union-attr]
    assert on["activations"].isChecked() is not gradients  # type: ignore[union-attr]


def test_a_second_click_leaves_the_switch_that_is_on(
    strip: StripPanel, stock: Stock, qtbot: QtBot
) -> None:
    _show(strip, stock.backward())
    button = strip.findChild(QPushButton, "strip_activations")
    assert button is not None
    assert button.isChecked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.isChecked(), "activations are shown, and the switch says so"


# The offscreen platform has no window manager to raise a tool tip.
@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_a_tool_tip_says_the_whole_card(strip: StripPanel, stock: Stock, qtbot: QtBot) -> None:
    row = _show(strip, stock.backward())
    at = _center(row, "max_pool2d_2").toPoint()
    QApplication.sendEvent(row, QHelpEvent(QEvent.Type.ToolTip, at, row.mapToGlobal(at)))
    words = QToolTip.text()
    for part in ("max_pool2d_2", "drops row, col 12", "(1,16,6,6)", "←"):
        assert part in words.replace("1, 16, 6, 6", "1,16,6,6")
    gap = QPoint(int(row.layout_.rect(0).right() + GAP / 2) + 1, 20)
    QApplication.sendEvent(row, QHelpEvent(QEvent.Type.ToolTip, gap, row.mapToGlobal(gap)))
    qtbot.waitUntil(lambda: not QToolTip.isVisible(), timeout=2000)


def test_a_tool_tip_says_why_a_gradient_is_missing(strip: StripPanel, stock: Stock) -> None:
    state = stock.forward()
    row = _show(strip, replace(state, view=replace(state.view, strip_gradients=True)))
    assert "F6" in row.words("conv1")
    assert "not a zero" in row.words("conv1")
    row = _show(strip, stock.backward())
    assert "F6" not in row.words("conv1")


# -- what is painted ---------------------------------------------------------------------------


def _card(strip: StripPanel, card: str) -> np.ndarray:
    """The pixels of a card."""
    rect = strip.cards.layout_.rect(strip.cards.state.cards.index(card)).toRect()  # type: ignore[union-attr]
    shown = painted(strip.cards)
    return shown[rect.top() : rect.bottom(), rect.left() : rect.right(), :3]


def test_a_missing_gradient_is_never_drawn_as_zeros(strip: StripPanel, stock: Stock) -> None:
    state = stock.forward()
    row = _show(strip, replace(state, view=replace(state.view, strip_gradients=True)))
    for card in state.cards[:-2]:
        ink = row.ink(card)
        assert ink.missing is GradientState.NO_BACKWARD
        assert ink.picture is None
        assert ink.image is None
    from lenet_viz.display.colours import ZERO

    area = _card(strip, "conv1").reshape(-1, 3).tolist()
    assert list(ZERO["light"][:3]) not in area


def test_gradients_and_activations_differ(strip: StripPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(strip, state)
    first = _card(strip, "conv1")
    _show(strip, replace(state, view=replace(state.view, strip_gradients=True)))
    assert (_card(strip, "conv1") != first).any()
    assert strip.caption().count("gradients, each") == 1


def _fading(strip: StripPanel, card: str, state: State) -> float:
    """How much colour a card has: faded ones have less."""
    _show(strip, state)
    area = _card(strip, card).astype(int)
    return float((area.max(axis=-1) - area.min(axis=-1))[60:145].mean())


def test_cards_older_than_the_settings_are_faded(strip: StripPanel, stock: Stock) -> None:
    state = replace(stock.backward(), selected="target")
    objective = replace(state.settings.objective, index=5)
    other_goal = replace(state, settings=replace(state.settings, objective=objective))
    other_net = replace(state, settings=replace(state.settings, weights_seed=9))
    for card in ("conv1", "fc1"):
        fresh = _fading(strip, card, state)
        assert _fading(strip, card, other_goal) == fresh, "the activations are still right"
        assert _fading(strip, card, other_net) < 0.7 * fresh
        with_gradients = [
            replace(one, view=replace(one.view, strip_gradients=True))
            for one in (state, other_goal)
        ]
        fresh, old = (_fading(strip, card, one) for one in with_gradients)
        assert old < 0.7 * fresh
    assert _fading(strip, "loss", other_goal) < _fading(strip, "loss", state)


def test_the_selected_card_and_its_neighbours_stand_out(strip: StripPanel, stock: Stock) -> None:
    state = stock.backward()
    away = replace(state, selected="target")
    _show(strip, away)
    before = {card: _card(strip, card) for card in state.cards}
    _show(strip, replace(state, selected="conv2"))
    changed = {card for card in state.cards if (_card(strip, card) != before[card]).any()}
    assert {"conv2", "max_pool2d", "relu_2"} <= changed
    assert changed <= {"conv2", "max_pool2d", "relu_2", "target", "loss"}


def test_the_card_below_the_pointer_stands_out(strip: StripPanel, stock: Stock) -> None:
    row = _show(strip, stock.backward())
    before = _card(strip, "fc2")
    move(row, _center(row, "fc2"))
    assert (_card(strip, "fc2") != before).any()
    assert row.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QApplication.sendEvent(row, QEvent(QEvent.Type.Leave))
    assert (_card(strip, "fc2") == before).all()


def test_a_theme_reaches_the_thumbnails(strip: StripPanel, stock: Stock) -> None:
    """Exact zeros have a colour for each theme, so a thumbnail is made anew."""
    from lenet_viz.display.colours import ZERO

    _show(strip, stock.backward())
    strip.set_theme(DARK)
    QApplication.processEvents()
    relu = strip.cards.ink("relu").image
    assert relu is not None
    colours = {tuple(color) for color in pixels(relu).reshape(-1, 4).tolist()}
    assert ZERO["dark"] in colours
    assert ZERO["light"] not in colours
    strip.set_theme(LIGHT)


def test_the_head_counts_steps_and_parameters(strip: StripPanel, stock: Stock) -> None:
    _show(strip, stock.backward())
    words = strip.accessibleDescription()
    assert "12 steps" in words
    assert "81,194 parameters" in words
    loss = stock.backward().capture.objective.loss  # type: ignore[union-attr]
    assert f"loss {loss:.4f}" in words
    _show(strip, stock.forward())
    assert "loss" not in strip.accessibleDescription()
    _show(strip, replace(stock.forward(), run=None))
    assert "on its way" in strip.accessibleDescription()


# -- squares -----------------------------------------------------------------------------------


class Board(QWidget):
    """A chess board of cells that are 5.5 pixels wide."""

    def paintEvent(self, event: QPaintEvent) -> None:
        board = (np.indices((4, 4)).sum(axis=0) % 2 * 255).astype(np.uint8)
        image = QImage(board.tobytes(), 4, 4, 4, QImage.Format.Format_Grayscale8).copy()
        painter = QPainter(self)
        draw_cells(painter, QRectF(0, 0, 22, 22), image, fill=True)
        painter.end()


@pytest.mark.parametrize("ratio", [2, 4])
def test_cells_that_fill_whole_pixels_stay_sharp_in_a_finer_picture(
    ratio: int, qtbot: QtBot
) -> None:
    board = Board()
    qtbot.addWidget(board)
    board.resize(22, 22)
    shown = painted(board, ratio)[..., 0]
    assert set(np.unique(shown)) == {0, 255}
    wanted = np.kron(np.indices((4, 4)).sum(axis=0) % 2 * 255, np.ones((11, 11)))
    assert (shown == np.kron(wanted, np.ones((ratio // 2, ratio // 2)))).all()


def test_cells_that_do_not_are_equally_large(qtbot: QtBot) -> None:
    board = Board()
    qtbot.addWidget(board)
    board.resize(22, 22)
    shown = painted(board)[..., 0].astype(int)
    for at in range(4):
        middle = shown[2, round(5.5 * at + 2)]
        assert middle == (255 if at % 2 else 0)
    assert shown[:, :22].mean() == pytest.approx(127.5, abs=4)
