"""`lenet-viz` without a command: the window, or its figures where there is no display."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lenet_viz.commands.display import no_display_because
from lenet_viz.commands.own_run import (
    OwnWords,
    own_code,
    own_shapes,
    run_already,
    spec_weights,
    weights_choice,
)
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.network.spec_file import names_spec, read_spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

CAPTURE_SUFFIX = ".lvcap"
_NOTHING: Final = OwnWords()
HANDED_OVER = "lenet_viz-show-"
"""How the names of folders begin in which `lenet_viz.show` leaves a capture for its window."""

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture
    from lenet_viz.network.spec import Spec
    from lenet_viz.network.weights_choice import WeightsChoice
    from lenet_viz.session.settings import OwnModel


class NoWindow(LenetVizError):
    """Qt cannot be loaded on this machine."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What a window is opened on; everything is None for its own choice.

    Attributes:
        preset: the preset's name.
        spec: a network that is no preset.
        own: a model in Python, to be asked about.
        capture: a run that was made before.
        weights: the file that the weights of a network are read from.
    """

    preset: str | None = None
    spec: "Spec | None" = None
    own: "OwnModel | None" = None
    capture: "Capture | None" = None
    weights: "WeightsChoice | None" = None


def open_window(
    model: str | None,
    *,
    own: OwnWords = _NOTHING,
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
        own: how a model of the user's own is called, and the weights file.
        handed_over: whether the capture was made for this window by `lenet_viz.show`: it is
            removed once it is read.
        say: writes data to stdout and returns the status of success.
        tell: writes a line to stderr.

    Raises:
        UserMistake: there is no such model, it cannot be read, an option is not for it, or the
            folder cannot be written.
        NoWindow: Qt cannot be loaded.
    """
    named = _named(model, own, handed_over)
    name = "" if named.capture is None else _called(named.capture, str(model), handed_over)
    reason = no_display_because()
    if reason is not None and named.own is not None:
        raise _nobody_to_ask(str(model))
    if reason is not None:
        from lenet_viz.commands.instead import figures_instead
        from lenet_viz.session.state import CaptureOnly

        run = None
        if named.capture is not None:
            run = (named.capture, CaptureOnly(name, not handed_over))
        paths = figures_instead(model, run, reason, own=own, tell=tell, progress=sys.stderr)
        return say("".join(f"{path}\n" for path in paths))
    try:
        from lenet_viz.window import app, opening
    except ImportError as error:
        raise no_qt(error) from error
    shown = None
    if named.capture is not None:
        shown = opening.Shown(opening.prepared(named.capture), name, not handed_over)
    return app.run(
        preset=named.preset, shown=shown, own=named.own, spec=named.spec, weights=named.weights
    )


def _named(model: str | None, own: OwnWords, handed_over: bool) -> _Named:
    """Return what a model word names and how it is called; nothing of it runs.

    Raises:
        UserMistake: there is no such model, it cannot be read, or an option is not for it.
    """
    if model is None:
        if own.given:
            template = QT_TRANSLATE_NOOP(
                "cli", "{option} is for a model; name it, as in lenet-viz net.py:Net {option} …"
            )
            raise UserMistake(message("cli", template, option=own.given))
        return _Named()
    code = None if handed_over else own_code(model)
    if code is not None:
        from lenet_viz.session.settings import OwnModel

        called = OwnModel(code, own_shapes(own), own.keywords)
        return _Named(own=called, weights=weights_choice(own))
    capture = capture_named(model)
    if capture is None:
        weights = spec_weights(own, model)
        if names_spec(model):
            return _Named(spec=read_spec(Path(model)), weights=weights)
        return _Named(preset=model, weights=weights)
    if own.given:
        raise run_already(own.given, model)
    if handed_over:
        remove_handed_over(Path(model))
    return _Named(capture=capture)


def _nobody_to_ask(model: str) -> UserMistake:
    template = QT_TRANSLATE_NOOP(
        "cli",
        "{model} is code, and without a display nobody can be asked whether it may run. To "
        "run it: lenet-viz capture {model} -o run.lvcap, and then lenet-viz run.lvcap",
    )
    return UserMistake(message("cli", template, model=model))


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
    path = capture_path(model)
    if path is not None:
        from lenet_viz.capture.store import check_numbers, load

        capture = load(path)
        check_numbers(capture)  # a mistake is told now, not in the middle of a drawing
        return capture
    presets.get(model)
    return None


def capture_path(model: str) -> Path | None:
    """Return the path of the capture that ``model`` names; None where it names a network.

    Any file that is no network is taken for one: what is wrong with it is told as it is read.
    """
    from lenet_viz.network import presets

    if names_spec(model) or model in presets.NAMES:
        return None
    path = Path(model)
    return path if path.suffix.lower() == CAPTURE_SUFFIX or path.is_file() else None


def remove_handed_over(path: Path) -> None:
    """Remove a capture that `lenet_viz.show` made, with its folder; nothing else.

    What is in use stays readable. Where the system refuses, who made it removes it later.
    """
    if path.parent.name.startswith(HANDED_OVER):
        with suppress(OSError):
            path.unlink()
            path.parent.rmdir()
