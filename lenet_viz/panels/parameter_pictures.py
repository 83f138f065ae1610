"""The thumbnails of the parameter table: how a tensor is laid out in a few pixels."""

import math

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.display.visible import Visible, as_plane
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.thumbnail import drawable

MOST_KERNELS = 1 << 16
"""Kernels with more numbers than this are drawn as one matrix."""

PIXELS = (34, 68)
"""Rows and columns of a thumbnail: of a larger matrix every n-th row and column is drawn, for
averaged colours would show numbers that are not there."""

FEW = 32
"""A vector up to this long is drawn as one row."""


def picture_of(values: Array) -> Picture:
    """Return how a parameter is laid out in a thumbnail that is wider than high.

    Kernels stand in a matrix with one column for each output channel and one row for each input
    channel; a matrix has one row for each output; a short vector is a row, a long one is folded.
    """
    shown = drawable(values)
    scale = Scale.of(shown)
    if shown.ndim > 2 and shown.size <= MOST_KERNELS:
        turned = np.swapaxes(shown, 0, 1)
        return Picture(turned, Mosaic.of(turned.shape, kind="kernels"), scale, bars=False)
    if shown.ndim < 2 and shown.size > FEW:
        folded = shown[: PIXELS[0] * PIXELS[1]]
        mosaic = Mosaic.of(folded.shape, kind="vector", aspect=2.0)
        return Picture(folded, mosaic, scale, bars=False)
    plane = _picked(shown.shape).pick(as_plane(shown)) if shown.ndim > 1 else shown.reshape(1, -1)
    return Picture(plane, Mosaic.of(plane.shape, kind="matrix"), scale, bars=False)


def picture_words(shape: tuple[int, ...]) -> list[str]:
    """Return what the rows and columns of a thumbnail are, and how many are left out."""
    if len(shape) > 2 and math.prod(shape) <= MOST_KERNELS:
        return [translate("Parameters", "Picture: one column for each out, rows are in.")]
    if len(shape) < 2:
        return []
    words = [translate("Parameters", "Picture: one row for each out, columns are in.")]
    picked = _picked(shape)
    if (picked.rows.step, picked.columns.step) != (1, 1):
        words.append(
            formatted(
                "Parameters",
                "Drawn: 1 of {rows} rows, 1 of {columns} columns.",
                rows=picked.rows.step,
                columns=picked.columns.step,
            )
        )
    return words


def _picked(shape: tuple[int, ...]) -> Visible:
    """Return which rows and columns of a matrix are drawn."""
    height, width = shape[0], math.prod(shape[1:])
    return Visible.of((height, width), 0, 0, height, width, PIXELS)
