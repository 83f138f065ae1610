"""Which numbers a colour map's ends stand for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from lenet_viz.display.finite import as_real, finite_range

Kind = Literal["signed", "positive", "grey"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers at the two ends of a colour bar.

    Attributes:
        kind: "signed" runs from blue through white to red, symmetric about 0; "positive" is the
            upper half of the same map, so that one share of ``high`` has one colour in both;
            "grey" runs from black to white and is for input pictures only.
        low: number at the low end, finite, always below ``high``.
        high: number at the high end, finite.
    """

    kind: Kind
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"a scale needs finite low < high, found {self.low}, {self.high}")
        if self.kind == "signed" and self.low != -self.high:
            raise ValueError(f"a signed scale is symmetric, found {self.low}, {self.high}")
        if self.kind == "positive" and self.low != 0:
            raise ValueError(f"a positive scale starts at 0, found {self.low}")

    @classmethod
    def of(cls, array: npt.ArrayLike, grey: bool = False) -> Self:
        """Return the scale that shows every finite number of ``array``.

        Args:
            array: any shape, any real dtype; NaN and infinities do not count. Where no finite
                number other than 0 is left, the scale is 0 to 1.
            grey: for an input picture. Its scale always includes 0, so that the 0 of a picture
                without negative numbers is black.
        """
        return cls._between(*(finite_range(array) or (0.0, 0.0)), grey)

    @classmethod
    def of_channels(cls, array: npt.ArrayLike, grey: bool = False) -> tuple[Self, ...]:
        """Return one scale for each element of the first axis, as `Scale.of` would give.

        Args:
            array: shape (C, ...), any real dtype.
            grey: as in `Scale.of`.
        """
        real = as_real(array)
        flat = real.reshape(len(real), math.prod(real.shape[1:]))
        if flat.size and real.dtype.kind == "f":
            with np.errstate(invalid="ignore"):
                low, high = flat.min(axis=1), flat.max(axis=1)
            if np.isfinite(low).all() and np.isfinite(high).all():
                pairs = zip(low.tolist(), high.tolist(), strict=True)
                return tuple(cls._between(one, other, grey) for one, other in pairs)
        return tuple(cls.of(row, grey) for row in flat)

    @classmethod
    def _between(cls, low: float, high: float, grey: bool) -> Self:
        if grey:
            low, high = float(min(low, 0)), float(max(high, 0))
            return cls("grey", low, high if low < high else 1.0)
        largest = float(max(-low, high)) or 1.0
        if low < 0:
            return cls("signed", -largest, largest)
        return cls("positive", 0.0, largest)


def as_columns(
    scales: Sequence[Scale], dimensions: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the lows and highs of ``scales``, each of shape (C, 1, ...) to broadcast.

    Args:
        scales: C scales, one for each channel.
        dimensions: number of axes that the answer has.
    """
    shape: tuple[Any, ...] = (len(scales), *([1] * (dimensions - 1)))
    lows = np.array([scale.low for scale in scales], dtype=np.float64).reshape(shape)
    highs = np.array([scale.high for scale in scales], dtype=np.float64).reshape(shape)
    return lows, highs
