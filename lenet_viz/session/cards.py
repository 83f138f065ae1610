"""The names of the strip's cards: steps have their own, these stand beside them."""

from typing import Final

INPUT_CARD: Final = "input"
TARGET_CARD: Final = "target"
LOSS_CARD: Final = "loss"
FAILED_CARD: Final = "failed:here"
"""Stands after the last step where forward failed outside every op."""


def input_card(number: int) -> str:
    """Return the card of input number ``number``, counted from 0, such as ``input:1``."""
    return f"{INPUT_CARD}:{number}" if number else INPUT_CARD


def input_number(card: str) -> int | None:
    """Return which input a card stands for; None for any other card.

    A step may be called ``input:1`` as well, so a run's steps are to be asked first.
    """
    if card == INPUT_CARD:
        return 0
    name, _, number = card.partition(":")
    return int(number) if name == INPUT_CARD and number.isdecimal() else None
