"""A gradient checked by finite differences: what is asked of the engine, and what it said."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.engine.messages import CheckDone, CheckRequest, Lost, Nudge, Reply, RunFailed
from lenet_viz.explain.operands import array_at
from lenet_viz.session.request import request_for
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.session.state import State

_STALE = QT_TRANSLATE_NOOP(
    "Session",
    "The settings have changed since this run. Press Backward (F6), then check the gradient.",
)
_NO_BACKWARD = QT_TRANSLATE_NOOP(
    "Session", "This run has no gradients to check. Press Backward (F6) first."
)
_OPENED = QT_TRANSLATE_NOOP(
    "Session",
    "A saved run cannot be repeated, so its gradients cannot be checked. Choose a model and run "
    "it.",
)
_BUSY = QT_TRANSLATE_NOOP("Session", "A run is under way. Check the gradient when it has ended.")
_WHOLE = QT_TRANSLATE_NOOP(
    "Session", "That is a whole number: it cannot be a little larger or smaller."
)
CLICK_FIRST = QT_TRANSLATE_NOOP("Session", "Click a value first: its gradient can then be checked.")


@dataclass(frozen=True, slots=True)
class Check:
    """A finite difference that was asked for.

    Attributes:
        address: the gradient that is checked.
        number: the request's number.
        amount: by how much the number is nudged; 0 for a step size that fits a check.
        done: what came of it; None while it goes on, or where it failed.
        failed: why nothing came of it; None where something may.
    """

    address: Address
    number: int
    amount: float = 0.0
    done: CheckDone | None = None
    failed: Message | None = None

    @property
    def running(self) -> bool:
        """Whether the engine has not answered yet."""
        return self.done is None and self.failed is None


def why_not(state: "State") -> Message | None:
    """Return why no gradient can be checked now; None where one can."""
    if state.opened is not None:
        return message("Session", _OPENED)
    if state.pending is not None:
        return message("Session", _BUSY)
    if state.run is None or not state.run.backward or state.run.capture.objective is None:
        return message("Session", _NO_BACKWARD)
    if state.stale_forward or state.stale_backward:
        return message("Session", _STALE)
    if state.asked is None or state.asked.place not in (Place.STEP, Place.INPUT, Place.PARAMETER):
        return message("Session", CLICK_FIRST)
    whole = array_at(state.run.capture, replace(state.asked, side=Side.ACTIVATION))
    if whole is not None and not np.issubdtype(whole.dtype, np.inexact):
        return message("Session", _WHOLE)
    return None


def check_request(state: "State", number: int, folder: str, amount: float) -> CheckRequest:
    """Return what the engine is asked for: the run at hand repeated with one number off."""
    asked, capture = state.asked, state.capture
    assert asked is not None
    assert capture is not None
    step = 0
    if asked.place is Place.STEP:
        step = next(n for n, each in enumerate(capture.steps) if each.name == asked.name)
    nudge = Nudge(str(asked.place), asked.name, asked.index or (), amount, step, asked.output)
    again = request_for(state, number, folder, backward=True)
    return CheckRequest(number, replace(again, grads=None, zero_grad=True), nudge)


def begun(state: "State", number: int, amount: float) -> "State":
    """Return the state with a check of the number that is asked about under way."""
    assert state.asked is not None
    gradient = replace(state.asked, side=Side.GRADIENT)
    return replace(state, check=Check(gradient, number, amount))


def checked(state: "State", reply: Reply) -> "State | None":
    """Return the state after a reply to the check under way; None where it is no such reply."""
    check = state.check
    if check is None or not check.running or not isinstance(reply, CheckDone | RunFailed | Lost):
        return None
    if reply.run != check.number:
        return None
    if isinstance(reply, CheckDone):
        return replace(state, check=replace(check, done=reply))
    return replace(state, check=replace(check, failed=reply.message))
