from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.network import presets
from lenet_viz.panels.card_content import (
    BARS_LIMIT,
    detail_of_card,
    gradient_state_of,
    laid_out,
    layer_words,
    picture_of_card,
    sample,
    shape_words,
    target_vector,
    value_of,
)
from lenet_viz.panels.objective_words import objective_lines
from lenet_viz.session.state import State
from tests.panels.runs import Stock, odd_captures, state_of
from tests.panels.small_captures import ramp

pytestmark = pytest.mark.usefixtures("qapp")


def _capture(state: State) -> Capture:
    assert state.capture is not None
    return state.capture


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return powers / powers.sum()


# -- what is drawn -----------------------------------------------------------------------------


@pytest.mark.parametrize("preset", presets.NAMES)
@pytest.mark.parametrize("gradient", [False, True])
def test_a_card_draws_its_own_tensor(stock: Stock, preset: str, gradient: bool) -> None:
    capture = _capture(stock.backward(preset))
    for step in capture.steps:
        picture = picture_of_card(capture, step.name, gradient)
        assert picture is not None
        wanted = step.gradient if gradient else step.activation
        assert wanted is not None
        np.testing.assert_array_equal(picture.values, wanted[0])
        assert picture.mosaic.shape == wanted.shape[1:]
        assert picture.scale.high == pytest.approx(np.abs(wanted).max() or 1)


def test_the_input_is_grey_and_its_gradient_is_not(stock: Stock) -> None:
    capture = _capture(stock.backward())
    image, gradient = (picture_of_card(capture, "input", which) for which in (False, True))
    assert image is not None
    assert gradient is not None
    assert image.scale.kind == "grey"
    assert gradient.scale.kind == "signed"
    np.testing.assert_array_equal(image.values, capture.inputs[0][0])


def test_without_backward_there_is_nothing_to_draw(stock: Stock) -> None:
    capture = _capture(stock.forward())
    for card in ("input", *capture.steps.keys()):
        assert picture_of_card(capture, card, True) is None
        assert gradient_state_of(capture, card) is GradientState.NO_BACKWARD
    assert picture_of_card(capture, "loss", False) is None
    assert picture_of_card(capture, "target", False) is None


def test_a_flattened_vector_has_a_band_for_each_channel(stock: Stock) -> None:
    capture = _capture(stock.backward())
    picture = picture_of_card(capture, "view", False)
    assert picture is not None
    mosaic = picture.mosaic
    assert (mosaic.kind, mosaic.count, mosaic.tile_width * mosaic.tile_height) == ("bands", 16, 36)
    before = capture.steps["max_pool2d_2"].activation[0]
    for channel, row, column in ((0, 0, 0), (3, 2, 5), (15, 5, 5)):
        flat = channel * 36 + row * 6 + column
        assert picture.values[flat] == before[channel, row, column]
        y, x = mosaic.cell_of((flat,))
        assert mosaic.tile_at(y, x) == channel


@pytest.mark.parametrize("size", [1, 2, BARS_LIMIT, BARS_LIMIT + 1])
def test_short_vectors_are_written_out(size: int) -> None:
    assert laid_out(ramp(size)).bars is (size <= BARS_LIMIT)
    assert laid_out(ramp(size, 1)).bars is False


def test_only_the_first_sample_of_a_batch_is_drawn() -> None:
    capture = odd_captures()["batch of 3"]()
    picture = picture_of_card(capture, "conv", False)
    assert picture is not None
    np.testing.assert_array_equal(picture.values, capture.steps["conv"].activation[0])
    assert shape_words(state_of(capture), "conv").replace(" ", "") == "3,2,4,4"


def test_a_vector_without_a_batch_axis_is_drawn_whole() -> None:
    capture = odd_captures()["batch of 3"]()
    values = ramp(5)
    np.testing.assert_array_equal(sample(capture, values), values)
    np.testing.assert_array_equal(sample(capture, ramp(4, 5)), ramp(4, 5))
    assert sample(capture, ramp(0, 3)).shape == (0, 3)
    assert sample(capture, np.float32(3).reshape(())).shape == ()


def test_more_axes_than_a_map_has_become_more_tiles() -> None:
    values = ramp(2, 3, 4, 5)
    picture = laid_out(values)
    assert picture.mosaic.count == 6
    np.testing.assert_array_equal(picture.values, values.reshape(6, 4, 5))


def test_a_card_without_a_tensor_has_no_value(stock: Stock) -> None:
    capture = _capture(stock.backward())
    for card in ("target", "loss", "no such card"):
        assert value_of(capture, card) is None


# -- target and loss ---------------------------------------------------------------------------


def test_cross_entropy_compares_with_a_one_hot_row(stock: Stock) -> None:
    state = stock.backward()
    capture = _capture(state)
    target = target_vector(capture)
    np.testing.assert_array_equal(target, np.eye(10)[1])
    assert detail_of_card(state, "target") == ("class 1, one-hot", False)
    picture = picture_of_card(capture, "target", False)
    assert picture is not None
    assert picture.bars


def test_upstream_of_cross_entropy_is_softmax_minus_one_hot(stock: Stock) -> None:
    state = stock.backward()
    capture = _capture(state)
    logits = capture.steps["fc3"].activation[0]
    wanted = softmax(logits) - np.eye(10)[1]
    picture = picture_of_card(capture, "loss", False)
    assert picture is not None
    np.testing.assert_allclose(picture.values, wanted, atol=1e-6)
    title, lines, note = objective_lines(capture, "loss")
    shown = [float(row.split()[1]) for row in lines.splitlines()]
    np.testing.assert_allclose(shown, wanted, atol=1e-6)
    assert [int(row.split()[0]) for row in lines.splitlines()] == list(range(10))
    loss = -np.log(softmax(logits)[1])
    assert float(title.rpartition("=")[2]) == pytest.approx(loss, rel=1e-5)
    assert float(shape_words(state, "loss")) == pytest.approx(loss, abs=5e-5)
    assert "softmax - onehot" in note
    assert "NllLossBackward0" in note
    assert note.index("NllLossBackward0") < note.index("AddmmBackward0"), "from the end back"


