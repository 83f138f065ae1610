"""Where each number of an array stands in one picture of cells, and back.

Every layout is the same thing: the array in C order, cut into tiles of equal size, the tiles set
row by row into a grid with a gap between them. A feature map is a tile, a kernel is a tile, each
value of a vector is a tile of one cell without a gap.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from lenet_viz.display.fold import columns_of_tiles, columns_of_vector, gap_between

Kind = Literal["maps", "kernels", "matrix", "vector", "bands"]
_KIND_OF_RANK: tuple[Kind, ...] = ("vector", "vector", "matrix", "maps")


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A layout of an array as one image. Lengths are in cells; one cell is one number.

    Attributes:
        kind: what the array is drawn as.
        shape: of the array.
        count: number of tiles.
        rows: of tiles.
        columns: of tiles; the last row may have fewer.
        tile_height: of one tile.
        tile_width: of one tile.
        gap: between neighbouring tiles.
    """

    kind: Kind
    shape: tuple[int, ...]
    count: int
    rows: int
    columns: int
    tile_height: int
    tile_width: int
    gap: int

    @classmethod
    def of(
        cls,
        shape: tuple[int, ...],
        *,
        kind: Kind | None = None,
        aspect: float = 1.0,
        gap: int | None = None,
    ) -> Self:
        """Return the layout of an array.

        Args:
            shape: of the array, without the batch axis; any rank, sizes of 0 allowed.
            kind: "maps" (..., H, W) is a grid of channels; "kernels" (out, in, kH, kW) has one
                row of tiles for each out and one column for each in, never wrapped (a
                convolution of rank 1 or 3 likewise); "matrix" (out, in) has no gaps; "vector" is
                folded like text; "bands" (C, ...) has one band for each C. By default the
                rank decides: vector, matrix, maps, kernels.
            aspect: width over height of the area to fill; only maps, vectors and bands obey.
            gap: in cells, instead of one that fits the size of the tiles.

        Raises:
            ValueError: ``aspect`` is not a positive number or ``gap`` is negative.
        """
        if not (0 < aspect < math.inf) or (gap is not None and gap < 0):
            raise ValueError(f"aspect {aspect} or gap {gap} is out of range")
        shape = tuple(int(size) for size in shape)
        chosen: Kind = kind or (_KIND_OF_RANK[len(shape)] if len(shape) < 4 else "kernels")
        if math.prod(shape) == 0:
            return cls(chosen, shape, 0, 0, 0, 0, 0, 0)
        count, height, width = _tiles(chosen, shape)
        if chosen in ("matrix", "vector"):
            gap = 0
        elif gap is None:
            gap = gap_between(count, height, width)
        if chosen == "kernels":
            columns = max(1, count // shape[0]) if len(shape) > 2 else 1
        elif chosen == "vector":
            columns = columns_of_vector(count, aspect)
        else:
            columns = columns_of_tiles(count, height, width, gap, aspect)
        return cls(chosen, shape, count, -(-count // columns), columns, height, width, gap)

    @classmethod
    def bands(cls, n: int, channels: int, *, aspect: float = 1.0, gap: int | None = None) -> Self:
        """Return the layout of a flattened (n,) vector as one band for each former channel.

        Args:
            n: values, a multiple of ``channels``: 576 from (16, 6, 6) is 16 bands of 36.
            channels: of the array that was flattened.
            aspect: width over height of the area to fill.
            gap: as in `Mosaic.of`.

        Raises:
            ValueError: ``n`` values cannot be cut into ``channels`` equal bands.
        """
        if channels <= 0 or n % channels:
            raise ValueError(f"{n} values are not {channels} bands of equal length")
        cut = cls.of((channels, n // channels), kind="bands", aspect=aspect, gap=gap)
        sizes = (cut.count, cut.rows, cut.columns, cut.tile_height, cut.tile_width, cut.gap)
        return cls("bands", (n,), *sizes)

    @property
    def height(self) -> int:
        """The image's height in cells."""
        return max(0, self.rows * (self.tile_height + self.gap) - self.gap)

    @property
    def width(self) -> int:
        """The image's width in cells."""
        return max(0, self.columns * (self.tile_width + self.gap) - self.gap)

    def tile_rect(self, tile: int) -> tuple[int, int, int, int]:
        """Return (y, x, height, width) of a tile in cells.

        Args:
            tile: a channel, a kernel (out · in-channels + in), a value of a vector, a band.

        Raises:
            IndexError: there is no such tile.
        """
        if not 0 <= tile < self.count:
            raise IndexError(f"tile {tile} of {self.count}")
        row, column = divmod(tile, self.columns)
        y, x = row * (self.tile_height + self.gap), column * (self.tile_width + self.gap)
        return y, x, self.tile_height, self.tile_width

    def tile_at(self, y: int, x: int) -> int | None:
        """Return the tile that covers a cell, or None in a gap, an empty place or outside.

        Args:
            y: row of the cell, 0 at the top.
            x: column of the cell.
        """
        if not (0 <= y < self.height and 0 <= x < self.width):
            return None
        row, down = divmod(y, self.tile_height + self.gap)
        column, right = divmod(x, self.tile_width + self.gap)
        tile = row * self.columns + column
        inside = down < self.tile_height and right < self.tile_width and tile < self.count
        return tile if inside else None

    def index_at(self, y: int, x: int) -> tuple[int, ...] | None:
        """Return the array's index shown in a cell, or None where no number is drawn.

        Args:
            y: row of the cell, 0 at the top.
            x: column of the cell.
        """
        tile = self.tile_at(y, x)
        if tile is None:
            return None
        top, left, height, width = self.tile_rect(tile)
        flat = (tile * height + y - top) * width + x - left
        return tuple(int(place) for place in np.unravel_index(flat, self.shape))

    def cell_of(self, index: tuple[int, ...]) -> tuple[int, int]:
        """Return (y, x) of the cell that shows an index of the array.

        Args:
            index: one non-negative number for each axis of ``shape``.

        Raises:
            IndexError: the array has no such index.
        """
        if len(index) != len(self.shape):
            raise IndexError(f"{index} for an array of shape {self.shape}")
        flat = 0
        for place, size in zip(index, self.shape, strict=True):
            if not 0 <= place < size:
                raise IndexError(f"{index} for an array of shape {self.shape}")
            flat = flat * size + place
        tile, within = divmod(flat, self.tile_height * self.tile_width)
        y, x, _, width = self.tile_rect(tile)
        return y + within // width, x + within % width

    def compose(self, elements: npt.NDArray[Any], fill: npt.ArrayLike = 0) -> npt.NDArray[Any]:
        """Return the image: shape (height, width, *rest), C-contiguous, the dtype of ``elements``.

        Args:
            elements: shape (*shape, *rest): the numbers themselves (no rest) or their colours
                (rest is 4).
            fill: for gaps and empty places, broadcast to ``rest``; 0 is transparent for RGBA.

        Raises:
            ValueError: ``elements`` has another shape.
        """
        rank = len(self.shape)
        if elements.shape[:rank] != self.shape:
            raise ValueError(f"elements of shape {elements.shape} for a mosaic of {self.shape}")
        rest = elements.shape[rank:]
        if elements.dtype == np.uint8 and rest == (4,) and elements.size:
            return self._compose_packed(elements, fill)
        return self._place(elements, np.asarray(fill, dtype=elements.dtype), rest)

    def _compose_packed(self, rgba: npt.NDArray[Any], fill: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return `compose` of colours, moved as whole words, which is several times faster."""
        words = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
        colour = np.empty(4, dtype=np.uint8)
        colour[...] = np.asarray(fill, dtype=np.uint8)
        image = self._place(words, colour.view(np.uint32)[0], ())
        return image[..., None].view(np.uint8)

    def _place(
        self, elements: npt.NDArray[Any], fill: Any, rest: tuple[int, ...]
    ) -> npt.NDArray[Any]:
        high, wide = self.tile_height + self.gap, self.tile_width + self.gap
        canvas = np.empty((self.rows, high, self.columns, wide, *rest), dtype=elements.dtype)
        if self.gap or self.count < self.rows * self.columns:
            canvas[...] = fill
        tiles = elements.reshape(self.count, self.tile_height, self.tile_width, *rest)
        whole = self.count // self.columns if self.columns else 0
        full = tiles[: whole * self.columns]
        grid = full.reshape(whole, self.columns, self.tile_height, self.tile_width, *rest)
        canvas[:whole, : self.tile_height, :, : self.tile_width] = grid.swapaxes(1, 2)
        left = tiles[whole * self.columns :].swapaxes(0, 1)
        if left.size:
            canvas[whole, : self.tile_height, : left.shape[1], : self.tile_width] = left
        image = canvas.reshape(self.rows * high, self.columns * wide, *rest)
        return np.ascontiguousarray(image[: self.height, : self.width])


def _tiles(kind: Kind, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return the number of tiles and a tile's height and width, for a shape without zeros."""
    total = math.prod(shape)
    if kind == "vector" or not shape:
        return total, 1, 1
    if kind == "bands":
        return shape[0], 1, total // shape[0]
    if kind == "matrix" or (kind == "kernels" and len(shape) <= 2):
        return 1, shape[0], total // shape[0]
    # A map or kernel of one dimension, as Conv1d has it, is one cell high.
    height, width = (1, shape[-1]) if len(shape) < (4 if kind == "kernels" else 2) else shape[-2:]
    return total // (height * width), height, width
