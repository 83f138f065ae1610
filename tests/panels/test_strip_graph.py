"""The strip of branched, nested, opaque and failed runs."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.capture.records import Capture
from lenet_viz.panels.card_layout import HEIGHT, NARROWEST, WIDEST, Layout
from lenet_viz.panels.card_row import CardRow
from lenet_viz.panels.strip import HEAD, SHARE, StripPanel
from lenet_viz.panels.strip_graph import StripGraph
from lenet_viz.panels.strip_marks import plus_rect, sheet_rect
from lenet_viz.panels.theme import Theme
from lenet_viz.session.first_folds import default_folded
from lenet_viz.session.outline import outline
from lenet_viz.session.state import State
from tests.panels.pixels import Heard, move, painted, press
from tests.panels.real_networks import real_runs
from tests.panels.runs import Stock, odd_captures, state_of

RUNS = real_runs()
NAMES = sorted(RUNS)


@pytest.fixture(scope="module")
def shown() -> Callable[..., State]:
    """States of the networks' runs, each made once."""
    made: dict[str, Capture] = {}

    def state(name: str, selected: str = "input", *folded: str) -> State:
        if name not in made:
            made[name] = RUNS[name]()
        found = state_of(made[name], selected)
        return replace(found, view=replace(found.view, folded=frozenset(folded)))

    return state


@pytest.fixture
def strip(qtbot: QtBot) -> StripPanel:
    made = StripPanel()
    qtbot.addWidget(made)
    made.resize(1264, 420)
    made.show()
    return made


def _show(strip: StripPanel, state: State) -> CardRow:
    strip.render_state(None, state)
    QApplication.processEvents()
    return strip.cards


def _rect(row: CardRow, card: str) -> QRectF:
    assert row.state is not None
    return row.layout_.rect(row.state.cards.index(card))


# -- where things stand ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [400, 1264, 1664])
@pytest.mark.parametrize("wraps", [False, True])
def test_nothing_lies_over_anything_else(
    name: str, width: int, wraps: bool, shown: Callable[..., State], strip: StripPanel
) -> None:
    row = strip.cards
    if wraps:
        strip.go_on_paper()
    strip.resize(width, 420)
    _show(strip, shown(name))
    rects = [row.layout_.rect(at) for at in range(len(row.state.cards))]  # type: ignore[union-attr]
    whole = QRectF(0, 0, row.layout_.total, row.layout_.height)
    assert all(whole.contains(rect) for rect in rects)
    assert all(NARROWEST - 1e-6 <= rect.width() <= WIDEST for rect in rects)
    bars = [bar.rect for bar in row.bars]
    assert all(whole.contains(bar) for bar in bars)
    for one, other in itertools.combinations([*rects, *bars], 2):
        assert not one.intersects(other)
    for at, rect in enumerate(rects):
        assert row.layout_.at(rect.center()) == at
        assert at in row.layout_.exposed(rect)
    if wraps:
        assert row.layout_.total <= row.parentWidget().width() + 1  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMES)
def test_every_edge_has_a_line_from_card_to_card(
    name: str, shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown(name))
    capture = row.state.capture  # type: ignore[union-attr]
    assert capture is not None
    found = outline(capture)
    if isinstance(row.layout_, Layout):
        assert all(card.parents == (at,) for at, card in enumerate(found.cards[1:-2]))
        return
    everything = QRectF(0, 0, row.layout_.total, row.layout_.height)
    lines = {(one, other): points for one, other, points in row.layout_.lines(everything)}
    steps = {step.name: step for step in capture.steps}
    wanted = {
        (found.place(capture.steps[parent].name), found.place(name))
        for name, step in steps.items()
        for parent in step.parents
    }
    assert wanted <= set(lines)
    for (source, target), points in lines.items():
        assert found.cards[target].parents.count(source) == 1
        assert points[0][0] == pytest.approx(row.layout_.rect(source).right())
        assert points[-1][0] == pytest.approx(row.layout_.rect(target).left())
        # Lines run beside cards, never over one.
        for (x, y), (x2, y2) in itertools.pairwise(points):
            part = QRectF(min(x, x2), min(y, y2), abs(x2 - x), abs(y2 - y))
            middle = part.adjusted(0.5, -0.1, -0.5, 0.1)
            for at in range(len(found.cards)):
                inner = row.layout_.rect(at).adjusted(1, 1, -1, -1)
                assert not (middle.width() > 0 and middle.intersects(inner))


def test_bars_stand_over_their_own_cards_alone(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("inception"))
    found = row.state.outline  # type: ignore[union-attr]
    assert found is not None
    places = {call.call: call.places for call in found.open_calls}
    named = {found.calls[bar.call].path: bar for bar in row.bars}
    # Four branches, of which two have blocks in them; the third row of bars is the last one.
    assert {"inception", "inception.branch1", "inception.branch3", "inception.pool"} <= set(named)
    for path, bar in named.items():
        own = [row.layout_.rect(at) for at in places[bar.call]]
        under = [
            at
            for at in range(len(found.cards))
            if row.layout_.spot(at).row == bar.row
            and bar.rect.left() <= row.layout_.rect(at).center().x() <= bar.rect.right()
        ]
        assert set(under) <= set(places[bar.call]), path
        assert bar.rect.left() == pytest.approx(min(rect.left() for rect in own))
        assert bar.rect.bottom() < min(rect.top() for rect in own)


