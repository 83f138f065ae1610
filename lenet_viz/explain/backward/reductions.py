"""Ops that make fewer numbers of many: sums, means, largest, spread."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lenet_viz.explain.backward.parts import one_term, picked, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Cause, Halt, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


@dataclass(frozen=True, eq=False)
class Reduced:
    """The numbers that become one together with an element.

    Attributes:
        values: they, in row-major order.
        own: the element's place among them.
        reached: the output element.
    """

    values: Numbers
    own: int
    reached: tuple[int, ...]


def reduced_axes(call: Call, operand: Operand) -> tuple[int, ...]:
    """Return the axes that an op adds up over.

    Raises:
        CannotTell: they are given in a way that is not known here.
    """
    rank = len(operand.shape)
    dim = call.step.literal("dim")
    if _axis_called_unbiased(call):
        dim = call.step.literal("unbiased")
    if dim is None or dim == ():
        return tuple(range(rank))
    dims = dim if isinstance(dim, tuple) else (dim,)
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in dims):
        raise CannotTell
    return tuple(sorted(int(one) % max(1, rank) for one in dims if isinstance(one, int)))


def _axis_called_unbiased(call: Call) -> bool:
    """Return whether the axis of ``x.var(1)`` was recorded under the name of another setting."""
    value = call.step.literal("unbiased")
    return isinstance(value, int) and not isinstance(value, bool)


def _reduced(call: Call, path: Path, index: tuple[int, ...], axes: tuple[int, ...]) -> Reduced:
    operand = call.operand(*path)
    if operand is None or path[0] not in ("input", "0"):
        raise CannotTell
    kept = len(call.step.shape) == len(operand.shape)
    reached = tuple(
        0 if axis in axes else one
        for axis, one in enumerate(index)
        if axis not in axes or (kept and index)
    )
    place = tuple(slice(None) if axis in axes else one for axis, one in enumerate(index))
    if len(reached) != len(call.step.shape):
        raise CannotTell
    values = np.asarray(operand.array)[place] if place else operand.array
    sizes = [operand.shape[axis] for axis in axes]
    inner = tuple(index[axis] for axis in axes)
    own = int(np.ravel_multi_index(inner, sizes)) if inner else 0
    return Reduced(np.asarray(values, np.float64).reshape(-1), own, reached)


Share = Callable[[Call, Numbers, int, float], float]
"""From the step, the numbers that become one, the element's place, and the result: dy/dx."""


def _largest(call: Call, values: Numbers, own: int, y: float) -> float:
    best = values == y if not np.isnan(y) else np.isnan(values)
    return float(best[own]) / max(1, int(best.sum()))


def _first(call: Call, values: Numbers, own: int, y: float) -> float:
    missing = np.flatnonzero(np.isnan(values))
    best = int(missing[0]) if missing.size else int(np.flatnonzero(values == y)[0])
    return float(best == own)


def _degrees(call: Call, values: Numbers, variance: float) -> float:
    count = len(values)
    if _axis_called_unbiased(call):
        # Whether it was unbiased is not recorded then: the captured number tells.
        squares = float(((values - values.mean()) ** 2).sum())
        return count if abs(squares / count - variance) < 1e-3 * variance else count - 1.0
    correction = call.step.literal("correction", call.step.literal("unbiased", 1))
    if correction is None:
        correction = 1
    if not isinstance(correction, int | float):
        raise CannotTell
    return max(0.0, count - float(correction))


def _variance(call: Call, values: Numbers, own: int, y: float) -> float:
    gap = values[own] - values.mean()
    return float(2 * gap / np.float64(_degrees(call, values, y)))


def _deviation(call: Call, values: Numbers, own: int, y: float) -> float:
    if y == 0:
        return 0.0
    gap = values[own] - values.mean()
    return float(gap / np.float64(y * _degrees(call, values, y * y)))


def _norm(call: Call, values: Numbers, own: int, y: float) -> float:
    p = next((call.step.literal(name) for name in ("p", "ord") if call.step.argument(name)), 2)
    if p not in (None, "fro", 2, 2.0, 1, 1.0):
        raise CannotTell
    x = values[own]
    if p in (1, 1.0):
        return float(np.sign(x))
    return 0.0 if y == 0 else float(x / y)


def _product(call: Call, values: Numbers, own: int, y: float) -> float:
    return float(np.delete(values, own).prod())


