"""A linear layer: its input, its weight and its bias."""

import numpy as np

from lenet_viz.explain.backward.parts import (
    folded,
    grid,
    read,
    role_input,
    role_weight,
    sample_title,
    through,
)
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices
from lenet_viz.wording import QT_TRANSLATE_NOOP

OVER_OUTPUTS = QT_TRANSLATE_NOOP("Why", "{count} outputs added = {total}")
OVER_SAMPLES = QT_TRANSLATE_NOOP("Why", "{count} samples added = {total}")


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    x, weight = call.operand("input"), call.operand("weight")
    if x is None or weight is None or len(weight.shape) not in (1, 2):
        raise CannotTell
    if path == ("weight",):
        return (_weight(call, x, index),)
    if path == ("bias",):
        return (_bias(call, x, index),)
    if path != ("input",):
        raise CannotTell
    return (_input(call, weight, index),)


def _input(call: Call, weight: Operand, index: tuple[int, ...]) -> Pull:
    *lead, place = index
    if len(weight.shape) == 1:
        reached = grid(*lead)[None] if lead else np.zeros((1, 0), np.int64)
        factor = read(role_weight(), "w", weight, np.asarray([[place]], np.int64))
        return Pull((through(call.step.name),), reached, (factor,), "g[i] = g[y] · w[i]")
    outputs = np.arange(weight.shape[0])
    reached = grid(*lead, outputs)[None]
    factor = read(role_weight(), "w", weight, grid(outputs, place)[None])
    return Pull(
        (through(call.step.name),),
        reached,
        (factor,),
        "g[x, i] = Σ_o g[y, o] · w[o, i]",
        headline=OVER_OUTPUTS,
    )


def _samples(x: Operand, blocks: bool) -> tuple[Indices, int]:
    """Return the positions before the last axis, (blocks, *shape, axes), and how many blocks."""
    lead = x.shape[:-1]
    every = grid(*(np.arange(size) for size in lead)) if lead else np.zeros((0,), np.int64)
    if blocks and len(lead) > 1:
        return every.reshape((lead[0], int(np.prod(lead[1:])), len(lead))), lead[0]
    return folded(every), 1


def _weight(call: Call, x: Operand, index: tuple[int, ...]) -> Pull:
    samples, blocks = _samples(x, blocks=True)
    place = index[-1]
    at_x = np.concatenate([samples, np.full((*samples.shape[:-1], 1), place)], axis=-1)
    reached = samples
    if len(index) == 2:
        reached = np.concatenate([samples, np.full((*samples.shape[:-1], 1), index[0])], axis=-1)
    titles = (
        tuple(sample_title(n) for n in range(blocks))
        if len(x.shape) > 2
        else (through(call.step.name),)
    )
    return Pull(
        titles,
        reached,
        (read(role_input(), "x", x, at_x),),
        "g[w, o, i] = Σ_n g[y, n, o] · x[n, i]",
        weighs_input=True,
        headline=OVER_SAMPLES if len(x.shape) == 2 and x.shape[0] > 1 else "",
    )


def _bias(call: Call, x: Operand, index: tuple[int, ...]) -> Pull:
    samples, blocks = _samples(x, blocks=True)
    reached = samples
    if index:
        reached = np.concatenate([samples, np.full((*samples.shape[:-1], 1), index[0])], axis=-1)
    titles = (
        tuple(sample_title(n) for n in range(blocks))
        if len(x.shape) > 2
        else (through(call.step.name),)
    )
    return Pull(titles, reached, (), "g[b, o] = Σ_n g[y, n, o]")


RULES: dict[str, Rule] = {"linear": _rule}
