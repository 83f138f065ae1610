"""Which pages a figure has, of which steps, and the files they go to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lenet_viz.commands.figure_words import PANELS, Wish, ending_of, known
from lenet_viz.commands.target import check_target
from lenet_viz.errors import UserMistake
from lenet_viz.export.entry_names import EntryNames
from lenet_viz.export.order import ALL, FORMATS, OF_A_STEP, STORYBOARD
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_FAVOURITE: Final = "conv2"
_OTHER_ENDINGS: Final = frozenset(
    {".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".eps", ".ps", ".emf", ".html"}
)
"""What nobody calls a folder."""
_NAMED: Final = 40
"""How many steps a message lists."""


@dataclass(frozen=True, slots=True)
class KnownStep:
    """A step that can be drawn, known before anything is run.

    Attributes:
        name: its name, or a card's.
        channels: how many channels it has; 0 for none.
        has_parameters: whether it takes parameters.
    """

    name: str
    channels: int = 0
    has_parameters: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One figure.

    Attributes:
        panel: one of `figure_words.PANELS`.
        step: the selected step.
        steps: those of the storyboard; None for all.
    """

    panel: str
    step: str
    steps: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A file and the pages in it.

    Attributes:
        path: the file.
        format: ``png``, ``svg`` or ``pdf``.
        pages: one, or several in a PDF.
    """

    path: Path
    format: str
    pages: tuple[Page, ...]


def channels_of(own: Sequence[int]) -> int:
    """Return how many channels one sample of a shape has; 0 where it has no such axis."""
    return own[0] if len(own) >= 3 else 0


def pages_of(wish: Wish, steps: Sequence[KnownStep]) -> tuple[Page, ...]:
    """Return the pages of a wish.

    Args:
        wish: its panel is a known one.
        steps: what there is, with the cards that are no steps.

    Raises:
        UserMistake: there is no such step.
    """
    names = {step.name: step for step in steps}
    panels = PANELS if wish.panel == ALL else (wish.panel,)
    several = None if wish.steps is None else _several(wish.steps, names)
    if wish.step is not None:
        _known_step(wish.step, names, "--step")
    first = several[0] if several else wish.step or default_step(steps)
    pages: list[Page] = []
    for panel in panels:
        if panel == STORYBOARD:
            pages.append(Page(panel, first, several))
        elif panel in OF_A_STEP and several:
            pages.extend(Page(panel, name) for name in several)
        else:
            pages.append(Page(panel, first))
    return tuple(pages)


def _several(words: str, names: dict[str, KnownStep]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(_known_step(word.strip(), names, "--steps") for word in words.split(","))
    )


def _known_step(name: str, names: dict[str, KnownStep], option: str) -> str:
    if name in names:
        return name
    shown = tuple(names)
    if len(shown) > _NAMED:
        shown = (*shown[:_NAMED], "…")
    return known(name, shown, option)


def default_step(steps: Sequence[KnownStep]) -> str:
    """Return conv2 where there is one, else the first with parameters, else the first."""
    real = [step for step in steps if step.name not in {INPUT_CARD, TARGET_CARD, LOSS_CARD}]
    if any(step.name == _FAVOURITE for step in real):
        return _FAVOURITE
    with_parameters = (step.name for step in real if step.has_parameters)
    return next(with_parameters, real[0].name if real else INPUT_CARD)


def check_channel(channel: int | None, pages: Sequence[Page], steps: Sequence[KnownStep]) -> None:
    """Refuse a channel that a step does not have.

    Raises:
        UserMistake: a step has fewer channels, or none.
    """
    if channel is None:
        return
    counts = {step.name: step.channels for step in steps}
    for name in dict.fromkeys(page.step for page in pages):
        count = counts[name]
        if channel < count:
            continue
        if count:
            template = QT_TRANSLATE_NOOP(
                "cli",
                "--channel is {channel}, but {step} has {count} channels; wanted: a number from "
                "0 to {last}",
            )
        else:
            template = QT_TRANSLATE_NOOP("cli", "{step} has no channels; leave --channel out")
        raise UserMistake(
            message("cli", template, channel=channel, step=name, count=count, last=count - 1)
        )


def targets_of(wish: Wish, pages: tuple[Page, ...]) -> tuple[Target, ...]:
    """Return the files of a wish, each of which can be written.

    Raises:
        UserMistake: an unknown ending, a file that exists, a folder that does not, or words
            that do not fit together.
    """
    path = Path(wish.output)
    ending = ending_of(path)
    if wish.format is not None:
        known(wish.format, FORMATS, "--format")
    if len(pages) == 1 or ending == "pdf":
        _check_file(path, ending, wish)
        targets: tuple[Target, ...] = (Target(path, ending, pages),)
    else:
        _check_folder(path, ending, wish)
        targets = files_in(path, wish.format or "png", pages)
    if wish.scale is not None and all(target.format != "png" for target in targets):
        template = QT_TRANSLATE_NOOP(
            "cli", "--scale is for PNG; {format} is sharp at every size. Leave it out"
        )
        raise UserMistake(message("cli", template, format=targets[0].format.upper()))
    for target in targets:
        if path.is_dir() or target.path == path:
            check_target(target.path, wish.force, f"{wish.panel}.png")
    return targets


def check_output(wish: Wish) -> None:
    """Refuse what can be seen to be wrong with a wish's output before its steps are known.

    Raises:
        UserMistake: an unknown format, a file that exists, or a folder that does not.
    """
    path = Path(wish.output)
    ending = ending_of(path)
    if wish.format is not None:
        known(wish.format, FORMATS, "--format")
    if ending:
        _check_file(path, ending, wish)
        check_target(path, wish.force, f"{wish.panel}.png")


def _check_file(path: Path, ending: str, wish: Wish) -> None:
    if not ending and not path.is_dir():
        raise _bad_ending(path)
    if wish.format not in (None, ending) and not path.is_dir():
        template = QT_TRANSLATE_NOOP(
            "cli", "--format is {format}, but {file} is another; leave --format out"
        )
        raise UserMistake(message("cli", template, format=str(wish.format), file=str(path)))


def _check_folder(path: Path, ending: str, wish: Wish) -> None:
    template = ""
    if path.is_dir():
        return
    if path.exists() or path.is_symlink():
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{file} is a file, and there are several figures; give the name of a folder, or of a "
            ".pdf that takes them all",
        )
    elif ending or path.suffix.lower() in _OTHER_ENDINGS:
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{file} can hold one figure, and there are several; give the name of a folder (with "
            "--format for their kind), or of a .pdf that takes them all",
        )
    elif not path.parent.is_dir():
        template = QT_TRANSLATE_NOOP(
            "cli",
            "the folder {file} cannot be made, for there is no folder {folder}; make it first or "
            "choose another",
        )
    if template:
        raise UserMistake(message("cli", template, file=str(path), folder=str(path.parent)))


def files_in(folder: Path, format_: str, pages: Sequence[Page]) -> tuple[Target, ...]:
    """Return a file in a folder for each page, named after its panel and its step."""
    names = EntryNames()
    parts = (
        names.give(f"{page.panel}-{page.step}" if page.panel in OF_A_STEP else page.panel)
        for page in pages
    )
    return tuple(
        Target(folder / f"{part}.{format_}", format_, (page,))
        for part, page in zip(parts, pages, strict=True)
    )


def _bad_ending(path: Path) -> UserMistake:
    if path.suffix:
        template = QT_TRANSLATE_NOOP(
            "cli", "{file} ends with {ending}; wanted: .png, .svg or .pdf, as in -o {stem}.png"
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "cli", "{file} has no ending; wanted: .png, .svg or .pdf, as in -o {stem}.png"
        )
    return UserMistake(
        message("cli", template, file=str(path), ending=path.suffix, stem=path.stem or "figure")
    )
