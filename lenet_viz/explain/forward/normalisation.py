"""A normalised value: less the mean, by the standard deviation, times weight, plus bias."""

import math
from dataclasses import dataclass

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.explain.forward.finding import (
    BIAS,
    COMPLEX,
    INPUT,
    WEIGHT,
    CannotSay,
    Finding,
    Index,
    needed,
    number,
    one,
)
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Block, How, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_MEAN = message("Why", QT_TRANSLATE_NOOP("Why", "running mean"))
_VARIANCE = message("Why", QT_TRANSLATE_NOOP("Why", "running variance"))
_FORMULA = "y = (x - mean)/√(var + eps)·w + b"
_RUNNING = message(
    "Why",
    QT_TRANSLATE_NOOP(
        "Why", "Evaluation mode: mean and variance are the running ones, not this batch's."
    ),
)
_BATCH = message(
    "Why",
    QT_TRANSLATE_NOOP(
        "Why",
        "Training mode: mean and variance are this batch's own, over N, H and W; the variance is "
        "divided by n, not n - 1.",
    ),
)


def batch_norm(call: Call, output: int, index: Index) -> Finding:
    """Return how batch normalisation made one value.

    Raises:
        CannotSay: there are no running statistics where they are wanted.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    """
    x = needed(call, "input")
    channel = index[1]
    if bool(call.step.literal("training", False)):
        group = _wide(x.array[:, channel])
        return _normalised(call, index, _of_group(group), (channel,), note=_BATCH)
    return _normalised(call, index, _running(call, channel), (channel,), note=_RUNNING)


def layer_norm(call: Call, output: int, index: Index) -> Finding:
    """Return how layer normalisation made one value: over the last axes of each sample.

    Raises:
        CannotSay: the normalised shape is not known.
    """
    shape = call.step.literal("normalized_shape")
    if isinstance(shape, int):
        shape = (shape,)
    if not isinstance(shape, tuple):
        raise CannotSay
    x = needed(call, "input")
    group = _wide(x.array[index[: len(index) - len(shape)]])
    return _normalised(call, index, _of_group(group), index[len(index) - len(shape) :])


def group_norm(call: Call, output: int, index: Index) -> Finding:
    """Return how group normalisation made one value: over some channels of each sample.

    Raises:
        CannotSay: the number of groups is not known.
    """
    groups = call.step.literal("num_groups")
    if not isinstance(groups, int):
        raise CannotSay
    x = needed(call, "input")
    width = x.shape[1] // groups
    begin = index[1] // width * width
    group = _wide(x.array[index[0], begin : begin + width])
    return _normalised(call, index, _of_group(group), (index[1],))


def instance_norm(call: Call, output: int, index: Index) -> Finding:
    """Return how instance normalisation made one value: over each channel of each sample.

    Raises:
        CannotSay: it uses running statistics that were not kept.
    """
    x = needed(call, "input")
    if call.step.literal("use_input_stats", True):
        group = _wide(x.array[index[0], index[1]])
        return _normalised(call, index, _of_group(group), (index[1],))
    return _normalised(call, index, _running(call, index[1]), (index[1],), note=_RUNNING)


def _wide(group: Array) -> Numbers:
    if np.iscomplexobj(group):
        raise CannotSay(COMPLEX)
    return group.astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Statistics:
    """Mean and variance, the blocks they are read from, and the largest number behind them."""

    mean: float
    var: float
    largest: float
    blocks: tuple[Block, ...] = ()


def _of_group(group: Numbers) -> _Statistics:
    if not group.size:
        raise CannotSay
    return _Statistics(float(group.mean()), float(group.var()), float(np.abs(group).max()))


def _running(call: Call, channel: int) -> _Statistics:
    """Return the statistics that training has left behind.

    Raises:
        CannotSay: they were not kept.
    """
    mean = Block(_MEAN, (one(needed(call, "running_mean"), (channel,), _MEAN, "μ"),))
    var = Block(_VARIANCE, (one(needed(call, "running_var"), (channel,), _VARIANCE, "σ²"),))
    return _Statistics(mean.total, var.total, abs(mean.total), (mean, var))


def _normalised(
    call: Call,
    index: Index,
    of: _Statistics,
    place: Index,
    note: Message | None = None,
) -> Finding:
    blocks = [Block(INPUT, (one(needed(call, "input"), index, INPUT, "x"),)), *of.blocks]
    x, mean, var, largest = blocks[0].total, of.mean, of.var, of.largest
    eps = call.step.literal("eps", 1e-5)
    small = float(eps) if isinstance(eps, int | float) else 1e-5
    deviation = math.sqrt(var + small) if var + small >= 0 else math.nan
    hat = (x - mean) / deviation if deviation else math.nan
    working = [
        Line("mean", "running_mean" if of.blocks else "mean of x", mean),
        Line("var", "running_var" if of.blocks else "mean of (x - mean)²", var),
        Line("x̂", f"({number(x)} - {_shown(mean)})/√({number(var)} + {small:g})", hat),
    ]
    total, text = hat, number(hat)
    scale = (abs(x) + abs(mean) + largest) / deviation if deviation else math.inf
    for name, role, symbol in (("weight", WEIGHT, "w"), ("bias", BIAS, "b")):
        operand = call.operand(name)
        if operand is None:
            continue
        block = Block(role, (one(operand, place, role, symbol),))
        blocks.append(block)
        weight = symbol == "w"
        total = total * block.total if weight else total + block.total
        scale = scale * abs(block.total) if weight else scale + abs(block.total)
        text += f"·{_shown(block.total)}" if weight else f" + {_shown(block.total)}"
    working.append(Line("y", text, total))
    template = QT_TRANSLATE_NOOP("Why", "x̂ = {hat}, scaled and shifted = {total}")
    headline = message("Why", template, hat=number(hat), total=number(total))
    return Finding(
        How.WORKED_OUT,
        _FORMULA,
        headline,
        tuple(blocks),
        total,
        scale,
        working=tuple(working),
        notes=() if note is None else (note,),
    )


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text
