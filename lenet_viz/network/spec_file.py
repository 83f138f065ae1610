"""A network in a file of its own: JSON, which is read as data and never run."""

import os
from pathlib import Path
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

SUFFIX: Final = ".json"

LARGEST_FILE: Final = 64 * 2**20
"""The largest file that is read, in bytes."""


def names_spec(word: str) -> bool:
    """Return whether a word names a file with a network, by its ending alone."""
    return word.lower().endswith(SUFFIX)


def read_spec(path: Path) -> Spec:
    """Return the network that a file describes.

    Args:
        path: a JSON file as `Spec.to_json` writes it.

    Raises:
        UserMistake: there is no such file, it cannot be read or is too large, or it describes no
            network; the message names the file and the field.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > LARGEST_FILE else file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        template = QT_TRANSLATE_NOOP(
            "Network",
            "The network in {file} cannot be read: {reason}. Check the name, or write one with a "
            "preset's JSON as a pattern.",
        )
        raise UserMistake(message("Network", template, file=str(path), reason=reason)) from error
    size = max(size, len(data))
    if size > LARGEST_FILE:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{file} has {found} bytes; a network's JSON of at most {most} is read. Is it the "
            "right file?",
        )
        raise UserMistake(
            message("Network", template, file=str(path), found=size, most=LARGEST_FILE)
        )
    try:
        return Spec.from_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{file} is no text in UTF-8 (byte {at}), so it holds no network. Save it as UTF-8, or "
            "choose another file.",
        )
        raise UserMistake(message("Network", template, file=str(path), at=error.start)) from error
    except UserMistake as mistake:
        template = QT_TRANSLATE_NOOP("Network", "{file}: {mistake}")
        raise UserMistake(
            message("Network", template, file=str(path), mistake=mistake.message)
        ) from mistake