def test_a_chain_looks_as_it_always_did(strip: StripPanel, stock: Stock) -> None:
    row = _show(strip, stock.backward())
    assert isinstance(row.layout_, Layout)
    assert row.layout_.above == 0
    assert row.bars == ()
    assert row.height() == HEIGHT
    assert all(not strip.findChild(QPushButton, f"strip_{n}_all").isVisible()  # type: ignore[union-attr]
               for n in ("fold", "unfold"))  # fmt: skip


@pytest.mark.parametrize("name", sorted(odd_captures()))
def test_odd_runs_are_drawn(name: str, strip: StripPanel) -> None:
    state = state_of(odd_captures()[name]())
    row = _show(strip, state)
    for card in state.cards:
        assert row.words(card)
    assert painted(row).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gradients", [False, True])
def test_every_card_can_be_selected_and_is_seen(
    name: str, gradients: bool, shown: Callable[..., State], strip: StripPanel
) -> None:
    state = shown(name)
    state = replace(state, view=replace(state.view, strip_gradients=gradients))
    row = _show(strip, state)
    area = strip.findChild(QScrollArea, "strip_scroll")
    assert area is not None
    for card in state.cards:
        old, state = state, replace(state, selected=card)
        strip.render_state(old, state)
        QApplication.processEvents()
        assert row.visibleRegion().contains(_rect(row, card).center().toPoint())
        assert row.ink(card).title.split(".")[-1] in row.accessibleDescription()


# -- folding -----------------------------------------------------------------------------------


def test_a_click_on_a_bar_folds_it(shown: Callable[..., State], strip: StripPanel) -> None:
    row = _show(strip, shown("shared"))
    heard = Heard(strip)
    for bar in row.bars:
        press(row, bar.rect.center())
        assert heard.take() == [("fold_requested", ("block",))]
    assert len(row.bars) == 3


def test_a_folded_card_unfolds_by_its_sign_or_a_double_click(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("shared", "input", "block"))
    heard = Heard(strip)
    rect = _rect(row, "add_2")
    press(row, plus_rect(sheet_rect(rect, 0)).center())
    assert heard.take() == [("unfold_requested", ("block",))]
    press(row, rect.center())
    assert heard.take() == [("card_chosen", ("add_2",))]
    _double(row, rect.center())
    assert heard.take() == [("unfold_requested", ("block",))]
    _double(row, _rect(row, "stem").center())
    assert heard.take() == [("card_chosen", ("stem",))]


