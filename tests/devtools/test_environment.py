"""dev.py: when it installs, and what it asks pip for."""

import subprocess
import sys
from pathlib import Path

import pytest

from devtools import environment
from devtools.progress import Stop
from tests.structure.repository import ROOT

PROJECT = """
[project]
version = "1"
dependencies = ["torch>=2.10"]
[tool.ruff]
line-length = 100
"""


def _fingerprint(project: str = PROJECT, pins: str = "a==1", python: str = "3.11") -> str:
    return environment.fingerprint(project, pins, python, "/somewhere")


def test_fingerprint_ignores_settings_of_tools() -> None:
    assert _fingerprint(PROJECT.replace("100", "88")) == _fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        _fingerprint(PROJECT.replace("2.10", "2.11")),
        _fingerprint(PROJECT + "[project.optional-dependencies]\ndev = ['x']\n"),
        _fingerprint(PROJECT + "[project.scripts]\nx = 'y:z'\n"),
        _fingerprint(pins="a==2"),
        _fingerprint(python="3.12"),
        environment.fingerprint(PROJECT, "a==1", "3.11", "/elsewhere"),
    ],
)
def test_fingerprint_notices_what_pip_would_do_otherwise(changed: str) -> None:
    assert changed != _fingerprint()


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A folder that looks like a finished environment, with the stamp 'wanted'."""
    folder = tmp_path / ".venv"
    python = environment.venv_python(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (folder / "pyvenv.cfg").touch()
    (folder / environment.STAMP).write_text("wanted", encoding="utf-8")
    return folder


def test_a_stamped_environment_is_ready(venv: Path) -> None:
    assert environment.is_ready(venv, "wanted")


def test_another_stamp_is_not_ready(venv: Path) -> None:
    assert not environment.is_ready(venv, "changed")


@pytest.mark.parametrize("lost", [environment.STAMP, "pyvenv.cfg", "bin/python"])
def test_an_environment_that_lost_a_part_is_not_ready(venv: Path, lost: str) -> None:
    (venv / lost).unlink()

    assert not environment.is_ready(venv, "wanted")


def test_an_interrupted_installation_is_rebuilt(venv: Path) -> None:
    (venv / environment.UNFINISHED).touch()

    assert not environment.is_ready(venv, "wanted")
    assert environment.is_broken(venv)


def test_an_environment_whose_python_is_gone_is_rebuilt(venv: Path) -> None:
    python = environment.venv_python(venv)
    python.unlink()
    python.symlink_to("nowhere")

    assert environment.is_broken(venv)


def test_no_environment_is_not_a_broken_one(tmp_path: Path) -> None:
    assert not environment.is_broken(tmp_path / "none")


class _Installation:
    """Stands in for venv and pip: notes what is started and makes what `venv` makes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.venv = folder / ".venv"
        self.lines: list[list[str]] = []
        self.failing = ""
        monkeypatch.setattr(environment, "VENV", self.venv)
        monkeypatch.setattr(environment, "venv_python", self._python)
        monkeypatch.setattr(environment, "current_fingerprint", lambda: "wanted")
        monkeypatch.setattr(subprocess, "call", self._call)

    def _python(self, venv: Path | None = None) -> Path:
        return self.venv / "bin/python"

    def _call(self, line: list[str], **settings: object) -> int:
        self.lines.append(line)
        if "venv" in line:
            self._python().parent.mkdir(parents=True)
            self._python().symlink_to(sys.executable)
            (self.venv / "pyvenv.cfg").touch()
        return 1 if self.failing and self.failing in line else 0

    @property
    def installed(self) -> list[list[str]]:
        """What pip was asked for, without the options every call has."""
        return [
            line[line.index("--no-input") + 1 : line.index("-c")]
            for line in self.lines
            if "install" in line
        ]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Installation:
    return _Installation(tmp_path, monkeypatch)


def test_torch_is_installed_first_and_alone(installation: _Installation) -> None:
    environment.prepare_venv()

    assert installation.installed == [
        ["torch==2.13.0"],
        ["--config-settings", "editable_mode=compat", "-e", ".[dev]"],
    ]
    pins = str(ROOT / "constraints.txt")
    assert all(line[line.index("-c") + 1] == pins for line in installation.lines[1:])


def test_a_second_call_starts_nothing(installation: _Installation) -> None:
    environment.prepare_venv()
    installation.lines.clear()

    environment.prepare_venv()

    assert installation.lines == []


def test_a_failed_pip_says_what_to_do_and_leaves_no_stamp(installation: _Installation) -> None:
    installation.failing = ".[dev]"

    with pytest.raises(Stop, match="network connection and the free disk space"):
        environment.prepare_venv()

    assert not environment.is_ready(installation.venv, "wanted")
    assert environment.is_broken(installation.venv)


def test_after_a_failure_the_environment_is_made_again(installation: _Installation) -> None:
    installation.failing = ".[dev]"
    with pytest.raises(Stop):
        environment.prepare_venv()
    (installation.venv / "left over").touch()
    installation.failing = ""

    environment.prepare_venv()

    assert not (installation.venv / "left over").exists()
    assert environment.is_ready(installation.venv, "wanted")


def test_without_the_venv_module_the_package_is_named(installation: _Installation) -> None:
    installation.failing = "venv"

    with pytest.raises(Stop, match="python3-venv"):
        environment.prepare_venv()


def test_the_pin_of_torch_has_no_build_and_no_hash() -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")

    assert environment.torch_pin(constraints) == "torch==2.13.0"
    assert "--hash" not in constraints
    assert "://" not in constraints


def test_constraints_without_torch_are_refused() -> None:
    with pytest.raises(Stop, match="torch==VERSION"):
        environment.torch_pin("numpy==2.0\n")
