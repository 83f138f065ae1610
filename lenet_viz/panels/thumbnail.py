"""An array drawn as a small image: one pixel for each number."""

import numpy as np
from PySide6.QtGui import QImage

from lenet_viz.capture.arrays import Array
from lenet_viz.display import colours
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.panels.cause_marks import Causes, coloured
from lenet_viz.panels.theme import Theme


def drawable(values: Array) -> Array:
    """Return an array of real numbers that can be drawn, of the same shape.

    Args:
        values: any shape and dtype; complex numbers, which have no single colour, become their
            magnitudes, anything that is not a number becomes NaN.
    """
    if np.iscomplexobj(values):
        return np.abs(values)
    if values.dtype.kind not in "biuf":
        return np.full(values.shape, np.nan, dtype=np.float32)
    return values


def thumbnail(
    values: Array, mosaic: Mosaic, scale: Scale, theme: Theme, causes: Causes | None = None
) -> QImage:
    """Return an array as an image of one pixel for each number, gaps transparent.

    The image owns its memory. Draw it with ``SmoothPixmapTransform`` off, scaled by a whole
    number of device pixels where it can be, so that numbers stay sharp squares.

    Args:
        values: shape ``mosaic.shape``, without the batch axis; any dtype, NaN and infinities
            allowed.
        mosaic: where each number stands.
        scale: what the ends of the colour map stand for.
        theme: decides the colour of exact zeros.
        causes: why exact zeros are zero, of the array's shape; None where that is not drawn.

    Returns:
        ``mosaic.width`` × ``mosaic.height`` pixels; a null image where there is no number.
    """
    rgba = colours.colourise(drawable(values), scale, colour_theme(theme))
    if causes is not None:
        rgba = coloured(rgba, causes, theme)
    return as_image(mosaic.compose(rgba))


def colour_theme(theme: Theme) -> colours.Theme:
    """Return the colour map's word for a theme: it decides the colour of exact zeros."""
    return "dark" if theme.name == "dark" else "light"


def as_image(pixels: Array) -> QImage:
    """Return RGBA pixels as an image that owns its memory.

    Args:
        pixels: uint8 of shape (height, width, 4); of size 0 gives a null image.
    """
    height, width = pixels.shape[:2]
    if not height or not width:
        return QImage()
    whole = np.ascontiguousarray(pixels)
    return QImage(whole.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
