"""Where marked elements lie in a mosaic: one box for each tile."""

import numpy as np
import numpy.typing as npt

from lenet_viz.display.mosaic import Mosaic

Box = tuple[int, int, int, int]
MOST_TILES = 600
"""In a mosaic of more tiles a box for each would hide what it marks."""


def boxes(mosaic: Mosaic, marked: npt.NDArray[np.bool_]) -> tuple[Box, ...]:
    """Return the smallest box around the marked elements of each tile: (y, x, height, width).

    Args:
        mosaic: where each element stands.
        marked: True for what is marked, as many elements as the mosaic has.
    """
    if marked.size != np.prod(mosaic.shape) or mosaic.count > MOST_TILES or not marked.any():
        return ()
    cells = mosaic.compose(marked.reshape(mosaic.shape), fill=False).astype(bool)
    found = []
    for tile in range(mosaic.count):
        top, left, height, width = mosaic.tile_rect(tile)
        part = cells[top : top + height, left : left + width]
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        if len(rows):
            high, wide = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
            found.append((top + int(rows[0]), left + int(columns[0]), high, wide))
    return tuple(found)
