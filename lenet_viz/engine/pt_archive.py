"""The zip file that ``torch.save`` writes, checked before torch sees it. Nothing is unpacked.

Source: the zip format, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

import copy
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from lenet_viz.capture.damage import TENSOR_LIMIT
from lenet_viz.engine.weights_words import FILE_LIMIT, PICKLE_LIMIT, Refused, printable
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

BEGINNING: Final = b"PK\x03\x04"
"""How the file begins."""

_SMALL: Final = 4096
"""The most bytes of an entry that is neither a tensor nor the list of them."""
_OTHERS: Final = 64
"""How many such entries there may be."""
_DIRECTORY_LIMIT: Final = 64 * 2**20
_PIECE: Final = 2**20
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = struct.Struct("<4sLQL")

_DIRECTORY: Final = QT_TRANSLATE_NOOP("engine", "its table of entries contradicts itself")
_SIZES: Final = QT_TRANSLATE_NOOP("engine", "its entries declare more bytes than the file has")
_NAME: Final = QT_TRANSLATE_NOOP("engine", "an entry's name cannot be used: {name}")
_TWICE: Final = QT_TRANSLATE_NOOP("engine", "two entries have the same name: {name}")
_ENTRY: Final = QT_TRANSLATE_NOOP("engine", "its entry {name} cannot be read")


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip file of ``torch.save`` whose entries are what they say.

    Attributes:
        pickle: the bytes of ``data.pkl``, which lists the tensors.
        sizes: bytes of each tensor's storage, by the storage's key.
        checked: False where the file was written without checksums, so that damage to its
            numbers cannot be seen.
    """

    pickle: bytes
    sizes: Mapping[str, int]
    checked: bool


def read_archive(stream: BinaryIO, total: int) -> Archive:
    """Return what the zip file holds, after checking all of it.

    Python's reader and torch's must see the same file, or the one could check what the other
    does not read. So only the plainest zip files pass: the table of entries lies right before
    the end, names differ also where the case of letters is ignored, and all lie in one folder.

    Args:
        stream: the file, opened for reading.
        total: its size in bytes.

    Raises:
        Refused: it is damaged, too large, compressed, or not from ``torch.save``.
    """
    if total > FILE_LIMIT:
        raise Refused("too-large", found=total)
    count = _check_directory(stream, total)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            if len(entries) != count:
                raise damaged(_DIRECTORY)
            inside = _inside(entries)
            _check_sizes(inside, total)
            return _read(archive, inside)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        # Python's reader says so of encrypted entries (RuntimeError) and of names it cannot
        # decode (ValueError).
        raise damaged(_DIRECTORY) from error


def damaged(what: str, **values: str | int) -> Refused:
    """Return the refusal of a damaged file; ``what`` is a marked template."""
    return Refused("damaged", what=message("engine", what, **values))


def _check_directory(stream: BinaryIO, total: int) -> int:
    """Return how many entries the zip file's end declares, after checking where they lie."""
    ending = _read_at(stream, max(total - _END.size, 0), _END.size)
    if len(ending) < _END.size or not ending.startswith(b"PK\x05\x06"):
        raise Refused("cut-off")
    _, disk, first_disk, here, count, size, start, comment = _END.unpack(ending)
    table_end = total - _END.size
    locator = _read_at(stream, max(table_end - _LOCATOR_64.size, 0), _LOCATOR_64.size)
    if locator.startswith(b"PK\x06\x07"):
        table_end -= _LOCATOR_64.size + _END_64.size
        if _LOCATOR_64.unpack(locator)[2] != table_end:
            raise damaged(_DIRECTORY)
        ending = _read_at(stream, table_end, _END_64.size)
        if not ending.startswith(b"PK\x06\x06"):
            raise damaged(_DIRECTORY)
        _, _, _, _, disk, first_disk, here, count, size, start = _END_64.unpack(ending)
    if disk or first_disk or comment or here != count or start + size != table_end:
        raise damaged(_DIRECTORY)
    if count > TENSOR_LIMIT + _OTHERS or size > _DIRECTORY_LIMIT:
        raise Refused("entries")
    return int(count)


def _read_at(stream: BinaryIO, position: int, size: int) -> bytes:
    if position < 0:
        raise Refused("cut-off")
    stream.seek(position)
    return stream.read(size)


def _inside(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by their names inside the one folder that all of them lie in."""
    folder = entries[0].filename.partition("/")[0] if entries else ""
    inside: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if name.casefold() in seen:
            raise damaged(_TWICE, name=printable(name))
        seen.add(name.casefold())
        parts = re.split(r"[/\\]", name)
        if name != entry.orig_filename or {"", ".", ".."} & set(parts) or name[1:2] == ":":
            raise damaged(_NAME, name=printable(name))
        inside[name.removeprefix(f"{folder}/") if parts[0] == folder else f"../{name}"] = entry
    if "constants.pkl" in inside or any(name.startswith("code/") for name in inside):
        raise Refused("torchscript")
    if "data.pkl" not in inside or any(name.startswith("../") for name in inside):
        raise Refused("no-torch-zip")
    return inside


def _check_sizes(inside: Mapping[str, zipfile.ZipInfo], total: int) -> None:
    """Check every declared size before a byte of any entry is read."""
    for name, entry in inside.items():
        if entry.compress_type != zipfile.ZIP_STORED:
            raise Refused("deflated", entry=printable(name))
        if entry.compress_size != entry.file_size or entry.flag_bits & 1:
            raise damaged(_DIRECTORY)
        if name == "data.pkl" and entry.file_size > PICKLE_LIMIT:
            raise Refused("header-size")
        if name in _SETTINGS and entry.file_size > _SMALL:
            raise damaged(_ENTRY, name=name)
    if sum(entry.file_size for entry in inside.values()) > total:
        raise damaged(_SIZES)
    if sum(name.startswith("data/") for name in inside) > TENSOR_LIMIT:
        raise Refused("entries")


_SETTINGS: Final = ("byteorder", ".format_version", ".storage_alignment", "version")


def _read(archive: zipfile.ZipFile, inside: Mapping[str, zipfile.ZipInfo]) -> Archive:
    # torch.serialization.set_crc32_options(False) leaves every checksum 0.
    checked = any(entry.CRC for entry in inside.values())
    if not checked:
        inside = {name: _unchecked(entry) for name, entry in inside.items()}
    for name, entry in inside.items():
        try:
            with archive.open(entry) as pieces:
                while pieces.read(_PIECE):
                    pass
        except (zipfile.BadZipFile, EOFError) as error:
            if "CRC" in str(error):
                raise Refused("checksum", entry=printable(name)) from error
            raise damaged(_ENTRY, name=printable(name)) from error
    order = archive.read(inside["byteorder"]) if "byteorder" in inside else b"little"
    if order not in (b"little", b"big"):
        raise damaged(_ENTRY, name="byteorder")
    sizes = {
        name.removeprefix("data/"): entry.file_size
        for name, entry in inside.items()
        if name.startswith("data/")
    }
    return Archive(archive.read(inside["data.pkl"]), sizes, checked)


def _unchecked(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    same = copy.copy(entry)
    del same.CRC  # Python's reader compares checksums where there is one
    return same


def no_checksums() -> Message:
    """Return the note for a file whose damage could not be seen."""
    return message(
        "engine",
        QT_TRANSLATE_NOOP(
            "engine",
            "The weights file was written without checksums: damage to its numbers would not be "
            "noticed.",
        ),
    )
