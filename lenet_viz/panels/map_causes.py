"""Why the exact zeros of a drawn gradient are zero, worked out once a run."""

from functools import partial

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.explain.once import OncePerRun
from lenet_viz.explain.zeros import ZeroCauses, zero_causes
from lenet_viz.panels.map_side import MapSide
from lenet_viz.session.state import State

MOST = 1_000_000
"""Zeros of more numbers take longer than somebody waits for a picture."""

_KNOWN: OncePerRun[Address, ZeroCauses | None] = OncePerRun()


def has_zeros(side: MapSide) -> bool:
    """Return whether a drawn array is a gradient with exact zeros."""
    address, values = side.address, side.values
    gradient = address.side is Side.GRADIENT and address.place in (Place.STEP, Place.INPUT)
    return gradient and values is not None and bool(np.any(values == 0))


def causes_of(state: State, side: MapSide) -> ZeroCauses | None:
    """Return the causes of a drawn gradient's zeros; None for none, too many or none wanted."""
    capture = state.capture
    if capture is None or not state.view.causes or not has_zeros(side):
        return None
    if int(np.prod(side.shape)) > MOST:
        return None
    return _KNOWN.of(capture, side.address, partial(zero_causes, capture, side.address))
