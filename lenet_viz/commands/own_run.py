"""A run of a model of the user's own, asked for on a command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet_viz.capture import words
from lenet_viz.commands.asked_run import seeds_of
from lenet_viz.commands.telling import Teller
from lenet_viz.errors import UserMistake
from lenet_viz.inputs import parse_input
from lenet_viz.network.input_shapes import InputShape, parse_input_shape
from lenet_viz.network.model_code import ModelCode, parse_model_word
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.engine.messages import RunDone, RunRequest


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a command line says of a model of the user's own, as it was typed.

    Attributes:
        shapes: the tensors it is called with; none for what the engine proposes.
        keywords: further keyword arguments of its ``forward``, as literals.
        weights: the file its weights are read from; None for those of the seed.
        strip: the prefix that is taken off every name in that file.
        init: how drawn weights begin, which is not for a model of the user's own; None for torch's.
    """

    shapes: Sequence[str] = ()
    keywords: str = ""
    weights: str | None = None
    strip: str = ""
    init: str | None = None

    @property
    def given(self) -> str:
        """The first option that was given; "" for none."""
        options = (
            ("--input-shape", self.shapes),
            ("--kwargs", self.keywords),
            ("--weights", self.weights),
            ("--strip-prefix", self.strip),
            ("--init", self.init),
        )
        return next((option for option, value in options if value), "")


def own_words(given: Mapping[str, Any]) -> OwnWords:
    """Return what a command line's parsed arguments say of a model of the user's own."""
    return OwnWords(
        given["input_shape"] or (),
        given["kwargs"],
        given["weights"],
        given["strip_prefix"],
        given.get("init"),
    )


def own_shapes(own: OwnWords) -> tuple[InputShape, ...]:
    """Return the tensors a model is called with; none for what the engine proposes.

    Raises:
        UserMistake: one cannot be read.
    """
    return tuple(parse_input_shape(shape) for shape in own.shapes)


def own_code(model: str) -> ModelCode | None:
    """Return the Python code that a word names; None where it names none. Nothing of it runs.

    Raises:
        UserMistake: it names code that is not there or no Python.
    """
    return parse_model_word(model, Path.cwd())


def weights_choice(own: OwnWords) -> WeightsChoice | None:
    """Return the weights file that was named; None for none.

    Raises:
        UserMistake: a prefix is to be taken off the names in no file.
    """
    if own.weights:
        return WeightsChoice(str(Path(own.weights).absolute()), own.strip)
    if own.strip:
        template = QT_TRANSLATE_NOOP(
            "cli",
            "--strip-prefix {prefix} is for the names in a weights file; give --weights FILE, too",
        )
        raise UserMistake(message("cli", template, prefix=own.strip))
    return None


def spec_weights(own: OwnWords, model: str) -> WeightsChoice | None:
    """Return the weights file for a preset or a network in JSON, which need no other words.

    Raises:
        UserMistake: an option was given that only a model of the user's own has.
    """
    option = "--input-shape" if own.shapes else "--kwargs" if own.keywords else ""
    if option:
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{option} is for a model of your own, as in net.py:Net, and {model} is none; leave it "
            "out",
        )
        raise UserMistake(message("cli", template, option=option, model=model))
    return weights_choice(own)


def run_already(option: str, file: str) -> UserMistake:
    """Return that a capture takes no option of a run.

    Args:
        option: the option that was given.
        file: the capture.
    """
    template = QT_TRANSLATE_NOOP(
        "cli", "{file} is a capture, which has been run already; leave {option} out"
    )
    return UserMistake(message("cli", template, file=file, option=option))


def own_request(
    code: ModelCode,
    own: OwnWords,
    folder: str,
    *,
    input_word: str = "preset",
    seed_word: str = "0",
    backward_word: str | None = None,
) -> "RunRequest":
    """Return what an engine is asked for.

    Args:
        code: the model.
        own: how it is called.
        folder: where what it makes goes.
        input_word: as for presets; ``preset`` stands for ``random`` here.
        seed_word: as for presets.
        backward_word: the objective's word; None for forward only.

    Raises:
        UserMistake: a word that cannot be used.
    """
    from lenet_viz.engine.messages import InputRequest, RunRequest

    if own.init is not None:
        template = QT_TRANSLATE_NOOP(
            "cli",
            "--init {word} is for presets and networks in JSON: the code of {model} makes its "
            "weights itself; leave it out",
        )
        raise UserMistake(message("cli", template, word=own.init, model=code.word))
    seeds = seeds_of(seed_word)
    chosen = parse_input("random" if input_word == "preset" else input_word)
    seed = seeds.input if chosen.seed is None else chosen.seed
    return RunRequest(
        run=1,
        spec="",
        preset="",
        weights_seed=seeds.weights,
        weights=None,
        input=InputRequest(chosen.kind, chosen.label or 0, chosen.index, seed),
        objective=None if backward_word is None else words.parse(backward_word).text,
        objective_seed=seeds.objective,
        zero_grad=True,
        grads=None,
        folder=folder,
        model=code,
        shapes=own_shapes(own),
        keywords=own.keywords,
        weights_file=weights_choice(own),
    )


def tell_code(code: ModelCode, teller: Teller) -> None:
    """Say which code is about to run."""
    template = QT_TRANSLATE_NOOP(
        "cli", "Running {path} (SHA-256 {sha}): it is code and runs with your rights, in no sandbox"
    )
    teller.stage(message("cli", template, path=code.path, sha=code.sha256).english())


def tell_notes(done: "RunDone", teller: Teller, *, proposed: bool = False) -> None:
    """Say what a run had to tell.

    Args:
        done: the run.
        teller: who says it.
        proposed: whether its shapes were left to the engine.
    """
    for note in done.notes:
        teller.stage(note.english(), 1.0)
    if proposed and done.shapes:
        template = QT_TRANSLATE_NOOP(
            "cli", "Where the model is meant for another shape, say so: --input-shape {shapes}"
        )
        shapes = " --input-shape ".join(shape.words() for shape in done.shapes)
        teller.stage(message("cli", template, shapes=shapes).english(), 1.0)
