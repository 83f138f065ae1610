"""One argument of an op: what it may hold, and checking what was given for it."""

import json
import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, NoReturn

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

SettingValue = bool | int | float | str | tuple[int, ...]
"""What a setting can hold: a pair keeps the form it was written in, ``2`` or ``(2, 2)``."""

LARGEST: Final = 2**31 - 1
"""The largest whole number a setting may hold."""

LARGEST_AXIS: Final = 2**16
"""The largest height, width, kernel, stride, padding or dilation."""

MOST_SIZES: Final = 16
"""The most sizes a `view` may name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One argument of an op.

    Attributes:
        name: the argument's name in torch.
        kind: ``whole`` an int; ``pair`` an int or (height, width); ``number`` a float;
            ``flag`` a bool; ``sizes`` a tuple of ints from ``low``, of which one may be -1 where
            ``low`` is -1; ``choice`` one of ``choices``.
        default: torch's default; None where the argument must be given (``required``) or may
            be left out for a value that follows another (``stride`` of a pool) or for none
            (``size`` of an upsample).
        required: whether it must be given.
        low: the smallest value allowed.
        high: the largest value allowed.
        choices: the words allowed: the only values of a ``choice``; of a ``pair``, words that
            may stand in place of its numbers.
    """

    name: str
    kind: Literal["whole", "pair", "number", "flag", "sizes", "choice"]
    default: SettingValue | None = None
    required: bool = False
    low: float = 1
    high: float = LARGEST
    choices: tuple[str, ...] = ()


def field_mistake(path: str, found: object, wanted: Message) -> NoReturn:
    """Refuse a value: says where it is, what was found and what is wanted.

    Args:
        path: where the value is, as in ``nodes[3].settings.stride``.
        found: the value.
        wanted: what would be accepted.

    Raises:
        UserMistake: always.
    """
    raise UserMistake(
        message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "{path} is {found}; wanted: {wanted}."),
            path=path,
            found=written(found),
            wanted=wanted,
        )
    )


def written(value: object, longest: int = 60) -> str:
    """Return ``value`` as JSON would write it, cut to ``longest`` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= longest else text[: longest - 1] + "…"


def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the known word that ``word`` was probably meant to be, or None."""
    found = get_close_matches(word[:200].lower(), known, n=1, cutoff=0.6)
    return found[0] if found else None


def checked_value(setting: Setting, value: object, path: str) -> SettingValue:
    """Return ``value`` in the form specs keep it: lists become tuples, numbers floats.

    Args:
        setting: the setting it is meant for.
        value: what was given.
        path: where it stands, for the message.

    Raises:
        UserMistake: it is of another type (``"3.5"``, a bool for an int), not finite, out of
            range or no word that is known here.
    """
    if setting.kind == "flag":
        if not isinstance(value, bool):
            field_mistake(
                path, value, message("Network", QT_TRANSLATE_NOOP("Network", "true or false"))
            )
        return value
    if setting.kind == "number":
        return _number(setting, value, path)
    if setting.kind == "sizes":
        return _sizes(setting, value, path)
    if setting.kind == "choice" or (setting.choices and isinstance(value, str)):
        return _word(setting, value, path)
    if setting.kind == "pair" and isinstance(value, (list, tuple)):
        if len(value) != 2:
            field_mistake(path, value, _wanted(setting))
        return tuple(_whole(setting, one, f"{path}[{i}]") for i, one in enumerate(value))
    return _whole(setting, value, path)


def _wanted(setting: Setting) -> Message:
    low, high = setting.low, setting.high
    if setting.kind == "number":
        template = QT_TRANSLATE_NOOP("Network", "a number from {low} to {high}")
    elif setting.kind == "pair" and setting.choices:
        template = QT_TRANSLATE_NOOP(
            "Network", "a whole number from {low} to {high}, two: [height, width], or {words}"
        )
    elif setting.kind == "pair":
        template = QT_TRANSLATE_NOOP(
            "Network", "a whole number from {low} to {high}, or two: [height, width]"
        )
    else:
        template = QT_TRANSLATE_NOOP("Network", "a whole number from {low} to {high}")
    return message("Network", template, low=low, high=high, words=_listed(setting.choices))


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _word(setting: Setting, value: object, path: str) -> str:
    if isinstance(value, str) and value in setting.choices:
        return value
    guess = nearest(value, setting.choices) if isinstance(value, str) else None
    if guess is not None:
        template = QT_TRANSLATE_NOOP("Network", "one of {words} (did you mean {guess}?)")
        wanted = message("Network", template, words=_listed(setting.choices), guess=f'"{guess}"')
    elif setting.kind == "pair":
        wanted = _wanted(setting)
    else:
        template = QT_TRANSLATE_NOOP("Network", "one of {words}")
        wanted = message("Network", template, words=_listed(setting.choices))
    field_mistake(path, value, wanted)


def _whole(setting: Setting, value: object, path: str) -> int:
    if type(value) is not int or not setting.low <= value <= setting.high:
        field_mistake(path, value, _wanted(setting))
    return value


def _number(setting: Setting, value: object, path: str) -> float:
    if type(value) not in (int, float) or not isinstance(value, (int, float)):
        field_mistake(path, value, _wanted(setting))
    # The range is compared first: a very long integer does not fit a float.
    if not setting.low <= value <= setting.high or not math.isfinite(value):
        field_mistake(path, value, _wanted(setting))
    return float(value)


def _sizes(setting: Setting, value: object, path: str) -> tuple[int, ...]:
    free = setting.low < 0
    if free:
        template = QT_TRANSLATE_NOOP(
            "Network", "a list of 1 to {most} sizes of which one may be -1"
        )
    else:
        template = QT_TRANSLATE_NOOP("Network", "a list of 1 to {most} sizes from 1")
    wanted = message("Network", template, most=MOST_SIZES)
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_SIZES:
        field_mistake(path, value, wanted)
    for i, size in enumerate(value):
        if type(size) is not int or not ((free and size == -1) or 1 <= size <= LARGEST):
            field_mistake(f"{path}[{i}]", size, wanted)
    if list(value).count(-1) > 1:
        field_mistake(path, value, wanted)
    return tuple(value)
