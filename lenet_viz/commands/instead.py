"""What `lenet-viz` leaves where no window can be opened: every figure, in a new folder."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from lenet_viz.commands.figure import cannot_make, draw, draw_without_display, write
from lenet_viz.commands.figure_pages import Target, files_in, pages_of
from lenet_viz.commands.figure_run import Source, of_capture, source_of
from lenet_viz.commands.figure_words import Look, Wish
from lenet_viz.commands.own_run import OwnWords
from lenet_viz.export.order import ALL
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture
    from lenet_viz.session.state import CaptureOnly

FOLDER_NAME = "lenet_viz-figures"
ALL_PAGES = "all.pdf"
DEFAULT_MODEL = "notebook"


def figures_instead(
    model: str | None,
    opened: "tuple[Capture, CaptureOnly] | None",
    reason: Message,
    *,
    own: OwnWords,
    tell: Callable[[str], None],
    progress: TextIO | None,
) -> list[Path]:
    """Return the paths of every figure of a run, written to a new folder in the current one.

    Args:
        model: the network that is run; ``notebook`` if None.
        opened: a run that was made before, and what it is called; shown in its place.
        reason: why there is no window.
        own: the network's weights file, if any.
        tell: writes a line to stderr.
        progress: where the stages are told.

    Raises:
        UserMistake: the folder cannot be made or written.
        EngineLost: the engine ended.
        NoWindow: Qt cannot be loaded.
    """
    folder = Path()
    tell(f"lenet-viz: {_said(reason, free_name(folder))}")
    draw_without_display()
    wish = Wish(
        model=model or DEFAULT_MODEL,
        output="",
        panel=ALL,
        weights=own.weights,
        strip_prefix=own.strip,
    )
    source = source_of(wish) if opened is None else of_capture(*opened)
    drawn = draw(source, _targets(wish, source), Look(), progress)
    made = new_folder(folder)
    return write({made / path: content for path, content in drawn.items()}, made)


def _targets(wish: Wish, source: Source) -> tuple[Target, ...]:
    """Return each page as a PNG, then all of them as one PDF."""
    pages = pages_of(wish, source.steps)
    return (*files_in(Path(), "png", pages), Target(Path(ALL_PAGES), "pdf", pages))


def free_name(folder: Path) -> Path:
    """Return the path of a folder in ``folder`` that does not exist yet."""
    return next(path for path in _names(folder) if not (path.exists() or path.is_symlink()))


def new_folder(folder: Path) -> Path:
    """Make a folder in ``folder``, never one that is there, and return its path.

    Raises:
        UserMistake: it cannot be made.
    """
    for path in _names(folder):
        try:
            path.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise cannot_make(path, error) from error
        return path
    raise AssertionError("there is always another number")


def _names(folder: Path) -> Iterator[Path]:
    yield folder / FOLDER_NAME
    for number in count(2):
        yield folder / f"{FOLDER_NAME}-{number}"


def _said(reason: Message, path: Path) -> str:
    return message(
        "cli",
        QT_TRANSLATE_NOOP(
            "cli", "{reason}; writing the window and its panels to a new folder {path} instead …"
        ),
        reason=str(reason),
        path=str(path),
    ).english()
