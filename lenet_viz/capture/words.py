"""The words that name an objective, such as ``cross-entropy:7``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

RANDOM = "random"
OUTPUT = "output"
CROSS_ENTROPY = "cross-entropy"
MSE = "mse"
VECTOR = "vector"
FLAT = "flat"
WITH_INDEX = (OUTPUT, CROSS_ENTROPY)
WITHOUT_INDEX = (RANDOM, MSE)
LONGEST_VECTOR = 10_000
"""So many numbers of a vector can be written in a word."""


@dataclass(frozen=True, slots=True)
class ObjectiveWord:
    """What backward is to start from, as a word says it.

    Attributes:
        kind: ``random``, ``output``, ``cross-entropy``, ``mse`` or ``vector``.
        index: the output's or class's number from 0; None for a kind that has none.
        numbers: the vector v itself; empty for other kinds.
        flat: whether MSE's target has one axis only, as before ``view(1, -1)``.
    """

    kind: str
    index: int | None = None
    numbers: tuple[float, ...] = ()
    flat: bool = False

    @property
    def text(self) -> str:
        """The word itself, such as ``output:3`` or ``vector:1,0,-2``."""
        if self.kind == VECTOR:
            return vector_word(self.numbers)
        if self.flat:
            return f"{self.kind}:{FLAT}"
        return self.kind if self.index is None else f"{self.kind}:{self.index}"


def vector_word(numbers: Sequence[float]) -> str:
    """Return the word for a vector of one's own, each number with all its digits."""
    return f"{VECTOR}:{','.join(_shortest(number) for number in numbers)}"


def _shortest(number: float) -> str:
    text = repr(float(number))
    return text[:-2] if text.endswith(".0") else text


def parse(word: str) -> ObjectiveWord:
    """Return the objective that ``word`` names.

    Args:
        word: ``random``, ``output:K``, ``cross-entropy:K``, ``mse``, ``mse:flat`` or
            ``vector:A,B,...``, K a number from 0, A and B any numbers.

    Raises:
        UserMistake: the word is none of these.
    """
    kind, colon, number = word.partition(":")
    if kind in WITHOUT_INDEX and not colon:
        return ObjectiveWord(kind)
    if kind in WITH_INDEX:
        if not (number.isascii() and number.isdigit() and len(number) <= 9):
            raise UserMistake(_bad_number(word, kind, number))
        return ObjectiveWord(kind, int(number))
    if kind == MSE and number == FLAT:
        return ObjectiveWord(kind, flat=True)
    if kind == VECTOR:
        return ObjectiveWord(kind, numbers=_numbers(number))
    raise UserMistake(
        message(
            "capture",
            QT_TRANSLATE_NOOP(
                "capture",
                "“{word}” names no objective for backward. Write random, output:K, "
                "cross-entropy:K, mse or vector:A,B,..., for example cross-entropy:7.",
            ),
            word=word,
        )
    )


def _numbers(text: str) -> tuple[float, ...]:
    """Return the numbers of a vector.

    Raises:
        UserMistake: one is no finite number, or there are none or too many.
    """
    parts = text.split(",")
    if len(parts) > LONGEST_VECTOR:
        template = QT_TRANSLATE_NOOP(
            "capture",
            "The vector has {count} numbers; at most {limit} can be written out. In Python, "
            "backward= takes a tensor of any size.",
        )
        raise UserMistake(message("capture", template, count=len(parts), limit=LONGEST_VECTOR))
    return tuple(_number(part, at, len(parts)) for at, part in enumerate(parts))


def _number(text: str, at: int, count: int) -> float:
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    template = QT_TRANSLATE_NOOP(
        "capture",
        "Number {at} of the {count} of the vector is “{found}”; a finite number is wanted. Write "
        "it like vector:1,0,-2.5.",
    )
    raise UserMistake(message("capture", template, at=at, count=count, found=text.strip()[:40]))


def _bad_number(word: str, kind: str, number: str) -> Message:
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "The objective “{word}” has “{number}” where a number from 0 belongs. "
            "Write it like {kind}:7.",
        ),
        word=word,
        number=number,
        kind=kind,
    )
