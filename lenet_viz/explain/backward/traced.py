"""Zeros that no input and no weight could change, traced to the step that makes them."""

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.explain.fields import ends_of, plain, projective_field
from lenet_viz.explain.operands import consumers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

MOST_NUMBERS = 1_000_000
"""In a run of more numbers tracing takes longer than a frame."""

_TRACED = QT_TRANSLATE_NOOP(
    "Why",
    "It is structurally zero, for every input and every weight: {steps} leaves out all that it "
    "reaches.",
)


def traced_zero(capture: Capture, address: Address) -> Message | None:
    """Return where all that a value reaches is left out; None where something reaches the output.

    Args:
        capture: the run.
        address: an input's or a step's gradient that is exactly zero.

    Returns:
        A sentence; None also where the step that takes the value leaves it out itself, which the
        verdict says, and in a run too large to be traced while somebody waits.
    """
    if address.place not in (Place.INPUT, Place.STEP) or address.index is None:
        return None
    size = sum(int(np.prod(value.shape)) for step in capture.steps for value in step.outputs)
    if size > MOST_NUMBERS:
        return None
    masks = projective_field(capture, address).masks
    if len(masks) < 2 or any(plain(end) in masks for end in ends_of(capture)):
        return None
    names = []
    for reached in masks:
        for number, _ in consumers(capture, reached):
            step = capture.steps[number]
            outputs = (Address(Place.STEP, step.name, at) for at in range(len(step.outputs)))
            if step.name not in names and not any(output in masks for output in outputs):
                names.append(step.name)
    return message("Why", _TRACED, steps=", ".join(names)) if names else None
