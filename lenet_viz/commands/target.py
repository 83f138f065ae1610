"""Whether a file may be written where a command line says, asked before anything is run."""

from pathlib import Path

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def check_target(path: Path, force: bool, example: str) -> None:
    """Refuse a target that cannot be written.

    Args:
        path: the file.
        force: whether an existing one is replaced.
        example: the name of such a file, for the message.

    Raises:
        UserMistake: it is a folder, or exists, or its folder does not.
    """
    if path.is_dir():
        template = QT_TRANSLATE_NOOP(
            "cli", "{file} is a folder; give the name of a file, as in -o {file}/{example}"
        )
    elif path.exists() and not force:
        template = QT_TRANSLATE_NOOP(
            "cli", "{file} exists already; choose another name, or --force to replace it"
        )
    elif not path.parent.is_dir():
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{file} cannot be written, for there is no folder {folder}; make it first or choose "
            "another",
        )
    else:
        return
    raise UserMistake(
        message("cli", template, file=str(path), folder=str(path.parent), example=example)
    )
