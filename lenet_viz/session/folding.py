"""What folding and unfolding makes of the view."""

from dataclasses import replace

from lenet_viz.capture.records import Capture
from lenet_viz.session.first_folds import default_folded
from lenet_viz.session.outline import same_model
from lenet_viz.session.state import State, View


def folded(state: State, path: str | None) -> View:
    """Return the view in which each call of a module is one card.

    Args:
        state: what is shown.
        path: the module; None for the innermost one around the selected card.
    """
    shown = state.outline
    if shown is None:
        return state.view
    chosen = shown.innermost(state.selected) if path is None else path
    if chosen is None or chosen not in shown.foldable:
        return state.view
    return _with(state.view, state.view.folded | {chosen})


def unfolded(state: State, path: str | None) -> View:
    """Return the view in which a module's steps, or what is folded in it, stand alone.

    Args:
        state: what is shown.
        path: the module; None for the one that the selected card stands for.
    """
    shown = state.outline
    call = None if shown is None else shown.call_of(state.selected)
    chosen = path if path is not None else None if call is None else call.path
    return _with(state.view, state.view.folded - {chosen})


def all_folded(state: State) -> View:
    """Return the view in which every module is folded, also those in others."""
    shown = state.outline
    return state.view if shown is None else _with(state.view, shown.foldable)


def all_unfolded(state: State) -> View:
    """Return the view in which every step is a card."""
    return _with(state.view, frozenset())


def with_folds_for(view: View, before: Capture | None, capture: Capture) -> View:
    """Return the view for a new run: of the same model it stays folded as it was.

    Args:
        view: the view so far.
        before: the run shown so far; None for none.
        capture: the new run.
    """
    if before is not None and same_model(before, capture):
        return view
    return _with(view, default_folded(capture))


def _with(view: View, paths: frozenset[str]) -> View:
    return view if paths == view.folded else replace(view, folded=paths)
