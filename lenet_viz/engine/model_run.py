"""What a run of a user's model is made of: the model with its weights, and what it is called with.

The user's code runs in here and while it is used, and everything it changes is put back after.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from lenet_viz.capture.store import read_blob, write_blob
from lenet_viz.engine.blame import own_files
from lenet_viz.engine.ingredients import (
    Ingredients,
    checked_seed,
    load_weights,
    no_image,
    weights_from_file,
)
from lenet_viz.engine.messages import Question, RunRequest
from lenet_viz.engine.model_inputs import call_arguments, input_tensors, ranged
from lenet_viz.engine.propose import NoInputFits, propose
from lenet_viz.engine.stages import IMPORTED, IMPORTING, SEARCHING
from lenet_viz.engine.update import stored
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.literals import literal_keywords
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.model_file import model_loaded
from lenet_viz.network.surroundings import seed_all, surroundings_kept
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_PROPOSED = QT_TRANSLATE_NOOP(
    "engine",
    "The input's shape was proposed: {shapes}.",
)
_FURTHEST = QT_TRANSLATE_NOOP(
    "engine",
    "No shape was given for the input, and none of the {count} that were tried fits; the one that "
    "came furthest, {shapes}, is what was run.",
)
_NO_INPUTS = QT_TRANSLATE_NOOP("engine", "The model's forward takes no tensors.")
_DTYPE = QT_TRANSLATE_NOOP(
    "engine",
    "The model's file sets torch's default type of numbers to {found}; it held for this run.",
)

Tell = Callable[[Message, float], None]


@contextmanager
def code_ingredients(
    request: RunRequest, code: ModelCode, folder: Path, progress: Tell
) -> Iterator[Ingredients]:
    """Give what a run of a user's model is made of, while its code can be run.

    Args:
        request: the run.
        code: the model's code.
        folder: where blobs lie.
        progress: called with each stage.

    Raises:
        UserMistake: the code makes no model, the inputs or weights do not fit it.
        RunBroke: a blob cannot be read or written.
    """
    keywords = literal_keywords(request.keywords)
    checked_seed(request.input.seed)
    if request.input.kind not in ("random", "digit"):
        raise no_image(request.input.kind)
    progress(IMPORTING, 0.0)
    with surroundings_kept():
        seed_all(checked_seed(request.weights_seed))
        default = torch.get_default_dtype()
        with model_loaded(code, lambda: progress(IMPORTED, 0.05)) as (model, make):
            notes: list[Message] = []
            if torch.get_default_dtype() != default:
                found = str(torch.get_default_dtype())
                notes.append(message("engine", _DTYPE, found=found))
            drawn = torch.get_rng_state()
            if request.weights is None and request.weights_file is not None:
                notes += weights_from_file(model, request.weights_file)
            shapes, asks = request.shapes, None
            if not shapes:
                shapes, asks = _proposed(model, make, keywords, progress, notes)
            shapes = ranged(shapes)
            args, kwargs = call_arguments(
                shapes, input_tensors(shapes, request.input), request.keywords
            )
            torch.set_rng_state(drawn)
            materialise(model, args, kwargs)
            weights = _stored(model, request, folder)
            seed_all(checked_seed(request.objective_seed))
            yield Ingredients(model, weights, args, kwargs, None, "", shapes, tuple(notes), asks)


def _proposed(
    model: nn.Module,
    make: Callable[[], nn.Module],
    keywords: Mapping[str, Any],
    progress: Tell,
    notes: list[Message],
) -> tuple[tuple[InputShape, ...], Question | None]:
    """Return a proposal and add a note on it; the model stays as it is.

    Where nothing fits it is what came furthest, and a question: the run then shows where and why
    it fails.
    """
    progress(SEARCHING, 0.08)
    try:
        with untouched(model):
            shapes = propose(lambda: scratch(model, make), keywords)
    except NoInputFits as nothing:
        if nothing.furthest is None:
            raise
        words = _listed(nothing.furthest)
        notes.append(message("engine", _FURTHEST, count=nothing.tried, shapes=words))
        return nothing.furthest, Question(nothing.kind, nothing.options)
    template = _PROPOSED if shapes else _NO_INPUTS
    notes.append(message("engine", template, shapes=_listed(shapes)))
    return shapes, None


def _listed(shapes: tuple[InputShape, ...]) -> str:
    return "; ".join(shape.words() for shape in shapes)


def scratch(model: nn.Module, make: Callable[[], nn.Module]) -> nn.Module:
    """Return a copy to try things with: a real one, or one made again, or the model itself."""
    try:
        return copy.deepcopy(model)
    except Exception:  # noqa: BLE001 - a model may hold anything that cannot be copied
        return make()


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Put the model's numbers back at the end, in case it could not be copied."""
    state = storable(model)
    kept = {name: tensor.detach().clone() for name, tensor in state.items()}
    try:
        yield
    finally:
        with torch.no_grad():
            for name, tensor in state.items():
                tensor.copy_(kept[name])


def storable(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return parameters and persistent buffers by the names of ``state_dict``.

    Left out is what no file can hold: tensors not yet shaped, quantised, sparse, without numbers.
    The model's own ``state_dict`` may be somebody's code, and is not called.
    """
    found: dict[str, torch.Tensor] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        passing = module._non_persistent_buffers_set
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            if tensor is not None and name not in passing and _has_numbers(tensor):
                found[f"{path}.{name}" if path else name] = tensor
    return found


def _has_numbers(tensor: torch.Tensor) -> bool:
    if is_lazy(tensor) or tensor.is_meta or tensor.is_quantized or tensor.is_nested:
        return False
    return tensor.is_cpu and tensor.layout is torch.strided


def materialise(model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Give shapes to the parameters of lazy modules, as a first call does; nothing else changes."""
    if not any(is_lazy(parameter) for parameter in model.parameters()):
        return
    modes = [(module, module.training) for module in model.modules()]
    try:
        for module, _ in modes:
            module.training = False  # BatchNorm counts nothing, dropout draws nothing
        with torch.no_grad():
            model(*_copies(args), **_copies(kwargs))
    except Exception:  # noqa: BLE001 - the user's code may raise anything
        return  # the run itself will say what is wrong, with its steps
    finally:
        for module, mode in modes:
            module.training = mode


def _copies(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, tuple):
        return tuple(map(_copies, value))
    return {key: _copies(inner) for key, inner in value.items()} if type(value) is dict else value


def _stored(model: nn.Module, request: RunRequest, folder: Path) -> str:
    """Return the name of the blob with the model's weights, those of the request put in first."""
    state = storable(model)
    if request.weights is not None:
        with own_files():
            blob = read_blob(folder, request.weights)
        load_weights(state, blob)
        return request.weights
    with own_files():
        return write_blob({name: stored(tensor) for name, tensor in state.items()}, folder)
