"""dev.py: its commands."""

import subprocess
from pathlib import Path

import pytest

from devtools import commands
from tests.structure.repository import ROOT


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["--help"]) == 0
    said = capsys.readouterr().out

    assert all(f"\n  {name} " in said for name in commands.COMMANDS)


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["tset"]) == 2
    assert "there is no command 'tset'; there are: run, test" in capsys.readouterr().err


def test_a_stop_is_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["setup", "--dispaly"]) == 1
    assert capsys.readouterr().err == "dev.py: setup takes only --display\n"


@pytest.mark.parametrize("argument", sorted(commands.HEADLESS))
def test_commands_without_a_window_ask_for_no_libraries(
    monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(commands, "prepare_venv", lambda: None)
    monkeypatch.setattr(commands, "prepare_system", lambda *_: pytest.fail("looked"))
    monkeypatch.setattr(commands, "start", lambda line: started.append(line) or 0)

    assert commands.main(["run", argument, "notebook"]) == 0
    assert started == [["-m", "lenet_viz", argument, "notebook"]]


def test_every_check_runs_although_one_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def call(line: list[str], cwd: Path) -> int:
        ran.append(line[2])
        return 1 if "mypy" in line else 0

    monkeypatch.setattr(commands, "prepare_venv", lambda: None)
    monkeypatch.setattr(subprocess, "call", call)

    assert commands.main(["check"]) == 1
    assert len(ran) == len(commands.CHECKS)
    assert capsys.readouterr().err.endswith("failed: mypy\n")


def test_an_old_python_can_read_dev_py() -> None:
    text = (ROOT / "dev.py").read_text(encoding="ascii")

    assert text.index("sys.version_info < (3, 11)") < text.index("from devtools")
    assert 'f"' not in text
