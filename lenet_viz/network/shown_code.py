"""A Python file's text as it is shown before it may run: what is read is what would run."""

import unicodedata
from typing import Final

from lenet_viz.network.code_text import decoded

_LAYOUT: Final = "\t\n\f"
_UNSEEN: Final = ("Cc", "Cf", "Zl", "Zp")


def shown_text(data: bytes) -> str:
    """Return a Python file's text as Python reads it, with nothing in it that is not seen.

    Characters that turn the direction of writing round, or take no room at all, can make a line
    look like another one; their numbers stand in their places.

    Args:
        data: the file's bytes, in whatever encoding they say they are in.
    """
    return "".join(map(_seen, decoded(data)))


def _seen(letter: str) -> str:
    if letter in _LAYOUT or unicodedata.category(letter) not in _UNSEEN:
        return letter
    return f"⟨U+{ord(letter):04X}⟩"
