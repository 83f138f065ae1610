"""How high the cards of a branched run are: the main lane as high as there is room for."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from lenet_viz.panels.card_layout import HEIGHT


class Lane(Enum):
    """What stands in a row of cards."""

    MAIN = auto()
    SIDE = auto()
    SLIGHT = auto()


FULL: Final = {Lane.MAIN: HEIGHT - 4.0, Lane.SIDE: 124.0, Lane.SLIGHT: 70.0}
"""Heights where there is room for everything."""
LEAST: Final = {Lane.MAIN: 100.0, Lane.SIDE: 78.0, Lane.SLIGHT: 70.0}
"""Heights where that saves scrolling."""
SCROLLED: Final = {Lane.MAIN: 124.0, Lane.SIDE: 106.0, Lane.SLIGHT: 70.0}
"""Heights where there is too little room for all rows anyway."""


def row_heights(lanes: Sequence[Lane], around: float, room: float | None) -> list[float]:
    """Return the height of the cards of each row.

    Args:
        lanes: what stands in each row.
        around: height of everything but the cards.
        room: height in which all had best fit; None for any.
    """
    excess = 0.0 if room is None else around + sum(FULL[lane] for lane in lanes) - room
    heights = dict(FULL)
    for kind in (Lane.SIDE, Lane.MAIN):
        count = sum(lane is kind for lane in lanes)
        if count and excess > 0:
            less = min(excess / count, FULL[kind] - LEAST[kind])
            heights[kind] -= less
            excess -= less * count
    chosen = SCROLLED if excess > 1e-6 else heights
    return [chosen[lane] for lane in lanes]
