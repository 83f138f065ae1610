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
    mask = np.zeros(parameter.shape, dtype=bool)
    if transposed:
        # (in, out of one group, …): a group's inputs make its own outputs.
        each, outputs = parameter.shape[1], step.shape[axis]
        groups = max(1, outputs // max(1, each))
        group, column = divmod(channel, max(1, each))
        rows = parameter.shape[0] // groups
        mask[group * rows : (group + 1) * rows, column] = True
    elif channel < parameter.shape[0]:
        mask[channel] = True
    else:
        return None
    return mask


def _channel_axis(op: str) -> int | None:
    """Return the axis of the channels in an output, from the end; None for other ops."""
    if op == "linear":
        return -1
    found = re.fullmatch(r"conv(?:_transpose)?([123])d", op)
    return None if found is None else -1 - int(found[1])
