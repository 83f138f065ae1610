from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import GradientState
from lenet_viz.display.colours import colourise
from lenet_viz.display.scale import Scale
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.session.state import Show, State
from lenet_viz.wording import message
from tests.panels.pixels import drawn
from tests.panels.small_captures import capture, objective, ramp, state, step, value

MAPS = ramp(1, 6, 13, 13)
GRADIENT = ramp(1, 6, 13, 13, low=-0.01, high=0.02)
LOGITS = ramp(1, 10)
UPSTREAM = np.array([[0.1, -0.9, 0, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]], dtype=np.float32)


def small_run(**goal):
    wanted = goal or {"kind": "cross-entropy", "index": 1, "loss": 2.5, "upstream": UPSTREAM}
    return capture(
        value(np.abs(ramp(1, 1, 15, 15)), ramp(1, 1, 15, 15)),
        step("conv1", "conv2d", value(MAPS, GRADIENT)),
        step("pool", "max_pool2d", value(ramp(1, 16, 6, 6), ramp(1, 16, 6, 6))),
        step("view", "view", value(ramp(1, 576)), input_shapes=[(1, 16, 6, 6)]),
        step("fc", "linear", value(LOGITS, UPSTREAM)),
        goal=objective(**wanted),
        output=3,
    )


@pytest.fixture
def panel(qtbot):
    made = MapPanel()
    qtbot.addWidget(made)
    made.resize(520, 620)
    made.show()
    return made


def render(panel: MapPanel, new: State, old: State | None = None) -> None:
    panel.render_state(old, new)
    QApplication.processEvents()


def place_of(panel: MapPanel, index: tuple[int, ...], column: int = 0) -> QPointF:
    view = panel.columns[column].mosaic
    away = view.overlay.cell_size() * 0.3
    inside = view.point_of(index) - QPointF(away, away)
    return QPointF(view.viewport().mapTo(panel, QPoint(0, 0))) + inside


def expected(values: Array, index: tuple[int, ...], theme: str = "light") -> tuple[int, ...]:
    return tuple(int(part) for part in colourise(values[index], Scale.of(values), theme))


def hover(panel: MapPanel, index: tuple[int, ...], qtbot, column: int = 0) -> list[str]:
    view = panel.columns[column].mosaic
    qtbot.mouseMove(view.viewport(), view.point_of(index).toPoint())
    QApplication.processEvents()
    return panel.reading.text().splitlines()


# -- what is painted -----------------------------------------------------------------------------


def test_window_and_picture_show_the_colours_of_both_arrays(panel):
    render(panel, state(small_run(), "conv1", view={"show": Show.BOTH}))
    window = panel.grab().toImage()
    double = drawn(panel, 2)
    indices = [(0, 0, 0, 0), (0, 2, 0, 12), (0, 3, 12, 0), (0, 5, 7, 4)]
    for column, values in enumerate((MAPS, GRADIENT)):
        for index in indices:
            at = place_of(panel, index, column)
            colour = expected(values, index)
            assert window.pixelColor(at.toPoint()).getRgb() == colour
            assert double.pixelColor((at * 2).toPoint()).getRgb() == colour


def test_a_picture_at_three_times_the_size_has_sharp_cells(panel):
    values = np.full((1, 2, 8, 8), 1.0, dtype=np.float32)
    values[..., ::2] = -1
    run = capture(value(ramp(1, 1, 4, 4)), step("conv1", "conv2d", value(values)))
    render(panel, state(run, "conv1", backward=False))
    image = drawn(panel, 3)
    assert image.width() == 520 * 3
    start, end = place_of(panel, (0, 0, 4, 0)) * 3, place_of(panel, (0, 0, 4, 7)) * 3
    y = round(start.y())
    colours = {image.pixelColor(x, y).name() for x in range(round(start.x()), round(end.x()))}
    assert len(colours) == 2


def test_own_scale_and_channel_zoom_follow_the_state(panel):
    values = MAPS.copy()
    values[0, 1] *= 0.001
    run = capture(value(ramp(1, 1, 4, 4)), step("conv1", "conv2d", value(values)))
    own = state(run, "conv1", view={"shared_scale": False}, backward=False)
    render(panel, own)
    at = place_of(panel, (0, 1, 4, 4)).toPoint()
    assert panel.grab().toImage().pixelColor(at).getRgb() == expected(values[0, 1], (4, 4))
    assert "own scale" in panel.caption()
    zoomed = replace(own, view=replace(own.view, shared_scale=True, channel=1))
    render(panel, zoomed, own)
    assert panel.columns[0].mosaic.layout_now.mosaic.shape == (13, 13)
    at = place_of(panel, (0, 1, 4, 4)).toPoint()
    assert panel.grab().toImage().pixelColor(at).getRgb() == expected(values, (0, 1, 4, 4))
    assert panel.controls.all_channels.isVisible()


