"""Scaled dot-product attention: its queries, keys and values."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from lenet_viz.explain.backward.parts import grid, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Path
from lenet_viz.explain.terms import Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP

_OVER_QUERIES = QT_TRANSLATE_NOOP("Why", "{count} outputs of the attention added = {total}")


@dataclass(frozen=True, eq=False)
class Head:
    """One head of one sample.

    Attributes:
        q: queries (L, E).
        k: keys (S, E).
        v: values (S, Ev).
        scale: what the scores are multiplied with.
        shares: softmax of the scores, (L, S).
    """

    q: Numbers
    k: Numbers
    v: Numbers
    scale: float
    shares: Numbers


def _head(call: Call, lead: tuple[int, ...]) -> Head:
    operands = [call.operand(name) for name in ("query", "key", "value")]
    query, key, value = operands
    if query is None or key is None or value is None:
        raise CannotTell
    if len({each.shape[:-2] for each in (query, key, value)}) != 1:
        raise CannotTell
    if call.step.literal("dropout_p", 0.0) != 0 or call.step.literal("enable_gqa", False):
        raise CannotTell
    q, k, v = (np.asarray(each.array[lead], np.float64) for each in (query, key, value))
    wanted = call.step.literal("scale")
    scale = float(wanted) if isinstance(wanted, int | float) else 1 / sqrt(q.shape[-1])
    scores = scale * (q @ k.T)
    if call.step.literal("is_causal", False):
        scores = np.where(np.tri(*scores.shape) > 0, scores, -np.inf)
    scores = _masked(call, scores, query.shape[:-2], lead)
    parts = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return Head(q, k, v, scale, parts / parts.sum(axis=-1, keepdims=True))


def _masked(call: Call, scores: Numbers, batch: tuple[int, ...], lead: tuple[int, ...]) -> Numbers:
    mask = call.operand("attn_mask")
    if mask is None:
        return scores
    whole = np.broadcast_to(mask.array, (*batch, *scores.shape))[lead]
    if whole.dtype == np.bool_:
        return np.where(whole, scores, -np.inf)
    return np.asarray(scores + whole, np.float64)


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    if path not in (("query",), ("key",), ("value",)):
        raise CannotTell
    lead, row, column = index[:-2], index[-2], index[-1]
    head = _head(call, lead)
    every, wide = np.arange(head.q.shape[0]), np.arange(head.v.shape[1])
    if path == ("value",):
        reached = grid(*lead, every, column)[None]
        slopes = head.shares[:, row]
        formula = "g[v, j, e] = Σ_i g[y, i, e] · P[i, j], P = softmax(scale · q·kᵀ)"
        rounding = float(slopes.max())
    elif path == ("query",):
        reached = grid(*lead, row, wide)[None]
        shares = head.shares[row]
        away = head.v - shares @ head.v
        slopes = head.scale * (shares * head.k[:, column]) @ away
        formula = "g[q, i, d] = scale · Σ_e g[y, i, e] · Σ_j P[i, j]·(v[j, e] - y[i, e])·k[j, d]"
        rounding = abs(head.scale) * float(np.abs(head.v).max() * np.abs(head.k).max())
    else:
        reached = grid(*lead, every, wide)[None]
        away = head.v[row] - head.shares @ head.v
        weight = head.shares[:, row] * head.q[:, column]
        slopes = head.scale * weight[:, None] * away
        formula = "g[k, j, d] = scale · Σ_i Σ_e g[y, i, e] · P[i, j]·(v[j, e] - y[i, e])·q[i, d]"
        rounding = abs(head.scale) * float(np.abs(head.v).max() * np.abs(weight).max())
    return (
        Pull(
            (through(call.step.name),),
            reached,
            (worked_out("d", slopes[None], reached.shape[:-1]),),
            formula,
            rounding=rounding,
            headline=_OVER_QUERIES,
        ),
    )


RULES: dict[str, Rule] = {"scaled_dot_product_attention": _rule}
