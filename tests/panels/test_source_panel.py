import importlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QToolTip
from pytestqt.qtbot import QtBot

from lenet_viz.capture.api import capture
from lenet_viz.capture.read_only import ReadOnly
from lenet_viz.capture.records import Capture
from lenet_viz.capture.run import RecordingFailed
from lenet_viz.capture.store import load
from lenet_viz.display.python_words import Kind
from lenet_viz.export.figures import panel_figure
from lenet_viz.export.sheet import SHEETS, Sheet
from lenet_viz.panels.link_label import LinkLabel
from lenet_viz.panels.source_document import word_color
from lenet_viz.panels.source_panel import SourcePanel
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.style import style_sheet
from lenet_viz.panels.theme import DARK, LIGHT, Theme
from lenet_viz.session.state import State
from tests.panels.pixels import move, painted
from tests.panels.runs import Stock, odd_captures, state_of
from tests.panels.test_theme import contrast

NET = '''"""A file of one's own: ümläuts, 中文 and 😀."""
import torch
from torch import nn
from {blocks} import Block


class Tabbed(nn.Module):
\tdef forward(self, x):
\t\tgröße = "😀" "tail"  # 名前
\t\tpick = lambda t: torch.tanh(t) * len(größe)
\t\treturn pick(x)


class Net(nn.Module):
    def __init__(self, fails=False):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.block = Block()
        self.tabbed = Tabbed()
        self.fails = fails

    def forward(self, x):
        x = torch.relu(self.stem(x))
        for _ in range(3):
            x = self.block(x)
        x = self.tabbed(x)
        if self.fails == "op":
            x = x.view(-1, 7)
        if self.fails:
            raise ValueError("enough <b>")
        return x.mean((2, 3))
'''
BLOCK = "import torch\r\nfrom torch import nn\r\n\r\n\r\nclass Block(nn.Module):\r\n"
BLOCK += "    def forward(self, x):\r\n        return torch.sigmoid(x) + x\r\n"


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds ``part``."""
    return next(n for n, row in enumerate(text.splitlines(), 1) if part in row)


STEM, BLOCKS = line_of(NET, "torch.relu"), line_of(BLOCK, "sigmoid")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Two files as a user has them, one of them with Windows' line ends."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "source_net.py").write_text(NET.format(blocks="source_blocks"), "utf-8")
    (folder / "source_blocks.py").write_bytes(BLOCK.encode())
    sys.path.insert(0, str(folder))
    yield importlib.import_module("source_net")
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def own(module: ModuleType) -> Capture:
    return capture(module.Net(), torch.rand(1, 1, 6, 6), seed=0)


@pytest.fixture(scope="module", params=["op", "outside"])
def failed(module: ModuleType, request: pytest.FixtureRequest) -> Capture:
    with pytest.raises(RecordingFailed) as raised:
        capture(module.Net(request.param), torch.rand(1, 1, 6, 6), seed=0)
    return raised.value.capture


Opener = Callable[..., SourcePanel]


@pytest.fixture
def opened(qtbot: QtBot) -> Opener:
    def open_panel(
        state: State, theme: Theme = LIGHT, size: tuple[int, int] = (640, 300)
    ) -> SourcePanel:
        panel = SourcePanel()
        qtbot.addWidget(panel)
        panel.setStyleSheet(style_sheet(theme))
        panel.resize(*size)
        panel.set_theme(theme)
        panel.render_state(None, state)
        panel.show()
        QApplication.processEvents()
        return panel

    return open_panel


def select(panel: SourcePanel, card: str) -> None:
    assert panel.state is not None
    panel.render_state(panel.state, replace(panel.state, selected=card))


def text(panel: SourcePanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return "" if label.isHidden() else label.text()


def place(panel: SourcePanel, number: int) -> QPointF:
    """The middle of a line's left end, which has to be in view."""
    for found, top, height, _line in panel.view.rows_in_view():
        if found == number and top + height <= panel.view.viewport().height():
            return QPointF(40, top + height / 2)
    raise AssertionError(f"line {number} cannot be seen")


