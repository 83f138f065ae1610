"""Dropout: what was kept is multiplied; which that was is read from the numbers."""

from dataclasses import replace

import numpy as np

from lenet_viz.capture.address import Side
from lenet_viz.explain.backward.parts import one_term, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Cause, Halt, Pull, Rule
from lenet_viz.explain.operands import Call, Path, array_at, consumers
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    x, p = call.operand("input"), call.step.literal("p", 0.5)
    if x is None or path != ("input",) or not isinstance(p, int | float):
        raise CannotTell
    formula = "g[x] = g[y] · m / (1 - p), m = 1 where x was kept, else 0"
    title = through(call.step.name)
    # ``F.dropout``'s own name for it, and the one of the function below it.
    training = call.step.literal("training", call.step.literal("train", True))
    if not training or p == 0:
        return (one_term(title, index, (), "g[x] = g[y]: in eval mode dropout does nothing"),)
    kept = False if p >= 1 else _kept(call, x.array, index)
    kept = _from_gradients(call, path, index) if kept is None else kept
    if kept is None:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "The input of {step} is zero here, so whether dropout kept it cannot be read from the "
            "numbers.",
        )
        raise CannotTell(message("Why", template, step=call.step.name))
    slope = 1 / (1 - float(p)) if kept else 0.0
    halt = None if kept else _dropped(call)
    factor = worked_out("m/(1 - p)", slope)
    return (one_term(title, index, (factor,), formula, halt=halt),)


def _from_gradients(call: Call, path: Path, index: tuple[int, ...]) -> bool | None:
    """Return whether a zero was kept, read from what came back; None where that does not tell."""
    x, after = call.operand(*path), call.output().gradient
    if x is None or x.address is None or after is None:
        return None
    if not after[index]:
        return True  # nothing comes, so nothing comes back: kept or not is the same
    whole = replace(x.address, side=Side.GRADIENT)
    before, output = array_at(call.capture, whole), call.capture.output
    is_output = output is not None and call.capture.steps[output.step].name == x.address.name
    if before is None or is_output or len(consumers(call.capture, whole)) != 1:
        return None
    return bool(before[index])


def _dropped(call: Call) -> Halt:
    template = QT_TRANSLATE_NOOP("Why", "{step} dropped this number: it passes nothing back.")
    return Halt(Cause.INACTIVE, message("Why", template, step=call.step.name))


def _kept(call: Call, x: np.ndarray, index: tuple[int, ...]) -> bool | None:
    """Return whether a number was kept; None where its numbers do not tell."""
    y = call.output().activation
    if x[index] != 0:
        return bool(y[index] != 0)
    if call.op in ("dropout1d", "dropout2d", "dropout3d", "feature_dropout"):
        # A whole channel is kept or dropped: any other number of it tells.
        axes = min(int(call.op[-2]) if call.op[-2].isdigit() else x.ndim - 2, x.ndim - 1)
        channel = index[: x.ndim - axes]
        seen = x[channel] != 0
        if seen.any():
            return bool((y[channel][seen] != 0).any())
    return None


RULES: dict[str, Rule] = dict.fromkeys(
    ("dropout", "dropout1d", "dropout2d", "dropout3d", "feature_dropout"), _rule
)
