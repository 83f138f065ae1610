"""Which stage of one network stands beside which of another."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

Pair = tuple[int | None, int | None]


def aligned(left: Sequence[str], right: Sequence[str]) -> tuple[Pair, ...]:
    """Return the places of two lists that belong together, in order.

    Stages of the same name stand side by side; where names differ between two such stages, they
    are paired in order, and what is left over stands alone.

    Args:
        left: the names of one network's stages.
        right: the names of the other's.

    Returns:
        Pairs of places; None where one network has no such stage. Every place occurs once.
    """
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for _, first, end, second, other_end in matcher.get_opcodes():
        pairs += zip_longest(range(first, end), range(second, other_end))
    return tuple(pairs)
