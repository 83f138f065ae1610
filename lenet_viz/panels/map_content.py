"""Which arrays the map panel draws for a state, and what their axes are called. Draws nothing."""

import math
from dataclasses import dataclass, replace

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState, Objective, Step, Value
from lenet_viz.panels.map_side import MapSide, axis_words, filled, has_batch
from lenet_viz.session.cards import FAILED_CARD, input_number
from lenet_viz.session.provenance import input_is_picture
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, Show, State
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

UPSTREAM = "upstream"
"""Name of v in an objective's address."""
TARGET = "target"
"""Name of the target in an objective's address."""

CROSS_ENTROPY = "cross-entropy"
RESHAPES = frozenset({"view", "reshape", "flatten", "squeeze", "unsqueeze", "unflatten"})


@dataclass(frozen=True, eq=False, slots=True)
class MapContent:
    """What the panel shows.

    Attributes:
        card: the selected card.
        op: the step's op; the card's name for other cards.
        sides: one or two arrays, from left to right.
        samples: how many samples the batch has; None where there is no batch axis.
        channel: the zoomed channel; None for all.
        channels: how many there are; 0 where the array has none.
        choice: whether activation or gradient can be chosen.
        loss: the objective's value on the loss card; None elsewhere.
    """

    card: str
    op: str
    sides: tuple[MapSide, ...]
    samples: int | None
    channel: int | None
    channels: int
    choice: bool
    loss: float | None = None

    def index_of(self, asked: Address | None) -> tuple[int, ...] | None:
        """Return the index of a number that is asked about; None where it is not drawn."""
        if asked is None:
            return None
        for side in self.sides:
            here = side.address
            same = (here.place, here.name, here.output) == (asked.place, asked.name, asked.output)
            if same and asked.index is not None and side.holds(asked.index):
                return asked.index
        return None


def content_of(state: State) -> MapContent | None:
    """Return what a state asks the panel to draw; None before the first run."""
    capture = state.capture
    if capture is None:
        return None
    if state.selected in {TARGET_CARD, LOSS_CARD}:
        return _objective_content(state, capture)
    step = state.step
    number = 0 if step is not None else input_number(state.selected)
    if number is None and state.selected != FAILED_CARD:
        return None
    place, name = (Place.STEP, state.selected)
    values: tuple[Value, ...] = ()
    op = state.selected
    if step is not None:
        values, op = step.outputs, step.op
    elif number is not None:
        place, name, op = Place.INPUT, str(number), INPUT_CARD
        values = capture.input_values[number : number + 1]
    if not values:
        error = capture.error if step is None else step.error
        side = MapSide(Address(place, name), "activation", (), (), sentence=error or _no_output())
        return MapContent(state.selected, op, (side,), None, None, 0, choice=True)
    value = values[0]
    batched = has_batch(capture, value.shape)
    sides = tuple(
        _value_side(state, value, Address(place, name, side=side), batched)
        for side in _sides(state.view.show)
    )
    sides = tuple(_with_step(side, state, capture, step) for side in sides)
    own = value.shape[1:] if batched else value.shape
    channels = own[0] if len(own) >= 3 else 0
    channel = state.view.channel
    return MapContent(
        card=state.selected,
        op=op,
        sides=sides,
        samples=value.shape[0] if batched else None,
        channel=channel if channel is not None and 0 <= channel < channels else None,
        channels=channels,
        choice=True,
    )


def _sides(show: Show) -> tuple[Side, ...]:
    if show is Show.BOTH:
        return (Side.ACTIVATION, Side.GRADIENT)
    return (Side.GRADIENT,) if show is Show.GRADIENT else (Side.ACTIVATION,)


def _value_side(state: State, value: Value, address: Address, batched: bool) -> MapSide:
    gradient = address.side is Side.GRADIENT
    stale = state.stale_backward or state.stale_forward if gradient else state.stale_forward
    blank = MapSide(
        address,
        str(address.side),
        value.shape,
        axis_words(value.shape, batched),
        shared=state.view.shared_scale,
        stale=stale,
    )
    if gradient:
        array = value.gradient
        if array is None:
            return replace(blank, missing=value.gradient_state)
    elif value.activation_key is None:
        return replace(blank, sentence=_not_kept())
    else:
        array = value.activation
    first = address.place is Place.INPUT and address.name == "0"
    grey = first and not gradient and _is_picture(state)
    return filled(blank, array, batched, state.view.channel, grey)


