"""Figures of panels: nothing cut off, the screen's numbers and colours, the same bytes."""

import base64
import json
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QLabel, QWidget

from lenet_viz.capture.api import capture
from lenet_viz.errors import UserMistake
from lenet_viz.export.easel import overflow
from lenet_viz.export.figure import Figure
from lenet_viz.export.figures import PANELS, panel_figure
from lenet_viz.export.files import image_of, pdf, png, svg
from lenet_viz.export.selected_arrays import arrays_of
from lenet_viz.export.sheet import SHEETS, Sheet
from lenet_viz.panels.theme import DARK, PRINT
from lenet_viz.session.state import State
from tests.panels.pixels import pixels
from tests.panels.runs import Stock, odd_captures, state_of

SVG = "{http://www.w3.org/2000/svg}"
IMAGE = "{http://www.w3.org/1999/xlink}href"
PAGES = {
    "wide": Sheet(1600, 1000),
    "narrow": SHEETS["a4-column"],
    "slide": SHEETS["slide"],
    "page": SHEETS["a4"],
    "free": Sheet(700),
    "large type": Sheet(900, 700, type_size=24),
}


@contextmanager
def figure(
    name: str, state: State, sheet: Sheet = PAGES["free"], **others: object
) -> Iterator[Figure]:
    made = panel_figure(name, state, sheet, **others)  # type: ignore[arg-type]
    yield made
    made.take_down()


@pytest.fixture
def state(stock: Stock, qapp: QApplication) -> State:
    return replace(stock.backward(), selected="conv2")


def widget_of(made: Figure) -> QWidget:
    return made._easel.widget


# -- layout ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", PANELS)
def test_nothing_is_cut_off(state: State, name: str, page: str) -> None:
    sheet = PAGES[page]
    with figure(name, state, sheet) as made:
        widget, zoom = widget_of(made), made._easel.zoom
        assert overflow(widget) == (0, 0)
        assert widget.width() * zoom <= sheet.width - 2 * sheet.margin + 1
        caption = made._caption_top + made._caption_height
        assert widget.height() * zoom <= made._caption_top - sheet.margin + 1
        assert caption <= made.height - sheet.margin + 1
        assert made.width == sheet.width
        assert sheet.height in (None, made.height)
        for label in widget.findChildren(QLabel):
            if label.isVisibleTo(widget) and label.text():
                bottom = label.mapTo(widget, label.rect().bottomRight())
                assert widget.rect().contains(bottom), label.objectName()
                assert label.height() >= label.heightForWidth(label.width()), label.objectName()


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("kind", odd_captures())
def test_odd_runs(name: str, kind: str, qapp: QApplication) -> None:
    made = odd_captures()[kind]()
    selected = made.steps[-1].name if len(made.steps) else "input"
    with figure(name, state_of(made, selected, backward=made.objective is not None)) as drawn:
        assert overflow(widget_of(drawn)) == (0, 0)
        assert png(drawn, 1.0).startswith(b"\x89PNG")
        ET.fromstring(svg(drawn))
        assert pdf([drawn]).startswith(b"%PDF")


