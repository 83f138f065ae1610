"""Which numbers of a parameter make one value of its step's output."""

import re

import numpy as np
import numpy.typing as npt

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Parameter, Step

Mask = npt.NDArray[np.bool_]


def kernels_of(step: Step | None, parameter: Parameter, address: Address | None) -> Mask | None:
    """Return where the kernels, the row of a matrix or the bias of one output value are.

    Args:
        step: the step whose parameter it is.
        parameter: the parameter.
        address: the output's value; None for none.

    Returns:
        bool of the parameter's shape; None where the op is none that is known here.
    """
    if step is None or address is None or address.place is not Place.STEP:
        return None
    if address.name != step.name or not address.index or not parameter.shape:
        return None
    axis = _channel_axis(step.op)
    if axis is None or len(address.index) < -axis:
        return None
    channel = address.index[axis]
    transposed = "transpose" in step.op and len(parameter.shape) > 1
    own = 1 if transposed else 0
    if channel >= parameter.shape[own]:
        return None
    mask = np.zeros(parameter.shape, dtype=bool)
    mask[(slice(None),) * own + (channel,)] = True
    return mask


def _channel_axis(op: str) -> int | None:
    """Return the axis of the channels in an output, from the end; None for other ops."""
    if op == "linear":
        return -1
    found = re.fullmatch(r"conv(?:_transpose)?([123])d", op)
    return None if found is None else -1 - int(found[1])