def click(panel: SourcePanel, number: int) -> None:
    at = place(panel, number).toPoint()
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def shown_text(panel: SourcePanel) -> str:
    return panel.view.toPlainText()


# -- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["notebook", "lenet5", "tutorial", "toy"])
def test_a_presets_text_is_the_one_its_lines_count_in(
    preset: str, stock: Stock, opened: Opener
) -> None:
    state = stock.forward(preset)
    assert state.capture is not None
    panel = opened(state)
    rows = shown_text(panel).split("\n")
    assert rows[-1].strip().startswith("return")
    for step in state.capture.steps:
        assert step.source_line is not None
        assert rows[step.source_line.number - 1].strip() == step.source_line.text
        select(panel, step.name)
        assert panel.view.selected == step.source_line.number
        place(panel, panel.view.selected)
    assert text(panel, "source_note") == ""


def test_an_own_file_is_shown_whole(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "stem"))
    assert shown_text(panel) == NET.format(blocks="source_blocks").rstrip("\n")
    assert panel.view.selected == STEM
    assert text(panel, "source_subtitle") == f"line {STEM}, forward"
    assert panel.view.file.steps[STEM] == ("stem", "relu")


def test_a_step_in_another_file_opens_it(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "stem"))
    assert panel.choice.isVisible()
    assert [panel.choice.itemText(at) for at in range(panel.choice.count())] == [
        "source_net.py",
        "source_blocks.py",
    ]
    select(panel, "sigmoid_2")
    assert shown_text(panel) == BLOCK.replace("\r\n", "\n").rstrip("\n")
    assert panel.view.selected == BLOCKS
    assert panel.choice.currentText() == "source_blocks.py"
    assert len(panel.view.file.steps[BLOCKS]) == 6
    assert "source_blocks.py" in panel.choice.toolTip()
    select(panel, "tanh")
    assert panel.choice.currentText() == "source_net.py"


def test_another_file_can_be_chosen(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "stem"))
    panel.choice.setFocus()
    QTest.keyClick(panel.choice, Qt.Key.Key_Down)
    assert "sigmoid" in shown_text(panel)
    assert panel.view.selected == 0
    # A new run of the same text leaves the reader where he is.
    state = state_of(own, "stem")
    assert state.run is not None
    panel.render_state(panel.state, replace(state, run=replace(state.run, number=2)))
    assert "sigmoid" in shown_text(panel)
    panel.set_theme(DARK)
    assert "sigmoid" in shown_text(panel)


def test_one_file_needs_no_choice(stock: Stock, opened: Opener) -> None:
    panel = opened(replace(stock.forward(), selected="fc1"))
    assert not panel.choice.isVisible()
    assert text(panel, "source_subtitle") == "line 18, forward · notebook"


def test_words_are_shortened_in_a_narrow_panel(stock: Stock, opened: Opener) -> None:
    panel = opened(replace(stock.forward(), selected="fc1"), size=(240, 300))
    assert panel.width() == 240
    assert "…" in text(panel, "source_subtitle")
    panel.resize(640, 300)
    QApplication.processEvents()
    assert text(panel, "source_subtitle") == "line 18, forward · notebook"


@pytest.mark.parametrize("name", odd_captures())
def test_runs_of_all_kinds(name: str, opened: Opener) -> None:
    made = odd_captures()[name]()
    panel = opened(state_of(made))
    for card in ("input", *made.steps.keys(), "target", "loss"):
        select(panel, card)
        painted(panel)
    if name == "no steps":
        assert "No step" in text(panel, "source_note")
        assert not panel.view.isVisible()
    else:
        assert "return self.function(self, *inputs)" in shown_text(panel)


def test_before_the_first_run(stock: Stock, opened: Opener) -> None:
    panel = opened(replace(stock.forward(), run=None, selected="input"))
    assert "on its way" in text(panel, "source_note")
    assert panel.caption_details() == ()
    panel.render_state(panel.state, replace(stock.forward(), selected="conv1"))
    assert panel.view.selected == 15
    panel.render_state(panel.state, replace(stock.forward(), run=None, selected="input"))
    assert not panel.view.isVisible()