def test_a_missing_gradient_is_a_sentence_and_no_picture(panel):
    run = capture(value(MAPS), step("conv1", "conv2d", value(MAPS)))
    render(panel, state(run, "conv1", view={"show": Show.GRADIENT}, backward=False))
    column = panel.columns[0]
    assert column.stack.currentWidget() is column.sentence
    assert "not a zero" in column.sentence.text()
    assert not column.bar.isVisible()
    assert "gradient: none" in panel.caption()


@pytest.mark.parametrize("reason", [g for g in GradientState if g is not GradientState.PRESENT])
def test_every_reason_for_a_missing_gradient_has_its_sentence(panel, reason):
    run = capture(value(MAPS), step("conv1", "conv2d", value(MAPS, state=reason)))
    render(panel, state(run, "conv1", view={"show": Show.BOTH}))
    assert len(panel.columns[1].sentence.text()) > 20


def test_stale_numbers_are_veiled_and_say_so(panel, qtbot):
    fresh = state(small_run(), "conv1")
    render(panel, fresh)
    at = place_of(panel, (0, 3, 4, 5)).toPoint()
    before = panel.grab().toImage().pixelColor(at)
    stale = replace(fresh, settings=replace(fresh.settings, weights_seed=9))
    render(panel, stale, fresh)
    after = panel.grab().toImage().pixelColor(at)
    assert panel.columns[0].stale.isVisible()
    assert "older than the present settings" in panel.columns[0].stale.text()
    assert after.saturation() < before.saturation()
    assert "older" in hover(panel, (0, 3, 4, 5), qtbot)[1]


def test_another_objective_makes_the_gradient_stale_and_not_the_activation(panel):
    fresh = state(small_run(), "conv1", view={"show": Show.BOTH})
    other = replace(fresh.settings, objective=replace(fresh.settings.objective, index=3))
    render(panel, replace(fresh, settings=other))
    assert [column.stale.isVisible() for column in panel.columns] == [False, True]


def test_before_the_first_run_there_is_a_sentence(panel):
    render(panel, state(None))
    assert "Forward (F5)" in panel.placeholder.text()
    assert panel.caption() == ""
    assert not drawn(panel, 1).isNull()
    render(panel, state(small_run(), "conv1"), state(None))
    assert not panel.placeholder.isVisible()
    assert panel.columns[0].isVisible()


# -- reading -------------------------------------------------------------------------------------


def test_hover_reads_index_and_exact_values_of_both_arrays(panel, qtbot):
    render(panel, state(small_run(), "conv1", view={"show": Show.BOTH}))
    index = (0, 3, 4, 5)
    where, what = hover(panel, index, qtbot)
    assert where == "conv1 [n, c, h, w] = [0, 3, 4, 5]"
    shown = dict(zip(what.split()[::2], what.split()[1::2], strict=True))
    assert np.float32(shown["activation"]) == MAPS[index]
    assert np.float32(shown["gradient"]) == GRADIENT[index]


def test_hover_over_a_flattened_vector_names_the_place_before(panel, qtbot):
    render(panel, state(small_run(), "view"))
    where, _ = hover(panel, (0, 77), qtbot)
    assert where.startswith("view [n, i] = [0, 77]")
    assert where.endswith("(c, h, w) of the step before = (2, 0, 5)")


def test_a_batch_shows_its_first_sample_and_says_so(panel, qtbot):
    values = ramp(3, 2, 4, 4)
    run = capture(value(ramp(3, 1, 4, 4)), step("conv1", "conv2d", value(values)))
    render(panel, state(run, "conv1", backward=False))
    assert "sample 0 of 3" in panel._subtitle.text()
    assert hover(panel, (0, 1, 2, 3), qtbot)[0].endswith("[0, 1, 2, 3]")


def test_without_a_batch_axis_the_index_has_none(panel, qtbot):
    values = ramp(6, 4, 4)
    run = capture(value(ramp(1, 6, 6)), step("conv1", "conv2d", value(values)))
    render(panel, state(run, "conv1", backward=False))
    where, what = hover(panel, (4, 2, 3), qtbot)
    assert where == "conv1 [c, h, w] = [4, 2, 3]"
    assert np.float32(what.split()[1]) == values[4, 2, 3]


def test_target_and_loss_show_what_backward_starts_from(panel):
    render(panel, state(small_run(), "loss"))
    assert np.array_equal(panel.columns[0].side.values, UPSTREAM[0])
    assert "loss 2.5" in panel._subtitle.text()
    render(panel, state(small_run(), "target"))
    assert panel.columns[0].side.values.tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    target = ramp(1, 10, low=-2)
    wanted = {"kind": "mse", "index": None, "loss": 1.0, "target": target, "upstream": UPSTREAM}
    render(panel, state(small_run(**wanted), "target"))
    assert np.array_equal(panel.columns[0].side.values, target[0])
    wanted = {"kind": "random", "index": None, "loss": None, "upstream": UPSTREAM}
    render(panel, state(small_run(**wanted), "target"))
    assert np.array_equal(panel.columns[0].side.values, UPSTREAM[0])
    assert "loss" not in panel._subtitle.text()


