"""`lenet_viz.show`: a run in a window of its own, asked for in Python."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, Any, Final

from lenet_viz.capture.atomic import write_bytes
from lenet_viz.capture.own_program import program_command
from lenet_viz.capture.records import Capture
from lenet_viz.capture.shown import storyboard_png
from lenet_viz.commands.display import no_display_because
from lenet_viz.commands.window import HANDED_OVER
from lenet_viz.commands.word_run import names_network
from lenet_viz.errors import LenetVizError
from lenet_viz.export.entry_names import file_part
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_UNSEEN: Final = ("offscreen", "minimal")
"""Qt's platforms on which a window opens that nobody can see or close."""


class NotShown(LenetVizError):
    """The window could not be started, and nothing that was given is to blame for it."""


def show(
    model: Any,
    *inputs: Any,
    backward: Any = None,
    seed: int | None = None,
    **kwargs: Any,
) -> Capture:
    """Open a window on one run and return the run's capture, without waiting for the window.

    A model is run here and now, as by `lenet_viz.capture`, and ends as after that. The window is a
    process of its own: it stays when this one ends. Where there is no display, the storyboard is
    drawn instead, which takes a second or two: it is written to a new file in the current folder
    and the file is named on stderr; in Jupyter the capture that is returned shows it.

    Args:
        model: a torch.nn.Module to run, or a word for one as in `lenet_viz.capture`; or a
            capture, or the path of a capture file.
        *inputs: what to call the module with; none for a capture; optional for a word.
        backward: as in `lenet_viz.capture`.
        seed: as in `lenet_viz.capture`.
        **kwargs: keyword arguments of the module's ``forward``.

    Raises:
        TypeError: ``model`` is none of these, or there are inputs beside a capture.
        UserMistake: as in `lenet_viz.capture`; what ran until then is shown all the same. Or the
            file cannot be read, or the temporary folder cannot be written.
        NotShown: the window's process cannot be started, or there is no temporary folder.
    """
    named = isinstance(model, str | Path)
    if isinstance(model, Capture) or (named and not names_network(str(model))):
        if inputs or kwargs or backward is not None or seed is not None:
            raise TypeError("a capture is shown as it is; give inputs with a torch.nn.Module only")
        return _shown(model)
    from lenet_viz.capture.api import capture
    from lenet_viz.capture.recorder import RecordingFailed

    try:
        made = capture(model, *inputs, backward=backward, seed=seed, **kwargs)
    except RecordingFailed as failure:
        try:
            _present(failure.capture)
        except LenetVizError as unseen:  # why the model failed is what counts
            _tell(unseen.message)
        raise
    return _present(made)


def _shown(given: Capture | str | Path) -> Capture:
    """Show a capture, or the one in a file, and return it."""
    if isinstance(given, Capture):
        return _present(given)
    from lenet_viz.capture.store import load

    path = Path(given)
    with suppress(OSError):  # the current folder is gone, and a path in it leads nowhere
        path = path.absolute()
    return _present(load(path), path)


def _present(capture: Capture, path: Path | None = None) -> Capture:
    """Open a window on a capture, or draw it where there is no display; return it."""
    reason = unseen_because()
    if reason is not None:
        _tell(_drawn(capture, reason))
    elif path is not None:
        _start((f"--model={path}",), None)
    else:
        try:
            folder = Path(mkdtemp(prefix=HANDED_OVER))
        except OSError as error:
            raise _not_shown(error) from error
        try:
            file = capture.save(folder / "run.lvcap")
            _start(("--handed-over", f"--model={file}"), folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return capture


def unseen_because(environ: Mapping[str, str] = os.environ) -> Message | None:
    """Return why nobody would see a window; None where somebody would.

    Args:
        environ: the environment variables.
    """
    platform = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in _UNSEEN:
        template = QT_TRANSLATE_NOOP("show", "there is no display (QT_QPA_PLATFORM is {name})")
        return message("show", template, name=platform)
    return no_display_because(environ)


# -- with a display ----------------------------------------------------------------------------


def _start(arguments: tuple[str, ...], folder: Path | None) -> None:
    """Start the window and let a thread look after it.

    Args:
        arguments: the words after ``lenet-viz``.
        folder: what is removed once the window has ended, if it is still there; None for nothing.

    Raises:
        NotShown: the system does not let it.
    """
    with ExitStack() as opened:
        try:
            errors = opened.enter_context(TemporaryFile())
            process = _started(arguments, errors)
        except OSError as error:
            raise _not_shown(error) from error
        watch = threading.Thread(
            target=_look_after, args=(process, errors, folder), name="lenet_viz show", daemon=True
        )
        watch.start()
        opened.pop_all()  # the thread closes it


def _started(arguments: tuple[str, ...], errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Return a process that outlives this one; what it says goes into ``errors``."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        new = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        detached = {"creationflags": new}
    return subprocess.Popen(
        program_command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        **detached,
    )


def _not_shown(error: OSError) -> NotShown:
    template = QT_TRANSLATE_NOOP(
        "show",
        "The window cannot be started: {reason}. Keep the run instead, with "
        "lenet_viz.capture(…).save('run.lvcap'), and open it later: lenet-viz run.lvcap",
    )
    reason = error.strerror or str(error)
    return NotShown(message("show", template, reason=reason))


def _look_after(process: "subprocess.Popen[bytes]", errors: IO[bytes], folder: Path | None) -> None:
    """Wait for the window's end, clear up after it, and tell why it failed if it did."""
    status = process.wait()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    with errors:
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").split("\n")
    if status:
        said = next((line for line in reversed(lines) if line.strip()), f"status {status}")
        template = QT_TRANSLATE_NOOP("show", "lenet_viz: the window ended: {reason}")
        _tell(message("show", template, reason=said.strip()))


# -- without a display -------------------------------------------------------------------------


def _drawn(capture: Capture, reason: Message) -> Message:
    """Draw the storyboard where it can be seen, and return what is said of it."""
    if _in_notebook():
        template = QT_TRANSLATE_NOOP(
            "show",
            "lenet_viz: {reason}. The capture that show() returns is drawn where it ends a cell.",
        )
        return message("show", template, reason=reason)
    picture = storyboard_png(capture)
    if picture is None:
        template = QT_TRANSLATE_NOOP(
            "show",
            "lenet_viz: {reason}, and the storyboard could not be drawn. Save the capture with "
            "save('run.lvcap') and open it where there is a display: lenet-viz run.lvcap",
        )
        return message("show", template, reason=reason)
    try:
        path = _written(picture, f"lenet_viz-{file_part(capture.model.name)}")
    except LenetVizError as error:
        template = QT_TRANSLATE_NOOP("show", "lenet_viz: {reason}. {failure}")
        return message("show", template, reason=reason, failure=error.message)
    template = QT_TRANSLATE_NOOP("show", "lenet_viz: {reason}; the storyboard is in {path}")
    return message("show", template, reason=reason, path=str(path))


def _written(picture: bytes, stem: str) -> Path:
    """Write a picture to a new file in the current folder and return its path.

    Raises:
        UserMistake: the folder cannot be written, or the disk is full.
    """
    names = (f"{stem}.png" if number == 1 else f"{stem}-{number}.png" for number in count(1))
    free = (Path(name) for name in names if not os.path.lexists(name))
    path = next(free)

    write_bytes(path, picture)
    return path


def _in_notebook() -> bool:
    """Return whether this is a Jupyter kernel, which shows what a cell's last line returns."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if get_ipython is None else get_ipython()
    return getattr(shell, "kernel", None) is not None


def _tell(said: Message) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{said.english()}\n")
        sys.stderr.flush()
