"""Cross-entropy and NLL losses: which shares of which logits, with everything torch lets one set.

All of them are L = Σ k[n,c]·(log Σ exp(x[n]) - x[n,c]): the share k holds the target (a class, or
a share of each), the smoothing, the weights of the classes and the mean.
"""

from dataclasses import dataclass

import numpy as np

from lenet_viz.explain.forward.finding import (
    SHARE,
    CannotSay,
    Finding,
    Index,
    factor,
    needed,
    number,
    picked,
    total_of,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, How, Indices, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_LOGITS = message("Why", QT_TRANSLATE_NOOP("Why", "logits of the targets"))
_LOG_SUMS = message("Why", QT_TRANSLATE_NOOP("Why", "log Σ exp of each sample's logits"))
_LOG_SUM = message("Why", QT_TRANSLATE_NOOP("Why", "log Σ exp"))
_LOGIT = message("Why", QT_TRANSLATE_NOOP("Why", "logit"))
_MEAN = QT_TRANSLATE_NOOP("Why", "the mean of {count} samples' losses = {total}")
_SUM = QT_TRANSLATE_NOOP("Why", "the sum of {count} samples' losses = {total}")
_ONE = QT_TRANSLATE_NOOP("Why", "{text} = {total}")
_IGNORED = message(
    "Why", QT_TRANSLATE_NOOP("Why", "Zero because this sample's class is the one to be ignored.")
)
_NOTHING = QT_TRANSLATE_NOOP("Why", "no sample counts, so the mean is {total}")


@dataclass(frozen=True, eq=False)
class Rows:
    """The samples of a loss as rows of logits.

    Attributes:
        x: the operand with the logits.
        logits: float64 (samples, classes).
        places: int64 (samples, classes, axes of ``x``): where each logit stands.
        shares: float64 (samples, classes): what each logit's loss counts for, before the mean.
        parts: float64 (samples,): what each sample counts for in the mean.
    """

    x: Operand
    logits: Numbers
    places: Indices
    shares: Numbers
    parts: Numbers


def class_loss(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of a cross-entropy or NLL loss.

    Raises:
        CannotSay: an argument is of a kind that is not known here.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    rows = _rows(call)
    reduction = str(call.step.literal("reduction", "mean"))
    if reduction == "none":
        sample = int(np.ravel_multi_index(index, call.step.shape)) if index else 0
        rows = _some(rows, np.array([sample]))
    return finding_of(rows, reduction, nll=call.op == "nll_loss")


def _rows(call: Call) -> Rows:
    x, target = needed(call, "input"), needed(call, "target")
    if not x.shape:
        raise CannotSay
    logits, places = rows_of(x)
    count = logits.shape[1]
    weight = call.operand("weight")
    weights = np.ones(count) if weight is None else weight.numbers.reshape(-1)
    smoothing = call.step.literal("label_smoothing", 0.0)
    if not isinstance(smoothing, int | float):
        raise CannotSay
    if target.array.dtype.kind in "iu":
        classes = target.array.reshape(-1).astype(np.int64)
        shares, parts = _of_classes(call, classes, weights)
    else:
        shares, _ = rows_of(target)
        parts = np.ones(len(shares))
    counted = (parts != 0) | (shares.sum(axis=1) != 0)
    shares = shares * (1 - smoothing) + counted[:, None] * smoothing / count
    return Rows(x, logits, places, shares * weights, parts)


def rows_of(x: Operand) -> tuple[Numbers, Indices]:
    """Return logits as (samples, classes), and where each stands, (samples, classes, axes).

    Raises:
        CannotSay: they are complex.
    """
    axis = 1 if len(x.shape) > 1 else 0
    flat = np.arange(int(np.prod(x.shape)), dtype=np.int64).reshape(x.shape)
    flat = np.moveaxis(flat, axis, -1).reshape(-1, x.shape[axis])
    places = np.stack(np.unravel_index(flat, x.shape), axis=-1).astype(np.int64)
    return picked(x.array, places), places


def _of_classes(call: Call, classes: Indices, weights: Numbers) -> tuple[Numbers, Numbers]:
    ignored = call.step.literal("ignore_index", -100)
    counted = classes != ignored
    known = np.where(counted, classes, 0).astype(np.int64)
    shares = np.zeros((len(classes), len(weights)))
    shares[np.arange(len(classes)), known] = counted
    return shares, np.where(counted, weights[known], 0.0)


def _some(rows: Rows, chosen: Indices) -> Rows:
    return Rows(
        rows.x, rows.logits[chosen], rows.places[chosen], rows.shares[chosen], rows.parts[chosen]
    )


def finding_of(rows: Rows, reduction: str, *, nll: bool) -> Finding:
    """Return the terms of a loss: log-sums and logits, each with its share.

    Args:
        rows: the samples.
        reduction: ``mean``, ``sum`` or ``none``.
        nll: whether ``rows`` holds log-probabilities already.
    """
    divisor = float(rows.parts.sum()) if reduction == "mean" else 1.0
    samples, classes = np.nonzero(rows.shares)
    formula = "L = -Σ k·x" if nll else "L = Σ k·(log Σ exp(x) - x)"
    if not len(samples):
        total = 0.0 if divisor or reduction != "mean" else float("nan")
        block = Block(_LOGITS, (worked(np.zeros(0), _LOGIT, "x"),))
        template = _NOTHING if reduction == "mean" else _ONE
        headline = message("Why", template, text="0", total=number(total))
        verdict = _IGNORED if total == 0 else None
        return Finding(How.SUM, formula, headline, (block,), total, verdict=verdict)
    shares = rows.shares[samples, classes] / divisor
    chosen = factor(rows.x, rows.places[samples, classes], _LOGIT, "x")
    blocks: tuple[Block, ...] = (Block(_LOGITS, (chosen, worked(-shares, SHARE, "-k"))),)
    working: tuple[Line, ...] = ()
    if not nll:
        sums = log_sums(rows.logits)
        by = rows.shares.sum(axis=1) / divisor
        seen = np.flatnonzero(by)
        blocks = (
            Block(_LOG_SUMS, (worked(sums[seen], _LOG_SUM, "s"), worked(by[seen], SHARE, "k"))),
            *blocks,
        )
        working = tuple(
            Line(f"log Σ exp(x[{n}])", f"{rows.logits.shape[1]} logits", float(sums[n]))
            for n in seen[:3]
        )
    total = total_of(blocks)
    headline = _headline(rows, blocks, total, reduction)
    return Finding(How.SUM, formula, headline, blocks, total, working=working)


def log_sums(logits: Numbers) -> Numbers:
    """Return log Σ exp of each row, the maximum taken off first."""
    most = logits.max(axis=1, keepdims=True)
    safe = np.where(np.isfinite(most), most, 0.0)
    sums: Numbers = np.log(np.exp(logits - safe).sum(axis=1)) + safe[:, 0]
    return sums


def _headline(rows: Rows, blocks: tuple[Block, ...], total: float, reduction: str) -> Message:
    count = len(np.unique(np.nonzero(rows.shares)[0]))
    if count > 1:
        template = _SUM if reduction == "sum" else _MEAN
        return message("Why", template, count=count, total=number(total))
    parts = [number(block.total) for block in blocks]
    text = " + ".join(f"({part})" if part.startswith("-") and at else part
                      for at, part in enumerate(parts))  # fmt: skip
    return message("Why", _ONE, text=text, total=number(total))
