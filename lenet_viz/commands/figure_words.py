"""The words of `lenet-viz figure`: which there are, and the one that was probably meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.export.order import ALL, FORMATS, OF_A_STEP, STORYBOARD, THEME_NAMES, WINDOW
from lenet_viz.export.sheet import TYPE_RANGE, sheet_of
from lenet_viz.network.layer_types import nearest
from lenet_viz.session.state import Show
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

PANELS: Final = (
    WINDOW,
    STORYBOARD,
    "strip",
    "step",
    "builder",
    "source",
    "why",
    "maps",
    "parameters",
    "gradients",
    "histogram",
    "input",
    "ledger",
    "autograd",
    "compare",
    "code",
    "log",
)
"""What can be drawn, in the order of pages."""

SCALES: Final = (0.1, 16.0)

_WITH_MAPS: Final = frozenset({WINDOW, "maps", "gradients", "histogram"})
_USED_BY: Final = {
    "--step": frozenset(PANELS) - {STORYBOARD},
    "--steps": OF_A_STEP | {STORYBOARD},
    "--show": frozenset({WINDOW, STORYBOARD, "maps"}),
    "--channel": _WITH_MAPS,
    "--own-scales": frozenset({WINDOW, "maps", "gradients"}),
    "--index": frozenset({WINDOW, "why", "ledger"}),
    "--of": frozenset({WINDOW, "why", "ledger"}),
}
"""Which panels a word means something for; every word does for all panels together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The words of one command line as they were typed; None for one that was left out.

    Attributes:
        model: what is shown: a preset, a capture, a network's JSON, or Python code.
        output: where the figure goes.
        panel: one of `PANELS`, or ``all``.
        step: the selected step.
        steps: several, with commas between them.
        show: ``activation``, ``gradient`` or ``both``.
        channel: the channel that fills the maps.
        index: the number that is asked about, as for ``explain``.
        of: what of it, as for ``explain``.
        own_scales: whether each channel has a colour range of its own.
        theme: ``light`` or ``dark``.
        size: as `sheet_of` reads it.
        scale: PNG pixels for each logical pixel.
        type_size: points of running text.
        no_caption: whether the caption is left out.
        format: the files' format in a folder.
        input: as for ``capture``.
        seed: as for ``capture``.
        init: as for ``capture``.
        backward: as for ``capture``, or ``none``.
        input_shape: as for ``capture``.
        weights: as for ``capture``.
        strip_prefix: as for ``capture``.
        kwargs: as for ``capture``.
        force: whether files that exist are replaced.
        handed_over_run: whether the capture is no file of the user's, so that its name means
            nothing to them.
    """

    model: str
    output: str
    panel: str = WINDOW
    step: str | None = None
    steps: str | None = None
    show: str | None = None
    channel: str | None = None
    index: str | None = None
    of: str | None = None
    own_scales: bool = False
    theme: str = "light"
    size: str | None = None
    scale: str | None = None
    type_size: str | None = None
    no_caption: bool = False
    format: str | None = None
    input: str | None = None
    seed: str | None = None
    init: str | None = None
    backward: str | None = None
    input_shape: Sequence[str] | None = None
    weights: str | None = None
    strip_prefix: str = ""
    kwargs: str = ""
    force: bool = False
    handed_over_run: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How figures look, every word of it checked.

    Attributes:
        show: which arrays; None for what each panel shows by itself.
        channel: the channel that fills the maps; None for all.
        own_scales: whether each channel has a colour range of its own.
        theme: ``light`` or ``dark``.
        size: as `sheet_of` reads it; None for each panel's own.
        scale: PNG pixels for each logical pixel; None for what fits the size.
        type_size: points of running text; None for what fits the size.
        caption: whether the caption stands below.
        index: the number that is asked about; None for the middle one.
        of: what of it: ``activation``, ``gradient`` or ``parameter:NAME``.
    """

    show: Show | None = None
    channel: int | None = None
    own_scales: bool = False
    theme: str = "light"
    size: str | None = None
    scale: float | None = None
    type_size: float | None = None
    caption: bool = True
    index: str | None = None
    of: str = "activation"


