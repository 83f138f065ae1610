"""What convolutions, poolings and interpolation depend on."""

from collections.abc import Mapping
from math import floor

import numpy as np

from lenet_viz.explain.dependences.places import moved
from lenet_viz.explain.dependences.relation import Along, Exactness, Mask, Separable
from lenet_viz.explain.dependences.use import Found, Rule, Use
from lenet_viz.explain.terms import Indices
from lenet_viz.explain.windows import MAX_POOLS, WINDOW_OPS, windows_of


def seen(positions: Indices, size: int) -> Mask:
    """Return which places each window sees, bool of shape (windows, size)."""
    table = np.zeros((positions.shape[0], size), dtype=np.bool_)
    rows, columns = np.nonzero(positions >= 0)
    table[rows, positions[rows, columns]] = True
    return table


def windowed(use: Use) -> Found | None:
    """Return what an output of a convolution or pooling sees: its windows."""
    windows = windows_of(use.call)
    if windows is None or not use.main:
        return None
    before, after, axes = use.before, use.after, windows.axes
    if windows.transposed:
        spatial = [
            seen(positions, size).T
            for positions, size in zip(windows.positions, after[-axes:], strict=True)
        ]
    else:
        spatial = [
            seen(positions, size)
            for positions, size in zip(windows.positions, before[-axes:], strict=True)
        ]
    lead: list[Along] = ["same"] * (len(before) - axes)
    if not windows.channels_out:
        exactness = Exactness.DATA_DEPENDENT if use.op in MAX_POOLS else Exactness.EXACT
        return Found(Separable(before, after, (*lead, *spatial)), exactness)
    groups = windows.groups
    view_before, view_after = (
        (*shape[: -axes - 1], groups, shape[-axes - 1] // groups, *shape[-axes:])
        for shape in (before, after)
    )
    along: tuple[Along, ...] = (*lead[:-1], "same", "all", *spatial)
    return Found(Separable(before, after, along, view_before, view_after))


def enlarged(use: Use) -> Found | None:
    """Return what linear interpolation reads along each axis: two neighbours, or one.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
    """
    step = use.step
    if step.literal("mode") in ("nearest", "nearest-exact"):
        return moved(use)
    if step.literal("mode") not in ("linear", "bilinear", "trilinear"):
        return None
    if step.literal("antialias", False) or len(use.before) < 3:
        return None
    factor = step.literal("scale_factor")
    kept = step.literal("recompute_scale_factor") is not True
    count = len(use.before) - 2
    factors = factor if isinstance(factor, tuple) else (factor,) * count
    tables: list[Along] = []
    for size, there, given in zip(use.before[2:], use.after[2:], factors, strict=True):
        corners = bool(step.literal("align_corners", False))
        ratio = 1 / given if isinstance(given, int | float) and given and kept else size / there
        if corners:
            ratio = (size - 1) / (there - 1) if there > 1 else 0.0
        tables.append(_neighbours(size, there, ratio, corners=corners))
    return Found(Separable(use.before, use.after, ("same", "same", *tables)))


def _neighbours(size: int, there: int, ratio: float, *, corners: bool) -> Mask:
    table = np.zeros((there, size), dtype=np.bool_)
    for at in range(there):
        place = at * ratio if corners else max((at + 0.5) * ratio - 0.5, 0.0)
        low = min(floor(place + 1e-9), size - 1)
        table[at, low] = True
        if place - low > 1e-6 and low + 1 < size:
            table[at, low + 1] = True
    return table


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(WINDOW_OPS, windowed),
    "interpolate": enlarged,
}
