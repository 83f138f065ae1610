"""Which arrays a panel offers to take home: whole tensors, with the names of their axes."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState, Objective, Parameter, Value
from lenet_viz.display import numbers
from lenet_viz.export.entry_names import file_part
from lenet_viz.panels.map_side import axis_words, has_batch
from lenet_viz.panels.text import formatted, no_gradient_sentence, translate
from lenet_viz.session.cards import input_number
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, Show, State


@dataclass(frozen=True, eq=False, slots=True)
class SelectedArray:
    """An array that can be saved or copied, or why it cannot.

    Attributes:
        name: what it is called on the screen.
        word: ASCII name for a file, such as ``conv2-gradient``.
        shape: the whole tensor's, the batch included.
        axes: a word for each axis: ``n, c, h, w``; ``out, in, kH, kW`` of a parameter.
        dtype: its logical type, as torch names it; "" where the stored type is the logical one.
        part: index of what the clipboard gets: sample 0, and the channel that fills the maps.
        read: gives the numbers, read-only; called on any thread.
        why_not: why there are no numbers; "" where there are.
    """

    name: str
    word: str
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    dtype: str
    part: tuple[int, ...]
    read: Callable[[], Array | None]
    why_not: str = ""

    @property
    def copied_count(self) -> int:
        """How many numbers the clipboard gets."""
        return math.prod(self.shape[len(self.part) :])


def arrays_of(
    state: State, panel: str, parameters: Iterable[str] = ()
) -> tuple[SelectedArray, ...]:
    """Return what a panel offers: its parameters, the inputs, or what the maps show.

    Args:
        state: what is on the screen.
        panel: the panel's name.
        parameters: names of the rows that are selected in the table of parameters.
    """
    capture = state.capture
    if capture is None:
        return ()
    step = state.step
    if panel == "step" and step is not None:
        parameters = dict.fromkeys(step.parameter_names())
    if panel in {"step", "parameters"}:
        found = [capture.parameters.get(name) for name in parameters]
        offered = tuple(one for each in found if each is not None for one in _of_parameter(each))
        if offered:
            return offered
    if panel == "input":
        return _of_inputs(capture)
    return _of_card(state, capture)


def _of_parameter(parameter: Parameter) -> tuple[SelectedArray, SelectedArray]:
    letters = numbers.axis_letters(parameter.shape, "kernels")
    rank = len(parameter.shape)
    axes = tuple(letters.split(", ")) if letters and rank else axis_words(parameter.shape, False)
    value = SelectedArray(
        name=parameter.name,
        word=file_part(parameter.name),
        shape=parameter.shape,
        axes=axes,
        dtype=parameter.dtype,
        part=(),
        read=lambda: parameter.value,
    )
    grad = SelectedArray(
        name=parameter.name + ".grad",
        word=file_part(parameter.name + ".grad"),
        shape=parameter.shape,
        axes=axes,
        dtype=parameter.dtype,
        part=(),
        read=lambda: parameter.grad,
        why_not="" if parameter.grad_key is not None else _no_grad(parameter.gradient_state),
    )
    return value, grad


def _of_inputs(capture: Capture) -> tuple[SelectedArray, ...]:
    """Return each input and its ``.grad``, as the input panel shows them."""
    offered = []
    several = len(capture.input_values) > 1
    for number, value in enumerate(capture.input_values):
        name, word = INPUT_CARD, INPUT_CARD
        if several:
            own = capture.input_names[number]
            name, word = formatted("Data", "input {name}", name=own), f"input-{own}"
        offered.append(_of_value(capture, value, name, word, gradient=False))
        there = capture.input_grad_keys[number] is not None
        batched = has_batch(capture, value.shape)
        offered.append(
            SelectedArray(
                name=name + ".grad",
                word=file_part(word + ".grad"),
                shape=value.shape,
                axes=axis_words(value.shape, batched),
                dtype=value.dtype,
                part=_part(value.shape, batched, None),
                read=lambda number=number: capture.input_grads[number],  # type: ignore[misc]
                why_not="" if there else _no_grad(value.gradient_state),
            )
        )
    return tuple(offered)


def _of_card(state: State, capture: Capture) -> tuple[SelectedArray, ...]:
    """Return what the map panel shows of the selected card."""
    card, step = state.selected, state.step
    if card in {TARGET_CARD, LOSS_CARD}:
        return (_of_objective(capture, card),)
    number = input_number(card)
    values = () if number is None else capture.input_values[number : number + 1]
    values = values if step is None else step.outputs
    if not values:
        why = translate("Data", "This step gave no tensor.")
        return (SelectedArray(card, file_part(card), (), (), "", (), lambda: None, why),)
    sides = {Show.ACTIVATION: (False,), Show.GRADIENT: (True,)}.get(state.view.show, (False, True))
    return tuple(
        _of_value(
            capture,
            values[0],
            _name(card, gradient=gradient),
            f"{card}-gradient" if gradient else card if step is None else f"{card}-activation",
            gradient=gradient,
            channel=state.view.channel,
        )
        for gradient in sides
    )


def _name(card: str, *, gradient: bool) -> str:
    if gradient:
        return formatted("Data", "gradient of {name}", name=card)
    return card if card == INPUT_CARD else formatted("Data", "activation of {name}", name=card)


def _of_value(
    capture: Capture,
    value: Value,
    name: str,
    word: str,
    *,
    gradient: bool,
    channel: int | None = None,
) -> SelectedArray:
    batched = has_batch(capture, value.shape)
    why = ""
    if gradient and value.gradient_key is None:
        why = _no_grad(value.gradient_state)
    elif not gradient and value.activation_key is None:
        why = _not_kept()
    return SelectedArray(
        name=name,
        word=file_part(word),
        shape=value.shape,
        axes=axis_words(value.shape, batched),
        dtype=value.dtype,
        part=_part(value.shape, batched, channel),
        read=(lambda: value.gradient) if gradient else (lambda: value.activation),
        why_not=why,
    )


def _of_objective(capture: Capture, card: str) -> SelectedArray:
    """Return the target, or v where there is none; a class as the one-hot row it stands for."""
    objective, output = capture.objective, capture.output_value
    shape = () if output is None else output.shape
    has_target = objective is not None and (
        objective.target_key is not None or objective.kind == "cross-entropy"
    )
    target = card == TARGET_CARD and has_target
    name = translate("Data", "target") if target else translate("Data", "upstream gradient v")
    word = "target" if target else "upstream-gradient"
    array, why = _objective_array(objective, target, shape)
    shape = shape if array is None else array.shape
    batched = has_batch(capture, shape)
    axes, part = axis_words(shape, batched), _part(shape, batched, None)
    return SelectedArray(
        name, word, shape, axes, "" if objective is None else objective.dtype, part,
        lambda: array, why,
    )  # fmt: skip


def _objective_array(
    objective: Objective | None, target: bool, shape: tuple[int, ...]
) -> tuple[Array | None, str]:
    """Return the target's or v's numbers, or why there are none; both are one row a sample."""
    if objective is None:
        return None, _no_grad(GradientState.NO_BACKWARD)
    array = objective.target if target else objective.upstream
    index = objective.index
    # torch has the classes on axis 1; an output without a batch has them on axis 0.
    axis = min(1, len(shape) - 1)
    if target and array is None and index is not None and shape and 0 <= index < shape[axis]:
        array = np.zeros(shape, dtype=np.float32)
        array[(slice(None),) * axis + (index,)] = 1
    return array, "" if array is not None else _not_kept()


def _part(shape: tuple[int, ...], batched: bool, channel: int | None) -> tuple[int, ...]:
    """Return the index of what is on the screen: sample 0, and the zoomed channel."""
    part = (0,) if batched and shape[0] else ()
    own = shape[len(part) :]
    if channel is not None and len(own) >= 3 and 0 <= channel < own[0]:
        return (*part, channel)
    return part


def _no_grad(state: GradientState) -> str:
    return no_gradient_sentence(state) or translate("Data", "It is None in this run.")


def _not_kept() -> str:
    return translate("Data", "The numbers of this tensor were not kept in this run.")
