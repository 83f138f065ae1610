"""`lenet-viz figure`: files of the asked kind, size and content, the same each time."""

import errno
import itertools
import os
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PySide6.QtGui import QImageReader
from torch import nn

import lenet_viz
from lenet_viz.cli import main
from lenet_viz.commands import figure_words
from lenet_viz.export.figures import PANELS, THEMES
from lenet_viz.export.order import THEME_NAMES
from tests.panels.runs import odd_captures

Printed = pytest.CaptureFixture[str]

ODD = ("branching", "without backward", "no steps", "several outputs")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Captures to draw: the notebook's network, and some that are unlike it."""
    folder = tmp_path_factory.mktemp("runs")
    notebook = folder / "notebook.lvcap"
    assert main(["capture", "notebook", "-o", str(notebook), "--backward", "cross-entropy:7"]) == 0
    files = {"notebook": notebook}
    for number, name in enumerate(ODD):
        files[name] = odd_captures()[name]().save(folder / f"odd{number}.lvcap")
    return files


def figure(*words: object) -> int:
    return main(["figure", *map(str, words)])


def png_size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])  # type: ignore[return-value]


def svg_text(path: Path) -> str:
    """All text of an SVG file, a space between its pieces."""
    root = ET.fromstring(path.read_bytes())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return " ".join(" ".join(node.itertext()) for node in root.iterfind(".//{*}text"))


def pdf_pages(path: Path) -> int:
    return len(re.findall(rb"/Type /Page\b", path.read_bytes()))


def pdf_streams(path: Path) -> bytes:
    """Everything that is compressed in a PDF."""
    found = b""
    for part in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL):
        try:
            found += zlib.decompressobj().decompress(part)
        except zlib.error:
            found += part
    return found


def test_the_words_are_those_that_can_be_drawn() -> None:
    assert set(figure_words.PANELS) == {"window", *PANELS}
    assert set(THEME_NAMES) == set(THEMES)


@pytest.mark.parametrize("panel", figure_words.PANELS)
@pytest.mark.parametrize("run", ["notebook", "branching", "without backward"])
def test_every_panel_in_every_format(
    run: str, panel: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    for ending in ("png", "svg", "pdf"):
        assert figure(runs[run], "--panel", panel, "-o", tmp_path / f"f.{ending}") == 0
    image = QImageReader(str(tmp_path / "f.png")).read()
    assert (image.width(), image.height()) == png_size(tmp_path / "f.png")
    rows = range(0, min(400, image.height()), 7)
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in rows}
    assert len(colours) > 2
    text = svg_text(tmp_path / "f.svg")
    assert text.strip()
    assert pdf_pages(tmp_path / "f.pdf") == 1
    assert b" Tf" in pdf_streams(tmp_path / "f.pdf"), "text is text"


@pytest.mark.parametrize("run", ["no steps", "several outputs"])
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_odd_runs_have_all_figures(
    run: str, ending: str, runs: dict[str, Path], tmp_path: Path, capsys: Printed
) -> None:
    folder = tmp_path / "new"
    assert figure(runs[run], "--panel", "all", "-o", folder, "--format", ending) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == len(figure_words.PANELS)
    assert {path.name for path in folder.iterdir()} == {Path(line).name for line in told}


def test_numbers_and_shapes_are_text(runs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "step.svg"
    assert figure(runs["notebook"], "--panel", "step", "--step", "conv2", "-o", path) == 0
    text = " ".join(svg_text(path).split())
    for words in ("conv2", "1, 16, 13, 13", "16 × 6 × 3 × 3 = 864", "15 - 3 + 1 = 13"):
        assert words in text
    assert figure(runs["notebook"], "--panel", "parameters", "-o", path, "--force") == 0
    text = svg_text(path)
    assert "120 × 576 = 69,120" in text
    assert "81,194" in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="there is no pdftotext")
