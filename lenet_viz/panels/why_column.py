"""A column of items in the Why panel, what of an answer is unfolded, and what clicks do."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from lenet_viz.panels.why_items import Hit, Item, Text


@dataclass(frozen=True)
class Look:
    """What of an answer is unfolded.

    Attributes:
        open: the blocks that are unfolded, by number.
        all_blocks: whether every block has a row.
        formula: whether the general formula is shown.
        paper: whether nobody can click: the formula is shown, and the largest block's terms.
        reached: how many elements of the map a sweep has come to; None without a sweep.
    """

    open: frozenset[int] = frozenset()
    all_blocks: bool = False
    formula: bool = False
    paper: bool = False
    reached: int | None = None


@dataclass
class Layout:
    """Items one below another.

    Attributes:
        width: the room there is.
        items: what is painted, in this order.
        hits: what can be clicked.
        y: where the next item begins.
    """

    width: float
    items: list[Item] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    y: float = 0.0

    def text(
        self, text: str, font: QFont, role: str = "text", *, indent: float = 0.0, gap: float = 6.0
    ) -> QRectF:
        """Add a paragraph and return its place."""
        room = QRectF(indent, 0, max(20.0, self.width - 2 * indent), 1e6)
        flags = int(Qt.TextFlag.TextWordWrap)
        high = QFontMetricsF(font).boundingRect(room, flags, text).height()
        rect = QRectF(indent, self.y, room.width(), high + 1)
        self.items.append(Text(rect, text=text, font=font, role=role))
        self.y += high + gap
        return rect

    def add(self, items: list[Item], height: float, gap: float = 8.0) -> None:
        """Add items that were placed from y = 0 on, and go on below them."""
        for item in items:
            # Before the item moves: a hit may share its rectangle.
            self.hits += [
                Hit(hit.rect.translated(0, self.y), hit.act, hit.tip, hit.address)
                for hit in item.hits
            ]
            item.rect.moveTop(item.rect.top() + self.y)
        self.items += items
        self.y += height + gap


class Acts:
    """What clicks do; the board sets it."""

    def __init__(self) -> None:
        """Do nothing yet."""
        self.toggle: Callable[[int], None] = lambda number: None
        self.show_all: Callable[[], None] = lambda: None
        self.show_formula: Callable[[], None] = lambda: None
        self.ask: Callable[[object], None] = lambda address: None