def look_of(wish: Wish) -> Look:
    """Return how the figures of a wish look.

    Raises:
        UserMistake: a word that there is not, or that means nothing for the panel.
    """
    known(wish.panel, (*PANELS, ALL), "--panel")
    known(wish.theme, THEME_NAMES, "--theme")
    if wish.show is not None:
        known(wish.show, tuple(Show), "--show")
    if wish.size is not None:
        sheet_of(wish.size)
    _check_use(wish)
    return Look(
        show=None if wish.show is None else Show(wish.show),
        channel=None if wish.channel is None else _whole(wish.channel, "--channel"),
        own_scales=wish.own_scales,
        theme=wish.theme,
        size=wish.size,
        scale=None if wish.scale is None else _number(wish.scale, "--scale", SCALES),
        type_size=None
        if wish.type_size is None
        else _number(wish.type_size, "--type-size", TYPE_RANGE),
        caption=not wish.no_caption,
        index=wish.index,
        of=wish.of or "activation",
    )


def known(word: str, words: tuple[str, ...], option: str) -> str:
    """Return ``word`` if it is one of ``words``.

    Args:
        word: what was typed.
        words: what there is.
        option: after which word of the command line it stands.

    Raises:
        UserMistake: it is none of them; names the one that was probably meant.
    """
    if word in words:
        return word
    guess = nearest(word, words)
    if guess is None:
        template = QT_TRANSLATE_NOOP("cli", "{option} is {found}; wanted: one of {known}")
    else:
        template = QT_TRANSLATE_NOOP(
            "cli", "{option} is {found}; did you mean {guess}? (there are {known})"
        )
    raise UserMistake(
        message(
            "cli",
            template,
            option=option,
            found=repr(word),
            guess=guess or "",
            known=", ".join(words),
        )
    )


def _check_use(wish: Wish) -> None:
    """Refuse words that mean nothing for the panel: they would be lost without a word."""
    given = {
        "--step": wish.step is not None,
        "--steps": wish.steps is not None,
        "--show": wish.show is not None,
        "--channel": wish.channel is not None,
        "--own-scales": wish.own_scales,
        "--index": wish.index is not None,
        "--of": wish.of is not None,
    }
    for option, users in _USED_BY.items():
        if given[option] and wish.panel != ALL and wish.panel not in users:
            raise _of_no_use(option, wish.panel, (name for name in PANELS if name in users))
    if wish.step is not None and wish.steps is not None:
        template = QT_TRANSLATE_NOOP(
            "cli", "--step and --steps are both there; leave one of them out"
        )
        raise UserMistake(message("cli", template))


def _of_no_use(option: str, panel: str, users: Iterable[str]) -> UserMistake:
    return UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli", "{option} means nothing for {panel}; leave it out (it is for {users})"
            ),
            option=option,
            panel=panel,
            users=", ".join(users),
        )
    )


def _whole(word: str, option: str) -> int:
    if word.isascii() and word.isdigit() and len(word) <= 9:
        return int(word)
    template = QT_TRANSLATE_NOOP(
        "cli", "{option} is {found}; wanted: a whole number from 0, as in {option} 3"
    )
    raise UserMistake(message("cli", template, option=option, found=repr(word)))


def _number(word: str, option: str, span: tuple[float, float]) -> float:
    least, most = span
    plain = len(word) <= 9 and word.isascii() and word.replace(".", "", 1).isdigit()
    if plain and least <= float(word) <= most:
        return float(word)
    raise UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli", "{option} is {found}; wanted: a number from {least} to {most}"
            ),
            option=option,
            found=repr(word),
            least=f"{least:g}",
            most=f"{most:g}",
        )
    )


def ending_of(path: Path) -> str:
    """Return a path's format, such as ``png``; "" for another ending or none."""
    ending = path.suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else ""
