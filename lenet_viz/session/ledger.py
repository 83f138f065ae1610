"""The gradient ledger's part of the state: the optimiser, its updates, and what led to them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from lenet_viz.capture.arrays import Array, widened
from lenet_viz.capture.records import Capture, Parameter
from lenet_viz.engine.update_messages import Trained
from lenet_viz.network.optimiser import OptimiserChoice

if TYPE_CHECKING:
    from lenet_viz.session.state import Run, State

EVENTS_KEPT = 10
"""So many events are shown; the runs of older ones are let go."""


class Happened(StrEnum):
    """What an event is."""

    FORWARD = "forward"
    ZERO_GRAD = "zero_grad"
    BACKWARD = "backward"
    UPDATE = "update"


@dataclass(frozen=True, eq=False)
class OpenedUpdate:
    """The blobs that an update has left, opened.

    Attributes:
        weights: every weight after it, as it is stored.
        memory: what the optimiser remembers, by torch's name and the parameter's.
    """

    weights: Mapping[str, Array]
    memory: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Updated:
    """An update that has been made.

    Attributes:
        number: which update of these weights it was, from 1.
        run: the run whose gradients it took.
        choice: the optimiser, with the numbers it had.
        weights_before: every weight before it, as it is stored.
        before: what the optimiser remembered before it; empty where it was new.
        after: the weights after it, and what the optimiser remembers now.
    """

    number: int
    run: int
    choice: OptimiserChoice
    weights_before: Mapping[str, Array] = field(compare=False, repr=False)
    before: Mapping[str, Array] = field(compare=False, repr=False)
    after: OpenedUpdate = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed ``.grad`` or the weights, or might have been thought to.

    Attributes:
        kind: what happened.
        run: the run it belongs to.
        passes: how many passes the parameters' ``.grad`` adds up afterwards.
        capture: the run's record; None for an update.
        updated: the update; None for others.
    """

    kind: Happened
    run: int
    passes: int
    capture: Capture | None = field(default=None, compare=False, repr=False)
    updated: Updated | None = None


@dataclass(frozen=True, slots=True)
class Updating:
    """The optimiser and what it has done to the weights at hand.

    Attributes:
        choice: the optimiser of the next update.
        memory: blob with what it remembers; None where it is new.
        last: the last update of these weights; None before the first.
        events: what happened to ``.grad`` and the weights, the newest last.
        told: the optimiser as the log has made it; None where it has not.
    """

    choice: OptimiserChoice = field(default_factory=OptimiserChoice)
    memory: str | None = None
    last: Updated | None = None
    events: tuple[Event, ...] = ()
    told: OptimiserChoice | None = None

    @property
    def count(self) -> int:
        """How many updates the weights at hand have had."""
        return 0 if self.last is None else self.last.number

    def since(self, run: int) -> bool:
        """Return whether the weights were updated after a run."""
        return self.last is not None and self.last.run == run

    @property
    def remembered(self) -> Mapping[str, Array]:
        """What the optimiser remembers, by torch's name and the parameter's."""
        return {} if self.memory is None or self.last is None else self.last.after.memory

    def with_events(self, *events: Event) -> "Updating":
        """Return the same with more events."""
        return replace(self, events=(*self.events, *events)[-EVENTS_KEPT:])

    def anew(self) -> "Updating":
        """Return the same optimiser for other weights: it remembers nothing of them."""
        return Updating(self.choice)


class RunWeights(Mapping[str, Array]):
    """The parameters that a run had, by name, as they are stored; read when asked for."""

    def __init__(self, capture: Capture) -> None:
        """Read from ``capture``."""
        self._parameters = capture.parameters

    def __getitem__(self, name: str) -> Array:
        """Return one parameter's numbers, read-only."""
        parameter = self._parameters.get(name)
        if parameter is None:
            raise KeyError(name)
        return parameter.source.read(parameter.value_key)

    def __iter__(self) -> Iterator[str]:
        """Return the names in torch's order."""
        return (parameter.name for parameter in self._parameters)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._parameters)


def weights_now(state: "State") -> Mapping[str, Array]:
    """Return the weights that the next update changes; empty before the first run."""
    last, run = state.updating.last, state.run
    if run is None:
        return {}
    if last is not None and state.updating.since(run.number):
        return last.after.weights
    return RunWeights(run.capture)


def first_names(capture: Capture) -> dict[str, str]:
    """Return each parameter's first name: a tied tensor has several and is updated once."""
    firsts: dict[str, str] = {}
    return {each.name: firsts.setdefault(each.value_key, each.name) for each in capture.parameters}


def trained(capture: Capture) -> tuple[Trained, ...]:
    """Return what an optimiser of ``net.parameters()`` is given: each tensor once."""
    names: dict[str, list[str]] = {}
    others = _tied(capture)
    dtypes = {each.name: each.dtype for each in capture.parameters}
    for name, first in first_names(capture).items():
        names.setdefault(first, []).append(name)
    return tuple(
        Trained(tuple(dict.fromkeys((*all_, *others.get(first, ())))), dtypes[first])
        for first, all_ in names.items()
    )


def _tied(capture: Capture) -> dict[str, tuple[str, ...]]:
    """Return all names of each parameter that has several, by each of them."""
    try:
        listed = json.loads(capture.settings.get("tied", "[]"))
        groups = [tuple(map(str, group)) for group in listed]
    except (ValueError, TypeError, RecursionError):
        return {}  # of a file that somebody has written: nothing is updated from one
    return {name: group for group in groups for name in group}


def memory_of(
    memory: Mapping[str, Array], choice: OptimiserChoice, parameter: Parameter, first: str
) -> dict[str, Array]:
    """Return what an optimiser remembers of one parameter, by torch's names.

    Args:
        memory: what it remembers of all.
        choice: the optimiser.
        parameter: which.
        first: its first name, see `first_names`.
    """
    found = {name: memory.get(f"{name}:{first}") for name in choice.state_names}
    return {
        name: array if name == "step" else widened(array, parameter.dtype)
        for name, array in found.items()
        if array is not None
    }


def after_run(updating: Updating, run: "Run", *, cleared: bool, kept: bool) -> Updating:
    """Return the ledger after a run that ended well.

    Args:
        updating: the ledger before it.
        run: the run.
        cleared: whether its backward pass began with ``zero_grad``.
        kept: whether it had the same network: the optimiser of another one is gone.
    """
    ledger = updating if kept else updating.anew()
    if not run.backward:
        event = Event(Happened.FORWARD, run.number, run.passes, run.capture)
        if ledger.events and ledger.events[-1].kind is Happened.FORWARD:
            ledger = replace(ledger, events=ledger.events[:-1])
        return ledger.with_events(event)
    event = Event(Happened.BACKWARD, run.number, run.passes, run.capture)
    if not cleared:
        return ledger.with_events(event)
    return ledger.with_events(Event(Happened.ZERO_GRAD, run.number, 0, run.capture), event)
