"""What torch warns of when a loss compares tensors of different shapes."""

from lenet_viz.capture.records import Capture
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_BROADCAST = QT_TRANSLATE_NOOP(
    "engine",
    "MSELoss compared an output of shape {out} with a target of shape {target}: it was broadcast, "
    "and torch warns that this will likely lead to incorrect results. target.view(1, -1) gives "
    "it the output's shape.",
)


def broadcast_notes(capture: Capture) -> tuple[Message, ...]:
    """Return a sentence where the objective's target was broadcast to the output; else nothing."""
    objective, value = capture.objective, capture.output_value
    target = None if objective is None else objective.target
    if target is None or value is None or target.shape == value.shape:
        return ()
    out, found = (f"[{', '.join(map(str, shape))}]" for shape in (value.shape, target.shape))
    return (message("engine", _BROADCAST, out=out, target=found),)
