"""Normalisation by batch, layer, group, instance, or root mean square."""

from dataclasses import dataclass

import numpy as np

from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.parts import folded, grid, picked, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP

_OVER_ALL = QT_TRANSLATE_NOOP("Why", "{count} numbers normalised together added = {total}")


@dataclass(frozen=True, eq=False)
class Together:
    """The numbers that one mean and one variance are taken of.

    Attributes:
        places: int64 (numbers, axes): where they stand in the input.
        mean: their mean; 0 where none is subtracted.
        deviation: sqrt(variance + eps), or the root mean square.
        fixed: whether mean and deviation come from running statistics.
        centred: whether a mean is subtracted.
    """

    places: Indices
    mean: float
    deviation: float
    fixed: bool = False
    centred: bool = True


def _eps(call: Call, x: Operand) -> float:
    value = call.step.literal("eps")
    if isinstance(value, int | float):
        return float(value)
    return float(np.finfo(np.float64 if x.dtype == "float64" else np.float32).eps)


def _batch_norm(call: Call, x: Operand, index: tuple[int, ...]) -> Together:
    training = bool(call.step.literal("training", call.step.literal("use_input_stats", False)))
    axis = 1
    if training:
        axes: list[Indices | int] = [np.arange(size) for size in x.shape]
        axes[axis] = index[axis]
        return _statistics(call, x, grid(*axes).reshape((-1, len(x.shape))))
    mean, variance = call.operand("running_mean"), call.operand("running_var")
    if mean is None or variance is None:
        raise CannotTell
    channel = index[axis]
    deviation = float(np.sqrt(float(variance.array[channel]) + _eps(call, x)))
    place = np.asarray([index], np.int64)
    return Together(place, float(mean.array[channel]), deviation, fixed=True)


def _instance_norm(call: Call, x: Operand, index: tuple[int, ...]) -> Together:
    if not call.step.literal("use_input_stats", True):
        raise CannotTell
    spatial: list[Indices | int] = [np.arange(size) for size in x.shape[2:]]
    places = grid(index[0], index[1], *spatial).reshape((-1, len(x.shape)))
    return _statistics(call, x, places)


def _layer_norm(call: Call, x: Operand, index: tuple[int, ...]) -> Together:
    shape = call.step.literal("normalized_shape")
    if isinstance(shape, int):
        shape = (shape,)
    if not isinstance(shape, tuple) or len(shape) > len(index):
        raise CannotTell
    lead = index[: len(index) - len(shape)]
    inner = [np.arange(size) for size in x.shape[len(lead) :]]
    places = grid(*lead, *inner).reshape((-1, len(index)))
    return _statistics(call, x, places, centred=call.op != "rms_norm")


def _group_norm(call: Call, x: Operand, index: tuple[int, ...]) -> Together:
    groups = call.step.literal("num_groups")
    if not isinstance(groups, int):
        raise CannotTell
    size = x.shape[1] // groups
    first = index[1] // size * size
    spatial = [np.arange(size) for size in x.shape[2:]]
    places = grid(index[0], np.arange(first, first + size), *spatial).reshape((-1, len(index)))
    return _statistics(call, x, places)


def _statistics(call: Call, x: Operand, places: Indices, *, centred: bool = True) -> Together:
    values = picked(x.array, places)
    mean = float(values.mean()) if centred else 0.0
    deviation = float(np.sqrt(((values - mean) ** 2).mean() + _eps(call, x)))
    return Together(places, mean, deviation, centred=centred)


_STATISTICS = {
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _layer_norm,
    "group_norm": _group_norm,
}


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    x = call.operand("input")
    if x is None:
        raise CannotTell
    if path == ("input",):
        return (_input(call, x, index),)
    if path in (("weight",), ("bias",)):
        return (_affine(call, x, index, bias=path == ("bias",)),)
    raise CannotTell


def _scales(call: Call, x: Operand, places: Indices) -> Numbers:
    """Return γ at each place; 1 where there is none."""
    weight = call.operand("weight")
    if weight is None:
        return np.ones(len(places))
    if call.op in ("layer_norm", "rms_norm"):
        return picked(weight.array, places[:, len(x.shape) - len(weight.shape) :])
    return picked(weight.array, places[:, 1:2])


