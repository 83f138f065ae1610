"""What the gradient ledger knows of one tensor: its ``.grad``, its weights, one element of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.arrays import Array, widened
from lenet_viz.capture.records import Capture, Parameter, Value
from lenet_viz.explain.update import Accumulation, Change, accumulation, change, updated
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.session.ledger import Event, Happened, first_names, memory_of, weights_now
from lenet_viz.session.poke import unpoked
from lenet_viz.session.state import State

MOST_NUMBERS = 20_000_000
"""The norms of a larger tensor would keep the window waiting."""

Index = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """The update that a ledger shows: one that was made, or the next one.

    Attributes:
        choice: the optimiser.
        made: whether it was made after the run; if not, it is a preview.
        before: the weights before it, as they are stored.
        after: the weights after it; None for a preview.
        memory: what the optimiser remembers before it.
        memory_after: what it remembers afterwards; None for a preview.
        possible: whether it can be made: not of a record of a run, which has no network.
    """

    choice: OptimiserChoice
    made: bool
    before: Mapping[str, Array]
    after: Mapping[str, Array] | None
    memory: Mapping[str, Array]
    memory_after: Mapping[str, Array] | None
    possible: bool = True


def step_of(state: State) -> Step:
    """Return the last update where it came after the run, else the next one."""
    if state.poke is not None:  # an update takes the poke back first
        state = unpoked(state)
    updating, last = state.updating, state.updating.last
    if last is not None and state.updated_since:
        after = last.after
        return Step(
            last.choice, True, last.weights_before, after.weights, last.before, after.memory
        )
    weights, memory = weights_now(state), updating.remembered
    return Step(updating.choice, False, weights, None, memory, None, state.opened is None)


@dataclass(frozen=True, eq=False)
class LedgerRow:
    """One tensor that has a ``.grad``.

    Attributes:
        name: the parameter's name; the input's number as text.
        label: what it is called on the screen.
        tensor: its record.
        passes: how many passes its ``.grad`` adds up.
        first: the first name of a tied parameter; its own name for others.
        step: the update; None for an input, which no optimiser is given.
        after: an input's ``.grad`` after the run; parameters have their own.
        earlier: an input's ``.grad`` after the run before, where that is known.
    """

    name: str
    label: str
    tensor: Parameter | Value
    passes: int
    first: str
    step: Step | None
    after: Array | None = None
    earlier: Array | None = None

    @property
    def is_input(self) -> bool:
        """Whether it is an input of the network, which ``zero_grad`` leaves alone."""
        return not isinstance(self.tensor, Parameter)

    @property
    def shape(self) -> Index:
        """Its shape."""
        return self.tensor.shape

    @property
    def written_out(self) -> bool:
        """Whether its numbers are real: complex ones are not written out."""
        return "complex" not in self.tensor.dtype

    @cached_property
    def grad(self) -> Array | None:
        """``.grad`` after the run; None where torch has None."""
        return self.tensor.grad if isinstance(self.tensor, Parameter) else self.after

    @cached_property
    def this(self) -> Array | None:
        """The run's own part of it; None where there is none."""
        return self.tensor.gradient

    @cached_property
    def before(self) -> Array | None:
        """``.grad`` before the run's backward pass; None where torch had None.

        Of an input it is what the run before left, or else what the pass does not explain.
        """
        if isinstance(self.tensor, Parameter):
            return self.tensor.grad_before
        if self.grad is None or self.this is None:
            return self.grad
        if self.passes < 2 and np.array_equal(self.grad, self.this, equal_nan=True):
            return None
        if self.earlier is not None and self.earlier.shape == self.grad.shape:
            return self.earlier
        with np.errstate(all="ignore"):
            return np.asarray(np.subtract(self.grad, self.this))

    @cached_property
    def weights(self) -> Array | None:
        """The weights before the update; None for an input."""
        return None if self.step is None else self._stored(self.step.before)

    @cached_property
    def weights_after(self) -> Array | None:
        """The weights that torch made; None for a preview and for an input."""
        if self.step is None or self.step.after is None:
            return None
        return self._stored(self.step.after)

    def _stored(self, weights: Mapping[str, Array]) -> Array | None:
        found = weights.get(self.name)
        return None if found is None else widened(found, self.tensor.dtype)

    @cached_property
    def change(self) -> Array | None:
        """What the update adds to the weights, made or not; None where it changes nothing."""
        if self.step is None or self.weights is None or self.grad is None or not self.written_out:
            return None
        wide = self.weights.astype(np.float64)
        if self.weights_after is not None:
            return np.asarray(self.weights_after.astype(np.float64) - wide)
        return np.asarray(
            updated(self.step.choice, wide, self.grad, self._memory(self.step.memory)) - wide
        )

    def _memory(self, memory: Mapping[str, Array]) -> dict[str, Array]:
        if self.step is None or not isinstance(self.tensor, Parameter):
            return {}
        return memory_of(memory, self.step.choice, self.tensor, self.first)

    @property
    def countable(self) -> bool:
        """Whether its norms are worked out."""
        return int(np.prod(self.shape, dtype=np.int64)) <= MOST_NUMBERS

    @cached_property
    def norms(self) -> dict[str, float | None]:
        """Euclidean norms of ``before``, ``this``, ``grad``, ``weights`` and ``change``."""
        names = ("before", "this", "grad", "weights", "change")
        if not self.countable:
            return dict.fromkeys(names)
        return {name: _norm(getattr(self, name)) for name in names}

    # -- one element ---------------------------------------------------------------------------

    @cached_property
    def first_index(self) -> Index | None:
        """The element with the largest ``.grad``; the first one without any, None if empty."""
        if 0 in self.shape:
            return None
        if self.grad is None or not self.countable:
            return (0,) * len(self.shape)
        size = np.abs(self.grad)
        at = int(np.argmax(np.where(np.isnan(size), -1, size)))
        return tuple(int(one) for one in np.unravel_index(at, self.shape)) if self.shape else ()

    def accumulated(self, index: Index) -> Accumulation:
        """Return how a pass changed one element's ``.grad``."""
        return accumulation(*(_at(one, index) for one in (self.before, self.this, self.grad)))

    def changed(self, index: Index) -> Change | None:
        """Return what the update makes of one element; None for an input."""
        if self.step is None or self.weights is None:
            return None
        weight = _at(self.weights, index)
        assert weight is not None
        memory = self.remembered(index, self.step.memory)
        captured = _at(self.weights_after, index)
        return change(self.step.choice, weight, _at(self.grad, index), memory, captured)

    def remembered(self, index: Index, memory: Mapping[str, Array]) -> dict[str, float]:
        """Return what the optimiser remembers of one element, by torch's names."""
        found = self._memory(memory)
        return {
            name: float(array if array.ndim == 0 and name == "step" else array[index])
            for name, array in found.items()
        }

    def address(self, index: Index, side: Side) -> Address:
        """Return the name of one element, or of its gradient."""
        place = Place.INPUT if self.is_input else Place.PARAMETER
        return Address(place, self.name, side=side, index=index)


