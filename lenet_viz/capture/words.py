"""The words that name an objective, such as ``cross-entropy:7``."""

from dataclasses import dataclass

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

RANDOM = "random"
OUTPUT = "output"
CROSS_ENTROPY = "cross-entropy"
MSE = "mse"
WITH_INDEX = (OUTPUT, CROSS_ENTROPY)
WITHOUT_INDEX = (RANDOM, MSE)


@dataclass(frozen=True, slots=True)
class ObjectiveWord:
    """What backward is to start from, as a word says it.

    Attributes:
        kind: ``random``, ``output``, ``cross-entropy`` or ``mse``.
        index: the output's or class's number from 0; None for a kind that has none.
    """

    kind: str
    index: int | None = None

    @property
    def text(self) -> str:
        """The word itself, such as ``output:3``."""
        return self.kind if self.index is None else f"{self.kind}:{self.index}"


def parse(word: str) -> ObjectiveWord:
    """Return the objective that ``word`` names.

    Args:
        word: ``random``, ``output:K``, ``cross-entropy:K`` or ``mse``, K a number from 0.

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
    raise UserMistake(
        message(
            "capture",
            QT_TRANSLATE_NOOP(
                "capture",
                "“{word}” names no objective for backward. Write random, output:K, "
                "cross-entropy:K or mse, for example cross-entropy:7.",
            ),
            word=word,
        )
    )


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
