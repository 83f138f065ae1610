import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_viz.capture.arrays import Array
from lenet_viz.display.colours import colourise
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.panels import picture_view
from lenet_viz.panels.card_content import Picture, laid_out
from lenet_viz.panels.parameter_block import picture_of_parameter
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.theme import Theme
from lenet_viz.panels.thumbnail import colour_theme, thumbnail
from tests.panels.pixels import Heard, move, painted, pixels, press
from tests.panels.small_captures import ramp

SHAPES = [(6, 5), (5, 6), (3, 4, 5), (16, 6, 3, 3), (4, 9), (7,), (1, 1), (2, 1, 3, 5)]


def _picture(values: Array) -> Picture:
    return picture_of_parameter(values) if values.ndim > 3 else laid_out(values)


@pytest.fixture
def view(qtbot: QtBot) -> PictureView:
    made = PictureView("picture", axes=True)
    qtbot.addWidget(made)
    made.resize(170, 100)
    return made


def _indices(view: PictureView) -> dict[tuple[int, int], tuple[int, ...]]:
    """Which number each logical pixel belongs to."""
    found = {}
    for y in range(view.height()):
        for x in range(view.width()):
            index = view.index_at(QPointF(x + 0.5, y + 0.5))
            if index is not None:
                found[y, x] = index
    return found


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_pixel_has_the_colour_of_the_number_it_belongs_to(
    view: PictureView, shape: tuple[int, ...], ratio: int, theme: Theme
) -> None:
    values = ramp(*shape)
    values.flat[0] = 0
    view.theme = theme
    view.show_picture(_picture(values))
    wanted = colourise(values, Scale.of(values), colour_theme(theme))
    shown = painted(view, ratio)
    indices = _indices(view)
    assert set(indices.values()) == set(np.ndindex(shape)), "every number is shown"
    for (y, x), index in indices.items():
        block = shown[y * ratio : (y + 1) * ratio, x * ratio : (x + 1) * ratio]
        assert (block == wanted[index]).all(), (y, x, index)


def test_rows_run_down_and_columns_to_the_right(view: PictureView) -> None:
    values = np.zeros((4, 6), np.float32)
    values[0, 5] = 1
    view.show_picture(laid_out(values))
    whole = _indices(view)
    at = [place for place, index in whole.items() if index == (0, 5)]
    assert max(x for _, x in at) == max(x for _, x in whole)
    assert min(y for y, _ in at) == min(y for y, _ in whole)


def test_a_kernel_matrix_is_never_wrapped(view: PictureView) -> None:
    picture = picture_of_parameter(ramp(16, 6, 3, 3))
    assert (picture.mosaic.rows, picture.mosaic.columns) == (16, 6)
    view.show_picture(picture)
    at = _indices(view)
    left = min(x for _, x in at)
    first = [index for (_, x), index in sorted(at.items()) if x == left]
    assert list(dict.fromkeys(index[0] for index in first)) == list(range(16)), "out runs down"
    top = min(y for y, _ in at)
    row = [index for (y, _), index in sorted(at.items()) if y == top]
    assert list(dict.fromkeys(index[1] for index in row)) == list(range(6)), "in runs right"


class Writing(QPainter):
    """Notes down what is written and where."""

    written: list[tuple[str, Any]]

    def drawText(self, *given: Any) -> Any:
        Writing.written.append((given[-1], given[0]))
        return super().drawText(*given)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    Writing.written = []
    monkeypatch.setattr(picture_view, "QPainter", Writing)
    return Writing.written


def test_rows_and_columns_of_kernels_are_numbered(
    view: PictureView, written: list[tuple[str, Any]]
) -> None:
    view.show_picture(picture_of_parameter(ramp(16, 6, 3, 3)))
    painted(view)
    at = _indices(view)
    columns = {text: box for text, box in written if box.top() == 0 and box.width() == 40}
    rows = [(text, box) for text, box in written if box.width() != 40]
    assert list(columns) == [str(n) for n in range(6)]
    assert [text for text, _ in rows] == [str(n) for n in range(16)]
    for number in range(6):
        xs = [x for (_, x), index in at.items() if index[1] == number]
        center = columns[str(number)].center().x()
        assert center == pytest.approx((min(xs) + max(xs) + 1) / 2, abs=1)
    for text, box in rows:
        ys = [y for (y, _), index in at.items() if index[0] == int(text)]
        assert box.center().y() == pytest.approx((min(ys) + max(ys) + 1) / 2, abs=1)


