"""The program without a command: where it cannot open a window it leaves a picture."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lenet_viz.cli import main
from lenet_viz.commands.window import free_name

SCREENLESS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_free_name_overwrites_nothing(tmp_path: Path) -> None:
    assert free_name(tmp_path).name == "lenet_viz-window.png"
    (tmp_path / "lenet_viz-window.png").touch()
    assert free_name(tmp_path).name == "lenet_viz-window-2.png"
    (tmp_path / "lenet_viz-window-2.png").symlink_to("nowhere")
    assert free_name(tmp_path).name == "lenet_viz-window-3.png"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
@pytest.mark.parametrize("display", [None, ":4077"])
def test_without_a_display_a_picture_is_written(display: str | None, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in SCREENLESS}
    if display is not None:
        environ["DISPLAY"] = display
    (tmp_path / "lenet_viz-window.png").write_bytes(b"mine")
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "lenet_viz"],
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "lenet_viz-window-2.png\n"
    assert "display" in ran.stderr
    assert "Traceback" not in ran.stderr
    picture = (tmp_path / "lenet_viz-window-2.png").read_bytes()
    assert picture.startswith(PNG)
    assert (tmp_path / "lenet_viz-window.png").read_bytes() == b"mine"
    # Width and height stand at a fixed place in every PNG file.
    width, height = (int.from_bytes(picture[i : i + 4], "big") for i in (16, 20))
    assert width == 1600
    assert height >= 1000, "the window, and a caption below it"


def test_an_unknown_preset_is_refused_before_anything_opens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--model", "tutorail"]) == 2
    assert "did you mean tutorial" in capsys.readouterr().err
