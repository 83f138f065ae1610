"""How the operands of a recorded step were broadcast."""

from lenet_viz.capture.records import Capture, Step
from lenet_viz.display.broadcast import Broadcast, broadcast
from lenet_viz.explain.operands import Call, Operand

BROADCASTING = frozenset(
    {
        "add",
        "atan2",
        "div",
        "huber_loss",
        "l1_loss",
        "maximum",
        "minimum",
        "mse_loss",
        "mul",
        "pow",
        "smooth_l1_loss",
        "sub",
        "true_divide",
        "where",
    }
)
"""Ops that lay their tensors against each other, axes aligned at the right."""


def broadcast_of(capture: Capture, step: Step) -> tuple[tuple[str, ...], Broadcast] | None:
    """Return the operands' names and how they were laid against each other.

    Args:
        capture: the run.
        step: one of its steps.

    Returns:
        None where nothing was copied, and for ops that broadcast nothing.
    """
    if step.op.rstrip("_") not in BROADCASTING:
        return None
    call = Call(capture, capture.steps.index(step))
    tensors = [one for one in call.operands() if one.address is not None]
    if len(tensors) < 2:
        return None
    shown = broadcast([one.shape for one in tensors])
    return None if shown is None or not shown.any else (tuple(map(_name, tensors)), shown)


def _name(operand: Operand) -> str:
    assert operand.address is not None
    return operand.address.name if operand.address.place != "input" else str(operand.path[0])
