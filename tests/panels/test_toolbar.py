from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.panels.notice_bar import NoticeBar
from lenet_viz.panels.status_line import StatusLine
from lenet_viz.panels.theme import DARK
from lenet_viz.panels.toolbar import OWN, Toolbar
from lenet_viz.session.choosing import default_settings, for_model
from lenet_viz.session.state import (
    CaptureOnly,
    EngineStatus,
    Notice,
    ObjectiveChoice,
    OwnModel,
    Pending,
    State,
)
from lenet_viz.wording import message
from tests.panels.pixels import Heard
from tests.panels.runs import Stock

T = TypeVar("T", bound=QWidget)
# The offscreen platform cannot do what a menu asks of a window manager.
pytestmark = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing", extend=True
)
CALM = message("T", "It goes on {how}.", how="well")


@pytest.fixture
def bar(qtbot: QtBot, stock: Stock) -> Toolbar:
    made = Toolbar()
    qtbot.addWidget(made)
    made.resize(1400, 50)
    made.show()
    made.render_state(None, stock.backward())
    return made


def _find(bar: QWidget, kind: type[T], name: str) -> T:
    found = bar.findChild(kind, name)
    assert isinstance(found, kind)
    return found


def _open(bar: QWidget, name: str) -> None:
    menu = _find(bar, QToolButton, name).menu()
    assert menu is not None
    menu.popup(QPoint(0, 0))
    QApplication.processEvents()


def _pick(bar: QWidget, name: str, data: str, qtbot: QtBot) -> None:
    """Choose a word with the keyboard, as a user does."""
    field = _find(bar, QComboBox, name)
    wanted = field.findData(data)
    key = Qt.Key.Key_Down if wanted > field.currentIndex() else Qt.Key.Key_Up
    while field.currentIndex() != wanted:
        before = field.currentIndex()
        qtbot.keyClick(field, key)
        assert field.currentIndex() != before


@pytest.mark.parametrize("name", ["forward", "backward"])
def test_the_main_buttons(bar: Toolbar, name: str, qtbot: QtBot) -> None:
    heard = Heard(bar)
    qtbot.mouseClick(_find(bar, QPushButton, f"toolbar_{name}"), Qt.MouseButton.LeftButton)
    assert heard.take() == [(f"{name}_requested", ())]


def test_stop_can_be_pressed_while_something_runs(bar: Toolbar, stock: Stock, qtbot: QtBot) -> None:
    stop = _find(bar, QPushButton, "toolbar_stop")
    others = [_find(bar, QPushButton, f"toolbar_{name}") for name in ("forward", "backward")]
    heard = Heard(bar)
    assert not stop.isEnabled()
    assert all(button.isEnabled() for button in others)
    state = stock.backward()
    running = replace(state, pending=Pending(2, state.settings, True, CALM))
    bar.render_state(state, running)
    assert not any(button.isEnabled() for button in others)
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert heard.take() == [("stop_requested", ())]
    lost = replace(state, engine=EngineStatus.LOST)
    bar.render_state(running, lost)
    assert not stop.isEnabled()
    assert all(button.isEnabled() for button in others), "a lost engine is started anew"


def test_zero_grad(bar: Toolbar, stock: Stock, qtbot: QtBot) -> None:
    box = _find(bar, QCheckBox, "toolbar_zero_grad")
    assert box.isChecked()
    heard = Heard(bar)
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert heard.take() == [("zero_grad_requested", (False,))]
    old = stock.backward()
    bar.render_state(old, replace(old, settings=replace(old.settings, zero_grad=True)))


def test_the_network_is_chosen(bar: Toolbar, qtbot: QtBot) -> None:
    heard = Heard(bar)
    _pick(bar, "toolbar_preset", "tutorial", qtbot)
    assert heard.take() == [("preset_requested", ("tutorial",))]
    field = _find(bar, QComboBox, "toolbar_preset")
    # Below the presets and a line, the user's own.
    data = [field.itemData(at) for at in range(field.count())]
    assert data == [*presets.NAMES, None, OWN]
    for at, name in enumerate(data):
        assert name is None or field.itemData(at, Qt.ItemDataRole.ToolTipRole)


