import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.arrays import Array
from lenet_viz.display.colours import colourise
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.panels.map_layout import layout, tag_words
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.mosaic_view import MosaicView
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.panels.thumbnail import drawable, thumbnail
from tests.panels.small_captures import ramp


def side(values: Array, **other) -> MapSide:
    options = {"prefix": (0,), "scales": (Scale.of(drawable(values)),), **other}
    return MapSide(
        Address(Place.STEP, "conv1"),
        "activation",
        (1, *values.shape),
        tuple("nchw"[: values.ndim + 1]),
        values=values,
        **options,
    )


@pytest.fixture
def view(qtbot):
    made = MosaicView()
    qtbot.addWidget(made)
    made.resize(400, 360)
    made.show()
    return made


def shown(view: MosaicView) -> QImage:
    QApplication.processEvents()
    return view.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)


def beside_the_text(view: MosaicView, index: tuple[int, ...]) -> QPoint:
    """A pixel near the top left corner of a cell: numbers and dots stand in its middle."""
    away = view.overlay.cell_size() * 0.35
    return (view.point_of(index) - QPointF(away, away)).toPoint()


def colour_of(values: Array, index: tuple[int, ...], scale: Scale, theme="light"):
    return tuple(int(part) for part in colourise(values[index], scale, theme))


@pytest.mark.parametrize("shape", [(6, 5, 7), (3, 9), (2, 3, 4, 5), (40,), (1, 3, 3)])
def test_each_number_is_painted_in_its_own_colour(view, shape):
    values = ramp(*shape)
    view.show_side(side(values), LIGHT)
    picture = shown(view)
    for index in np.ndindex(shape):
        at = beside_the_text(view, (0, *index))
        assert picture.pixelColor(at).getRgb() == colour_of(values, index, Scale.of(values)), index


def test_rows_run_down_and_columns_to_the_right(view):
    values = np.full((4, 6), -1.0, dtype=np.float32)
    values[0, 5] = 1.0
    view.show_side(side(values), LIGHT)
    red = QColor(*colour_of(values, (0, 5), Scale.of(values)))
    picture = shown(view)
    found = [
        (x, y)
        for y in range(picture.height())
        for x in range(picture.width())
        if picture.pixelColor(x, y) == red
    ]
    assert min(x for x, _ in found) > picture.width() / 2
    assert max(y for _, y in found) < picture.height() / 2


def test_own_scales_give_each_channel_its_full_range(view):
    values = np.stack([np.full((3, 3), 0.01), np.full((3, 3), 5.0)]).astype(np.float32)
    view.show_side(side(values, scales=Scale.of_channels(values), shared=False), LIGHT)
    picture = shown(view)
    colours = {picture.pixelColor(beside_the_text(view, (0, c, 1, 1))).name() for c in (0, 1)}
    assert len(colours) == 1


def test_exact_zero_has_a_dot_on_its_own_colour(view):
    # Small enough that cells carry no numbers.
    values = ramp(20, 20)
    values[1, 2] = 0
    view.show_side(side(values), DARK)
    picture = shown(view)
    at = view.point_of((0, 1, 2))
    cell = view.overlay.cell_size()
    corner = (at - QPointF(cell * 0.4, cell * 0.4)).toPoint()
    assert picture.pixelColor(corner).getRgb() == colour_of(
        values, (1, 2), Scale.of(values), "dark"
    )
    assert picture.pixelColor(at.toPoint()) != picture.pixelColor(corner)


def test_structural_zeros_are_hatched_and_counted(view):
    values = np.zeros((2, 8, 8), dtype=np.float32)
    mask = np.zeros((8, 8), dtype=bool)
    mask[:, 0] = True
    view.show_side(side(values), LIGHT)
    plain = shown(view)
    view.show_side(side(values), LIGHT, mask)
    assert view.overlay.hatched.sum() == 16
    hatched = shown(view)
    inside, outside = view.point_of((0, 1, 3, 0)).toPoint(), view.point_of((0, 1, 3, 5)).toPoint()
    assert hatched.pixelColor(inside) != plain.pixelColor(inside)
    assert hatched.pixelColor(outside) == plain.pixelColor(outside)