def _is_picture(state: State) -> bool:
    return state.run is not None and input_is_picture(state.run.capture)


def _with_step(side: MapSide, state: State, capture: Capture, step: Step | None) -> MapSide:
    """Return ``side`` with what its step adds: the shape before a flatten, the asked class."""
    if step is None or side.values is None or side.values.ndim != 1:
        return side
    source: tuple[int, ...] = ()
    if step.op in RESHAPES and step.input_shapes:
        before = step.input_shapes[0]
        before = before[1:] if has_batch(capture, before) else before
        if len(before) >= 2 and math.prod(before) == side.values.size:
            source = before
    marked = None
    objective = capture.objective
    output = capture.output
    if output is not None and capture.steps[output.step].name == step.name and objective:
        marked = _asked_class(objective)
    return replace(side, source_shape=source, marked=marked)


def _objective_content(state: State, capture: Capture) -> MapContent:
    objective = capture.objective
    name = UPSTREAM if state.selected == LOSS_CARD else TARGET
    output = capture.output_value
    shape = output.shape if output is not None else ()
    batched = has_batch(capture, shape)
    side_kind = Side.GRADIENT if name == UPSTREAM else Side.ACTIVATION
    side = MapSide(
        Address(Place.OBJECTIVE, name, side=side_kind),
        name,
        shape,
        axis_words(shape, batched),
        stale=state.stale_backward,
    )
    array = None if objective is None else _objective_array(objective, name, shape)
    if objective is None:
        side = replace(side, missing=GradientState.NO_BACKWARD)
    elif array is None:
        side = replace(side, sentence=_not_kept())
    else:
        role = name if _has_target(objective) else UPSTREAM
        batched = has_batch(capture, array.shape)
        words = axis_words(array.shape, batched)
        side = replace(side, role=role, shape=array.shape, letters=words)
        side = replace(filled(side, array, batched, None), marked=_asked_class(objective))
    has_loss = objective is not None and objective.kind != "output" and name == UPSTREAM
    loss = objective.loss if objective is not None and has_loss else None
    samples = shape[0] if batched and shape else None
    return MapContent(
        state.selected, state.selected, (side,), samples, None, 0, choice=False, loss=loss
    )


def _objective_array(objective: Objective, name: str, shape: tuple[int, ...]) -> Array | None:
    """Return the target or v; a class is shown as the one-hot vector that it stands for."""
    if name == UPSTREAM or not _has_target(objective):
        return objective.upstream
    if objective.target is not None:
        return objective.target
    if objective.index is None or not shape or not 0 <= objective.index < shape[-1]:
        return None
    one_hot = np.zeros(shape, dtype=np.float32)
    one_hot[..., objective.index] = 1
    return one_hot


def _has_target(objective: Objective) -> bool:
    return objective.target_key is not None or objective.kind == CROSS_ENTROPY


def _asked_class(objective: Objective) -> int | None:
    return objective.index if objective.kind == CROSS_ENTROPY else None


def _not_kept() -> Message:
    return message(
        "Maps", QT_TRANSLATE_NOOP("Maps", "The numbers of this tensor were not kept in this run.")
    )


def _no_output() -> Message:
    return message("Maps", QT_TRANSLATE_NOOP("Maps", "This step gave no tensor."))


def same_maps(old: State, new: State) -> bool:
    """Return whether two states have the same maps."""
    return (
        old.run is new.run
        and old.selected == new.selected
        and old.view.show == new.view.show
        and old.view.shared_scale == new.view.shared_scale
        and old.view.causes == new.view.causes
        and old.view.channel == new.view.channel
        and old.stale_forward == new.stale_forward
        and old.stale_backward == new.stale_backward
        and old.asked == new.asked
    )