def test_an_own_model_is_asked_for_and_shown(bar: Toolbar, stock: Stock, qtbot: QtBot) -> None:
    heard = Heard(bar)
    bar.render_state(None, stock.backward())
    field = _find(bar, QComboBox, "toolbar_preset")
    field.activated.emit(field.findData(OWN))
    assert heard.take() == [("model_requested", ())]
    assert field.currentData() == "notebook", "nothing has been chosen yet"
    state = stock.backward()
    code = ModelCode("/models/net.py", "", "Net", "", "00ff")
    own = OwnModel(code, (InputShape((2, 3, 8, 8)),))
    weights = WeightsChoice("/models/best.pt")
    bar.render_state(
        state, replace(state, settings=for_model(state.settings, own, weights), run=None)
    )
    assert field.currentText() == "net.py:Net"
    assert "/models/net.py" in field.toolTip()
    assert "00ff" in field.toolTip()
    assert _find(bar, QToolButton, "toolbar_weights").text() == "weights: best.pt"
    assert not _find(bar, QSpinBox, "toolbar_weights_seed").isEnabled()
    qtbot.mouseClick(_find(bar, QPushButton, "toolbar_weights_drawn"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(_find(bar, QPushButton, "toolbar_weights_file"), Qt.MouseButton.LeftButton)
    assert heard.take() == [("drawn_weights_requested", ()), ("weights_file_requested", ())]
    assert _find(bar, QSpinBox, "toolbar_objective_index").maximum() > 1000, "nobody knows yet"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("toolbar_digit", InputRequest("digit", 8, 0, 1)),
        ("toolbar_scan", InputRequest("digit", 7, 1, 1)),
    ],
)
def test_the_digit_is_chosen(bar: Toolbar, name: str, wanted: InputRequest, qtbot: QtBot) -> None:
    _open(bar, "toolbar_input")
    field = _find(bar, QSpinBox, name)
    heard = Heard(bar)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert heard.take() == [("input_requested", (wanted,))]


def test_a_scan_that_the_new_digit_lacks_becomes_its_last(
    bar: Toolbar, stock: Stock, qtbot: QtBot
) -> None:
    from lenet_viz import inputs

    more = next(d for d in range(9) if inputs.count(d) > inputs.count(d + 1))
    last = inputs.count(more) - 1
    old = stock.backward()
    chosen = InputRequest("digit", more, last, 1)
    bar.render_state(old, replace(old, settings=replace(old.settings, input=chosen)))
    _open(bar, "toolbar_input")
    heard = Heard(bar)
    qtbot.keyClick(_find(bar, QSpinBox, "toolbar_digit"), Qt.Key.Key_Up)
    fewer = InputRequest("digit", more + 1, inputs.count(more + 1) - 1, 1)
    assert heard.take() == [("input_requested", (fewer,))]


def test_a_random_input_shows_its_seed_and_hides_the_digit(
    bar: Toolbar, stock: Stock, qtbot: QtBot
) -> None:
    heard = Heard(bar)
    _open(bar, "toolbar_input")
    assert not _find(bar, QSpinBox, "toolbar_input_seed").isVisible()
    _pick(bar, "toolbar_input_kind", "random", qtbot)
    chosen = InputRequest("random", 7, 0, 1)
    assert heard.take() == [("input_requested", (chosen,))]
    old = stock.backward()
    bar.render_state(old, replace(old, settings=replace(old.settings, input=chosen)))
    assert _find(bar, QSpinBox, "toolbar_input_seed").isVisible()
    assert not _find(bar, QSpinBox, "toolbar_digit").isVisible()
    assert _find(bar, QToolButton, "toolbar_input").text() == "randn, seed 1"
    qtbot.keyClick(_find(bar, QSpinBox, "toolbar_input_seed"), Qt.Key.Key_Up)
    assert heard.take() == [("input_requested", (InputRequest("random", 7, 0, 2),))]