def _input(call: Call, x: Operand, index: tuple[int, ...]) -> Pull:
    together = _STATISTICS[call.op](call, x, index)
    places, deviation = together.places, together.deviation
    scales = _scales(call, x, places)
    own = int(np.flatnonzero((places == np.asarray(index)).all(axis=1))[0])
    values = picked(x.array, places)
    normal = (values - together.mean) / deviation
    working = (
        Line("mean", f"{len(places)} numbers", together.mean),
        Line("s", "sqrt(variance + eps)", deviation),
        Line("n[i]", f"({text(float(values[own]))} - mean) / s", float(normal[own])),
    )
    if together.fixed:
        slopes = scales / deviation
        formula, rounding = "g[x] = g[y] · γ / sqrt(running_var + eps)", 0.0
    else:
        count = len(places)
        same = np.arange(count) == own
        spread = (float(together.centred) + normal[own] * normal) / count
        slopes = scales * (same - spread) / deviation
        formula = "g[x, i] = Σ_j g[y, j] · γ[j] · (δ[i,j] - (1 + n[i]·n[j])/m) / s"
        if not together.centred:
            formula = "g[x, i] = Σ_j g[y, j] · γ[j] · (δ[i,j] - n[i]·n[j]/m) / s"
        # float32 statistics of numbers that are large beside their spread are coarse.
        far = 1 + float(np.abs(values).max()) / deviation
        rounding = float(np.abs(scales).max()) / deviation / count * (1 + abs(normal[own])) * far
        rounding += float(np.abs(slopes[own])) * 0.1
    return Pull(
        (through(call.step.name),),
        places[None],
        (worked_out("dy/dx", slopes, (1, len(places))),),
        formula,
        working=working,
        rounding=rounding,
        headline=_OVER_ALL if len(places) > 1 else "",
    )


def _affine(call: Call, x: Operand, index: tuple[int, ...], *, bias: bool) -> Pull:
    """Return the rule of γ and β: every number that they are stretched over."""
    rank = len(x.shape)
    if call.op in ("layer_norm", "rms_norm"):
        axes: list[Indices | int] = [np.arange(size) for size in x.shape[: rank - len(index)]]
        axes += list(index)
    else:
        axes = [np.arange(size) for size in x.shape]
        axes[1] = index[0]
    places = grid(*axes)
    if bias:
        return Pull((through(call.step.name),), folded(places), (), "g[β] = Σ g[y]")
    normal = _normal(call, x, places.reshape((-1, rank))).reshape(places.shape[:-1])
    reached = folded(places)
    values = normal.reshape(reached.shape[:-1])
    return Pull(
        (through(call.step.name),),
        reached,
        (worked_out("n", values, values.shape),),
        "g[γ] = Σ g[y] · n, n = (x - mean) / s",
        weighs_input=True,
        rounding=float(1 + np.abs(values).max()) if values.size else 0.0,
    )


def _normal(call: Call, x: Operand, places: Indices) -> Numbers:
    """Return the normalised input at some places, each set of statistics worked out once."""
    values, normal = picked(x.array, places), np.zeros(len(places))
    keys = places[:, _shared(call, x)]
    if call.op == "group_norm":
        groups = call.step.literal("num_groups")
        keys = keys.copy()
        keys[:, 1] //= max(1, x.shape[1] // (groups if isinstance(groups, int) else 1))
    _, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    which = which.reshape(-1)
    for number, place in enumerate(first):
        found = _STATISTICS[call.op](call, x, tuple(int(one) for one in places[place]))
        chosen = which == number
        normal[chosen] = (values[chosen] - found.mean) / found.deviation
    return normal


def _shared(call: Call, x: Operand) -> list[int]:
    """Return the axes along which statistics differ."""
    if call.op == "batch_norm":
        return [1]
    if call.op in ("layer_norm", "rms_norm"):
        shape = call.step.literal("normalized_shape")
        inner = len(shape) if isinstance(shape, tuple) else 1
        return list(range(len(x.shape) - inner))
    return [0, 1]


RULES: dict[str, Rule] = dict.fromkeys(_STATISTICS, _rule)
