"""dev.py: what a system lacks, and what is said or done about it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devtools import system
from devtools.progress import Stop


def _loader(absent: set[str]) -> Callable[[str], object]:
    def load(name: str) -> object:
        if name in absent:
            raise OSError(f"{name}: cannot open shared object file")
        return object()

    return load


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
