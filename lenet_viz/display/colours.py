"""Numbers to colours: any array of real numbers becomes RGBA, in one pass through a table.

Every number has one colour whatever the theme, save the exact zero, which has to stand out from
the numbers next to it and from the background. Zero, NaN and the infinities have colours that do
not occur in the map, also for people who see red and green, or blue and yellow, alike.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lenet_viz import resources
from lenet_viz.display.finite import as_real
from lenet_viz.display.scale import Scale, as_columns

Theme = Literal["light", "dark"]
Rgba = tuple[int, int, int, int]
Pixels = npt.NDArray[np.uint8]

ZERO: dict[Theme, Rgba] = {"light": (200, 195, 186, 255), "dark": (104, 101, 92, 255)}
"""Exactly zero, in signed and positive scales; in a grey picture zero is black."""
NAN: Rgba = (187, 68, 153, 255)
POSITIVE_INFINITY: Rgba = (180, 255, 0, 255)
NEGATIVE_INFINITY: Rgba = (119, 0, 255, 255)

LEVELS = 1024
"""Colours in a map: a number is shown to 1/1024 of a grey or signed scale, 1/512 of a positive."""
HALF = LEVELS // 2
_ZERO, _NAN, _POSITIVE_INFINITY, _NEGATIVE_INFINITY = range(LEVELS, LEVELS + 4)
_EASY_FLOAT32 = (1e-30, 1e30)
_HUGE = 1e300


def colourise(array: npt.ArrayLike, scale: Scale, theme: Theme) -> Pixels:
    """Return the colours of ``array``: uint8 RGBA of shape (*array.shape, 4), C-contiguous.

    Numbers beyond the scale's ends take the end's colour; a negative number on a positive scale
    is still blue, because a sign is never hidden.

    Args:
        array: any shape, also 0-sized or 0-dimensional, any strides, any real dtype.
        scale: what the ends of the map stand for.
        theme: decides the colour of exact zeros only.

    Raises:
        TypeError: the array is not of real numbers.
    """
    real = as_real(array)
    return _paint(real, _positions(real, scale.kind == "grey", scale.low, scale.high), scale, theme)


def colourise_channels(array: npt.ArrayLike, scales: Sequence[Scale], theme: Theme) -> Pixels:
    """Return the colours of ``array`` with a scale of its own for each channel.

    Args:
        array: shape (C, ...), any real dtype.
        scales: C scales, all grey or none, as `Scale.of_channels` gives them.
        theme: as in `colourise`.

    Raises:
        ValueError: the number of scales is not C, or grey and other scales are mixed.
    """
    real = as_real(array)
    if len(scales) != len(real) or len({scale.kind == "grey" for scale in scales}) > 1:
        raise ValueError(f"{len(scales)} scales do not fit {len(real)} channels")
    if not len(real):
        return np.empty((*real.shape, 4), dtype=np.uint8)
    lows, highs = as_columns(scales, real.ndim)
    return _paint(real, _positions(real, scales[0].kind == "grey", lows, highs), scales[0], theme)


def legend(scale: Scale, length: int = LEVELS, vertical: bool = False) -> Pixels:
    """Return a colour bar: uint8 RGBA of shape (1, length, 4), or (length, 1, 4) if vertical.

    The low end is on the left, or at the bottom. The colours of zero, NaN and the infinities are
    not in it: show them beside the bar.

    Args:
        scale: a positive scale shows the upper half of the map.
        length: cells of the bar.
        vertical: whether the bar stands.
    """
    table = _table("grey" if scale.kind == "grey" else "signed", "light")[:LEVELS]
    part = table[HALF:] if scale.kind == "positive" else table
    bar = part[(np.arange(length) * len(part)) // max(length, 1)]
    bar = bar[::-1, None] if vertical else bar[None, :]
    return _as_pixels(np.ascontiguousarray(bar))


def text_colour(rgba: npt.ArrayLike) -> Literal["black", "white"]:
    """Return the colour of text that reads best on ``rgba``, with a contrast of at least 4.5:1.

    Args:
        rgba: three or four numbers from 0 to 255; opacity is ignored.
    """
    return "black" if bool(takes_black_text(rgba)) else "white"


def takes_black_text(rgba: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return, for each colour, whether black text has more contrast on it than white text.

    Args:
        rgba: shape (..., 3) or (..., 4), 0 to 255.
    """
    light = luminance(rgba)
    # Equal contrast: (L + 0.05) / 0.05 = 1.05 / (L + 0.05); both are then 4.58.
    return np.asarray((light + 0.05) ** 2 >= 0.05 * 1.05)


