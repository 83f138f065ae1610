"""Sets of arrays that are named by their content: weights, and every ``.grad``.

Working captures refer to such a blob instead of holding the same weights again; state names
them, so that an engine can be thrown away at any moment.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lenet_viz.capture.arrays import Array, MemoryArrays
from lenet_viz.capture.atomic import write_atomically
from lenet_viz.capture.container import MappedArrays, array_hash, parse_json, write_arrays
from lenet_viz.capture.damage import Unreadable, read_failure
from lenet_viz.errors import UserMistake

PREFIX = "blob:"
"""A key ``blob:<hash>:<name>`` means the array ``<name>`` of that blob."""
_HASH = re.compile(r"[0-9a-f]{64}")


class Blob(Mapping[str, Array]):
    """The arrays of one blob by name, read from its file when asked for."""

    def __init__(self, arrays: MappedArrays) -> None:
        """Read from ``arrays``."""
        self._arrays = arrays

    def __getitem__(self, name: str) -> Array:
        """Return the array called ``name``, read-only."""
        return self._arrays.read(name)

    def __iter__(self) -> Iterator[str]:
        """Return the names in order."""
        return iter(sorted(self._arrays.entries))

    def __len__(self) -> int:
        """Return how many arrays there are."""
        return len(self._arrays.entries)


def blob_path(folder: Path, name: str) -> Path:
    """Return where the blob called ``name`` lies in ``folder``.

    Raises:
        UserMistake: that is no blob's name.
    """
    if not _HASH.fullmatch(name):
        raise UserMistake(read_failure(folder / name, Unreadable("damaged")))
    return folder / f"{name}.safetensors"


def write_blob(arrays: Mapping[str, Array], folder: Path) -> str:
    """Return the name of a blob that holds ``arrays``, writing it where it is not yet there.

    The name is the SHA-256 of the file's header, and the header has a hash of every array: so
    the name stands for all numbers, and still one array can be checked without the others.

    Args:
        arrays: what to keep, by name; bfloat16 as the uint16 of its bits.
        folder: where blobs lie.

    Raises:
        UserMistake: the folder is missing or cannot be written, or the disk is full.
    """
    hashes = {key: array_hash(arrays[key]) for key in sorted(arrays)}
    pieces = list(write_arrays(arrays, {"hashes": json.dumps(hashes)}))
    name = hashlib.sha256(pieces[0]).hexdigest()
    path = blob_path(folder, name)
    if not path.exists():
        write_atomically(path, lambda stream: stream.writelines(pieces), durable=False)
    return name


def read_blob(folder: Path, name: str) -> Blob:
    """Return the arrays of the blob called ``name``.

    Raises:
        UserMistake: the blob is missing or damaged, or that is no blob's name.
    """
    arrays = MappedArrays(blob_path(folder, name))
    if hashlib.sha256(arrays.beginning).hexdigest() != name:
        raise UserMistake(read_failure(arrays.path, Unreadable("damaged")))
    try:
        arrays.hashes = parse_json(arrays.metadata["hashes"].encode())
    except (KeyError, Unreadable) as error:
        raise UserMistake(read_failure(arrays.path, Unreadable("damaged"))) from error
    return Blob(arrays)


def is_blob_key(key: str) -> bool:
    """Return whether ``key`` means an array of a blob, and names it as it has to."""
    return (
        key.startswith(PREFIX) and _HASH.fullmatch(key[len(PREFIX) :].partition(":")[0]) is not None
    )


def blob_key(blob: str, name: str) -> str:
    """Return the key that means the array ``name`` of ``blob``."""
    return f"{PREFIX}{blob}:{name}"


class BlobSource:
    """Gives the arrays of a capture file and of the blobs that lie beside it."""

    def __init__(self, own: MappedArrays, named: Iterable[str]) -> None:
        """Read from ``own`` and from the blobs in its folder.

        Args:
            own: the capture's file.
            named: the keys of all arrays in blobs that the capture names.
        """
        self._own = own
        self._named = tuple(named)
        self._blobs: dict[str, Blob] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what `pickle` keeps: the arrays, no longer in files."""
        return MemoryArrays, ({**self._own.all(), **{key: self.read(key) for key in self._named}},)

    def read(self, key: str) -> Array:
        """Return the array stored under ``key``, read-only.

        Raises:
            KeyError: there is no such array.
            UserMistake: the blob that the key names is missing or damaged.
        """
        if not key.startswith(PREFIX):
            return self._own.read(key)
        blob, _, name = key[len(PREFIX) :].partition(":")
        if blob not in self._blobs:
            self._blobs[blob] = read_blob(self._own.path.parent, blob)
        return self._blobs[blob][name]
