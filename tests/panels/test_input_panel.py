from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot
from torch import nn

import lenet_viz
from lenet_viz.display.colours import colourise
from lenet_viz.display.scale import Scale
from lenet_viz.engine.messages import InputRequest
from lenet_viz.panels.input_panel import InputPanel
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.structural import structural_mask
from lenet_viz.panels.theme import DARK
from lenet_viz.session.state import State
from tests.panels.pixels import Pixels, move, painted
from tests.panels.runs import Bench, Stock, odd_captures, state_of

Places = dict[tuple[int, ...], list[tuple[int, int]]]


@pytest.fixture
def panel(qtbot: QtBot) -> InputPanel:
    made = InputPanel()
    qtbot.addWidget(made)
    made.resize(440, 420)
    made.show()
    return made


def _show(panel: InputPanel, state: State) -> None:
    panel.render_state(None, state)
    QApplication.processEvents()


def _text(panel: InputPanel, name: str) -> str:
    label = panel.findChild(QLabel, f"input_{name}")
    assert label is not None
    return label.text()


def _view(panel: InputPanel, name: str) -> PictureView:
    view = panel.findChild(PictureView, f"input_{name}")
    assert view is not None
    return view


def _places(view: PictureView) -> Places:
    found: Places = {}
    for y in range(view.height()):
        for x in range(view.width()):
            index = view.index_at(QPointF(x + 0.5, y + 0.5))
            if index is not None:
                found.setdefault(index, []).append((y, x))
    return found


def _point(view: PictureView, index: tuple[int, ...]) -> None:
    for y in range(view.height()):
        for x in range(view.width()):
            if view.index_at(QPointF(x + 0.5, y + 0.5)) == index:
                move(view, QPointF(x + 0.5, y + 0.5))
                return
    raise AssertionError(f"{index} is not shown")


def _without_hatch(view: PictureView) -> Pixels:
    view.set_mask(None)
    return painted(view)