def luminance(rgba: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the relative luminance of colours, 0 for black to 1 for white, shape (...).

    Source: WCAG 2.2, "relative luminance".

    Args:
        rgba: shape (..., 3) or (..., 4), sRGB, 0 to 255.
    """
    channels = np.asarray(rgba, dtype=np.float64)[..., :3] / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), dtype=np.float64)


def _positions(real: npt.NDArray[Any], grey: bool, low: Any, high: Any) -> npt.NDArray[Any]:
    """Return where each number stands in the table, as floats not yet clipped, NaN kept."""
    extremes = np.array([np.min(high), np.max(high), np.max(np.abs(low))])
    easy = extremes[0] > _EASY_FLOAT32[0] and extremes[1:].max() < _EASY_FLOAT32[1]
    narrow = real.dtype.itemsize <= 2 or real.dtype == np.float32
    work: Any = np.float32 if narrow and easy else np.float64
    position: npt.NDArray[Any]
    with np.errstate(all="ignore"):
        if grey:
            # Without this, high - low of two numbers near the largest float64 is infinite.
            part = 1.0 if extremes[1:].max() < _HUGE else 0.5
            position = real.astype(work) * work(part)
            position -= np.asarray(low * part, dtype=work)
            position /= np.asarray(high * part - low * part, dtype=work)
            position *= work(LEVELS)
        else:
            position = np.divide(real, np.asarray(high, dtype=work), dtype=work)
            position *= work(HALF)
            position += work(HALF)
    return position


def _paint(
    real: npt.NDArray[Any], position: npt.NDArray[Any], scale: Scale, theme: Theme
) -> Pixels:
    """Return the table's colours at ``position``, special numbers replaced."""
    grey = scale.kind == "grey"
    finite = real.dtype.kind != "f" or bool(np.isfinite(real).all())
    # The ends first: NaN and infinities cannot become table entries by a cast.
    position = np.clip(position, 0, LEVELS - 1)
    if not finite:
        position = np.where(np.isfinite(real), position, 0)
    entry = np.asarray(position).astype(np.intp)
    if not grey:
        np.putmask(entry, real == 0, _ZERO)
    if not finite:
        np.putmask(entry, np.isnan(real), _NAN)
        np.putmask(entry, real == np.inf, _POSITIVE_INFINITY)
        np.putmask(entry, real == -np.inf, _NEGATIVE_INFINITY)
    return _as_pixels(np.take(_table("grey" if grey else "signed", theme), entry))


def _as_pixels(packed: npt.NDArray[np.uint32]) -> Pixels:
    return packed.reshape(*packed.shape, 1).view(np.uint8)


@cache
def _table(name: Literal["signed", "grey"], theme: Theme) -> npt.NDArray[np.uint32]:
    """Return the map's 1024 colours and the special ones, each RGBA packed into one uint32."""
    file = "CET-L1.csv" if name == "grey" else "CET-D1A.csv"
    # Of a path NumPy asks for the current folder, which may be gone.
    lines = resources.read_text("colormaps", file).splitlines()
    anchors = np.loadtxt(lines, delimiter=",", dtype=np.float64) * (255 / 1000)
    middles = (np.arange(LEVELS) + 0.5) / LEVELS * (len(anchors) - 1)
    table = np.full((LEVELS + 4, 4), 255, dtype=np.uint8)
    for channel in range(3):
        column = np.interp(middles, np.arange(len(anchors)), anchors[:, channel])
        table[:LEVELS, channel] = np.rint(column)
    table[LEVELS:] = (ZERO[theme], NAN, POSITIVE_INFINITY, NEGATIVE_INFINITY)
    packed = table.view(np.uint32).reshape(-1)
    packed.flags.writeable = False
    return packed
