"""`lenet_viz.capture` and `lenet_viz.show` of a model that is named by a word."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet_viz.commands.own_run import own_code
from lenet_viz.network import presets
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.spec_file import names_spec, read_spec

if TYPE_CHECKING:
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
        seed: seeds the weights and the run; None for 0.

    Raises:
        UserMistake: there is no such model, its code is to blame, or no shape fits.
    """
    from lenet_viz.capture.recorder import record

    first = 0 if seed is None else seed
    drawn = first % 2**62  # torch takes negative seeds, too, but no generator of ours does
    code = own_code(word)
    given = _Given(inputs, kwargs, drawn)
    with _network(word, given) if code is None else _code(code, given) as made:
        return record(
            made.model,
            made.inputs,
            made.kwargs,
            objective=backward,
            seed=first,
            name=made.name,
            spec=made.spec,
        )


@dataclass(frozen=True, slots=True)
class _Given:
    inputs: Sequence[Any]
    kwargs: Mapping[str, Any]
    seed: int


@contextmanager
def _network(word: str, given: _Given) -> Iterator[_Loaded]:
    from lenet_viz.engine.ingredients import input_tensor
    from lenet_viz.engine.messages import InputRequest, RunRequest
    from lenet_viz.network.build import apply_weights, build

    if names_spec(word):
        spec, preset = read_spec(Path(word)), None
    else:
        preset = presets.get(word)
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
    from lenet_viz.engine.messages import InputRequest
    from lenet_viz.engine.model_inputs import call_arguments, input_tensors, ranged
    from lenet_viz.engine.propose import propose
    from lenet_viz.network.model_file import model_loaded
    from lenet_viz.network.surroundings import seed_all, surroundings_kept

    with surroundings_kept():
        seed_all(given.seed)
        with model_loaded(code) as (model, _):
            inputs, kwargs = given.inputs, dict(given.kwargs)
            if not inputs:
                shapes = ranged(propose(lambda: copy.deepcopy(model), kwargs))
                tensors = input_tensors(shapes, InputRequest("random", seed=given.seed + 1))
                inputs, named = call_arguments(shapes, tensors, "")
                kwargs.update(named)
            yield _Loaded(model, inputs, kwargs)
