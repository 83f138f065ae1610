"""One run: from a request to a capture file."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.recorder import RecordingFailed, record
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import read_blob, write_blob, write_working
from lenet_viz.engine.allocator import keep_freed_memory
from lenet_viz.engine.blame import out_of_memory, own_files
from lenet_viz.engine.ingredients import checked_seed, input_tensor, input_words, network
from lenet_viz.engine.messages import RunDone, RunFailed, RunRequest
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_BUILDING = message("engine", QT_TRANSLATE_NOOP("engine", "Building the network …"))
_RUNNING = message("engine", QT_TRANSLATE_NOOP("engine", "Forward …"))
_BOTH = message("engine", QT_TRANSLATE_NOOP("engine", "Forward and backward …"))
_WRITING = message("engine", QT_TRANSLATE_NOOP("engine", "Writing what happened …"))


def start_torch(threads: int) -> str:
    """Return torch's version after telling it how many threads to compute with."""
    torch.set_num_threads(threads)
    keep_freed_memory()
    return torch.__version__


def run(request: RunRequest, progress: Callable[[Message, float], None]) -> RunDone | RunFailed:
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
    progress(_BUILDING, 0.0)
    spec = Spec.from_json(request.spec)
    net, weights = network(request, spec, folder)
    x = input_tensor(request, spec)
    with own_files():
        before = _grads_before(request, folder)
    progress(_RUNNING if request.objective is None else _BOTH, 0.1)
    backward = request.objective is not None
    try:
        capture = record(
            net,
            (x,),
            objective=request.objective,
            # Forward draws first (dropout), then the objective: the same seed gives the same
            # forward pass with and without a backward pass.
            seed=checked_seed(request.objective_seed),
            name=request.preset or spec.name,
            settings=settings(request),
            grads_before=before,
            zero_grad=backward and request.zero_grad,
            spec=request.spec,
        )
    except RecordingFailed as failure:
        path, _ = _write(failure.capture, request, weights, folder)
        ours = out_of_memory(failure.__cause__)
        return RunFailed(request.run, failure.message, str(path), mistake=not ours)
    progress(_WRITING, 0.8)
    path, grads = _write(capture, request, weights, folder)
    return RunDone(request.run, str(path), weights, grads)


def _write(
    capture: Capture, request: RunRequest, weights: str, folder: Path
) -> tuple[Path, str | None]:
    """Return the capture's file and the name of the blob with every ``.grad`` after the run."""
    with own_files():
        grads = _keep_grads(capture, folder)
        path = folder / f"run-{request.run}.lvcap"
        return write_working(capture, path, weights, grads, request.grads), grads


def settings(request: RunRequest) -> dict[str, str]:
    """Return everything that is needed to make the run again, as plain text."""
    return {
        "preset": request.preset,
        "weights_seed": str(request.weights_seed),
        "input": input_words(request.input),
        "input_seed": str(request.input.seed),
        "objective": request.objective or "",
        "objective_seed": str(request.objective_seed),
        "zero_grad": "yes" if request.zero_grad else "no",
        "threads": str(torch.get_num_threads()),
    }


def _grads_before(request: RunRequest, folder: Path) -> dict[str, Array]:
    """Return every ``.grad`` that earlier runs left, as ``parameter:<name>`` and ``input:0``."""
    if request.grads is None:
        return {}
    found: Mapping[str, Array] = read_blob(folder, request.grads)
    return {
        name: found[name] for name in found if request.same_input or not name.startswith("input:")
    }


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
