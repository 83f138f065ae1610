import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from lenet_viz.capture.arrays import MemoryArrays
from lenet_viz.capture.records import GradientState, Parameter
from lenet_viz.panels import step_words
from lenet_viz.panels.parameter_block import ParameterBlock, picture_of_parameter
from lenet_viz.panels.picture_view import PictureView
from tests.panels.pixels import move, painted, press
from tests.panels.runs import Stock
from tests.panels.small_captures import ramp


@pytest.fixture
def block(qtbot: QtBot) -> ParameterBlock:
    made = ParameterBlock(0)
    qtbot.addWidget(made)
    made.resize(330, 500)
    made.show()
    return made


def _parameter(stock: Stock, name: str, which: str = "backward") -> Parameter:
    state = getattr(stock, which)()
    parameter = state.capture.parameters[name]
    assert isinstance(parameter, Parameter)
    return parameter


def _text(block: ParameterBlock, name: str) -> str:
    label = block.findChild(QLabel, f"step_parameter_0_{name}")
    assert label is not None
    return label.text()


def _view(block: ParameterBlock, name: str) -> PictureView:
    view = block.findChild(PictureView, f"step_parameter_0_{name}")
    assert view is not None
    return view


def _place(view: PictureView, index: tuple[int, ...]) -> QPointF:
    for y in range(view.height()):
        for x in range(view.width()):
            at = QPointF(x + 0.5, y + 0.5)
            if view.index_at(at) == index:
                return at
    raise AssertionError(f"{index} is not shown")


@pytest.mark.parametrize(
    ("shape", "rows", "columns"),
    [((6, 1, 3, 3), 6, 1), ((16, 6, 3, 3), 16, 6), ((4, 2, 5), 4, 2), ((64, 3, 1, 1), 64, 3)],
)
def test_kernels_stand_as_out_times_in(shape: tuple[int, ...], rows: int, columns: int) -> None:
    mosaic = picture_of_parameter(ramp(*shape)).mosaic
    assert (mosaic.rows, mosaic.columns) == (rows, columns)


def test_a_weight_matrix_is_one_tile_of_out_rows() -> None:
    mosaic = picture_of_parameter(ramp(84, 120)).mosaic
    assert (mosaic.height, mosaic.width) == (84, 120)


def test_a_single_number_is_a_picture_too() -> None:
    picture = picture_of_parameter(np.float32(2).reshape(()))
    assert picture.values.shape == (1,)


@pytest.mark.parametrize("name", ["conv2.weight", "fc3.weight", "conv1.bias"])
def test_the_pointer_reads_value_and_gradient(
    block: ParameterBlock, stock: Stock, name: str
) -> None:
    parameter = _parameter(stock, name)
    block.show_parameter(parameter, 1, faded=False)
    index = tuple(size - 1 for size in parameter.shape)
    for side in ("picture", "grad"):
        view = _view(block, side)
        move(view, _place(view, index))
        where = ", ".join(map(str, index))
        lines = _text(block, "reading").splitlines()
        found = re.fullmatch(r"(\w+)\[(.*)\] = (\S+)", lines[0])
        assert found is not None
        assert found.groups()[:2] == (name.rpartition(".")[2], where)
        assert np.float32(found.group(3)) == parameter.value[index]
        gradient = re.fullmatch(r"\.grad\[(.*)\] = (\S+)", lines[1])
        assert gradient is not None
        assert gradient.group(1) == where
        assert parameter.grad is not None
        assert np.float32(gradient.group(2)) == parameter.grad[index]
        QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
        assert "mean" in _text(block, "reading")


def test_both_pictures_mark_the_number_that_is_pointed_at(
    block: ParameterBlock, stock: Stock
) -> None:
    block.show_parameter(_parameter(stock, "conv2.weight"), 1, faded=False)
    picture, grad = _view(block, "picture"), _view(block, "grad")
    before = painted(grad)
    move(picture, _place(picture, (3, 4, 1, 2)))
    assert (painted(grad) != before).any()
    QApplication.sendEvent(picture, QEvent(QEvent.Type.Leave))
    assert (painted(grad) == before).all()


