"""The bars above the cards: which module calls the cards below them ran in."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from lenet_viz.capture.records import ModuleCall
from lenet_viz.panels.card_layout import Places, Spot
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.outline import OpenCall, Outline

PITCH: Final = 18.0
"""Height of a bar and the gap below it."""
BAR: Final = 15.0
DEEPEST: Final = 3
"""How many bars stand above one another; the innermost of more are left out."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar over the cards of one call.

    Attributes:
        call: number of the call.
        row: the row of cards above which it stands.
        slot: how many bars are above it.
        first: column of its leftmost card.
        last: column of its rightmost card.
        band: line of the page.
        rect: where it stands.
    """

    call: int
    row: int
    slot: int
    first: int
    last: int
    band: int
    rect: QRectF = field(default_factory=QRectF)


def bars_of(outline: Outline, spot: Callable[[int], Spot]) -> list[Bar]:
    """Return the bars of the calls that are not folded, without their rectangles.

    Args:
        outline: the cards.
        spot: where each of them stands.
    """
    found: list[Bar] = []
    others = {spot(place) for place in range(len(outline.cards))}
    for call in _worth_a_bar(outline):
        bands: dict[int, list[Spot]] = {}
        for place in call.places:
            where = spot(place)
            bands.setdefault(where.band, []).append(where)
        for band, spots in bands.items():
            row, first, last = _over(spots, others - set(spots))
            beside = [bar.slot for bar in found if bar.row == row and _meet(bar, first, last)]
            slot = max(beside, default=-1) + 1
            if slot < DEEPEST:
                found.append(Bar(call.call, row, slot, first, last, band))
    return found


def _over(spots: Sequence[Spot], others: Set[Spot]) -> tuple[int, int, int]:
    """Return the row and the first and last column over which the bar of some cards stands."""
    row = min(one.row for one in spots)
    first, last = min(one.column for one in spots), max(one.column for one in spots)
    if any(one.row == row and first <= one.column <= last for one in others):
        # Over a card that does not belong to it, it would be wrong.
        spots = [one for one in spots if one.row == row]
        first, last = min(one.column for one in spots), max(one.column for one in spots)
    return row, first, last


def _worth_a_bar(outline: Outline) -> Sequence[OpenCall]:
    """Return the open calls; without one that holds everything where others need its room."""
    calls = outline.open_calls
    ran = sum(1 for card in outline.cards if card.count)
    deepest = max((call.depth for call in calls), default=0)
    if deepest < DEEPEST:
        return calls
    return [call for call in calls if len(call.places) < ran]


def _meet(bar: Bar, first: int, last: int) -> bool:
    return bar.first <= last and first <= bar.last


def heads_of(bars: Sequence[Bar], rows: int) -> list[float]:
    """Return for each row of cards the height that its bars take."""
    heads = [0.0] * rows
    for bar in bars:
        heads[bar.row] = max(heads[bar.row], (bar.slot + 1) * PITCH)
    return heads


def placed(bars: Sequence[Bar], places: Places, count: int) -> tuple[Bar, ...]:
    """Return the bars with their rectangles.

    Args:
        bars: the bars.
        places: where the cards stand.
        count: how many cards there are.
    """
    columns: dict[tuple[int, int], QRectF] = {}
    for at in range(count):
        spot = places.spot(at)
        columns.setdefault((spot.band, spot.column), places.rect(at))
    deep: dict[int, int] = {}
    for bar in bars:
        deep[bar.row] = max(deep.get(bar.row, 0), bar.slot + 1)
    found = []
    for bar in bars:
        left = columns[bar.band, bar.first].left()
        right = columns[bar.band, bar.last].right()
        # Next to their own cards, not to those of the row above.
        top = places.head(bar.row).bottom() - (deep[bar.row] - bar.slot) * PITCH
        found.append(replace(bar, rect=QRectF(left, top, right - left, BAR)))
    return tuple(found)


def bar_words(call: ModuleCall, short: bool = False) -> str:
    """Return what a bar says: the module's path, its class, which call it is.

    Args:
        call: the call.
        short: the last part of the path alone.
    """
    path = call.path.rpartition(".")[2] if short else call.path
    if call.calls > 1:
        return formatted(
            "Strip",
            "{path} · {type} · call {call} of {calls}",
            path=path,
            type=call.type,
            call=call.call,
            calls=call.calls,
        )
    return formatted("Strip", "{path} · {type}", path=path, type=call.type)


def bar_tip(call: ModuleCall, steps: int) -> str:
    """Return a bar's tool tip."""
    return "\n".join(
        (
            bar_words(call),
            formatted("Strip", "{steps} steps", steps=steps),
            translate("Strip", "Click to fold it into one card (- folds around the selected card)"),
        )
    )


def paint_bar(
    painter: QPainter, bar: Bar, call: ModuleCall, theme: Theme, *, hovered: bool, sign: bool
) -> None:
    """Paint a bar.

    Args:
        painter: where to draw.
        bar: with its rectangle.
        call: what it stands for.
        theme: its colours.
        hovered: whether the pointer is over it.
        sign: whether it has a sign that folds it; not on paper.
    """
    rect = bar.rect
    painter.setPen(QPen(theme.color("muted" if hovered else "line"), 1.0))
    painter.setBrush(theme.color("accent_ground" if hovered else "raised"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    text = rect.adjusted(6, 0, -18 if sign else -4, 0)
    painter.setFont(text_font(7.5))
    painter.setPen(theme.color("text" if hovered else "muted"))
    metrics = QFontMetricsF(painter.font())
    words = bar_words(call)
    if metrics.horizontalAdvance(words) > text.width():
        words = bar_words(call, short=True)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, text.width())
    painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
    if sign:
        middle = QPointF(rect.right() - 9.5, rect.center().y())
        painter.setPen(QPen(theme.color("text" if hovered else "muted"), 1.4))
        painter.drawLine(middle - QPointF(3.5, 0), middle + QPointF(3.5, 0))