def test_a_pdf_has_its_text(runs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "parameters.pdf"
    assert figure(runs["notebook"], "--panel", "parameters", "-o", path) == 0
    ran = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    assert "69,120" in ran.stdout
    assert "conv1.weight" in ran.stdout


def test_a_forward_only_run_says_so_instead_of_a_gradient(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "gradients.svg"
    assert figure(runs["without backward"], "--panel", "gradients", "-o", path) == 0
    assert "backward" in svg_text(path)


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["--size", "1600x1000"], (1600, 1000)),
        (["--size", "1600x1000", "--scale", "2"], (3200, 2000)),
        (["--size", "640x480", "--theme", "dark", "--no-caption"], (640, 480)),
        (["--size", "slide"], (3840, 2160)),
        (["--size", "100x80mm"], (1134, 907)),
        (["--size", "3x2in", "--scale", "1.5"], (432, 288)),
    ],
)
def test_a_png_has_the_size_that_was_asked_for(
    words: list[str], size: tuple[int, int], runs: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "maps.png"
    assert figure(runs["notebook"], "--panel", "maps", "-o", path, *words) == 0
    assert png_size(path) == size


def test_paper_is_printed_sharp_enough(runs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "maps.png"
    assert figure(runs["notebook"], "--panel", "maps", "--size", "a4", "-o", path) == 0
    width, height = png_size(path)
    assert width / (210 / 25.4) >= 287.5
    assert height / (297 / 25.4) >= 287.5


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_a_page_has_the_size_that_was_asked_for(
    ending: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / f"maps.{ending}"
    assert figure(runs["notebook"], "--panel", "maps", "--size", "a4", "-o", path) == 0
    if ending == "svg":
        box = ET.fromstring(path.read_bytes()).get("viewBox")
        assert box is not None
        width, height = (float(word) / 96 * 25.4 for word in box.split()[2:])
    else:
        found = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)", path.read_bytes())
        assert found is not None
        width, height = (float(word) / 72 * 25.4 for word in found.groups())
    assert abs(width - 210) < 0.5
    assert abs(height - 297) < 0.5


def test_looks_differ(runs: dict[str, Path], tmp_path: Path) -> None:
    looks: dict[str, list[str]] = {
        "plain": [],
        "dark": ["--theme", "dark"],
        "both": ["--show", "both"],
        "own": ["--own-scales"],
        "channel": ["--channel", "3"],
        "bare": ["--no-caption"],
        "type": ["--type-size", "14"],
        "step": ["--step", "conv1"],
    }
    for name, words in looks.items():
        path = tmp_path / f"{name}.png"
        assert figure(runs["notebook"], "--panel", "maps", "-o", path, *words) == 0
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == len(looks)


def test_several_steps_are_several_pages_or_files(
    runs: dict[str, Path], tmp_path: Path, capsys: Printed
) -> None:
    words = (runs["notebook"], "--panel", "gradients", "--steps", "conv1,conv2")
    assert figure(*words, "-o", tmp_path / "g.pdf") == 0
    assert pdf_pages(tmp_path / "g.pdf") == 2
    capsys.readouterr()
    assert figure(*words, "-o", tmp_path) == 0
    told = [tmp_path / "gradients-conv1.png", tmp_path / "gradients-conv2.png"]
    assert capsys.readouterr().out == "".join(f"{path}\n" for path in told)
    assert figure(runs["notebook"], "--panel", "all", "-o", tmp_path / "all.pdf") == 0
    assert pdf_pages(tmp_path / "all.pdf") == len(figure_words.PANELS)


def test_the_storyboard_has_the_steps_that_were_asked_for(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "s.svg"
    words = ("--panel", "storyboard", "--steps", "conv1, fc3", "--show", "activation")
    assert figure(runs["notebook"], *words, "-o", path) == 0
    text = svg_text(path)
    assert "conv1" in text
    assert "fc3" in text
    assert "conv2" not in text
    assert "fc2" not in text


def program(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    return subprocess.run(
        [sys.executable, "-m", "lenet_viz", "figure", *words],
        capture_output=True,
        text=True,
        timeout=120,
        env={**environ, **more},
    )


@pytest.mark.parametrize(
    ("panel", "ending"), [("maps", "png"), ("window", "svg"), ("storyboard", "pdf")]
)
def test_the_same_words_give_the_same_bytes(panel: str, ending: str, tmp_path: Path) -> None:
    """In this process and in another, whose display does not answer, run and all."""
    here, there = tmp_path / f"here.{ending}", tmp_path / f"there.{ending}"
    assert figure("toy", "--panel", panel, "-o", here) == 0
    ran = program("toy", "--panel", panel, "-o", str(there), DISPLAY=":4077", PYTHONHASHSEED="5")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{there}\n"
    assert here.read_bytes() == there.read_bytes()
    assert ran.stderr.splitlines()[0].startswith("Starting the engine")
    assert "propagate" not in ran.stderr


def test_the_input_and_the_objective_are_chosen_as_for_a_capture(tmp_path: Path) -> None:
    path = tmp_path / "f.svg"
    words = ("--input", "digit:3", "--seed", "4", "-o", path, "--force", "--panel", "storyboard")
    assert figure("tutorial", *words) == 0
    assert "cross-entropy, class 3" in svg_text(path)
    assert "seed 4" in svg_text(path)
    assert figure("tutorial", *words, "--backward", "output:2") == 0
    assert "output 2" in svg_text(path)
    assert figure("tutorial", *words, "--backward", "none") == 0
    assert "cross-entropy" not in svg_text(path)


def test_a_killed_program_leaves_no_half_file(tmp_path: Path, runs: dict[str, Path]) -> None:
    path = tmp_path / "all.pdf"
    line = [sys.executable, "-m", "lenet_viz", "figure", str(runs["notebook"]), "--panel", "all"]
    with subprocess.Popen([*line, "-o", str(path)], stderr=subprocess.PIPE, text=True) as ran:
        assert ran.stderr is not None
        assert "Drawing" in ran.stderr.readline()
        ran.kill()
    assert list(tmp_path.iterdir()) == []


def at(folder: Path, name: str) -> list[str]:
    return ["-o", str(folder / name)]


BAD: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "panel": (lambda f: ["toy", "--panel", "mpas", *at(f, "a.png")], "did you mean maps"),
    "theme": (lambda f: ["toy", "--theme", "drak", *at(f, "a.png")], "did you mean dark"),
    "other theme": (lambda f: ["toy", "--theme", "7", *at(f, "a.png")], "light, dark"),
    "size": (lambda f: ["toy", "--size", "big", *at(f, "a.png")], "a4-column"),
    "small": (lambda f: ["toy", "--size", "3x3", *at(f, "a.png")], "120"),
    "huge": (lambda f: ["toy", "--size", "20000x20000", *at(f, "a.png")], "20000 × 20000"),
    "ending": (lambda f: ["toy", *at(f, "a.jpg")], ".png, .svg or .pdf"),
    "no ending": (lambda f: ["toy", *at(f, "a")], "no ending"),
    "step": (lambda f: ["toy", "--step", "cnv1", *at(f, "a.png")], "did you mean conv1"),
    "other step": (lambda f: ["toy", "--step", "77", *at(f, "a.png")], "conv1, relu"),
    "steps": (
        lambda f: ["toy", "--panel", "maps", "--steps", "conv1,fc9", *at(f, "a.pdf")],
        "did you mean fc1",
    ),
    "both": (
        lambda f: ["toy", "--panel", "maps", "--step", "fc1", "--steps", "fc1", *at(f, "a.png")],
        "leave one of them out",
    ),
    "channel": (lambda f: ["notebook", "--channel", "16", *at(f, "a.png")], "0 to 15"),
    "no channels": (
        lambda f: ["toy", "--channel", "0", "--step", "fc1", *at(f, "a.png")],
        "no channels",
    ),
    "channel word": (lambda f: ["toy", "--channel", "-1", *at(f, "a.png")], "whole number"),
    "channel letter": (lambda f: ["toy", "--channel", "x", *at(f, "a.png")], "whole number"),
    "useless": (
        lambda f: ["toy", "--panel", "log", "--channel", "0", *at(f, "a.png")],
        "means nothing for log",
    ),
    "show": (lambda f: ["toy", "--show", "grad", *at(f, "a.png")], "did you mean gradient"),
    "scale": (lambda f: ["toy", "--scale", "nan", *at(f, "a.png")], "0.1 to 16"),
    "scale of svg": (lambda f: ["toy", "--scale", "2", *at(f, "a.svg")], "sharp"),
    "type": (lambda f: ["toy", "--type-size", "99", *at(f, "a.png")], "4 to 48"),
    "exists": (lambda f: ["toy", *at(f, "old.png")], "--force"),
    "no folder": (lambda f: ["toy", *at(f, "nowhere/a.png")], "no folder"),
    "a folder": (lambda f: ["toy", "-o", str(f)], "is a folder"),
    "all in a file": (lambda f: ["toy", "--panel", "all", *at(f, "old.png")], "is a file"),
    "all in a png": (lambda f: ["toy", "--panel", "all", *at(f, "a.png")], "one figure"),
    "all nowhere": (lambda f: ["toy", "--panel", "all", *at(f, "a/b")], "no folder"),
    "format": (
        lambda f: ["toy", "--panel", "all", "--format", "pgn", *at(f, "a")],
        "did you mean png",
    ),
    "format and ending": (lambda f: ["toy", "--format", "png", *at(f, "a.svg")], "--format"),
    "model": (lambda f: ["tyo", *at(f, "a.png")], "did you mean toy"),
    "no capture": (lambda f: [str(f / "no.lvcap"), *at(f, "a.png")], "no.lvcap"),
    "seed": (lambda f: ["toy", "--seed", "x", *at(f, "a.png")], "--seed"),
    "input": (lambda f: ["toy", "--input", "digit:77", *at(f, "a.png")], "digit"),
    "objective": (lambda f: ["toy", "--backward", "output:99", *at(f, "a.png")], "outputs"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_word_is_one_line_before_anything_runs(
    name: str, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet_viz.engine.single_run.run_once", lambda *_, **__: 1 / 0)
    (tmp_path / "old.png").write_bytes(b"old")
    words, wanted = BAD[name]
    assert figure(*words(tmp_path)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert wanted in printed.err
    assert [path.name for path in tmp_path.iterdir()] == ["old.png"]
    assert (tmp_path / "old.png").read_bytes() == b"old"


def test_a_capture_is_not_run_again(runs: dict[str, Path], tmp_path: Path, capsys: Printed) -> None:
    assert figure(runs["notebook"], "--seed", "1", "-o", tmp_path / "a.png") == 2
    assert "leave --seed out" in capsys.readouterr().err


def test_in_a_folder_no_file_is_replaced_unless_asked(
    runs: dict[str, Path], tmp_path: Path, capsys: Printed
) -> None:
    (tmp_path / "log.png").write_bytes(b"old")
    words = (runs["notebook"], "--panel", "all", "-o", tmp_path)
    assert figure(*words) == 2
    assert "log.png exists" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["log.png"]
    assert figure(*words, "--force") == 0
    assert png_size(tmp_path / "log.png")[0] > 100
    assert len(list(tmp_path.iterdir())) == len(figure_words.PANELS)


def test_a_name_that_no_file_can_hold_is_saved_and_drawn(tmp_path: Path) -> None:
    """Half a character: Python has it in names, UTF-8 has not."""
    name = "con\ud800v"

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add_module(name, nn.Linear(2, 2))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.get_submodule(name)(x)

    made = lenet_viz.capture(Net(), torch.ones(1, 2), backward="output:0")
    run = made.save(tmp_path / "run.lvcap")
    assert [step.name for step in lenet_viz.load(run).steps] == [name]
    for ending in ("png", "svg", "pdf"):
        assert figure(run, "--panel", "step", "-o", tmp_path / f"f.{ending}") == 0
    assert figure(run, "--panel", "maps", "--step", name, "-o", tmp_path / "maps.svg") == 0
    assert "con\ufffdv" in svg_text(tmp_path / "maps.svg")


@pytest.mark.parametrize("room", [0, 2])
@pytest.mark.parametrize("old", [False, True])
def test_a_full_disk_leaves_no_empty_folder(
    runs: dict[str, Path],
    tmp_path: Path,
    capsys: Printed,
    monkeypatch: pytest.MonkeyPatch,
    room: int,
    old: bool,
) -> None:
    """The disk has room for so many files; a folder that was there before stays."""
    folder = tmp_path / "new"
    if old:
        folder.mkdir()
    real_fsync, count = os.fsync, itertools.count()

    def fsync(descriptor: int) -> None:
        if next(count) >= room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert figure(runs["notebook"], "--panel", "all", "-o", folder) == 2
    assert "disk is full" in capsys.readouterr().err
    assert folder.exists() is (old or room > 0)
    assert len(list(tmp_path.glob("new/*"))) == room
