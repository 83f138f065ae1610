"""Where the cards of a branched run stand: levels as columns, branches as lanes."""

import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from lenet_viz.display.graph_layout import (
    Arrangement,
    Drawing,
    GraphLayout,
    Point,
    Spacing,
    arrange,
)
from lenet_viz.panels.card_layout import (
    NARROWEST,
    NARROWEST_ON_PAPER,
    WIDEST,
    Spot,
)
from lenet_viz.panels.strip_bars import bars_of, heads_of
from lenet_viz.panels.strip_heights import Lane, row_heights
from lenet_viz.session.outline import Outline

SPACING: Final = Spacing(across=15.0, lanes=10.0, bands=18.0, track=6.0, most=48.0, port=8.0)
APART: Final = 8.0
"""Between a band of a page and the bars of the next one."""
EDGE: Final = 2.0
_BUCKET: Final = 512.0


class StripGraph:
    """Cards in levels and lanes, and the lines between them.

    Attributes:
        width: of one card.
        total: width of everything.
        height: of everything.
    """

    def __init__(
        self, outline: Outline, available: int, room: int | None = None, *, wraps: bool = False
    ) -> None:
        """Lay the cards out.

        Args:
            outline: the cards.
            available: logical pixels of width; more are taken where the cards need them.
            room: height in which the cards had best fit; None for any.
            wraps: whether there are several bands, as on a page.
        """
        arrangement = _arranged(outline)
        layout, self.width = _fitting(arrangement, available - 2 * EDGE, wraps=wraps)
        self._spots = [Spot(one.row, one.column, one.band) for one in layout.places]
        self.bars = bars_of(outline, self.spot)
        heads = heads_of(self.bars, layout.rows)
        for row in layout.tops[1:]:
            heads[row] += APART if heads[row] else 0.0
        around = layout.measured(self.width, 0.0, SPACING, heads).height + 2 * EDGE
        tall = row_heights(_lanes(outline, arrangement, layout), around, room)
        drawing = layout.measured(self.width, tall, SPACING, heads)
        self.total = round(drawing.width + 2 * EDGE)
        self.height = round(drawing.height + 2 * EDGE)
        self._rects = [QRectF(t.x + EDGE, t.y + EDGE, t.width, t.height) for t in drawing.tiles]
        self._heads = self._head_rects(layout, heads)
        self._sort()
        self._index(layout, drawing)

    def _head_rects(self, layout: GraphLayout, heads: Sequence[float]) -> list[QRectF]:
        gutters = layout.gutter_heights(SPACING)
        tops = {spot.row: self._rects[at].top() for at, spot in enumerate(self._spots)}
        wide = self.total - 2 * EDGE
        # Lines run between the first bars and their cards; further down, above the bars.
        lines = [gutters[row] if row in layout.tops else 0.0 for row in range(layout.rows)]
        return [
            QRectF(EDGE, tops[row] - lines[row] - heads[row], wide, heads[row])
            for row in range(layout.rows)
        ]

    def _sort(self) -> None:
        """Order the cards by where they begin, so that those in sight are found at once."""
        self._order = sorted(range(len(self._rects)), key=lambda at: self._rects[at].left())
        self._lefts = [self._rects[at].left() for at in self._order]

    def _index(self, layout: GraphLayout, drawing: Drawing) -> None:
        self._lines: list[tuple[int, int, Sequence[Point]]] = []
        self._buckets: dict[int, list[int]] = {}
        for route, points in zip(layout.routes, drawing.routes, strict=True):
            moved = tuple((x + EDGE, y + EDGE) for x, y in points)
            number = len(self._lines)
            self._lines.append((route.source, route.target, moved))
            low, high = min(x for x, _ in moved), max(x for x, _ in moved)
            for bucket in range(int(low // _BUCKET), int(high // _BUCKET) + 1):
                self._buckets.setdefault(bucket, []).append(number)

    def spot(self, at: int) -> Spot:
        """Return where a card stands among the others."""
        return self._spots[at]

    def rect(self, at: int) -> QRectF:
        """Return the place of card number ``at``."""
        return self._rects[at]

    def head(self, row: int) -> QRectF:
        """Return the room above a row's lines."""
        return self._heads[row]

    def exposed(self, area: QRectF) -> Iterable[int]:
        """Return the numbers of the cards that an area may show."""
        first = bisect_left(self._lefts, area.left() - self.width)
        last = bisect_right(self._lefts, area.right())
        return [at for at in self._order[first:last] if self._rects[at].intersects(area)]

    def at(self, position: QPointF) -> int | None:
        """Return the number of the card under a point; None beside the cards."""
        near = self.exposed(QRectF(position.x() - 1, position.y() - 1, 2, 2))
        return next((at for at in near if self._rects[at].contains(position)), None)

    def lines(self, area: QRectF) -> Iterable[tuple[int, int, Sequence[Point]]]:
        """Return the lines that an area may show: source, target and points."""
        found: set[int] = set()
        for bucket in range(int(area.left() // _BUCKET), int(area.right() // _BUCKET) + 1):
            found.update(self._buckets.get(bucket, ()))
        return [self._lines[number] for number in sorted(found)]

    def lane(self, at: int, down: bool) -> int | None:
        """Return the nearest card in a lane above or below another one; None where none is."""
        own = self._spots[at]
        sign = 1 if down else -1
        found = [
            (abs(spot.column - own.column), abs(spot.row - own.row), other)
            for other, spot in enumerate(self._spots)
            if (spot.row - own.row) * sign > 0
        ]
        return min(found)[2] if found else None


_known: list[tuple[weakref.ref[Outline], Arrangement]] = []


def _arranged(outline: Outline) -> Arrangement:
    """Return levels and lanes of an outline's cards; the last ones are kept."""
    for known, found in _known:
        if known() is outline:
            return found
    parents = [tuple(sorted({*card.parents, *card.after})) for card in outline.cards]
    unseen = {
        (before, at)
        for at, card in enumerate(outline.cards)
        for before in card.after
        if before not in card.parents
    }
    made = arrange(parents, unseen=unseen)
    alive = [entry for entry in _known if entry[0]() is not None]
    _known[:] = [(weakref.ref(outline), made), *alive][:4]
    return made


def _fitting(
    arrangement: Arrangement, available: float, *, wraps: bool
) -> tuple[GraphLayout, float]:
    """Return the bands and the cards' width."""
    least = NARROWEST_ON_PAPER if wraps else NARROWEST
    columns = arrangement.length
    if wraps:
        columns = max(
            1, min(columns, int((available + SPACING.across) // (least + SPACING.across)))
        )
    while True:
        layout = arrangement.wrapped(columns)
        width = (available - sum(layout.gutter_widths(SPACING))) / columns
        if width >= least or not wraps or columns == 1:
            return layout, float(max(least, min(WIDEST, width)))
        columns -= 1


def _lanes(outline: Outline, arrangement: Arrangement, layout: GraphLayout) -> list[Lane]:
    """Return what stands in each row: the longest way, a branch, or nothing but what begins."""
    found = [Lane.SLIGHT] * layout.rows
    for card, lane, place in zip(outline.cards, arrangement.lanes, layout.places, strict=True):
        if lane == 0:
            found[place.row] = Lane.MAIN
        elif found[place.row] is Lane.SLIGHT and (card.parents or not card.count):
            found[place.row] = Lane.SIDE
    return found
