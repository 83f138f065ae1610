"""The row of pictures over an answer: the map with its patch, the kernel, the map it made."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from lenet_viz.display.fold import COLUMN_LIMIT, columns_of_vector
from lenet_viz.display.scale import Scale
from lenet_viz.explain.operands import array_at
from lenet_viz.explain.terms import Block, Explanation, Factor
from lenet_viz.panels.text import formatted, translated
from lenet_viz.panels.theme import text_font
from lenet_viz.panels.thumbnail import drawable
from lenet_viz.panels.why_items import Hit, Item, Sign, SmallMap, Text
from lenet_viz.panels.why_words import name_of

if TYPE_CHECKING:
    from lenet_viz.panels.why_column import Acts

HEAD = 17.0
LARGEST = 118.0
SIGN = 20.0
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
Frame = tuple[int, int, int, int]


def picture_items(
    capture: Capture,
    answer: Explanation,
    block: Block | None,
    width: float,
    acts: "Acts",
    reached: int | None = None,
) -> tuple[list[Item], float]:
    """Return the row of maps, placed from y = 0 on, and its height; none where there is no map.

    Args:
        capture: the run.
        answer: what is explained.
        block: the terms whose maps are drawn.
        width: the room there is.
        acts: what clicks do.
        reached: how many elements of the map a sweep has come to; None without a sweep.
    """
    asked = answer.asked
    if reached is not None and len(asked.index or ()) == 2:
        return _vector_items(capture, asked, width, reached)
    mine = _channel(capture, asked)
    if block is None or mine is None:
        return [], 0.0
    maps: list[tuple[str, Array, Frame | None, Factor | None]] = []
    for factor in block.factors[:2]:
        found = _factor_map(capture, factor)
        if found is not None:
            maps.append((*found, factor))
    if not any(frame is not None for _, _, frame, _ in maps):
        return [], 0.0
    index = asked.index or ()
    maps.append((_title(asked), mine, (index[-2], index[-1], 1, 1), None))
    room = (width - SIGN * (len(maps) - 1)) / len(maps)
    side = min(LARGEST, room)
    items: list[Item] = []
    x, tallest = 0.0, 0.0
    for number, (title, values, frame, source) in enumerate(maps):
        if number:
            sign = "=" if number == len(maps) - 1 else "×"
            items.append(Sign(QRectF(x, HEAD, SIGN, side), text=sign))
            x += SIGN
        high = min(side, side * values.shape[0] / max(1, values.shape[1]))
        wide = min(side, high * values.shape[1] / max(1, values.shape[0]))
        words = QRectF(x, 0, side, HEAD)
        font = text_font(8)
        last = number == len(maps) - 1
        if last:  # nothing stands beside it
            words.setWidth(max(side, width - x))
        room_for = words.width() if last else side + SIGN - 6
        words.setWidth(room_for)
        short = QFontMetricsF(font).elidedText(title, Qt.TextElideMode.ElideRight, room_for)
        items.append(Text(words, text=short, font=font, role="muted", flags=_LEFT))
        picture = SmallMap(
            QRectF(x, HEAD, wide, high),
            values=values,
            scale=Scale.of(drawable(values)),
            frame=frame,
            reached=reached if source is None else None,
        )
        picture.hits = [_hit(picture.rect, source, title, acts)] if source is not None else []
        items.append(picture)
        x += side
        tallest = max(tallest, high)
    return items, HEAD + tallest


def _vector_items(
    capture: Capture, asked: Address, width: float, reached: int
) -> tuple[list[Item], float]:
    """Return a vector that a sweep fills, folded into rows."""
    array, index = array_at(capture, asked), asked.index or ()
    if array is None or np.iscomplexobj(array) or array.ndim != 2 or array.shape[-1] < 2:
        return [], 0.0
    values = drawable(np.asarray(array[index[0]]))
    columns = columns_of_vector(values.size, 4.0) if values.size > COLUMN_LIMIT else values.size
    rows = -(-values.size // columns)
    padded = np.concatenate([values, np.zeros(rows * columns - values.size, values.dtype)])
    cell = min(20.0, width / columns, LARGEST / rows)
    frame = (index[1] // columns, index[1] % columns, 1, 1)
    words = Text(
        QRectF(0, 0, width, HEAD), text=_title(asked), font=text_font(8), role="muted", flags=_LEFT
    )
    picture = SmallMap(
        QRectF(0, HEAD, cell * columns, cell * rows),
        values=padded.reshape(rows, columns),
        scale=Scale.of(values),
        frame=frame,
        reached=reached,
    )
    return [words, picture], HEAD + cell * rows


def _hit(rect: QRectF, source: Factor, title: str, acts: "Acts") -> Hit:
    """Return that a click on a map asks for the middle number of what is framed in it."""
    places = [place for place in np.ndindex(*source.values.shape) if source.at(place) is not None]
    where = source.at(places[len(places) // 2]) if places else None
    tip = formatted("Why", "{title}: click to ask for its middle number", title=title)
    return Hit(rect, (lambda: acts.ask(where)) if where is not None else (lambda: None), tip)


def _channel(capture: Capture, address: Address) -> Array | None:
    """Return the map in which a number lies; None where it lies in none."""
    index = address.index
    if index is None or len(index) < 3 or address.place is Place.PARAMETER:
        return None
    array = array_at(capture, address)
    if array is None or min(array.shape[-2:]) < 2 or np.iscomplexobj(array):
        return None
    return np.asarray(array[index[:-2]])


def _title(address: Address) -> str:
    index = address.index or ()
    name = name_of(address)
    if len(index) < 3:
        return name
    return formatted("Why", "{name}, channel {number}", name=name, number=index[-3])


def _factor_map(capture: Capture, factor: Factor) -> tuple[str, Array, Frame | None] | None:
    """Return the map a factor's numbers were read from, and what of it they are."""
    if factor.address is None or factor.indices is None or factor.indices.shape[-1] < 3:
        return None
    real = factor.indices.reshape(-1, factor.indices.shape[-1])
    real = real[(real >= 0).all(axis=1)]
    if not len(real) or (real[:, :-2] != real[0, :-2]).any():
        return None
    array = array_at(capture, factor.address)
    if array is None or np.iscomplexobj(array):
        return None
    values = np.asarray(array[tuple(real[0, :-2])])
    top, left = (int(least) for least in real[:, -2:].min(axis=0))
    bottom, right = (int(most) for most in real[:, -2:].max(axis=0))
    if factor.address.place is Place.PARAMETER:
        return translated(factor.role), values, None
    where = Address(
        factor.address.place,
        factor.address.name,
        factor.address.output,
        factor.address.side,
        tuple(int(at) for at in real[0]),
    )
    return _title(where), values, (top, left, bottom - top + 1, right - left + 1)
