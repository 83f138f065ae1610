"""The whole window on paper: what its scroll areas hide is not there, in any format."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QScrollArea, QTabBar, QTableView, QWidget

from lenet_viz.export.figure import Figure
from lenet_viz.export.files import image_of, svg
from lenet_viz.export.sheet import Sheet
from lenet_viz.panels.theme import LIGHT
from lenet_viz.window.still import window_figure
from tests.panels.pixels import pixels
from tests.window.driver import SIZE, Program

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def figure(program: Program) -> Iterator[Figure]:
    program.session.select("conv2")
    made = window_figure(program.state, Sheet(1280, 800, 0), LIGHT)
    yield made
    made.take_down()


def window_of(made: Figure) -> QWidget:
    return made._easel.widget


def place_of(made: Figure, kind: type[QScrollArea] | type[QTableView], name: str) -> QRect:
    window = window_of(made)
    area = window.findChild(kind, name)
    assert area is not None
    viewport = area.viewport()
    return QRect(viewport.mapTo(window, QPoint(0, 0)), viewport.size())


def texts_of(document: bytes) -> Iterator[tuple[str, float, float]]:
    """Each piece of text with where its baseline begins, in the drawing's own units."""
    for group in ET.fromstring(document).iter(f"{SVG}g"):
        found = re.fullmatch(r"matrix\(([^)]*)\)", group.get("transform", ""))
        if found is None:
            continue
        a, b, c, d, e, f = map(float, found[1].split(","))
        for node in group.findall(f"{SVG}text"):
            x, y = float(node.attrib["x"]), float(node.attrib["y"])
            yield str(node.text), a * x + c * y + e, b * x + d * y + f


def test_words_that_are_scrolled_away_are_not_in_the_drawing(figure: Figure) -> None:
    zoom = figure._easel.zoom
    view = place_of(figure, QScrollArea, "step_scroll")
    inside = [
        (words, y / zoom)
        for words, x, y in texts_of(svg(figure))
        if view.left() <= x / zoom <= view.right() and y / zoom > view.top()
    ]
    assert any("15 - 3 + 1 = 13" in words for words, _ in inside)
    status = window_of(figure).height() - 30
    assert [words for words, y in inside if view.bottom() < y < status] == []


def test_no_row_of_a_table_is_cut(program: Program) -> None:
    made = window_figure(program.state, Sheet(1400, 1000, 0), LIGHT)
    table = window_of(made).findChild(QTableView, "parameters_table")
    assert table is not None
    assert table.verticalScrollBar().maximum() > 0, "not all rows fit"
    rows = table.viewport().height() / table.verticalHeader().defaultSectionSize()
    made.take_down()
    assert rows == int(rows) >= 1


def test_it_looks_like_the_window(program: Program) -> None:
    # Other tests of the same window may have closed docks or made it small.
    program.window.resize(*SIZE)
    program.window.arrange_anew()
    program.session.select("conv2")
    program.session.choose_theme("light")
    program.pause(0.2)
    size = program.window.size()
    sheet = Sheet(size.width(), size.height(), 0)
    made = window_figure(program.state, sheet, LIGHT, like=program.window, caption=False)
    drawn = pixels(image_of(made, 1.0))
    screen = pixels(program.window.grab().toImage())
    made.take_down()
    assert drawn.shape == screen.shape
    near = np.abs(drawn.astype(int) - screen.astype(int)).max(axis=-1) < 40
    assert near.mean() > 0.96, "all but a row of the table that would be cut, and edges of letters"


def test_the_window_is_never_narrower_than_its_toolbar(program: Program) -> None:
    made = window_figure(program.state, Sheet(600, 900, 0), LIGHT)
    window = window_of(made)
    assert window.width() >= 1239
    more = window.findChild(QWidget, "qt_toolbar_ext_button")
    assert more is None or not more.isVisibleTo(window)
    made.take_down()


def test_each_dock_has_one_tab_at_most(program: Program) -> None:
    made = window_figure(program.state, Sheet(1600, 1000, 0), LIGHT)
    window = window_of(made)
    bars = [bar for bar in window.findChildren(QTabBar) if not bar.isHidden()]
    words = [bar.tabText(at) for bar in bars for at in range(bar.count())]
    assert "Input" in words
    assert sorted(words) == sorted(set(words))
    made.take_down()


def test_nothing_of_the_users_is_written(program: Program) -> None:
    before = dict(program.window._memory._values)
    made = window_figure(program.state, Sheet(1280, 800, 0), LIGHT)
    made.take_down()
    program.pause(0.1)
    assert dict(program.window._memory._values) == before
    assert window_of(made)._memory._path is None  # type: ignore[attr-defined]
