"""Losses inside a model: what they give to their input and to their target."""

from collections.abc import Callable

import numpy as np

from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.parts import one_term, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Line, Numbers

Slope = Callable[[Call, float, float], float]
"""From the step, the input x and the target t: d(loss of this element)/dx."""


def _setting(call: Call, name: str, default: float) -> float:
    value = call.step.literal(name, default)
    if not isinstance(value, int | float):
        raise CannotTell
    return float(value)


def _sigmoid(x: float) -> float:
    return float(0.5 * (1 + np.tanh(x / 2)))


def _smooth(call: Call, x: float, t: float) -> float:
    beta = _setting(call, "beta", 1.0)
    gap = x - t
    return float(np.sign(gap)) if abs(gap) >= beta else gap / beta


def _huber(call: Call, x: float, t: float) -> float:
    delta = _setting(call, "delta", 1.0)
    return float(np.clip(x - t, -delta, delta))


def _binary(call: Call, x: float, t: float) -> float:
    return (x - t) / max(x * (1 - x), 1e-12)


def _divergence(call: Call, x: float, t: float) -> float:
    return -float(np.exp(t)) if call.step.literal("log_target") else -t


SLOPES: dict[str, tuple[Slope, str]] = {
    "mse_loss": (lambda call, x, t: 2 * (x - t), "2 (x - t)"),
    "l1_loss": (lambda call, x, t: float(np.sign(x - t)), "sign(x - t)"),
    "smooth_l1_loss": (_smooth, "(x - t)/beta, at most ±1"),
    "huber_loss": (_huber, "x - t, at most ±delta"),
    "binary_cross_entropy_with_logits": (lambda call, x, t: _sigmoid(x) - t, "σ(x) - t"),
    "binary_cross_entropy": (_binary, "(x - t)/(x·(1 - x))"),
    "kl_div": (_divergence, "-t"),
}
_SYMMETRIC = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    x, target = call.operand("input"), call.operand("target")
    if x is None or target is None or x.shape != target.shape:
        raise CannotTell
    if any(call.operand(name) is not None for name in ("weight", "pos_weight")):
        raise CannotTell
    sign = 1.0
    if path == ("target",) and call.op in _SYMMETRIC:
        sign = -1.0
    elif path != ("input",):
        raise CannotTell
    slope, formula = SLOPES[call.op]
    here, there = float(x.array[index]), float(target.array[index])
    each = sign * slope(call, here, there)
    count, reached = _shares(call, x, index)
    working = (
        Line("x", text(here), here),
        Line("t", text(there), there),
        Line("d", formula if sign > 0 else f"-({formula})", each),
    )
    factors = (worked_out("d", each), worked_out("1/n", 1 / count))
    return (
        one_term(
            through(call.step.name),
            reached,
            factors if count != 1 else factors[:1],
            f"g[x] = g[loss] · {formula} / n",
            working=working,
            rounding=(abs(here) + abs(there) + 1) * max(1.0, abs(each)) / count,
        ),
    )


def _shares(call: Call, x: Operand, index: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Return by how many numbers the loss is divided, and which output element it is."""
    reduction = call.step.literal("reduction", "mean")
    if call.step.literal("reduce") is not None or call.step.literal("size_average") is not None:
        raise CannotTell
    if reduction == "none":
        return 1, index
    if reduction == "sum":
        return 1, ()
    if reduction == "batchmean":
        return x.shape[0], ()
    return max(1, int(np.prod(x.shape))), ()


def _classes(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    """Return the rule of cross-entropy and of nll_loss, where the target names classes."""
    x, target = call.operand("input"), call.operand("target")
    if x is None or target is None or path != ("input",):
        raise CannotTell
    axis = 1 if len(x.shape) > 1 else 0
    if len(target.shape) != len(x.shape) - 1 or target.array.dtype.kind not in "iu":
        raise CannotTell
    weight = call.operand("weight")
    ignored = _setting(call, "ignore_index", -100)
    chosen = np.asarray(target.array)
    weights = _weights(weight, x.shape[axis])
    per = np.where(chosen == ignored, 0.0, weights[np.where(chosen == ignored, 0, chosen)])
    place = (*index[:axis], *index[axis + 1 :])
    own, share = int(chosen[place]), float(per[place])
    smooth = _setting(call, "label_smoothing", 0.0)
    one = float(index[axis] == own)
    working: tuple[Line, ...] = (Line("t", "the target's class", own),)
    if call.op == "nll_loss":
        each, formula = -one, "g[x, k] = -g[loss] · w · onehot[k] / N"
    elif smooth and weight is not None:
        raise CannotTell
    else:
        soft = _soft(x, axis, index)
        wanted = one * (1 - smooth) + smooth / x.shape[axis]
        each, formula = soft - wanted, "g[x, k] = g[loss] · (softmax(x)[k] - onehot[k]) · w / N"
        working += (Line(f"softmax(x)[{index[axis]}]", "exp(x - max)/Σ", soft),)
    reached: tuple[int, ...] = place if call.step.literal("reduction", "mean") == "none" else ()
    total = float(per.sum()) if call.step.literal("reduction", "mean") == "mean" else 1.0
    factor = share / total if total else 0.0
    factors = (worked_out("softmax - onehot", each), worked_out("w/N", factor))
    title = through(call.step.name)
    return (one_term(title, reached, factors, formula, working=working, rounding=abs(factor)),)


def _weights(weight: Operand | None, classes: int) -> Numbers:
    return np.ones(classes) if weight is None else np.asarray(weight.array, np.float64)


def _soft(x: Operand, axis: int, index: tuple[int, ...]) -> float:
    row = np.moveaxis(x.array, axis, -1)[(*index[:axis], *index[axis + 1 :])]
    wide = np.asarray(row, np.float64)
    parts = np.exp(wide - wide.max())
    return float(parts[index[axis]] / parts.sum())


RULES: dict[str, Rule] = {
    **dict.fromkeys(SLOPES, _rule),
    "cross_entropy": _classes,
    "nll_loss": _classes,
}
