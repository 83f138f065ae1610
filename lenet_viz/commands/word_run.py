"""`lenet_viz.capture` and `lenet_viz.show` of a model that is named by a word."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet_viz.commands.advice import called_advice
from lenet_viz.commands.own_run import own_code
from lenet_viz.commands.window import capture_path
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.network.spec_file import names_spec, read_spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from torch.nn import Module

    from lenet_viz.capture.records import Capture


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: Any
    inputs: Sequence[Any]
    kwargs: Mapping[str, Any]
    name: str | None = None
    spec: str = ""


def names_network(word: str) -> bool:
    """Return whether a word names a preset, a network in JSON or code, and not a capture.

    Raises:
        UserMistake: it names code that is not there or no Python.
    """
    return word in presets.NAMES or names_spec(word) or own_code(word) is not None


def run_word(
    word: str,
    inputs: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    backward: Any = None,
    seed: int | None = None,
) -> "Capture":
    """Return the record of one run of the model that a word names, run in this process.

    Args:
        word: a preset's name, a network's JSON file, or Python code such as ``net.py:Net(10)``.
        inputs: what it is called with; none for a preset's own input, or for random numbers of a
            shape that fits.
        kwargs: keyword arguments of its ``forward``.
        backward: as for `lenet_viz.capture`.
        seed: N makes the weights, N + 1 the random input, N + 2 the rest of the run, as on the
            command line; None for 0.

    Raises:
        UserMistake: there is no such model, its code is to blame, or no shape fits.
    """
    from lenet_viz.capture.recorder import record

    code = own_code(word)
    if code is None:
        _refuse_capture(word)
    # torch takes negative seeds, too, but no generator of ours does.
    given = _Given(word, inputs, kwargs, (seed or 0) % 2**62)
    with _network(given) if code is None else _code(code, given) as made:
        return record(
            made.model,
            made.inputs,
            made.kwargs,
            objective=backward,
            seed=given.seed + 2,  # as on the command line, where the same seed gives the same run
            name=made.name,
            spec=made.spec,
        )


def _refuse_capture(word: str) -> None:
    """Refuse the name of a capture, which has been run already.

    Raises:
        UserMistake: it is one.
    """
    if capture_path(word) is None:
        return
    template = QT_TRANSLATE_NOOP(
        "cli",
        "{file} is no network: it is a saved run, or some other file. A saved run is read with "
        "lenet_viz.load({word}); a model is a .py or .json file, or one of {known}.",
    )
    known = ", ".join(presets.NAMES)
    raise UserMistake(message("cli", template, file=word, word=repr(word), known=known))


@dataclass(frozen=True, slots=True)
class _Given:
    word: str
    inputs: Sequence[Any]
    kwargs: Mapping[str, Any]
    seed: int


@contextmanager
def _network(given: _Given) -> Iterator[_Loaded]:
    from lenet_viz.engine.ingredients import input_tensor
    from lenet_viz.engine.messages import InputRequest, RunRequest
    from lenet_viz.network.build import apply_weights, build

    if names_spec(given.word):
        spec, preset = read_spec(Path(given.word)), None
    else:
        preset = presets.get(given.word)
        spec = preset.spec
    seed, inputs = given.seed, given.inputs
    model = build(spec, seed=seed)
    if preset is not None and preset.weights is not None:
        apply_weights(model, preset.weights)
    if not inputs:
        kind = "random" if preset is None else preset.input_kind
        request = RunRequest(
            run=1,
            spec="",
            preset="" if preset is None else preset.name,
            weights_seed=seed,
            weights=None,
            input=InputRequest(kind, 7, 0, seed + 1),
            objective=None,
            objective_seed=seed,
            zero_grad=True,
            grads=None,
            folder="",
        )
        inputs = (input_tensor(request, spec),)
    name = spec.name if preset is None else preset.name
    yield _Loaded(model, inputs, given.kwargs, name, spec.to_json())


@contextmanager
def _code(code: ModelCode, given: _Given) -> Iterator[_Loaded]:
    import torch

    from lenet_viz.engine.model_run import materialise
    from lenet_viz.network.model_file import model_loaded
    from lenet_viz.network.surroundings import seed_all, surroundings_kept

    with surroundings_kept():
        seed_all(given.seed)
        with model_loaded(code) as (model, make):
            drawn = torch.get_rng_state()
            inputs, kwargs = tuple(given.inputs), dict(given.kwargs)
            if not inputs:
                inputs, named = _proposed(model, make, given)
                kwargs.update(named)
            torch.set_rng_state(drawn)
            materialise(model, inputs, kwargs)
            seed_all(given.seed + 2)
            yield _Loaded(model, inputs, kwargs)


def _proposed(
    model: "Module", make: "Callable[[], Module]", given: _Given
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the tensors a model is called with, by place and by name; it stays as it is.

    Raises:
        ModelQuestion: no shape was found that it takes.
    """
    from lenet_viz.engine.messages import InputRequest
    from lenet_viz.engine.model_inputs import call_arguments, input_tensors, ranged
    from lenet_viz.engine.model_run import scratch, untouched
    from lenet_viz.engine.propose import propose

    try:
        with untouched(model):
            shapes = ranged(propose(lambda: scratch(model, make), given.kwargs))
    except ModelQuestion as nothing:
        told = called_advice(nothing.message, nothing.kind, given.word, nothing.options)
        raise ModelQuestion(told, nothing.kind, nothing.options) from nothing
    tensors = input_tensors(shapes, InputRequest("random", seed=given.seed + 1))
    return call_arguments(shapes, tensors, "")