def test_the_caption_names_step_op_shape_range_and_counts(panel):
    values = MAPS.copy()
    values[0, 0, 0, :3] = np.nan
    values[0, 0, 1, 0] = np.inf
    run = capture(value(MAPS), step("conv1", "conv2d", value(values)))
    render(panel, state(run, "conv1", backward=False))
    details = panel.caption_details()
    assert details[:3] == ("conv1", "conv2d", "output (N, C, H, W) = (1, 6, 13, 13)")
    assert "shared scale" in details
    assert "3 NaN, 1 infinite" in details


# -- signals -------------------------------------------------------------------------------------


def emitted(panel: MapPanel) -> list:
    found: list = []
    for signal in (
        panel.show_requested,
        panel.shared_scale_requested,
        panel.channel_requested,
        panel.value_clicked,
    ):
        signal.connect(found.append)
    return found


def test_render_state_emits_nothing(panel):
    found = emitted(panel)
    old = None
    for show in Show:
        for selected in ("input", "conv1", "view", "fc", "target", "loss"):
            for shared in (True, False):
                view = {"show": show, "shared_scale": shared, "channel": 2}
                new = state(small_run(), selected, view=view)
                render(panel, new, old)
                old = new
    panel.set_theme(DARK)
    panel.set_structural(np.zeros((15, 15), dtype=bool))
    assert found == []


def test_controls_emit_what_the_user_asks_for(panel, qtbot):
    render(panel, state(small_run(), "conv1", view={"channel": 2}))
    found = emitted(panel)
    controls = panel.controls
    for button in (*controls.switches.values(), controls.shared_scale, controls.all_channels):
        assert button.toolTip()
        assert button.accessibleName()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert found == ["activation", "gradient", "both", False, None]


def test_a_click_emits_the_address_and_pins_and_arrows_move_it(panel, qtbot):
    render(panel, state(small_run(), "conv1", view={"show": Show.BOTH}))
    found = emitted(panel)
    view = panel.columns[1].mosaic
    at = view.point_of((0, 4, 6, 7)).toPoint()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    address = Address(Place.STEP, "conv1", 0, Side.GRADIENT)
    assert found == [replace(address, index=(0, 4, r, 7)) for r in (6, 5)]
    assert panel.reading.text().startswith("conv1 [n, c, h, w] = [0, 4, ")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.overlay.pin is None
    assert len(found) == 2


def test_escape_leaves_the_channel_zoom(panel, qtbot):
    render(panel, state(small_run(), "conv1", view={"channel": 2}))
    with qtbot.waitSignal(panel.channel_requested) as caught:
        qtbot.keyClick(panel.columns[0].mosaic, Qt.Key.Key_Escape)
    assert caught.args == [None]


def test_bars_are_clicked_and_walked_like_maps(panel, qtbot):
    render(panel, state(small_run(), "fc"))
    found = emitted(panel)
    bars = panel.columns[0].bars
    assert panel.columns[0].picture is bars
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.point_of((0, 3)).toPoint())
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    assert [address.index for address in found] == [(0, 3), (0, 4)]
    shown = panel.reading.text().split()[-1]
    assert np.float32(shown) == LOGITS[0, 4]


def test_a_bar_has_its_numbers_colour_on_its_side_of_zero(panel):
    render(panel, state(small_run(), "fc"))
    bars = panel.columns[0].bars
    image = bars.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    largest = int(np.argmax(np.abs(LOGITS[0])))
    place = bars._columns()
    away = 4 if LOGITS[0, largest] > 0 else -4
    at = QPoint(round(place.zero + away), round(bars.point_of((0, largest)).y()))
    assert image.pixelColor(at).getRgb() == expected(LOGITS[0], (largest,))
    assert image.pixelColor(at - QPoint(2 * away, 0)).getRgb() != expected(LOGITS[0], (largest,))


def test_the_pin_goes_with_its_step(panel, qtbot):
    first = state(small_run(), "conv1")
    render(panel, first)
    view = panel.columns[0].mosaic
    at = view.point_of((0, 1, 2, 3)).toPoint()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    both = replace(first, view=replace(first.view, show=Show.BOTH))
    render(panel, both, first)
    assert panel.columns[1].mosaic.overlay.pin is not None
    render(panel, replace(both, selected="pool"), both)
    assert panel.columns[0].mosaic.overlay.pin is None


