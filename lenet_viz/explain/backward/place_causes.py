"""Causes of zeros through ops that keep numbers apart: place by place, moved, or added up."""

from math import prod

import numpy as np

from lenet_viz.capture.records import GradientState
from lenet_viz.explain.backward.broadcast import PAIRS, alpha_of, pair_of
from lenet_viz.explain.backward.cause_map import LIVE, Causes, Upstream, chosen, collected
from lenet_viz.explain.backward.elementwise import slopes
from lenet_viz.explain.backward.pull import CannotTell, Cause
from lenet_viz.explain.backward.reductions import reduced_axes
from lenet_viz.explain.backward.slopes import SLOPES
from lenet_viz.explain.copies import COPIES, copy_map
from lenet_viz.explain.operands import Call, Operand, Path


def place_causes(call: Call, path: Path, operand: Operand, upstream: Upstream) -> Causes | None:
    """Return the causes for each element of an operand; None for an op of another kind."""
    if call.op in SLOPES and (call.op != "pow" or _exponent_is_a_number(call)):
        return _bent(call, operand, upstream)
    if call.op in PAIRS:
        return _paired(call, path, operand, upstream)
    if call.op in COPIES:
        return _moved(call, path, operand, upstream)
    if call.op in ("sum", "mean"):
        return _added(call, operand, upstream)
    if call.op == "embedding" and path == ("weight",):
        return _looked_up(call, operand, upstream)
    return None


def _exponent_is_a_number(call: Call) -> bool:
    exponent = call.operand("exponent") or call.operand("1") or call.operand("other")
    return exponent is not None and exponent.address is None


def _bent(call: Call, operand: Operand, upstream: Upstream) -> Causes:
    slope = slopes(call, operand, None)
    return chosen(
        operand.shape,
        (slope == 0, Cause.INACTIVE),
        (~upstream.first, Cause.DOWNSTREAM),
        (True, LIVE),
    )


def _paired(call: Call, path: Path, operand: Operand, upstream: Upstream) -> Causes:
    first, second, slope, _, _ = pair_of(call, path)
    shape = call.step.shape
    a = np.broadcast_to(first.array, shape).astype(np.float64)
    b = np.broadcast_to(second.array, shape).astype(np.float64)
    passes = slope(a, b, alpha_of(call)) != 0
    return chosen(
        operand.shape,
        (collected(upstream.first & passes, operand.shape), LIVE),
        (~collected(upstream.first, operand.shape), Cause.DOWNSTREAM),
        (True, Cause.JUST_ZERO),
    )


def _moved(call: Call, path: Path, operand: Operand, upstream: Upstream) -> Causes:
    size = prod(operand.shape)
    seen, live, beside, aliased = (np.zeros(size, bool) for _ in range(4))
    for output, value in enumerate(call.step.outputs):
        copied = copy_map(call, output)
        if copied is None:
            raise CannotTell
        own = next((n for n, each in enumerate(copied.operands) if each.path == path), None)
        if own is None:
            raise CannotTell
        mine = copied.source == own
        if output not in upstream.flags:
            lost = value.gradient_state is GradientState.ALIASED
            (aliased if lost else beside)[copied.flat[mine]] = True
            continue
        seen[copied.flat[mine]] = True
        live[copied.flat[mine & upstream.flags[output]]] = True
    flat = chosen(
        (size,),
        (aliased, Cause.UNKNOWN),
        (live, LIVE),
        (seen, Cause.DOWNSTREAM),
        (beside, Cause.NOT_REACHED),
        (True, Cause.OUTSIDE),
    )
    return flat.reshape(operand.shape)


def _added(call: Call, operand: Operand, upstream: Upstream) -> Causes:
    axes = reduced_axes(call, operand)
    flags = upstream.first
    if flags.ndim != len(operand.shape):
        flags = np.expand_dims(flags, axes)
    return chosen(operand.shape, (flags, LIVE), (True, Cause.DOWNSTREAM))


def _looked_up(call: Call, operand: Operand, upstream: Upstream) -> Causes:
    looked = call.operand("input")
    if looked is None or call.step.literal("max_norm") is not None:
        raise CannotTell
    used, live = np.zeros(operand.shape[0], bool), np.zeros(operand.shape, bool)
    rows = looked.array.reshape(-1).astype(np.int64)
    used[rows] = True
    places, columns = np.nonzero(upstream.first.reshape(len(rows), -1))
    live[rows[places], columns] = True
    padding = call.step.literal("padding_idx")
    if isinstance(padding, int) and padding >= 0:
        used[padding] = False
    return chosen(
        operand.shape,
        (~used[:, None], Cause.OUTSIDE),
        (live, LIVE),
        (True, Cause.DOWNSTREAM),
    )
