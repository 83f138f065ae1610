"""Attention: values weighted with a softmax of query times key."""

import math

import numpy as np

from lenet_viz.explain.forward.finding import (
    SHARE,
    CannotSay,
    Finding,
    Index,
    factor,
    grid,
    needed,
    number,
    picked,
    worked,
)
from lenet_viz.explain.forward.products import sorted_block
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import How, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_VALUE = message("Why", QT_TRANSLATE_NOOP("Why", "value"))


def attention(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of one value of ``scaled_dot_product_attention``.

    Raises:
        CannotSay: dropout, grouped heads, or shapes that are broadcast.

    Source: https://docs.pytorch.org/docs/stable/generated/
    torch.nn.functional.scaled_dot_product_attention.html
    """
    query, key, value = (needed(call, name) for name in ("query", "key", "value"))
    step = call.step
    if step.literal("dropout_p", 0.0) or step.literal("enable_gqa", False):
        raise CannotSay
    if not query.shape[:-2] == key.shape[:-2] == value.shape[:-2]:
        raise CannotSay
    *lead, row, column = index
    count, width = key.shape[-2:]
    scale = step.literal("scale")
    by = float(scale) if isinstance(scale, int | float) else 1 / math.sqrt(width)
    q = picked(query.array, grid(*lead, row, np.arange(width)))
    k = picked(key.array, grid(*lead, np.arange(count), np.arange(width)))
    scores = (k @ q) * by + _mask(call, row, count)
    most = float(scores.max())
    shares = np.exp(scores - most)
    shares = shares / shares.sum()
    values = factor(value, grid(*lead, np.arange(count), column), _VALUE, "v")
    template = QT_TRANSLATE_NOOP("Why", "{count} positions, the largest first")
    title = message("Why", template, count=count)
    block = sorted_block(title, worked(shares, SHARE, "p"), values)
    template = QT_TRANSLATE_NOOP("Why", "{count} values weighted with their shares = {total}")
    headline = message("Why", template, count=count, total=number(block.total))
    at = int(np.argmax(shares))
    working = (
        Line("s[j]", f"Σ q·k[j]·{by:.6g}, largest at j = {at}", float(scores[at])),
        Line(f"p[{at}]", "exp(s[j] - max s)/Σ exp(s - max s)", float(shares[at])),
    )
    finite = scores[np.isfinite(scores)]
    rounding = float(np.abs(values.values).max()) * (1 + float(np.abs(finite).max(initial=0.0)))
    return Finding(
        How.SUM,
        "y[i] = Σ p[j]·v[j], p = softmax(q·kᵀ·scale)",
        headline,
        (block,),
        block.total,
        rounding,
        working=working,
    )


def _mask(call: Call, row: int, count: int) -> Numbers:
    """Return what is added to the scores: 0, or minus infinity where nothing may be seen."""
    added = np.zeros(count)
    if call.step.literal("is_causal", False):
        added[row + 1 :] = -np.inf
    mask: Operand | None = call.operand("attn_mask")
    if mask is None:
        return added
    if len(mask.shape) != 2:
        raise CannotSay
    found = mask.array[row if mask.shape[0] > 1 else 0]
    if found.dtype == bool:
        return np.where(np.broadcast_to(found, (count,)), added, -np.inf)
    return np.asarray(added + found.astype(np.float64))
