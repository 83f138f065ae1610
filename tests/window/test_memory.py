"""What comes back at the next start, and what of a damaged file does not."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDockWidget, QTabBar

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network.initialisation import Initialisation
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import ObjectiveChoice, State, View
from lenet_viz.window.main_window import MainWindow
from lenet_viz.window.memory import Memory
from tests.session.pretend_engine import PretendEngine
from tests.window.driver import Program

# Floating panels come to the front, which the offscreen platform cannot do.
pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


def reopened(folder: Path, size: tuple[int, int] | None = None) -> MainWindow:
    """Return a window as the next start would make it, with an engine that does nothing."""
    memory = Memory(folder)
    state = State(memory.settings(), view=memory.view())
    return MainWindow(Session(PretendEngine(), str(folder), state), memory, size)


@pytest.fixture
def windows(qapp: QApplication) -> Iterator[list[MainWindow]]:
    made: list[MainWindow] = []
    yield made
    for window in made:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


def stray_tabs(window: MainWindow) -> list[QTabBar]:
    return [bar for bar in window.findChildren(QTabBar) if bar.isVisible() and not bar.count()]


def tabs(window: MainWindow) -> set[str]:
    """Return the words on every tab that can be seen."""
    bars = [bar for bar in window.findChildren(QTabBar) if bar.isVisible()]
    return {bar.tabText(at) for bar in bars for at in range(bar.count())}


def places(window: MainWindow) -> dict[str, tuple[object, ...]]:
    return {
        name: (window.dockWidgetArea(dock), dock.isFloating(), dock.isHidden())
        for name, dock in window.docks.items()
    }


def test_choices_come_back(tmp_path: Path, windows: list[MainWindow]) -> None:
    window = reopened(tmp_path)
    windows.append(window)
    session = window.session
    session.choose_preset("lenet5")
    session.choose_input(InputRequest("digit", 4, 2, 9))
    session.choose_objective(ObjectiveChoice("output", 3, 8))
    session.choose_weights_seed(123)
    session.choose_initialisation(Initialisation("constant", -0.25))
    session.choose_zero_grad(False)
    session.choose_theme("dark")
    session.share_scale(False)
    wanted, view = session.state.settings, session.state.view
    window.close()
    again = reopened(tmp_path)
    windows.append(again)
    assert again.session.state.settings == wanted
    assert again.session.state.view.theme == "dark"
    assert again.session.state.view.shared_scale == view.shared_scale
    assert again.maps.theme.name == "dark"


def test_another_preset_opens_with_its_own_defaults(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(default_settings("lenet5"), View())
    memory.write()
    assert Memory(tmp_path).settings("toy") == default_settings("toy")
    assert Memory(tmp_path).settings("lenet5") == default_settings("lenet5")
    assert Memory(tmp_path).settings() == default_settings("lenet5")


def test_the_layout_comes_back_and_can_be_put_back(
    tmp_path: Path, windows: list[MainWindow]
) -> None:
    window = reopened(tmp_path)
    windows.append(window)
    window.show()
    QApplication.processEvents()
    first = places(window)
    window.docks["log"].hide()
    window.docks["step"].setFloating(True)
    QApplication.processEvents()
    changed = places(window)
    assert changed != first
    window.close()
    again = reopened(tmp_path)
    windows.append(again)
    again.show()
    QApplication.processEvents()
    assert places(again) == changed
    assert Memory(tmp_path).geometry() == window.saveGeometry()
    again.actions_by_name["reset_layout"].trigger()
    QApplication.processEvents()
    assert places(again) == first
    assert stray_tabs(again) == []


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (1920, 1200)])
def test_putting_the_panels_back_leaves_no_empty_tab_bar(
    tmp_path: Path, windows: list[MainWindow], size: tuple[int, int]
) -> None:
    window = reopened(tmp_path, size)
    windows.append(window)
    window.show()
    QApplication.processEvents()
    assert stray_tabs(window) == []
    first, words = places(window), tabs(window)
    assert words
    for _ in range(3):
        for name, dock in window.docks.items():
            if name != "strip":
                dock.setFloating(True)
                QApplication.processEvents()
        window.actions_by_name["reset_layout"].trigger()
        for _ in range(5):
            QApplication.processEvents()
        assert places(window) == first
        assert stray_tabs(window) == []
        assert tabs(window) == words
    names = [dock for dock in window.findChildren(QDockWidget) if dock.isVisible()]
    assert len(names) == len(window.docks)


def test_every_panel_can_be_reached_after_the_last_is_hidden(program: Program) -> None:
    for dock in program.window.docks.values():
        dock.toggleViewAction().trigger()
    program.pause(0.05)
    assert all(dock.isHidden() for dock in program.window.docks.values())
    program.window.actions_by_name["reset_layout"].trigger()
    program.pause(0.05)
    assert not any(dock.isHidden() for dock in program.window.docks.values())


FOREIGN: dict[str, list[object]] = {
    "preset": ["nope", "", "notebook;", "../x", 7, None, ["notebook"]],
    "weights_seed": [-1, "5", 1e9, 2**40, "", 1.5, True, None, {}],
    "initialisation": ["trained", "", "constant:nan", "constant", 3, None],
    "input_kind": ["preset", "file", "", 3],
    "digit": [10, -1, "seven", False],
    "scan": [100000, -3, "x"],
    "input_seed": [-1, "nan"],
    "objective": ["max", "", 0],
    "objective_index": [10, -1, "x"],
    "objective_seed": [-5, "x"],
    "zero_grad": ["false", 0, None],
    "show": ["all", 1],
    "strip_gradients": ["true", 1],
    "shared_scale": ["false", 0],
    "theme": ["blue", "", 1],
    "geometry": ["x", "////", 5],
    "docks": ["x", "AAAA", ""],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in FOREIGN.items() for value in values]
)
def test_a_foreign_value_is_left_out(
    tmp_path: Path, name: str, value: object, qapp: QApplication
) -> None:
    values: dict[str, object] = {"preset": "notebook", "weights_seed": 5, name: value}
    (tmp_path / "window.json").write_text(json.dumps(values))
    memory = Memory(tmp_path)
    settings = memory.settings()
    wanted = default_settings()
    if name not in {"preset", "weights_seed"}:
        assert settings.weights_seed == 5, "what is whole is kept"
    assert (settings.preset, settings.input, settings.objective) == (
        wanted.preset,
        wanted.input,
        wanted.objective,
    )
    assert memory.view() == View()


@pytest.mark.parametrize(
    "text",
    [b"", b"\x00" * 300, b'{"preset"', b"\xff\xfe\x00", b"[" * 100_000, b"[1]", b" " * 2**21],
    ids=["empty", "zeros", "cut", "bytes", "deep", "list", "large"],
)
def test_a_damaged_file_opens_the_window_with_defaults(
    tmp_path: Path, windows: list[MainWindow], text: bytes
) -> None:
    (tmp_path / "window.json").write_bytes(text)
    window = reopened(tmp_path)
    windows.append(window)
    assert window.session.state.settings == default_settings()
    window.show()
    QApplication.processEvents()


def test_a_damaged_layout_opens_the_window_as_at_first(
    tmp_path: Path, windows: list[MainWindow]
) -> None:
    values = {
        "geometry": base64.b64encode(b"\x01\x02not a geometry").decode(),
        "docks": base64.b64encode(b"\x00\x00\x00\xff" + b"\x07" * 40).decode(),
    }
    (tmp_path / "window.json").write_text(json.dumps(values))
    window = reopened(tmp_path)
    windows.append(window)
    window.show()
    QApplication.processEvents()
    assert not any(dock.isHidden() for dock in window.docks.values())
    assert window.width() >= 800


def test_a_folder_that_cannot_be_made_is_no_hindrance(
    tmp_path: Path, windows: list[MainWindow]
) -> None:
    (tmp_path / "file").write_text("in the way")
    window = reopened(tmp_path / "file" / "below")
    windows.append(window)
    window.session.choose_weights_seed(3)
    window.close()


def test_a_settings_file_of_qt_is_never_read(tmp_path: Path, qapp: QApplication) -> None:
    """Qt would unpickle what such a file holds, and so run it."""
    trap = tmp_path / "ran"
    pickled = f"cposix\nsystem\n(S'touch {trap}'\ntR.".encode().hex()
    escaped = "".join(f"\\x{pickled[at : at + 2]}" for at in range(0, len(pickled), 2))
    for name in ("window.ini", "window.json"):
        (tmp_path / name).write_text(f'[General]\ntheme="@Variant({escaped})"\n')
    memory = Memory(tmp_path)
    assert memory.view() == View()
    assert memory.settings() == default_settings()
    assert not trap.exists()
    assert "QSettings" not in Path(Memory.__init__.__code__.co_filename).read_text()