@pytest.mark.parametrize("name", PANELS)
def test_a_page_has_no_buttons_and_no_scroll_bars(state: State, name: str) -> None:
    with figure(name, state) as made:
        widget = widget_of(made)
        buttons = [one for one in widget.findChildren(QAbstractButton) if one.isVisibleTo(widget)]
        assert buttons == []
        for area in widget.findChildren(QAbstractScrollArea):
            assert not area.verticalScrollBar().isVisible()
            assert not area.horizontalScrollBar().isVisible()
        words = " ".join(label.text() for label in widget.findChildren(QLabel))
        shown = [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
        assert words
        for hint in ("Click", "Point at", "Wheel", "press"):
            assert not [text for text in shown if hint in text]


def test_larger_type_makes_larger_words(state: State) -> None:
    sizes = []
    for points in (6, 12):
        with figure("step", state, Sheet(900, None, type_size=points)) as made:
            sizes.append(made._easel.zoom)
    assert sizes[1] == pytest.approx(2 * sizes[0])


def test_a_log_that_is_too_long_for_its_page_says_what_is_left_out(stock: Stock) -> None:
    long = stock.accumulated()
    with figure("log", long, SHEETS["slide"]) as made:
        words = " ".join(ET.fromstring(svg(made)).itertext())
        newest = [line for line in long.log[-1].output.splitlines() if line]
        assert re.search(r"the newest \d+ of \d+ cells", words)
        assert newest[-1].split()[-1] in words
        assert made._easel.zoom > 0.5 * SHEETS["slide"].type_size / 9
    with figure("log", long) as whole:
        assert "the newest" not in " ".join(ET.fromstring(svg(whole)).itertext())


# -- the same numbers and colours -------------------------------------------------------------


def images_in(document: bytes) -> list[QImage]:
    found = []
    for node in ET.fromstring(document).iter(f"{SVG}image"):
        kind, _, content = node.attrib[IMAGE].partition(",")
        assert "png" in kind
        found.append(QImage.fromData(base64.b64decode(content)))
    return found


@pytest.mark.parametrize("name", ["maps", "gradients"])
def test_an_svg_holds_every_number_as_a_square_of_its_colour(state: State, name: str) -> None:
    """The colour of each cell is read from the file and turned back into its number."""
    capture = state.capture
    assert capture is not None
    step = capture.steps["conv2"]
    values = step.activation if name == "maps" else step.gradient
    assert values is not None
    with figure(name, state) as made:
        maps = widget_of(made)
        mosaic = maps.columns[0].mosaic.layout_now.mosaic  # type: ignore[attr-defined]
        picture = max(images_in(svg(made)), key=lambda one: one.width() * one.height())
    rgba = pixels(picture)
    cell = picture.width() // mosaic.width
    assert cell >= 4, "so many pixels that no viewer blurs a cell away"
    assert rgba.shape[:2] == (mosaic.height * cell, mosaic.width * cell)
    colours: dict[tuple[int, ...], list[float]] = {}
    for index in np.ndindex(values.shape[1:]):
        y, x = mosaic.cell_of(index)
        square = rgba[y * cell : (y + 1) * cell, x * cell : (x + 1) * cell].reshape(-1, 4)
        assert (square == square[0]).all(), "one colour from edge to edge"
        colours.setdefault(tuple(square[0].tolist()), []).append(float(values[0][index]))
    # Red is positive, blue is negative, and exact zeros have a colour of their own.
    for (red, _, blue, _), numbers in colours.items():
        if 0.0 in numbers:
            assert set(numbers) == {0.0}
        elif abs(red - blue) > 12:
            assert {number > 0 for number in numbers} == {red > blue}
    # The same colour for numbers that are close, another one for numbers that are not.
    spread = max(max(numbers) - min(numbers) for numbers in colours.values())
    assert spread < 2.2 * float(np.abs(values).max()) / 128


def test_raster_and_vector_show_the_same_colours(state: State) -> None:
    with figure("maps", state) as made:
        screen = pixels(image_of(made, 1.0))
        largest = max(images_in(svg(made)), key=lambda one: one.width() * one.height())
        found = {tuple(one) for one in pixels(largest).reshape(-1, 4).tolist() if one[3] == 255}
    shown = {tuple(one) for one in screen.reshape(-1, 4).tolist()}
    assert len(found & shown) > 0.95 * len(found)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("step", ["15 - 3 + 1 = 13", "weight 16 × 6 × 3 × 3 = 864", "1, 16, 13, 13"]),
        ("strip", ["conv1", "max_pool2d_2", "1,16,13,13", "81,194"]),
        ("storyboard", ["conv1", "max_pool2d_2", "(1, 16, 13, 13)", "81,194"]),
        ("parameters", ["conv2.weight", "85.1 %", "81,194 numbers"]),
        ("input", ["124 structural", "124 of 1024 pixels"]),
        ("maps", ["(1, 16, 13, 13)", "shared scale"]),
        ("gradients", ["gradient of cross-entropy"]),
        ("histogram", ["2,704 numbers", "activation"]),
        ("log", ["torch.Size([1, 16, 13, 13])", ">>>"]),
    ],
)
def test_text_is_text(state: State, name: str, words: list[str]) -> None:
    with figure(name, state, Sheet(1200)) as made:
        text = " ".join(ET.fromstring(svg(made)).itertext())
        plain = b"".join(_streams(pdf([made])))
    for word in words:
        assert word in text
    # In the PDF letters are glyphs of an embedded font, shown by Tj operators.
    assert plain.count(b"Tj") + plain.count(b"TJ") > 5


