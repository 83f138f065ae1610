"""The choice of how weights begin, in the toolbar's menu."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.network.initialisation import Initialisation
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.untouched import KeptWeights
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.panels.text import drawn_name, weights_name
from lenet_viz.panels.toolbar import Toolbar
from lenet_viz.session.choosing import for_model
from lenet_viz.session.session import default_settings
from lenet_viz.session.state import CaptureOnly, OwnModel, Settings, State
from tests.panels.pixels import Heard
from tests.panels.runs import Stock

HE = Initialisation("he_normal")
# The offscreen platform cannot do what a menu asks of a window manager.
pytestmark = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing", extend=True
)


@pytest.fixture
def bar(qtbot: QtBot, stock: Stock) -> Toolbar:
    made = Toolbar()
    qtbot.addWidget(made)
    made.resize(1400, 50)
    made.show()
    made.render_state(None, stock.backward())
    return made


def kind(bar: Toolbar) -> QComboBox:
    found = bar.findChild(QComboBox, "toolbar_initialisation_kind")
    assert found is not None
    return found


def value(bar: Toolbar) -> QDoubleSpinBox:
    found = bar.findChild(QDoubleSpinBox, "toolbar_initialisation_value")
    assert found is not None
    return found


def formula(bar: Toolbar) -> str:
    found = bar.findChild(QLabel, "toolbar_initialisation_formula")
    assert found is not None
    return found.text()


def words(bar: Toolbar) -> str:
    found = bar.findChild(QToolButton, "toolbar_weights")
    assert found is not None
    return found.accessibleName()


def text(bar: Toolbar) -> str:
    found = bar.findChild(QToolButton, "toolbar_weights")
    assert found is not None
    return found.text()


def show(bar: Toolbar, state: State, settings: Settings) -> State:
    new = replace(state, settings=settings)
    bar.render_state(state, new)
    return new


def test_a_kind_is_chosen_with_keys(bar: Toolbar, stock: Stock, qtbot: QtBot) -> None:
    heard = Heard(bar)
    assert formula(bar).endswith("1/√fan_in")
    menu = bar.findChild(QWidget, "toolbar_weights_menu")
    assert menu is not None
    menu.show()
    qtbot.keyClick(kind(bar), Qt.Key.Key_Down)
    assert heard.take() == [
        ("initialisation_requested", (Initialisation("xavier_uniform"),)),
    ]
    state = stock.backward()
    show(bar, state, replace(state.settings, initialisation=HE))
    assert heard.take() == [], "only what a user does is a signal"
    assert kind(bar).currentText() == "He normal"
    assert "√(2/fan_in)" in formula(bar)
    assert "fan_out" in kind(bar).toolTip()
    assert words(bar) == "weights: seed 0, He normal"
    assert text(bar) == "He normal, seed 0", "shortened words would hide the seed"
    assert not value(bar).isVisible()
    menu.close()


def test_a_constant_has_its_number(bar: Toolbar, stock: Stock) -> None:
    heard, state = Heard(bar), stock.backward()
    menu = bar.findChild(QWidget, "toolbar_weights_menu")
    assert menu is not None
    menu.show()
    constant = Initialisation("constant", 1e-3)
    show(bar, state, replace(state.settings, initialisation=constant))
    assert value(bar).isVisible()
    assert value(bar).text() == "0.001"
    assert words(bar) == "weights: constant 0.001"
    assert heard.take() == []
    value(bar).setValue(-2)
    assert heard.take() == [("initialisation_requested", (Initialisation("constant", -2),))]
    menu.close()


@pytest.mark.parametrize("case", ["own", "file", "toy"])
def test_where_nothing_is_drawn_the_choice_is_off_and_says_why(
    bar: Toolbar, stock: Stock, case: str
) -> None:
    state = stock.backward()
    settings = replace(state.settings, initialisation=HE)
    own = OwnModel(ModelCode("/net.py", "", "Net", "", "0" * 64))
    changed = {
        "own": for_model(settings, own, None),
        "file": replace(settings, weights_file=WeightsChoice("/w.pt")),
        "toy": replace(default_settings("toy"), initialisation=HE),
    }[case]
    show(bar, replace(state, run=None), changed)
    assert not kind(bar).isEnabled()
    said = {"own": "own code", "file": "a file", "toy": "fixed weights"}[case]
    assert said in formula(bar)
    assert said in kind(bar).toolTip()
    assert "He" not in words(bar), "it has no part in these weights"


def test_an_edited_network_says_that_layers_are_kept(bar: Toolbar, stock: Stock) -> None:
    state = stock.backward()
    kept = KeptWeights("ab" * 32, (("conv1", "conv1"),))
    show(bar, state, replace(state.settings, kept=kept, initialisation=HE))
    assert words(bar) == "weights: partly kept; new: seed 0, He normal"
    assert text(bar) == "weights: partly kept"


def test_captions_tell_how_weights_began(bar: Toolbar, stock: Stock) -> None:
    state = stock.backward()
    assert state.run is not None
    capture = state.run.capture

    def told(**settings: str) -> str:
        made = replace(capture, settings={**capture.settings, **settings})
        run = replace(state.run, capture=made)
        bar.render_state(state, replace(state, run=run, opened=CaptureOnly("a.lvcap")))
        return f"{weights_name(run)} | {words(bar)}"

    assert "weights: seed 0, He normal (SHA-256 " in told(initialisation="he-normal")
    assert "| He normal, seed 0" in told(initialisation="he-normal")
    assert "weights: constant 0.1 (" in told(initialisation="constant:0.1")
    assert "weights: seed 0 (" in told(initialisation="of-a-newer-version")
    some = told(kept="conv1 fc1=old", initialisation="he-normal")
    assert "weights: kept from before the edit, new layers seed 0, He normal (" in some
    assert "| weights: partly kept" in some
    layers = {each.layer for each in capture.parameters}
    assert "weights: kept from before the edit (SHA-256" in told(kept=" ".join(layers))
    assert drawn_name(3, Initialisation()) == "seed 3"


def test_every_control_can_be_found_and_is_named(bar: Toolbar) -> None:
    for control in (kind(bar), value(bar)):
        assert control.accessibleName()
        assert control.toolTip()
    assert bar.findChild(QSpinBox, "toolbar_weights_seed") is not None
