"""The verbs of updating: one step of an optimiser, and which optimiser it is."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lenet_viz.capture.records import Capture
from lenet_viz.engine.update_messages import UpdateRequest
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.session.ledger import Updating, trained
from lenet_viz.session.opening import cannot_run
from lenet_viz.session.poke import unpoked
from lenet_viz.session.state import NOT_READY, EngineStatus, Notice, Pending, State
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.session.session import Engine

_NO_GRAD = QT_TRANSLATE_NOOP(
    "Session",
    "No parameter has a .grad yet, so there is nothing to update with. Press Backward (F6) first.",
)
_FAILED = QT_TRANSLATE_NOOP(
    "Session",
    "Backward failed in this run, so no parameter has a .grad to update with. Mend what failed and "
    "press Backward (F6) again.",
)
_NOTHING = QT_TRANSLATE_NOOP(
    "Session",
    "This network has no parameters, so there is nothing that an update could change. Choose a "
    "network with weights.",
)
_NONE_REACHED = QT_TRANSLATE_NOOP(
    "Session",
    "Backward gave no parameter a .grad: each is frozen (requires_grad=False) or the objective "
    "does not depend on it. Choose another objective or network, then press Backward (F6).",
)
_STALE = QT_TRANSLATE_NOOP(
    "Session",
    "The weights on the screen belong to older settings. Press Backward (F6), then update.",
)
_STAGE = QT_TRANSLATE_NOOP("Session", "Update is running …")


class Updates:
    """The part of a session that updates.

    Attributes:
        state: the present state.
    """

    state: State
    _last_check: int
    _folder: str
    _engine: "Engine"

    def update(self) -> None:
        """Ask for one ``optimizer.step()``; ``.grad`` stays as it is."""
        state = unpoked(self.state)
        if state.pending is not None:
            return
        reason = why_no_update(state)
        if reason is not None:
            self.tell(reason)
            return
        # Numbered with the checks: the user counts runs and updates, not requests.
        self._last_check -= 1
        request = update_request(state, self._last_check, self._folder)
        busy = EngineStatus.STARTING if state.engine in NOT_READY else EngineStatus.BUSY
        stage = message("Session", _STAGE)
        pending = Pending(
            request.run, state.settings, backward=False, stage=stage, update=state.updating.choice
        )
        self._set(replace(state, pending=pending, engine=busy, notice=None, question=None))
        self._engine.submit(request)

    def choose_optimiser(self, choice: OptimiserChoice) -> None:
        """Take the optimiser of the next update; nothing that was run gets older by it.

        One of another kind begins without a memory; one whose numbers alone differ keeps it.
        """
        state = self.state
        if choice != state.updating.choice:
            self._set(replace(state, updating=with_choice(state, choice)))

    def forget_updates(self) -> None:
        """Go back to the weights before the first update; the next run makes them again."""
        state = unpoked(self.state)
        if state.pending is not None or state.run is None or not state.updating.count:
            return
        # A run without settings is older than any: what comes next starts from the beginning.
        run = replace(state.run, settings=None)
        updating = state.updating.anew()
        self._set(
            replace(
                state, run=run, weights=None, grads=None, passes=0, updating=updating, notice=None
            )
        )

    def _set(self, state: State) -> None:
        raise NotImplementedError

    def tell(self, notice: Notice) -> None:
        """Put a sentence up."""
        raise NotImplementedError


def with_choice(state: State, choice: OptimiserChoice) -> Updating:
    """Return the ledger with another optimiser, or the same one with other numbers."""
    updating = state.updating
    if choice.kind == updating.choice.kind:
        return replace(updating, choice=choice)
    return replace(updating, choice=choice, memory=None, told=None)


def why_no_update(state: State) -> Notice | None:
    """Return why no update can be made now; None where one can. A run under way is no reason."""
    if state.opened is not None:
        return cannot_run(state.opened)
    reason: Message | None = None
    if state.capture is None or not _has_grad(state.capture):
        reason = message("Session", _why_no_grad(state))
    elif state.stale_network:
        reason = message("Session", _STALE)
    else:
        reason = state.updating.choice.mistake()
    return None if reason is None else Notice(reason, mistake=True)


def _has_grad(capture: Capture) -> bool:
    return any(each.grad_key is not None for each in capture.parameters)


def _why_no_grad(state: State) -> str:
    """Return the sentence about why no parameter has a ``.grad``."""
    run = state.run
    if run is None or state.stale_network:
        return _NO_GRAD
    if not len(run.capture.parameters):
        return _NOTHING
    if run.backward and (run.capture.error is not None or _stopped(run.capture)):
        return _FAILED
    return _NONE_REACHED if run.backward else _NO_GRAD


def _stopped(capture: Capture) -> bool:
    """Return whether some step of a run failed."""
    return any(step.error is not None for step in capture.steps)


def update_request(state: State, number: int, folder: str) -> UpdateRequest:
    """Return what the engine is asked for; there are weights and a ``.grad``."""
    assert state.capture is not None
    assert state.weights is not None
    assert state.grads is not None
    return UpdateRequest(
        run=number,
        optimiser=state.updating.choice,
        parameters=trained(state.capture),
        weights=state.weights,
        grads=state.grads,
        state=state.updating.memory,
        folder=folder,
    )
