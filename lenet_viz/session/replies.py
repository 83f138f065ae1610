"""What an engine's reply makes of the state."""

from dataclasses import replace

from lenet_viz.capture.records import Capture
from lenet_viz.engine.messages import Done, Lost, Progress, Ready, Reply, RunDone, RunFailed
from lenet_viz.engine.update_messages import UpdateDone
from lenet_viz.session.asking import asking_after
from lenet_viz.session.building import after_building, layers_of_run, remembered
from lenet_viz.session.cards import FAILED_CARD
from lenet_viz.session.checking import checked
from lenet_viz.session.folding import with_folds_for
from lenet_viz.session.ledger import OpenedUpdate, after_run
from lenet_viz.session.log import LOG_LIMIT, with_entries
from lenet_viz.session.poke import poked
from lenet_viz.session.printed import again_entries, backward_entries, forward_entries
from lenet_viz.session.saved import saved
from lenet_viz.session.state import (
    INPUT_CARD,
    EngineStatus,
    LogEntry,
    Notice,
    Pending,
    Run,
    State,
    View,
    cards_of,
)
from lenet_viz.session.update_made import updated
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

__all__ = ["LOG_LIMIT", "received", "selected_after", "view_after", "with_entries"]


def received(state: State, reply: Reply, opened: Capture | OpenedUpdate | None) -> State:
    """Return the state after a reply; the same one where the reply concerns no run under way.

    Args:
        state: the present state.
        reply: what the engine or its client says.
        opened: what the reply names, opened: a run's capture, or an update's blobs.
    """
    if isinstance(reply, Ready):
        return replace(state, engine=_resting(state))
    answered = poked(state, reply, opened) or checked(state, reply) or saved(state, reply)
    if isinstance(reply, Lost):
        return _after_loss(answered or state, reply, known=answered is not None)
    if answered is not None:
        return answered
    pending = state.pending
    if pending is None or reply.run != pending.number:
        return state
    if isinstance(reply, Progress):
        known = replace(pending, stage=reply.stage, fraction=reply.fraction)
        return replace(state, pending=known, engine=EngineStatus.BUSY)
    return _ended(state, pending, reply, opened)


def _ended(
    state: State, pending: Pending, reply: Done, opened: Capture | OpenedUpdate | None
) -> State:
    capture = opened if isinstance(opened, Capture) else None
    if isinstance(reply, RunFailed):
        return _failed(state, pending, reply, capture)
    if isinstance(reply, UpdateDone) and isinstance(opened, OpenedUpdate):
        words = message("Build", QT_TRANSLATE_NOOP("Build", "update the weights"))
        return updated(remembered(state, words), pending, reply, opened)
    if capture is None or not isinstance(reply, RunDone):
        return state
    return _finished(state, pending, reply, capture)


def _resting(state: State) -> EngineStatus:
    return EngineStatus.READY if state.pending is None else EngineStatus.BUSY


def _after_loss(state: State, reply: Lost, *, known: bool) -> State:
    """Return the state without the run that was lost; a run that waits goes on elsewhere."""
    pending = state.pending
    lost = pending is not None and reply.run == pending.number
    if reply.run is not None and not lost and not known:
        return state  # that run has been told of before
    return replace(
        state,
        pending=None if lost else pending,
        engine=EngineStatus.STARTING if reply.followed else EngineStatus.LOST,
        notice=Notice(reply.message, mistake=not reply.wanted),
    )


def _failed(state: State, pending: Pending, reply: RunFailed, capture: Capture | None) -> State:
    """Return the state after a run that could not be finished.

    Where it left steps behind, they take the place of the run before: what failed is among them.
    The weights and every ``.grad`` are as they were before it, or are made anew.
    """
    failed = replace(
        state,
        pending=None,
        engine=EngineStatus.READY,
        notice=Notice(_with_way_out(reply, pending), mistake=True),
        question=reply.question,
    )
    if capture is None or not (capture.steps or capture.input_values):
        return failed
    before = None if state.run is None else state.run.settings
    kept = pending.base is None and before is not None
    kept = kept and before is not None and before.same_network(pending.settings)
    run = Run(
        number=pending.number,
        settings=pending.settings,
        capture=capture,
        backward=pending.backward,
        passes=state.passes if kept else 0,
        input_passes=0,
    )
    culprit = next((step.name for step in capture.steps if step.error is not None), None)
    if culprit is None and FAILED_CARD in cards_of(capture):
        culprit = FAILED_CARD
    selected = culprit or selected_after(state, capture)
    return replace(
        failed,
        run=run,
        weights=state.weights if kept else None,
        grads=state.grads if kept else None,
        passes=run.passes,
        updating=state.updating if kept else state.updating.anew(),
        selected=selected,
        view=view_after(state, capture, selected),
        asking=asking_after(state.asking, capture),
        check=None,
        sweep=None,
        log=with_entries(state, forward_entries(capture)),
    )


