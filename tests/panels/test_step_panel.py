import re
from dataclasses import replace
from math import prod

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from lenet_viz.capture.named import Named
from lenet_viz.capture.records import Capture
from lenet_viz.network import presets
from lenet_viz.panels import step_words
from lenet_viz.panels.objective_board import ObjectiveBoard
from lenet_viz.panels.parameter_block import ParameterBlock
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.theme import DARK, LIGHT, code_font
from lenet_viz.session.state import State
from lenet_viz.wording import message
from tests.panels.pixels import painted
from tests.panels.runs import Stock, odd_captures, state_of

PARAMETERS = {
    "notebook": 81_194,
    "tutorial": 61_706,
    "lenet5": 61_706,
    "toy": 10 + 10,
    "mlp": 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10,
    "batchnorm": 52_162,
    "residual": 5_050,
    "allconv": 1_418,
    "autoencoder": 797,
}


@pytest.fixture
def panel(qtbot: QtBot) -> StepPanel:
    made = StepPanel()
    qtbot.addWidget(made)
    made.resize(320, 700)
    made.show()
    return made


def _show(panel: StepPanel, state: State, card: str) -> None:
    panel.render_state(None, replace(state, selected=card))
    QApplication.processEvents()


def _label(panel: StepPanel, name: str) -> QLabel:
    label = panel.findChild(QLabel, name)
    assert label is not None
    return label


def _text(panel: StepPanel, name: str) -> str:
    """What stands in a label, or nothing where it is hidden."""
    label = _label(panel, name)
    return label.text() if label.isVisibleTo(panel) else ""


def _capture(state: State) -> Capture:
    assert state.capture is not None
    return state.capture


def _number(text: str) -> int:
    return int(text.replace(",", ""))


# -- counts ------------------------------------------------------------------------------------


def test_a_kernels_count_is_written_as_arithmetic(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.backward(), "conv2")
    assert _text(panel, "step_counts").splitlines() == ["weight 16 × 6 × 3 × 3 = 864", "bias 16"]
    assert _text(panel, "step_total") == "total 864 + 16 = 880"


@pytest.mark.parametrize("preset", presets.NAMES)
def test_every_count_adds_up(panel: StepPanel, stock: Stock, preset: str) -> None:
    state = stock.backward(preset)
    capture = _capture(state)
    whole = 0
    for step in capture.steps:
        _show(panel, state, step.name)
        lines = _text(panel, "step_counts").splitlines()
        names = step.parameter_names()
        assert len(lines) == len(names)
        counts = []
        for line, name in zip(lines, names, strict=True):
            parameter = capture.parameters[name]
            short, _, rest = line.partition(" ")
            assert name.endswith(f".{short}")
            product, _, count = rest.rpartition(" = ") if "=" in rest else ("", "", rest)
            if product:
                factors = [_number(part) for part in product.split(" × ")]
                assert tuple(factors) == parameter.value.shape
                assert prod(factors) == _number(count)
            assert _number(count) == parameter.value.size
            counts.append(_number(count))
        if not counts:
            assert _text(panel, "step_total") == "No parameters: nothing here is learned."
            continue
        terms, _, total = _text(panel, "step_total").removeprefix("total ").rpartition(" = ")
        assert _number(total) == sum(counts)
        if terms:
            assert [_number(part) for part in terms.split(" + ")] == counts
        whole += _number(total)
    assert whole == PARAMETERS[preset]


def test_no_parameter_of_the_step_before_is_left(panel: StepPanel, stock: Stock) -> None:
    state = stock.backward()
    for card, blocks in (("conv2", 2), ("relu", 0), ("fc1", 2), ("input", 0), ("loss", 0)):
        _show(panel, state, card)
        shown = [one for one in panel.findChildren(ParameterBlock) if one.isVisibleTo(panel)]
        assert len(shown) == blocks, card
        assert bool(_text(panel, "step_counts")) is bool(blocks)
        assert bool(_text(panel, "step_total")) is (card not in {"input", "loss"})


# -- shapes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "letters", "before", "formula", "after"),
    [
        ("conv1", "N, C, H, W", "1, 1, 32, 32", "32 - 3 + 1 = 30", "1, 6, 30, 30"),
        ("conv2", "N, C, H, W", "1, 6, 15, 15", "15 - 3 + 1 = 13", "1, 16, 13, 13"),
        ("fc1", "", "1, 576", "", "1, 120"),
    ],
)
def test_a_shape_is_arithmetic(
    panel: StepPanel,
    stock: Stock,
    card: str,
    letters: str,
    before: str,
    formula: str,
    after: str,
) -> None:
    _show(panel, stock.backward(), card)
    if letters:
        assert _text(panel, "step_letters") == letters
    assert _text(panel, "step_in_shape") == before
    assert formula in _text(panel, "step_formula")
    assert _text(panel, "step_out_shape") == after


