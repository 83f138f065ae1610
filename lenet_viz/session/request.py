"""What an engine is asked for, given what is shown now."""

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
    same_network = state.run is not None and not state.stale_network
    return RunRequest(
        run=number,
        spec="" if settings.spec is None else settings.spec.to_json(),
        preset=settings.preset,
        weights_seed=settings.weights_seed,
        weights=state.weights if same_network else None,
        input=settings.input,
        objective=settings.objective.word if backward else None,
        objective_seed=settings.objective.seed,
        zero_grad=settings.zero_grad,
        grads=state.grads if same_network else None,
        folder=folder,
        same_input=state.run is not None and not state.stale_settings,
        model=None if own is None else own.code,
        shapes=() if own is None else own.shapes,
        keywords="" if own is None else own.keywords,
        weights_file=settings.weights_file,
        updates=state.updating.count if same_network else 0,
    )