_WAYS_OUT = {
    "shape": QT_TRANSLATE_NOOP("Session", "Press Ctrl+M and write the shape beside “Inputs”."),
    "keyword": QT_TRANSLATE_NOOP("Session", "Press Ctrl+M and write it beside “Further keywords”."),
    "digit": QT_TRANSLATE_NOOP("Session", "Ctrl+M changes the shape."),
}
_OTHERWISE = QT_TRANSLATE_NOOP("Session", "Ctrl+M changes how the model is called.")


def _with_way_out(reply: RunFailed, pending: Pending) -> Message:
    """Return why a run failed, and where a model of the user's own is called otherwise."""
    asked = reply.question
    if pending.settings.own is None or not reply.mistake:
        return reply.message
    if asked is not None:
        way = _WAYS_OUT.get(asked.kind, "")  # of other kinds, the dialog that asks says it
    else:
        way = _OTHERWISE if reply.capture is not None else ""
    return _together(reply.message, message("Session", way)) if way else reply.message


def _together(one: Message, more: Message) -> Message:
    return message("Session", QT_TRANSLATE_NOOP("Session", "{one} {more}"), one=one, more=more)


def _finished(state: State, pending: Pending, reply: RunDone, capture: Capture) -> State:
    """Return the state with a finished run in the place of the one before."""
    settings, before, base = pending.settings.with_shapes(reply.shapes), state.run, pending.base
    made_with = None if before is None else before.settings
    passes, input_passes = state.passes, 0 if before is None else before.input_passes
    updating = state.updating
    if base is not None:
        made_with, updating = base.made_with, base.updating
        passes, input_passes = base.passes, base.input_passes
    same_network = made_with is not None and made_with.same_network(settings)
    same_forward = made_with is not None and made_with.same_forward(settings)
    this = int(pending.backward)
    kept = passes if same_network and not (this and settings.zero_grad) else 0
    kept_input = input_passes if same_forward else 0
    run = Run(
        number=pending.number,
        settings=settings,
        capture=capture,
        backward=pending.backward,
        passes=kept + this,
        input_passes=kept_input + this,
    )
    selected = selected_layer(state, run) or selected_after(state, capture)
    settings = state.settings
    return replace(
        state,
        # The shapes that the engine has proposed are those of the next run, too.
        settings=settings.with_shapes(reply.shapes) if settings == pending.settings else settings,
        run=run,
        pending=None,
        notice=_told(reply, pending) or state.notice,
        engine=EngineStatus.READY,
        weights=reply.weights,
        grads=reply.grads,
        passes=run.passes,
        selected=selected,
        view=view_after(state, capture, selected),
        asking=asking_after(state.asking, capture),
        check=None,
        sweep=None,
        updating=after_run(updating, run, cleared=pending.settings.zero_grad, kept=same_network),
        building=after_building(state.building, pending.base),
        log=with_entries(state, _printed(run, state, repeated=same_forward)),
    )


def _told(reply: RunDone, pending: Pending) -> Notice | None:
    """Return what a run has to tell; None where there is nothing."""
    if not reply.notes:
        return None
    own, notes = pending.settings.own, reply.notes
    if own is not None and reply.shapes and not own.shapes:
        template = QT_TRANSLATE_NOOP("Session", "Another one can be given with Ctrl+M.")
        notes = (*notes, message("Session", template))
    whole = notes[0]
    for note in notes[1:]:
        whole = _together(whole, note)
    return Notice(whole)


def view_after(state: State, capture: Capture, selected: str) -> View:
    """Return the view for a new capture: a zoomed channel is left where the map is another."""
    old, new = state.step, capture.steps.get(selected)
    before, after = old and old.shape, new and new.shape
    same = selected == state.selected and before == after
    view = state.view if same else replace(state.view, channel=None)
    return with_folds_for(view, state.capture, capture)


def selected_after(state: State, capture: Capture) -> str:
    """Return the card that is selected after a run; the first run selects its first step."""
    first = state.run is None and state.selected == INPUT_CARD
    if first and capture.steps:
        return capture.steps[0].name
    return state.selected if state.selected in cards_of(capture) else INPUT_CARD


def selected_layer(state: State, run: Run) -> str:
    """Return the card of the layer that is being built, where its own card is gone; "" for none."""
    if state.selected in cards_of(run.capture):
        return ""
    focus = state.building.focus
    return next((card for card, layer in layers_of_run(run).items() if layer == focus), "")


def _printed(run: Run, before: State, *, repeated: bool) -> tuple[LogEntry, ...]:
    """Return what a run prints; of a forward pass that backward only repeats, one line."""
    cleared = run.settings is not None and run.settings.zero_grad
    if repeated and before.updated_since:
        entries = again_entries(run.capture)
    elif run.backward and repeated:
        # Backward frees its graph: whoever types the log needs forward again before it.
        entries = (LogEntry("out = net(input)"),)
    else:
        entries = forward_entries(run.capture)
    if run.backward:
        entries += backward_entries(run.capture, cleared=cleared, passes=run.passes)
    return entries
