"""`lenet-viz` without a command: the window, or its figures where there is no display."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lenet_viz.commands.display import no_display_because
from lenet_viz.commands.own_run import own_code
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.network.spec_file import names_spec, read_spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

CAPTURE_SUFFIX = ".lvcap"
HANDED_OVER = "lenet_viz-show-"
"""How the names of folders begin in which `lenet_viz.show` leaves a capture for its window."""

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture


class NoWindow(LenetVizError):
    """Qt cannot be loaded on this machine."""


def open_window(
    model: str | None,
    *,
    handed_over: bool = False,
    say: Callable[[str], int],
    tell: Callable[[str], None],
) -> int:
    """Return the exit status of the window, open until the user closes it.

    Where there is no display, the window and every panel are written to a new folder in the
    current one instead, and ``say`` gets the files' paths.

    Args:
        model: the preset it opens with, the path of a capture or of a network in JSON, or a
            Python file, which is shown and run only when the user agrees; its own choice if None.
        handed_over: whether the capture was made for this window by `lenet_viz.show`: it is
            removed once it is read.
        say: writes data to stdout and returns the status of success.
        tell: writes a line to stderr.

    Raises:
        UserMistake: there is no such preset, the capture cannot be read, or the folder cannot be
            written.
        NoWindow: Qt cannot be loaded.
    """
    own = None if model is None or handed_over else own_code(model)
    spec = read_spec(Path(model)) if model is not None and names_spec(model) else None
    capture = None if model is None or own is not None else capture_named(model)
    if capture is not None and handed_over:
        remove_handed_over(Path(str(model)))
    name = "" if capture is None else _called(capture, str(model), handed_over)
    preset = model if capture is None and own is None and spec is None else None
    reason = no_display_because()
    if reason is not None and own is not None:
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{model} is code, and without a display nobody can be asked whether it may run. To "
            "run it: lenet-viz capture {model} -o run.lvcap, and then lenet-viz run.lvcap",
        )
        raise UserMistake(message("cli", template, model=str(model)))
    if reason is not None:
        from lenet_viz.commands.instead import figures_instead
        from lenet_viz.session.state import CaptureOnly

        run = None if capture is None else (capture, CaptureOnly(name, not handed_over))
        named = preset if spec is None else model
        paths = figures_instead(named, run, reason, tell=tell, progress=sys.stderr)
        return say("".join(f"{path}\n" for path in paths))
    try:
        from lenet_viz.window import app, opening
    except ImportError as error:
        raise no_qt(error) from error
    shown = None
    if capture is not None:
        shown = opening.Shown(opening.prepared(capture), name, not handed_over)
    return app.run(preset=preset, shown=shown, own="" if own is None else own.word, spec=spec)


def _called(capture: "Capture", path: str, handed_over: bool) -> str:
    return capture.model.name if handed_over else Path(path).name


def no_qt(error: ImportError) -> NoWindow:
    """Return that Qt cannot be loaded, and what to install."""
    return NoWindow(
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
    )


def capture_named(model: str) -> "Capture | None":
    """Return the capture that ``model`` is the path of; None where it names a network.

    A file that is called like a preset is meant by ``./toy``.

    Raises:
        UserMistake: it names neither, or the file cannot be read.
    """
    from lenet_viz.network import presets

    if names_spec(model):
        return None
    path = Path(model)
    if model not in presets.NAMES and (path.suffix == CAPTURE_SUFFIX or path.is_file()):
        from lenet_viz.capture.store import check_numbers, load

        capture = load(path)
        check_numbers(capture)  # a mistake is told now, not in the middle of a drawing
        return capture
    presets.get(model)
    return None


def remove_handed_over(path: Path) -> None:
    """Remove a capture that `lenet_viz.show` made, with its folder; nothing else.

    What is in use stays readable. Where the system refuses, who made it removes it later.
    """
    if path.parent.name.startswith(HANDED_OVER):
        with suppress(OSError):
            path.unlink()
            path.parent.rmdir()
