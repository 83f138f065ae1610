"""dev.py: what it decides to install, and what it says to a person."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devtools import commands, environment, system
from devtools.progress import Stop
from tests.structure.repository import ROOT

PROJECT = """
[project]
version = "1"
dependencies = ["torch>=2.10"]
[tool.ruff]
line-length = 100
"""


def _loader(absent: set[str]) -> Callable[[str], object]:
    def load(name: str) -> object:
        if name in absent:
            raise OSError(f"{name}: cannot open shared object file")
        return object()

    return load


# ---- what the stamp stands for


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

    assert installation.installed == [["torch==2.13.0"], ["-e", ".[dev]"]]
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


# ---- system libraries


def test_nothing_is_missing_when_everything_loads() -> None:
    found = system.look_for_missing(
        True, True, load=_loader(set()), fonts=["wqy-microhei.ttc"], which=lambda name: name
    )

    assert found == system.Missing()
    assert system.system_advice(found, has_apt=True) == []


def test_missing_libraries_are_named_with_their_packages() -> None:
    found = system.look_for_missing(
        False, False, load=_loader({"libGL.so.1", "libxcb-cursor.so.0"}), fonts=["wqy.ttf"]
    )

    assert found.needed == ("libGL.so.1",)
    assert found.packages == ("libgl1",)


def test_a_screen_needs_more() -> None:
    found = system.look_for_missing(
        True, False, load=_loader({"libGL.so.1", "libxcb-cursor.so.0"}), fonts=["wqy.ttf"]
    )

    assert found.packages == ("libgl1", "libxcb-cursor0")


def test_tests_of_real_windows_need_xvfb() -> None:
    found = system.look_for_missing(
        False, True, load=_loader(set()), fonts=["wqy.ttf"], which=lambda name: None
    )

    assert found.needed == ()
    assert found.wanted_packages == ("xvfb", "xauth")


@pytest.mark.parametrize(
    ("fonts", "packages"),
    [
        ([], ("fonts-dejavu-core", "fonts-wqy-microhei")),
        (["DejaVuSans.ttf"], ("fonts-wqy-microhei",)),
        (["DejaVuSans.ttf", "NotoSansCJK-Regular.ttc"], ()),
    ],
)
def test_missing_fonts(fonts: list[str], packages: tuple[str, ...]) -> None:
    assert tuple(system.missing_fonts(fonts).values()) == packages


def test_font_files_are_found_by_their_ending(tmp_path: Path) -> None:
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype/A.TTF").touch()
    (tmp_path / "fonts.dir").touch()

    assert list(system.font_files([tmp_path, tmp_path / "none"])) == ["A.TTF"]


def test_without_root_the_line_to_type_is_printed() -> None:
    missing = system.Missing(("libGL.so.1",), ("libgl1",), ("any font",), ("fonts-dejavu-core",))

    assert system.system_advice(missing, has_apt=True) == [
        "missing system libraries that Qt needs: libGL.so.1",
        "also missing: any font",
        "to install them, type: sudo apt-get update && "
        "sudo apt-get install -y --no-install-recommends libgl1 fonts-dejavu-core",
    ]


def test_without_apt_no_debian_line_is_printed() -> None:
    lines = system.system_advice(system.Missing(("libGL.so.1",), ("libgl1",)), has_apt=False)

    assert not any("apt" in line for line in lines)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb:some"}, True),
    ],
)
def test_when_a_window_opens_on_an_x_screen(environ: dict[str, str], wanted: bool) -> None:
    assert system.wants_screen(environ) is wanted


class _Machine:
    """A Linux machine that lacks `missing`; apt-get brings what is in `available`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, user: int) -> None:
        self.missing: dict[str, str] = {"libGL.so.1": "libgl1"}
        self.optional: dict[str, str] = {}
        self.available = {"libgl1"}
        self.asked: list[tuple[str, ...]] = []
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(system.os, "geteuid", lambda: user, raising=False)
        monkeypatch.setattr(system.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(system, "look_for_missing", self._look)
        monkeypatch.setattr(system, "install_packages", self._install)

    def _look(self, screen: bool, programs: bool) -> system.Missing:
        return system.Missing(
            tuple(self.missing),
            tuple(self.missing.values()),
            tuple(self.optional),
            tuple(self.optional.values()),
        )

    def _install(self, packages: tuple[str, ...]) -> bool:
        self.asked.append(packages)
        for there in (self.missing, self.optional):
            for name in [name for name, deb in there.items() if deb in self.available]:
                del there[name]
        return set(packages) <= self.available


def test_root_says_so_and_installs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    machine = _Machine(monkeypatch, user=0)

    system.prepare_system(False, tmp_path)

    assert machine.asked == [("libgl1",)]
    said = capsys.readouterr()
    assert "running as root: installing with apt-get: libgl1" in said.err
    assert said.out == ""


def test_root_stops_when_apt_cannot_bring_what_qt_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    machine = _Machine(monkeypatch, user=0)
    machine.available = set()

    with pytest.raises(Stop, match=r"Qt cannot start without libGL\.so\.1"):
        system.prepare_system(False, tmp_path)

    assert "apt-get failed" in capsys.readouterr().err


def test_another_user_is_told_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    machine = _Machine(monkeypatch, user=1000)

    with pytest.raises(Stop):
        system.prepare_system(False, tmp_path)

    assert machine.asked == []
    assert "type: sudo apt-get update && sudo apt-get install -y" in capsys.readouterr().err


def test_a_font_that_apt_lacks_is_asked_for_once_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = _Machine(monkeypatch, user=0)
    machine.missing = {}
    machine.optional = {"a font with Chinese characters": "fonts-wqy-microhei"}

    system.prepare_system(False, tmp_path)
    system.prepare_system(False, tmp_path)

    assert machine.asked == [("fonts-wqy-microhei",)]


def test_nothing_is_looked_for_on_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = _Machine(monkeypatch, user=0)
    monkeypatch.setattr(sys, "platform", "win32")

    system.prepare_system(False, tmp_path)

    assert machine.asked == []


# ---- commands


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