def test_without_a_text_the_known_lines_are_shown(own: Capture, opened: Opener) -> None:
    bare = replace(own, sources=ReadOnly({}), model=replace(own.model, source_text=""))
    panel = opened(state_of(bare, "stem"))
    assert shown_text(panel).split("\n")[0] == "…"
    assert "x = torch.relu(self.stem(x))" in shown_text(panel)
    assert "import" not in shown_text(panel)
    assert "keeps no text of source_net.py" in text(panel, "source_note")
    heard: list[str] = []
    panel.step_requested.connect(heard.append)
    click(panel, STEM)
    assert heard == ["relu"]


def test_a_changed_text_is_not_shown_as_what_ran(own: Capture, opened: Opener) -> None:
    changed = {name: f"# new\n{old}" for name, old in own.sources.items()}
    panel = opened(state_of(replace(own, sources=ReadOnly(changed)), "stem"))
    assert "not the one that ran" in text(panel, "source_note")
    assert "# new" not in shown_text(panel)


def test_a_text_that_python_cannot_read(own: Capture, opened: Opener) -> None:
    """Such as a notebook's cell with a line of its own language."""
    broken = {name: f"{old}\n%magic (((\n'''" for name, old in own.sources.items()}
    panel = opened(state_of(replace(own, sources=ReadOnly(broken)), "stem"))
    assert "%magic" in shown_text(panel)
    assert panel.view.selected == STEM
    painted(panel)


def test_the_texts_come_back_from_a_file(own: Capture, opened: Opener, tmp_path: Path) -> None:
    panel = opened(state_of(load(own.save(tmp_path / "run.lvcap")), "sigmoid"))
    assert "class Block" in shown_text(panel)
    assert panel.view.selected == BLOCKS


# -- a failure ---------------------------------------------------------------------------------


def test_the_failing_line_is_marked_and_explained(failed: Capture, opened: Opener) -> None:
    part = "view(-1, 7)" if failed.steps[-1].error else "raise ValueError"
    number = line_of(NET, part)
    panel = opened(state_of(failed))
    assert list(panel.view.file.failed) == [number]
    assert f"Line {number}" in text(panel, "source_failure")
    place(panel, number)
    warning = QColor(LIGHT.warning)
    marked = [number for number in range(1, 40) if _bar(panel, number) == warning]
    assert marked == [number]


def _bar(panel: SourcePanel, number: int) -> QColor | None:
    """The colour at the very left of a line's row; None for one that is not in view."""
    margin = panel.view.margin
    image = painted(margin)
    for found, top, height, _line in panel.view.rows_in_view():
        if found == number and top >= 0 and top + height < margin.height():
            return QColor(*image[round(top + height / 2), 1, :3].tolist())
    return None