def test_a_click_lists_the_numbers_around(block: ParameterBlock, stock: Stock) -> None:
    parameter = _parameter(stock, "conv2.weight")
    block.show_parameter(parameter, 1, faded=False)
    assert _text(block, "numbers").startswith("weight[0, 0]")
    view = _view(block, "picture")
    press(view, _place(view, (5, 2, 1, 1)))
    lines = _text(block, "numbers").splitlines()
    assert lines[0] == "weight[5, 2]"
    shown = np.array([[float(part) for part in line.split()] for line in lines[1:4]])
    np.testing.assert_allclose(shown, parameter.value[5, 2], atol=1e-5)
    assert lines[4] == "weight.grad[5, 2]"
    assert parameter.grad is not None
    shown = np.array([[float(part) for part in line.split()] for line in lines[5:8]])
    np.testing.assert_allclose(shown, parameter.grad[5, 2], rtol=1e-3, atol=1e-6)


def test_a_missing_gradient_is_a_sentence(block: ParameterBlock, stock: Stock) -> None:
    block.show_parameter(_parameter(stock, "conv2.weight", "forward"), 0, faded=False)
    assert _text(block, "grad_head") == "weight.grad is None"
    view = _view(block, "grad")
    assert view.index_at(QPointF(view.width() / 2, view.height() / 2)) is None
    assert "grad" not in _text(block, "numbers")
    picture = _view(block, "picture")
    move(picture, _place(picture, (0, 0, 0, 0)))
    assert "grad" not in _text(block, "reading")


def test_gradients_of_several_passes_are_said_to_be_a_sum(
    block: ParameterBlock, stock: Stock
) -> None:
    block.show_parameter(_parameter(stock, "conv1.weight"), 1, faded=False)
    assert _text(block, "grad_head") == "weight.grad"
    parameter = _parameter(stock, "conv1.weight", "accumulated")
    block.show_parameter(parameter, 3, faded=False)
    assert _text(block, "grad_head") == "weight.grad, sum of 3 passes"
    view = _view(block, "picture")
    move(view, _place(view, (2, 0, 1, 1)))
    line = _text(block, "reading").splitlines()[-1]
    before, this, after = (float(part) for part in re.findall(r"[-+][\d.e-]+", line))
    assert before + this == pytest.approx(after, abs=2e-6)
    assert parameter.grad is not None
    assert after == pytest.approx(float(parameter.grad[2, 0, 1, 1]), abs=1e-6)
    once = _parameter(stock, "conv1.weight").grad
    assert once is not None


def test_an_old_gradient_is_faded_and_the_weights_are_not(
    block: ParameterBlock, stock: Stock
) -> None:
    parameter = _parameter(stock, "conv2.weight")
    block.show_parameter(parameter, 1, faded=False)
    fresh = {side: painted(_view(block, side)) for side in ("picture", "grad")}
    block.show_parameter(parameter, 1, faded=True)
    assert (painted(_view(block, "picture")) == fresh["picture"]).all()
    assert (painted(_view(block, "grad")) != fresh["grad"]).any()


def test_a_wide_matrix_stands_above_its_gradient(block: ParameterBlock, stock: Stock) -> None:
    block.show_parameter(_parameter(stock, "fc1.weight"), 1, faded=False)
    QApplication.processEvents()
    picture, grad = _view(block, "picture"), _view(block, "grad")
    assert picture.geometry().bottom() < grad.geometry().top()
    block.show_parameter(_parameter(stock, "conv2.weight"), 1, faded=False)
    QApplication.processEvents()
    assert picture.geometry().right() < grad.geometry().left()


def test_the_block_is_never_wider_than_its_panel(block: ParameterBlock, stock: Stock) -> None:
    for name in ("conv2.weight", "fc1.weight", "fc3.bias"):
        block.show_parameter(_parameter(stock, name), 1, faded=False)
        QApplication.processEvents()
        assert block.minimumSizeHint().width() <= 330


