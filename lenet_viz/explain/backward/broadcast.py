"""Ops of two tensors, place by place, where the smaller one is stretched over the larger."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lenet_viz.explain.backward.parts import folded, grid, picked, through
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Factor, Indices, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

Slope = Callable[[Numbers, Numbers, float], Numbers]
"""From the first operand a, the second b, and ``alpha``: the derivative."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The derivatives of an op of two.

    Attributes:
        first: d(output)/d(first) and its formula.
        second: d(output)/d(second) and its formula.
    """

    first: tuple[Slope, str]
    second: tuple[Slope, str]


def _full(value: float) -> Slope:
    return lambda a, b, alpha: np.full(a.shape, value)


def _winner(a: Numbers, b: Numbers) -> Numbers:
    return np.where(a > b, 1.0, np.where(a == b, 0.5, 0.0))


_ADD = Pair((_full(1.0), "1"), (lambda a, b, alpha: np.full(a.shape, alpha), "alpha"))
_POW = Pair(
    (lambda a, b, alpha: np.where(b == 0, 0.0, b * a ** (b - 1)), "b·a^(b-1)"),
    (
        lambda a, b, alpha: np.where((a == 0) & (b >= 0), 0.0, a**b * np.log(a)),
        "a^b·ln a",
    ),
)
PAIRS: dict[str, Pair] = {
    "add": _ADD,
    "sub": Pair((_full(1.0), "1"), (lambda a, b, alpha: np.full(a.shape, -alpha), "-alpha")),
    "rsub": Pair((lambda a, b, alpha: np.full(a.shape, -alpha), "-alpha"), (_full(1.0), "1")),
    "mul": Pair((lambda a, b, alpha: b, "b"), (lambda a, b, alpha: a, "a")),
    "div": Pair((lambda a, b, alpha: 1 / b, "1/b"), (lambda a, b, alpha: -a / b**2, "-a/b²")),
    "rdiv": Pair((lambda a, b, alpha: -b / a**2, "-b/a²"), (lambda a, b, alpha: 1 / a, "1/a")),
    "pow": _POW,
    "rpow": Pair(
        (lambda a, b, alpha: b**a * np.log(b), "b^a·ln b"),
        (lambda a, b, alpha: a * b ** (a - 1), "a·b^(a-1)"),
    ),
    "maximum": Pair(
        (lambda a, b, alpha: _winner(a, b), "1 if a > b, 1/2 if a = b, else 0"),
        (lambda a, b, alpha: _winner(b, a), "1 if b > a, 1/2 if a = b, else 0"),
    ),
    "minimum": Pair(
        (lambda a, b, alpha: _winner(b, a), "1 if a < b, 1/2 if a = b, else 0"),
        (lambda a, b, alpha: _winner(a, b), "1 if b < a, 1/2 if a = b, else 0"),
    ),
    "atan2": Pair(
        (lambda a, b, alpha: b / (a * a + b * b), "b/(a² + b²)"),
        (lambda a, b, alpha: -a / (a * a + b * b), "-a/(a² + b²)"),
    ),
    "floor_divide": Pair((_full(0.0), "0"), (_full(0.0), "0")),
}
PAIRS |= {
    "multiply": PAIRS["mul"],
    "subtract": PAIRS["sub"],
    "divide": PAIRS["div"],
    "true_divide": PAIRS["div"],
}


def stretched(shape: tuple[int, ...], index: tuple[int, ...], out: tuple[int, ...]) -> Indices:
    """Return the output elements that an element of a stretched operand goes into.

    Args:
        shape: the operand's shape.
        index: the element.
        out: the output's shape.
    """
    lead = len(out) - len(shape)
    axes: list[Indices | int] = [np.arange(size) for size in out[:lead]]
    for size, at, wide in zip(shape, index, out[lead:], strict=True):
        axes.append(np.arange(wide) if size == 1 and wide != 1 else at)
    return grid(*axes) if axes else np.zeros((0,), np.int64)


def shrunk(reached: Indices, shape: tuple[int, ...]) -> Indices:
    """Return which element of a stretched operand stands at each of the output elements."""
    lead = reached.shape[-1] - len(shape)
    sizes = np.asarray(shape, np.int64)
    return np.where(sizes == 1, 0, reached[..., lead:]).astype(np.int64)


def operands_of(call: Call) -> tuple[Operand, Operand]:
    """Return both operands of an op of two.

    Raises:
        CannotTell: it has other operands than these.
    """
    first = call.operand("input") or call.operand("0")
    second = next(
        (found for name in ("other", "exponent", "1") if (found := call.operand(name))), None
    )
    if first is None or second is None:
        raise CannotTell
    if call.step.literal("rounding_mode") is not None:
        raise CannotTell
    return first, second


def pair_of(call: Call, path: Path) -> tuple[Operand, Operand, Slope, str, bool]:
    """Return both operands, the derivative that is asked for, its formula, and which it is."""
    first, second = operands_of(call)
    pair = PAIRS[call.op]
    is_first = path == first.path
    if not is_first and path != second.path:
        raise CannotTell
    slope, formula = pair.first if is_first else pair.second
    return first, second, slope, formula, is_first


def alpha_of(call: Call) -> float:
    """Return what ``add`` and ``sub`` multiply their second operand with."""
    alpha = call.step.literal("alpha", 1)
    if not isinstance(alpha, int | float):
        raise CannotTell
    return float(alpha)


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    first, second, slope, formula, is_first = pair_of(call, path)
    own = first if is_first else second
    alpha = alpha_of(call)
    reached = folded(stretched(own.shape, index, call.step.shape))
    at_first, at_second = shrunk(reached, first.shape), shrunk(reached, second.shape)
    values = slope(picked(first.array, at_first), picked(second.array, at_second), alpha)
    role = message("Why", QT_TRANSLATE_NOOP("Why", "local derivative"))
    other, at_other = (second, at_second) if is_first else (first, at_first)
    if formula in ("a", "b") and other.address is not None:
        factor = Factor(role, "x", values, other.address, at_other)
    else:
        factor = Factor(role, "d", values)
    plain = formula == "1" or (formula == "alpha" and alpha == 1)
    return (
        Pull(
            (through(call.step.name),),
            reached,
            () if plain else (factor,),
            f"g[a] = Σ g[y] · ({formula})"
            if reached[0].size > reached.shape[-1]
            else f"g = g[y] · ({formula})",
        ),
    )


def _power(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    from lenet_viz.explain.backward import elementwise

    if operands_of(call)[1].address is None:
        return elementwise.RULES["pow"](call, path, index)
    return _rule(call, path, index)


def _where(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    condition, own = call.operand("condition"), call.operand(*path)
    if condition is None or own is None or path[0] not in ("input", "other"):
        raise CannotTell
    reached = folded(stretched(own.shape, index, call.step.shape))
    chosen = picked(condition.array, shrunk(reached, condition.shape)) != 0
    values = (chosen if path[0] == "input" else ~chosen).astype(np.float64)
    role = message("Why", QT_TRANSLATE_NOOP("Why", "chosen or not"))
    formula = "g[a] = g[y] where it was chosen, else 0"
    return (Pull((through(call.step.name),), reached, (Factor(role, "c", values),), formula),)


def _masked_fill(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    mask, own = call.operand("mask"), call.operand(*path)
    if mask is None or own is None or path[0] not in ("input", "value"):
        raise CannotTell
    reached = folded(stretched(own.shape, index, call.step.shape))
    filled = picked(mask.array, shrunk(reached, mask.shape)) != 0
    values = (filled if path[0] == "value" else ~filled).astype(np.float64)
    role = message("Why", QT_TRANSLATE_NOOP("Why", "kept or filled"))
    formula = "g[x] = g[y] where it was kept, else 0"
    return (Pull((through(call.step.name),), reached, (Factor(role, "c", values),), formula),)


def _lerp(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    weight = call.operand("weight")
    own = call.operand(*path)
    if weight is None or weight.address is not None or own is None or path[0] == "weight":
        raise CannotTell
    reached = folded(stretched(own.shape, index, call.step.shape))
    share = float(weight.array)
    values = np.full(reached.shape[:-1], share if path[0] == "end" else 1 - share)
    role = message("Why", QT_TRANSLATE_NOOP("Why", "local derivative"))
    formula = "y = a + w·(b - a)"
    return (Pull((through(call.step.name),), reached, (Factor(role, "d", values),), formula),)


RULES: dict[str, Rule] = {
    **dict.fromkeys(PAIRS, _rule),
    "pow": _power,
    "where": _where,
    "masked_fill": _masked_fill,
    "lerp": _lerp,
}
