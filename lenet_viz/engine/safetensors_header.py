"""The header of a safetensors file of weights, checked before anything is allocated."""

import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from lenet_viz.capture.container import parse_json
from lenet_viz.capture.damage import JSON_LIMIT, TENSOR_LIMIT, Unreadable
from lenet_viz.engine.pt_archive import damaged
from lenet_viz.engine.weights_words import Refused, printable
from lenet_viz.wording import QT_TRANSLATE_NOOP

_BITS: Final[Mapping[str, int]] = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "C64": 64, "BOOL": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "F8_E8M0": 8,
    "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip
_REASONS: Final = {"json-size": "header-size", "json-depth": "depth"}
_DEEPEST: Final = 64

_JSON: Final = QT_TRANSLATE_NOOP("engine", "its header is no JSON, or names a tensor twice")
_TABLE: Final = QT_TRANSLATE_NOOP("engine", "its header is not a table of tensors")
_ENTRY: Final = QT_TRANSLATE_NOOP(
    "engine", "what its header says of the tensor {name} contradicts itself"
)
_DTYPE: Final = QT_TRANSLATE_NOOP("engine", "its tensor {name} is of an unknown type, {found}")
_GAPS: Final = QT_TRANSLATE_NOOP("engine", "its tensors overlap or leave gaps at {name}")
_MORE: Final = QT_TRANSLATE_NOOP("engine", "{found} bytes follow its last tensor")


def looks_like(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` (16 bytes) means to be safetensors."""
    return len(head) > 8 and head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 2**48


def check_header(stream: BinaryIO, total: int) -> None:
    """Read the header and check that the tensors it declares fill the file exactly.

    Args:
        stream: the file, opened for reading.
        total: its size in bytes.

    Raises:
        Refused: they do not; or the header is too long, too deep or damaged; or the file is a
            capture of this program.
    """
    stream.seek(0)
    (length,) = struct.unpack("<Q", stream.read(8))
    if length > JSON_LIMIT:
        raise Refused("header-size")
    if length > total - 8:
        raise Refused("cut-off-tensors", wanted=length + 8, found=total)
    try:
        header = parse_json(stream.read(length))
    except Unreadable as error:
        reason = _REASONS.get(str(error))
        raise (Refused(reason) if reason else damaged(_JSON)) from error
    if not isinstance(header, dict):
        raise damaged(_TABLE)
    _check_texts(header.pop("__metadata__", {}))
    if len(header) > TENSOR_LIMIT:
        raise Refused("entries")
    _check_places(header, total - 8 - length)


def _check_texts(metadata: Any) -> None:
    if not isinstance(metadata, dict) or not all(isinstance(t, str) for t in metadata.values()):
        raise damaged(_TABLE)
    if metadata.get("format") == "lenet_viz capture":
        raise Refused("capture")


def _check_places(header: Mapping[str, Any], room: int) -> None:
    """Check that the tensors follow each other without gaps and fill ``room`` bytes."""
    places = sorted((*_place(name, fields), name) for name, fields in header.items())
    position = 0
    for start, end, name in places:
        if start != position:
            raise damaged(_GAPS, name=printable(name))
        position = end
    if position > room:
        raise Refused("cut-off-tensors", wanted=position, found=room)
    if position < room:
        raise damaged(_MORE, found=room - position)


def _place(name: str, fields: Any) -> tuple[int, int]:
    """Return where a tensor begins and ends, after comparing that with its shape and type."""
    try:
        dtype, shape = fields["dtype"], tuple(fields["shape"])
        start, end = fields["data_offsets"]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(_ENTRY, name=printable(name)) from error
    if not isinstance(dtype, str) or dtype not in _BITS:
        raise damaged(_DTYPE, name=printable(name), found=printable(str(dtype), 20))
    sizes_are_numbers = all(
        type(size) is int and 0 <= size < 2**63 for size in (*shape, start, end)
    )
    if not sizes_are_numbers or len(shape) > _DEEPEST:
        raise damaged(_ENTRY, name=printable(name))
    bits = math.prod(shape) * _BITS[dtype]
    if bits % 8 or end - start != bits // 8:
        raise damaged(_ENTRY, name=printable(name))
    return start, end
