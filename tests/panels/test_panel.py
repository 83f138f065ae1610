from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTranslator
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lenet_viz.panels.input_panel import InputPanel
from lenet_viz.panels.log_panel import LogPanel
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.notice_bar import NoticeBar
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_panel import ParameterPanel
from lenet_viz.panels.status_line import StatusLine
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.strip import StripPanel
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.panels.toolbar import Toolbar
from lenet_viz.session.state import EngineStatus, Notice, Show, State
from lenet_viz.window.main_window import MainWindow
from lenet_viz.window.memory import Memory
from lenet_viz.wording import message
from tests.panels.pixels import Heard, painted
from tests.panels.runs import Bench, Stock, odd_captures, state_of

PANELS: tuple[Callable[[], Panel], ...] = (
    StripPanel,
    StepPanel,
    MapPanel,
    InputPanel,
    ParameterPanel,
    LogPanel,
)
OWN = (StripPanel, StepPanel, InputPanel)
INTERACTIVE = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit)
ODD = odd_captures()


@pytest.fixture
def window(bench: Bench, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """The main window on the smallest screen it is made for, after its first run."""
    made = MainWindow(bench.session, Memory(tmp_path), (1280, 800))
    qtbot.addWidget(made)
    bench.session.choose_theme("light")
    made.show()
    bench.backward()
    made.resize(1280, 800)
    QApplication.processEvents()
    return made


# -- state down, messages up -------------------------------------------------------------------


def _various(stock: Stock) -> list[State]:
    notebook, toy = stock.backward(), stock.backward("toy")
    last = replace(
        notebook.settings,
        input=replace(notebook.settings.input, kind="digit", label=3, index=182),
        objective=replace(notebook.settings.objective, index=9),
    )
    return [
        replace(notebook, run=None, engine=EngineStatus.STARTING),
        notebook,
        replace(notebook, settings=last),
        replace(notebook, settings=toy.settings),
        toy,
        stock.forward("lenet5"),
        replace(stock.forward("lenet5"), selected="loss"),
        stock.accumulated(),
        replace(stock.accumulated(), selected="conv2", view=replace(notebook.view, channel=3)),
        replace(stock.accumulated(), selected="fc1", view=replace(notebook.view, show=Show.BOTH)),
        replace(notebook, view=replace(notebook.view, strip_gradients=True, shared_scale=False)),
        replace(notebook, notice=Notice(message("T", "words"), True), engine=EngineStatus.LOST),
        stock.backward("notebook", "random"),
        stock.backward("notebook", "mse"),
        stock.backward("notebook", "output"),
        notebook,
    ]


@pytest.mark.parametrize("make", [*PANELS, Toolbar, NoticeBar], ids=lambda make: make.__name__)
def test_what_the_state_says_is_no_signal(
    make: Callable[[], QWidget], stock: Stock, qtbot: QtBot
) -> None:
    shown = make()
    qtbot.addWidget(shown)
    shown.resize(900, 400)
    shown.show()
    heard = Heard(shown)
    old = None
    for new in _various(stock):
        shown.render_state(old, new)  # type: ignore[attr-defined]
        QApplication.processEvents()
        assert heard.take() == []
        old = new
    if isinstance(shown, Panel):
        for theme in (DARK, LIGHT):
            shown.set_theme(theme)
    assert heard.take() == []


def test_a_redraw_from_nothing_shows_the_same_as_step_by_step(stock: Stock, qtbot: QtBot) -> None:
    for make in OWN:
        grown, fresh = make(), make()
        for one in (grown, fresh):
            qtbot.addWidget(one)
            one.resize(1000, 600)
            one.show()
        old = None
        for new in _various(stock):
            grown.render_state(old, new)
            old = new
        fresh.render_state(None, new)
        QApplication.processEvents()
        texts = [
            [(x.objectName(), x.text()) for x in one.findChildren(QLabel) if x.isVisibleTo(one)]
            for one in (grown, fresh)
        ]
        assert texts[0] == texts[1]


# -- odd runs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD)
def test_odd_runs_are_painted(name: str, qtbot: QtBot) -> None:
    made = ODD[name]()
    shown = [make() for make in PANELS]
    for panel in shown:
        qtbot.addWidget(panel)
        panel.resize(700, 420)
        panel.show()
    state = state_of(made, backward=made.objective is not None)
    for card in state.cards:
        for view in (state.view, replace(state.view, strip_gradients=True, show=Show.BOTH)):
            new = replace(state, selected=card, view=view)
            for panel in shown:
                panel.render_state(None, new)
    for panel in shown:
        panel.set_theme(DARK)
        assert painted(panel)[..., :3].std() > 0, panel.name


# -- names, tips, room -------------------------------------------------------------------------


def _controls(parent: QObject) -> list[QWidget]:
    return [
        found
        for kind in INTERACTIVE
        for found in parent.findChildren(kind)
        if not found.objectName().startswith("qt_") and not _inside_qt(found)
    ]


def _inside_qt(widget: QWidget) -> bool:
    """Whether a control is a part of one of Qt's own."""
    parent = widget.parentWidget()
    whole = (QAbstractSpinBox, QComboBox, QAbstractItemView)
    return isinstance(parent, whole) or type(parent).__name__ == "QTabBar"


def test_every_control_has_a_name_and_says_what_it_does(window: MainWindow) -> None:
    controls = _controls(window)
    assert len(controls) > 20
    for control in controls:
        where = f"{type(control).__name__} {control.objectName()} in {control.parent()}"
        assert control.objectName(), where
        assert control.accessibleName().strip(), where
        assert control.toolTip().strip(), where
    names = [control.objectName() for control in controls]
    assert len(names) == len(set(names))


def test_every_panel_and_picture_has_a_name_for_screen_readers(window: MainWindow) -> None:
    for panel in window.panels:
        assert panel.accessibleName()
    for view in window.findChildren(QWidget):
        if type(view).__name__ in {"PictureView", "CardRow", "MosaicView"}:
            assert view.accessibleName() or not view.isVisible(), view.objectName()


KEYS = {
    "toolbar_forward": "F5",
    "toolbar_backward": "F6",
    "toolbar_stop": "Shift+F5",
    "toolbar_zero_grad": "Z",
    "notice_close": "Esc",
}


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_tips_name_the_key(window: MainWindow, name: str, key: str) -> None:
    control = window.findChild(QAbstractButton, name)
    assert control is not None
    assert f"({key})" in control.toolTip()
    keys = {shortcut.toString() for action in window.actions() for shortcut in action.shortcuts()}
    assert key in keys


def _cut(window: QWidget) -> list[str]:
    found = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        room = label.contentsRect()
        if label.wordWrap():
            if label.heightForWidth(label.width()) > label.height() + 1:
                found.append(f"{label.objectName()}: {label.text()!r} is too low")
            words = label.text().split()
            metrics = QFontMetricsF(label.font())
            if max(map(metrics.horizontalAdvance, words), default=0) > room.width() + 1:
                found.append(f"{label.objectName()}: a word of {label.text()!r} is too wide")
        elif label.sizeHint().width() > label.width():
            found.append(f"{label.objectName()}: {label.text()!r} is too wide")
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and button.sizeHint().width() > button.width():
            found.append(f"{button.objectName()}: {button.text()!r} is too wide")
    return found


@pytest.mark.parametrize("card", ["input", "conv1", "conv2", "max_pool2d_2", "view", "fc1", "loss"])
def test_no_text_is_cut_off_on_a_small_screen(window: MainWindow, card: str) -> None:
    window.session.select(card)
    QApplication.processEvents()
    assert window.session.state.selected == card
    assert window.size().width() == 1280
    assert _cut(window) == []


def test_the_whole_toolbar_fits_on_a_small_screen(window: MainWindow) -> None:
    more = window.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more is None or not more.isVisible()
    bar = window.findChild(QToolBar, "toolbar")
    assert bar is not None
    for button in bar.findChildren(QAbstractButton):
        if button.parent() is bar and button.objectName().startswith("toolbar_"):
            assert bar.rect().contains(button.geometry()), button.objectName()
            assert button.isVisible(), button.objectName()


def test_the_notebooks_cards_need_no_scroll_bar_on_a_small_screen(window: MainWindow) -> None:
    area = window.strip.findChild(QScrollArea, "strip_scroll")
    assert area is not None
    assert len(window.session.state.cards) == 15
    assert area.horizontalScrollBar().maximum() == 0


# -- captions ------------------------------------------------------------------------------


def test_a_caption_says_that_it_is_old(stock: Stock, qtbot: QtBot) -> None:
    state = stock.backward()
    panel = StripPanel()
    qtbot.addWidget(panel)
    panel.render_state(None, state)
    assert "older" not in panel.caption()
    panel.render_state(state, replace(state, settings=replace(state.settings, weights_seed=5)))
    assert "older than the present settings" in panel.caption()


def test_there_is_no_caption_before_the_first_run(qtbot: QtBot) -> None:
    panel = StepPanel()
    qtbot.addWidget(panel)
    assert panel.caption() == ""


# -- translation -------------------------------------------------------------------------------


class Brackets(QTranslator):
    """A language in which every sentence stands in brackets."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        del context, disambiguation, n
        return f"⟦{source}⟧"


@pytest.fixture
def brackets(qapp: QApplication) -> Iterator[None]:
    translator = Brackets()
    assert qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


# Names, shapes and code, which are the same in every language.
CODE = (
    "lenet_viz",
    "torch.randn",
    "step_call",
    "step_source",
    "step_letters",
    "step_in_shape",
    "step_formula",
    "step_out_shape",
    "step_general",
    "step_counts",
    "step_subtitle",
    "_numbers",
    "_grad_head",
)


@pytest.mark.usefixtures("brackets")
@pytest.mark.parametrize("card", ["input", "conv2", "relu", "target", "loss"])
@pytest.mark.parametrize(
    "make", [StripPanel, StepPanel, InputPanel, Toolbar, NoticeBar, StatusLine]
)
def test_every_sentence_is_translated(
    make: Callable[[], QWidget], card: str, stock: Stock, qtbot: QtBot
) -> None:
    shown = make()
    qtbot.addWidget(shown)
    notice = Notice(message("T", "words"), True)
    state = replace(stock.backward(), selected=card, notice=notice)
    shown.render_state(None, state)  # type: ignore[attr-defined]
    shown.show()
    found = 0
    for widget in (shown, *shown.findChildren(QWidget)):
        texts = [widget.toolTip(), widget.accessibleName()]
        if isinstance(widget, QLabel | QAbstractButton):
            texts.append(widget.text())
        if isinstance(widget, QComboBox):
            texts += [widget.itemText(at) for at in range(widget.count())]
        for text in texts:
            if not any(letter.isalpha() for letter in text) or text in CODE:
                continue
            if "⟦" in text:
                found += 1
                continue
            own = widget.objectName()
            named = any(own.endswith(name) for name in CODE)
            title = own.endswith("_title") or text in state.cards or "." in text
            assert named or title, f"{own}: {text!r}"
    assert found
