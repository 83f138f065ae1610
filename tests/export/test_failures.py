"""Files that cannot be written: a sentence, the old file, and nothing left behind."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

import numpy as np
import pytest

from lenet_viz.capture import atomic
from lenet_viz.errors import UserMistake
from lenet_viz.export.arrays import write_npy
from lenet_viz.export.number_text import write_csv
from lenet_viz.export.run_file import write_run
from lenet_viz.export.stoppable import WritingStopped
from tests.export.arrays_of_captures import odd

Writer = Callable[[Path, Event | None], Any]
ARRAY = np.random.default_rng(0).standard_normal((300, 40))
WRITERS: dict[str, Writer] = {
    "npy": lambda path, stop: write_npy(ARRAY, path, stop),
    "csv": lambda path, stop: write_csv(ARRAY, ("i", "j"), path, stop),
    "npz": lambda path, stop: write_run(odd("512 channels"), path, stop),
}


@pytest.fixture(params=WRITERS)
def write(request: pytest.FixtureRequest) -> Writer:
    return WRITERS[request.param]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.write_bytes(b"older")
    return path


def stays(old: Path) -> None:
    assert old.read_bytes() == b"older"
    assert os.listdir(old.parent) == [old.name]


def test_an_older_file_is_replaced(write: Writer, old: Path) -> None:
    write(old, None)
    assert len(old.read_bytes()) > 10_000
    assert os.listdir(old.parent) == [old.name]


@pytest.mark.parametrize("room", [0, 100, 9_000])
def test_a_full_disk(write: Writer, old: Path, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        """A stream on a disk with so much room."""

        def __init__(self, stream: BinaryIO) -> None:
            self.stream, self.left = stream, room

        def write(self, piece: Any) -> int:
            self.left -= len(piece)
            if self.left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.stream.write(piece)

        def writelines(self, pieces: Any) -> None:
            for piece in pieces:
                self.write(piece)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

    fill = atomic._fill
    monkeypatch.setattr(atomic, "_fill", lambda stream, *rest: fill(Full(stream), *rest))  # type: ignore[arg-type]
    with pytest.raises(UserMistake, match="disk is full"):
        write(old, None)
    stays(old)


LIMITED = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from lenet_viz.capture.store import load
from lenet_viz.errors import UserMistake
from lenet_viz.export.arrays import write_npy
from lenet_viz.export.number_text import write_csv
from lenet_viz.export.run_file import write_run
run = load(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
path = Path(sys.argv[2])
for write in (
    lambda: write_npy(np.ones((300, 40)), path),
    lambda: write_csv(np.ones((300, 40)), ("i", "j"), path),
    lambda: write_run(run, path),
):
    try:
        write()
    except UserMistake as error:
        assert str(path) in str(error), error
    else:
        raise AssertionError("written")
assert "torch" not in sys.modules
"""


def test_a_limit_that_the_system_sets(old: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = tmp_path_factory.mktemp("run") / "run.lvcap"
    odd("512 channels").save(run)
    line = [sys.executable, "-c", LIMITED, str(run), str(old)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    stays(old)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_may_not_be_changed(
    write: Writer, old: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is root may write everywhere: the refusal is made here."""
    real = os.open

    def refuse(name: Any, *rest: Any, **others: Any) -> int:
        if str(old.parent) in str(name):
            raise OSError(number, os.strerror(number), str(name))
        return real(name, *rest, **others)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UserMistake, match="may not be changed"):
        write(old, None)
    monkeypatch.undo()
    stays(old)


@pytest.mark.parametrize("where", ["", "folder/nowhere"])
def test_a_target_that_is_no_file(write: Writer, tmp_path: Path, where: str) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "inside").write_bytes(b"kept")
    with pytest.raises(UserMistake, match="folder"):
        write(tmp_path / "folder" / where / "x" if where else target, None)
    assert os.listdir(target) == ["inside"]


def test_stopped_before_it_begins(write: Writer, old: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(WritingStopped):
        write(old, stop)
    stays(old)


def test_stopped_in_the_middle(write: Writer, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Soon(Event):
        """Is set once it was asked a few times."""

        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 2

    stop = Soon()
    monkeypatch.setattr("lenet_viz.export.arrays.PIECE", 10_000)
    with pytest.raises(WritingStopped):
        write(old, stop)
    assert stop.asked > 2
    stays(old)
