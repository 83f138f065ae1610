"""Why one use of a tensor gives nothing back, for all of its elements at a time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lenet_viz.explain.backward.pull import Cause

Flags = npt.NDArray[np.bool_]
Causes = npt.NDArray[np.int8]
LIVE = int(Cause.NOT_ZERO)
"""Where something other than zero comes back; a sum of zero then means that terms cancel."""


@dataclass(frozen=True, eq=False)
class Upstream:
    """Where a step's downstream gradient is other than zero.

    Attributes:
        flags: bool for each output that has a gradient, by the output's number.
    """

    flags: dict[int, Flags]

    @property
    def first(self) -> Flags:
        """The flags of the first output."""
        return self.flags[0]


def chosen(shape: tuple[int, ...], *cases: tuple[Flags | bool, int]) -> Causes:
    """Return causes by the first case that holds at each element.

    Args:
        shape: the tensor's shape.
        *cases: pairs of where it holds and the cause; the last one should hold everywhere.
    """
    causes = np.full(shape, int(Cause.UNKNOWN), np.int8)
    for flags, cause in reversed(cases):
        causes = np.where(flags, np.int8(cause), causes)
    return causes


def weighed(inputs: Flags, gradients: Flags, both: Flags) -> Causes:
    """Return the causes of a weight.

    Args:
        inputs: where it multiplies some input other than zero.
        gradients: where some gradient other than zero comes back.
        both: where some term has both.
    """
    return chosen(
        both.shape,
        (both, LIVE),
        (~inputs, Cause.INPUT_ZERO),
        (~gradients, Cause.DOWNSTREAM),
        (True, Cause.INPUT_ZERO),
    )


def collected(flags: Flags, shape: tuple[int, ...]) -> Flags:
    """Return whether any flag holds among the places that an operand was stretched over.

    Args:
        flags: of the output's shape.
        shape: the operand's shape.
    """
    lead = flags.ndim - len(shape)
    found = some(flags, *range(lead)) if lead else flags
    axes = tuple(n for n, size in enumerate(shape) if size == 1 and found.shape[n] != 1)
    return np.asarray(np.any(found, axis=axes, keepdims=True)) if axes else found


def some(flags: Flags, *axes: int) -> Flags:
    """Return whether any flag holds along some axes."""
    return np.asarray(np.any(flags, axis=axes), bool)
