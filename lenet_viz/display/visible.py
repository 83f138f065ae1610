"""Which cells of a very large picture have to be coloured for what is on screen."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Visible:
    """The rows and columns of a two-dimensional array that are drawn.

    Attributes:
        rows: indices along the first axis, evenly spaced.
        columns: indices along the second axis, evenly spaced.
    """

    rows: range
    columns: range

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        top: float,
        left: float,
        height: float,
        width: float,
        pixels: tuple[int, int],
    ) -> Self:
        """Return what is drawn of the window at ``top``, ``left``, clipped to the array.

        With a step of s every s-th row is drawn, always the multiples of s, so that a picture
        does not flicker while it is panned. The step is 1 as soon as a cell has a pixel.

        Args:
            shape: rows and columns of the array.
            top: of the window, in cells, may be negative or fractional.
            left: of the window, in cells.
            height: of the window, in cells.
            width: of the window, in cells.
            pixels: (high, wide), the size of the window on screen in physical pixels.
        """
        return cls(
            _indices(shape[0], top, height, pixels[0]), _indices(shape[1], left, width, pixels[1])
        )

    @property
    def whole(self) -> bool:
        """Whether no row and no column is left out between the first and the last."""
        return self.rows.step == 1 and self.columns.step == 1

    @property
    def rect(self) -> tuple[int, int, int, int]:
        """(y, x, height, width) that the picked cells cover, in cells of the array.

        The last picked row or column stands for a whole step and may reach past the array.
        """
        return (
            self.rows.start,
            self.columns.start,
            len(self.rows) * self.rows.step,
            len(self.columns) * self.columns.step,
        )

    def pick(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a view, not a copy, of the drawn elements: shape (rows, columns, ...).

        Args:
            array: shape (rows, columns, ...), as given to `Visible.of`.
        """
        return array[_slice(self.rows), _slice(self.columns)]

    def index_at(self, y: int, x: int) -> tuple[int, int] | None:
        """Return the array's (row, column) that a cell of the picked view shows, or None.

        Args:
            y: row in the view.
            x: column in the view.
        """
        if not (0 <= y < len(self.rows) and 0 <= x < len(self.columns)):
            return None
        return self.rows[y], self.columns[x]


def as_plane(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return ``array`` as (first axis, all the others): the plane of a "matrix" mosaic.

    Args:
        array: any shape; contiguous arrays are not copied.
    """
    rows = array.shape[0] if array.ndim else 1
    return array.reshape(rows, math.prod(array.shape[1:]))


def _indices(size: int, start: float, length: float, pixels: int) -> range:
    first = min(size, max(0, math.floor(start)))
    last = min(size, max(first, math.ceil(start + length)))
    step = max(1, int(np.ceil((last - first) / max(1, pixels))))
    return range(first // step * step, last, step)


def _slice(indices: range) -> slice:
    return slice(indices.start, indices.stop, indices.step)