def test_a_click_names_the_number_before_and_after_zoom_and_pan(view, qtbot):
    values = ramp(6, 9, 9)
    view.show_side(side(values), LIGHT)
    shown(view)
    for _ in range(2):
        at = view.point_of((0, 4, 3, 2)).toPoint()
        with qtbot.waitSignal(view.clicked) as caught:
            qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert caught.args == [(0, 4, 3, 2)]
        wheel(view, view.point_of((0, 4, 3, 2)), 240)
        (left, right), (top, bottom) = view.box.viewRange()
        view.follow([[left + 1.5, right + 1.5], [top - 0.5, bottom - 0.5]])
        shown(view)
    assert view.overlay.cell_size() > view.layout_now.cell * 1.3


def wheel(view: MosaicView, at: QPointF, delta: int) -> None:
    event = QWheelEvent(
        at,
        view.viewport().mapToGlobal(at),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_keeps_the_number_under_the_pointer_and_zero_fits_again(view, qtbot):
    view.show_side(side(ramp(6, 9, 9)), LIGHT)
    shown(view)
    before = view.overlay.cell_size()
    at = view.point_of((0, 2, 4, 4))
    wheel(view, at, 360)
    assert view.overlay.cell_size() > before * 1.5
    assert view.index_at(at.x(), at.y()) == (0, 2, 4, 4)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.overlay.cell_size() == pytest.approx(before)


def test_dragging_moves_the_picture_with_the_pointer(view, qtbot):
    view.show_side(side(ramp(6, 9, 9)), LIGHT)
    shown(view)
    start, end = QPoint(150, 150), QPoint(190, 130)
    was = view.index_at(150, 150)
    assert was is not None
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for at in (QPoint(165, 145), QPoint(180, 135), end):
        qtbot.mouseMove(view.viewport(), at)
        QApplication.processEvents()
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert view.index_at(190, 130) == was


def test_a_tag_and_a_double_click_name_their_channel_and_the_ground_fits(view, qtbot):
    view.show_side(side(ramp(6, 9, 9)), LIGHT)
    shown(view)
    tag = view.overlay.tag_rect(4)
    assert tag.height() >= 11
    with qtbot.waitSignal(view.channel_clicked) as caught:
        qtbot.mouseClick(
            view.viewport(),
            Qt.MouseButton.LeftButton,
            pos=QPointF(tag.left() + 6, tag.center().y()).toPoint(),
        )
    assert caught.args == [4]
    with qtbot.waitSignal(view.channel_clicked) as caught:
        double_click(view, view.point_of((0, 2, 4, 4)).toPoint())
    assert caught.args == [2]
    fitted = view.overlay.cell_size()
    wheel(view, QPointF(200, 180), -120)
    with qtbot.assertNotEmitted(view.channel_clicked):
        double_click(view, QPoint(3, 3))
    assert view.overlay.cell_size() == pytest.approx(fitted)


def double_click(view: MosaicView, at: QPoint) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_four_axes_zoom_by_their_first(view):
    view.show_side(side(ramp(3, 2, 5, 5)), LIGHT)
    assert [view.channel_of(tile) for tile in range(6)] == [0, 0, 1, 1, 2, 2]
    assert tag_words(view.layout_now.mosaic)[3] == "1, 1"


def test_arrow_keys_cross_gaps_and_stop_at_the_edge(view):
    view.show_side(side(ramp(2, 3, 3)), LIGHT)
    wide = view.layout_now.mosaic.columns == 2
    step = (0, 1) if wide else (1, 0)
    edge = (0, 0, 1, 2) if wide else (0, 0, 2, 1)
    beyond = (0, 1, 1, 0) if wide else (0, 1, 0, 1)
    assert view.neighbour(edge, *step) == beyond
    assert view.neighbour((0, 0, 0, 0), -1, 0) is None
    assert view.neighbour((0, 0, 0, 0), 0, 1) == (0, 0, 0, 1)


def test_plain_arrows_are_the_windows_until_a_number_is_pinned(view, qtbot):
    view.show_side(side(ramp(2, 3, 3)), LIGHT)
    arrow = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
    with qtbot.assertNotEmitted(view.clicked):
        view.keyPressEvent(arrow)
    assert not arrow.isAccepted()
    view.set_marks(None, (0, 0, 1, 1))
    with qtbot.waitSignal(view.clicked) as caught:
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert caught.args == [(0, 0, 1, 2)]
    view.set_marks(None, None)
    with qtbot.waitSignal(view.clicked) as caught:
        qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert caught.args == [(0, 0, 0, 0)]


@pytest.mark.parametrize(
    "values",
    [
        np.array([[np.nan, np.inf], [-np.inf, 0.0]], dtype=np.float32),
        np.full((2, 2, 2), np.nan),
        np.zeros((3, 1, 1), dtype=np.float16),
        np.ones((2, 3, 3), dtype=bool),
        np.arange(60, dtype=np.int64).reshape(3, 4, 5) - 30,
        np.full((4, 4), 1e300),
        np.arange(20, dtype=np.complex64),
        ramp(1, 10_000),
        ramp(1, 1, 40_000),
        ramp(600, 3, 3),
        np.full((2, 2), "x", dtype=object),
    ],
    ids=lambda values: f"{values.dtype}{values.shape}",
)
def test_any_array_is_drawn_at_any_zoom(view, values):
    view.show_side(side(values), LIGHT)
    shown(view)
    mosaic = view.layout_now.mosaic
    assert mosaic.shape == values.shape
    for cell in (6.0, 50.0):
        view.follow([[0, 400 / cell], [0, 360 / cell]])
        shown(view)
    first = (0, *(0 for _ in values.shape))
    assert view.index_at(*view.point_of(first).toTuple()) == first


def test_a_very_long_row_is_folded():
    found = layout((1, 10_000), 500, 400)
    assert found.mosaic.kind == "vector"
    assert found.cell > 3.5


def test_the_layout_fits_its_area():
    for shape in [(6, 30, 30), (16, 13, 13), (512, 14, 14), (84,), (3, 224, 224), (7, 9)]:
        for width, height in [(240, 400), (490, 420), (870, 600)]:
            found = layout(shape, width, height)
            assert found.left + found.cell * found.mosaic.width <= width + 1
            assert found.top + found.cell * found.mosaic.height <= height + 1


def test_bands_have_a_row_for_each_former_channel(view):
    values = ramp(576)
    view.show_side(side(values, source_shape=(16, 6, 6)), LIGHT)
    mosaic = view.layout_now.mosaic
    assert (mosaic.kind, mosaic.count, mosaic.tile_width) == ("bands", 16, 36)
    assert view.index_at(*view.point_of((0, 77)).toTuple()) == (0, 77)


def test_items_are_reused_for_hundreds_of_pictures(view):
    view.show_side(side(ramp(6, 5, 5)), LIGHT)
    shown(view)
    count = len(view.scene().items())
    for turn in range(200):
        view.show_side(side(ramp(2 + turn % 5, 4, 4)), DARK if turn % 2 else LIGHT)
    shown(view)
    assert len(view.scene().items()) == count


def test_a_thumbnail_has_one_pixel_for_each_number(qapp):
    values = ramp(3, 4, 5)
    mosaic, scale = Mosaic.of(values.shape), Scale.of(values)
    image = thumbnail(values, mosaic, scale, LIGHT)
    assert (image.width(), image.height()) == (mosaic.width, mosaic.height)
    for index in np.ndindex(values.shape):
        y, x = mosaic.cell_of(index)
        assert image.pixelColor(x, y).getRgb() == colour_of(values, index, scale)
    assert thumbnail(np.zeros((0, 3)), Mosaic.of((0, 3)), scale, LIGHT).isNull()
