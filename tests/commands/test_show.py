"""`lenet_viz.show`: what it starts, what it returns, and what stays behind."""

import errno
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

import lenet_viz
from lenet_viz.capture.recorder import RecordingFailed
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load
from lenet_viz.cli import main
from lenet_viz.commands import show as home
from lenet_viz.commands.window import HANDED_OVER, remove_handed_over
from lenet_viz.errors import LenetVizError, UserMistake

PNG = b"\x89PNG\r\n\x1a\n"
# A pretend window: it writes its words down and stays for a moment.
WINDOW = """\
import sys, time
open({note!r} + ".part", "w").write("\\n".join(sys.argv[1:]))
import os; os.rename({note!r} + ".part", {note!r})
time.sleep({stay})
sys.exit({end!r})
"""


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lenet_viz show"]


def until(done) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where the pretend window notes its words; there is a display."""
    note = tmp_path / "words"
    _pretend(monkeypatch, note)
    monkeypatch.setattr(home, "unseen_because", lambda: None)
    yield note
    until(lambda: not watchers())


def _pretend(monkeypatch: pytest.MonkeyPatch, note: Path, stay: float = 0.5, end: object = 0):
    code = WINDOW.format(note=str(note), stay=stay, end=end)

    def command(*words: str) -> tuple[str, ...]:
        return (sys.executable, "-c", code, *words)

    monkeypatch.setattr(home, "program_command", command)


def test_a_window_is_started_on_the_run_and_not_waited_for(window: Path) -> None:
    net, x = nn.Linear(3, 2), torch.ones(1, 3)
    begun = time.monotonic()
    made = lenet_viz.show(net, x, backward="output:1", seed=5)
    assert time.monotonic() - begun < 0.5, "the window stays longer than that"
    assert isinstance(made, Capture)
    with torch.no_grad():
        assert torch.equal(torch.from_numpy(made.steps[0].activation.copy()), net(x))
    until(window.exists)
    owned, model = window.read_text().split("\n")
    assert owned == "--handed-over"
    path = Path(model.removeprefix("--model="))
    assert path.parent.name.startswith(HANDED_OVER)
    assert load(path) == made
    until(lambda: not watchers())
    assert not path.parent.exists(), "what the window left is removed"


def test_a_capture_is_shown_as_it_is(window: Path) -> None:
    made = lenet_viz.capture(nn.ReLU(), torch.ones(2))
    assert lenet_viz.show(made) is made
    until(window.exists)


def test_a_file_of_the_users_is_opened_itself_and_stays(window: Path, tmp_path: Path) -> None:
    path = lenet_viz.capture(nn.ReLU(), torch.ones(2)).save(tmp_path / "mine.lvcap")
    lenet_viz.show(str(path))
    until(window.exists)
    assert window.read_text() == f"--model={path}"
    until(lambda: not watchers())
    assert path.exists()


def test_a_run_that_failed_is_shown_as_far_as_it_came(window: Path) -> None:
    net = nn.Sequential(nn.ReLU(), nn.Linear(3, 2))
    with pytest.raises(RecordingFailed):
        lenet_viz.show(net, torch.ones(1, 4))
    until(window.exists)


@pytest.mark.parametrize("wrong", [3, None, object()])
def test_what_is_neither_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="Module"):
        lenet_viz.show(wrong)


def test_inputs_beside_a_capture_are_refused() -> None:
    made = lenet_viz.capture(nn.ReLU(), torch.ones(2))
    with pytest.raises(TypeError, match="as it is"):
        lenet_viz.show(made, torch.ones(2))


def test_a_file_that_is_none_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match=r"none\.lvcap"):
        lenet_viz.show(tmp_path / "none.lvcap")


def test_a_window_that_fails_is_told_of(
    window: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _pretend(monkeypatch, window, stay=0, end="lenet-viz: it has no Qt")
    lenet_viz.show(nn.ReLU(), torch.ones(2))
    until(lambda: not watchers())
    assert capfd.readouterr().err == "lenet_viz: the window ended: lenet-viz: it has no Qt\n"


@pytest.fixture
def temp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A temp folder in which nothing else is made."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_without_a_temp_folder_it_is_said(
    window: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    made = lenet_viz.capture(nn.ReLU(), torch.ones(2))
    path = made.save(tmp_path / "mine.lvcap")
    for given in (made, path):
        with pytest.raises(LenetVizError, match=r"cannot be started: No such file.*save\("):
            lenet_viz.show(given)
    assert not window.exists()


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM])
def test_where_no_process_can_be_started_it_is_said_and_nothing_is_left(
    window: Path, temp: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(home.subprocess, "Popen", full)
    with pytest.raises(LenetVizError, match=os.strerror(number)) as caught:
        lenet_viz.show(nn.ReLU(), torch.ones(2))
    assert "\n" not in str(caught.value)
    assert list(temp.iterdir()) == []


def test_why_a_model_failed_counts_more_than_why_it_is_not_seen(
    window: Path, temp: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(home, "program_command", lambda *words: (str(temp / "no python"), *words))
    with pytest.raises(RecordingFailed):
        lenet_viz.show(nn.Linear(3, 2), torch.ones(1, 4))
    assert "cannot be started" in capfd.readouterr().err
    assert list(temp.iterdir()) == []


# -- without a display ---------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["offscreen", "offscreen:fontdb=x", "minimal"])
def test_a_window_that_nobody_would_see_is_not_opened(platform: str) -> None:
    assert home.unseen_because({"QT_QPA_PLATFORM": platform, "DISPLAY": ":0"}) is not None


def test_without_a_display_the_storyboard_is_in_the_folder_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    (tmp_path / "lenet_viz-Linear.png").symlink_to("nowhere")
    monkeypatch.setattr(home, "storyboard_png", lambda made: PNG)
    made = lenet_viz.show(nn.Linear(2, 2), torch.ones(1, 2))
    assert isinstance(made, Capture)
    assert (tmp_path / "lenet_viz-Linear-2.png").read_bytes() == PNG
    said = capfd.readouterr()
    assert said.out == ""
    assert "display" in said.err
    assert said.err.endswith("the storyboard is in lenet_viz-Linear-2.png\n")
    assert said.err.count("\n") == 1


def test_where_nothing_can_be_drawn_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(home, "storyboard_png", lambda made: None)
    assert isinstance(lenet_viz.show(nn.ReLU(), torch.ones(2)), Capture)
    assert "save('run.lvcap')" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_in_jupyter_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Shell:
        kernel = object()

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "IPython", IPython)  # type: ignore[arg-type]
    lenet_viz.show(nn.ReLU(), torch.ones(2))
    assert "ends a cell" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


# -- the window's own side -----------------------------------------------------------------------


def test_only_what_show_made_is_removed(tmp_path: Path) -> None:
    mine = tmp_path / "run.lvcap"
    mine.touch()
    remove_handed_over(mine)
    assert mine.exists()
    theirs = tmp_path / f"{HANDED_OVER}x" / "run.lvcap"
    theirs.parent.mkdir()
    theirs.touch()
    remove_handed_over(theirs)
    assert not theirs.parent.exists()


@pytest.mark.parametrize("form", ["{}", "--model={}"])
def test_a_bad_file_ends_the_program_with_one_line(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.lvcap"
    path.write_bytes(b"no")
    assert main([form.format(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "is not a capture" in said
