"""Which number is asked about, and the way that led there."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.session.cards import LOSS_CARD, TARGET_CARD, input_card

if TYPE_CHECKING:
    from lenet_viz.session.state import State

LONGEST = 200
"""So many questions can be gone back to."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question and its neighbours, as a browser keeps pages.

    Attributes:
        address: the number that is asked about, its index over all axes; None for none.
        before: the questions before it, the last one last.
        after: those that were gone back from, the next one first.
    """

    address: Address | None = None
    before: tuple[Address, ...] = ()
    after: tuple[Address, ...] = ()

    def on(self, address: Address) -> "Asking":
        """Return the same with a new question."""
        if address == self.address:
            return self
        before = self.before if self.address is None else (*self.before, self.address)
        return Asking(address, before[-LONGEST:])

    def back(self) -> "Asking":
        """Return the question before; the same where there is none."""
        if not self.before:
            return self
        after = self.after if self.address is None else (self.address, *self.after)
        return Asking(self.before[-1], self.before[:-1], after)

    def forward(self) -> "Asking":
        """Return the question that was gone back from; the same where there is none."""
        if not self.after:
            return self
        before = self.before if self.address is None else (*self.before, self.address)
        return Asking(self.after[0], before, self.after[1:])


def other_side(address: Address) -> Address:
    """Return the gradient of a value, or the value of a gradient."""
    side = Side.ACTIVATION if address.side is Side.GRADIENT else Side.GRADIENT
    return replace(address, side=side)


def known(capture: Capture | None, address: Address | None) -> bool:
    """Return whether a run has a number, or could have a gradient, at an address."""
    if capture is None or address is None or address.index is None:
        return False
    shape = shape_at(capture, address)
    return (
        shape is not None
        and len(shape) == len(address.index)
        and all(0 <= at < size for at, size in zip(address.index, shape, strict=True))
    )


def shape_at(capture: Capture, address: Address) -> tuple[int, ...] | None:
    """Return the shape of the tensor that an address names; None for none."""
    if address.place is Place.STEP:
        step = capture.steps.get(address.name)
        outputs = () if step is None else step.outputs
        return outputs[address.output].shape if 0 <= address.output < len(outputs) else None
    if address.place is Place.INPUT:
        number = int(address.name) if address.name.isdecimal() else -1
        values = capture.input_values
        return values[number].shape if 0 <= number < len(values) else None
    if address.place is Place.PARAMETER:
        parameter = capture.parameters.get(address.name)
        return None if parameter is None else parameter.shape
    if address.place is Place.CONSTANT:
        value = capture.constants.get(address.name)
        return None if value is None else value.shape
    return _shape_of_objective(capture, address)


def _shape_of_objective(capture: Capture, address: Address) -> tuple[int, ...] | None:
    objective = capture.objective
    if objective is None:
        return None
    if address.name == "loss" and address.side is Side.ACTIVATION:
        return None if objective.loss is None else ()
    array = objective.target if address.name == "target" else objective.upstream
    return None if array is None else array.shape


def card_of(address: Address) -> str | None:
    """Return the card that stands for an address; None where no single one does."""
    if address.place is Place.STEP:
        return address.name
    if address.place is Place.INPUT and address.name.isdecimal():
        return input_card(int(address.name))
    if address.place is Place.OBJECTIVE:
        return TARGET_CARD if address.name == "target" else LOSS_CARD
    return None


def asked(state: "State", asking: Asking) -> "State":
    """Return the state with a question, its card selected and its side in view."""
    from lenet_viz.session.state import Show

    address = asking.address
    if address is None:
        return replace(state, asking=asking)
    if not known(state.capture, address):
        return state
    view, selected = state.view, state.selected
    card = card_of(address)
    if card is not None and state.has_card(card):
        channel = view.channel if card == selected else None
        selected = card
        show = view.show
        if address.place in (Place.STEP, Place.INPUT):
            other = Show.ACTIVATION if address.side is Side.GRADIENT else Show.GRADIENT
            wanted = Show.GRADIENT if address.side is Side.GRADIENT else Show.ACTIVATION
            show = wanted if show is other else show
        view = replace(view, channel=channel, show=show)
    return replace(state, asking=asking, selected=selected, view=view)


def asking_after(asking: Asking, capture: Capture) -> Asking:
    """Return the questions that a new run still has numbers for."""
    address = asking.address if known(capture, asking.address) else None
    return Asking(
        address,
        tuple(each for each in asking.before if known(capture, each)),
        tuple(each for each in asking.after if known(capture, each)),
    )
