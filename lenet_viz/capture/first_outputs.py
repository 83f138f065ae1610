"""References to steps' first outputs, made once: every run refers to the same ones."""

from lenet_viz.capture.records import StepRef

_made: list[StepRef] = []


def first_output(number: int) -> StepRef:
    """Return the reference to a step's first output: always the same, since it never changes."""
    while number >= len(_made):
        _made.append(StepRef(len(_made)))
    return _made[number]
