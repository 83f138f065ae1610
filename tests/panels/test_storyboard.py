from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture
from lenet_viz.panels import storyboard_map, storyboard_style, storyboard_tile
from lenet_viz.panels.storyboard import StoryboardChoice, StoryboardPanel
from lenet_viz.panels.storyboard_fit import LOWEST_MAP, NARROWEST
from lenet_viz.panels.storyboard_map import special_words
from lenet_viz.panels.storyboard_story import Story
from lenet_viz.panels.theme import Theme
from lenet_viz.session.state import Show, State
from tests.panels.runs import Stock, odd_captures, state_of

WIDTHS = [320, 642, 1600, 3000]


class Two(nn.Module):
    """Takes two inputs, the second one late."""

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return torch.relu(left * 2) + right


def _panel(qtbot: QtBot, state: State, size: tuple[int, int | None]) -> StoryboardPanel:
    made = StoryboardPanel()
    qtbot.addWidget(made)
    made.render_state(None, state)
    _resize(made, size)
    return made


def _resize(panel: StoryboardPanel, size: tuple[int, int | None]) -> None:
    width, height = size
    least = panel.body.totalMinimumHeightForWidth(width)
    panel.resize(width, max(least, height or panel.paper_height(width)))
    panel.show()
    QApplication.processEvents()


def _story(panel: StoryboardPanel) -> Story:
    assert panel.board.story is not None
    return panel.board.story


def _follows(story: Story) -> dict[str, set[str]]:
    """The tiles that each tile's lines come from."""
    layout = story.arrangement.wrapped(3)
    found: dict[str, set[str]] = {card: set() for card in story.cards}
    for route in layout.routes:
        found[story.cards[route.target]].add(story.cards[route.source])
    return found


def test_the_notebook_is_told_from_input_to_loss(qtbot: QtBot, stock: Stock) -> None:
    panel = _panel(qtbot, stock.backward(), (1600, 1000))
    story = _story(panel)
    assert story.cards[0] == "input"
    assert story.cards[-2:] == ("target", "loss")
    conv = story.scene(story.cards.index("conv1"))
    assert (conv.title, conv.detail) == ("conv1", "Conv2d 3×3")
    assert conv.parameters == "60 parameters"  # 6 kernels of 3 × 3 and 6 biases
    assert (conv.letters, conv.shape) == ("(N, C, H, W)", "(1, 6, 30, 30)")
    assert "self.conv1(x)" in conv.source
    pool = story.scene(story.cards.index("max_pool2d_2"))
    assert pool.warning
    assert "drops" in pool.detail
    follows = _follows(story)
    assert follows["relu"] == {"conv1"}
    assert follows["loss"] == {"fc3", "target"}
    assert follows["target"] == set()
    words = panel.accessibleDescription()
    assert "12 steps" in words
    assert "81,194" in words
    assert any("activations" in part for part in panel.caption_details())


def test_a_picture_holds_the_step_s_own_numbers(qtbot: QtBot, stock: Stock) -> None:
    state = stock.backward()
    assert state.capture is not None
    story = _story(_panel(qtbot, state, (900, None)))
    at = story.cards.index("conv2")
    for gradient in (False, True):
        picture = story.picture(at, gradient)
        step = state.capture.steps["conv2"]
        array = step.gradient if gradient else step.activation
        assert picture is not None
        assert array is not None
        assert np.array_equal(picture.values, array[0])
        assert picture.scale.high == pytest.approx(float(np.abs(array).max()))


def test_branches_join_where_the_run_joined_them(qtbot: QtBot) -> None:
    story = _story(_panel(qtbot, state_of(odd_captures()["branching"]()), (1000, 700)))
    follows = _follows(story)
    assert follows["conv"] == follows["conv_2"] == {"input"}
    assert follows["add"] == {"relu", "sigmoid"}
    assert follows["cat"] == {"add", "input"}
    lanes = dict(zip(story.cards, story.arrangement.lanes, strict=True))
    assert lanes["conv_2"] == lanes["sigmoid"] != lanes["conv"] == lanes["add"]


def test_each_input_has_a_tile_and_its_own_numbers(qtbot: QtBot) -> None:
    left, right = torch.rand(1, 3, requires_grad=True), torch.rand(1, 3)
    made = capture(Two(), left, right, backward="output:0", seed=0)
    story = _story(_panel(qtbot, state_of(made), (700, 500)))
    follows = _follows(story)
    assert follows["mul"] == {"input"}
    assert follows["add"] == {"relu", story.cards[1]}
    picture = story.picture(1, False)
    assert picture is not None
    assert np.array_equal(picture.values, right.numpy()[0])
    assert story.scene(1).title == made.input_names[1]


