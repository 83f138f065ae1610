"""Softmax: a share of exponentials; and its logarithm."""

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    CannotSay,
    Finding,
    Index,
    factor,
    first,
    grid,
    number,
)
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Block, How, Indices, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_SHARES = {
    False: "y[i] = exp(x[i] - m)/Σ exp(x - m)",
    True: "y[i] = exp(-x[i] - m)/Σ exp(-x - m)",
}
_ROW = message("Why", QT_TRANSLATE_NOOP("Why", "the row it is a share of"))


def softmax(call: Call, output: int, index: Index) -> Finding:
    """Return how a softmax or log-softmax made one value, its row's maximum taken off first.

    Raises:
        CannotSay: the axis is not known.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
    """
    operand, axis = first(call), call.step.literal("dim")
    if not isinstance(axis, int) or not operand.shape:
        raise CannotSay
    axis %= len(operand.shape)
    places: list[Indices | int] = [
        *index[:axis],
        np.arange(operand.shape[axis]),
        *index[axis + 1 :],
    ]
    row = factor(operand, grid(*places), INPUT, "x")
    least = call.op == "softmin"
    at, values = index[axis], -row.values if least else row.values
    most = float(values.max())
    exponential = float(np.exp(values[at] - most))
    sum_ = float(np.exp(values - most).sum())
    logarithm = call.op == "log_softmax"
    total = float(values[at] - most - np.log(sum_)) if logarithm else exponential / sum_
    working = [
        Line("m", "max -x" if least else "max x", most),
        Line(f"exp(x[{at}] - m)", f"exp({number(values[at])} - {_shown(most)})", exponential),
        Line("Σ exp(x - m)", f"{len(values)} exponentials", sum_),
    ]
    if logarithm:
        text = f"{number(values[at])} - {_shown(most)} - log({number(sum_)})"
        formula, scale = "y[i] = x[i] - m - log Σ exp(x - m)", abs(values[at]) + abs(most)
        scale += abs(float(np.log(sum_)))
    else:
        text = f"{number(exponential)}/{number(sum_)}"
        formula, scale = _SHARES[least], total * (2 + abs(values[at] - most))
    working.append(Line("y", text, total))
    template = QT_TRANSLATE_NOOP("Why", "{text} = {total}")
    headline = message("Why", template, text=text, total=number(total))
    block = Block(_ROW, (row,), chosen=(at,))
    return Finding(
        How.WORKED_OUT, formula, headline, (block,), total, float(scale), working=tuple(working)
    )


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text
