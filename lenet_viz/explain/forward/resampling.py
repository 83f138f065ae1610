"""A value of a map that was made larger or smaller: the nearest ones, each with its share."""

from itertools import product
from math import prod

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    SHARE,
    CannotSay,
    Finding,
    Index,
    factor,
    first,
    number,
    worked,
)
from lenet_viz.explain.forward.moved import moved
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Block, How
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_LINEAR = frozenset({"linear", "bilinear", "trilinear"})
_TITLE = message("Why", QT_TRANSLATE_NOOP("Why", "the nearest values"))
_HEADLINE = QT_TRANSLATE_NOOP("Why", "{count} nearest values weighted with their shares = {total}")


def interpolate(call: Call, output: int, index: Index) -> Finding:
    """Return the values that one of a resampled map was mixed of, or copied from.

    Raises:
        CannotSay: a mode that is not known here, or antialiasing.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
    """
    mode = call.step.literal("mode", "nearest")
    if mode not in _LINEAR:
        return moved(call, output, index)
    if call.step.literal("antialias", False):
        raise CannotSay
    operand, corners = first(call), bool(call.step.literal("align_corners"))
    axes = len(operand.shape) - 2
    sizes, outs = operand.shape[2:], call.output(output).shape[2:]
    near = [
        _near(at, size, out, _step(call, axis, size, out, corners=corners), corners=corners)
        for axis, (at, size, out) in enumerate(zip(index[2:], sizes, outs, strict=True))
    ]
    corners_of = list(product(*near))
    places = np.array(
        [(*index[:2], *(place for place, _ in each)) for each in corners_of], dtype=np.int64
    )
    shares = np.array([prod(share for _, share in each) for each in corners_of])
    shape = (2 ** (axes - 1), 2) if axes > 1 else (2,)
    seen = factor(operand, places.reshape(*shape, -1), INPUT, "x")
    block = Block(_TITLE, (seen, worked(shares.reshape(shape), SHARE, "k")))
    headline = message("Why", _HEADLINE, count=len(corners_of), total=number(block.total))
    # torch rounds the shares too, so that even one that is zero here weighs a little.
    scale = float(np.abs(seen.values).sum())
    return Finding(How.SUM, "y = Σ k·x", headline, (block,), block.total, scale)


def _step(call: Call, axis: int, size: int, out: int, *, corners: bool) -> float:
    """Return how far apart in the input two neighbours of the output are."""
    if corners:
        return (size - 1) / (out - 1) if out > 1 else 0.0
    given = call.step.literal("scale_factor")
    if isinstance(given, tuple):
        given = given[axis]
    if isinstance(given, int | float) and not call.step.literal("recompute_scale_factor"):
        return 1 / float(given)
    return size / out


def _near(
    at: int, size: int, out: int, step: float, *, corners: bool
) -> tuple[tuple[int, float], tuple[int, float]]:
    """Return the two places that a place of the output lies between, each with its share."""
    if size == out:
        # torch copies along an axis that keeps its size.
        return (at, 1.0), (at, 0.0)
    where = at * step if corners else max((at + 0.5) * step - 0.5, 0.0)
    low = min(int(where), size - 1)
    high = min(low + 1, size - 1)
    share = min(max(where - low, 0.0), 1.0)
    return (low, 1 - share), (high, share)