@pytest.mark.parametrize("preset", presets.NAMES)
def test_shapes_are_those_of_the_run(panel: StepPanel, stock: Stock, preset: str) -> None:
    state = stock.backward(preset)
    for step in _capture(state).steps:
        _show(panel, state, step.name)
        assert _text(panel, "step_out_shape") == ", ".join(map(str, step.activation.shape))
        letters = _text(panel, "step_letters")
        assert letters.count(",") + 1 == step.activation.ndim


def test_rounding_down_is_a_warning_with_what_is_dropped(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.backward(), "max_pool2d_2")
    words = _text(panel, "step_warning")
    assert "rounded down" in words
    assert "12" in words
    _show(panel, stock.backward(), "max_pool2d")
    assert _text(panel, "step_warning") == ""


def test_the_general_formula_is_shown_on_demand(
    panel: StepPanel, stock: Stock, qtbot: QtBot
) -> None:
    _show(panel, stock.backward(), "max_pool2d_2")
    button = panel.findChild(QPushButton, "step_general_formula")
    assert button is not None
    assert _text(panel, "step_general") == ""
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert re.search(r"13.*2.*6", _text(panel, "step_general"))
    _show(panel, stock.backward(), "conv2")
    assert "15" in _text(panel, "step_general"), "it stays open on the next step"
    _show(panel, stock.backward(), "relu")
    assert _text(panel, "step_general") == ""
    assert not button.isVisibleTo(panel)
    _show(panel, stock.backward(), "conv2")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert _text(panel, "step_general") == ""


# -- where it ran ------------------------------------------------------------------------------


def test_a_step_says_how_it_was_made_and_where(panel: StepPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state, "conv1")
    assert _text(panel, "step_call").startswith("nn.Conv2d(1, 6, kernel_size=(3, 3)")
    line = _capture(state).steps["conv1"].source_line
    assert line is not None
    assert line.text in _text(panel, "step_source")
    assert f"line {line.number}" in _text(panel, "step_source")
    _show(panel, state, "max_pool2d")
    assert _text(panel, "step_call").startswith("max_pool2d(kernel_size=")
    assert _text(panel, "step_title") == "max_pool2d"


def test_a_shared_module_says_which_call_it_is(panel: StepPanel) -> None:
    _show(panel, state_of(odd_captures()["branching"]()), "conv_2")
    assert "call 2 of 2" in _text(panel, "step_subtitle")


def test_a_failed_step_says_why(panel: StepPanel, stock: Stock) -> None:
    state = stock.backward()
    capture = _capture(state)
    first, *rest = capture.steps
    failed = replace(first, error=message("T", "It broke at {where}.", where="row 3"))
    assert state.run is not None
    run = replace(state.run, capture=replace(capture, steps=Named([failed, *rest])))
    _show(panel, replace(state, run=run), "conv1")
    assert _text(panel, "step_warning") == "It broke at row 3."
    nothing = replace(failed, outputs=())
    run = replace(state.run, capture=replace(capture, steps=Named([nothing, *rest])))
    _show(panel, replace(state, run=run), "conv1")
    assert _text(panel, "step_out_shape") == "-", "it gave nothing, not a number without axes"


# -- input, target, loss -----------------------------------------------------------------------


def test_before_the_first_run(panel: StepPanel, stock: Stock) -> None:
    _show(panel, replace(stock.backward(), run=None), "input")
    assert "on its way" in _text(panel, "step_note")
    assert _text(panel, "step_out_shape") == ""
    assert _text(panel, "step_shape_title") == ""


def test_the_input_card(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.backward(), "input")
    assert _text(panel, "step_title") == "input"
    assert "digit 7" in _text(panel, "step_call")
    assert _text(panel, "step_letters") == "N, C, H, W"
    assert _text(panel, "step_out_shape") == "1, 1, 32, 32"
    assert _text(panel, "step_in_shape") == ""


def test_the_loss_card_lists_softmax_minus_one_hot(panel: StepPanel, stock: Stock) -> None:
    state = stock.backward()
    _show(panel, state, "loss")
    logits = _capture(state).steps["fc3"].activation[0].astype(np.float64)
    powers = np.exp(logits - logits.max())
    wanted = powers / powers.sum() - np.eye(10)[1]
    board = panel.findChild(ObjectiveBoard, "objective_board")
    assert board.rows is not None
    assert board.rows.labels == tuple("0123456789")
    np.testing.assert_allclose(board.rows.columns["v"], wanted, atol=1e-6)
    np.testing.assert_allclose([float(text) for text in board.texts["v"]], wanted, atol=1e-4)


