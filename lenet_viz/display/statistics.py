"""What an array holds, in a few numbers: range, mean, spread, zeros, NaN, and a histogram."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lenet_viz.display.finite import as_real, blocks, finite_part, finite_range

_SAFE_EXPONENT = 300
"""Squares and sums of 2⁴⁰ float64 numbers below 2³⁰⁰ do not overflow, above 2⁻³⁰⁰ not vanish."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts and moments of an array; the six counts from ``zeros`` on add up to ``count``.

    Attributes:
        count: all elements.
        finite: elements that are neither NaN nor infinite.
        min: smallest finite element, None where there is none.
        max: largest finite element, None where there is none.
        mean: of the finite elements, accumulated in float64.
        std: spread of the finite elements, divided by their number (population, not sample).
        zeros: elements exactly 0, either sign.
        negative: finite elements below 0.
        positive: finite elements above 0.
        nan: elements that are not a number.
        positive_infinity: elements that are +inf.
        negative_infinity: elements that are -inf.
    """

    count: int
    finite: int
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    zeros: int
    negative: int
    positive: int
    nan: int
    positive_infinity: int
    negative_infinity: int

    @classmethod
    def of(cls, array: npt.ArrayLike) -> Self:
        """Return the statistics of an array.

        Args:
            array: any shape, any real dtype, NaN and infinities allowed.
        """
        real = as_real(array)
        ends = finite_range(real)
        zeros = real.size - int(np.count_nonzero(real))
        nan = positive_infinity = negative_infinity = 0
        if real.dtype.kind == "f":
            nan = int(np.count_nonzero(np.isnan(real)))
            positive_infinity = int(np.count_nonzero(real == np.inf))
            negative_infinity = int(np.count_nonzero(real == -np.inf))
        below = int(np.count_nonzero(real < 0)) - negative_infinity
        finite = real.size - nan - positive_infinity - negative_infinity
        mean, std = _moments(real, ends, finite) if ends else (None, None)
        return cls(
            count=real.size,
            finite=finite,
            min=ends[0] if ends else None,
            max=ends[1] if ends else None,
            mean=mean,
            std=std,
            zeros=zeros,
            negative=below,
            positive=finite - zeros - below,
            nan=nan,
            positive_infinity=positive_infinity,
            negative_infinity=negative_infinity,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Histogram:
    """How often numbers fall between edges; exact zeros and non-finite numbers stand apart.

    Attributes:
        edges: float64 of shape (bins + 1,), rising. No bin has 0 inside it, so that a bin shows
            one sign only (with at least two bins).
        counts: int64 of shape (bins,): finite numbers other than 0. A number on an edge counts
            to the right of it, the largest one to the last bin.
        zeros: numbers exactly 0.
        nonfinite: NaN and infinities.
    """

    edges: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    zeros: int
    nonfinite: int


def histogram(array: npt.ArrayLike, bins: int) -> Histogram:
    """Return the histogram of an array.

    Args:
        array: any shape, any real dtype.
        bins: at least 1.

    Raises:
        ValueError: ``bins`` is below 1.
    """
    if bins < 1:
        raise ValueError(f"{bins} bins")
    real = as_real(array)
    edges = _edges(finite_range(real) or (0.0, 1.0), bins)
    zeros = nonfinite = 0
    counts = np.zeros(bins, dtype=np.int64)
    for block in blocks(real):
        values = finite_part(block)
        nonfinite += block.size - values.size
        zeros += values.size - int(np.count_nonzero(values))
        values = values[values != 0].astype(np.float64)
        place = np.searchsorted(edges, values, side="right") - 1
        counts += np.bincount(np.clip(place, 0, bins - 1), minlength=bins)
    return Histogram(edges, counts, zeros, nonfinite)


def _edges(ends: tuple[float, float], bins: int) -> npt.NDArray[np.float64]:
    exponent = _shift(ends)
    low, high = (math.ldexp(float(end), -exponent) for end in ends)
    if low < 0 < high and bins > 1:
        # One bin more than the width asks for makes room to put an edge on 0.
        width = (high - low) / (bins - 1)
        negative = min(bins - 1, max(1, math.ceil(-low / width)))
        edges = (np.arange(bins + 1) - negative) * width
        # Rounding must leave no number outside.
        edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    else:
        largest = max(abs(low), abs(high))
        if high - low <= largest * bins * 1e-15:
            # One number, or too close ones to cut between: half its size to either side.
            low, high = (low - largest / 2, high + largest / 2) if largest else (0.0, 1.0)
        edges = np.linspace(low, high, bins + 1)
    with np.errstate(over="ignore", under="ignore"):
        limit = np.finfo(np.float64).max
        clipped: npt.NDArray[np.float64] = np.clip(np.ldexp(edges, exponent), -limit, limit)
    return clipped


def _shift(ends: tuple[float, float]) -> int:
    """Return an exponent to divide by so that squares stay in range; 0 for ordinary numbers."""
    largest = max(abs(float(ends[0])), abs(float(ends[1])))
    exponent = math.frexp(largest)[1] if largest else 0
    return exponent if abs(exponent) > _SAFE_EXPONENT else 0


def _shifted(values: npt.NDArray[Any], exponent: int) -> npt.NDArray[np.float64]:
    wide = values.astype(np.float64)
    return np.ldexp(wide, -exponent) if exponent else wide


def _moments(real: npt.NDArray[Any], ends: tuple[float, float], finite: int) -> tuple[float, float]:
    """Return mean and spread in two passes, which keeps digits that one pass would cancel."""
    exponent = _shift(ends)
    low, high = (math.ldexp(float(end), -exponent) for end in ends)
    total = squares = 0.0
    with np.errstate(under="ignore"):
        for block in blocks(real):
            total += float(_shifted(finite_part(block), exponent).sum())
        # Rounding must not push the mean past the ends, nor the spread past half their distance.
        mean = min(max(total / finite, low), high)
        for block in blocks(real):
            away = _shifted(finite_part(block), exponent) - mean
            squares += float(away @ away)
    std = min(math.sqrt(squares / finite), (high - low) / 2)
    return math.ldexp(mean, exponent), math.ldexp(std, exponent)
