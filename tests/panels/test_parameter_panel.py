from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from lenet_viz.capture.arrays import MemoryArrays
from lenet_viz.capture.named import Named
from lenet_viz.capture.records import Argument, Capture, GradientState, Parameter, ParameterRef
from lenet_viz.engine.messages import InputRequest
from lenet_viz.network.spec import Spec
from lenet_viz.panels.parameter_model import Column
from lenet_viz.panels.parameter_panel import ParameterPanel
from lenet_viz.panels.parameter_pictures import picture_of
from lenet_viz.panels.parameter_rows import rows_of
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.session.state import ObjectiveChoice, Run, Settings, State
from tests.session.notebook_run import Notebook, notebook_spec


def _state(capture: Capture | None, *, backward: bool = False, passes: int = 0) -> State:
    settings = Settings(
        "notebook",
        Spec.from_json(notebook_spec()),
        0,
        InputRequest("random", seed=1),
        ObjectiveChoice(),
    )
    run = None if capture is None else Run(1, settings, capture, backward, passes)
    return State(settings, run=run, passes=passes)


@pytest.fixture
def panel(qtbot: QtBot) -> ParameterPanel:
    made = ParameterPanel()
    qtbot.addWidget(made)
    made.resize(620, 540)
    made.show()
    return made


def _words(panel: ParameterPanel, row: int, column: Column) -> str:
    return str(panel.model.index(row, column).data())


def _label(panel: ParameterPanel, name: str) -> QLabel:
    found = panel.findChild(QLabel, name)
    assert isinstance(found, QLabel)
    return found


def test_before_a_run_it_says_what_to_press(panel: ParameterPanel) -> None:
    panel.render_state(None, _state(None))
    assert _label(panel, "parameters_empty").isVisible()
    assert "F5" in _label(panel, "parameters_empty").text()
    assert not panel.table.isVisible()


def test_ten_rows_with_arithmetic_and_totals(panel: ParameterPanel) -> None:
    run = Notebook()
    panel.render_state(None, _state(run.run(None)))
    names = [name for name, _ in run.net.named_parameters()]
    shown = [_words(panel, row, Column.NAME).splitlines() for row in range(10)]
    assert [lines[0] for lines in shown] == names
    assert shown[0][1] == "6 × 1 × 3 × 3 = 54"
    assert shown[1][1] == "6"
    assert shown[4][1] == "120 × 576 = 69,120"
    footer = _label(panel, "parameters_footer").text()
    assert footer == "10 parameter tensors in 5 layers, 81,194 numbers"


def test_a_missing_gradient_reads_none_never_zero(panel: ParameterPanel) -> None:
    panel.render_state(None, _state(Notebook().run(None)))
    for row in range(10):
        assert _words(panel, row, Column.GRAD_PICTURE) == "None"
        assert _words(panel, row, Column.GRAD) == "None\nno backward yet"
        assert panel.model.rows[row].fields()[-1] == "None"


def test_gradient_words_follow_the_passes(panel: ParameterPanel) -> None:
    run = Notebook()
    panel.render_state(None, _state(run.run("random"), backward=True, passes=1))
    assert _words(panel, 0, Column.GRAD).startswith("this pass\nmax ")
    panel.render_state(panel.state, _state(run.run("random", clear=False), backward=True, passes=2))
    assert _words(panel, 0, Column.GRAD).startswith("sum of 2 passes")
    grad = run.net.conv1.weight.grad
    assert grad is not None
    largest = float(panel.model.rows[0].fields()[-1])
    assert largest == pytest.approx(grad.abs().max().item(), rel=1e-5)
    panel.render_state(panel.state, _state(run.run(None), passes=2))
    assert _words(panel, 0, Column.GRAD).startswith("earlier passes")


def test_every_reason_for_none_has_words() -> None:
    capture = Notebook().run(None)
    seen = set()
    for state in GradientState:
        if state is not GradientState.PRESENT:
            changed = replace(capture.parameters[0], gradient_state=state)
            rows = rows_of(replace(capture, parameters=Named((changed,))), 0)
            seen.add(rows[0].largest_words())
    assert len(seen) == 4
    assert all(seen)


def test_a_click_asks_for_the_step_that_uses_the_parameter(
    panel: ParameterPanel, qtbot: QtBot
) -> None:
    panel.render_state(None, _state(Notebook().run(None)))
    place = panel.table.visualRect(panel.model.index(3, 0)).center()
    with qtbot.waitSignal(panel.step_requested, timeout=1000) as caught:
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == ["conv2"]
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.step_requested, timeout=1000) as caught:
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert caught.args == ["fc1"]


def _ground(panel: ParameterPanel, row: int) -> QColor:
    place = panel.table.visualRect(panel.model.index(row, Column.RANGE))
    image = panel.table.viewport().grab().toImage()
    return image.pixelColor(place.topRight() + QPoint(-2, 4))


def test_the_selected_steps_rows_are_highlighted_without_a_signal(
    panel: ParameterPanel, qtbot: QtBot
) -> None:
    state = _state(Notebook().run(None))
    panel.render_state(None, state)
    with qtbot.assertNotEmitted(panel.step_requested):
        panel.render_state(state, replace(state, selected="fc2"))
    assert _ground(panel, 6) == _ground(panel, 7) == QColor(LIGHT.accent_ground)
    assert _ground(panel, 5) == QColor(LIGHT.surface)
    panel.set_theme(DARK)
    assert _ground(panel, 6) == QColor(DARK.accent_ground)