def test_input_and_gradient_are_drawn_pixel_by_pixel(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward("tutorial")
    _show(panel, state)
    assert state.capture is not None
    image, gradient = state.capture.inputs[0][0], state.capture.input_grads[0][0]
    for name, values, grey in (("picture", image, True), ("gradient", gradient, False)):
        view = _view(panel, name)
        shown = painted(view)
        wanted = colourise(values, Scale.of(values, grey=grey), "light")
        places = _places(view)
        assert len(places) == 32 * 32
        for index, at in places.items():
            for place in at:
                assert (shown[place] == wanted[index]).all(), (name, index)


def test_hatching_covers_exactly_what_cannot_matter(panel: InputPanel, stock: Stock) -> None:
    _show(panel, stock.backward())
    view = _view(panel, "gradient")
    hatched = painted(view)
    changed = (hatched != _without_hatch(view)).any(axis=-1)
    hit = np.zeros((32, 32), int)
    for index, places in _places(view).items():
        hit[index[-2:]] += sum(int(changed[place]) for place in places)
    assert hit.sum() == changed.sum()
    wanted = np.zeros((32, 32), bool)
    wanted[30:] = wanted[:, 30:] = True
    assert (hit[~wanted] == 0).all()
    assert (hit[30:].reshape(2, 32).sum(axis=0) > 0).mean() > 0.9
    assert (hit[:, 30:].sum(axis=1) > 0).mean() > 0.9
    image = _view(panel, "picture")
    assert (painted(image) == _without_hatch(image)).all(), "the input itself is not hatched"


def test_the_hatched_pixels_have_no_influence_in_fact(stock: Stock) -> None:
    capture = stock.backward().capture
    assert capture is not None
    gradient = capture.input_grads[0][0, 0]
    assert not gradient[30:].any()
    assert not gradient[:, 30:].any()
    assert gradient[:30, :30].any()


@pytest.mark.parametrize("preset", ["tutorial", "lenet5"])
def test_nothing_is_hatched_where_every_pixel_counts(
    panel: InputPanel, stock: Stock, preset: str
) -> None:
    state = stock.backward(preset)
    _show(panel, state)
    assert structural_mask(state.run) is None
    view = _view(panel, "gradient")
    assert (painted(view) == _without_hatch(view)).all()
    assert "nothing is dropped" in _text(panel, "sentence")


def test_the_sentence_names_the_step_that_drops(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state)
    words = _text(panel, "sentence")
    for part in ("124 of 1024", "12.1 %", "rows 30-31", "columns 30-31", "max_pool2d_2"):
        assert part in words
    mask = structural_mask(state.run)
    assert mask is not None
    assert mask.sum() == 124


def test_the_pointer_reads_both(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state)
    assert state.capture is not None
    image, gradient = state.capture.inputs[0][0], state.capture.input_grads[0][0]
    for name in ("picture", "gradient"):
        for index in ((0, 12, 17), (0, 3, 29), (0, 31, 0)):
            _point(_view(panel, name), index)
            first, second = _text(panel, "reading").splitlines()
            where, _, value = first.partition(" = ")
            assert where == f"input[0, {', '.join(map(str, index))}]", "as torch takes it"
            assert np.float32(value) == image[index]
            assert np.float32(second.split()[2]) == gradient[index]
        QApplication.sendEvent(_view(panel, name), QEvent(QEvent.Type.Leave))
        assert _text(panel, "reading") == "Point at a pixel to read it."


def test_a_zero_says_which_kind_it_is(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state)
    assert state.capture is not None
    view = _view(panel, "gradient")
    _point(view, (0, 31, 31))
    assert _text(panel, "reading").endswith("structurally zero")
    inner = state.capture.input_grads[0][0, 0, :30, :30]
    row, column = np.argwhere(inner != 0)[0]
    _point(view, (0, int(row), int(column)))
    assert "zero" not in _text(panel, "reading")


def test_a_zero_of_this_run_alone(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward("toy")
    _show(panel, state)
    assert state.capture is not None
    gradient = state.capture.input_grads[0][0, 0]
    mask = structural_mask(state.run)
    free = np.ones((6, 6), bool) if mask is None else ~mask
    row, column = np.argwhere((gradient == 0) & free)[0]
    _point(_view(panel, "picture"), (0, int(row), int(column)))
    assert _text(panel, "reading").endswith("zero in this run")


def test_both_pictures_mark_the_pixel(panel: InputPanel, stock: Stock) -> None:
    _show(panel, stock.backward())
    other = _view(panel, "gradient")
    before = painted(other)
    _point(_view(panel, "picture"), (0, 10, 10))
    assert (painted(other) != before).any()


def test_without_backward_the_gradient_is_a_sentence(panel: InputPanel, stock: Stock) -> None:
    state = stock.forward()
    _show(panel, state)
    view = _view(panel, "gradient")
    assert _places(view) == {}
    assert _text(panel, "gradient_range") == ""
    shown = painted(view)
    view.set_mask(np.ones((32, 32), bool))
    assert (painted(view) == shown).all(), "nothing is hatched where nothing is drawn"
    _point(_view(panel, "picture"), (0, 31, 31))
    assert "grad" not in _text(panel, "reading")


def test_before_the_first_run(panel: InputPanel, stock: Stock) -> None:
    _show(panel, replace(stock.backward(), run=None))
    assert _places(_view(panel, "picture")) == {}
    move(_view(panel, "picture"), QPointF(20, 20))
    assert _text(panel, "reading") == ""


def test_ranges_are_those_of_the_arrays(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state)
    assert state.capture is not None
    gradient = state.capture.input_grads[0]
    span, zeros = _text(panel, "gradient_range").split("\n")
    low, _, high = span.partition(" to ")
    assert float(low) == pytest.approx(gradient.min(), rel=0.02)
    assert float(high) == pytest.approx(gradient.max(), rel=0.02)
    assert int(zeros.split()[0]) == np.count_nonzero(gradient == 0)
    assert zeros.endswith("124 structural, 36 in this run")
    assert "grey" in _text(panel, "range")
    assert "digit 7" in _text(panel, "range")


def test_a_random_input_has_signs_and_is_not_grey(panel: InputPanel, bench: Bench) -> None:
    bench.session.choose_input(InputRequest("random", seed=5))
    state = bench.backward()
    _show(panel, state)
    assert "grey" not in _text(panel, "range")
    assert "seed 5" in _text(panel, "range")
    assert state.capture is not None
    values = state.capture.inputs[0][0]
    view = _view(panel, "picture")
    index = (0, 4, 9)
    shown = painted(view)[_places(view)[index][0]]
    assert (shown == colourise(values, Scale.of(values), "light")[index]).all()


def test_several_passes_are_headed_as_a_sum(panel: InputPanel, stock: Stock) -> None:
    _show(panel, stock.backward())
    assert _text(panel, "gradient_head") == "input.grad"
    state = stock.accumulated()
    _show(panel, state)
    assert "sum of 3 passes" in _text(panel, "gradient_head")
    assert state.capture is not None
    single = stock.backward("notebook").capture
    assert single is not None


def test_zero_grad_leaves_the_inputs_gradient(panel: InputPanel, bench: Bench) -> None:
    first = bench.backward()
    second = bench.backward()
    _show(panel, second)
    assert second.run is not None
    assert second.run.passes == 1
    assert "sum of 2 passes (zero_grad leaves it)" in _text(panel, "gradient_head")
    assert first.capture is not None
    assert second.capture is not None
    np.testing.assert_allclose(
        second.capture.input_grads[0], 2 * first.capture.input_grads[0], rtol=1e-6
    )


def test_what_is_old_is_faded_and_says_so(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state)
    fresh = {name: painted(_view(panel, name)) for name in ("picture", "gradient")}
    goal = replace(state.settings.objective, index=4)
    old = replace(state, settings=replace(state.settings, objective=goal))
    panel.render_state(state, old)
    assert (painted(_view(panel, "picture")) == fresh["picture"]).all()
    assert (painted(_view(panel, "gradient")) != fresh["gradient"]).any()
    assert "older" in panel.accessibleDescription()
    older = replace(state, settings=replace(state.settings, weights_seed=3))
    panel.render_state(old, older)
    assert (painted(_view(panel, "picture")) != fresh["picture"]).any()
    panel.render_state(older, state)
    for name in ("picture", "gradient"):
        assert (painted(_view(panel, name)) == fresh[name]).all()
    assert panel.accessibleDescription() == ""


def test_a_forward_pass_that_is_old_says_so_too(panel: InputPanel, stock: Stock) -> None:
    state = stock.forward()
    _show(panel, replace(state, settings=replace(state.settings, weights_seed=3)))
    assert "older" in panel.accessibleDescription()


def test_the_caption_says_what_is_hatched(panel: InputPanel, stock: Stock) -> None:
    _show(panel, stock.backward())
    assert "hatched: 124 structurally zero pixels" in panel.caption()
    _show(panel, stock.forward())
    assert "hatched" not in panel.caption(), "nothing is hatched without a gradient"
    _show(panel, stock.backward("tutorial"))
    assert "hatched" not in panel.caption()


def test_numbers_of_a_volume_are_read_with_all_their_axes(panel: InputPanel) -> None:
    made = odd_captures()["volume"]()
    _show(panel, state_of(made, backward=False))
    view = _view(panel, "picture")
    _point(view, (2, 3, 4))
    assert _text(panel, "reading").startswith("input[0, 0, 2, 3, 4] = ")
    value = _text(panel, "reading").rpartition(" = ")[2]
    assert np.float32(value) == made.inputs[0][0, 0, 2, 3, 4]


def test_the_sentence_on_hatching_waits_for_something_hatched(
    panel: InputPanel, stock: Stock
) -> None:
    _show(panel, stock.forward())
    assert "Hatched" not in _text(panel, "sentence")


def test_a_theme_reaches_the_zeros(panel: InputPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state)
    panel.set_theme(DARK)
    view = _view(panel, "gradient")
    view.set_mask(None)
    shown = painted(view)
    assert state.capture is not None
    values = state.capture.input_grads[0][0]
    wanted = colourise(values, Scale.of(values), "dark")[0, 31, 31]
    assert (shown[_places(view)[0, 31, 31][0]] == wanted).all()


@pytest.mark.parametrize("name", odd_captures())
def test_odd_inputs_can_be_read(panel: InputPanel, name: str) -> None:
    made = odd_captures()[name]()
    _show(panel, state_of(made, backward=made.objective is not None))
    for view in (_view(panel, "picture"), _view(panel, "gradient")):
        for x in range(1, view.width(), 9):
            for y in range(1, view.height(), 29):
                move(view, QPointF(x, y))
                assert _text(panel, "reading")
    assert "inf" not in _text(panel, "range").lower() or "no finite" in _text(panel, "range")


# -- several inputs ----------------------------------------------------------------------------


class _Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image, self.table = nn.Conv2d(1, 2, 3), nn.Linear(5, 3)

    def forward(
        self, image: torch.Tensor, features: torch.Tensor, ids: torch.Tensor
    ) -> torch.Tensor:
        return self.image(image).mean((2, 3)).sum(1) + self.table(features).sum(1) + ids.sum(1)


@pytest.fixture
def several() -> State:
    inputs = (
        torch.rand(1, 1, 6, 6, requires_grad=True),
        torch.randn(1, 5, requires_grad=True),
        torch.tensor([[3, 845, 0]]),
    )
    made = lenet_viz.capture(_Two(), *inputs, backward=torch.ones(1), seed=0)
    return state_of(made)


def _choose(panel: InputPanel, number: int) -> None:
    panel.choice.setCurrentIndex(number)
    panel.choice.activated.emit(number)
    QApplication.processEvents()


def test_one_of_several_inputs_is_chosen(panel: InputPanel, several: State) -> None:
    _show(panel, several)
    capture = several.capture
    assert capture is not None
    box = panel.findChild(QComboBox, "input_choice")
    assert box is not None
    assert box.isVisible()
    words = [box.itemText(at) for at in range(box.count())]
    assert words == ["image  (1, 1, 6, 6)", "features  (1, 5)", "ids  (1, 3)"]
    assert _text(panel, "head") == "image"
    _choose(panel, 1)
    assert _text(panel, "head") == "features"
    assert _view(panel, "picture").height() <= 168, "a vector leaves room for other panels"
    assert _text(panel, "gradient_head") == "features.grad"
    _point(_view(panel, "picture"), (3,))
    value, grad = capture.inputs[1][0, 3], capture.input_grads[1][0, 3]  # type: ignore[index]
    reading = _text(panel, "reading")
    assert reading.startswith("features[0, 3] = ")
    shown = [float(line.split(" = ")[1].split()[0]) for line in reading.splitlines()]
    assert shown == [pytest.approx(value, abs=1e-6), pytest.approx(grad, abs=1e-6)]
    _choose(panel, 2)
    assert "0 to 845\n1 exact zeros" in _text(panel, "range"), "whole numbers stay whole"
    assert "one of 3 inputs" in _text(panel, "range")


def test_it_follows_the_selected_input_and_stays_otherwise(
    panel: InputPanel, several: State
) -> None:
    _show(panel, several)
    second = replace(several, selected="input:1")
    panel.render_state(several, second)
    assert (panel.number, panel.choice.currentIndex()) == (1, 1)
    other = replace(several, selected="table")
    panel.render_state(second, other)
    assert panel.number == 1, "a step is no input"
    _choose(panel, 2)
    panel.set_theme(DARK)
    assert panel.number == 2, "a theme changes nothing"
    panel.render_state(other, several)
    assert panel.number == 0


def test_a_run_with_fewer_inputs_has_no_choice(
    panel: InputPanel, several: State, stock: Stock
) -> None:
    _show(panel, replace(several, selected="input:2"))
    assert panel.number == 2
    one = stock.backward("tutorial")
    panel.render_state(several, one)
    assert panel.number == 0
    assert panel.choice.isHidden()
    assert _text(panel, "head") == "input"
    assert _text(panel, "gradient_head").startswith("input.grad")


def test_a_figure_shows_the_same_input(panel: InputPanel, several: State, qtbot: QtBot) -> None:
    _show(panel, several)
    _choose(panel, 1)
    paper = InputPanel()
    qtbot.addWidget(paper)
    paper.go_on_paper()
    paper.render_state(None, several)
    paper.take_look(panel)
    assert _text(paper, "head") == "features"
    assert paper.choice.isHidden()
    assert "input features" in paper.caption()
