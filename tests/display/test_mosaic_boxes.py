"""A box around what is marked in each tile, against a search cell by cell."""

import numpy as np
import pytest

from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.mosaic_boxes import boxes


@pytest.mark.parametrize("shape", [(6, 5, 4), (1, 3, 3), (7, 9), (11,)])
def test_boxes_hold_what_is_marked_and_no_more(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(2)
    mosaic = Mosaic.of(shape)
    for _ in range(30):
        marked = random.random(shape) < 0.1
        cells: dict[int, list[tuple[int, int]]] = {}
        for index in zip(*np.nonzero(marked), strict=True):
            y, x = mosaic.cell_of(tuple(map(int, index)))
            tile = mosaic.tile_at(y, x)
            assert tile is not None
            cells.setdefault(tile, []).append((y, x))
        wanted = []
        for _, found in sorted(cells.items()):
            ys, xs = zip(*found, strict=True)
            wanted.append((min(ys), min(xs), max(ys) - min(ys) + 1, max(xs) - min(xs) + 1))
        assert list(boxes(mosaic, marked)) == wanted


def test_nothing_marked_or_another_size_has_none() -> None:
    mosaic = Mosaic.of((2, 3, 3))
    assert boxes(mosaic, np.zeros((2, 3, 3), dtype=bool)) == ()
    assert boxes(mosaic, np.ones((3, 3), dtype=bool)) == ()