def test_upstream_of_mse_is_twice_the_difference_over_n(stock: Stock) -> None:
    state = stock.backward("notebook", "mse")
    capture = _capture(state)
    out = capture.steps["fc3"].activation[0].astype(np.float64)
    target = target_vector(capture)
    assert target is not None
    assert capture.objective is not None
    np.testing.assert_allclose(
        sample(capture, capture.objective.upstream), 2 * (out - target) / 10, atol=1e-6
    )
    assert float(shape_words(state, "loss")) == pytest.approx(
        ((out - target) ** 2).mean(), abs=5e-5
    )
    assert detail_of_card(state, "target") == ("random target", False)


@pytest.mark.parametrize(
    ("kind", "word"), [("random", "none: v is random"), ("output", "none: output 1")]
)
def test_a_vector_v_has_no_target_and_no_loss(stock: Stock, kind: str, word: str) -> None:
    state = stock.backward("notebook", kind)
    capture = _capture(state)
    assert target_vector(capture) is None
    assert picture_of_card(capture, "target", False) is None
    assert detail_of_card(state, "target")[0] == word
    _, lines, note = objective_lines(capture, "target")
    assert lines == ""
    assert "no target" in note
    assert objective_lines(capture, "loss")[1]


def test_the_vector_of_one_output_is_one_hot(stock: Stock) -> None:
    capture = _capture(stock.backward("notebook", "output"))
    _, lines, _ = objective_lines(capture, "loss")
    shown = [float(row.split()[1]) for row in lines.splitlines()]
    assert shown == np.eye(10)[1].tolist()


def test_before_backward_target_and_loss_say_what_to_press(stock: Stock) -> None:
    state = stock.forward()
    capture = _capture(state)
    for card in ("target", "loss"):
        title, lines, note = objective_lines(capture, card)
        assert title == "no backward yet"
        assert lines == ""
        assert "F6" in note
        assert detail_of_card(state, card) == ("no backward yet", False)
    assert not any(letter.isdigit() for letter in shape_words(state, "loss"))


def test_a_long_vector_is_cut_with_dots() -> None:
    capture = odd_captures()["512 channels"]()
    _, lines, _ = objective_lines(capture, "loss")
    rows = lines.splitlines()
    assert len(rows) == 33
    assert rows[-1].strip() == "…"


# -- words -------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return text.replace(" ", "")


@pytest.mark.parametrize("preset", presets.NAMES)
def test_chips_say_torchs_shapes(stock: Stock, preset: str) -> None:
    state = stock.backward(preset)
    capture = _capture(state)
    for step in capture.steps:
        assert _plain(shape_words(state, step.name)) == ",".join(map(str, step.activation.shape))
    assert _plain(shape_words(state, "input")) == ",".join(map(str, capture.inputs[0].shape))
    before = replace(state, run=None)
    assert _plain(shape_words(before, "input")) == _plain(shape_words(state, "input"))


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("conv1", ("Conv2d 3×3", False)),
        ("max_pool2d", ("2×2", False)),
        ("max_pool2d_2", ("drops row, col 12", True)),
        ("view", ("16 bands of 36", False)),
        ("fc1", ("Linear", False)),
        ("relu", ("F.relu", False)),
        ("input", ("8×8 scan, enlarged", False)),
    ],
)
def test_the_second_line_of_the_notebooks_cards(
    stock: Stock, card: str, words: tuple[str, bool]
) -> None:
    assert detail_of_card(stock.backward(), card) == words


def test_nothing_is_dropped_in_the_tutorials_newer_network(stock: Stock) -> None:
    state = stock.backward("tutorial")
    assert not any(detail_of_card(state, card)[1] for card in state.cards)


def test_a_failed_step_and_an_opaque_one_are_warnings(stock: Stock) -> None:
    from lenet_viz.capture.named import Named
    from lenet_viz.wording import message

    state = stock.backward()
    capture = _capture(state)
    steps = list(capture.steps)

    def shown(**other: Any) -> tuple[str, bool]:
        changed = [replace(steps[0], **other), *steps[1:]]
        assert state.run is not None
        run = replace(state.run, capture=replace(capture, steps=Named(changed)))
        return detail_of_card(replace(state, run=run), "conv1")

    assert shown(error=message("T", "broke")) == ("failed", True)
    assert shown(opaque=True) == ("opaque", True)


def test_a_shared_module_says_which_call_it_is() -> None:
    capture = odd_captures()["branching"]()
    names = [step.name for step in capture.steps if step.op == "conv2d"]
    assert names == ["conv", "conv_2"]
    for number, name in enumerate(names, start=1):
        step = capture.steps[name]
        assert (step.call, step.calls) == (number, 2)
        assert layer_words(capture, step)


@pytest.mark.parametrize("name", odd_captures())
def test_odd_runs_have_words_and_layouts(name: str) -> None:
    capture = odd_captures()[name]()
    state = state_of(capture, backward=capture.objective is not None)
    for card in state.cards:
        text, warning = detail_of_card(state, card)
        assert isinstance(text, str)
        assert isinstance(warning, bool)
        shape_words(state, card)
        for gradient in (False, True):
            picture = picture_of_card(capture, card, gradient)
            if picture is not None:
                assert picture.mosaic.shape == picture.values.shape
