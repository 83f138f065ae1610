"""Values that one of several numbers decides, or that are mixed of three."""

import math

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    SCALE,
    WEIGHT,
    CannotSay,
    Finding,
    Index,
    first,
    needed,
    number,
    one,
    total_of,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_CONDITION = message("Why", QT_TRANSLATE_NOOP("Why", "condition"))
_MASK = message("Why", QT_TRANSLATE_NOOP("Why", "mask"))
_OTHER = message("Why", QT_TRANSLATE_NOOP("Why", "other"))
_FILLED = message("Why", QT_TRANSLATE_NOOP("Why", "value put in"))
_LOW = message("Why", QT_TRANSLATE_NOOP("Why", "lower limit"))
_HIGH = message("Why", QT_TRANSLATE_NOOP("Why", "upper limit"))
_GATE = message("Why", QT_TRANSLATE_NOOP("Why", "gate"))
_PRODUCT = message("Why", QT_TRANSLATE_NOOP("Why", "product"))
_TRUE = QT_TRANSLATE_NOOP("Why", "the condition is true here: the input's {total}")
_FALSE = QT_TRANSLATE_NOOP("Why", "the condition is false here: the other's {total}")
_COVERED = QT_TRANSLATE_NOOP("Why", "masked here: filled with {total}")
_LEFT = QT_TRANSLATE_NOOP("Why", "not masked here: the input's {total}")
_RESULT = QT_TRANSLATE_NOOP("Why", "{text} = {total}")


def _near(operand: Operand, index: Index, role: Message, symbol: str) -> Factor:
    """Return an operand's number for a place of the output, sizes of 1 spread out."""
    near = index[len(index) - len(operand.shape) :]
    place = tuple(0 if size == 1 else at for at, size in zip(near, operand.shape, strict=True))
    return one(operand, place, role, symbol)


def _alone(operand: Operand, index: Index, role: Message, symbol: str) -> Block:
    return Block(role, (_near(operand, index, role, symbol),))


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def _plain(call: Call, name: str, default: float = 1.0) -> float:
    value = call.step.literal(name, default)
    if not isinstance(value, int | float):
        raise CannotSay
    return float(value)


def _worked_out(
    formula: str, text: str, blocks: tuple[Block, ...], total: float, scale: float
) -> Finding:
    headline = message("Why", _RESULT, text=text, total=number(total))
    line = Line("y", text, total)
    return Finding(How.WORKED_OUT, formula, headline, blocks, total, scale, working=(line,))


def _taken(template: str, formula: str, decides: Block, taken: Block) -> Finding:
    headline = message("Why", template, total=number(taken.total))
    line = Line("y", taken.factors[0].symbol, taken.total)
    total = taken.total
    return Finding(
        How.WORKED_OUT, formula, headline, (decides, taken), total, abs(total), working=(line,)
    )


def where(call: Call, output: int, index: Index) -> Finding:
    """Return which of two numbers a condition chose.

    Raises:
        CannotSay: it is ``where`` of a condition alone.
    """
    condition = _alone(needed(call, "condition"), index, _CONDITION, "c")
    both = needed(call, "input"), needed(call, "other")
    if condition.total:
        return _taken(_TRUE, "y = a where c, else b", condition, _alone(both[0], index, INPUT, "a"))
    return _taken(_FALSE, "y = a where c, else b", condition, _alone(both[1], index, _OTHER, "b"))


def masked_fill(call: Call, output: int, index: Index) -> Finding:
    """Return whether a value was filled in under a mask, or left.

    Raises:
        CannotSay: the value is not known.
    """
    mask = _alone(needed(call, "mask"), index, _MASK, "m")
    value = _alone(needed(call, "value"), index, _FILLED, "v")
    formula = "y = v where m, else x"
    if mask.total:
        return _taken(_COVERED, formula, mask, value)
    return _taken(_LEFT, formula, mask, _alone(first(call), index, INPUT, "x"))


def lerp(call: Call, output: int, index: Index) -> Finding:
    """Return the two shares of a linear interpolation.

    Raises:
        CannotSay: its weight is not known.
    """
    weight = _near(needed(call, "weight"), index, WEIGHT, "w")
    rest = worked(1 - float(weight.values), SCALE, "1 - w")
    a, b = _near(first(call), index, INPUT, "a"), _near(needed(call, "end"), index, _OTHER, "b")
    blocks = (Block(INPUT, (a, rest)), Block(_OTHER, (b, weight)))
    shares = f"{_shown(float(a.values))}·{_shown(float(rest.values))}"
    text = f"{shares} + {_shown(float(b.values))}·{_shown(float(weight.values))}"
    return _sum("y = a·(1 - w) + b·w", text, blocks)


