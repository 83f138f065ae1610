"""Names of modules and steps as parts of file names that every system takes."""

import hashlib
import re
from typing import Final

LONGEST: Final = 80
"""Characters of one part; with what stands around it a path stays below what Windows takes."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_\-.]")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_EMPTY: Final = "~"


def file_part(name: str) -> str:
    """Return a name as one part of a path: ASCII, not hidden, not reserved, never ``..``.

    Plain names stay as they are (``layer1.0.conv``). Every other character becomes ``%`` and its
    UTF-8 bytes, as in a URL. A very long name is cut, and ends with ``~`` and a hash of all of it.

    Args:
        name: any text.
    """
    encoded = [(_PLAIN.fullmatch(letter) and letter) or _percent(letter) for letter in name]
    if not encoded:
        return _EMPTY
    # A dot in front hides a file, one at the end is lost on Windows, and two mean the folder above.
    for end in (0, -1):
        if encoded[end] == ".":
            encoded[end] = _percent(".")
    if _RESERVED.fullmatch("".join(encoded)):
        encoded[0] = _percent(encoded[0])
    if sum(map(len, encoded)) <= LONGEST:
        return "".join(encoded)
    mark = "~" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    kept = ""
    for piece in encoded:
        if len(kept) + len(piece) + len(mark) > LONGEST:
            break
        kept += piece
    return kept + mark


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))


class EntryNames:
    """Gives each name of one folder a part of its own, also where case does not count."""

    def __init__(self) -> None:
        """Begin with an empty folder."""
        self._taken: set[str] = set()

    def give(self, name: str) -> str:
        """Return the part for one more name; of equal ones the later get ``~2``, ``~3``."""
        part = file_part(name)
        found, number = part, 1
        while found.lower() in self._taken:
            number += 1
            found = f"{part}~{number}"
        self._taken.add(found.lower())
        return found
