"""`lenet-viz` without a command: the window, or its picture where there is no display."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

from lenet_viz.commands.display import no_display_because
from lenet_viz.errors import LenetVizError
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

PICTURE_NAME = "lenet_viz-window"


class NoWindow(LenetVizError):
    """Qt cannot be loaded on this machine."""


def open_window(
    model: str | None, *, say: Callable[[str], int], tell: Callable[[str], None]
) -> int:
    """Return the exit status of the window, open until the user closes it.

    Where there is no display, the window's picture is written to a new file in the current
    folder instead, and ``say`` gets the file's path.

    Args:
        model: the preset it opens with; its own choice if None.
        say: writes data to stdout and returns the status of success.
        tell: writes a line to stderr.

    Raises:
        UserMistake: there is no such preset, or the folder cannot be written.
        NoWindow: Qt cannot be loaded.
    """
    if model is not None:
        from lenet_viz.network import presets

        presets.get(model)
    reason = no_display_because()
    if reason is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from lenet_viz.window import app
    except ImportError as error:
        raise NoWindow(
            message(
                "cli",
                QT_TRANSLATE_NOOP(
                    "cli",
                    "the window needs Qt, which cannot be loaded: {reason} (on Debian and Ubuntu: "
                    "apt-get install libgl1 libegl1 libdbus-1-3 libfontconfig1 libglib2.0-0 "
                    "libxkbcommon0)",
                ),
                reason=str(error),
            )
        ) from error
    if reason is None:
        return app.run(preset=model)
    path = free_name(Path())
    tell(f"lenet-viz: {_picture_instead(str(reason), str(path))}")
    written = app.write_picture(path, preset=model, size=(1600, 1000), theme="light")
    return say(f"{written}\n")


def free_name(folder: Path) -> Path:
    """Return the path of a picture in ``folder`` that does not exist yet."""
    first = folder / f"{PICTURE_NAME}.png"
    if not _taken(first):
        return first
    return next(
        path for number in count(2) if not _taken(path := folder / f"{PICTURE_NAME}-{number}.png")
    )


def _taken(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _picture_instead(reason: str, path: str) -> str:
    return message(
        "cli",
        QT_TRANSLATE_NOOP("cli", "{reason}; writing a picture of the window to {path} instead …"),
        reason=reason,
        path=path,
    ).english()
