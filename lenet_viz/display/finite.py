"""Walking through large arrays without copying them whole, and their finite range."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 20
"""Elements looked at in one go, so that no temporary is as large as the array."""


def blocks(array: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Yield the elements of ``array`` as one-dimensional pieces of at most `BLOCK` elements.

    Args:
        array: any shape, any dtype; contiguous arrays are not copied.
    """
    flat = array.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        yield flat[start : start + BLOCK]


def finite_part(block: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the finite elements of ``block``: itself, not a copy, where all of them are.

    Args:
        block: one dimension, any real dtype.
    """
    finite = np.isfinite(block)
    return block if finite.all() else block[finite]


def as_real(array: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return ``array`` as a NumPy array of bool, integers or real floats.

    Raises:
        TypeError: the numbers are complex, text or Python objects. Complex numbers have no
            single colour; pick the real part, the imaginary part or the magnitude first.
    """
    real = np.asarray(array)
    if real.dtype.kind not in "biuf":
        raise TypeError(f"an array of {real.dtype} cannot be drawn; real numbers are needed")
    if real.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            return real.astype(np.float64)
    return real


def finite_range(array: npt.ArrayLike) -> tuple[float, float] | None:
    """Return the smallest and largest finite element, or None where there is none.

    Integers come back as ``int``, because a float cannot hold every int64.

    Args:
        array: any shape, any real dtype, NaN and infinities allowed.
    """
    real = as_real(array)
    if real.size == 0:
        return None
    if real.dtype.kind in "biu":
        return int(real.min()), int(real.max())
    with np.errstate(invalid="ignore"):
        low, high = float(real.min()), float(real.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    return _finite_range_by_block(real)


def _finite_range_by_block(real: npt.NDArray[Any]) -> tuple[float, float] | None:
    low, high = np.inf, -np.inf
    for block in blocks(real):
        finite = finite_part(block)
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else None
