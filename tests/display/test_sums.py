"""Shown addends and their shown sum agree."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.display.sums import add_up, decimals_that_add_up, rounded, shown

NUMBERS = st.floats(-1e3, 1e3, allow_nan=False, width=32)


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_the_shown_ones_add_up_wherever_nine_decimals_do_it(values: list[float]) -> None:
    total = float(np.sum(values))
    decimals = decimals_that_add_up(values, total)
    parts = sum(rounded(value, decimals) for value in values)
    possible = any(
        sum(rounded(value, d) for value in values) == rounded(total, d) for d in range(4, 10)
    )
    least = max(4, 3 - math.floor(math.log10(max(map(abs, values)) or 1)))
    if possible and least == 4:
        assert parts == rounded(total, decimals)
    texts = [shown(value, decimals) for value in values]
    assert not any(text in ("-0.0000", "+0.0000") for text in texts)
    for text, value in zip(texts, values, strict=True):
        assert math.copysign(1, float(text)) == math.copysign(1, value) or value == 0


def test_what_is_no_number() -> None:
    assert shown(math.nan, 4) == "NaN"
    assert shown(math.inf, 4) == "+∞"
    assert shown(-math.inf, 4) == "-∞"
    assert shown(0.0, 4) == shown(-0.0, 4) == "0"
    assert shown(-1e-9, 4) == "-1.0e-09"
    assert decimals_that_add_up([math.nan], math.nan) == 4
    assert decimals_that_add_up([1e-6, 2e-6], 3e-6) == 9


def test_more_decimals_can_be_tried() -> None:
    one = float(np.float32(0.004268673714250326))  # no number of decimals up to nine does it
    assert not add_up([one, one], 2 * one, decimals_that_add_up([one, one], 2 * one))
    more = decimals_that_add_up([one, one], 2 * one, 13)
    assert more > 9
    assert rounded(one, more) * 2 == rounded(2 * one, more)
    assert not add_up([1.0], math.inf, 4)