def test_a_sentence_is_no_html(failed: Capture, opened: Opener) -> None:
    panel = opened(state_of(failed))
    number = next(iter(panel.view.file.failed))
    at = place(panel, number).toPoint()
    tip = QHelpEvent(QEvent.Type.ToolTip, at, panel.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(panel.view.viewport(), tip)
    words = QToolTip.text()
    QToolTip.hideText()
    assert "failed" in words
    assert "<b>" not in words


# -- looks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("ground", ["surface", "accent_ground"])
def test_every_word_can_be_read(theme: Theme, kind: Kind, ground: str) -> None:
    ink = word_color(theme, kind)
    assert contrast(ink, theme.color(ground)) >= 4.5
    hue, _, saturation = ink.hsvHueF() * 360, 0, ink.hsvSaturationF()
    if kind not in {Kind.NAME, Kind.COMMENT}:
        assert saturation > 0.3
        assert 15 < hue < 200 or 255 < hue < 345


@pytest.mark.parametrize("ground", ["surface", "accent_ground"])
def test_the_margin_can_be_read(theme: Theme, ground: str) -> None:
    for role in ("text", "muted", "good", "warning"):
        assert contrast(theme.color(role), theme.color(ground)) >= 4.5


def _formats(panel: SourcePanel, number: int) -> list[tuple[str, str]]:
    """The coloured words of a line with their colours."""
    row = panel.view.file.row(number)
    assert row is not None
    block = panel.view.document().findBlockByNumber(row)
    layout: QTextLayout = block.layout()
    encoded = block.text().encode("utf-16-le")
    return [
        (
            encoded[2 * found.start : 2 * (found.start + found.length)].decode("utf-16-le"),
            found.format.foreground().color().name(),
        )
        for found in layout.formats()
    ]


def test_words_have_their_colours_also_behind_an_emoji(
    own: Capture, opened: Opener, theme: Theme
) -> None:
    panel = opened(state_of(own, "tanh"), theme)
    string, comment = (word_color(theme, kind).name() for kind in (Kind.STRING, Kind.COMMENT))
    assert _formats(panel, line_of(NET, "größe =")) == [
        ('"😀"', string),
        ('"tail"', string),
        ("# 名前", comment),
    ]
    keyword, name = (word_color(theme, kind).name() for kind in (Kind.KEYWORD, Kind.NAME))
    assert _formats(panel, line_of(NET, "def forward")) == [("def", keyword), ("forward", name)]
    panel.set_theme(DARK if theme is LIGHT else LIGHT)
    assert _formats(panel, line_of(NET, "größe ="))[0][1] != string


def test_the_selected_line_stands_out(stock: Stock, opened: Opener, theme: Theme) -> None:
    panel = opened(replace(stock.forward(), selected="conv2"), theme)
    y = round(place(panel, 16).y())
    ground = QColor(theme.accent_ground)
    for widget in (panel.view.viewport(), panel.view.margin):
        pixel = painted(widget)[y, -2, :3].tolist()
        assert QColor(*pixel) == ground
    assert _bar(panel, 16) == QColor(theme.accent)
    assert _bar(panel, 15) != QColor(theme.accent)


def test_the_line_under_the_pointer_is_outlined(stock: Stock, opened: Opener) -> None:
    panel = opened(stock.forward(), size=(640, 480))
    viewport = panel.view.viewport()
    before = painted(viewport)
    move(viewport, place(panel, 17))
    assert panel.view.hovered == 17
    changed = (painted(viewport) != before).any((1, 2)).nonzero()[0]
    _, top, height, _ = next(row for row in panel.view.rows_in_view() if row[0] == 17)
    assert top - 1 <= changed.min()
    assert changed.max() <= top + height
    assert panel.view.margin.cursor().shape() == Qt.CursorShape.PointingHandCursor
    move(viewport, place(panel, 2))
    assert panel.view.hovered == 0
    assert (painted(viewport) == before).all()
    move(viewport, place(panel, 17))
    QApplication.sendEvent(viewport, QEvent(QEvent.Type.Leave))
    assert panel.view.hovered == 0


# -- what one does -----------------------------------------------------------------------------


def test_clicks_walk_through_the_steps_of_a_line(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "input"))
    heard: list[str] = []
    panel.step_requested.connect(heard.append)
    panel.step_requested.connect(lambda name: select(panel, name))
    select(panel, "sigmoid_3")
    for _ in range(3):
        click(panel, BLOCKS)
    assert heard == ["add_3", "sigmoid", "add"]
    select(panel, "stem")
    assert heard == ["add_3", "sigmoid", "add"]  # what code selects is no signal
    click(panel, STEM)
    click(panel, STEM)
    assert heard[3:] == ["relu", "stem"]
    click(panel, line_of(NET, "self.tabbed = "))
    assert len(heard) == 5


def test_the_margin_is_clicked_like_the_text(stock: Stock, opened: Opener) -> None:
    panel = opened(stock.forward(), size=(640, 480))
    heard: list[str] = []
    panel.step_requested.connect(heard.append)
    at = place(panel, 17).toPoint()
    QTest.mouseClick(panel.view.margin, Qt.MouseButton.LeftButton, pos=QPoint(5, at.y()))
    QTest.mouseClick(panel.view.margin, Qt.MouseButton.RightButton, pos=QPoint(5, at.y()))
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.RightButton, pos=at)
    assert heard == ["view"]


