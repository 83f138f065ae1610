"""What an engine is asked for, given what is shown now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lenet_viz.engine.messages import RunRequest

if TYPE_CHECKING:
    from lenet_viz.session.state import State


def request_for(state: "State", number: int, folder: str, *, backward: bool) -> RunRequest:
    """Return the request for the next run of a state's settings.

    Weights and every ``.grad`` go on from the run that is shown, where it had the same network.

    Args:
        state: the present state.
        number: the run's number.
        folder: where captures and blobs of this session lie.
        backward: whether there is a backward pass.
    """
    settings, own = state.settings, state.settings.own
    start = _start(state)
    return RunRequest(
        run=number,
        spec="" if settings.spec is None else settings.spec.to_json(),
        preset=settings.preset,
        weights_seed=settings.weights_seed,
        weights=start.weights,
        input=settings.input,
        objective=settings.objective.word if backward else None,
        objective_seed=settings.objective.seed,
        zero_grad=settings.zero_grad,
        grads=start.grads,
        folder=folder,
        same_input=start.same_input,
        model=None if own is None else own.code,
        shapes=() if own is None else own.shapes,
        keywords="" if own is None else own.keywords,
        weights_file=settings.weights_file,
        updates=start.updates,
        initialisation=settings.initialisation,
        kept_weights=None if settings.kept is None else settings.kept.blob,
        kept=() if settings.kept is None else settings.kept.pairs,
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What a run goes on from; see `RunRequest`."""

    weights: str | None = None
    grads: str | None = None
    same_input: bool = False
    updates: int = 0


def _start(state: "State") -> _Start:
    """Return what the next run goes on from: the run that is shown, or what an undo came to."""
    settings, base = state.settings, state.building.base
    if base is None:
        same_network = state.run is not None and not state.stale_network
        same_input = state.run is not None and not state.stale_settings
        if not same_network:
            return _Start(same_input=same_input)
        return _Start(state.weights, state.grads, same_input, state.updating.count)
    if base.made_with.same_network(settings):
        same_input = base.made_with.same_forward(settings)
        return _Start(base.weights, base.grads, same_input, base.updating.count)
    return _Start()  # of the network before the edit, only what `Settings.kept` names stays