def test_both_maps_zoom_together(panel):
    render(panel, state(small_run(), "conv1", view={"show": Show.BOTH}))
    left, right = (column.mosaic for column in panel.columns)
    left.box.scaleBy((0.5, 0.5))
    left._ranged()
    assert np.allclose(right.box.viewRange(), left.box.viewRange())
    assert right.overlay.cell_size() > right.layout_now.cell * 1.9


def test_structural_zeros_belong_to_the_inputs_gradient(panel):
    mask = np.zeros((15, 15), dtype=bool)
    mask[:, -1] = True
    panel.set_structural(mask)
    shown = state(small_run(), "input", view={"show": Show.BOTH})
    render(panel, shown)
    assert panel.columns[0].mosaic.overlay.hatched is None
    assert panel.columns[1].mosaic.overlay.hatched.sum() == 15
    assert any("structurally zero: 15" in chip.words for chip in panel.columns[1].bar._chips)
    panel.set_structural(None)
    assert panel.columns[1].mosaic.overlay.hatched is None


def test_the_histogram_counts_every_number_and_zeros_apart(panel, qtbot):
    values = MAPS.copy()
    values[0, 0] = 0
    run = capture(value(MAPS), step("conv1", "conv2d", value(values)))
    render(panel, state(run, "conv1", backward=False))
    assert not panel.columns[0].histogram.isVisible()
    qtbot.mouseClick(panel.controls.histogram, Qt.MouseButton.LeftButton)
    counts = panel.columns[0].histogram.counts
    assert panel.columns[0].histogram.isVisible()
    assert counts.zeros == 169
    assert counts.counts.sum() == values.size - 169


# -- anything goes -------------------------------------------------------------------------------

ODD = {
    "empty": np.zeros((1, 0, 3), dtype=np.float32),
    "no samples": np.zeros((0, 3, 4, 4), dtype=np.float32),
    "number": np.array(2.5, dtype=np.float32),
    "nan number": np.array(np.nan),
    "infinities": np.array([[np.nan, np.inf, -np.inf, 0.0]], dtype=np.float32),
    "all nan": np.full((1, 3, 4, 4), np.nan, dtype=np.float32),
    "bool": np.ones((1, 4, 5, 5), dtype=bool),
    "int64": np.array([[2**62, -(2**62), 0]], dtype=np.int64),
    "float16": np.full((1, 2, 3, 3), 6e4, dtype=np.float16),
    "complex": np.array([[1 + 2j, 0]], dtype=np.complex64),
    "long": ramp(1, 1, 1, 50_000),
    "five axes": ramp(1, 2, 3, 4, 4),
    "constant": np.full((1, 3, 3, 3), 7.0, dtype=np.float32),
    "one": np.zeros((1, 1), dtype=np.float32),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("shared", [True, False])
def test_any_array_is_shown(panel, name, shared):
    values = ODD[name]
    image = value(np.zeros((values.shape[0] if values.ndim else 1, 1, 4, 4), dtype=np.float32))
    run = capture(image, step("odd", "relu", value(values, values)))
    panel.controls.histogram.setChecked(True)
    for channel in (None, 0):
        view = {"show": Show.BOTH, "shared_scale": shared, "channel": channel}
        render(panel, state(run, "odd", view=view))
        assert panel.caption()
        assert not drawn(panel, 1.5).isNull()
        assert not panel.columns[0].stack.currentWidget().grab().isNull()


def test_a_step_without_output_says_why(panel):
    said = message("Test", "it failed here")
    run = capture(value(MAPS), step("conv1", "conv2d", error=said))
    render(panel, state(run, "conv1", backward=False))
    assert panel.columns[0].sentence.text() == "it failed here"
    run = capture(value(MAPS), step("conv1", "conv2d", value(None)))
    render(panel, state(run, "conv1", backward=False))
    assert "not kept" in panel.columns[0].sentence.text()


def test_nothing_is_left_behind_by_hundreds_of_renders(panel):
    states = [
        state(small_run(), selected, view={"show": show})
        for selected in ("conv1", "view", "fc", "pool")
        for show in (Show.ACTIVATION, Show.BOTH)
    ]
    for one in states:
        render(panel, one)
    children = len(panel.findChildren(QObject))
    items = [len(column.mosaic.scene().items()) for column in panel.columns]
    for turn in range(200):
        panel.render_state(states[(turn - 1) % len(states)], states[turn % len(states)])
    QApplication.processEvents()
    assert len(panel.findChildren(QObject)) == children
    assert [len(column.mosaic.scene().items()) for column in panel.columns] == items


def test_a_redraw_is_spared_where_nothing_differs(panel):
    shown = state(small_run(), "conv1")
    render(panel, shown)
    content = panel.content
    render(panel, replace(shown, passes=3), shown)
    assert panel.content is content
    panel.set_theme(DARK)
    assert panel.content is not content
    assert panel.theme is not LIGHT
