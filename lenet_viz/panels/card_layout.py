"""Where the cards of the strip stand: in one row, or in several on a page."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

NARROWEST = 77
NARROWEST_ON_PAPER = 104
"""Wide enough for the names of most steps: a page has no tool tips."""
WIDEST = 132
GAP = 5
HEIGHT = 178


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cards stand, in logical pixels.

    Attributes:
        count: number of cards.
        width: of one card.
        per_row: how many stand in a row; None for all.
    """

    count: int
    width: float
    per_row: int | None = None

    def rect(self, at: int) -> QRectF:
        """Return the place of card number ``at``."""
        row, column = (0, at) if self.per_row is None else divmod(at, self.per_row)
        return QRectF(2 + column * (self.width + GAP), 2 + row * HEIGHT, self.width, HEIGHT - 4)

    def at(self, position: QPointF) -> int | None:
        """Return the number of the card under a point; None in a gap."""
        at = int((position.x() - 2) // (self.width + GAP))
        return at if 0 <= at < self.count and self.rect(at).contains(position) else None

    @property
    def total(self) -> int:
        """The width of all cards together."""
        columns = self.count if self.per_row is None else min(self.count, self.per_row)
        return round(4 + columns * (self.width + GAP) - GAP)

    @property
    def rows(self) -> int:
        """How many rows the cards stand in."""
        return 1 if self.per_row is None else max(1, -(-self.count // self.per_row))


def layout_for(count: int, available: int) -> Layout:
    """Return the layout that fills ``available`` pixels where the cards' limits allow it."""
    width = (available - 4 + GAP) / max(1, count) - GAP
    return Layout(count, float(max(NARROWEST, min(WIDEST, width))))


def wrapped_layout(count: int, available: int) -> Layout:
    """Return the layout of a page: as few rows as can be, with as many cards in each."""
    fit = max(1, (available - 4 + GAP) // (NARROWEST_ON_PAPER + GAP))
    rows = max(1, math.ceil(count / fit))
    per_row = max(1, math.ceil(count / rows))
    return Layout(count, layout_for(per_row, available).width, per_row)
