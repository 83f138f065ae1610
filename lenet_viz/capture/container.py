"""Arrays in a safetensors file: written in one stream, mapped when read.

Source: the format's description at https://github.com/huggingface/safetensors#format. A file is
eight bytes of header length (little-endian), a JSON header and the arrays' bytes.
"""

import json
import math
import mmap
import os
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

JSON_LIMIT = 64 * 2**20
"""The most bytes of JSON that are read."""
DEPTH_LIMIT = 64
"""How deep that JSON may be nested."""
TENSOR_LIMIT = 20_000
"""The most tensors a file may hold."""

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


class Unreadable(Exception):
    """What is wrong with a file, for `read_failure` to turn into a sentence."""


class MappedArrays:
    """The arrays of a safetensors file, read from the disk when asked for.

    The file is mapped, not held open. Each array keeps the map alive, so it stays valid after
    this object is gone and after the file was replaced or deleted.

    Attributes:
        path: the file.
        entries: where each array lies, by key.
        metadata: the header's own texts.
    """

    def __init__(self, path: Path) -> None:
        """Read the header of ``path`` and check it against the file's size.

        Raises:
            UserMistake: the file is missing, unreadable, damaged or beyond the limits.
        """
        self.path = path
        try:
            with open(path, "rb") as stream:
                total = os.fstat(stream.fileno()).st_size
                header, self._data = _read_header(stream, total)
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self.metadata, self.entries = _checked(header, total - self._data)
        except (OSError, ValueError, Unreadable) as error:
            raise UserMistake(read_failure(path, error)) from error

    def read(self, key: str) -> Array:
        """Return the array stored under ``key``, read-only and as it is stored.

        Raises:
            KeyError: there is no such array.
        """
        entry = self.entries[key]
        count = math.prod(entry.shape)
        if count == 0:
            array: Array = np.empty(entry.shape, entry.dtype)
            array.flags.writeable = False
            return array
        flat = np.frombuffer(self._map, entry.dtype, count, self._data + entry.start)
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
        array = arrays[key]
        if array.size:
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            yield np.ascontiguousarray(little).reshape(-1).view(np.uint8)


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
        Unreadable: it is too long, too deep or no JSON.
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
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no-json") from error


def _read_header(stream: BinaryIO, total: int) -> tuple[Any, int]:
    """Return the header as Python values and where the arrays begin."""
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
    return parse_json(stream.read(length)), 8 + length


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


def read_failure(path: Path, error: Exception) -> Message:
    """Return the sentence for a file that cannot be read."""
    reason = error.args[0] if isinstance(error, Unreadable) else ""
    make = _REASONS.get(reason)
    if make is not None:
        return message("capture", make(), path=str(path), **_LIMITS)
    if isinstance(error, FileNotFoundError):
        template = QT_TRANSLATE_NOOP(
            "capture", "There is no file “{path}”. Check the name and the folder."
        )
        return message("capture", template, path=str(path))
    if isinstance(error, IsADirectoryError) or path.is_dir():
        template = QT_TRANSLATE_NOOP(
            "capture", "“{path}” is a folder. Give the name of a capture file inside it."
        )
        return message("capture", template, path=str(path))
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    template = QT_TRANSLATE_NOOP(
        "capture", "“{path}” cannot be read: {reason}. Check that you may open it."
    )
    return message("capture", template, path=str(path), reason=why)


_LIMITS = {"tensors": TENSOR_LIMIT, "mebibytes": JSON_LIMIT // 2**20, "depth": DEPTH_LIMIT}
_REASONS: dict[str, Callable[[], str]] = {
    "empty": lambda: QT_TRANSLATE_NOOP(
        "capture", "“{path}” is empty, not a capture. Save the capture again."
    ),
    "no-capture": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is not a capture. Give a file that lenet_viz has saved, such as run.lvcap.",
    ),
    "no-json": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is not a capture, or its header is damaged. Take another copy, or save it again.",
    ),
    "truncated": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is cut off: it declares more bytes than it has. Copy or save it again.",
    ),
    "damaged": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is damaged: its header contradicts itself. Take another copy, or save it again.",
    ),
    "newer": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” was saved by a newer lenet_viz. Update lenet_viz, or save the capture with "
        "this version.",
    ),
    "tensors": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” holds more than {tensors} tensors, the most that are read. "
        "Capture a smaller part of the model.",
    ),
    "json-size": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” holds more than {mebibytes} MiB of JSON, the most that is read. "
        "Capture a smaller part of the model.",
    ),
    "json-depth": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” holds JSON nested deeper than {depth} levels, the most that is read. "
        "It was not saved by lenet_viz.",
    ),
}
