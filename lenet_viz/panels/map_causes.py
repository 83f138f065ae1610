"""Why the exact zeros of a drawn gradient are zero, worked out once a run."""

from functools import partial

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.arrays import Array
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
    return zeros_at(state, side.address, side.values) if has_zeros(side) else None


def parameter_causes(state: State, name: str, grad: Array | None) -> ZeroCauses | None:
    """Return the causes of the zeros of this run's share of a parameter's gradient.

    Args:
        state: the state.
        name: the parameter.
        grad: what is drawn of it; None where it has no gradient.

    Returns:
        None for none, too many or none wanted, and where ``.grad`` holds earlier passes too: its
        zeros are then none of this run's.
    """
    run = state.run
    if run is None or run.passes != 1:
        return None
    return zeros_at(state, Address(Place.PARAMETER, name, side=Side.GRADIENT), grad)


def zeros_at(state: State, address: Address, values: Array | None) -> ZeroCauses | None:
    """Return the causes of the zeros of a gradient that is drawn."""
    capture = state.capture
    if capture is None or not state.view.causes or values is None:
        return None
    if values.size > MOST or not np.any(values == 0):
        return None
    return _KNOWN.of(capture, address, partial(zero_causes, capture, address))
