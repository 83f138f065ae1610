"""Arrays in a safetensors file: written in one stream, read and checked when asked for.

Source: the format's description at https://github.com/huggingface/safetensors#format. A file is
eight bytes of header length (little-endian), a JSON header and the arrays' bytes.
"""

import hashlib
import json
import math
import mmap
import os
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lenet_viz.capture.arrays import Array, MemoryArrays
from lenet_viz.capture.damage import (
    DEPTH_LIMIT,
    JSON_LIMIT,
    TENSOR_LIMIT,
    Unreadable,
    read_failure,
)
from lenet_viz.errors import UserMistake

MAPPED_FROM = 32 * 2**20
"""Files of so many bytes and more are mapped; smaller ones are read into memory."""
_NUMPY: dict[str, np.dtype[np.generic]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"),
    "U32": np.dtype("<u4"),
    "U16": np.dtype("<u2"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
_CODES = {dtype: code for code, dtype in _NUMPY.items() if code != "BF16"}
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one array lies in the file.

    Attributes:
        dtype: its type as it is stored.
        shape: its shape as it is stored.
        start: first byte, counted from the end of the header.
    """

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """Its number of bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


class MappedArrays:
    """The arrays of a safetensors file, each checked against its hash when it is first read.

    A file below 32 MiB is read into memory at once. A larger one is mapped, not held open; each
    array keeps the map alive, so it stays valid after this object is gone and after the file was
    replaced or deleted. What a map cannot survive is that another program cuts the very same
    file off while it is in use: the system then ends the process that reads beyond its new end.
    `write_atomically` never does that, for it puts a new file in the place of the old one.

    Attributes:
        path: the file.
        beginning: the file's bytes up to the first array.
        hashes: `array_hash` of each array, by key; an array that is not named cannot be read.
        entries: where each array lies, by key.
        metadata: the header's own texts.
    """

    def __init__(self, path: Path) -> None:
        """Read the header of ``path`` and check it against the file's size.

        Raises:
            UserMistake: the file is missing, unreadable, damaged or beyond the limits.
        """
        self.path = path
        self.hashes: Mapping[str, str] = {}
        self._sound: set[str] = set()
        try:
            if path.exists() and not path.is_file() and not path.is_dir():
                raise Unreadable("no-file")  # opening a pipe would wait for who writes into it
            with open(path, "rb") as stream:
                total = os.fstat(stream.fileno()).st_size
                header, self.beginning = _read_header(stream, total)
                self._bytes: bytes | mmap.mmap
                if total < MAPPED_FROM:
                    self._bytes = self.beginning + stream.read(total - len(self.beginning))
                else:
                    self._bytes = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self.metadata, self.entries = _checked(header, len(self._bytes) - len(self.beginning))
        except (OSError, ValueError, Unreadable) as error:
            raise UserMistake(read_failure(path, error)) from error

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what `pickle` keeps: the arrays, no longer in a file."""
        return MemoryArrays, (self.all(),)

    def all(self) -> dict[str, Array]:
        """Return every array of the file by key."""
        return {key: self.read(key) for key in self.entries}

    def read(self, key: str) -> Array:
        """Return the array stored under ``key``, read-only and as it is stored.

        Raises:
            KeyError: there is no such array.
            UserMistake: its bytes are not those that were saved.
        """
        entry = self.entries[key]
        start = len(self.beginning) + entry.start
        if key not in self._sound:
            with memoryview(self._bytes)[start : start + entry.size] as stored:
                if _hash(stored) != self.hashes.get(key):
                    raise UserMistake(read_failure(self.path, Unreadable("numbers")))
            self._sound.add(key)
        count = math.prod(entry.shape)
        if count == 0:
            array: Array = np.empty(entry.shape, entry.dtype)
            array.flags.writeable = False
            return array
        flat = np.frombuffer(self._bytes, entry.dtype, count, start)
        return flat.reshape(entry.shape)


def layout(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """Return the file's beginning up to the first array, and the keys in their order.

    Arrays with longer numbers come first, so that each starts at a multiple of its item size;
    equal arrays and texts give equal bytes.
    """
    order = sorted(arrays, key=lambda key: (-arrays[key].dtype.itemsize, key))
    table: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))} if metadata else {}
    position = 0
    for key in order:
        array = arrays[key]
        table[key] = {
            "dtype": _CODES[array.dtype.newbyteorder("<")],
            "shape": list(array.shape),
            "data_offsets": [position, position + array.nbytes],
        }
        position += array.nbytes
    header = json.dumps(table, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header, order


def write_arrays(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> Iterable[Any]:
    """Return the pieces of the file in order: its beginning, then the bytes of each array."""
    beginning, order = layout(arrays, metadata)
    yield beginning
    for key in order:
        if arrays[key].size:
            yield _stored(arrays[key])


def array_hash(array: Array) -> str:
    """Return a hash of the bytes of ``array`` as they lie in a file: 32 hexadecimal digits."""
    return _hash(_stored(array).data) if array.size else _hash(b"")


def _stored(array: Array) -> Array:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(little).reshape(-1).view(np.uint8)


def _hash(stored: bytes | memoryview) -> str:
    # Half of SHA-256 is plenty against damage, and SHA-256 is what processors are quick at.
    return hashlib.sha256(stored).hexdigest()[:32]


def table_text(entries: Mapping[str, Entry]) -> str:
    """Return one text that changes whenever the place or type of an array changes."""
    lines = [f"{k}\t{e.dtype.str}\t{e.shape}\t{e.start}" for k, e in entries.items()]
    return "\n".join(sorted(lines))


def planned(arrays: Mapping[str, Array]) -> dict[str, Entry]:
    """Return where each array will lie once it is written."""
    _, order = layout(arrays, {})
    entries: dict[str, Entry] = {}
    position = 0
    for key in order:
        entries[key] = Entry(arrays[key].dtype.newbyteorder("<"), arrays[key].shape, position)
        position += arrays[key].nbytes
    return entries


def parse_json(text: bytes) -> Any:
    """Return what JSON ``text`` holds, after checking its length and depth.

    Raises:
        Unreadable: it is too long, too deep or no JSON, names a field twice or holds a NaN or
            an infinity, which JSON does not know.
    """
    if len(text) > JSON_LIMIT:
        raise Unreadable("json-size")
    brackets = _STRINGS.sub(b"", text).translate(None, _NOT_BRACKETS)
    for _ in range(DEPTH_LIMIT):
        if not brackets:
            break
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise Unreadable("json-depth")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no-json") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Unreadable("damaged")
    return fields


def _refused(constant: str) -> Any:
    raise ValueError(f"JSON knows no {constant}")


def _read_header(stream: BinaryIO, total: int) -> tuple[Any, bytes]:
    """Return the header as Python values, and all bytes before the arrays."""
    if total == 0:
        raise Unreadable("empty")
    head = stream.read(8)
    if len(head) < 8:
        raise Unreadable("no-capture")
    (length,) = struct.unpack("<Q", head)
    if length > total - 8:
        # A text file's first letters read as a length are far beyond any file's size.
        raise Unreadable("no-capture" if length > 2**48 else "truncated")
    if length > JSON_LIMIT:
        raise Unreadable("json-size")
    text = stream.read(length)
    return parse_json(text), head + text


def _checked(header: Any, room: int) -> tuple[dict[str, str], dict[str, Entry]]:
    """Return texts and entries of a header whose declared sizes fill ``room`` bytes exactly."""
    if not isinstance(header, dict):
        raise Unreadable("damaged")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(t, str) for t in metadata.values()):
        raise Unreadable("damaged")
    if len(header) > TENSOR_LIMIT:
        raise Unreadable("tensors")
    entries = {key: _entry(fields) for key, fields in header.items()}
    position = 0
    for entry in sorted(entries.values(), key=lambda entry: (entry.start, entry.size)):
        if entry.start != position:
            raise Unreadable("damaged")
        position += entry.size
    if position != room:
        raise Unreadable("truncated" if position > room else "damaged")
    return metadata, entries


def _entry(fields: Any) -> Entry:
    try:
        dtype = _NUMPY[fields["dtype"]]
        shape = tuple(fields["shape"])
        start, end = fields["data_offsets"]
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable("damaged") from error
    if not all(type(size) is int and size >= 0 for size in (*shape, start, end)):
        raise Unreadable("damaged")
    entry = Entry(dtype, shape, start)
    if len(shape) > 64 or end - start != entry.size:
        raise Unreadable("damaged")
    return entry