def test_only_a_preset_with_an_image_offers_it(bar: Toolbar, stock: Stock) -> None:
    field = _find(bar, QComboBox, "toolbar_input_kind")
    model = field.model()
    assert isinstance(model, QStandardItemModel)
    own = model.item(field.findData("preset"))
    assert not own.isEnabled()
    bar.render_state(stock.backward(), stock.backward("toy"))
    assert own.isEnabled()
    assert field.currentData() == "preset"
    weights = _find(bar, QToolButton, "toolbar_weights")
    assert not _find(bar, QSpinBox, "toolbar_weights_seed").isEnabled()
    assert "seed" not in weights.text(), "the toy's weights are fixed"


def test_weights_and_objective_are_chosen(bar: Toolbar, stock: Stock, qtbot: QtBot) -> None:
    heard = Heard(bar)
    _open(bar, "toolbar_weights")
    qtbot.keyClick(_find(bar, QSpinBox, "toolbar_weights_seed"), Qt.Key.Key_Up)
    assert heard.take() == [("weights_seed_requested", (1,))]
    _open(bar, "toolbar_objective")
    qtbot.keyClick(_find(bar, QSpinBox, "toolbar_objective_index"), Qt.Key.Key_Up)
    chosen = ObjectiveChoice("cross-entropy", 2, 2)
    assert heard.take() == [("objective_requested", (chosen,))]
    _pick(bar, "toolbar_objective_kind", "mse", qtbot)
    assert heard.take() == [("objective_requested", (replace(chosen, kind="mse"),))]
    old = stock.backward()
    bar.render_state(
        old, replace(old, settings=replace(old.settings, objective=ObjectiveChoice("mse", 2, 2)))
    )
    assert _find(bar, QSpinBox, "toolbar_objective_seed").isVisible()
    assert not _find(bar, QSpinBox, "toolbar_objective_index").isVisible()
    qtbot.keyClick(_find(bar, QSpinBox, "toolbar_objective_seed"), Qt.Key.Key_Up)
    assert heard.take() == [("objective_requested", (ObjectiveChoice("mse", 2, 3),))]


def test_typing_a_number_is_one_change(bar: Toolbar, qtbot: QtBot) -> None:
    _open(bar, "toolbar_weights")
    field = _find(bar, QSpinBox, "toolbar_weights_seed")
    field.selectAll()
    heard = Heard(bar)
    qtbot.keyClicks(field, "123")
    assert heard.take() == [], "no run is asked for at each digit"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard.take() == [("weights_seed_requested", (123,))]


def test_no_class_beyond_the_outputs_can_be_chosen(bar: Toolbar, stock: Stock) -> None:
    index = _find(bar, QSpinBox, "toolbar_objective_index")
    assert index.maximum() == 9
    bar.render_state(stock.backward(), stock.backward("toy"))
    assert index.maximum() == 1
    bar.render_state(stock.backward("toy"), stock.backward())
    assert index.maximum() == 9


def test_a_network_without_classes_offers_no_cross_entropy(bar: Toolbar, stock: Stock) -> None:
    field = _find(bar, QComboBox, "toolbar_objective_kind")
    model = field.model()
    assert isinstance(model, QStandardItemModel)
    classes = model.item(field.findData("cross-entropy"))
    old = stock.backward()
    assert classes.isEnabled()
    image = State(default_settings("autoencoder"))
    bar.render_state(old, image)
    assert not classes.isEnabled()
    assert field.currentData() == "mse"
    output = replace(image.settings, objective=ObjectiveChoice("output", 3, 2))
    bar.render_state(image, replace(image, settings=output))
    assert _find(bar, QSpinBox, "toolbar_objective_index").maximum() == 27
    bar.render_state(image, old)
    assert classes.isEnabled()


