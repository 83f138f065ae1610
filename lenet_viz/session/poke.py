"""A number that is off: how it is written down, and what its gradient predicts."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.engine.messages import Lost, Nudge, Reply, RunDone, RunFailed
from lenet_viz.explain.operands import array_at
from lenet_viz.session.asking import asking_after
from lenet_viz.session.cards import INPUT_CARD
from lenet_viz.session.state_parts import Notice, Run
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.session.state import State

PIXEL_STEP = 0.1
WEIGHT_STEP = 0.01
LARGEST = 1000.0

_POKED = QT_TRANSLATE_NOOP(
    "Session", "Poked: {where}. Every panel shows this run; Esc takes it back."
)


@dataclass(frozen=True, slots=True)
class Poke:
    """A number that is off.

    Attributes:
        address: which number, as a value.
        amount: by how much it is to be off.
        before: the run without it.
        number: the request sent last.
        sent: by how much the number is off in that request.
        running: whether the engine has not answered it yet.
        shown: by how much it is off in the run that is shown; 0 where that is the run before.
    """

    address: Address
    amount: float
    before: Run
    number: int = 0
    sent: float = 0.0
    running: bool = False
    shown: float = 0.0

    @property
    def nudge(self) -> Nudge:
        """What the engine is asked to add."""
        index = self.address.index or ()
        return Nudge(str(self.address.place), self.address.name, index, self.amount)

    @property
    def predicted(self) -> float | None:
        """The change of the objective as the gradient predicts it; None without a gradient."""
        gradient = array_at(self.before.capture, replace(self.address, side=Side.GRADIENT))
        if gradient is None or not self.before.backward:
            return None
        return float(gradient[self.address.index or ()].real) * self.shown


def step_of(address: Address) -> float:
    """Return by how much one notch of the wheel, or one key, changes a number."""
    return PIXEL_STEP if address.place is Place.INPUT else WEIGHT_STEP


def objective_of(capture: Capture) -> float | None:
    """Return what backward started from: the loss, or vᵀ·output; None where there is none.

    Source: backward(v) computes the gradient of the sum of v times the output.
    """
    objective = capture.objective
    if objective is None:
        return None
    if objective.loss is not None:
        return objective.loss
    upstream, value = objective.upstream, capture.output_value
    if upstream is None or value is None or value.activation is None:
        return None
    made = np.multiply(upstream, value.activation, dtype=np.result_type(upstream, np.float64))
    return float(made.sum().real)


def poked(state: "State", reply: Reply, opened: object) -> "State | None":
    """Return the state after a reply to the poke under way; None where it is no such reply."""
    poke = state.poke
    if poke is None or not poke.running or not isinstance(reply, RunDone | RunFailed | Lost):
        return None
    if reply.run != poke.number:
        return None
    if not isinstance(reply, RunDone) or not isinstance(opened, Capture):
        notice = None if isinstance(reply, RunDone) else Notice(reply.message, mistake=True)
        return replace(unpoked(state), notice=notice)
    shown = replace(poke, running=False, shown=poke.sent)
    once = int(poke.before.backward)
    run = replace(poke.before, capture=opened, passes=once, input_passes=once)
    words = replace(poke, amount=poke.sent).nudge.words()
    return replace(
        known_in(state, opened),
        poke=shown,
        run=run,
        check=None,
        notice=Notice(message("Session", _POKED, where=words)),
    )


def unpoked(state: "State") -> "State":
    """Return the state with the run from before the poke."""
    poke = state.poke
    if poke is None:
        return state
    run = poke.before
    state = known_in(state, run.capture)
    return replace(state, poke=None, run=run, check=None, notice=None)


def known_in(state: "State", capture: Capture) -> "State":
    """Return the state with nothing selected, asked or swept over that another run has not."""
    known = {step.name for step in capture.steps}
    gone = state.step is not None and state.selected not in known
    swept = state.sweep is not None and state.sweep.address.name not in known | {""}
    return replace(
        state,
        selected=INPUT_CARD if gone else state.selected,
        view=replace(state.view, channel=None) if gone else state.view,
        asking=asking_after(state.asking, capture),
        sweep=None if gone or swept else state.sweep,
    )
