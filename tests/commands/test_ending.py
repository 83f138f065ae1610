"""A command that is ended from outside leaves nothing: real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lenet_viz
from lenet_viz.commands.ending import removed_at_a_kill, uninterrupted
from tests.panels.runs import odd_captures

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows ends processes in another way")

ROOT = Path(lenet_viz.__file__).parents[1]
COMMANDS = {
    "capture": ["capture", "notebook", "-o", "{}/run.lvcap"],
    "figure": ["figure", "notebook", "--panel", "all", "-o", "{}/all.pdf"],
    "figure, drawing": ["figure", "{run}", "--panel", "all", "-o", "{}/all.pdf"],
    "figures instead": [],
}


# Whoever runs the tests may have told the system to ignore a closed terminal: children inherit it.
_HEEDING = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


def start(name: str, folder: Path, temp: Path, *before: str) -> "subprocess.Popen[str]":
    displays = {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}
    environ = {key: value for key, value in os.environ.items() if key not in displays}
    words = [word.format(folder, run=folder.parent / "run.lvcap") for word in COMMANDS[name]]
    return subprocess.Popen(
        [*(before or (sys.executable, "-c", _HEEDING)), sys.executable, "-m", "lenet_viz", *words],
        cwd=folder,
        env={**environ, "TMPDIR": str(temp), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_busy(process: "subprocess.Popen[str]", temp: Path) -> None:
    """Wait until a command has told of its work and has a folder of its own."""
    assert process.stderr is not None
    while line := process.stderr.readline():
        if line.startswith(("Starting", "Drawing")):
            break
    assert list(temp.glob("lenet-viz-*"))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Where a command works, and where it has its temporary files; beside them lies a run."""
    work, temp = tmp_path / "work", tmp_path / "temp"
    work.mkdir()
    temp.mkdir()
    odd_captures()["branching"]().save(tmp_path / "run.lvcap")
    return work, temp


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("later", [0.0, 0.2])
def test_a_killed_command_leaves_nothing(
    name: str, number: signal.Signals, later: float, folders: tuple[Path, Path]
) -> None:
    work, temp = folders
    with start(name, work, temp) as process:
        until_busy(process, temp)
        time.sleep(later)
        process.send_signal(number)
        out, error = process.communicate(timeout=30)
    assert process.returncode == -number, error
    assert out == ""
    assert "Traceback" not in error
    assert [path.name for path in (*work.iterdir(), *temp.iterdir())] == []


def test_a_closed_terminal_that_is_to_be_ignored_ends_nothing(folders: tuple[Path, Path]) -> None:
    work, temp = folders
    with start("capture", work, temp, "nohup") as process:
        until_busy(process, temp)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert (work / "run.lvcap").exists()
    assert list(temp.iterdir()) == []


def test_the_signals_are_given_back(tmp_path: Path) -> None:
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    with removed_at_a_kill(str(tmp_path)), uninterrupted():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before
    assert tmp_path.exists()


def test_what_is_not_to_be_interrupted_comes_to_its_end() -> None:
    done = []

    def paint() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("painted")

    with pytest.raises(KeyboardInterrupt):
        paint()
    assert done == ["painted"]


def test_drawing_can_be_interrupted_at_any_time(folders: tuple[Path, Path]) -> None:
    """Qt does not survive an exception between a painter and its device."""
    work, temp = folders
    found = set()
    for number in range(8):
        with start("figure, drawing", work, temp) as process:
            until_busy(process, temp)
            time.sleep(number * 0.12)
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=30)
        # Whoever comes as Python itself ends is dealt with by Python: the figure is there.
        done = {0, -signal.SIGINT} if (work / "all.pdf").exists() else {130}
        assert process.returncode in done, error
        assert list(temp.iterdir()) == []
        found.add(process.returncode)
        (work / "all.pdf").unlink(missing_ok=True)
    assert 130 in found
