"""Values that are made of two numbers, operands broadcast as torch does."""

from collections.abc import Callable, Mapping

import numpy as np

from lenet_viz.explain.forward.finding import (
    SCALE,
    CannotSay,
    Finding,
    Index,
    number,
    one,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_FIRST = message("Why", QT_TRANSLATE_NOOP("Why", "first"))
_SECOND = message("Why", QT_TRANSLATE_NOOP("Why", "second"))
_SUM = QT_TRANSLATE_NOOP("Why", "{a} + {b} = {total}")
_DIFFERENCE = QT_TRANSLATE_NOOP("Why", "{a} - {b} = {total}")
_PRODUCT = QT_TRANSLATE_NOOP("Why", "{a} · {b} = {total}")


def _operands(call: Call) -> tuple[Operand, Operand]:
    """Return both numbers of a call in its order, plain ones included.

    Raises:
        CannotSay: there are fewer.
    """
    names = [argument.name for argument in call.step.arguments[:2]]
    found = [call.operand(name) for name in names]
    if len(found) < 2 or found[0] is None or found[1] is None:
        raise CannotSay
    return found[0], found[1]


def _read(operand: Operand, index: Index, role: Message, symbol: str) -> Factor:
    near = index[len(index) - len(operand.shape) :]
    place = tuple(0 if size == 1 else at for at, size in zip(near, operand.shape, strict=True))
    return one(operand, place, role, symbol)


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def added(call: Call, output: int, index: Index) -> Finding:
    """Return the two terms of a sum or difference, ``alpha`` included.

    Raises:
        CannotSay: it has not two operands.
    """
    first, second = _operands(call)
    alpha = call.step.literal("alpha", 1)
    by = float(alpha) if isinstance(alpha, bool | int | float) else 1.0
    signs = {"sub": (1.0, -by), "rsub": (-by, 1.0)}.get(call.op, (1.0, by))
    blocks = tuple(
        _signed(operand, index, role, symbol, sign)
        for operand, role, symbol, sign in (
            (first, _FIRST, "a", signs[0]),
            (second, _SECOND, "b", signs[1]),
        )
    )
    if call.op == "rsub":
        blocks = blocks[::-1]
    a, b = blocks[0].total, blocks[1].total
    total = a + b
    template = _SUM if call.op == "add" else _DIFFERENCE
    after = b if call.op == "add" else -b
    headline = message("Why", template, a=number(a), b=_shown(after), total=number(total))
    formula = {"add": "y = a + b", "sub": "y = a - b", "rsub": "y = b - a"}.get(
        call.op, "y = a + b"
    )
    return Finding(How.SUM, formula, headline, blocks, total)


def _signed(operand: Operand, index: Index, role: Message, symbol: str, sign: float) -> Block:
    factors = [_read(operand, index, role, symbol)]
    if sign != 1:
        factors.append(worked(sign, SCALE, "α"))
    return Block(role, tuple(factors))


def multiplied(call: Call, output: int, index: Index) -> Finding:
    """Return the two factors of a product.

    Raises:
        CannotSay: it has not two operands.
    """
    first, second = _operands(call)
    a, b = _read(first, index, _FIRST, "a"), _read(second, index, _SECOND, "b")
    block = Block(message("Why", QT_TRANSLATE_NOOP("Why", "product")), (a, b))
    headline = message(
        "Why",
        _PRODUCT,
        a=_shown(float(a.values)),
        b=_shown(float(b.values)),
        total=number(block.total),
    )
    verdict = None
    if block.total == 0:
        template = QT_TRANSLATE_NOOP("Why", "Zero because a factor is zero.")
        verdict = message("Why", template)
    return Finding(How.SUM, "y = a·b", headline, (block,), block.total, verdict=verdict)


_Work = Callable[[np.float64, np.float64], np.float64]
_WORK: Mapping[str, tuple[str, str, _Work]] = {
    "div": ("y = a/b", "{a}/{b}", lambda a, b: a / b),
    "rdiv": ("y = b/a", "{b}/{a}", lambda a, b: b / a),
    "floordiv": ("y = ⌊a/b⌋", "⌊{a}/{b}⌋", np.floor_divide),
    "floor_divide": ("y = ⌊a/b⌋", "⌊{a}/{b}⌋", np.floor_divide),
    "remainder": ("y = a - b·⌊a/b⌋", "{a} mod {b}", np.remainder),
    "max": ("y = max(a, b)", "max({a}, {b})", np.maximum),
    "min": ("y = min(a, b)", "min({a}, {b})", np.minimum),
    "maximum": ("y = max(a, b)", "max({a}, {b})", np.maximum),
    "minimum": ("y = min(a, b)", "min({a}, {b})", np.minimum),
    "pow": ("y = a^b", "{a}^{b}", np.power),
    "rpow": ("y = b^a", "{b}^{a}", lambda a, b: np.power(b, a)),
    "atan2": ("y = atan2(a, b)", "atan2({a}, {b})", np.arctan2),
    "gt": ("y = a > b", "{a} > {b}", np.greater),
    "lt": ("y = a < b", "{a} < {b}", np.less),
    "ge": ("y = a >= b", "{a} >= {b}", np.greater_equal),
    "le": ("y = a <= b", "{a} <= {b}", np.less_equal),
    "eq": ("y = a == b", "{a} == {b}", np.equal),
    "ne": ("y = a != b", "{a} != {b}", np.not_equal),
}
WORKED = frozenset(_WORK)


def worked_out(call: Call, output: int, index: Index) -> Finding:
    """Return how a quotient, power or comparison was made of two numbers.

    Raises:
        CannotSay: it has not two operands, or a rounding mode.
    """
    if call.step.literal("rounding_mode") is not None:
        raise CannotSay
    first, second = _operands(call)
    factors = _read(first, index, _FIRST, "a"), _read(second, index, _SECOND, "b")
    blocks = tuple(Block(each.role, (each,)) for each in factors)
    formula, pattern, work = _WORK[call.op]
    a, b = (np.float64(block.total) for block in blocks)
    total = float(work(a, b))
    text = pattern.format(a=_shown(float(a)), b=_shown(float(b)))
    template = QT_TRANSLATE_NOOP("Why", "{text} = {total}")
    headline = message("Why", template, text=text, total=number(total))
    return Finding(
        How.WORKED_OUT,
        formula,
        headline,
        blocks,
        total,
        max(abs(total), abs(total * float(b)) if "pow" in call.op else 0.0),
        working=(Line("y", text, total),),
    )
