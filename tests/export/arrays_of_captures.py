"""Every array of the odd runs, taken from their records one by one."""

from functools import cache

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from tests.panels.runs import odd_captures


@cache
def odd(name: str) -> Capture:
    return odd_captures()[name]()


def expected(capture: Capture) -> list[tuple[str, str, str, int, Array | None]]:
    """Return (of, name, which, output, array or None) for everything that a run could have."""
    found: list[tuple[str, str, str, int, Array | None]] = []
    for number, (value, name) in enumerate(
        zip(capture.input_values, capture.input_names, strict=True)
    ):
        found.append(("input", name, "value", 0, capture.inputs[number]))
        found.append(("input", name, "gradient", 0, value.gradient))
        found.append(("input", name, "grad", 0, capture.input_grads[number]))
    for step in capture.steps:
        for at, value in enumerate(step.outputs):
            kept = value.activation if value.activation_key is not None else None
            found.append(("step", step.name, "activation", at, kept))
            found.append(("step", step.name, "gradient", at, value.gradient))
    for one in capture.parameters:
        found.append(("parameter", one.name, "value", 0, one.value))
        found.append(("parameter", one.name, "gradient", 0, one.gradient))
        found.append(("parameter", one.name, "grad_before", 0, one.grad_before))
        found.append(("parameter", one.name, "grad", 0, one.grad))
    for name, value in capture.constants.items():
        kept = value.activation if value.activation_key is not None else None
        found.append(("constant", name, "value", 0, kept))
        found.append(("constant", name, "gradient", 0, value.gradient))
    if capture.objective is not None:
        word = capture.objective.word
        found.append(("objective", word, "upstream", 0, capture.objective.upstream))
        found.append(("objective", word, "target", 0, capture.objective.target))
    return found


def same_bits(one: Array, other: Array) -> bool:
    """Whether type, shape and every bit are equal, those of NaN included."""
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )
