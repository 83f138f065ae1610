"""`lenet-viz figure`: a panel, the window or the storyboard as a file, without a display."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TextIO

from lenet_viz.capture.atomic import write_bytes
from lenet_viz.commands.ending import removed_at_a_kill, uninterrupted
from lenet_viz.commands.figure_pages import (
    Target,
    check_channel,
    check_output,
    pages_of,
    targets_of,
)
from lenet_viz.commands.figure_run import NO_BACKWARD, Source, of_capture, own_words, source_of
from lenet_viz.commands.figure_words import Look, Wish, look_of
from lenet_viz.commands.own_capture import own_capture
from lenet_viz.commands.own_run import own_code
from lenet_viz.commands.telling import Teller
from lenet_viz.commands.window import no_qt
from lenet_viz.errors import UserMistake
from lenet_viz.session.state import CaptureOnly
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.commands.figure_drawing import Studio


def figure(wish: Wish, progress: TextIO | None = None) -> list[Path]:
    """Return the paths of the figures that have been written.

    Args:
        wish: the words of the command line.
        progress: where the stages are told; nowhere if None.

    Raises:
        UserMistake: a word that cannot be used, a file that is there already or a folder that
            is not; nothing has been run then.
        EngineLost: the engine ended.
        NoWindow: Qt cannot be loaded.
    """
    look = look_of(wish)
    draw_without_display()
    with _source(wish, progress) as source:
        pages = pages_of(wish, source.steps)
        check_channel(look.channel, pages, source.steps)
        drawn = draw(source, targets_of(wish, pages), look, progress)
    # A file may have appeared while the run went on.
    made = make_folder(Path(wish.output), targets_of(wish, pages))
    return write(drawn, made)


@contextmanager
def _source(wish: Wish, progress: TextIO | None) -> Iterator[Source]:
    """Give where the run of a wish comes from; only the steps of code are not known before."""
    code = own_code(wish.model)
    if code is None:
        yield source_of(wish)
        return
    check_output(wish)
    backward = "random" if wish.backward is None else wish.backward
    with own_capture(
        code,
        own_words(wish),
        progress,
        input_word=wish.input or "preset",
        seed_word="0" if wish.seed is None else wish.seed,
        backward_word=None if backward == NO_BACKWARD else backward,
    ) as capture:
        yield of_capture(capture, CaptureOnly(wish.model, from_file=False))


def wish_of(given: Mapping[str, object]) -> Wish:
    """Return the wish among a command line's parsed arguments."""
    return Wish(**{each.name: given[each.name] for each in fields(Wish)})  # type: ignore[arg-type]


def draw_without_display() -> None:
    """Let Qt draw where nobody looks, unless another such place was chosen on purpose."""
    # A screen's scale has no part in a file: the same command gives the same bytes everywhere.
    for name in ("QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_FONT_DPI"):
        os.environ.pop(name, None)
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    # On Windows a program has a display, and Qt finds no fonts without one.
    if sys.platform != "win32" and (not chosen or chosen.startswith(("xcb", "wayland"))):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def studio(look: Look) -> "Studio":
    """Return what draws figures.

    Raises:
        NoWindow: Qt cannot be loaded.
        UserMistake: the pictures would be too large.
    """
    try:
        with uninterrupted():
            from lenet_viz.commands.figure_drawing import Studio
    except ImportError as error:
        raise no_qt(error) from error
    return Studio(look)


def draw(
    source: Source, targets: Sequence[Target], look: Look, progress: TextIO | None
) -> dict[Path, bytes]:
    """Return the bytes of all files; the run is made for it.

    Args:
        source: where the run comes from.
        targets: the files and what is in them.
        look: how it looks.
        progress: where the stages are told.

    Raises:
        UserMistake: a picture would be too large.
        EngineLost: the engine ended.
        NoWindow: Qt cannot be loaded.
    """
    room = studio(look)
    room.check(targets)
    # Windows cannot remove a file that is still mapped; the system clears the folder later.
    with (
        TemporaryDirectory(prefix="lenet-viz-", ignore_cleanup_errors=True) as folder,
        removed_at_a_kill(folder),
        Teller(progress) as teller,
        room,
    ):
        state = source.state(folder, teller)
        drawn = {}
        for number, target in enumerate(targets):
            teller.stage(_drawing(target), number / len(targets))
            drawn[target.path] = room.draw(target, state)
        return drawn


def make_folder(path: Path, targets: Sequence[Target]) -> Path | None:
    """Make the folder that new files go into, and return it; None where it is there already.

    Raises:
        UserMistake: it cannot be made.
    """
    if targets[0].path == path or path.is_dir():
        return None
    try:
        path.mkdir()
    except (OSError, ValueError) as error:
        raise cannot_make(path, error) from error
    return path


def cannot_make(path: Path, error: OSError | ValueError) -> UserMistake:
    """Return that a folder cannot be made, and why."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    template = QT_TRANSLATE_NOOP(
        "cli", "the folder {file} cannot be made: {reason}; choose another name or place"
    )
    return UserMistake(message("cli", template, file=str(path), reason=reason))


def write(drawn: dict[Path, bytes], made: Path | None = None) -> list[Path]:
    """Return the paths of files that were written, each whole or not at all.

    Args:
        drawn: the files and what is in them.
        made: a folder that was made for them: it goes again if none could be written.

    Raises:
        UserMistake: a file cannot be written.
    """
    try:
        for path, content in drawn.items():
            write_bytes(path, content)
    except BaseException:
        if made is not None:
            with suppress(OSError):  # there are files in it
                made.rmdir()
        raise
    return list(drawn)


def _drawing(target: Target) -> str:
    return message(
        "cli", QT_TRANSLATE_NOOP("cli", "Drawing {name} …"), name=target.path.name
    ).english()