def test_chosen_inputs_are_all_inputs(qtbot: QtBot) -> None:
    run = state_of(capture(Two(), torch.ones(1, 3), torch.ones(1, 3)))
    panel = _panel(qtbot, run, (700, None))
    panel.set_choice(StoryboardChoice(("input", "add")))
    assert _story(panel).cards == ("input", "input:1", "add")


def test_a_tensor_without_a_batch_is_drawn_whole(qtbot: QtBot) -> None:
    class Matrix(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.arange(12.0).reshape(3, 4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ (self.weight * 2)

    story = _story(_panel(qtbot, state_of(capture(Matrix(), torch.ones(1, 3))), (700, None)))
    picture = story.picture(story.cards.index("mul"), False)
    assert picture is not None
    np.testing.assert_array_equal(picture.values, np.arange(12.0).reshape(3, 4) * 2)


def test_a_batch_says_which_sample_is_drawn(qtbot: QtBot) -> None:
    panel = _panel(qtbot, state_of(odd_captures()["batch of 3"]()), (700, 500))
    assert "sample 0 of 3" in panel.accessibleDescription()
    assert "sample 0 of 3" in panel.caption_details()


def test_what_is_not_finite_is_counted(qtbot: QtBot) -> None:
    story = _story(_panel(qtbot, state_of(odd_captures()["nan and inf"]()), (700, 500)))
    pictures = [story.picture(at, False) for at in range(len(story.cards))]
    words = [special_words(picture) for picture in pictures if picture is not None]
    assert any("2 NaN" in one for one in words)
    assert any("3 infinite" in one for one in words)


def test_chosen_steps_alone_are_joined_by_dashed_lines(qtbot: QtBot, stock: Stock) -> None:
    panel = _panel(qtbot, stock.backward(), (642, 971))
    panel.set_choice(StoryboardChoice(("conv1", "relu", "conv2", "loss", "no such step")))
    story = _story(panel)
    assert story.cards == ("conv1", "relu", "conv2", "loss")
    assert _follows(story) == {
        "conv1": set(),
        "relu": {"conv1"},
        "conv2": {"relu"},
        "loss": {"conv2"},
    }
    assert story.bridges == {(1, 2), (2, 3)}
    assert "3 of 12 steps" in panel.accessibleDescription()
    panel.set_choice(StoryboardChoice(("nothing",)))
    assert not panel.grab().isNull()


@pytest.mark.parametrize("show", [Show.GRADIENT, Show.BOTH])
def test_a_missing_gradient_is_a_sentence(
    qtbot: QtBot, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    painted: list[Any] = []

    def say(painter: QPainter, place: QRectF, texts: tuple[str, ...], *rest: object) -> None:
        said.append(texts[0])

    monkeypatch.setattr(storyboard_tile, "write_wrapped", say)
    monkeypatch.setattr(storyboard_tile, "paint_map", lambda *given: painted.append(given[2]))
    panel = _panel(
        qtbot, state_of(odd_captures()["without backward"](), backward=False), (700, 500)
    )
    panel.set_choice(StoryboardChoice(show=show))
    said.clear()
    painted.clear()
    panel.grab()
    assert "target" not in _story(panel).cards
    assert said == ["No gradient: this run had no backward pass."] * 2
    assert len(painted) == (2 if show is Show.BOTH else 0)


def test_before_the_first_run_it_says_so(qtbot: QtBot, bench: Any) -> None:
    panel = _panel(qtbot, bench.state, (500, 300))
    assert panel.board.fit() is None
    panel.render_state(bench.state, bench.forward())
    assert panel.board.fit() is not None


def test_another_panel_s_look_is_taken(qtbot: QtBot, stock: Stock) -> None:
    one = _panel(qtbot, stock.backward(), (700, 500))
    one.set_choice(StoryboardChoice(("conv1",), Show.BOTH))
    other = _panel(qtbot, stock.backward(), (700, 500))
    other.take_look(one)
    assert _story(other).cards == ("conv1",)


# -- everything has its place ------------------------------------------------------------------


def _checked_places(panel: StoryboardPanel) -> None:
    board = panel.board
    fit, story = board.fit(), _story(panel)
    assert fit is not None
    assert fit.tile[0] >= NARROWEST - 1e-6 or len(story.cards) == 1
    text = board.style_of(fit.tile[0]).text_height
    assert fit.tile[1] >= text + len(story.sides) * LOWEST_MAP - 1e-6
    for at in range(len(story.cards)):
        tile = fit.rect(at)
        assert tile.x >= -1e-6
        assert tile.y >= -1e-6
        assert tile.x + tile.width <= board.width() + 1e-6
        assert tile.y + tile.height <= board.height() + 1e-6


@pytest.mark.parametrize("show", list(Show))
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["branching", "512 channels", "no steps", "several outputs"])
def test_no_word_leaves_its_tile_or_meets_another(
    qtbot: QtBot, name: str, width: int, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[tuple[QRectF, str, QFont]] = []

    def note(painter: QPainter, place: QRectF, text: str, font: QFont, *rest: Any) -> None:
        storyboard_style.write(painter, place, text, font, *rest)
        if text and place.width() > 0:
            placed.append((QRectF(place), text, QFont(painter.font())))

    for module in (storyboard_tile, storyboard_map):
        monkeypatch.setattr(module, "write", note)
    panel = StoryboardPanel()
    qtbot.addWidget(panel)
    panel.set_choice(StoryboardChoice(show=show))
    panel.render_state(None, state_of(odd_captures()[name]()))
    for height in (None, 200, 2 * width):
        _resize(panel, (width, height))
        _checked_places(panel)
        placed.clear()
        panel.grab()
        fit = panel.board.fit()
        assert fit is not None
        for at in range(len(_story(panel).cards)):
            tile = fit.rect(at)
            whole = QRectF(tile.x, tile.y, tile.width, tile.height)
            own = [entry for entry in placed if whole.contains(entry[0].center())]
            assert own
            assert all(whole.contains(place) for place, _, _ in own)
            assert all(QFontMetricsF(font).height() <= place.height() + 1 for place, _, font in own)
            apart = [place.adjusted(0.01, 0.01, -0.01, -0.01) for place, _, _ in own]
            assert not any(one.intersects(two) for one, two in combinations(apart, 2))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_thousand_steps_have_a_place_each(qtbot: QtBot, thousand: Capture, width: int) -> None:
    panel = _panel(qtbot, state_of(thousand), (width, 400))
    _checked_places(panel)
    assert panel.height() > 400


def test_more_room_makes_larger_tiles(qtbot: QtBot, stock: Stock) -> None:
    panel = _panel(qtbot, stock.backward(), (1600, 1000))
    fit = panel.board.fit()
    assert fit is not None
    large = fit.tile
    # The tiles use most of the room that is there.
    rows, columns = fit.layout.rows, fit.layout.columns
    assert rows * columns * large[0] * large[1] > 0.6 * panel.board.width() * panel.board.height()
    _resize(panel, (800, 500))
    small = panel.board.fit()
    assert small is not None
    assert small.tile[0] < large[0]
    assert small.tile[1] < large[1]


# -- other devices -----------------------------------------------------------------------------


def test_both_themes_draw_and_differ(qtbot: QtBot, stock: Stock, theme: Theme) -> None:
    panel = _panel(qtbot, stock.backward(), (700, 700))
    before = panel.board.grab().toImage()
    panel.set_theme(theme)
    after = panel.board.grab().toImage()
    assert (before == after) is (theme.name == "light")


def test_as_svg_its_words_are_text(qtbot: QtBot, stock: Stock, tmp_path: Any) -> None:
    panel = _panel(qtbot, stock.backward(), (900, None))
    generator = QSvgGenerator()
    generator.setFileName(str(tmp_path / "board.svg"))
    generator.setSize(QSize(panel.width(), panel.height()))
    generator.setResolution(panel.logicalDpiX())
    panel.board.render(generator)
    written = (tmp_path / "board.svg").read_text(encoding="utf-8")
    for word in ("conv1", "(1, 6, 30, 30)", "Conv2d 3×3", "drops row, col 12"):
        assert f">{word}</text>" in written.replace(" \n", "")


def test_a_larger_scale_is_drawn_anew(qtbot: QtBot, stock: Stock) -> None:
    panel = _panel(qtbot, stock.backward(), (700, 700))
    large = QImage(panel.board.size() * 3, QImage.Format.Format_RGB32)
    large.setDevicePixelRatio(3)
    large.fill(0xFFFFFFFF)
    panel.board.render(large)
    once = panel.board.grab().toImage().scaled(large.size())
    assert large.size() == once.size()
    assert large.convertToFormat(once.format()) != once