def test_menus_are_added_at_the_right(bar: Toolbar) -> None:
    menu = bar.add_menu("toolbar_more", "More", "What else there is")
    button = _find(bar, QToolButton, "toolbar_more")
    assert button.menu() is menu
    assert button.toolTip() == "What else there is"
    assert button.accessibleName() == "More"


# -- the notice --------------------------------------------------------------------------------


@pytest.fixture
def notice(qtbot: QtBot) -> NoticeBar:
    made = NoticeBar()
    qtbot.addWidget(made)
    return made


def test_a_notice_comes_and_goes(notice: NoticeBar, stock: Stock, qtbot: QtBot) -> None:
    state = stock.backward()
    notice.render_state(None, state)
    assert notice.isHidden()
    told = replace(state, notice=Notice(CALM, mistake=True))
    notice.render_state(state, told)
    assert not notice.isHidden()
    assert _find(notice, QLabel, "notice_text").text() == "It goes on well."
    assert notice.accessibleName() == "It goes on well."
    heard = Heard(notice)
    qtbot.mouseClick(_find(notice, QPushButton, "notice_close"), Qt.MouseButton.LeftButton)
    assert heard.take() == [("dismissed", ())]
    notice.render_state(told, state)
    assert notice.isHidden()


def test_a_mistake_looks_unlike_good_news_in_each_theme(notice: NoticeBar, stock: Stock) -> None:
    sheets = set()
    for mistake in (True, False):
        state = replace(stock.backward(), notice=Notice(CALM, mistake=mistake))
        notice.render_state(None, state)
        sheets.add(notice.styleSheet())
        notice.set_theme(DARK)
        assert not notice.isHidden()
        sheets.add(notice.styleSheet())
    assert len(sheets) >= 3


# -- the status line ---------------------------------------------------------------------------


@pytest.fixture
def status(qtbot: QtBot) -> StatusLine:
    made = StatusLine()
    qtbot.addWidget(made)
    made.show()
    return made


def _states(stock: Stock) -> dict[str, State]:
    state = stock.backward()
    pending = Pending(2, state.settings, True, CALM, 0.25)
    return {
        "Starting torch in the background …": replace(
            state, run=None, engine=EngineStatus.STARTING, pending=pending
        ),
        "It goes on well.": replace(state, engine=EngineStatus.BUSY, pending=pending),
        "torch could not be started": replace(state, engine=EngineStatus.LOST),
        "Ready": replace(state, run=None, engine=EngineStatus.READY),
    }


def test_the_status_line_says_what_the_engine_does(status: StatusLine, stock: Stock) -> None:
    for words, state in _states(stock).items():
        status.render_state(None, state)
        assert _find(status, QLabel, "status_engine").text() == words
    status.render_state(None, stock.backward())
    ready = _find(status, QLabel, "status_engine").text()
    assert ready.startswith("Ready · torch 2.")
    assert ready.endswith("run 1")


def test_progress_is_shown_only_while_something_runs(status: StatusLine, stock: Stock) -> None:
    bar = _find(status, QProgressBar, "status_progress")
    status.render_state(None, stock.backward())
    assert not bar.isVisible()
    state = stock.backward()
    half = Pending(2, state.settings, True, CALM, 0.25)
    status.render_state(None, replace(state, pending=half))
    assert bar.isVisible()
    assert (bar.value(), bar.maximum()) == (25, 100)
    status.render_state(None, replace(state, pending=replace(half, fraction=0.0)))
    assert bar.maximum() == 0, "not known: it only moves"


def test_the_status_line_says_what_is_old(status: StatusLine, stock: Stock) -> None:
    stale = _find(status, QLabel, "status_stale")
    state = stock.backward()
    status.render_state(None, state)
    assert stale.text() == ""
    status.render_state(
        None, replace(state, settings=replace(state.settings, objective=ObjectiveChoice("mse")))
    )
    assert "gradients are older" in stale.text()
    status.render_state(None, replace(state, settings=replace(state.settings, weights_seed=4)))
    assert "Forward" in stale.text()
    forward = stock.forward()
    status.render_state(
        None, replace(forward, settings=replace(forward.settings, objective=ObjectiveChoice("mse")))
    )
    assert stale.text() == "", "without a backward pass no gradient is old"


