"""`lenet-viz capture`: one run in an engine process, written to a file."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TextIO

from lenet_viz.capture import words
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.shapes import derive
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.engine.messages import InputRequest, Progress
    from lenet_viz.network.spec import Spec

LARGEST_SEED: Final = 2**63 - 3
"""The largest seed, so that the two after it are still whole numbers that torch takes."""

OWN_INPUTS: Final = {"digit": "digit:7", "random": "random"}
"""What ``preset`` stands for where a preset has no image of its own, by its kind of input."""

_BAR: Final = 24
"""Letters that the progress bar is wide."""


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


def capture(
    model: str,
    file: str,
    *,
    input_word: str = "preset",
    seed_word: str = "0",
    backward_word: str | None = None,
    force: bool = False,
    progress: TextIO | None = None,
) -> Path:
    """Return the path of the capture file that one run has been written to.

    Args:
        model: a preset's name.
        file: where the capture goes.
        input_word: ``digit:7``, ``digit:7:12``, ``random``, ``random:3`` or ``preset``.
        seed_word: a whole number from 0, see `seeds_of`.
        backward_word: the objective's word; None for forward only.
        force: whether an existing file is replaced.
        progress: where the stages are told; nowhere if None.

    Raises:
        UserMistake: a word that cannot be used, a file that is there already or a folder that
            is not; nothing has been run then.
        EngineLost: the engine ended.
    """
    preset = presets.get(model)
    seeds = seeds_of(seed_word)
    chosen = input_of(input_word, preset.input_kind, seeds)
    objective = None if backward_word is None else objective_of(backward_word, preset.spec)
    path = Path(file)
    _check_target(path, force)

    from lenet_viz.capture.store import load
    from lenet_viz.engine.messages import RunRequest
    from lenet_viz.engine.single_run import run_once

    teller = _Teller(progress)
    # Windows cannot remove a file that is still mapped; the system clears the folder later.
    with TemporaryDirectory(prefix="lenet-viz-", ignore_cleanup_errors=True) as folder, teller:
        teller.stage(_STARTING.english())
        done = run_once(
            RunRequest(
                run=1,
                spec=preset.spec.to_json(),
                preset=model,
                weights_seed=seeds.weights,
                weights=None,
                input=chosen,
                objective=objective,
                objective_seed=seeds.objective,
                zero_grad=True,
                grads=None,
                folder=folder,
            ),
            teller.take,
        )
        _check_target(path, force)  # it may have appeared while the run went on
        return load(done.capture).save(path)


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
        word: ``random``, ``output:K``, ``cross-entropy:K`` or ``mse``.
        spec: the network whose outputs K counts.

    Raises:
        UserMistake: the word is none of these, or the network has no output K.
    """
    objective = words.parse(word)
    report = derive(spec).require()
    outputs = prod(report.node(spec.output).output[1:])
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


def _check_target(path: Path, force: bool) -> None:
    """Refuse a target that cannot be written, before anything is run for it."""
    if path.is_dir():
        template = QT_TRANSLATE_NOOP(
            "cli", "{file} is a folder; give the name of a file, as in -o {file}/run.lvcap"
        )
    elif path.exists() and not force:
        template = QT_TRANSLATE_NOOP(
            "cli", "{file} exists already; choose another name, or --force to replace it"
        )
    elif not path.parent.is_dir():
        template = QT_TRANSLATE_NOOP(
            "cli",
            "{file} cannot be written, for there is no folder {folder}; make it first or choose "
            "another",
        )
    else:
        return
    raise UserMistake(message("cli", template, file=str(path), folder=str(path.parent)))


_STARTING: Final[Message] = message(
    "cli", QT_TRANSLATE_NOOP("cli", "Starting the engine (importing torch) …")
)


class _Teller:
    """Tells a run's stages: a bar that is redrawn on a terminal, else one line a stage."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._bar = stream is not None and stream.isatty()
        self._last = ""
        self._width = 0

    def __enter__(self) -> "_Teller":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None and self._width:
            self._stream.write("\r" + " " * self._width + "\r")  # what comes next starts clean
            self._stream.flush()

    def take(self, progress: "Progress") -> None:
        """Tell where a run is."""
        self.stage(progress.stage.english(), progress.fraction)

    def stage(self, text: str, fraction: float = 0.0) -> None:
        """Tell a stage, with how much is done, 0 to 1."""
        if self._stream is None:
            return
        if self._bar:
            full = round(_BAR * min(1.0, max(0.0, fraction)))
            line = f"[{'#' * full}{'.' * (_BAR - full)}] {text}"
            self._stream.write("\r" + line.ljust(self._width))
            self._width = max(self._width, len(line))
        elif text != self._last:
            self._stream.write(text + "\n")
        self._last = text
        self._stream.flush()
