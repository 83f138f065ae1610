"""Weights from a file, read without running code and checked before anything is allocated."""

import os
import pickle
import stat
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import safetensors
import torch

from lenet_viz.engine import pt_archive, safetensors_header
from lenet_viz.engine.checkpoint import weights_in
from lenet_viz.engine.pt_pickle import check_pickle
from lenet_viz.engine.weights_words import Refused, file_mistake, printable, system_mistake
from lenet_viz.wording import Message

__all__ = ["Weights", "read_weights"]

_LEGACY: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How a file of torch.save before 1.6 begins: a pickled number."""
_HEAD: Final = 4096


class Weights(Mapping[str, torch.Tensor]):
    """The tensors of a weights file by name, on the CPU.

    Attributes:
        path: the file.
        notes: what is worth telling about how they were read.
    """

    def __init__(
        self, path: Path, tensors: Mapping[str, torch.Tensor], notes: tuple[Message, ...] = ()
    ) -> None:
        """Keep a file's ``tensors``."""
        self.path = path
        self.notes = notes
        self._tensors = dict(tensors)

    def __getitem__(self, name: str) -> torch.Tensor:
        """Return the tensor of that name."""
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names in the file's order."""
        return iter(self._tensors)

    def __len__(self) -> int:
        """Return how many tensors there are."""
        return len(self._tensors)


def read_weights(path: Path) -> Weights:
    """Return the tensors in a file of weights: dense, on the CPU, of the types they are stored in.

    What kind of file it is, its content tells, not its name. No code of the file is ever run:
    safetensors hold none, and a .pt file goes through ``torch.load(weights_only=True)`` after its
    instructions were followed without it.

    Args:
        path: a safetensors file, which is mapped, or a file of ``torch.save``, at most 2 GiB.

    Raises:
        UserMistake: the file cannot be read, is of another kind, damaged, too large, declares
            more than it has, asks for code, or holds something else than named tensors.
    """
    try:
        if not stat.S_ISREG(_mode(path)):
            # Opening a pipe would wait for somebody to write into it.
            raise Refused("folder" if path.is_dir() else "no-file")
        with open(path, "rb") as stream:
            return _read(path, stream)
    except Refused as refused:
        raise file_mistake(path, refused) from refused.__cause__
    except (OSError, ValueError) as error:
        raise system_mistake(path, error) from error


def _mode(path: Path) -> int:
    return os.stat(path).st_mode


def _read(path: Path, stream: BinaryIO) -> Weights:
    total = os.fstat(stream.fileno()).st_size
    head = stream.read(_HEAD)
    if not head:
        raise Refused("empty")
    if head.startswith(pt_archive.BEGINNING):
        return _read_archive(path, stream, total)
    if head.startswith(_LEGACY):
        raise Refused("legacy")
    if head[0] == 0x80 and head[1:2] <= b"\x05":
        raise Refused("bare-pickle")
    if safetensors_header.looks_like(head):
        safetensors_header.check_header(stream, total)
        return Weights(path, _mapped(path))
    raise Refused("text" if _is_text(head) else "unknown")


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8") if len(head) < _HEAD else head.decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\n\r\f" for letter in text.lstrip("\ufeff"))


def _mapped(path: Path) -> dict[str, torch.Tensor]:
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, RuntimeError, TypeError, AttributeError) as error:
        raise Refused("unreadable", why=printable(str(error))) from error
    if not tensors:
        raise Refused("no-tensors", keys="")
    return tensors


def _read_archive(path: Path, stream: BinaryIO, total: int) -> Weights:
    archive = pt_archive.read_archive(stream, total)
    check_pickle(archive)
    stream.seek(0)
    tensors, notes = weights_in(_loaded(stream))
    if not archive.checked:
        notes = (*notes, pt_archive.no_checksums())
    return Weights(path, tensors, notes)


def _loaded(stream: BinaryIO) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Both are said, whatever a program has set as torch's defaults.
            return torch.load(stream, map_location="cpu", weights_only=True, mmap=False)
    except MemoryError:
        raise
    except (
        pickle.UnpicklingError, RuntimeError, ValueError, TypeError, LookupError, AttributeError,
        AssertionError, EOFError, OverflowError,
    ) as error:  # fmt: skip
        first = str(error).splitlines() or [type(error).__name__]
        raise Refused("unreadable", why=printable(first[0])) from error