def test_axis_numbers_do_not_run_into_each_other(
    view: PictureView, written: list[tuple[str, Any]]
) -> None:
    view.show_picture(picture_of_parameter(ramp(120, 60, 1, 1)))
    painted(view)
    rows = sorted(box.center().y() for text, box in written if box.width() != 40)
    assert len(rows) > 3
    assert np.diff(rows).min() >= 7, "one line's height apart"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_pointer_reads_the_number_below_it(view: PictureView, shape: tuple[int, ...]) -> None:
    view.show_picture(_picture(ramp(*shape)))
    heard = Heard(view)
    seen = {index: place for place, index in _indices(view).items()}
    for index, (y, x) in list(seen.items())[:12]:
        move(view, QPointF(x + 0.5, y + 0.5))
        assert heard.take() == [("hovered", (index,))]
        move(view, QPointF(x + 0.4, y + 0.5))
        assert heard.take() == [], "still the same number"
        press(view, QPointF(x + 0.5, y + 0.5))
        assert heard.take() == [("clicked", (index,))]
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert heard.take() == [("hovered", (None,))]
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert heard.take() == []


def test_gaps_and_margins_belong_to_no_number(view: PictureView) -> None:
    view.show_picture(picture_of_parameter(ramp(2, 2, 3, 3)))
    heard = Heard(view)
    press(view, QPointF(2, 2))
    move(view, QPointF(view.width() - 1, 2))
    assert heard.take() == []
    assert view.index_at(QPointF(-5, 10)) is None


def test_showing_and_marking_say_nothing(view: PictureView) -> None:
    heard = Heard(view)
    for values in (ramp(3, 3), ramp(2, 2, 3, 3)):
        view.show_picture(_picture(values))
        view.mark((0,) * values.ndim)
        view.set_mask(np.ones((3, 3), bool))
        view.set_mask(None)
        view.mark(None)
    assert heard.take() == []


def test_what_is_marked_is_outlined_and_nothing_else(view: PictureView) -> None:
    view.show_picture(laid_out(ramp(8, 8)))
    before = painted(view)
    view.mark((2, 5))
    after = painted(view)
    ys, xs = np.nonzero((before != after).any(axis=-1))
    at = [place for place, index in _indices(view).items() if index == (2, 5)]
    top, left = np.min(at, axis=0)
    bottom, right = np.max(at, axis=0)
    assert len(ys)
    assert top - 5 <= ys.min() <= top
    assert bottom <= ys.max() <= bottom + 5
    assert left - 5 <= xs.min() <= left
    assert right <= xs.max() <= right + 5
    middle = (top + bottom) // 2, (left + right) // 2
    assert (before[middle] == after[middle]).all(), "the number's colour can still be seen"


@pytest.mark.parametrize("size", [(12, 12), (7, 9), (40, 60)])
def test_hatching_covers_exactly_the_masked_cells(view: PictureView, size: tuple[int, int]) -> None:
    mask = np.random.default_rng(3).random(size) < 0.4
    view.show_picture(laid_out(ramp(*size)))
    before = painted(view)
    view.set_mask(mask)
    changed = (painted(view) != before).any(axis=-1)
    hit = np.zeros(size, int)
    for place, index in _indices(view).items():
        hit[index] += int(changed[place])
    assert changed.sum() == hit.sum(), "nothing is drawn beside the picture"
    assert (hit[~mask] == 0).all()
    if view.cell_size >= 5:
        assert (hit[mask] > 0).all()


def test_each_channel_is_hatched_alike(view: PictureView) -> None:
    mask = np.zeros((4, 5), bool)
    mask[3] = True
    view.show_picture(laid_out(ramp(3, 4, 5)))
    before = painted(view)
    view.set_mask(mask)
    changed = (painted(view) != before).any(axis=-1)
    hit = np.zeros((3, 4, 5), int)
    for place, index in _indices(view).items():
        hit[index] += int(changed[place])
    assert changed.sum() == hit.sum()
    assert ((hit > 0) == mask).all()


def test_a_picture_of_old_settings_is_faded(view: PictureView, theme: Theme) -> None:
    values = ramp(6, 6)
    view.theme = theme
    view.show_picture(laid_out(values))
    fresh = painted(view).astype(int)
    view.show_picture(laid_out(values), faded=True)
    old = painted(view).astype(int)
    y, x = next(iter(_indices(view)))
    ground = fresh[-1, -1, :3]
    assert (fresh[y, x, :3] != ground).any()
    assert old[y, x, :3] == pytest.approx(0.35 * fresh[y, x, :3] + 0.65 * ground, abs=2)


def test_nothing_to_draw_is_a_sentence_and_no_picture(
    view: PictureView, written: list[tuple[str, Any]]
) -> None:
    view.show_picture(None, "There is none.")
    shown = painted(view)
    assert [text for text, _ in written] == ["There is none."]
    assert view.index_at(QPointF(30, 10)) is None
    colours = {tuple(c) for c in shown.reshape(-1, 4)}
    grey = colourise(np.zeros(1), Scale.of(np.zeros(1)), "light")[0]
    assert tuple(grey) not in colours, "no colour of an exact zero"
    move(view, QPointF(30, 10))
    press(view, QPointF(30, 10))