def test_every_button_can_be_reached_with_the_tab_key(bar: Toolbar) -> None:
    for button in bar.findChildren(QAbstractButton):
        if button.objectName().startswith("toolbar_"):
            assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.objectName()


# -- a run from a file -----------------------------------------------------------------------------

SWITCHED_OFF = (
    "toolbar_forward", "toolbar_backward", "toolbar_zero_grad", "toolbar_input",
    "toolbar_weights", "toolbar_objective",
)  # fmt: skip


def _opened(stock: Stock, name: str = "seven.lvcap") -> State:
    state = stock.backward()
    assert state.run is not None
    return replace(state, run=replace(state.run, settings=None), opened=CaptureOnly(name))


def test_what_cannot_be_done_with_a_file_is_switched_off_and_says_why(
    bar: Toolbar, stock: Stock
) -> None:
    tips = {name: _find(bar, QWidget, name).toolTip() for name in SWITCHED_OFF}
    bar.render_state(stock.backward(), _opened(stock))
    for name in SWITCHED_OFF:
        widget = _find(bar, QWidget, name)
        assert not widget.isEnabled(), name
        assert "seven.lvcap" in widget.toolTip(), name
        assert "Choose a model" in widget.toolTip(), name
    bar.render_state(_opened(stock), stock.backward())
    for name in SWITCHED_OFF:
        assert _find(bar, QWidget, name).isEnabled(), name
        assert _find(bar, QWidget, name).toolTip() == tips[name]


def test_the_models_field_shows_the_file_and_leaves_it_with_any_preset(
    bar: Toolbar, stock: Stock, qtbot: QtBot
) -> None:
    field = _find(bar, QComboBox, "toolbar_preset")
    bar.render_state(stock.backward(), _opened(stock))
    assert field.currentText() == "seven.lvcap"
    bar.render_state(_opened(stock), _opened(stock, "eight.lvcap"))
    assert field.currentText() == "eight.lvcap"
    assert field.count() == len(presets.NAMES) + 3
    chosen: list[str] = []
    bar.preset_requested.connect(chosen.append)
    field.activated.emit(field.currentIndex())
    assert chosen == [], "the file itself is no preset"
    field.activated.emit(presets.NAMES.index("toy"))
    assert chosen == ["toy"]
    bar.render_state(_opened(stock, "eight.lvcap"), stock.backward())
    assert field.count() == len(presets.NAMES) + 2
    assert field.currentData() == "notebook"


def test_the_buttons_say_what_the_opened_run_had(bar: Toolbar, stock: Stock) -> None:
    opened = _opened(stock)
    other = replace(opened.settings, weights_seed=99, zero_grad=False)
    bar.render_state(None, replace(opened, settings=other))
    assert _find(bar, QToolButton, "toolbar_weights").accessibleName() == "weights: seed 0"
    assert _find(bar, QCheckBox, "toolbar_zero_grad").isChecked()
    name = _find(bar, QToolButton, "toolbar_objective").accessibleName()
    assert name == "cross-entropy, class 1"


def test_a_long_name_is_shortened_and_its_tool_tip_has_all_of_it(
    bar: Toolbar, stock: Stock
) -> None:
    name = "transformer_networks.py:VisionTransformerClassifier"
    bar.render_state(stock.backward(), _opened(stock, name))
    box = bar.findChild(QComboBox, "toolbar_preset")
    assert box is not None
    shown = box.currentText()
    assert "…" in shown
    assert box.fontMetrics().horizontalAdvance(shown) < box.width()
    assert name in box.toolTip()
    bar.render_state(_opened(stock, name), _opened(stock))
    assert box.currentText() == "seven.lvcap"
    assert "seven.lvcap\n" not in box.toolTip(), "once is enough"
