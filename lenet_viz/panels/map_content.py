"""Which arrays the map panel draws for a state, and what their axes are called. Knows no Qt."""

import math
from dataclasses import dataclass, replace

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState, Objective, Step, Value
from lenet_viz.display.scale import Scale
from lenet_viz.panels.thumbnail import drawable
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, Show, State
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

UPSTREAM = "upstream"
"""Name of v in an objective's address."""
TARGET = "target"
"""Name of the target in an objective's address."""

CROSS_ENTROPY = "cross-entropy"
RESHAPES = frozenset({"view", "reshape", "flatten", "squeeze", "unsqueeze", "unflatten"})


@dataclass(frozen=True, eq=False, slots=True)
class Side2D:
    """One array of one sample, ready to be laid out, or why there is none.

    Attributes:
        address: the whole tensor's.
        role: ``activation``, ``gradient``, ``target`` or ``upstream``: what its heading says.
        shape: the tensor's shape, the batch included.
        letters: one word for each axis of ``shape``: ``n, c, h, w``.
        values: what is drawn, without the batch axis and, in a channel zoom, of that channel
            alone; None where there is nothing to draw.
        prefix: what has to be put before an index of ``values`` to get one of the tensor.
        scales: one for all, or one for each element of the first axis of ``values``.
        shared: whether all channels have one scale.
        zoomed: whether ``values`` are one channel of several.
        missing: why there is no gradient; None where there is one or none was asked for.
        sentence: why there is nothing to draw, other than ``missing``.
        stale: whether it belongs to older settings.
        source_shape: for a view that flattens, its parent's shape without the batch; else empty.
        marked: the class that the objective asks for, where ``values`` are its logits.
    """

    address: Address
    role: str
    shape: tuple[int, ...]
    letters: tuple[str, ...]
    values: Array | None = None
    prefix: tuple[int, ...] = ()
    scales: tuple[Scale, ...] = ()
    shared: bool = True
    zoomed: bool = False
    missing: GradientState | None = None
    sentence: Message | None = None
    stale: bool = False
    source_shape: tuple[int, ...] = ()
    marked: int | None = None

    @property
    def has_channels(self) -> bool:
        """Whether the first axis of ``values`` are channels with pictures of their own."""
        return self.values is not None and self.values.ndim >= 3 and not self.zoomed

    def address_of(self, index: tuple[int, ...]) -> Address:
        """Return the address of one number from its index in the tensor."""
        return replace(self.address, index=index)

    def holds(self, index: tuple[int, ...]) -> bool:
        """Return whether an index of the tensor is among the drawn numbers."""
        if self.values is None or len(index) != len(self.prefix) + self.values.ndim:
            return False
        own = index[len(self.prefix) :]
        within = all(0 <= at < size for at, size in zip(own, self.values.shape, strict=True))
        return within and index[: len(self.prefix)] == self.prefix


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
    sides: tuple[Side2D, ...]
    samples: int | None
    channel: int | None
    channels: int
    choice: bool
    loss: float | None = None


def content_of(state: State) -> MapContent | None:
    """Return what a state asks the panel to draw; None before the first run."""
    capture = state.capture
    if capture is None:
        return None
    if state.selected in {TARGET_CARD, LOSS_CARD}:
        return _objective_content(state, capture)
    step = state.step
    if step is None and state.selected != INPUT_CARD:
        return None
    place, name = (Place.INPUT, "0") if step is None else (Place.STEP, step.name)
    values = capture.input_values if step is None else step.outputs
    op = INPUT_CARD if step is None else step.op
    if not values:
        error = step.error if step is not None else None
        side = Side2D(Address(place, name), "activation", (), (), sentence=error or _no_output())
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


def has_batch(capture: Capture, shape: tuple[int, ...]) -> bool:
    """Return whether a tensor's first axis is the batch: as long as the input's first axis.

    A vector has none: one sample's logits without a batch look the same as a batch of scalars.
    """
    if len(shape) < 2 or not capture.input_values:
        return False
    first = capture.input_values[0].shape
    # An input of three axes is taken as (C, H, W): it has no batch, and C is not one.
    return len(first) >= 2 and len(first) != 3 and shape[0] == first[0]


def axis_words(shape: tuple[int, ...], batched: bool) -> tuple[str, ...]:
    """Return a short word for each axis: ``n, c, h, w``.

    Args:
        shape: the tensor's.
        batched: whether the first axis is the batch.
    """
    rank = len(shape) - batched
    known = {0: (), 1: ("i",), 2: ("i", "j"), 3: ("c", "h", "w"), 4: ("c", "d", "h", "w")}
    own = known.get(rank) or tuple(f"i{axis}" for axis in range(rank))
    return ("n", *own) if batched else tuple(own)


def _sides(show: Show) -> tuple[Side, ...]:
    if show is Show.BOTH:
        return (Side.ACTIVATION, Side.GRADIENT)
    return (Side.GRADIENT,) if show is Show.GRADIENT else (Side.ACTIVATION,)


def _value_side(state: State, value: Value, address: Address, batched: bool) -> Side2D:
    gradient = address.side is Side.GRADIENT
    stale = state.stale_backward or state.stale_forward if gradient else state.stale_forward
    blank = Side2D(
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
    grey = address.place is Place.INPUT and not gradient and _is_picture(state)
    return _filled(blank, array, batched, state.view.channel, grey)


def _is_picture(state: State) -> bool:
    return state.run is not None and state.run.settings.input.kind != "random"


def _filled(
    side: Side2D, array: Array, batched: bool, channel: int | None, grey: bool = False
) -> Side2D:
    """Return ``side`` with the numbers of its first sample and their scales."""
    prefix: tuple[int, ...] = ()
    if batched:
        # A batch of no samples has nothing to draw, but is no error.
        array, prefix = (array[0], (0,)) if array.shape[0] else (array.reshape(0), ())
    zoomed = channel is not None and array.ndim >= 3 and 0 <= channel < array.shape[0]
    shared = side.shared or array.ndim < 3
    scales: tuple[Scale, ...] = (Scale.of(drawable(array), grey),)
    if zoomed and channel is not None:
        array, prefix = array[channel], (*prefix, channel)
        if not shared:
            scales = (Scale.of(drawable(array), grey),)
    elif not shared:
        scales = Scale.of_channels(drawable(array), grey) or scales
    return replace(side, values=array, prefix=prefix, scales=scales, shared=shared, zoomed=zoomed)


def _with_step(side: Side2D, state: State, capture: Capture, step: Step | None) -> Side2D:
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
    side = Side2D(
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
        side = replace(_filled(side, array, batched, None), marked=_asked_class(objective))
    loss = objective.loss if objective is not None and name == UPSTREAM else None
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
