"""One block of terms: grids of numbers that are multiplied, or the largest terms as lines."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.display.scale import Scale
from lenet_viz.display.sums import decimals_that_add_up, shown
from lenet_viz.explain.terms import Block, Explanation, Factor, How
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.panels.theme import code_font, text_font
from lenet_viz.panels.why_items import CELL_HEIGHT, CELL_WIDTH, Grid, Hit, Item, Sign, Text
from lenet_viz.panels.why_words import short

if TYPE_CHECKING:
    from lenet_viz.panels.why_column import Acts

LINES_SHOWN = 8
SIGN = 16.0
LEAST_CELL = 30.0
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def order_of(answer: Explanation) -> list[int]:
    """Return the blocks in the order of their rows: as they come, or the largest first if many."""
    every = list(range(len(answer.blocks)))
    if len(every) <= 15:
        return every
    return sorted(every, key=lambda at: -abs(answer.blocks[at].total))


def block_items(
    capture: Capture, answer: Explanation, block: Block, width: float, acts: "Acts"
) -> tuple[list[Item], float]:
    """Return a block's items, placed from y = 0 on, and their height."""
    factors = [each for each in block.factors if each.values.shape or len(block.factors) == 1]
    columns = block.shape[-1] if block.shape else 1
    rows = block.shape[0] if len(block.shape) > 1 else 1
    grids = len(factors) + (len(factors) > 1)
    room = (width - SIGN * (grids - 1)) / max(1, grids)
    fits = len(block.shape) == 2 and columns * LEAST_CELL <= room and rows <= 9
    window = answer.how is How.LARGEST and rows * columns <= 64 and columns * LEAST_CELL <= width
    if fits or window:
        return _grids(answer, block, factors, min(room, CELL_WIDTH * columns), acts)
    return _lines(block, width, acts)


def _grids(
    answer: Explanation, block: Block, factors: list[Factor], room: float, acts: "Acts"
) -> tuple[list[Item], float]:
    """Return the factors as grids side by side, and their products."""
    rows = block.shape[0] if len(block.shape) > 1 else 1
    columns = block.shape[-1] if block.shape else 1
    wide = max(LEAST_CELL * columns, room)
    items: list[Item] = []
    x, head = 0.0, 17.0
    for number, factor in enumerate(factors):
        if number:
            items.append(Sign(QRectF(x, head, SIGN, rows * CELL_HEIGHT), text="×"))
            x += SIGN
        values = factor.values.reshape(rows, columns)
        rect = QRectF(x, head, wide, rows * CELL_HEIGHT)
        title = QRectF(x, 0, wide, head)
        items.append(
            Text(title, text=translated(factor.role), font=text_font(8), role="muted", flags=_LEFT)
        )
        marked = None
        if block.chosen is not None:
            place = block.chosen
            marked = (place[0], place[1]) if len(place) > 1 else (0, place[0])
        grid = Grid(rect, values=values, scale=Scale.of(values), marked=marked)
        grid.padding = _padding(factor, rows, columns)
        grid.hits = _cell_hits(factor, rect, rows, columns, acts)
        items.append(grid)
        x += wide
    if len(factors) > 1:
        items.append(Sign(QRectF(x, head, SIGN, rows * CELL_HEIGHT), text="="))
        x += SIGN
        products = block.products.reshape(rows, columns)
        words = QRectF(x, 0, wide, head)
        text = translate("Why", "products")
        items.append(Text(words, text=text, font=text_font(8), role="muted", flags=_LEFT))
        rect = QRectF(x, head, wide, rows * CELL_HEIGHT)
        items.append(Grid(rect, values=products, scale=Scale.of(products)))
    return items, head + rows * CELL_HEIGHT


def _padding(factor: Factor, rows: int, columns: int) -> np.ndarray | None:
    if factor.indices is None or not factor.indices.shape[-1]:
        return None
    return np.asarray((factor.indices < 0).any(axis=-1)).reshape(rows, columns)


def _cell_hits(factor: Factor, rect: QRectF, rows: int, columns: int, acts: "Acts") -> list[Hit]:
    hits = []
    wide, high = rect.width() / columns, rect.height() / rows
    flat = len(factor.values.shape) < 2
    for row, column in np.ndindex(rows, columns):
        place = ((column,) if factor.values.shape else ()) if flat else (row, column)
        where = factor.at(place)
        if where is None:
            continue
        cell = QRectF(rect.left() + column * wide, rect.top() + row * high, wide, high)
        value = numbers.exact(np.float32(factor.values[place]))
        tip = formatted("Why", "{name} = {value}: click to ask why", name=short(where), value=value)
        hits.append(Hit(cell, partial(acts.ask, where), tip, where))
    return hits


def _lines(block: Block, width: float, acts: "Acts") -> tuple[list[Item], float]:
    """Return the largest terms, one a line, and the rest in one more."""
    flat = block.products.reshape(-1)
    magnitude = np.where(np.isnan(flat), np.inf, np.abs(flat))
    order = np.argsort(-magnitude, kind="stable")
    top = [int(at) for at in order[:LINES_SHOWN]]
    rest = [int(at) for at in order[LINES_SHOWN:]]
    left = float(flat[rest].sum()) if rest else 0.0
    totals = [float(flat[at]) for at in top]
    decimals = decimals_that_add_up([*totals, left], float(sum(totals)) + left)
    font = code_font(8.5)
    metrics = QFontMetricsF(font)
    high, y = 19.0, 0.0
    items: list[Item] = []
    for at in top:
        place = tuple(int(one) for one in np.unravel_index(at, block.shape)) if block.shape else ()
        items += _term(block, place, shown(float(flat[at]), decimals), y, width, metrics, acts)
        y += high
    if rest:
        text = formatted("Why", "+ {count} more", count=len(rest))
        rect = QRectF(4, y, width - 8, high)
        items.append(Text(rect, text=text, font=text_font(9), role="muted", flags=_LEFT))
        total = shown(left, decimals)
        items.append(Text(QRectF(rect), text=total, font=font, role="muted", flags=_RIGHT))
        y += high
    return items, y


def _term(
    block: Block,
    place: tuple[int, ...],
    total: str,
    y: float,
    width: float,
    metrics: QFontMetricsF,
    acts: "Acts",
) -> list[Item]:
    """Return one term as a line: what is multiplied with what, and what it comes to."""
    items: list[Item] = []
    x, high = 4.0, 19.0
    font = code_font(8.5)
    right = metrics.horizontalAdvance(total) + 8
    room = width - right - 8
    for number, factor in enumerate(block.factors):
        value = numbers.text(np.float32(factor.values[place]), 4)
        where = factor.at(place)
        name = factor.symbol if where is None else short(where)
        text = ("× " if number else "") + f"{name} {value}  "
        wide = metrics.horizontalAdvance(text)
        if x + wide > room:
            text = ("× " if number else "") + f"{value}  "
            wide = metrics.horizontalAdvance(text)
        rect = QRectF(x, y, wide, high)
        role = "text" if where is None else "accent"
        item = Text(rect, text=text.rstrip(), font=font, role=role, flags=_LEFT)
        if where is not None:
            tip = formatted("Why", "{name} = {value}: click to ask why", name=name, value=value)
            item.hits = [Hit(rect, partial(acts.ask, where), tip, where)]
        items.append(item)
        x += wide
    place_right = QRectF(width - right - 4, y, right, high)
    items.append(Text(place_right, text=total, font=font, flags=_RIGHT))
    return items