def _norm(array: Array | None) -> float | None:
    if array is None:
        return None
    kind = np.complex128 if np.iscomplexobj(array) else np.float64
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.sum(np.abs(array.astype(kind)) ** 2)))


def _at(array: Array | None, index: Index) -> float | None:
    return None if array is None else float(array[index])


def rows_of(state: State) -> tuple[LedgerRow, ...]:
    """Return a row for each parameter and, behind them, for each input that has a gradient."""
    run = state.run
    if run is None:
        return ()
    capture, step = run.capture, step_of(state)
    firsts = first_names(capture)
    rows = [
        LedgerRow(each.name, each.name, each, run.passes, firsts[each.name], step)
        for each in capture.parameters
    ]
    single = len(capture.input_values) == 1
    named = zip(capture.input_names, capture.input_values, capture.input_grads, strict=True)
    for number, (name, value, grad) in enumerate(named):
        if grad is not None or value.gradient_state.value != "no_grad":
            label = "input" if single else name
            rows.append(
                LedgerRow(
                    str(number),
                    label,
                    value,
                    run.input_passes,
                    label,
                    None,
                    after=grad,
                    earlier=_earlier(state, number),
                )
            )
    return tuple(rows)


def _earlier(state: State, number: int) -> Array | None:
    """Return an input's ``.grad`` after the run before the last one."""
    run = state.run
    if run is None or run.input_passes < 2:
        return None
    for event in reversed(state.updating.events):
        if event.capture is not None and event.run < run.number:
            grads = event.capture.input_grads
            return grads[number] if number < len(grads) else None
    return None


def grad_after(event: Event, row: LedgerRow, index: Index) -> float | None:
    """Return one element's ``.grad`` after an event; None for None."""
    if event.capture is None or (event.kind is Happened.ZERO_GRAD and not row.is_input):
        return None
    return _at(_grad_in(event.capture, row), index)


def _grad_in(capture: Capture, row: LedgerRow) -> Array | None:
    if row.is_input:
        number = int(row.name)
        grads = capture.input_grads
        return grads[number] if number < len(grads) else None
    parameter = capture.parameters.get(row.name)
    return None if parameter is None else parameter.grad
