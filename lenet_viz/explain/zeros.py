"""Every exact zero of a gradient with its cause."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lenet_viz.capture.address import Address, Side
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.explain.backward.cause_map import LIVE, Causes, Flags, Upstream
from lenet_viz.explain.backward.gradient import parts_of
from lenet_viz.explain.backward.missing import gradient_and_state
from lenet_viz.explain.backward.place_causes import place_causes
from lenet_viz.explain.backward.pull import CannotTell, Cause
from lenet_viz.explain.backward.rules import rule_for
from lenet_viz.explain.backward.shares import share_of
from lenet_viz.explain.backward.start import upstream_is_zero
from lenet_viz.explain.backward.verdict import RANKS, cause_of_share
from lenet_viz.explain.backward.window_causes import window_causes
from lenet_viz.explain.operands import Call, Operand, Path, consumers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

__all__ = ["Cause", "ZeroCauses", "zero_causes"]

_MOST_BY_ONE = 400
"""So many zeros are looked into one by one where there is no quicker way."""

_LEGEND = {
    Cause.INACTIVE: QT_TRANSLATE_NOOP("Why", "inactive (a ReLU or another gate is shut)"),
    Cause.LOST: QT_TRANSLATE_NOOP("Why", "lost the max"),
    Cause.TIED: QT_TRANSLATE_NOOP("Why", "tied, another came first"),
    Cause.OUTSIDE: QT_TRANSLATE_NOOP("Why", "no window or index reads it (dropped)"),
    Cause.INPUT_ZERO: QT_TRANSLATE_NOOP("Why", "input was zero"),
    Cause.NOT_REACHED: QT_TRANSLATE_NOOP("Why", "not reached by backward"),
    Cause.NO_DEPENDENCE: QT_TRANSLATE_NOOP("Why", "objective does not depend on it"),
    Cause.DOWNSTREAM: QT_TRANSLATE_NOOP("Why", "all downstream gradients are zero"),
    Cause.JUST_ZERO: QT_TRANSLATE_NOOP("Why", "just zero (terms cancel or are zero)"),
    Cause.UNKNOWN: QT_TRANSLATE_NOOP("Why", "zero, cause not worked out"),
}


@dataclass(frozen=True, eq=False)
class ZeroCauses:
    """The causes of all exact zeros of one gradient.

    Attributes:
        causes: int8 of the tensor's shape: a `Cause` for each exact zero, 0 for other numbers.
    """

    causes: Causes

    @cached_property
    def counts(self) -> Mapping[Cause, int]:
        """How many zeros each cause has, most first; causes that do not occur are left out."""
        found = np.bincount(self.causes.reshape(-1), minlength=len(Cause))
        present = [cause for cause in Cause if cause and found[cause]]
        return {cause: int(found[cause]) for cause in sorted(present, key=lambda c: -found[c])}

    @property
    def legend(self) -> Mapping[Cause, Message]:
        """What each cause that occurs is called, in the order of the counts."""
        return {cause: message("Why", _LEGEND[cause]) for cause in self.counts}


def zero_causes(capture: Capture, address: Address) -> ZeroCauses | None:
    """Return why each exact zero of a gradient is zero; None where there is no gradient.

    Args:
        capture: a run.
        address: a tensor of it; its index and side are left aside.
    """
    whole = replace(address, side=Side.GRADIENT, index=None)
    found = gradient_and_state(capture, whole)
    if found is None or found[0] is None or np.iscomplexobj(found[0]):
        return None
    zero = np.asarray(found[0] == 0)
    causes = np.zeros(zero.shape, np.int8)
    if zero.any():
        with np.errstate(all="ignore"):
            causes = np.where(zero, _causes(capture, whole, zero), np.int8(LIVE))
    causes.flags.writeable = False
    return ZeroCauses(causes)


def _causes(capture: Capture, address: Address, zero: Flags) -> Causes:
    """Return a cause for every element; what it says of others than zeros means nothing."""
    maps = []
    started = upstream_is_zero(capture, address)
    if started is not None:
        maps.append(np.where(started, np.int8(Cause.NO_DEPENDENCE), np.int8(LIVE)))
    uses = consumers(capture, address)
    maps += [_of_use(Call(capture, number), path, zero) for number, path in uses]
    if not maps:
        return np.full(zero.shape, np.int8(Cause.NOT_REACHED))
    if address.place == "step" and _unknown_start(capture, address, zero):
        return np.full(zero.shape, np.int8(Cause.UNKNOWN))
    best = maps[0]
    live, unknown = best == LIVE, best == Cause.UNKNOWN
    for each in maps[1:]:
        live, unknown = live | (each == LIVE), unknown | (each == Cause.UNKNOWN)
        best = np.where(RANKS[each] > RANKS[best], each, best)
    best = np.where(live, np.int8(Cause.JUST_ZERO), best)
    return np.where(unknown, np.int8(Cause.UNKNOWN), best).astype(np.int8)


def _unknown_start(capture: Capture, address: Address, zero: Flags) -> bool:
    """Return whether the objective gives this tensor something that is not recorded by itself."""
    index = tuple(int(one) for one in np.argwhere(zero)[0])
    _, start = parts_of(capture, replace(address, index=index))
    return start is not None and start.block is None


def _of_use(call: Call, path: Path, zero: Flags) -> Causes:
    gradients = {
        number: gradient
        for number, value in enumerate(call.step.outputs)
        if (gradient := value.gradient) is not None
    }
    whole = _of_whole_step(call, gradients)
    if whole is not None:
        return np.full(zero.shape, np.int8(whole))
    operand = call.operand(*path)
    if operand is None or any(np.iscomplexobj(each) for each in gradients.values()):
        return np.full(zero.shape, np.int8(Cause.UNKNOWN))
    upstream = Upstream({number: np.asarray(each != 0) for number, each in gradients.items()})
    return _of_elements(call, path, operand, upstream, zero)


def _of_whole_step(call: Call, gradients: dict[int, Array]) -> Cause | None:
    """Return the cause that holds for all elements, whatever the step does; None for none."""
    if not gradients:
        states = {value.gradient_state for value in call.step.outputs}
        return Cause.UNKNOWN if GradientState.ALIASED in states else Cause.NOT_REACHED
    if call.step.opaque or rule_for(call.op) is None:
        quiet = not any(bool(np.any(each)) for each in gradients.values())
        return Cause.DOWNSTREAM if quiet else Cause.UNKNOWN
    return None


def _of_elements(
    call: Call, path: Path, operand: Operand, upstream: Upstream, zero: Flags
) -> Causes:
    try:
        if 0 in upstream.flags or len(call.step.outputs) > 1:
            for way in (place_causes, window_causes):
                found = way(call, path, operand, upstream)
                if found is not None:
                    return found
    except CannotTell:
        pass  # settings that only the one by one way may know
    causes = np.full(zero.shape, np.int8(Cause.UNKNOWN))
    places = np.argwhere(zero)
    if len(places) > _MOST_BY_ONE:
        return causes
    for place in places:
        index = tuple(int(one) for one in place)
        causes[index] = cause_of_share(share_of(call, path, index), call.step.name)
    return causes
