"""How many columns a row of equal tiles should be folded into."""

import math

import numpy as np

COLUMN_LIMIT = 16
"""A vector up to this long stays one column, so that its values can be labelled one a line."""


def columns_of_tiles(
    count: int, height: int, width: int, gap: int, aspect: float, full_worth: float = 0.9
) -> int:
    """Return the number of columns that shows ``count`` tiles largest in a given area.

    A grid without empty places is taken when its tiles are at least ``full_worth`` as large as
    the largest possible; among equals the wider grid wins.

    Args:
        count: tiles, at least 1.
        height: of a tile, in cells.
        width: of a tile, in cells.
        gap: between tiles, in cells.
        aspect: width over height of the area.
        full_worth: 0 to 1; 1 never gives up size for a full grid.
    """
    ideal = math.sqrt(count * aspect * (height + gap) / (width + gap))
    first = max(1, min(count, int(ideal * 0.5)))
    last = max(first, min(count, math.ceil(ideal * 2)))
    columns = np.arange(first, last + 1)
    rows = -(-count // columns)
    size = np.minimum(aspect / (columns * (width + gap) - gap), 1.0 / (rows * (height + gap) - gap))
    largest = size.max()
    full = (columns * rows == count) & (size >= largest * full_worth)
    candidates = full if full.any() else size >= largest * (1 - 1e-9)
    # Equal within rounding counts as equal, so that 6 tiles are 3 wide and 2 high, not 2 and 3.
    best = size[candidates].max() * (1 - 1e-9)
    return int(columns[candidates & (size >= best)].max())


def columns_of_vector(count: int, aspect: float) -> int:
    """Return the number of columns that a vector of ``count`` values is folded into.

    Args:
        count: values, at least 1.
        aspect: width over height of the area.
    """
    if count <= COLUMN_LIMIT:
        return 1
    return columns_of_tiles(count, 1, 1, 0, aspect, full_worth=0.75)


def gap_between(count: int, height: int, width: int) -> int:
    """Return the gap between tiles in cells: about a sixteenth of a tile's side, none for one tile.

    Args:
        count: tiles.
        height: of a tile, in cells.
        width: of a tile, in cells.
    """
    return max(1, round(math.sqrt(height * width) / 16)) if count > 1 else 0
