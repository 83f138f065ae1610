"""Whether Qt will find a display, asked without Qt: it aborts the process where it does not."""

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from typing import Final

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_XCB: Final = "libxcb.so.1"
_PLUGIN_NEEDS: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Libraries that Qt's X plugin does not bring along, each with the Debian package it is in."""

_WITHOUT_SCREEN: Final = ("win32", "darwin")
"""Systems on which a program need not be told where its display is."""


def no_display_because(
    environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Message | None:
    """Return why no window can be opened; None where one can.

    Args:
        environ: the environment variables.
        platform: the system, as `sys.platform` names it.
    """
    if platform in _WITHOUT_SCREEN:
        return None
    chosen = environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if chosen and chosen not in ("xcb", "wayland"):
        return None  # offscreen, vnc and the like were chosen on purpose
    if chosen != "xcb" and _wayland_answers(environ):
        return None
    display = environ.get("DISPLAY", "")
    if chosen != "wayland" and display:
        return _no_x_because(display)
    if environ.get("WAYLAND_DISPLAY"):
        return message(
            "cli",
            QT_TRANSLATE_NOOP("cli", "the display {name} (WAYLAND_DISPLAY) does not answer"),
            name=environ["WAYLAND_DISPLAY"],
        )
    return message(
        "cli",
        QT_TRANSLATE_NOOP(
            "cli", "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
        ),
    )


def _wayland_answers(environ: Mapping[str, str]) -> bool:
    """Return whether somebody listens at the socket that WAYLAND_DISPLAY names."""
    name = environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    path = os.path.join(environ.get("XDG_RUNTIME_DIR", ""), name)  # an absolute name stays
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
    except OSError:
        return False
    return True


def _no_x_because(display: str) -> Message | None:
    """Return why Qt's X plugin would fail; asks the same library that it uses."""
    for library, package in {_XCB: "libxcb1", **_PLUGIN_NEEDS}.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            return message(
                "cli",
                QT_TRANSLATE_NOOP(
                    "cli",
                    "Qt needs {library} for windows, which is not installed (on Debian and "
                    "Ubuntu: apt-get install {package})",
                ),
                library=library,
                package=package,
            )
    if _x_answers(display):
        return None
    return message(
        "cli",
        QT_TRANSLATE_NOOP("cli", "the display {name} (DISPLAY) cannot be connected to"),
        name=display,
    )


def _x_answers(display: str) -> bool:
    """Return whether the X server lets us in, authority file and all."""
    xcb = ctypes.CDLL(_XCB)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused
