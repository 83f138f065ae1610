"""Shared libraries, fonts and programs that pip cannot install."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devtools.progress import Stop, say

# Library that Qt loads -> Debian package that has it.
OFFSCREEN_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
SCREEN_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth"}
ANY_FONT = "fonts-dejavu-core"
CHINESE_FONT = "fonts-wqy-microhei"
TRIED = "lenet_viz.tried"  # packages that apt-get could not install; they are not tried again
FONT_SUFFIXES = (".ttf", ".otf", ".ttc")
# File names of the fonts with Chinese glyphs that Linux systems ship.
CHINESE_FONT_NAME = re.compile(
    r"wqy|cjk|droidsansfallback|ukai|uming|source-?han|simsun|simhei|msyh|lxgw|noto(sans|serif)sc",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Missing:
    """What the system lacks.

    Attributes:
        needed: What Qt cannot start without, and its Debian packages, in the same order.
        needed_packages: Debian packages with what is in `needed`.
        wanted: What only makes things better (fonts, Xvfb).
        wanted_packages: Debian packages with what is in `wanted`.
    """

    needed: tuple[str, ...] = ()
    needed_packages: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    wanted_packages: tuple[str, ...] = ()

    @property
    def packages(self) -> tuple[str, ...]:
        """All Debian packages, each once."""
        return tuple(dict.fromkeys(self.needed_packages + self.wanted_packages))


def font_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders in which fontconfig looks by default."""
    home = Path(environ.get("HOME", "/"))
    return (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
    )


def font_files(folders: Iterable[Path]) -> Iterator[str]:
    """Names of the font files below `folders`."""
    for folder in folders:
        for _, _, names in os.walk(folder):
            yield from (name for name in names if name.lower().endswith(FONT_SUFFIXES))


def missing_libraries(
    libraries: Mapping[str, str], load: Callable[[str], object] = ctypes.CDLL
) -> dict[str, str]:
    """The part of `libraries` (file name -> Debian package) that `load` cannot load."""
    missing = {}
    for name, package in libraries.items():
        try:
            load(name)
        except OSError:
            missing[name] = package
    return missing


def missing_fonts(names: Iterable[str]) -> dict[str, str]:
    """What is missing among fonts with these file names: description -> Debian package."""
    any_font = False
    for name in names:
        any_font = True
        if CHINESE_FONT_NAME.search(name):
            return {}
    missing = {"a font with Chinese characters": CHINESE_FONT}
    return missing if any_font else {"any font": ANY_FONT, **missing}


def look_for_missing(
    screen: bool,
    programs: bool,
    *,
    load: Callable[[str], object] = ctypes.CDLL,
    fonts: Iterable[str] | None = None,
    which: Callable[[str], str | None] = shutil.which,
) -> Missing:
    """What this Linux system lacks.

    Args:
        screen: Also look for what Qt needs on an X screen.
        programs: Also look for the programs that tests of real windows start.
        load: Loads a shared library by its file name or raises OSError.
        fonts: File names of the fonts there are; by default those on this machine.
        which: Finds a program.
    """
    libraries = {**OFFSCREEN_LIBRARIES, **(SCREEN_LIBRARIES if screen else {})}
    needed = missing_libraries(libraries, load)
    wanted = missing_fonts(font_files(font_folders(os.environ)) if fonts is None else fonts)
    if programs:
        wanted |= {name: deb for name, deb in SCREEN_PROGRAMS.items() if which(name) is None}
    return Missing(tuple(needed), tuple(needed.values()), tuple(wanted), tuple(wanted.values()))


def apt_line(packages: Iterable[str]) -> str:
    """The line a person types on a Debian-like system."""
    names = " ".join(packages)
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"


def wants_screen(environ: Mapping[str, str]) -> bool:
    """Whether Qt would open its window on an X screen."""
    platform = environ.get("QT_QPA_PLATFORM", "xcb").split(":")[0]
    return bool(environ.get("DISPLAY")) and platform == "xcb"


def install_packages(packages: Sequence[str]) -> bool:
    """Whether apt-get installed `packages`; its output goes to stderr."""
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    codes = [
        subprocess.call(line, env=environ, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        for line in (["apt-get", "update"], install)
    ]
    return codes[-1] == 0  # an update that failed may still have left usable lists


def system_advice(missing: Missing, has_apt: bool) -> list[str]:
    """The lines that tell a person without root rights what is missing and what to type."""
    lines = []
    if missing.needed:
        lines.append("missing system libraries that Qt needs: " + ", ".join(missing.needed))
    if missing.wanted:
        lines.append("also missing: " + ", ".join(missing.wanted))
    if lines and has_apt:
        lines.append("to install them, type: " + apt_line(missing.packages))
    elif lines:
        lines.append("install them with this system's package manager")
    return lines


def prepare_system(screen: bool, memory: Path, programs: bool = False) -> None:
    """Installs missing system packages as root on Debian, or says what to type.

    Args:
        screen: Whether a window on an X screen will be opened.
        memory: A folder in which to note what could not be installed; it need not exist.
        programs: Whether tests will start an X screen of their own.

    Raises:
        Stop: When a library that Qt cannot start without is still missing.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = look_for_missing(screen, programs)
    has_apt = shutil.which("apt-get") is not None
    note = memory / TRIED
    tried = note.read_text(encoding="utf-8").split() if note.is_file() else []
    fresh = [name for name in missing.packages if name not in tried]
    if fresh and has_apt and os.geteuid() == 0:
        missing = _install_as_root(missing, lambda: look_for_missing(screen, programs))
        if memory.is_dir():
            note.write_text("\n".join(missing.wanted_packages), encoding="utf-8")
    if fresh or missing.needed:
        for line in system_advice(missing, has_apt):
            say(line)
    # On Wayland Qt has another way to a window.
    if missing.needed and not (screen and os.environ.get("WAYLAND_DISPLAY")):
        raise Stop("stopping: Qt cannot start without " + ", ".join(missing.needed))


def _install_as_root(missing: Missing, look_again: Callable[[], Missing]) -> Missing:
    """What is still missing after apt-get was asked for everything in `missing`."""
    say("missing: " + ", ".join(missing.needed + missing.wanted))
    say("running as root: installing with apt-get: " + " ".join(missing.packages))
    if not install_packages(missing.packages):
        say("apt-get failed; its own message is above")
    return look_again()
