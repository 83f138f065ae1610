"""One run: from a request to a capture file."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.recorder import RecordingFailed, record
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import read_blob, write_blob, write_working
from lenet_viz.capture.tensors import to_array
from lenet_viz.engine.allocator import go_first, keep_freed_memory
from lenet_viz.engine.blame import out_of_memory, own_files
from lenet_viz.engine.broadcast_note import broadcast_notes
from lenet_viz.engine.ingredients import (
    Ingredients,
    checked_seed,
    has_own_weights,
    input_words,
    spec_ingredients,
)
from lenet_viz.engine.messages import RunDone, RunFailed, RunRequest
from lenet_viz.engine.model_run import code_ingredients, storable
from lenet_viz.engine.nudges import nudge_ingredients
from lenet_viz.engine.outputs import NoTensor, OneOutput
from lenet_viz.engine.stages import BOTH, BUILDING, RUNNING, WRITING
from lenet_viz.network import presets
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Tell = Callable[[Message, float], None]


def start_torch(threads: int) -> str:
    """Return torch's version after telling it how many threads to compute with."""
    torch.set_num_threads(threads)
    keep_freed_memory()
    go_first()
    return torch.__version__


def run(request: RunRequest, progress: Tell) -> RunDone | RunFailed:
    """Return what became of one run.

    Equal requests give equal bytes, whatever ran before them: nothing is kept from one run to the
    next, and every random number comes from a seed in the request.

    Args:
        request: the run.
        progress: called with a stage and how much is done, 0 to 1.

    Raises:
        UserMistake: something in the request cannot be used.
        RunBroke: a file in the request's folder cannot be read or written.
    """
    folder = Path(request.folder)
    with ingredients(request, folder, progress) as made:
        return _run(request, made, folder, progress)


@contextmanager
def ingredients(request: RunRequest, folder: Path, progress: Tell) -> Iterator[Ingredients]:
    """Give what a run is made of, as long as it is needed."""
    if request.model is not None:
        with code_ingredients(request, request.model, folder, progress) as made:
            yield made
        return
    progress(BUILDING, 0.0)
    yield spec_ingredients(request, folder)


def _run(
    request: RunRequest, made: Ingredients, folder: Path, progress: Tell
) -> RunDone | RunFailed:
    with own_files():
        before = _grads_before(request, folder)
    progress(RUNNING if request.objective is None else BOTH, 0.1)
    nudge_ingredients(made, request.nudges)
    output = OneOutput(made.model)
    try:
        with nullcontext() if request.model is None else output.taken():
            capture = recorded(request, made, before)
    except RecordingFailed as failure:
        cause = failure.__cause__
        no_tensor = isinstance(cause, NoTensor)
        sentence = cause.message if isinstance(cause, NoTensor) else failure.message
        kept = replace(failure.capture, error=sentence) if no_tensor else failure.capture
        path, _, _ = _write(kept, request, made, folder)
        for note in made.notes:
            template = QT_TRANSLATE_NOOP("engine", "{failure} {note}")
            sentence = message("engine", template, failure=sentence, note=note)
        return RunFailed(
            request.run,
            sentence,
            str(path),
            mistake=not out_of_memory(cause),
            question=made.asks,
            weights=made.weights,
        )
    progress(WRITING, 0.8)
    path, weights, grads = _write(capture, request, made, folder)
    nudged = None if weights == made.weights else weights
    notes = made.notes if output.note is None else (*made.notes, output.note)
    notes += broadcast_notes(capture)
    return RunDone(request.run, str(path), made.weights, grads, made.shapes, notes, nudged=nudged)


def recorded(request: RunRequest, made: Ingredients, before: Mapping[str, Array]) -> Capture:
    """Return the record of a run.

    Args:
        request: the run.
        made: what it is made of.
        before: every ``.grad`` before it.
    """
    return record(
        made.model,
        made.args,
        made.kwargs,
        objective=request.objective,
        # Forward draws first (dropout), then the objective: the same seed gives the same
        # forward pass with and without a backward pass.
        seed=checked_seed(request.objective_seed),
        name=made.name,
        settings={**settings(request, made.shapes), **_tied(made.model)},
        grads_before=before,
        zero_grad=request.objective is not None and request.zero_grad,
        spec=made.spec,
    )