def _all(panel: StepPanel) -> str:
    return "\n".join(
        label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel)
    )


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ("cross-entropy", "one-hot"),
        ("mse", "torch.randn(10).view(1, -1)"),
        ("random", "no target"),
        ("output", "no target"),
    ],
)
def test_the_target_card(panel: StepPanel, stock: Stock, objective: str, words: str) -> None:
    _show(panel, stock.backward("notebook", objective), "target")
    assert words in _all(panel)
    assert _text(panel, "step_total") == ""


def test_lists_of_numbers_stand_in_columns(panel: StepPanel, stock: Stock) -> None:
    """Numbers below each other need a font whose digits are equally wide."""
    _show(panel, stock.backward(), "loss")
    board = panel.findChild(ObjectiveBoard, "objective_board")
    assert board.isVisibleTo(panel)
    metrics = QFontMetricsF(code_font(8.5))
    for texts in board.texts.values():
        assert len(texts) == 10
        assert len({metrics.horizontalAdvance(text) for text in texts}) == 1


def test_without_backward_the_loss_card_says_what_to_press(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.forward(), "loss")
    assert "Backward (F6)" in _all(panel)


# -- gradients ---------------------------------------------------------------------------------


def test_without_backward_each_gradient_is_a_sentence(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.forward(), "conv2")
    heads = [
        label.text()
        for label in panel.findChildren(QLabel)
        if label.objectName().endswith("_grad_head")
    ]
    assert heads == ["weight.grad is None", "bias.grad is None"]


def test_accumulated_gradients_are_headed_as_a_sum(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.accumulated(), "conv2")
    assert "weight.grad, sum of 3 passes" in _all(panel)


def test_old_gradients_are_faded(panel: StepPanel, stock: Stock) -> None:
    state = replace(stock.backward(), selected="conv2")
    panel.render_state(None, state)
    QApplication.processEvents()
    fresh = painted(panel)
    goal = replace(state.settings.objective, index=4)
    panel.render_state(state, replace(state, settings=replace(state.settings, objective=goal)))
    QApplication.processEvents()
    assert (painted(panel) != fresh).any()


# -- looks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", ["input", "conv2", "fc1", "fc3", "target", "loss"])
@pytest.mark.parametrize("width", [250, 300, 500])
def test_nothing_is_wider_than_the_panel(
    panel: StepPanel, stock: Stock, card: str, width: int
) -> None:
    panel.resize(width, 700)
    _show(panel, stock.backward(), card)
    area = panel.findChild(QScrollArea, "step_scroll")
    assert area is not None
    beyond = area.widget().width() - area.viewport().width()
    assert beyond <= 0 or (width < 300 and area.horizontalScrollBar().maximum() >= beyond)
    for label in area.widget().findChildren(QLabel):
        if label.isVisibleTo(panel) and label.text():
            right = label.mapTo(area.widget(), label.rect().topRight()).x()
            assert right <= area.widget().width(), label.objectName()


def test_the_title_has_its_ops_colour_in_each_theme(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.backward(), "conv2")
    for theme in (DARK, LIGHT):
        panel.set_theme(theme)
        assert theme.ops["conv"] in _label(panel, "step_title").styleSheet()


def test_a_theme_reaches_blocks_made_before_and_after(panel: StepPanel, stock: Stock) -> None:
    _show(panel, stock.backward(), "conv2")
    QApplication.processEvents()  # the room for the blocks is laid out when events are served
    light = painted(panel)
    panel.set_theme(DARK)
    panel.set_theme(LIGHT)
    QApplication.processEvents()
    assert (painted(panel) == light).all()


# -- words -------------------------------------------------------------------------------------

PRINTED = """Net(
  (conv1): Conv2d(1, 6, kernel_size=(3, 3))
  (features): Sequential(
    (0): Linear(in_features=4, out_features=2, bias=True)
    (1): Sequential(
      (0): ReLU()
    )
  )
  (fc): Linear(in_features=2, out_features=1, bias=True)
)"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("conv1", "Conv2d(1, 6, kernel_size=(3, 3))"),
        ("features.0", "Linear(in_features=4, out_features=2, bias=True)"),
        ("features.1.0", "ReLU()"),
        ("fc", "Linear(in_features=2, out_features=1, bias=True)"),
        ("0", ""),
        ("features.7", ""),
        ("", ""),
    ],
)
def test_a_modules_line_is_found_in_the_print(path: str, line: str) -> None:
    assert step_words.module_line(PRINTED, path) == line