def _own(value: np.ndarray, gradient: np.ndarray | None = None) -> Parameter:
    arrays = {"v": np.array(value)}
    if gradient is not None:
        arrays |= {"g": np.array(gradient)}
    present = GradientState.NO_BACKWARD if gradient is None else GradientState.PRESENT
    own = None if gradient is None else "g"
    return Parameter(
        "odd.weight",
        value.shape,
        str(value.dtype),
        True,
        present,
        "v",
        own,
        None,
        own,
        MemoryArrays(arrays),
    )


ODD = {
    "scalar": np.float32(1.5).reshape(()),
    "empty": np.zeros((0, 3), np.float32),
    "special": np.array([[np.nan, np.inf], [-np.inf, 1]], np.float32),
    "complex": np.array([1 + 2j, 3 - 4j], np.complex64),
    "half": np.ones((3, 3), np.float16) * 60000,
    "whole": np.arange(6).reshape(2, 3),
    "volume": ramp(2, 2, 3, 3, 3),
    "one": ramp(1),
    "wide": ramp(1, 5000),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("gradient", [False, True])
def test_odd_parameters_are_shown(block: ParameterBlock, name: str, gradient: bool) -> None:
    value = ODD[name]
    block.show_parameter(_own(value, value if gradient else None), 1, faded=gradient)
    QApplication.processEvents()
    painted(block)
    assert _text(block, "head")
    for side in ("picture", "grad"):
        view = _view(block, side)
        for x in range(2, view.width(), 11):
            move(view, QPointF(x, view.height() / 2))
            press(view, QPointF(x, view.height() / 2))


def test_another_parameter_forgets_the_number_that_was_chosen(
    block: ParameterBlock, stock: Stock
) -> None:
    block.show_parameter(_parameter(stock, "conv2.weight"), 1, faded=False)
    view = _view(block, "picture")
    press(view, _place(view, (5, 2, 1, 1)))
    block.show_parameter(_parameter(stock, "conv1.weight"), 1, faded=False)
    assert _text(block, "numbers").startswith("weight[0, 0]")
    smaller = replace(_own(ramp(2, 2)), name="conv1.weight")
    block.show_parameter(smaller, 1, faded=False)
    assert _text(block, "numbers")


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "index", "most", "name", "size"),
    [
        ((10,), (0,), 5, "[0:5]", (1, 5)),
        ((10,), (9,), 5, "[5:10]", (1, 5)),
        ((3,), (1,), 5, "[0:3]", (1, 3)),
        ((120, 84), (60, 40), 5, "[58:63, 38:43]", (5, 5)),
        ((16, 6, 3, 3), (4, 2, 1, 1), 5, "[4, 2]", (3, 3)),
        ((16, 6, 7, 7), (4, 2, 6, 0), 5, "[4, 2, 2:7, 0:5]", (5, 5)),
    ],
)
def test_a_window_is_named_as_python_slices_it(
    shape: tuple[int, ...], index: tuple[int, ...], most: int, name: str, size: tuple[int, int]
) -> None:
    array = ramp(*shape)
    shown, words = step_words.window(array, index, most)
    assert words == name
    assert shown.shape == size
    sliced = eval(f"array{words}", {"array": array})
    np.testing.assert_array_equal(shown.reshape(-1), np.asarray(sliced).reshape(-1))
    assert array[index] in shown


def test_numbers_stand_in_columns_with_equal_decimals() -> None:
    lines = step_words.grid_text(np.array([[0.5, -12.25], [100.0, 0.125]])).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert len({len(part.partition(".")[2]) for line in lines for part in line.split()}) == 1


def test_statistics_of_no_and_of_special_numbers(qapp: QApplication) -> None:
    assert step_words.statistics_words(np.zeros((0, 2))) == "no numbers"
    words = step_words.statistics_words(np.array([1.0, 2.0, 6.0], np.float16))
    assert step_words.statistics_words(np.array([np.inf, -np.inf])).count("inf") == 2
    assert words == "from +1.0 to +6.0, mean +3.0"
    for odd in ODD.values():
        assert step_words.statistics_words(odd)
