from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QTextEdit
from pytestqt.qtbot import QtBot

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network.spec import Spec
from lenet_viz.panels.log_panel import LogPanel
from lenet_viz.panels.theme import DARK, LIGHT
from lenet_viz.session.printed import backward_entries, forward_entries
from lenet_viz.session.state import LogEntry, ObjectiveChoice, Settings, State
from lenet_viz.wording import message
from tests.session.notebook_run import Notebook, notebook_spec


def _state(log: tuple[LogEntry, ...] = ()) -> State:
    spec = Spec.from_json(notebook_spec())
    return State(
        Settings("notebook", spec, 0, InputRequest("random", seed=1), ObjectiveChoice()), log=log
    )


def _cells(first: int, last: int) -> tuple[LogEntry, ...]:
    note = message("Test", "because")
    return tuple(LogEntry(f"print({i})", f"{i}\nmore", note) for i in range(first, last))


@pytest.fixture
def panel(qtbot: QtBot) -> LogPanel:
    made = LogPanel()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    return made


def _text(panel: LogPanel) -> QTextEdit:
    found = panel.findChild(QTextEdit, "log_text")
    assert isinstance(found, QTextEdit)
    return found


def test_an_empty_log_says_what_to_press(panel: LogPanel) -> None:
    panel.render_state(None, _state())
    label = panel.findChild(QLabel, "log_empty")
    assert isinstance(label, QLabel)
    assert label.isVisible()
    assert "F5" in label.text()
    assert not _text(panel).isVisible()
    button = panel.findChild(QPushButton, "log_copy")
    assert isinstance(button, QPushButton)
    assert not button.isEnabled()


def test_cells_read_like_a_python_session(panel: LogPanel) -> None:
    entry = LogEntry("a = 1\nfor _ in [a]:\n    print(a)", "1", message("Test", "note of {n}", n=3))
    panel.render_state(None, _state((entry, LogEntry("", "", message("Test", "alone")))))
    code = ">>> a = 1\n>>> for _ in [a]:\n...     print(a)\n"
    assert _text(panel).toPlainText() == f"{code}1\n→ note of 3\n→ alone"


def test_copy_puts_everything_on_the_clipboard(panel: LogPanel) -> None:
    panel.render_state(None, _state(_cells(0, 3)))
    button = panel.findChild(QPushButton, "log_copy")
    assert isinstance(button, QPushButton)
    button.click()
    assert QGuiApplication.clipboard().text() == _text(panel).toPlainText()
    assert QGuiApplication.clipboard().text().count(">>> ") == 3


def _render(panel: LogPanel, log: tuple[LogEntry, ...]) -> None:
    old = panel.state
    assert old is not None
    panel.render_state(old, replace(old, log=log))


def test_appending_writes_the_new_cells_only(panel: LogPanel) -> None:
    cells = _cells(0, 6)
    panel.render_state(None, _state(cells[:4]))
    removed: list[int] = []
    _text(panel).document().contentsChange.connect(lambda at, gone, new: removed.append(gone))
    _render(panel, cells)
    assert sum(removed) <= len(cells)
    again = LogPanel()
    again.render_state(None, _state(cells))
    assert _text(panel).toHtml() == _text(again).toHtml()


def test_cells_that_left_the_log_leave_the_text(panel: LogPanel) -> None:
    cells = _cells(0, 9)
    panel.render_state(None, _state(cells[:6]))
    _render(panel, cells[2:8])
    _render(panel, cells[3:9])
    again = LogPanel()
    again.render_state(None, _state(cells[3:9]))
    assert _text(panel).toPlainText() == _text(again).toPlainText()


def test_another_log_replaces_the_text(panel: LogPanel) -> None:
    panel.render_state(None, _state(_cells(0, 3)))
    _render(panel, _cells(7, 8))
    assert _text(panel).toPlainText() == ">>> print(7)\n7\nmore\n→ because"
    _render(panel, ())
    assert _text(panel).toPlainText() == ""


def test_it_follows_the_end_unless_scrolled_up(panel: LogPanel) -> None:
    cells = _cells(0, 60)
    panel.render_state(None, _state(cells[:30]))
    bar = _text(panel).verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    _render(panel, cells[:40])
    assert bar.value() == bar.maximum()
    bar.setValue(50)
    _render(panel, cells)
    assert bar.value() == 50
    panel.set_theme(DARK)
    assert bar.value() == 50


def test_it_stays_at_the_end_when_the_panel_is_resized(panel: LogPanel, qtbot: QtBot) -> None:
    panel.render_state(None, _state(_cells(0, 40)))
    bar = _text(panel).verticalScrollBar()
    panel.resize(320, 180)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum(), timeout=1000)
    assert bar.maximum() == _text(panel).document().size().height() - bar.pageStep()


def test_theme_colours_the_cells(panel: LogPanel) -> None:
    panel.render_state(None, _state(_cells(0, 1)))
    assert LIGHT.good in _text(panel).toHtml()
    panel.set_theme(DARK)
    html = _text(panel).toHtml()
    assert DARK.good in html
    assert LIGHT.good not in html


def test_a_whole_run_is_shown(panel: LogPanel) -> None:
    capture = Notebook().run("mse")
    log = forward_entries(capture) + backward_entries(capture, cleared=True, passes=1)
    panel.render_state(None, _state(log))
    text = _text(panel).toPlainText()
    assert "MseLossBackward0" in text
    assert "124 of the 1024 pixels" in text
    assert all(line in text for line in log[-1].output.splitlines())


def test_everything_has_a_name(panel: LogPanel) -> None:
    for kind in (QPushButton, QTextEdit):
        found = panel.findChildren(kind)
        assert found
        for widget in found:
            assert widget.objectName()
            assert widget.accessibleName()
            assert widget.toolTip()