SHARES: dict[str, tuple[Share, str]] = {
    "sum": (lambda call, values, own, y: 1.0, "1"),
    "mean": (lambda call, values, own, y: 1 / len(values), "1/n"),
    "nansum": (lambda call, values, own, y: float(not np.isnan(values[own])), "1"),
    "amax": (_largest, "1/(number of largest) where x is largest, else 0"),
    "amin": (_largest, "1/(number of smallest) where x is smallest, else 0"),
    "max": (_largest, "1/(number of largest) where x is largest, else 0"),
    "min": (_largest, "1/(number of smallest) where x is smallest, else 0"),
    "logsumexp": (lambda call, values, own, y: float(np.exp(values[own] - y)), "exp(x - y)"),
    "var": (_variance, "2·(x - mean)/(n - 1)"),
    "std": (_deviation, "(x - mean)/((n - 1)·y)"),
    "norm": (_norm, "x/y"),
    "vector_norm": (_norm, "x/y"),
    "linalg_vector_norm": (_norm, "x/y"),
    "prod": (_product, "product of the others"),
}


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    operand = call.operand(*path)
    if operand is None:
        raise CannotTell
    if call.op in ("max", "min") and len(call.step.outputs) > 1:
        return _along_one_axis(call, path, operand, index)
    axes = reduced_axes(call, operand)
    if call.op in ("max", "min") and call.step.outputs[0].shape != ():
        raise CannotTell  # of two tensors, place by place
    return (_pull(call, _reduced(call, path, index, axes), *SHARES[call.op]),)


def _pull(call: Call, reduced: Reduced, share: Share, formula: str) -> Pull:
    output = call.output().activation
    y = float(picked(output, np.asarray(reduced.reached, np.int64)))
    slope = share(call, reduced.values, reduced.own, y)
    halt = None
    if slope == 0 and share in (_largest, _first):
        halt = _not_chosen(call, float(reduced.values[reduced.own]), y)
    large = float(np.abs(reduced.values).max()) if call.op in ("var", "std") else 0.0
    spread = abs(y) if call.op == "std" else 1.0
    return one_term(
        through(call.step.name),
        reduced.reached,
        () if slope == 1 else (worked_out("dy/dx", slope),),
        f"g[x] = g[y] · ({formula})",
        halt=halt,
        rounding=large / (spread * max(1, len(reduced.values))) if spread else 0.0,
    )


def _not_chosen(call: Call, own: float, y: float) -> Halt:
    cause = Cause.TIED if own == y else Cause.LOST
    template = (
        QT_TRANSLATE_NOOP(
            "Why", "Tied in {step}: another number that is as large comes first and takes it all."
        )
        if cause is Cause.TIED
        else QT_TRANSLATE_NOOP("Why", "{step} chose another number: this one is passed by.")
    )
    return Halt(cause, message("Why", template, step=call.step.name))


def _along_one_axis(
    call: Call, path: Path, operand: Operand, index: tuple[int, ...]
) -> tuple[Pull, ...]:
    """Return the rule of ``x.max(dim)``, whose second output names the winner."""
    dim = next(
        (
            value
            for name in ("dim", "other", "1")
            if isinstance(value := call.step.literal(name), int)
        ),
        None,
    )
    if dim is None or call.step.outputs[1].activation_key is None:
        raise CannotTell
    axis = dim % max(1, len(operand.shape))
    reduced = _reduced(call, path, index, (axis,) if operand.shape else ())
    best = int(picked(call.output(1).activation, np.asarray(reduced.reached, np.int64)))

    def won(call: Call, values: Numbers, own: int, y: float) -> float:
        return float(own == best)

    pull = _pull(call, reduced, won, "1 where x is the largest, else 0")
    if best == reduced.own:
        return (pull,)
    halt = _not_chosen(call, float(reduced.values[reduced.own]), float(reduced.values[best]))
    slope = (worked_out("dy/dx", 0.0),)
    title = through(call.step.name)
    return (one_term(title, reduced.reached, slope, pull.formula, halt=halt),)


def _running(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    """Return the rule of ``cumsum``: every later sum holds the element."""
    operand, dim = call.operand(*path), call.step.literal("dim")
    if operand is None or not isinstance(dim, int) or not operand.shape:
        raise CannotTell
    axis = dim % len(operand.shape)
    later = np.arange(index[axis], operand.shape[axis])
    reached: Indices = np.tile(np.asarray(index, np.int64), (len(later), 1))
    reached[:, axis] = later
    formula = "g[x, i] = Σ g[y, j] over every j ≥ i"
    return (Pull((through(call.step.name),), reached[None], (), formula),)


RULES: dict[str, Rule] = {**dict.fromkeys(SHARES, _rule), "cumsum": _running}
