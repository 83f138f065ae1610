"""Text for numbers: enough digits, never a hidden sign, and "0" for exact zeros alone.

A minus sign is an ASCII "-", so that numbers can be copied into code. Exponents are short: 1e-9.
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal

import numpy as np

Number = bool | int | float | np.number[Any] | np.bool_
AxisKind = Literal["maps", "sequence", "kernels"]

_LEAST_FIXED = -4
"""Numbers of at least 1e-4 and ..."""
_MOST_FIXED = 6
"""... below 1e6 are written without an exponent."""

_MOST_WHOLE = 1e6
"""Whole floats below this are written with every digit."""

_CLOSE = 0.05
"""A text in a cell may be off by this share of the number if it is pleasant to read."""
_FAR = 0.4
"""A text that is off by more than this share is not shown."""

_AXES: dict[AxisKind, tuple[str, ...]] = {
    "maps": ("", "N", "N, C", "N, C, L", "N, C, H, W", "N, C, D, H, W"),
    "sequence": ("", "N", "N, L", "N, L, E"),
    "kernels": ("", "out", "out, in", "out, in, kW", "out, in, kH, kW", "out, in, kD, kH, kW"),
}


def text(value: Number, digits: int = 4, *, plus: bool = False) -> str:
    """Return a number rounded to ``digits`` significant digits.

    A float that is exact in so many digits is written in full ("0.1", "2.0"); one that had to be
    rounded keeps its trailing zeros ("0.1000", "2.000"), so that the two look different. Integers
    are never rounded. An exact zero is "0".

    Args:
        value: one number; a NumPy scalar is exact in the digits of its own dtype.
        digits: at least 1.
        plus: whether positive numbers carry a "+".
    """
    if not _is_finite_float(value) or not value:
        return _signed(_plain(value), value, plus)
    wide = float(value)
    shortest = _shortest(value)
    if len(shortest.as_tuple().digits) <= digits:
        return _signed(_laid_out(shortest), value, plus)
    rounded = Decimal(f"{wide:.{digits - 1}e}")
    if digits <= rounded.adjusted() + 1 <= _MOST_FIXED:
        return _signed(f"{wide:.1f}", value, plus)
    return _signed(_laid_out(rounded), value, plus)


def exact(value: Number) -> str:
    """Return the shortest text that reads back as the same number of the same dtype.

    Args:
        value: one number. A NumPy float32 of 0.1 gives "0.1", not "0.10000000149011612". Both
            zeros give "0.0".
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if not value:
        return str(abs(value))
    # Above 2048 a float16's shortest text rounds whole numbers: 6.55e+04 is in truth 65504.
    short = isinstance(value, np.floating) and abs(float(value)) < _MOST_WHOLE
    return str(float(value)) if short and float(value).is_integer() else str(value)


def column(values: Iterable[Number], width: int, *, plus: bool = False) -> list[str]:
    """Return texts of one length with equal decimals, as many as ``width`` allows and needs.

    Where a number other than 0 would be shown as 0, or more numbers can be told apart that way,
    all are written with exponents. When ``width`` is too small for any honest text, the texts are
    wider.

    Args:
        values: any numbers, NaN and infinities included; an exact zero is "0".
        width: characters.
        plus: whether positive numbers carry a "+".
    """
    numbers = list(values)
    fixed = _best(numbers, width, plus, "f")
    short = _best(numbers, width, plus, "e")
    if fixed and short:
        texts = short if len(set(short)) > len(set(fixed)) else fixed
    else:
        texts = fixed or short or [_rendered(number, 0, "e", plus) for number in numbers]
    longest = max((len(one) for one in texts), default=0)
    return [one.rjust(longest) for one in texts]


