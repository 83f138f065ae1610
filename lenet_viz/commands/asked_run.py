"""A run that a command line asks for: its words are checked first, then an engine runs it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lenet_viz.capture import words
from lenet_viz.commands.advice import typed_advice
from lenet_viz.commands.telling import Teller
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.initialisation import AS_TORCH, Initialisation, parse_initialisation
from lenet_viz.network.shapes import derive
from lenet_viz.network.spec_file import names_spec, read_spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.engine.messages import InputRequest, RunDone, RunRequest
    from lenet_viz.network.spec import Spec
    from lenet_viz.network.weights_choice import WeightsChoice

LARGEST_SEED: Final = 2**63 - 3
"""The largest seed, so that the two after it are still whole numbers that torch takes."""

OWN_INPUTS: Final = {"digit": "digit:7", "random": "random"}
"""What ``preset`` stands for where a preset has no image of its own, by its kind of input."""

_STARTING: Final[Message] = message(
    "cli", QT_TRANSLATE_NOOP("cli", "Starting the engine (importing torch) …")
)


@dataclass(frozen=True, slots=True)
class Seeds:
    """The three seeds that one number stands for.

    Attributes:
        weights: what the weights are made with.
        input: what a random input is made with.
        objective: what the random vector or target of backward is made with.
    """

    weights: int
    input: int
    objective: int


@dataclass(frozen=True, slots=True)
class AskedRun:
    """What is to be run, every word of it checked.

    Attributes:
        spec: the network.
        preset: its name where it comes with the program; "" otherwise.
        seeds: what is made with which seed.
        input: which input.
        objective: the objective's word; None for forward only.
        weights_file: where its weights are read from; None for those of the seed.
        initialisation: what weights of the seed begin as.
    """

    spec: "Spec"
    preset: str
    seeds: Seeds
    input: "InputRequest"
    objective: str | None
    weights_file: "WeightsChoice | None" = None
    initialisation: Initialisation = AS_TORCH

    def request(self, folder: str) -> "RunRequest":
        """Return what an engine is asked for; what it makes goes into ``folder``."""
        from lenet_viz.engine.messages import RunRequest

        return RunRequest(
            run=1,
            spec=self.spec.to_json(),
            preset=self.preset,
            weights_seed=self.seeds.weights,
            weights=None,
            input=self.input,
            objective=self.objective,
            objective_seed=self.seeds.objective,
            zero_grad=True,
            grads=None,
            folder=folder,
            weights_file=self.weights_file,
            initialisation=self.initialisation,
        )


def asked_run(
    model: str,
    input_word: str = "preset",
    seed_word: str = "0",
    backward_word: str | None = None,
    weights_file: "WeightsChoice | None" = None,
    init_word: str | None = None,
) -> AskedRun:
    """Return the run that the words of a command line ask for.

    Args:
        model: a preset's name, or the path of a JSON file with a network.
        input_word: ``digit:7``, ``digit:7:12``, ``random``, ``random:3`` or ``preset``.
        seed_word: a whole number from 0, see `seeds_of`.
        backward_word: the objective's word; None for forward only.
        weights_file: where its weights are read from; None for those of the seed.
        init_word: what weights of the seed begin as, ``he-normal``; None for torch's own way.

    Raises:
        UserMistake: a word that cannot be used.
    """
    if names_spec(model):
        spec, preset, kind = read_spec(Path(model)), "", "random"
    else:
        known = presets.get(model)
        spec, preset, kind = known.spec, known.name, known.input_kind
    begun = _initialisation(init_word, preset, weights_file)
    seeds = seeds_of(seed_word)
    chosen = input_of(input_word, kind, seeds)
    objective = None if backward_word is None else objective_of(backward_word, spec)
    if objective is None:
        derive(spec).require()
    return AskedRun(spec, preset, seeds, chosen, objective, weights_file, begun)


def _initialisation(
    word: str | None, preset: str, weights_file: "WeightsChoice | None"
) -> Initialisation:
    """Return what weights begin as.

    Raises:
        UserMistake: there is no such word, or no weights are drawn.
    """
    if word is None:
        return AS_TORCH
    found = parse_initialisation(word)
    if weights_file is not None:
        template = QT_TRANSLATE_NOOP(
            "cli", "--init {word} and --weights {path} are both there; leave one of them out"
        )
        raise UserMistake(message("cli", template, word=word, path=weights_file.path))
    if preset and presets.get(preset).weights is not None:
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{preset} comes with fixed weights, which --init {word} cannot change; leave it out",
        )
        raise UserMistake(message("cli", template, preset=preset, word=word))
    return found


def run_in_engine(request: "RunRequest", teller: Teller) -> "RunDone":
    """Return what became of a run in an engine of its own, its stages told.

    Raises:
        UserMistake: the run could not be finished because of what the user gave.
        RunBroke: the run could not be finished for another reason, such as a full disk.
        EngineLost: the engine ended.
    """
    from lenet_viz.engine.single_run import RunRefused, run_once

    teller.stage(_STARTING.english())
    try:
        return run_once(request, teller.take)
    except RunRefused as mistake:
        asked = mistake.question
        if asked is None:
            raise
        raise UserMistake(typed_advice(mistake.message, asked.kind, asked.options)) from mistake


def seeds_of(word: str) -> Seeds:
    """Return the seeds N, N + 1 and N + 2 for the ``word`` N.

    Raises:
        UserMistake: it is no whole number from 0 to `LARGEST_SEED`.
    """
    if word.isascii() and word.isdigit() and len(word) <= 19 and int(word) <= LARGEST_SEED:
        first = int(word)
        return Seeds(first, first + 1, first + 2)
    raise UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli", "--seed is {found}; wanted: a whole number from 0 to {most}, as in --seed 3"
            ),
            found=repr(word),
            most=LARGEST_SEED,
        )
    )


def input_of(word: str, preset_kind: str, seeds: Seeds) -> "InputRequest":
    """Return the input that ``word`` names.

    Args:
        word: ``digit:K``, ``digit:K:I``, ``random``, ``random:SEED`` or ``preset``.
        preset_kind: the preset's own kind of input.
        seeds: for a random input that names no seed of its own.

    Raises:
        UserMistake: the word is none of these, or there is no such digit or scan.
    """
    from lenet_viz.engine.messages import InputRequest
    from lenet_viz.inputs import parse_input

    chosen = parse_input(word)
    if chosen.kind == "preset" and preset_kind != "preset":
        chosen = parse_input(OWN_INPUTS[preset_kind])
    seed = seeds.input if chosen.seed is None else chosen.seed
    return InputRequest(chosen.kind, chosen.label or 0, chosen.index, seed)


def objective_of(word: str, spec: "Spec") -> str:
    """Return the objective's word after a look at its number.

    Args:
        word: ``random``, ``output:K``, ``cross-entropy:K``, ``mse`` or ``vector:A,B,...``.
        spec: the network whose outputs K counts.

    Raises:
        UserMistake: the word is none of these, or the network has no output K.
    """
    objective = words.parse(word)
    shape = derive(spec).require().node(spec.output).output
    # Classes stand on the second axis, outputs on the last.
    outputs = shape[min(1, len(shape) - 1) if objective.kind == "cross-entropy" else -1]
    if objective.index is not None and objective.index >= outputs:
        raise UserMistake(
            message(
                "cli",
                QT_TRANSLATE_NOOP(
                    "cli",
                    "--backward is {found}, but {model} has {count} outputs; wanted: {kind}:K "
                    "with K from 0 to {last}",
                ),
                found=repr(word),
                model=spec.name,
                count=outputs,
                kind=objective.kind,
                last=outputs - 1,
            )
        )
    return objective.text