def _double(row: CardRow, at: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    kind = QEvent.Type.MouseButtonDblClick
    QApplication.sendEvent(row, QMouseEvent(kind, at, row.mapToGlobal(at), left, left, none))


def test_the_buttons_are_there_where_they_do_something(
    shown: Callable[..., State], strip: StripPanel, qtbot: QtBot
) -> None:
    fold = strip.findChild(QPushButton, "strip_fold_all")
    unfold = strip.findChild(QPushButton, "strip_unfold_all")
    assert fold is not None
    assert unfold is not None
    heard = Heard(strip)
    for folded, buttons in (
        ((), (True, False)),
        (("features",), (True, True)),
        (("features", "features.0", "features.1", "classifier"), (False, True)),
    ):
        _show(strip, shown("nested chain", "input", *folded))
        assert (fold.isVisible(), unfold.isVisible()) == buttons
    qtbot.mouseClick(unfold, Qt.MouseButton.LeftButton)
    _show(strip, shown("nested chain"))
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert [name for name, _ in heard.take()] == ["unfold_all_requested", "fold_all_requested"]
    assert "(/)" in fold.toolTip()
    assert "(*)" in unfold.toolTip()


def test_a_step_in_a_fold_marks_the_folded_card(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("shared", "mean", "block"))
    rect = _rect(row, "add_2").toRect()
    before = painted(row)[rect.top() : rect.bottom(), rect.left() : rect.right()]
    row = _show(strip, shown("shared", "relu_2", "block"))
    after = painted(row)[rect.top() : rect.bottom(), rect.left() : rect.right()]
    assert (before != after).any()
    assert "block" in row.accessibleDescription()
    assert "call 2 of 3" in row.accessibleDescription()


def test_cards_below_a_bar_say_their_own_name(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("resnet"))
    assert row.ink("layer1.0.conv1").short == "conv1"
    assert row.ink("layer2.0.downsample.0").short == "downsample.0"
    assert row.ink("conv1").short == ""
    assert "layer1.0.conv1" in row.words("layer1.0.conv1")
    folded = _show(strip, shown("resnet", "input", "layer1.0"))
    ink = folded.ink("relu_3")
    assert (ink.title, ink.folded, ink.detail) == ("layer1.0", True, "BasicBlock · 7 steps")
    assert "relu_3" in folded.words("relu_3")


# -- what is special ---------------------------------------------------------------------------


def test_repeated_calls_are_counted_and_repeated_ops_are_not(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("shared"))
    assert row.ink("block.conv_2").detail == "Conv2d 3×3 · call 2 of 3"
    assert row.ink("relu_2").detail == "F.relu"
    row = _show(strip, shown("vit"))
    assert not any("call" in row.ink(card).detail for card in row.state.cards)  # type: ignore[union-attr]


def test_an_opaque_step_says_what_that_means(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("opaque"))
    assert row.ink("Double").opaque
    assert "could not be seen" in row.words("Double")
    assert not row.ink("conv").opaque
    rect = _rect(row, "Double")
    edge = painted(row)[int(rect.top()) + 2, int(rect.left()) + 8 : int(rect.right()) - 8, :3]
    assert len({tuple(color) for color in edge.tolist()}) > 1, "its edge is dashed"


@pytest.mark.parametrize(
    ("name", "card"), [("failed op", "fc1"), ("failed outside", "failed:here")]
)
def test_what_failed_is_framed_and_told(
    name: str, card: str, shown: Callable[..., State], strip: StripPanel, theme: Theme
) -> None:
    strip.set_theme(theme)
    state = shown(name, card)
    row = _show(strip, state)
    assert state.cards[-1] == card
    rect = _rect(row, card)
    x, y = int(rect.left()), int(rect.center().y())
    assert painted(row)[y, x + 1, :3].tolist() == list(theme.color("error").getRgb()[:3])
    words = row.words(card)
    assert "failed" in words
    reason = "cannot be multiplied" if name == "failed op" else "no labels were given"
    assert reason in words
    assert not any(row.ink(other).failed for other in state.cards[:-1])


# -- pointer, keys, room -----------------------------------------------------------------------


def test_up_and_down_change_the_lane(
    shown: Callable[..., State], strip: StripPanel, qtbot: QtBot
) -> None:
    state = shown("inception", "inception.branch3.0.conv")
    row = _show(strip, state)
    heard = Heard(strip)
    seen = []
    for _ in range(4):
        qtbot.keyClick(row, Qt.Key.Key_Down)
        chosen = heard.take()
        if chosen:
            seen.append(chosen[0][1][0])
            state = replace(state, selected=seen[-1])
            _show(strip, state)
    assert seen == ["inception.branch1.conv", "inception.branch5.0.conv", "inception.pool.0"]
    qtbot.keyClick(row, Qt.Key.Key_Up)
    assert heard.take() == [("card_chosen", ("inception.branch5.0.conv",))]


def test_the_cards_of_the_bar_below_the_pointer_stand_out(
    shown: Callable[..., State], strip: StripPanel
) -> None:
    row = _show(strip, shown("shared"))
    before = painted(row)
    move(row, row.bars[1].rect.center())
    assert row.cursor().shape() == Qt.CursorShape.PointingHandCursor
    after = painted(row)
    for card, changes in (("relu_2", True), ("relu", False), ("mean", False)):
        rect = _rect(row, card).toRect()
        part = (slice(rect.top(), rect.bottom()), slice(rect.left(), rect.right()))
        assert (before[part] != after[part]).any() == changes


def test_several_lanes_take_a_share_of_the_window_at_most(
    shown: Callable[..., State], qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    box = QVBoxLayout(window)
    panel = StripPanel()
    box.addWidget(panel)
    box.addStretch(1)
    window.resize(1300, 700)
    window.show()
    _show(panel, shown("inception"))
    area = panel.findChild(QScrollArea, "strip_scroll")
    assert area is not None
    assert area.height() <= 700 * SHARE - HEAD + 1
    assert area.verticalScrollBar().maximum() > 0
    window.resize(1300, 1700)
    QApplication.processEvents()
    QApplication.processEvents()
    assert area.maximumHeight() >= panel.cards.layout_.height
    assert area.verticalScrollBar().maximum() == 0


def test_cards_are_lower_where_that_saves_scrolling(shown: Callable[..., State]) -> None:
    found = outline(shown("two inputs").capture)  # type: ignore[arg-type]
    free, tight = StripGraph(found, 1264), StripGraph(found, 1264, 270)
    assert tight.height <= 270 < free.height
    assert tight.rect(0).height() < free.rect(0).height()


def test_a_long_run_begins_folded(shown: Callable[..., State], strip: StripPanel) -> None:
    state = shown("deep resnet")
    assert state.capture is not None
    state = replace(state, view=replace(state.view, folded=default_folded(state.capture)))
    row = _show(strip, state)
    assert len(state.cards) <= 40
    assert any(row.ink(card).folded for card in state.cards)
