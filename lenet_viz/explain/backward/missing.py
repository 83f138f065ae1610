"""Why a gradient that is asked about is not there."""

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.explain.terms import Unexplained
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_REASONS = {
    GradientState.NO_BACKWARD: QT_TRANSLATE_NOOP(
        "Why", "Only forward was run: there are no gradients yet. Run backward."
    ),
    GradientState.NO_GRAD: QT_TRANSLATE_NOOP(
        "Why",
        "{name} requires no gradient, so torch computed none; that is not the same as zero.",
    ),
    GradientState.NOT_REACHED: QT_TRANSLATE_NOOP(
        "Why",
        "The objective does not depend on {name}: backward did not reach it, so it has no "
        "gradient; that is not the same as zero.",
    ),
    GradientState.ALIASED: QT_TRANSLATE_NOOP(
        "Why",
        "The memory of {name} was written through another tensor; autograd gives it no gradient "
        "of its own.",
    ),
}
_NOWHERE = QT_TRANSLATE_NOOP("Why", "This run has no gradient of {name}.")
_NO_INDEX = QT_TRANSLATE_NOOP("Why", "{name} has shape {shape}: choose one number of it.")
_OUTSIDE = QT_TRANSLATE_NOOP("Why", "{name} has shape {shape}: there is no number at {index}.")
_COMPLEX = QT_TRANSLATE_NOOP("Why", "Gradients of complex numbers are not explained.")


def gradient_and_state(
    capture: Capture, address: Address
) -> tuple[Array | None, GradientState, tuple[int, ...], str] | None:
    """Return a tensor's gradient, its state, its shape and logical type; None for no tensor."""
    if address.place is Place.PARAMETER:
        parameter = capture.parameters.get(address.name)
        if parameter is None:
            return None
        return parameter.gradient, parameter.gradient_state, parameter.shape, parameter.dtype
    value = None
    if address.place is Place.STEP:
        step = capture.steps.get(address.name)
        outputs = () if step is None else step.outputs
        value = outputs[address.output] if 0 <= address.output < len(outputs) else None
    elif address.place is Place.INPUT:
        number = int(address.name) if address.name.isdecimal() else -1
        inputs = capture.input_values
        value = inputs[number] if 0 <= number < len(inputs) else None
    elif address.place is Place.CONSTANT:
        value = capture.constants.get(address.name)
    if value is None:
        return None
    return value.gradient, value.gradient_state, value.shape, value.dtype


def refusal(capture: Capture, address: Address) -> Unexplained | None:
    """Return why a gradient cannot be asked about; None where it can."""
    found = gradient_and_state(capture, address)
    name = address.name
    if found is None:
        return Unexplained(address, message("Why", _NOWHERE, name=name), None)
    array, state, shape, _ = found
    if array is None:
        reason = _REASONS.get(state, _NOWHERE)
        return Unexplained(address, message("Why", reason, name=name), None)
    sizes = str(shape)
    if address.index is None:
        return Unexplained(address, message("Why", _NO_INDEX, name=name, shape=sizes), None)
    fits = len(address.index) == len(shape) and all(
        0 <= one < size for one, size in zip(address.index, shape, strict=True)
    )
    if not fits:
        index = str(address.index)
        reason_text = message("Why", _OUTSIDE, name=name, shape=sizes, index=index)
        return Unexplained(address, reason_text, None)
    if np.iscomplexobj(array):
        return Unexplained(address, message("Why", _COMPLEX), None)
    return None
