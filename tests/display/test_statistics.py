import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from lenet_viz.display import finite
from lenet_viz.display.statistics import Statistics, histogram

ARRAYS = st.sampled_from(["?", "u1", "i1", "i8", "u8", "f2", "f4", "f8"]).flatmap(
    lambda dtype: npst.arrays(
        np.dtype(dtype), npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6)
    )
)


@given(ARRAYS)
def test_the_counts_are_those_of_a_plain_loop(array):
    found = Statistics.of(array)
    numbers = array.ravel().tolist()
    assert found.count == len(numbers)
    assert found.nan == sum(math.isnan(value) for value in numbers)
    assert found.positive_infinity == sum(value == math.inf for value in numbers)
    assert found.negative_infinity == sum(value == -math.inf for value in numbers)
    assert found.finite == sum(math.isfinite(value) for value in numbers)
    assert found.zeros == sum(value == 0 for value in numbers)
    assert found.negative == sum(math.isfinite(value) and value < 0 for value in numbers)
    assert found.positive == sum(math.isfinite(value) and value > 0 for value in numbers)


def test_nan_and_infinities_are_counted_and_left_out():
    array = np.array([np.nan, np.inf, np.inf, -np.inf, 0, -0.0, -3, 5], dtype=np.float32)
    found = Statistics.of(array)
    assert (found.nan, found.positive_infinity, found.negative_infinity) == (1, 2, 1)
    assert (found.zeros, found.negative, found.positive, found.finite) == (2, 1, 1, 4)
    assert (found.min, found.max, found.mean) == (-3, 5, 0.5)
    assert found.std == pytest.approx(statistics.pstdev([0, 0, -3, 5]))
    bars = histogram(array, 4)
    assert (bars.zeros, bars.nonfinite, bars.counts.sum()) == (2, 4, 2)


@given(ARRAYS)
def test_range_mean_and_spread_are_those_of_exact_fractions(array):
    found = Statistics.of(array)
    numbers = [Fraction(value) for value in array.ravel().tolist() if math.isfinite(value)]
    if not numbers:
        assert (found.min, found.max, found.mean, found.std) == (None, None, None, None)
        return
    assert (found.min, found.max) == (min(numbers), max(numbers))
    size = float(max(abs(value) for value in numbers))
    mean = sum(numbers, Fraction(0)) / len(numbers)
    assert found.mean == pytest.approx(float(mean), rel=1e-12, abs=size * 1e-14)
    spread = statistics.pvariance(numbers)
    whole = Fraction(found.std) ** 2
    assert abs(whole - spread) <= Fraction(size) ** 2 * Fraction(1, 10**12) + Fraction(5, 10**324)


@given(ARRAYS, st.integers(1, 12))
def test_a_histogram_counts_every_number_once_and_mixes_no_signs(array, bins):
    found = histogram(array, bins)
    numbers = [float(value) for value in array.ravel().tolist()]
    finite_numbers = [value for value in numbers if math.isfinite(value) and value != 0]
    assert found.edges.shape == (bins + 1,)
    assert found.counts.shape == (bins,)
    assert np.isfinite(found.edges).all()
    assert (np.diff(found.edges) >= 0).all()
    assert found.zeros == numbers.count(0)
    assert found.nonfinite == sum(not math.isfinite(value) for value in numbers)
    assert found.counts.sum() == len(finite_numbers)
    for left, right in zip(found.edges[:-1], found.edges[1:], strict=True):
        assert bins == 1 or not left < 0 < right


@given(
    npst.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6)), st.integers(2, 12)
)
def test_each_number_lies_between_the_edges_of_its_bin(array, bins):
    found = histogram(array, bins)
    numbers = array[array != 0]
    wanted = np.zeros(bins, dtype=int)
    for value in numbers:
        at = [k for k in range(bins) if found.edges[k] <= value < found.edges[k + 1]]
        wanted[at[-1] if at else bins - 1] += 1
    np.testing.assert_array_equal(found.counts, wanted)


def test_large_arrays_are_walked_through_in_blocks(monkeypatch):
    array = np.random.default_rng(0).normal(3, 2, (37, 41)).astype(np.float32)
    array[3, 4] = np.nan
    whole, bars = Statistics.of(array), histogram(array, 9)
    monkeypatch.setattr(finite, "BLOCK", 100)
    blocked = Statistics.of(array)
    assert blocked.mean == pytest.approx(whole.mean, rel=1e-14)
    assert blocked.std == pytest.approx(whole.std, rel=1e-14)
    assert (blocked.min, blocked.max) == (whole.min, whole.max)
    np.testing.assert_array_equal(histogram(array, 9).counts, bars.counts)


def test_the_mean_of_float32_numbers_does_not_lose_small_ones():
    array = np.array([1e8] + [1.0] * 1000, dtype=np.float32)
    assert Statistics.of(array).mean == pytest.approx((1e8 + 1000) / 1001, rel=1e-14)


def test_no_bins_and_complex_numbers_are_refused():
    with pytest.raises(ValueError, match="0 bins"):
        histogram([1.0], 0)
    with pytest.raises(TypeError, match="complex"):
        Statistics.of(np.array([1j]))


def test_a_range_beside_nan_does_not_reach_out_to_zero():
    assert finite.finite_range([math.nan, 2.0, 3.0]) == (2, 3)
    assert finite.finite_range([math.inf, -5.0, -4.0]) == (-5, -4)
    assert finite.finite_range([math.nan, math.inf]) is None
    assert finite.finite_range(np.array([2**63 - 1, -(2**63)])) == (-(2**63), 2**63 - 1)
