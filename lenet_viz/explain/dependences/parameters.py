"""Which elements of a step's output one element of a parameter goes into."""

import numpy as np

from lenet_viz.explain.dependences.relation import Exactness, Mask
from lenet_viz.explain.dependences.use import Use
from lenet_viz.explain.windows import CONVOLUTIONS, windows_of


def reached_by(use: Use, mask: Mask) -> tuple[Mask, Exactness]:
    """Return the output's elements that depend on marked elements of a parameter.

    Args:
        use: the step and where the parameter stands in its call.
        mask: bool of the parameter's shape.

    Returns:
        Bool of the output's shape and how well it is known: exactly for weights and biases of
        convolutions, linear layers and normalisations; everything for others.
    """
    name, after = use.path[0], use.after
    found: Mask | None = None
    if use.op in CONVOLUTIONS:
        found = _convolution(use, mask) if name == "weight" else _channel(after, mask, use)
    elif use.op == "linear":
        # The weight is (out, in), the bias (out).
        found = _last(after, np.asarray(mask.any(axis=1)) if mask.ndim == 2 else mask)
    elif use.op in ("batch_norm", "group_norm", "instance_norm") and mask.ndim == 1:
        found = _along(after, mask, 1)
    elif use.op == "layer_norm":
        found = np.broadcast_to(mask, after)
    if found is None or found.shape != after:
        return np.full(after, mask.any()), Exactness.UPPER_BOUND
    return np.array(found), Exactness.EXACT


def _along(after: tuple[int, ...], mask: Mask, axis: int) -> Mask | None:
    if not -len(after) <= axis < len(after) or after[axis] != mask.size:
        return None
    shape = [1] * len(after)
    shape[axis] = mask.size
    return np.broadcast_to(mask.reshape(shape), after)


def _last(after: tuple[int, ...], mask: Mask) -> Mask | None:
    return _along(after, mask, -1) if after else None


def _channel(after: tuple[int, ...], mask: Mask, use: Use) -> Mask | None:
    return _along(after, mask, -1 - int(use.op[-2])) if mask.ndim == 1 else None


def _convolution(use: Use, mask: Mask) -> Mask | None:
    """Return the outputs whose window has the weight's place on the input, not on padding."""
    windows = windows_of(use.call)
    if windows is None or mask.ndim != windows.axes + 2:
        return None
    # One kernel for each output channel, over all its input channels: (out, kH, kW).
    reached = mask.any(axis=1).astype(np.float32)
    for positions in windows.positions:
        # The first axis of the kernel goes, an axis of the output comes last.
        inside = (positions >= 0).astype(np.float32).T
        reached = np.tensordot(reached, inside, axes=([1], [0]))
    return np.broadcast_to(reached > 0, use.after)