def _sum(formula: str, text: str, blocks: tuple[Block, ...]) -> Finding:
    total = total_of(blocks)
    headline = message("Why", _RESULT, text=text, total=number(total))
    return Finding(How.SUM, formula, headline, blocks, total)


def added_product(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of ``addcmul``: the input, and a product of two with its factor.

    Raises:
        CannotSay: the factor is no plain number.
    """
    start = _alone(first(call), index, INPUT, "x")
    a = _near(needed(call, "tensor1"), index, _PRODUCT, "a")
    b = _near(needed(call, "tensor2"), index, _PRODUCT, "b")
    by = worked(_plain(call, "value"), SCALE, "α")
    parts = "·".join(_shown(float(each.values)) for each in (by, a, b))
    text = f"{number(start.total)} + {parts}"
    return _sum("y = x + α·a·b", text, (start, Block(_PRODUCT, (a, b, by))))


def added_quotient(call: Call, output: int, index: Index) -> Finding:
    """Return how ``addcdiv`` added a quotient with its factor to the input.

    Raises:
        CannotSay: the factor is no plain number.
    """
    start = _alone(first(call), index, INPUT, "x")
    a = _alone(needed(call, "tensor1"), index, _PRODUCT, "a")
    b = _alone(needed(call, "tensor2"), index, _PRODUCT, "b")
    by = _plain(call, "value")
    added = float(np.divide(by * a.total, b.total))
    text = f"{number(start.total)} + {_shown(by)}·{_shown(a.total)}/{_shown(b.total)}"
    total = start.total + added
    scale = abs(start.total) + abs(added)
    return _worked_out("y = x + α·a/b", text, (start, a, b), total, scale)


def clamp(call: Call, output: int, index: Index) -> Finding:
    """Return how a value was kept between two limits that are tensors, or one of them."""
    value = _alone(first(call), index, INPUT, "x")
    low, high = call.operand("min"), call.operand("max")
    blocks = [value]
    ends = [-math.inf, math.inf]
    for at, (operand, role, symbol) in enumerate(((low, _LOW, "min"), (high, _HIGH, "max"))):
        if operand is not None:
            blocks.append(_alone(operand, index, role, symbol))
            ends[at] = blocks[-1].total
    total = float(np.minimum(np.maximum(value.total, ends[0]), ends[1]))
    text = f"min(max({number(value.total)}, {ends[0]:g}), {ends[1]:g})"
    return _worked_out("y = min(max(x, min), max)", text, tuple(blocks), total, abs(total))


def glu(call: Call, output: int, index: Index) -> Finding:
    """Return the product of one half's value and the gate that the other half makes."""
    operand, axis = first(call), call.step.literal("dim", -1)
    if not isinstance(axis, int):
        raise CannotSay
    axis %= len(operand.shape)
    half = operand.shape[axis] // 2
    other = (*index[:axis], index[axis] + half, *index[axis + 1 :])
    value = Block(INPUT, (one(operand, index, INPUT, "a"),))
    gate = Block(_GATE, (one(operand, other, _GATE, "b"),))
    open_ = float(1 / (1 + np.exp(np.float64(-gate.total))))
    total = value.total * open_
    text = f"{_shown(value.total)}·σ({number(gate.total)})"
    scale = abs(total) * (1 + min(abs(gate.total), 1e30))
    return _worked_out("y = a·σ(b)", text, (value, gate), total, scale)


def prelu(call: Call, output: int, index: Index) -> Finding:
    """Return a value as it is, or times its channel's slope where it is negative."""
    operand, weight = first(call), needed(call, "weight")
    value = one(operand, index, INPUT, "x")
    if float(value.values) > 0:
        total = float(value.values)
        blocks = (Block(INPUT, (value,)),)
        return _sum("y = x where x > 0, else w·x", f"max(0, {number(total)})", blocks)
    single = not weight.shape or weight.shape == (1,)
    place = (0,) * len(weight.shape) if single else (index[1 if len(index) > 1 else 0],)
    slope = one(weight, place, WEIGHT, "w")
    text = f"{_shown(float(slope.values))}·{_shown(float(value.values))}"
    return _sum("y = x where x > 0, else w·x", text, (Block(INPUT, (value, slope)),))


def outer(call: Call, output: int, index: Index) -> Finding:
    """Return the two factors of an outer product."""
    a = one(first(call), index[:1], INPUT, "a")
    b = one(needed(call, "vec2"), index[1:], _OTHER, "b")
    text = f"{_shown(float(a.values))}·{_shown(float(b.values))}"
    return _sum("y[i,j] = a[i]·b[j]", text, (Block(_PRODUCT, (a, b)),))