def _write(
    capture: Capture, request: RunRequest, made: Ingredients, folder: Path
) -> tuple[Path, str, str | None]:
    """Return the capture's file and the names of its blobs: weights, and every ``.grad`` after."""
    weights = made.weights
    with own_files():
        grads = _keep_grads(capture, folder)
        if any(nudge.place == "parameter" for nudge in request.nudges):
            # What the run had is not what the next one goes on with.
            weights = write_blob(_weights_of(made.model), folder)
        path = folder / f"run-{request.run}.lvcap"
        return write_working(capture, path, weights, grads, request.grads), weights, grads


def _pure_preset(request: RunRequest) -> str:
    """Return the preset that ran; "" for a network that was edited from one."""
    known = request.preset and presets.get(request.preset).spec.to_json() == request.spec
    return request.preset if known else ""


def settings(request: RunRequest, shapes: tuple[InputShape, ...] = ()) -> dict[str, str]:
    """Return everything that is needed to make the run again, as plain text.

    Args:
        request: the run.
        shapes: what a model of somebody's code was called with.
    """
    return {
        "preset": _pure_preset(request),
        **_code_settings(request, shapes),
        **_file_settings(request),
        **_beginning_settings(request),
        **_nudge_settings(request),
        **({"updates": str(request.updates)} if request.updates else {}),
        "weights_seed": str(request.weights_seed),
        "input": input_words(request.input),
        "input_seed": str(request.input.seed),
        "objective": request.objective or "",
        "objective_seed": str(request.objective_seed),
        "zero_grad": "yes" if request.zero_grad else "no",
        "threads": str(torch.get_num_threads()),
    }


def _tied(model: torch.nn.Module) -> dict[str, str]:
    """Return which names mean one parameter, where some do: a record has each tensor once."""
    names: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    tied = [group for group in names.values() if len(group) > 1]
    return {"tied": json.dumps(tied)} if tied else {}


def _code_settings(request: RunRequest, shapes: tuple[InputShape, ...]) -> dict[str, str]:
    if request.model is None:
        return {}
    return {
        "model_word": request.model.word,
        "model_sha256": request.model.sha256,
        "input_shapes": " ".join(shape.words() for shape in shapes),
        "keywords": request.keywords,
    }


def _file_settings(request: RunRequest) -> dict[str, str]:
    if request.weights_file is None:
        return {}
    return {
        "weights_file": request.weights_file.path,
        "weights_strip": request.weights_file.strip,
    }


def _beginning_settings(request: RunRequest) -> dict[str, str]:
    """Return how drawn weights began, and which layers have theirs from another network."""
    if request.model is not None or request.weights_file is not None:
        return {}
    choice, told = request.initialisation, {}
    if not choice.is_default and not has_own_weights(request, Spec.from_json(request.spec)):
        told["initialisation"] = choice.word
    if request.kept:
        names = (new if new == old else f"{new}={old}" for new, old in request.kept)
        told["kept"] = " ".join(names)
    return told


def _nudge_settings(request: RunRequest) -> dict[str, str]:
    if not request.nudges:
        return {}
    return {"nudges": "; ".join(nudge.words() for nudge in request.nudges)}


def _grads_before(request: RunRequest, folder: Path) -> dict[str, Array]:
    """Return every ``.grad`` that earlier runs left, as ``parameter:<name>`` and ``input:0``."""
    if request.grads is None:
        return {}
    found: Mapping[str, Array] = read_blob(folder, request.grads)
    return {
        name: found[name] for name in found if request.same_input or not name.startswith("input:")
    }


def _weights_of(model: torch.nn.Module) -> dict[str, Array]:
    return {name: to_array(tensor) for name, tensor in storable(model).items()}


def _keep_grads(capture: Capture, folder: Path) -> str | None:
    """Return the name of the blob with every ``.grad`` after the run; None where all are None."""
    kept = {
        f"parameter:{parameter.name}": parameter.source.read(parameter.grad_key)
        for parameter in capture.parameters
        if parameter.grad_key is not None
    }
    for number, (value, key) in enumerate(
        zip(capture.input_values, capture.input_grad_keys, strict=True)
    ):
        if key is not None:
            kept[f"input:{number}"] = value.source.read(key)
    return write_blob(kept, folder) if kept else None
