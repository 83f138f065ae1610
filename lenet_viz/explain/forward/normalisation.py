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


def rms_norm(call: Call, output: int, index: Index) -> Finding:
    """Return how a value was divided by the root mean square of the last axes of its sample.

    Raises:
        CannotSay: the normalised shape is not known.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
    """
    shape = call.step.literal("normalized_shape")
    if not isinstance(shape, tuple):
        raise CannotSay
    x = needed(call, "input")
    begin = len(index) - len(shape)
    group = _wide(x.array[index[:begin]])
    given = call.step.literal("eps")
    small = float(given) if isinstance(given, int | float) else _EPSILON.get(x.dtype, 2.0**-23)
    square = float((group * group).mean())
    blocks = [Block(INPUT, (one(x, index, INPUT, "x"),))]
    root = math.sqrt(square + small)
    total = blocks[0].total / root if root else math.nan
    text = f"{_shown(blocks[0].total)}/√({number(square)} + {small:.3g})"
    weight = call.operand("weight")
    if weight is not None:
        blocks.append(Block(WEIGHT, (one(weight, index[begin:], WEIGHT, "w"),)))
        total *= blocks[1].total
        text += f"·{_shown(blocks[1].total)}"
    working = (Line("mean of x²", f"{group.size} squares", square), Line("y", text, total))
    headline = message("Why", _RESULT, text=text, total=number(total))
    formula = "y = x/√(mean of x² + eps)·w"
    return Finding(
        How.WORKED_OUT, formula, headline, tuple(blocks), total, abs(total), working=working
    )


_RESULT = QT_TRANSLATE_NOOP("Why", "{text} = {total}")
_EPSILON = {"float64": 2.0**-52, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def unit_length(call: Call, output: int, index: Index) -> Finding:
    """Return how ``normalize`` divided a value by the norm of its row.

    Raises:
        CannotSay: the axis or the order is not known.
    """
    axis, order = call.step.literal("dim", 1), call.step.literal("p", 2.0)
    small = call.step.literal("eps", 1e-12)
    x = needed(call, "input")
    if not isinstance(axis, int) or not isinstance(order, int | float) or order <= 0:
        raise CannotSay
    if not isinstance(small, int | float) or not x.shape:
        raise CannotSay
    axis %= len(x.shape)
    row = np.abs(_wide(np.moveaxis(x.array, axis, -1)[(*index[:axis], *index[axis + 1 :])]))
    norm = float(row.max() if math.isinf(order) else (row**order).sum() ** (1 / order))
    block = Block(INPUT, (one(x, index, INPUT, "x"),))
    divisor = max(norm, float(small))
    total = block.total / divisor
    text = f"{_shown(block.total)}/{number(divisor)}"
    working = (Line("‖x‖", f"norm of {row.size} values", norm), Line("y", text, total))
    headline = message("Why", _RESULT, text=text, total=number(total))
    formula = "y = x/max(‖x‖, eps)"
    return Finding(How.WORKED_OUT, formula, headline, (block,), total, abs(total), working=working)
