"""Decimals with which addends and their sum, all rounded alike, add up as they are shown."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

LEAST = 4
MOST = 9


def decimals_that_add_up(addends: Sequence[float], total: float, most: int = MOST) -> int:
    """Return the fewest decimals with which the shown addends make the shown sum.

    At least four significant digits of the largest number are shown. Where no number of decimals
    up to ``most`` does it, those come back with which the largest number has its digits.

    Args:
        addends: finite or not.
        total: their sum.
        most: the largest number of decimals that is tried.
    """
    finite = [abs(value) for value in (*addends, total) if math.isfinite(value) and value]
    if not finite:
        return LEAST
    least = max(LEAST, 3 - math.floor(math.log10(max(finite))))
    for decimals in range(least, max(most, least + 3) + 1):
        if add_up(addends, total, decimals):
            return decimals
    return least


def add_up(addends: Sequence[float], total: float, decimals: int) -> bool:
    """Return whether the finite addends, so rounded, make the sum so rounded.

    Args:
        addends: finite or not.
        total: their sum; False where it is not finite.
        decimals: how many are shown.
    """
    sum_ = sum((rounded(value, decimals) for value in addends if math.isfinite(value)), _ZERO)
    return math.isfinite(total) and sum_ == rounded(total, decimals)


_ZERO = Decimal(0)


def rounded(value: float, decimals: int) -> Decimal:
    """Return a finite number rounded to so many decimals."""
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def shown(value: float, decimals: int) -> str:
    """Return a number with a sign and so many decimals; "0" for an exact zero, never "-0.00"."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    text = f"{rounded(value, decimals):+f}"
    if float(text) == 0:  # it is not zero, and its sign is not lost either
        return f"{value:+.1e}"
    return text
