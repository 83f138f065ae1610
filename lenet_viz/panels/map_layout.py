"""How an array fills an area: which mosaic, where its tags stand, how large a cell is. No Qt."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lenet_viz.display.mosaic import Mosaic

Tags = Literal["none", "top", "left"]

BARS_UP_TO = 16
"""Vectors up to this long are drawn as bars with numbers."""

TAG_HEIGHT = 15.0
"""Logical pixels that a tag above its tile needs."""
TAG_WIDTH = 20.0
"""Logical pixels that a tag left of its tile needs."""
LARGEST_CELL = 64.0
"""Logical pixels; larger cells would only waste the eye's way."""

_LONGEST = 16_000
"""Cells along a side that Qt's painter still draws."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A mosaic and how it lies in its area.

    Attributes:
        mosaic: where each number stands.
        tags: where the tiles' tags stand.
        cell: logical pixels of a cell when the whole picture fits the area.
        left: logical pixels from the area's left edge to the mosaic's.
        top: logical pixels from the area's top edge to the mosaic's.
    """

    mosaic: Mosaic
    tags: Tags
    cell: float
    left: float
    top: float


def layout(
    shape: tuple[int, ...], width: float, height: float, *, bands: int = 0, tags: bool = True
) -> Layout:
    """Return the layout that shows an array largest.

    Args:
        shape: of the array without its batch axis, no size 0.
        width: of the area in logical pixels.
        height: of the area in logical pixels.
        bands: cut a vector into so many bands; 0 for no bands.
        tags: whether there should be room for the tiles' numbers.
    """
    width, height = max(width, 16.0), max(height, 16.0)
    aspect = width / height
    if bands:
        plain = Mosaic.bands(shape[0], bands, aspect=aspect, gap=1)
        if plain.columns > 1:
            plain = Mosaic.bands(shape[0], bands, aspect=aspect, gap=2)
        return _placed(plain, "left" if tags else "none", width, height)
    plain = Mosaic.of(shape, kind=_kind(shape), aspect=aspect)
    placed = _placed(plain, "none", width, height)
    if placed.cell < 2 or max(plain.width, plain.height) > _LONGEST:
        folded = _placed(Mosaic.of(shape, kind="vector", aspect=aspect), "none", width, height)
        if folded.cell > 2 * placed.cell:
            return folded
    if plain.kind != "maps" or plain.count < 2 or not tags:
        return placed
    return _with_tags(placed, aspect, width, height)


def tag_words(mosaic: Mosaic) -> list[str]:
    """Return each tile's tag: its channel, or its place on all axes before the last two."""
    lead = mosaic.shape[:-2] if mosaic.kind == "maps" else (mosaic.count,)
    if len(lead) < 2:
        return [str(tile) for tile in range(mosaic.count)]
    places = zip(*np.unravel_index(np.arange(mosaic.count), lead), strict=True)
    return [", ".join(str(int(at)) for at in place) for place in places]


def _kind(shape: tuple[int, ...]) -> Literal["vector", "matrix", "maps"]:
    if len(shape) < 2:
        return "vector"
    return "matrix" if len(shape) == 2 else "maps"


def _with_tags(plain: Layout, aspect: float, width: float, height: float) -> Layout:
    """Return a layout whose gaps are wide enough for tags, where that costs little."""
    mosaic = plain.mosaic
    gap = max(mosaic.gap, math.ceil(TAG_HEIGHT / plain.cell))
    if gap > max(2, mosaic.tile_height / 3):
        return plain
    wider = Mosaic.of(mosaic.shape, kind="maps", aspect=aspect, gap=gap)
    return _placed(wider, "top", width, height)


def _placed(mosaic: Mosaic, tags: Tags, width: float, height: float) -> Layout:
    above = TAG_HEIGHT if tags == "top" else 0.0
    before = TAG_WIDTH if tags == "left" else 0.0
    room_x, room_y = max(8.0, width - before - 4), max(8.0, height - above - 4)
    cell = min(room_x / mosaic.width, room_y / mosaic.height, LARGEST_CELL)
    if cell >= 4:
        # Halves of a pixel keep neighbouring cells alike; finer steps would beat visibly.
        cell = math.floor(cell * 2) / 2
    left = before + 2 + (room_x - cell * mosaic.width) / 2
    top = above + 2 + (room_y - cell * mosaic.height) / 2
    return Layout(mosaic, tags, cell, round(left), round(top))
