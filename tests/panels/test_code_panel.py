"""The network's Python, live."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from lenet_viz.network.build import build
from lenet_viz.panels.code_panel import CodePanel
from lenet_viz.panels.theme import DARK, LIGHT
from tests.panels.pixels import painted
from tests.panels.runs import Bench, Stock


@pytest.fixture
def panel(qtbot: QtBot) -> CodePanel:
    made = CodePanel()
    qtbot.addWidget(made)
    made.resize(560, 500)
    made.show()
    return made


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.backward()
    return made


def press(panel: CodePanel, name: str) -> None:
    button = panel.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    button.click()
    QApplication.processEvents()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_an_edit_is_in_the_text_at_once(panel: CodePanel, bench: Bench, theme: object) -> None:
    panel.set_theme(theme)  # type: ignore[arg-type]
    before = bench.state
    panel.render_state(None, before)
    assert "self.conv1 = nn.Conv2d(1, 6, 3)" in panel.text
    bench.session.change_layer("conv1", "kernel_size", 5)
    panel.render_state(before, bench.state)
    assert "self.conv1 = nn.Conv2d(1, 6, 5)" in panel.text
    names: dict[str, object] = {}
    exec(compile(panel.text, "<panel>", "exec"), names)
    spec = bench.state.settings.spec
    assert spec is not None
    assert list(names["Net"]().state_dict()) == list(build(spec).state_dict())  # type: ignore[operator]
    painted(panel)


def test_layers_that_do_not_fit_have_no_text_but_a_reason(panel: CodePanel, bench: Bench) -> None:
    bench.session.change_layer("conv1", "out_channels", 4)
    panel.render_state(None, bench.state)
    assert panel.text == ""
    assert "conv2 takes 6 channels" in panel.hint.text()
    assert not panel.copy.isEnabled()
    bench.session.mend_all()
    panel.render_state(None, bench.state)
    assert "nn.Conv2d(4, 16, 3)" in panel.text
    assert not panel.hint.isVisible()


def test_class_or_sequential(panel: CodePanel, bench: Bench) -> None:
    panel.render_state(None, bench.state)
    press(panel, "code_sequential")
    assert "net = nn.Sequential(" in panel.text
    press(panel, "code_copy")
    assert QGuiApplication.clipboard().text() == panel.text
    before = bench.state
    bench.session.choose_preset("residual")
    panel.render_state(before, bench.state)
    assert "an nn.Sequential only passes" in panel.hint.text()
    press(panel, "code_class")
    assert "class Net(nn.Module):" in panel.text


def test_a_line_selects_its_layers_in_turn(panel: CodePanel, bench: Bench) -> None:
    panel.render_state(None, bench.state)
    heard: list[str] = []
    panel.layer_chosen.connect(heard.append)
    number = next(n for n, text in enumerate(panel.text.split("\n"), 1) if "self.conv1(x)" in text)
    panel.view.line_chosen.emit(number)
    assert heard == ["conv1"]
    building = replace(bench.state.building, focus="conv1")
    panel.render_state(bench.state, replace(bench.state, building=building))
    assert panel.view.selected == number
    panel.view.line_chosen.emit(number)
    assert heard == ["conv1", "relu1"]


def test_saving_hands_over_name_and_text(panel: CodePanel, stock: Stock) -> None:
    panel.render_state(None, stock.backward())
    heard: list[tuple[str, str]] = []
    panel.save_requested.connect(lambda name, text: heard.append((name, text)))
    press(panel, "code_save")
    assert heard == [("notebook", panel.text)]
