import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.display.numbers import (
    axis_letters,
    column,
    count_text,
    exact,
    in_cell,
    shape_text,
    text,
)

FLOATS = st.floats()
FLOAT32 = st.floats(width=32).map(np.float32)
FLOAT16 = st.floats(width=16).map(np.float16)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = FLOATS | FLOAT32 | FLOAT16 | INTEGERS | INTEGERS.map(np.int64)


def reads_as(shown: str) -> float:
    return float(shown.replace("∞", "inf"))


@given(NUMBERS, st.integers(1, 17), st.booleans())
def test_a_text_tells_sign_and_zero(value, digits, plus):
    shown = text(value, digits, plus=plus)
    assert (shown == "0") == (value == 0)
    if math.isnan(value):
        assert shown == "nan"
        return
    assert np.sign(reads_as(shown)) == np.sign(float(value))
    assert shown.startswith("+") == (plus and value > 0)
    if math.isfinite(value) and 0 < abs(float(value)) < 1e308:
        # Half a step of the last digit, or half a step of the number's own dtype.
        size, error = abs(float(value)), abs(reads_as(shown) - float(value))
        with np.errstate(over="ignore"):  # the largest number has no next one
            dtype_step = abs(float(np.spacing(value))) if isinstance(value, np.floating) else 0.0
        assert error <= max(size * 10.0 ** (1 - digits) / 2, dtype_step / 2, size * 1e-15) * 1.001


@given(NUMBERS)
def test_the_exact_text_reads_back_in_its_own_dtype(value):
    shown = exact(value)
    assert not shown.startswith("-0.0") or value != 0
    if isinstance(value, int | np.int64):
        assert int(shown) == value
    elif math.isnan(value):
        assert shown == "nan"
    else:
        with np.errstate(all="ignore"):
            assert type(value)(float(shown)) == value
        assert len(shown) <= 25


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.0, 4, "0"), (-0.0, 4, "0"), (1e-9, 3, "1e-9"), (-1e-9, 3, "-1e-9"),
        (np.float32(0.1), 4, "0.1"), (0.1 + 1e-9, 4, "0.1000"), (2.0, 4, "2.0"),
        (2.00001, 4, "2.000"), (-0.0503127, 3, "-0.0503"), (81194.25, 4, "81194.2"),
        (1234567.0, 4, "1.235e6"), (81194, 2, "81194"), (True, 4, "True"),
        (np.bool_(False), 4, "False"), (-math.inf, 4, "-inf"), (math.nan, 4, "nan"),
        (np.float16(65504), 4, "65504.0"), (0.0001234, 4, "0.0001234"), (9.99996, 4, "10.00"),
    ],
)  # fmt: skip
def test_texts(value, digits, shown):
    assert text(value, digits) == shown


def test_exact_texts():
    assert exact(np.float32(0.1)) == "0.1"
    assert exact(0.1) == "0.1"
    assert exact(np.float64(np.float32(0.1))) == "0.10000000149011612"
    assert exact(np.float16(0.1)) == "0.1"
    assert exact(-0.0) == "0.0"
    assert exact(np.float16(65504)) == "65504.0"
    assert exact(np.bool_(True)) == "True"
    assert exact(np.int64(-(2**63))) == "-9223372036854775808"


@given(st.lists(st.floats(-1e3, 1e3) | FLOAT32, max_size=6), st.integers(8, 12), st.booleans())
def test_a_column_has_equal_decimals_and_tells_zero_and_sign(values, width, plus):
    texts = column(values, width, plus=plus)
    assert len({len(one) for one in texts}) <= 1
    decimals = set()
    for shown, value in zip((one.strip() for one in texts), values, strict=True):
        if math.isnan(value) or math.isinf(value):
            continue
        assert (shown == "0") == (value == 0)
        assert np.sign(reads_as(shown)) == np.sign(float(value))
        if value:
            decimals.add(len(shown.partition("e")[0].partition(".")[2]))
    assert len(decimals) <= 1


def test_columns():
    assert column([0.1, -0.25], 8) == [" 0.10", "-0.25"]
    assert column([1, 20, -3], 8) == [" 1", "20", "-3"]
    assert column([0.0, 1.5, math.nan], 8) == ["  0", "1.5", "nan"]
    assert column([1e-9, 0.5], 6) == ["1.0e-9", "5.0e-1"]
    assert column([1 / 3, 2 / 3], 6) == ["0.3333", "0.6667"]
    assert column([0.5, 1.0], 6, plus=True) == ["+0.5", "+1.0"]
    assert column([], 6) == []


def test_a_column_keeps_different_numbers_apart_when_digits_allow():
    assert len(set(column([0.123456, 0.123457], 8))) == 2
    assert len(set(column([1e-7, 2e-7, 3.0], 8))) == 3


@given(NUMBERS | st.booleans(), st.integers(0, 12), st.booleans())
def test_a_text_in_a_cell_fits_and_tells_sign_and_zero(value, width, plus):
    shown = in_cell(value, width, plus=plus)
    assert len(shown) <= width
    if width == 0:
        return
    assert (shown == "0") == (value == 0)
    if math.isnan(value):
        assert shown in ("nan", "?")
    elif shown in ("+", "-"):
        assert (shown == "-") == (value < 0)
    elif value != 0:
        assert (reads_as(shown) < 0) == (value < 0)
        assert reads_as(shown) == value or abs(reads_as(shown) / float(value) - 1) <= 0.4 + 1e-9


@pytest.mark.parametrize(
    ("value", "width", "shown"),
    [
        (-0.0503127, 6, "-0.050"), (-0.0503127, 4, "-.05"), (-0.0503127, 3, "-"),
        (0.5, 2, ".5"), (0.5, 1, "+"), (0.0, 1, "0"), (1e-9, 4, "1e-9"), (True, 1, "1"),
        (math.inf, 2, "∞"), (-math.inf, 2, "-∞"), (math.nan, 1, "?"), (12345678, 4, "1e7"),
    ],
)  # fmt: skip
def test_texts_in_cells(value, width, shown):
    assert in_cell(value, width) == shown


def test_shapes_axes_and_counts():
    assert shape_text((1, 6, 30, 30)) == "1, 6, 30, 30"
    assert shape_text(()) == "()"
    assert axis_letters((1, 6, 30, 30)) == "N, C, H, W"
    assert axis_letters((1, 576)) == "N, C"
    assert axis_letters((16, 6, 3, 3), "kernels") == "out, in, kH, kW"
    assert axis_letters((10, 84), "kernels") == "out, in"
    assert axis_letters((10,), "kernels") == "out"
    assert axis_letters((1,) * 9) == ""
    assert count_text(81194) == "81,194"
    assert count_text(np.int64(7)) == "7"