def test_a_picture_grows_with_its_room_and_keeps_its_limits(view: PictureView) -> None:
    view.show_picture(laid_out(ramp(32, 32)))
    sizes = []
    for width in (40, 120, 170, 1200):
        view.resize(width, view.height())
        sizes.append(view.cell_size)
    assert sizes == sorted(sizes)
    assert sizes[-1] == int(sizes[-1])
    view.set_tallest(100)
    assert view.height() <= 102
    view.set_tallest(10_000)
    view.show_picture(laid_out(ramp(2, 2)))
    assert view.cell_size == 24


@pytest.mark.parametrize("kind", ["float16", "float64", "int64", "bool", "complex64", "uint8"])
def test_any_type_of_number_is_drawn(view: PictureView, kind: str) -> None:
    values = (np.arange(20).reshape(4, 5) % 3).astype(kind)
    view.show_picture(laid_out(values))
    shown = painted(view)
    real = np.abs(values) if kind == "complex64" else values
    wanted = colourise(real, Scale.of(real), "light")
    for (y, x), index in _indices(view).items():
        assert (shown[y, x] == wanted[index]).all()


def test_special_numbers_have_their_own_colours(view: PictureView) -> None:
    values = np.array([[np.nan, np.inf], [-np.inf, 1.0]], np.float32)
    view.show_picture(laid_out(values))
    shown = painted(view)
    found = {index: tuple(shown[place].tolist()) for place, index in _indices(view).items()}
    assert len(set(found.values())) == 4


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0, 3), (0, 1, 3, 3)])
def test_an_array_without_numbers_leaves_the_place_empty(
    view: PictureView, shape: tuple[int, ...]
) -> None:
    view.show_picture(_picture(np.zeros(shape, np.float32)))
    painted(view)
    assert _indices(view) == {}


def test_a_long_array_is_shrunk_not_cut(view: PictureView) -> None:
    values = np.zeros((1, 3000), np.float32)
    values[0, -1] = 1
    view.show_picture(laid_out(values))
    assert view.cell_size < 1
    painted(view)
    assert view.index_at(QPointF(view.width() - 0.5, view.height() - 3)) in {
        None,
        *[(0, n) for n in range(2900, 3000)],
    }


def test_a_thumbnail_is_one_pixel_a_number(theme: Theme) -> None:
    values = ramp(3, 4, 5)
    mosaic = Mosaic.of((3, 4, 5), kind="maps")
    scale = Scale.of(values)
    image = pixels(thumbnail(values, mosaic, scale, theme))
    assert image.shape[:2] == (mosaic.height, mosaic.width)
    wanted = colourise(values, scale, colour_theme(theme))
    for index in np.ndindex(3, 4, 5):
        assert (image[mosaic.cell_of(index)] == wanted[index]).all()
    gaps = [
        image[y, x, 3]
        for y in range(mosaic.height)
        for x in range(mosaic.width)
        if mosaic.index_at(y, x) is None
    ]
    assert set(gaps) == {0}, "gaps are transparent"


def test_a_tool_tip_may_be_asked_for_anywhere(view: PictureView) -> None:
    view.show_picture(laid_out(ramp(3, 3)))
    for point in (QPoint(-4, 2), QPoint(40, 20)):
        QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, point, point))


ON_A_FINE_SCREEN = """
import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from lenet_viz.display.colours import colourise
from lenet_viz.display.scale import Scale
from lenet_viz.panels.parameter_block import picture_of_parameter
from lenet_viz.panels.picture_view import PictureView
from tests.panels.pixels import pixels
from tests.panels.small_captures import ramp

app = QApplication([])
view = PictureView("picture", axes=True)
view.resize(201, 100)
values = ramp(16, 6, 3, 3)
view.show_picture(picture_of_parameter(values))
view.show()
app.processEvents()
shown = pixels(view.grab().toImage())
assert view.devicePixelRatio() == 2, view.devicePixelRatio()
assert shown.shape[:2] == (2 * view.height(), 2 * view.width())
wanted = colourise(values, Scale.of(values), "light")
seen = set()
for y in range(shown.shape[0]):
    for x in range(shown.shape[1]):
        index = view.index_at(QPointF((x + 0.5) / 2, (y + 0.5) / 2))
        if index is not None:
            seen.add(index)
            assert (shown[y, x] == wanted[index]).all(), (y, x, index)
assert len(seen) == values.size
"""


def test_each_pixel_is_right_on_a_screen_of_twice_the_resolution() -> None:
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", ON_A_FINE_SCREEN],
        cwd=root,
        env={**os.environ, "QT_SCALE_FACTOR": "2", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
