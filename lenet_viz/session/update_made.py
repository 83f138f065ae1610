"""What an update that was made makes of the state."""

from dataclasses import replace

from lenet_viz.engine.update_messages import UpdateDone
from lenet_viz.session.ledger import Event, Happened, OpenedUpdate, Updated, weights_now
from lenet_viz.session.log import with_entries
from lenet_viz.session.printed_update import update_entries
from lenet_viz.session.state import EngineStatus, Notice, Pending, State
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_DONE = QT_TRANSLATE_NOOP(
    "Session",
    "The weights were updated after this run (update {number}): press Forward (F5) to see what it "
    "changes. .grad stays until zero_grad.",
)
_AGAIN = QT_TRANSLATE_NOOP(
    "Session",
    "Update {number} took the same .grad again, as torch does where no backward pass ran in "
    "between. Press Forward (F5) to see what it changes.",
)


def updated(state: State, pending: Pending, reply: UpdateDone, opened: OpenedUpdate) -> State:
    """Return the state after an update: the run stays, and is older than the weights."""
    before, run, choice = state.updating, state.run, pending.update
    assert run is not None
    assert choice is not None
    made = Updated(
        number=before.count + 1,
        run=run.number,
        choice=choice,
        weights_before=weights_now(state),
        before=before.remembered,
        after=opened,
    )
    event = Event(Happened.UPDATE, run.number, run.passes, updated=made)
    same_kind = before.choice.kind == choice.kind
    after = replace(
        before.with_events(event),
        memory=reply.state if same_kind else None,
        last=made,
        told=choice,
    )
    template = _AGAIN if before.since(run.number) else _DONE
    return replace(
        state,
        pending=None,
        engine=EngineStatus.READY,
        weights=reply.weights,
        updating=after,
        check=None,
        notice=Notice(message("Session", template, number=made.number)),
        log=with_entries(state, update_entries(made, run.capture, told=before.told)),
    )
