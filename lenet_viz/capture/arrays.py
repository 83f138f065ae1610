"""Where a record's numbers come from: memory, or a file that is read when asked."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


class ArraySource(Protocol):
    """Something that gives arrays by key."""

    def read(self, key: str) -> Array:
        """Return the array stored under ``key``, read-only."""
        ...


class MemoryArrays:
    """Arrays that are held in memory, made read-only."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Keep ``arrays`` and switch their write flag off."""
        self._arrays: dict[str, Array] = {}
        self._later: dict[str, Callable[[], Array]] = {}
        self.add(arrays)

    def add(self, arrays: Mapping[str, Array]) -> None:
        """Keep more ``arrays`` and switch their write flag off."""
        for key, array in arrays.items():
            array.flags.writeable = False
            self._arrays[key] = array

    def add_later(self, arrays: Mapping[str, Callable[[], Array]]) -> None:
        """Keep functions that make ``arrays``, each called when its array is first read."""
        self._later.update(arrays)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what `pickle` keeps: every array, made by now."""
        keys = (*self._arrays, *self._later)
        return MemoryArrays, ({key: self.read(key) for key in keys},)

    def read(self, key: str) -> Array:
        """Return the array stored under ``key``, read-only."""
        array = self._arrays.get(key)
        if array is None:
            array = self._later[key]()
            self.add({key: array})
        return array


def widened(stored: Array, dtype: str) -> Array:
    """Return a stored array as NumPy numbers of its logical type.

    NumPy and safetensors know neither bfloat16 nor every complex type. bfloat16 is stored as the
    16 bits of each number (uint16) and comes back as float32, exactly; complex numbers are
    stored as a last axis of two reals.

    Args:
        stored: the array as it lies in the file.
        dtype: the logical type, named as torch names it without its prefix, such as
            ``"float32"``, ``"bfloat16"``, ``"complex64"``.
    """
    if dtype == "bfloat16" and stored.dtype == np.uint16:
        wide = (stored.astype(np.uint32) << 16).view(np.float32)
    elif dtype == "complex32" and stored.dtype == np.float16:
        parts = stored.astype(np.float32)
        wide = (parts[..., 0] + 1j * parts[..., 1]).astype(np.complex64)
    elif dtype.startswith("complex") and not np.iscomplexobj(stored):
        wide = np.ascontiguousarray(stored).view(dtype)[..., 0]
    else:
        return stored
    wide.flags.writeable = False
    return wide
