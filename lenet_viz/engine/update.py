"""One update: ``optimizer.step()`` on the tensors of blobs, without a model."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.store import read_blob, write_blob
from lenet_viz.capture.tensors import to_array, to_tensor
from lenet_viz.engine.blame import own_files
from lenet_viz.engine.stages import UPDATING
from lenet_viz.engine.update_messages import Trained, UpdateDone, UpdateRequest
from lenet_viz.errors import UserMistake
from lenet_viz.network.optimiser import ADAM, MOMENTUM, OptimiserChoice
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_NO_GRAD = QT_TRANSLATE_NOOP(
    "engine",
    "No parameter has a .grad, so there is nothing to update with. Press Backward (F6) first.",
)
_FOREIGN = QT_TRANSLATE_NOOP(
    "engine",
    "The stored {what} of {name} is {found}, its weights are {wanted}: they do not belong "
    "together. Press Backward (F6), then update again.",
)


def update(request: UpdateRequest, progress: Callable[[Message, float], None]) -> UpdateDone:
    """Return what one step of an optimiser makes of the weights.

    Exactly one ``optimizer.step()`` of `torch.optim` runs, on the tensors that the blobs hold. A
    parameter whose ``.grad`` is None is left alone, as torch does, and nothing is remembered of
    it. What the blob of the weights holds besides, such as the statistics of batch norm, stays.

    Args:
        request: the update.
        progress: called with a stage and how much is done, 0 to 1.

    Raises:
        UserMistake: the optimiser's numbers cannot be used, or no parameter has a ``.grad``.
        RunBroke: a blob is missing, damaged, or cannot be written.
    """
    mistake = request.optimiser.mistake()
    if mistake is not None:
        raise UserMistake(mistake)
    progress(UPDATING, 0.0)
    folder = Path(request.folder)
    with own_files():
        weights = read_blob(folder, request.weights)
        grads = read_blob(folder, request.grads)
        state = {} if request.state is None else read_blob(folder, request.state)
        tensors = _tensors(request.parameters, weights, grads)
    if all(tensor.grad is None for tensor in tensors.values()):
        raise UserMistake(message("engine", _NO_GRAD))
    optimiser = _made(request.optimiser, list(tensors.values()))
    _remind(optimiser, request.optimiser, tensors, state)
    optimiser.step()
    progress(UPDATING, 0.7)
    new: dict[str, Array] = {name: weights[name] for name in weights}
    for trained in request.parameters:
        array = stored(tensors[trained.names[0]])
        new |= dict.fromkeys(trained.names, array)
    kept = _remembered(optimiser, request.optimiser, tensors)
    with own_files():
        blob, memory = write_blob(new, folder), write_blob(kept, folder) if kept else None
        return UpdateDone(request.run, blob, memory, request.folder)


def _tensors(
    parameters: tuple[Trained, ...], weights: Mapping[str, Array], grads: Mapping[str, Array]
) -> dict[str, torch.Tensor]:
    """Return each parameter as a leaf with its ``.grad``, by its first name."""
    made = {}
    for trained in parameters:
        name = trained.names[0]
        tensor = to_tensor(weights[name], trained.dtype).requires_grad_()
        found = grads.get(f"parameter:{name}")
        if found is not None:
            tensor.grad = _fitting(".grad", name, to_tensor(found, trained.dtype), tensor)
        made[name] = tensor
    return made


def _fitting(what: str, name: str, found: torch.Tensor, tensor: torch.Tensor) -> torch.Tensor:
    """Return ``found`` where it has the shape of the weights it belongs to."""
    if found.shape != tensor.shape:
        shapes = {"found": str(tuple(found.shape)), "wanted": str(tuple(tensor.shape))}
        raise UserMistake(message("engine", _FOREIGN, what=what, name=name, **shapes))
    return found


def _made(choice: OptimiserChoice, tensors: list[torch.Tensor]) -> torch.optim.Optimizer:
    if choice.kind == ADAM:
        return torch.optim.Adam(
            tensors,
            lr=choice.lr,
            betas=(choice.beta1, choice.beta2),
            eps=choice.eps,
            weight_decay=choice.weight_decay,
        )
    # torch refuses nesterov without a momentum, and a momentum of 0 is none.
    momentum = choice.momentum if choice.kind == MOMENTUM else 0.0
    nesterov = choice.nesterov and momentum > 0
    return torch.optim.SGD(
        tensors,
        lr=choice.lr,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=choice.weight_decay,
    )


def _remind(
    optimiser: torch.optim.Optimizer,
    choice: OptimiserChoice,
    tensors: Mapping[str, torch.Tensor],
    state: Mapping[str, Array],
) -> None:
    """Give an optimiser what it knew after the update before."""
    for name, tensor in tensors.items():
        known: dict[str, Any] = {}
        for what in choice.state_names:
            found = state.get(f"{what}:{name}")
            if found is None:
                continue
            if what == "step":
                known[what] = torch.from_numpy(np.array(found, copy=True))
            else:
                known[what] = _fitting(what, name, to_tensor(found, _name_of(tensor)), tensor)
        if known:
            optimiser.state[tensor] = known


def _remembered(
    optimiser: torch.optim.Optimizer,
    choice: OptimiserChoice,
    tensors: Mapping[str, torch.Tensor],
) -> dict[str, Array]:
    """Return what an optimiser knows now, by torch's name of it and the parameter's."""
    kept = {}
    for name, tensor in tensors.items():
        known = optimiser.state.get(tensor, {})
        for what in choice.state_names:
            if isinstance(known.get(what), torch.Tensor):
                kept[f"{what}:{name}"] = stored(known[what])
    return kept


def _name_of(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).rpartition(".")[2]


def stored(tensor: torch.Tensor) -> Array:
    """Return a tensor as a blob holds it: complex numbers as pairs."""
    array = to_array(tensor)
    if not np.iscomplexobj(array):
        return array
    return np.ascontiguousarray(array[..., None]).view(array.real.dtype)
