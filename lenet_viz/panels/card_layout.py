"""Where the cards of the strip stand: in one row, or in several on a page."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF

from lenet_viz.display.graph_layout import Point

NARROWEST = 77
NARROWEST_ON_PAPER = 104
"""Wide enough for the names of most steps: a page has no tool tips."""
WIDEST = 132
GAP = 5
HEIGHT = 178


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a card stands among the others.

    Attributes:
        row: counted over everything, from 0.
        column: from 0.
        band: line of the page, from 0; a band has one row or several.
    """

    row: int
    column: int
    band: int


class Places(Protocol):
    """Where cards stand, in logical pixels."""

    @property
    def width(self) -> float:
        """The width of one card."""
        ...

    @property
    def total(self) -> int:
        """The width of all cards together."""
        ...

    @property
    def height(self) -> int:
        """The height of everything."""
        ...

    def rect(self, at: int) -> QRectF:
        """Return the place of card number ``at``."""
        ...

    def at(self, position: QPointF) -> int | None:
        """Return the number of the card under a point; None beside the cards."""
        ...

    def spot(self, at: int) -> Spot:
        """Return where a card stands among the others."""
        ...

    def head(self, row: int) -> QRectF:
        """Return the room above a row's lines, as wide as everything."""
        ...

    def exposed(self, area: QRectF) -> Iterable[int]:
        """Return the numbers of the cards that an area may show."""
        ...

    def lines(self, area: QRectF) -> Iterable[tuple[int, int, Sequence[Point]]]:
        """Return the lines that an area may show: source, target and points."""
        ...

    def lane(self, at: int, down: bool) -> int | None:
        """Return the card above or below another one; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Layout:
    """Cards side by side.

    Attributes:
        count: number of cards.
        width: of one card.
        per_row: how many stand in a row; None for all.
        above: height that is left free above each row.
    """

    count: int
    width: float
    per_row: int | None = None
    above: float = 0.0

    def rect(self, at: int) -> QRectF:
        """Return the place of card number ``at``."""
        spot = self.spot(at)
        top = spot.row * (HEIGHT + self.above) + self.above
        return QRectF(2 + spot.column * (self.width + GAP), 2 + top, self.width, HEIGHT - 4)

    def spot(self, at: int) -> Spot:
        """Return where a card stands among the others."""
        row, column = (0, at) if self.per_row is None else divmod(at, self.per_row)
        return Spot(row, column, row)

    def head(self, row: int) -> QRectF:
        """Return the room above a row."""
        return QRectF(2, 2 + row * (HEIGHT + self.above), self.total - 4, self.above)

    def exposed(self, area: QRectF) -> Iterable[int]:
        """Return the numbers of the cards that an area may show."""
        if self.per_row is not None:
            return range(self.count)
        pitch = self.width + GAP
        first = max(0, int(area.left() // pitch) - 1)
        return range(first, min(self.count, int(area.right() // pitch) + 2))

    def lines(self, area: QRectF) -> Iterable[tuple[int, int, Sequence[Point]]]:
        """Return nothing: each card follows the one before it."""
        del area
        return ()

    def lane(self, at: int, down: bool) -> int | None:
        """Return None: there is one lane."""
        del at, down
        return None

    def at(self, position: QPointF) -> int | None:
        """Return the number of the card under a point; None in a gap."""
        at = int((position.x() - 2) // (self.width + GAP))
        if self.per_row is not None:
            at += int(position.y() // (HEIGHT + self.above)) * self.per_row
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

    @property
    def height(self) -> int:
        """The height of all rows."""
        return round(self.rows * (HEIGHT + self.above))


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