def test_keys_reach_every_line(stock: Stock, opened: Opener) -> None:
    panel = opened(stock.forward(), size=(640, 480))
    panel.activateWindow()
    panel.view.setFocus()
    heard: list[str] = []
    panel.step_requested.connect(heard.append)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert heard == []
    for _ in range(15):
        QTest.keyClick(panel.view, Qt.Key.Key_Down)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert heard == ["conv2"]


def test_text_is_selected_and_copied_not_changed(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "stem"))
    panel.activateWindow()
    panel.view.setFocus()
    heard: list[str] = []
    panel.step_requested.connect(heard.append)
    viewport, start = panel.view.viewport(), place(panel, STEM).toPoint()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, start + QPoint(120, 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(120, 0))
    assert panel.view.textCursor().selectedText() in NET
    assert len(panel.view.textCursor().selectedText()) > 5
    assert heard == []
    before = shown_text(panel)
    for key in (Qt.Key.Key_A, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        QTest.keyClick(panel.view, key)
    QTest.keyClick(panel.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert shown_text(panel) == before
    QTest.keyClick(panel.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == before
    assert "\tdef forward" in before


def test_a_double_click_asks_once(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "input"))
    heard: list[str] = []
    panel.step_requested.connect(heard.append)
    viewport, at = panel.view.viewport(), place(panel, STEM).toPoint()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert heard == ["stem"]


def test_everything_has_a_name_and_a_tip(own: Capture, opened: Opener) -> None:
    panel = opened(state_of(own, "stem"))
    for control in (panel.view, panel.choice):
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


# -- long texts --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def endless(own: Capture) -> Capture:
    """The same run; its file goes on for 10,000 lines."""
    filler = "\ndef more(x):\n    '''Says\n    more.'''\n    return [x, 1.5]  # yes\n" * 2100
    longer = {name: old + filler for name, old in own.sources.items()}
    return replace(own, sources=ReadOnly(longer))


def test_a_line_comes_into_view_only_if_it_is_not(endless: Capture, opened: Opener) -> None:
    panel = opened(state_of(endless, "stem"), size=(640, 420))
    assert len(panel.view.file.texts) > 10_000
    bar = panel.view.verticalScrollBar()
    before = bar.value()
    select(panel, "mean")
    assert bar.value() == before
    bar.setValue(9_000)
    select(panel, "stem")
    rows = [number for number, *_ in panel.view.rows_in_view()]
    assert abs(rows.index(STEM) - len(rows) // 2) <= 2
    select(panel, "input")
    assert panel.view.selected == 0


def test_a_hidden_panel_shows_the_line_when_it_is_seen(own: Capture, qtbot: QtBot) -> None:
    panel = SourcePanel()
    qtbot.addWidget(panel)
    panel.render_state(None, state_of(own, "input"))
    select(panel, "mean")
    panel.resize(400, 160)
    panel.show()
    QApplication.processEvents()
    place(panel, line_of(NET, "x.mean"))


def test_only_what_is_seen_of_a_long_text_is_coloured(endless: Capture, opened: Opener) -> None:
    panel = opened(state_of(endless, "stem"))
    document = panel.view.document()

    def coloured(row: int) -> bool:
        return bool(document.findBlockByNumber(row).layout().formats())

    last = len(panel.view.file.texts) - 1
    assert not coloured(last)
    panel.view.verticalScrollBar().setValue(last)
    QApplication.processEvents()
    assert coloured(last)
    count = sum(coloured(row) for row in range(last + 1))
    assert count < 100


def test_a_thousand_steps_of_one_line_are_told_shortly(thousand: Capture, opened: Opener) -> None:
    panel = opened(state_of(thousand, "tanh"))
    number = panel.view.selected
    assert len(panel.view.file.steps[number]) == 1000
    at = place(panel, number).toPoint()
    tip = QHelpEvent(QEvent.Type.ToolTip, at, panel.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(panel.view.viewport(), tip)
    assert "988 more" in QToolTip.text()
    assert len(QToolTip.text()) < 400
    QToolTip.hideText()


def test_opening_a_step_is_quick(endless: Capture, opened: Opener) -> None:
    """No timing of milliseconds, which a busy machine spoils: fifty take less than two seconds."""
    panel = opened(state_of(endless, "stem"))
    began = time.monotonic()
    for turn in range(50):
        select(panel, ("stem", "mean", "relu")[turn % 3])
        panel.view.viewport().repaint()
    assert time.monotonic() - began < 2.0


# -- on paper ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["a4", "a4-column", "slide", "narrow"])
@pytest.mark.parametrize("card", ["input", "stem", "sigmoid", "tanh"])
def test_a_page_shows_the_whole_class_and_nothing_to_scroll(
    own: Capture, size: str, card: str, qapp: QApplication
) -> None:
    figure = panel_figure(
        "source", state_of(own, card), Sheet(200) if size == "narrow" else SHEETS[size]
    )
    panel = figure._easel.widget
    assert isinstance(panel, SourcePanel)
    name = {"sigmoid": "Block", "tanh": "Tabbed"}.get(card, "Net")
    if card != "input":
        assert f"class {name}(" in shown_text(panel)
    for area in panel.findChildren(QAbstractScrollArea):
        assert area.verticalScrollBar().maximum() == 0
        assert area.horizontalScrollBar().maximum() == 0
    numbers = [number for number, *_ in panel.view.rows_in_view()]
    assert numbers == list(panel.view.file.numbers)
    assert panel.choice.isHidden()
    assert panel.minimumSizeHint().height() <= panel.height()
    figure.take_down()


def test_a_low_page_keeps_the_lines_around_the_selected_one(own: Capture) -> None:
    figure = panel_figure("source", state_of(own, "mean"), Sheet(900, 200))
    panel = figure._easel.widget
    assert isinstance(panel, SourcePanel)
    assert line_of(NET, "x.mean") in panel.view.file.numbers
    assert 1 not in panel.view.file.numbers
    assert figure._easel.zoom > 0.6
    figure.take_down()


def test_a_page_says_where_its_line_is(own: Capture) -> None:
    figure = panel_figure("source", state_of(own, "sigmoid"), Sheet(600))
    assert f"source_blocks.py, line {BLOCKS}" in figure.origin.caption
    assert "/" not in figure.origin.caption
    figure.take_down()


# -- the way there -----------------------------------------------------------------------------


def test_the_step_panels_line_leads_to_its_source(stock: Stock, qtbot: QtBot) -> None:
    panel = StepPanel()
    qtbot.addWidget(panel)
    panel.resize(400, 500)
    panel.render_state(None, replace(stock.forward(), selected="conv2"))
    panel.show()
    panel.activateWindow()
    QApplication.processEvents()
    link = panel.content.source
    assert isinstance(link, LinkLabel)
    assert "Enter" in link.toolTip()
    heard: list[bool] = []
    panel.source_requested.connect(lambda: heard.append(True))
    QTest.mouseClick(link, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert link.hasFocus()
    assert link.font().underline()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        QTest.keyClick(link, key)
    assert len(heard) == 4
    QTest.mouseClick(link, Qt.MouseButton.RightButton, pos=QPoint(5, 5))
    QTest.mousePress(link, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    QTest.mouseMove(link, QPoint(90, 5))
    QTest.mouseRelease(link, Qt.MouseButton.LeftButton, pos=QPoint(90, 5))
    assert link.selectedText() in link.text()
    assert len(heard) == 4
    link.clearFocus()
    assert not link.font().underline() or link.underMouse()


def test_a_page_has_no_link(stock: Stock) -> None:
    figure = panel_figure("step", replace(stock.forward(), selected="conv2"), Sheet(480))
    panel = figure._easel.widget
    assert isinstance(panel, StepPanel)
    assert panel.content.source.property("role") == "muted"
    assert panel.content.source.focusPolicy() == Qt.FocusPolicy.NoFocus
    figure.take_down()
