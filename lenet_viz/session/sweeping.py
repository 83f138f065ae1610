"""A sweep: the question walks over a map, element by element, in reading order."""

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from lenet_viz.capture.address import Address
from lenet_viz.session.asking import Asking, asked, shape_at

if TYPE_CHECKING:
    from lenet_viz.session.state import State


@dataclass(frozen=True, slots=True)
class Sweep:
    """Where a sweep is.

    Attributes:
        start: the first element of the map or vector that is swept over.
        shape: the map's shape, its last two axes; of a vector its only one.
        position: which element it is at, from 0 in reading order.
    """

    start: Address
    shape: tuple[int, ...]
    position: int = 0

    @property
    def count(self) -> int:
        """How many elements there are."""
        return prod(self.shape)

    @property
    def place(self) -> tuple[int, ...]:
        """The element's place in the map."""
        left, found = self.position, []
        for size in reversed(self.shape):
            left, at = divmod(left, size)
            found.append(at)
        return tuple(reversed(found))

    @property
    def address(self) -> Address:
        """The element that is asked about."""
        leading = (self.start.index or ())[: -len(self.shape)]
        return replace(self.start, index=(*leading, *self.place))

    def at(self, position: int) -> "Sweep":
        """Return the sweep at another element, at the first or last where there is none."""
        return replace(self, position=max(0, min(self.count - 1, position)))


def sweep_over(state: "State") -> Sweep | None:
    """Return a sweep over the map of the number that is asked about; None where there is none."""
    address, capture = state.asked, state.capture
    if address is None or capture is None or not address.index:
        return None
    shape = shape_at(capture, address)
    if not shape:
        return None
    axes = 2 if len(shape) > 2 else 1
    leading = address.index[:-axes]
    start = replace(address, index=(*leading, *(0,) * axes))
    return Sweep(start, shape[-axes:])


class Sweeps:
    """The part of a session that sweeps.

    Attributes:
        state: the present state.
    """

    state: "State"

    def start_sweep(self) -> None:
        """Begin at the first element of the map of the number that is asked about."""
        sweep = sweep_over(self.state)
        if sweep is not None:
            self._show_sweep(sweep, self.state.asking.on(sweep.address))

    def sweep_to(self, position: int) -> None:
        """Ask about another element of the sweep; no question is kept to go back to."""
        sweep = self.state.sweep
        if sweep is not None:
            moved = sweep.at(position)
            self._show_sweep(moved, replace(self.state.asking, address=moved.address))

    def stop_sweep(self) -> None:
        """Let the question stay where it is."""
        if self.state.sweep is not None:
            self._set(replace(self.state, sweep=None))

    def _show_sweep(self, sweep: Sweep, asking: Asking) -> None:
        state = replace(asked(self.state, asking), sweep=sweep)
        if state != self.state:
            self._set(state)

    def _set(self, state: "State") -> None:
        raise NotImplementedError
