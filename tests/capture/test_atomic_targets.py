"""What is no ordinary file is never replaced."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from lenet_viz.capture.atomic import write_atomically, write_bytes
from lenet_viz.errors import UserMistake


def fill(stream: BinaryIO) -> None:
    stream.write(b"new")


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    target = tmp_path / "pipe"
    os.mkfifo(target)
    with pytest.raises(UserMistake, match="not an ordinary file"):
        write_atomically(target, fill)
    assert stat.S_ISFIFO(target.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_circle_of_links_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UserMistake):
        write_atomically(tmp_path / "a", fill)
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]
    assert all(link.is_symlink() for link in tmp_path.iterdir())


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(real)
    write_atomically(link, fill)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.parametrize("durable", [True, False])
def test_bytes_replace_a_file_whole(tmp_path: Path, durable: bool) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"older and longer")
    write_bytes(target, b"n\x00w", durable=durable)
    assert target.read_bytes() == b"n\x00w"
    write_bytes(target, b"", durable=durable)
    assert target.read_bytes() == b""
    assert os.listdir(tmp_path) == ["file"]