def test_copy_gives_the_selected_rows_apart_by_tabs(panel: ParameterPanel, qtbot: QtBot) -> None:
    run = Notebook()
    panel.render_state(None, _state(run.run("random"), backward=True, passes=1))
    panel.table.selectRow(0)
    panel.table.selectionModel().select(
        panel.model.index(5, 0),
        panel.table.selectionModel().SelectionFlag.Select
        | panel.table.selectionModel().SelectionFlag.Rows,
    )
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert [line[:3] for line in lines] == [
        ["conv1.weight", "(6, 1, 3, 3)", "54"],
        ["fc1.bias", "(120)", "120"],
    ]
    assert float(lines[0][3]) == pytest.approx(run.net.conv1.weight.min().item(), rel=1e-5)
    assert lines[0][6] == "this pass"


def _subtitle(panel: ParameterPanel) -> str:
    return _label(panel, "parameters_subtitle").text()


def test_what_is_older_than_the_settings_says_so(panel: ParameterPanel) -> None:
    state = _state(Notebook().run("random"), backward=True, passes=1)
    panel.render_state(None, state)
    assert "older" not in _subtitle(panel)
    other = replace(state, settings=replace(state.settings, objective=ObjectiveChoice("mse")))
    panel.render_state(state, other)
    assert "older than the present settings" in _subtitle(panel)
    panel.render_state(other, state)
    assert "older" not in _subtitle(panel)
    panel.render_state(state, replace(state, settings=replace(state.settings, weights_seed=9)))
    assert "older than the present settings" in _subtitle(panel)


@pytest.mark.parametrize("width", [420, 520, 620, 900])
def test_nothing_of_the_notebook_is_cut_off(panel: ParameterPanel, width: int) -> None:
    from PySide6.QtGui import QFontMetricsF

    from lenet_viz.panels.parameter_delegate import EDGE, INSET, fonts

    run = Notebook()
    run.run("random")
    capture = run.run("random", clear=False)
    panel.resize(width, 540)
    panel.render_state(None, _state(capture, backward=True, passes=2))
    QGuiApplication.processEvents()
    assert panel.width() == width
    for row in range(10):
        for column in (Column.NAME, Column.SHARE, Column.RANGE, Column.GRAD):
            if panel.table.isColumnHidden(column):
                continue
            room = panel.table.columnWidth(column) - INSET - 2
            room -= EDGE if column is Column.NAME else 0
            lines = panel.model.lines(panel.model.rows[row], column)
            for line, font in zip(lines, fonts(column), strict=True):
                assert QFontMetricsF(font).horizontalAdvance(line) <= room, (line, width)


def test_a_parameter_in_a_list_argument_finds_its_step() -> None:
    capture = Notebook().run(None)
    listed = Argument("params", (ParameterRef("fc2.weight"), ParameterRef("fc2.bias")))
    step = replace(capture.steps["fc2"], arguments=(listed,))
    steps = Named(step if s.name == "fc2" else s for s in capture.steps)
    rows = rows_of(replace(capture, steps=steps), 0)
    assert [row.step for row in rows[6:8]] == ["fc2", "fc2"]


def test_shared_tied_and_frozen_parameters_are_named(panel: ParameterPanel) -> None:
    capture = Notebook().run(None)
    first = capture.parameters[0]
    tied = replace(first, name="conv9.weight", requires_grad=False)
    again = replace(
        capture.steps["conv2"],
        name="again",
        arguments=(Argument("weight", ParameterRef("conv1.weight")),),
    )
    capture = replace(
        capture,
        parameters=Named((*capture.parameters, tied)),
        steps=Named((*capture.steps, again)),
    )
    panel.render_state(None, _state(capture))
    footer = _label(panel, "parameters_footer").text()
    assert "81,194" in footer
    assert "conv9.weight is tied to conv1.weight" in footer
    assert "conv1.weight is used by 2 steps" in footer
    assert "frozen tensors: 1" in footer
    assert panel.model.rows[10].step == ""


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((), np.float32),
        np.zeros((0,), np.float32),
        np.zeros((3, 0, 3, 3), np.float32),
        np.full((4,), np.nan, np.float32),
        np.ones((2, 3, 4), np.float64),
        np.ones((2, 3), np.complex64),
        np.ones((5000,), np.float16),
        np.ones((300, 400, 3, 3), np.float32),
        np.arange(12).reshape(3, 4) > 5,
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}",
)
def test_any_parameter_can_be_shown(panel: ParameterPanel, array: np.ndarray) -> None:
    source = MemoryArrays({"w": array})
    state = GradientState.PRESENT
    shape, dtype = array.shape, array.dtype.name
    parameter = Parameter("w", shape, dtype, True, state, "w", "w", None, "w", source)
    capture = replace(Notebook().run(None), parameters=Named((parameter,)))
    panel.render_state(None, _state(capture, backward=True, passes=1))
    assert not panel.grab().isNull()
    assert parameter.name in str(panel.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    picture = picture_of(array)
    assert picture.values.size <= max(array.size, 1)
    assert picture.mosaic.width <= max(68, 4 * array.size)


def test_a_network_without_parameters_says_so(panel: ParameterPanel) -> None:
    panel.render_state(None, _state(replace(Notebook().run(None), parameters=Named(()))))
    assert "no parameters" in _label(panel, "parameters_empty").text()


def test_everything_has_a_name_and_a_tool_tip(panel: ParameterPanel) -> None:
    panel.render_state(None, _state(Notebook().run(None)))
    assert panel.table.objectName()
    assert panel.table.accessibleName()
    assert panel.table.toolTip()
    for column in Column:
        header = panel.model.headerData
        assert header(column, Qt.Orientation.Horizontal)
        assert header(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        index = panel.model.index(0, column)
        assert index.data(Qt.ItemDataRole.ToolTipRole)
        assert "conv1.weight" in index.data(Qt.ItemDataRole.AccessibleTextRole)