def _streams(document: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            continue


@pytest.mark.parametrize("name", PANELS)
def test_words_of_an_svg_keep_their_width_in_every_viewer(state: State, name: str) -> None:
    with figure(name, state) as made:
        root = ET.fromstring(svg(made))
    texts = [node for node in root.iter(f"{SVG}text") if node.text and len(node.text.strip()) > 1]
    assert texts
    for node in texts:
        family = node.attrib["font-family"]
        assert family.endswith((", sans-serif", ", monospace"))
        font = QFont(family.split(",")[0].strip("'"))
        font.setPixelSize(round(float(node.attrib["font-size"])))
        font.setWeight(QFont.Weight(int(node.attrib["font-weight"])))
        font.setItalic(node.attrib.get("font-style") == "italic")
        assert QFontInfo(font).family() == family.split(",")[0].strip("'")
        wide = QFontMetricsF(font).horizontalAdvance(str(node.text))
        assert float(node.attrib["textLength"]) == pytest.approx(wide, rel=0.02, abs=0.5)


def test_an_svg_clips_nothing_and_leaves_smoothing_to_the_viewer(state: State) -> None:
    with figure("input", state) as made:
        text = svg(made).decode()
    assert "clip-path" not in text
    assert "optimizeSpeed" not in text


def test_hatching_ends_where_its_cells_end(state: State) -> None:
    """SVG viewers are not asked to clip: every line ends inside the picture by itself."""
    with figure("input", state, Sheet(800)) as made:
        root = ET.fromstring(svg(made))
        view = made._easel.widget.findChild(QWidget, "input_gradient")
        assert view is not None
        place: QRectF = view._place  # type: ignore[attr-defined]
    drawn = [group for group in root.iter(f"{SVG}g") if group.get("stroke") == PRINT.hatch]
    ends = [
        tuple(map(float, point.split(",")))
        for group in drawn
        for line in group.iter(f"{SVG}polyline")
        for point in line.attrib["points"].split()
    ]
    assert len(ends) > 20
    inside = place.adjusted(-0.1, -0.1, 0.1, 0.1)
    assert all(inside.contains(x, y) for x, y in ends)


# -- what a figure says of itself -------------------------------------------------------------


@pytest.mark.parametrize("name", PANELS)
def test_every_file_says_what_made_it(state: State, name: str) -> None:
    capture = state.capture
    assert capture is not None
    with figure(name, state) as made:
        image = QImage.fromData(png(made, 1.0))
        root = ET.fromstring(svg(made))
        document = pdf([made])
    written = root.findtext(f"{SVG}metadata")
    assert written is not None
    facts = json.loads(written)
    assert facts["weights_sha256"] == capture.model.weights_hash
    assert facts["objective"].startswith("cross-entropy")
    assert facts["model"] == "notebook"
    assert facts["torch"] == capture.versions["torch"]
    assert facts["panel"] == name
    assert json.loads(image.text("lenet_viz")) == facts
    assert "notebook" in image.text("Description")
    assert root.findtext(f"{SVG}desc") == image.text("Description")
    assert json.dumps(facts["weights_sha256"]).encode() in document.replace(b"&quot;", b'"')


def test_colour_ranges_are_in_the_facts(state: State) -> None:
    with figure("maps", state) as made:
        assert "-0.454 to +0.454" in made.origin.facts["details"]
        assert made.origin.facts["step"] == "conv2"
        assert made.origin.facts["shape"] == "(1, 16, 13, 13)"


def test_without_a_caption_nothing_stands_below(state: State) -> None:
    with figure("maps", state) as with_it, figure("maps", state, caption=False) as without:
        assert without.height < with_it.height
        assert without.origin.caption == ""


@pytest.mark.parametrize("name", PANELS)
def test_the_same_figure_gives_the_same_bytes(state: State, name: str) -> None:
    found = []
    for _ in range(2):
        with figure(name, state, Sheet(640, 480)) as made:
            found.append((png(made, 1.5), svg(made), pdf([made])))
    assert found[0] == found[1]


def test_two_figures_have_two_document_ids(state: State) -> None:
    with figure("maps", state) as one, figure("step", state) as other:
        ids = [re.findall(rb"/ID \[ <(\w+)>", pdf([each]))[0] for each in (one, other)]
    assert ids[0] != ids[1]


def test_a_pdf_has_a_page_for_each_figure_each_of_its_own_size(state: State) -> None:
    with (
        figure("maps", state, Sheet(960, 480)) as one,
        figure("step", state, Sheet(480, 960)) as two,
    ):
        document = pdf([one, two])
    boxes = re.findall(rb"/MediaBox \[([^\]]*)\]", document)
    assert [tuple(map(float, box.split())) for box in boxes] == [(0, 0, 720, 360), (0, 0, 360, 720)]


def test_an_image_too_large_is_refused(state: State) -> None:
    with figure("maps", state) as made, pytest.raises(UserMistake) as refused:
        image_of(made, 60.0)
    assert "smaller scale" in str(refused.value)


def test_dark_and_light(state: State) -> None:
    for theme, light in ((PRINT, True), (DARK, False)):
        with figure("step", state, theme=theme) as made:
            image = image_of(made, 1.0)
            ground = image.pixelColor(image.width() - 4, 4).lightness()
            assert (ground > 200) == light
            assert (ground < 60) != light


def test_a_stale_run_is_faded_and_said_in_every_format(state: State) -> None:
    stale = replace(state, settings=replace(state.settings, weights_seed=9))
    with figure("maps", state) as fresh, figure("maps", stale) as old:
        assert "older than the present settings" in old.origin.caption
        one, other = (
            max(images_in(svg(each)), key=lambda image: image.width() * image.height())
            for each in (fresh, old)
        )
    middle = (one.width() // 8, one.height() // 8)
    assert other.pixelColor(*middle).alpha() < one.pixelColor(*middle).alpha() == 255


# -- what others put into a run ---------------------------------------------------------------


def test_signs_that_xml_cannot_hold_are_replaced(qapp: QApplication) -> None:
    name = "z\x01\x08\ufffeq"
    made = odd_captures()["one long"]()
    model = replace(made.model, name=name)
    object.__setattr__(made, "model", model)
    with figure("storyboard", state_of(made, made.steps[-1].name)) as drawn:
        text = svg(drawn)
        document = pdf([drawn])
    assert "z\ufffd\ufffd\ufffdq" in " ".join(ET.fromstring(text).itertext())
    packet = re.search(rb"<x:xmpmeta.*?</x:xmpmeta>", document, re.DOTALL)
    assert packet is not None
    ET.fromstring(packet[0])


@pytest.mark.parametrize("classes", [3, 12])
def test_classes_stand_on_axis_one(classes: int, qapp: QApplication) -> None:
    """A segmentation network gives (N, classes, H, W), as cross_entropy expects."""
    net = torch.nn.Conv2d(1, classes, 3, padding=1)
    made = capture(net, torch.rand(1, 1, 4, 4), backward=f"cross-entropy:{classes - 1}", seed=0)
    state = state_of(made, made.steps[0].name)
    for name in ("strip", "storyboard", "maps"):
        with figure(name, state) as drawn:
            assert png(drawn, 1.0).startswith(b"\x89PNG")
    (target,) = arrays_of(replace(state, selected="target"), "maps")[:1]
    numbers = target.read()
    assert numbers is not None
    assert numbers.shape == (1, classes, 4, 4)
    assert (numbers.sum(axis=1) == 1).all()
    assert (numbers[:, classes - 1] == 1).all()
