"""The run that a figure shows: made by an engine, or read from a capture."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lenet_viz.commands.asked_run import AskedRun, asked_run, run_in_engine
from lenet_viz.commands.figure_pages import KnownStep, channels_of
from lenet_viz.commands.figure_words import Wish
from lenet_viz.commands.own_run import OwnWords, run_already, spec_weights, tell_notes
from lenet_viz.commands.summary import of_spec
from lenet_viz.commands.window import capture_named
from lenet_viz.session.opening import with_capture
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.settings import first_objective
from lenet_viz.session.state import (
    INPUT_CARD,
    LOSS_CARD,
    TARGET_CARD,
    CaptureOnly,
    EngineStatus,
    Settings,
    State,
)

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture
    from lenet_viz.commands.telling import Teller
    from lenet_viz.engine.messages import Request, RunRequest

NO_BACKWARD: Final = "none"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure's run comes from.

    Attributes:
        steps: the steps and cards it has.
        state: gives the state that shows it; takes a folder for files and who tells of progress.
    """

    steps: tuple[KnownStep, ...]
    state: "Callable[[str, Teller], State]"


def source_of(wish: Wish) -> Source:
    """Return where the run of a wish comes from, if it is no code; nothing is run yet.

    Raises:
        UserMistake: there is no such model, a capture cannot be read, or a word cannot be used.
    """
    capture = capture_named(wish.model)
    if capture is None:
        return _of_spec(wish)
    for option, word in (
        ("--input", wish.input),
        ("--seed", wish.seed),
        ("--backward", wish.backward),
        (own_words(wish).given, own_words(wish).given or None),
    ):
        if word is not None:
            raise run_already(option, wish.model)
    name = capture.model.name if wish.handed_over_run else Path(wish.model).name
    return of_capture(capture, CaptureOnly(name, not wish.handed_over_run))


def of_capture(capture: "Capture", opened: CaptureOnly) -> Source:
    """Return a run that was made before.

    Args:
        capture: the run.
        opened: what it is called.
    """
    # A room of Qt's, but without Qt: what counts as a batch is said there once.
    from lenet_viz.panels.map_side import has_batch

    def channels(shape: tuple[int, ...]) -> int:
        return channels_of(shape[1:] if has_batch(capture, shape) else shape)

    steps = tuple(
        KnownStep(
            step.name,
            channels(step.outputs[0].shape) if step.outputs else 0,
            bool(step.parameter_names()),
        )
        for step in capture.steps
    )
    values = capture.input_values
    first = channels(values[0].shape) if values else 0

    def state(folder: str, teller: "Teller") -> State:
        del folder, teller
        shown = with_capture(State(default_settings()), capture, opened, 1)
        return replace(shown, engine=EngineStatus.READY)

    return Source(_with_cards(steps, first), state)


def own_words(wish: Wish) -> OwnWords:
    """Return what a wish says of a model of the user's own."""
    return OwnWords(wish.input_shape or (), wish.kwargs, wish.weights, wish.strip_prefix, wish.init)


def _of_spec(wish: Wish) -> Source:
    forward_only = wish.backward == NO_BACKWARD
    words = (wish.input or "preset", "0" if wish.seed is None else wish.seed)
    weights = spec_weights(own_words(wish), wish.model)
    backward = None if forward_only else wish.backward
    asked = asked_run(wish.model, *words, backward, weights, wish.init)
    made = of_spec(asked.spec)
    steps = tuple(
        KnownStep(
            line.name, channels_of(line.output_shape[1:]), bool(line.parameters or line.shared)
        )
        for line in made.steps
    )
    settings = _settings(asked)

    def state(folder: str, teller: "Teller") -> State:
        return _run(settings, folder, teller, backward=not forward_only)

    return Source(_with_cards(steps, channels_of(made.input_shape[1:])), state)


def _with_cards(steps: tuple[KnownStep, ...], channels: int) -> tuple[KnownStep, ...]:
    return (
        KnownStep(INPUT_CARD, channels),
        *steps,
        KnownStep(TARGET_CARD),
        KnownStep(LOSS_CARD),
    )


def _settings(asked: AskedRun) -> Settings:
    """Return a window's settings for the run that a command line asks for."""
    from lenet_viz.capture import words

    spec = asked.spec
    # As in the window: the class of the digit that is put in, and 7 where none is.
    label = asked.input.label if asked.input.kind == "digit" else 7
    objective = first_objective(spec, label, asked.seeds.objective)
    if asked.objective is not None:
        word = words.parse(asked.objective)
        index = objective.index if word.index is None else word.index
        objective = replace(
            objective, kind=word.kind, index=index, vector=word.numbers, flat=word.flat
        )
    return Settings(
        asked.preset,
        spec,
        asked.seeds.weights,
        asked.input,
        objective,
        weights_file=asked.weights_file,
        initialisation=asked.initialisation,
    )


class _Engine:
    """Keeps what a session asks for, until it is run."""

    def __init__(self) -> None:
        self.requests: list[RunRequest] = []

    def submit(self, request: "Request") -> None:
        """Keep the request of a run; nothing else is asked for."""
        from lenet_viz.engine.messages import RunRequest

        assert isinstance(request, RunRequest)
        self.requests.append(request)

    def keep(self, blobs: frozenset[str]) -> None:
        """Keep nothing."""

    def stop(self) -> None:
        """Stop nothing: nothing runs yet."""


def _run(settings: Settings, folder: str, teller: "Teller", *, backward: bool) -> State:
    """Return the state of a window after one run with settings.

    Raises:
        UserMistake: the run could not be finished because of what the user gave.
        RunBroke: the run could not be finished for another reason, such as a full disk.
        EngineLost: the engine ended.
    """
    from lenet_viz.capture.store import load

    engine = _Engine()
    session = Session(engine, folder, State(settings))
    if backward:
        session.backward()
    else:
        session.forward()
    done = run_in_engine(engine.requests.pop(), teller)
    tell_notes(done, teller)
    session.receive(done, load(done.capture))
    return session.state
