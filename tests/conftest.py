"""What holds for every test: no real screen, no files of the person who runs them."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.figures import Figures, printed

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# More threads make small networks slower on a busy machine, and the tests run side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("lenet_viz", deadline=None)
settings.load_profile("lenet_viz")

_OWN_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "APPDATA")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remembered window sizes, logs and snapshots stay inside the test's folder."""
    for name in _OWN_FOLDERS:
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Where a battery says how much it has compared."""
    return Figures(record_property)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("passed", [])
    lines = printed(pair for report in reports for pair in report.user_properties)
    if lines:
        terminalreporter.section("what was compared")
        for line in lines:
            terminalreporter.write_line(line)


def _no_screen_because() -> str | None:
    """Why no virtual X screen can be had, or None."""
    if shutil.which("Xvfb") is None:
        return "there is no Xvfb"
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return "there is no libxcb-cursor.so.0, without which Qt opens no window"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = _no_screen_because()
    if reason is None:
        return
    for item in items:
        if item.get_closest_marker("display") is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def x_screen() -> Iterator[dict[str, str]]:
    """Environment variables that put a child process on a virtual X screen of 1920×1200.

    A test that uses it is marked `display`.
    """
    reading, writing = os.pipe()
    line = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    server = subprocess.Popen(line, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(10)