def in_cell(value: Number, width: int, *, plus: bool = False) -> str:
    """Return the best text for a number that fits into ``width`` characters.

    Its sign and whether it is zero are always right. When no digits fit, the sign alone is
    left ("+" or "-"), "?" for NaN, and an infinity sign for infinities.

    Args:
        value: one number; True is "1" and False "0".
        width: characters; with 0 or less the text is empty.
        plus: whether positive numbers carry a "+", if there is room.
    """
    if width <= 0:
        return ""
    fitting = [one for one in _cell_candidates(value, width, plus) if len(one) <= width]
    if fitting and (not value or not math.isfinite(value)):
        return fitting[0]
    errors = [abs(float(one) / float(value) - 1) for one in fitting]
    close = [one for one, error in zip(fitting, errors, strict=True) if error <= _CLOSE]
    if close or (errors and min(errors) <= _FAR):
        return close[0] if close else fitting[errors.index(min(errors))]
    return "?" if value != value else "-" if value < 0 else "+"


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as PyTorch writes it, without brackets: "1, 6, 30, 30"; "()" for a scalar.

    Args:
        shape: sizes.
    """
    return ", ".join(str(int(size)) for size in shape) or "()"


def axis_letters(shape: Sequence[int], kind: AxisKind = "maps") -> str:
    """Return the names of the axes, "N, C, H, W"; empty when the rank has no usual names.

    Args:
        shape: sizes, the batch included.
        kind: "maps" for activations, "sequence" for (N, L, E), "kernels" for weights and biases.
    """
    names = _AXES[kind]
    return names[len(shape)] if len(shape) < len(names) else ""


def count_text(count: int) -> str:
    """Return a count with its thousands set apart: "81,194".

    Args:
        count: any integer.
    """
    return f"{int(count):,}"


def _is_finite_float(value: Number) -> bool:
    return isinstance(value, float | np.floating) and math.isfinite(value)


def _plain(value: Number) -> str:
    """Return the text of anything that needs no rounding: zero, integers, bool, NaN, inf."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return str(float(value)) if value else "0"
    return str(int(value))


def _signed(unsigned: str, value: Number, plus: bool) -> str:
    wanted = plus and not isinstance(value, bool | np.bool_) and value > 0
    return f"+{unsigned}" if wanted else unsigned


def _laid_out(number: Decimal) -> str:
    """Return all digits of ``number``, without an exponent where it is of ordinary size."""
    if not _LEAST_FIXED <= number.adjusted() < _MOST_FIXED:
        return _short(f"{number:e}")
    fixed = f"{number:f}"
    return fixed if "." in fixed else f"{fixed}.0"


def _short(scientific: str) -> str:
    """Return "1.5e-9" for "1.5e-09"."""
    mantissa, _, exponent = scientific.partition("e")
    return f"{mantissa}e{int(exponent)}"


def _rendered(number: Number, decimals: int, style: str, plus: bool) -> str:
    if isinstance(number, bool | np.bool_):
        number = int(number)
    if not number or not math.isfinite(number):
        return _signed(_plain(number), number, plus)
    exactly = Decimal(int(number)) if isinstance(number, int | np.integer) else float(number)
    digits = f"{exactly:.{decimals}{style}}"
    return _signed(_short(digits) if style == "e" else digits, number, plus)


def _best(numbers: list[Number], width: int, plus: bool, style: str) -> list[str]:
    """Return the texts with the most useful decimals that fit and are honest, or none."""
    useful = max((_decimals(number, style) for number in numbers), default=0)
    for decimals in range(max(0, min(useful, width)), -1, -1):
        texts = [_rendered(number, decimals, style, plus) for number in numbers]
        honest = all(_honest(one, number) for one, number in zip(texts, numbers, strict=True))
        if honest and all(len(one) <= width for one in texts):
            return texts
    return []


def _shortest(value: Number) -> Decimal:
    """Return the fewest digits that mean ``value`` in its own dtype."""
    return Decimal(exact(value)).normalize()


def _decimals(number: Number, style: str) -> int:
    """Return how many decimals write ``number`` exactly; a whole float has one."""
    if not _is_finite_float(number) or not number:
        return 0
    parts = _shortest(number).as_tuple()
    decimals = len(parts.digits) - 1 if style == "e" else -int(parts.exponent)
    return max(1, decimals)


def _honest(shown: str, number: Number) -> bool:
    """Return whether ``shown`` is zero only if ``number`` is."""
    if not number or not math.isfinite(number):
        return True
    return any(digit in "123456789" for digit in shown.partition("e")[0])


def _cell_candidates(value: Number, width: int, plus: bool) -> list[str]:
    """Return honest texts from the most to the least welcome; some may be too wide."""
    if isinstance(value, bool | np.bool_):
        return [str(int(value))]
    if not value:
        return ["0"]
    if not math.isfinite(value):
        sign = "-" if value < 0 else "+" if plus else ""
        if value != value:
            return ["nan"]
        return [_signed(_plain(value), value, plus), f"{sign}∞", "∞" if value > 0 else "-"]
    short = [_rendered(value, places, "e", plus) for places in range(width, -1, -1)]
    if isinstance(value, int | np.integer):
        welcome = [_signed(_plain(value), value, plus), *short]
    else:
        fixed = [_rendered(value, places, "f", plus) for places in range(width, -1, -1)]
        bare = [one.replace("0.", ".", 1) for one in fixed if one.lstrip("+-").startswith("0.")]
        welcome = [text(value, width, plus=plus), *fixed, *bare, *short]
    welcome = [one for one in welcome if _honest(one, value)]
    return [*welcome, *(one.lstrip("+") for one in welcome)] if plus else welcome
