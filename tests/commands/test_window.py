"""The program without a command: where it cannot open a window it leaves its figures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lenet_viz.cli import main
from lenet_viz.commands.instead import free_name, new_folder

SCREENLESS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
PNG = b"\x89PNG\r\n\x1a\n"


PANELS = {
    "window",
    "storyboard",
    "strip",
    "step-conv2",
    "builder",
    "source-conv2",
    "why-conv2",
    "maps-conv2",
    "parameters",
    "ledger",
    "autograd",
    "compare",
    "code",
    "gradients-conv2",
    "histogram-conv2",
    "input",
    "log",
}


def test_a_new_folder_is_never_one_that_is_there(tmp_path: Path) -> None:
    assert free_name(tmp_path).name == "lenet_viz-figures"
    (tmp_path / "lenet_viz-figures").touch()
    assert free_name(tmp_path).name == "lenet_viz-figures-2"
    (tmp_path / "lenet_viz-figures-2").symlink_to("nowhere")
    assert free_name(tmp_path).name == "lenet_viz-figures-3"
    assert new_folder(tmp_path) == tmp_path / "lenet_viz-figures-3"
    assert new_folder(tmp_path) == tmp_path / "lenet_viz-figures-4"


def run_without_display(folder: Path, *words: str, display: str | None = None) -> str:
    """Run the program where there is no display and return its stdout."""
    environ = {name: value for name, value in os.environ.items() if name not in SCREENLESS}
    if display is not None:
        environ["DISPLAY"] = display
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "lenet_viz", *words],
        cwd=folder,
        env={**environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert "display" in ran.stderr
    for bad in ("Traceback", "propagateSizeHints", "QFont", "Warning"):
        assert bad not in ran.stderr
    return ran.stdout


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
@pytest.mark.parametrize("display", [None, ":4077"])
def test_without_a_display_every_figure_is_written(display: str | None, tmp_path: Path) -> None:
    (tmp_path / "lenet_viz-figures").mkdir()
    (tmp_path / "lenet_viz-figures" / "window.png").write_bytes(b"mine")
    told = run_without_display(tmp_path, display=display).splitlines()
    folder = tmp_path / "lenet_viz-figures-2"
    names = {f"{name}.png" for name in PANELS} | {"all.pdf"}
    assert {Path(line).name for line in told} == names
    assert {path.name for path in folder.iterdir()} == names
    assert all((tmp_path / line).is_file() for line in told)
    assert (tmp_path / "lenet_viz-figures" / "window.png").read_bytes() == b"mine"
    picture = (folder / "window.png").read_bytes()
    assert picture.startswith(PNG)
    # Width and height stand at a fixed place in every PNG file.
    assert [int.from_bytes(picture[i : i + 4], "big") for i in (16, 20)] == [1600, 1000]
    pages = re.findall(rb"/Type /Page\n", (folder / "all.pdf").read_bytes())
    assert len(pages) == len(PANELS)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_without_a_display_a_captures_figures_are_written(tmp_path: Path) -> None:
    assert main(["capture", "toy", "-o", str(tmp_path / "toy.lvcap")]) == 0
    told = run_without_display(tmp_path, "toy.lvcap").splitlines()
    assert "lenet_viz-figures/maps-conv1.png" in told
    assert all((tmp_path / line).is_file() for line in told)


def test_an_unknown_preset_is_refused_before_anything_opens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--model", "tutorail"]) == 2
    assert "did you mean tutorial" in capsys.readouterr().err
