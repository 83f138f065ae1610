"""Whether a display is there, asked of real sockets and of a real X server."""

import socket
from pathlib import Path

import pytest

from lenet_viz.commands.display import no_display_because


def test_without_any_display_it_says_so() -> None:
    reason = no_display_because({}, "linux")
    assert reason is not None
    assert "DISPLAY" in reason.english()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_a_display_needs_no_variable(platform: str) -> None:
    assert no_display_because({}, platform) is None


@pytest.mark.parametrize("chosen", ["offscreen", "minimal:enable_fonts", "vnc"])
def test_a_chosen_platform_without_a_screen_is_taken(chosen: str) -> None:
    assert no_display_because({"QT_QPA_PLATFORM": chosen}, "linux") is None


@pytest.mark.parametrize("display", [":4077", "nonsense", ":", "localhost:4077.0"])
def test_a_display_that_does_not_answer_is_named(display: str) -> None:
    reason = no_display_because({"DISPLAY": display}, "linux")
    assert reason is not None
    assert display in reason.english() or "libx" in reason.english()


def test_an_unreachable_display_counts_though_the_platform_was_chosen() -> None:
    environ = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":4077"}
    assert no_display_because(environ, "linux") is not None


def test_wayland_counts_where_somebody_listens(tmp_path: Path) -> None:
    environ = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    reason = no_display_because(environ, "linux")
    assert reason is not None
    assert "wayland-7" in reason.english()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        assert no_display_because(environ, "linux") is None


@pytest.mark.display
def test_a_real_x_server_is_found(x_screen: dict[str, str]) -> None:
    assert no_display_because(x_screen, "linux") is None
    assert no_display_because({"DISPLAY": x_screen["DISPLAY"]}, "linux") is None
