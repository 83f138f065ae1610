"""A loss's value, sample by sample or number by number."""

from collections.abc import Callable, Mapping

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.explain.forward.finding import (
    INPUT,
    SHARE,
    CannotSay,
    Finding,
    Index,
    factor,
    needed,
    number,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How, Indices, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_TERMS = message("Why", QT_TRANSLATE_NOOP("Why", "terms of the loss"))
_LOGIT = message("Why", QT_TRANSLATE_NOOP("Why", "logits"))
_LOSS = message("Why", QT_TRANSLATE_NOOP("Why", "loss of each"))

_Each = Callable[[Numbers, Numbers], Numbers]
_EACH: Mapping[str, tuple[str, _Each]] = {
    "mse_loss": ("(x - t)²", lambda x, t: (x - t) ** 2),
    "l1_loss": ("|x - t|", lambda x, t: np.abs(x - t)),
    "binary_cross_entropy": (
        "-(t·log x + (1 - t)·log(1 - x))",
        lambda x, t: -(t * np.maximum(np.log(x), -100) + (1 - t) * np.maximum(np.log1p(-x), -100)),
    ),
    "binary_cross_entropy_with_logits": (
        "max(x, 0) - x·t + log(1 + exp(-|x|))",
        lambda x, t: np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))),
    ),
}
PAIRWISE = frozenset(_EACH)


def pairwise(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of a loss that compares numbers in pairs, broadcast as torch does.

    Raises:
        CannotSay: it has weights.
    """
    if any(call.operand(name) is not None for name in ("weight", "pos_weight")):
        raise CannotSay
    x, target = needed(call, "input"), needed(call, "target")
    shape = np.broadcast_shapes(x.shape, target.shape)
    text, each = _EACH[call.op]
    places = np.stack(np.unravel_index(np.arange(int(np.prod(shape))), shape), axis=-1)
    places = places.reshape(-1, len(shape)).astype(np.int64)
    if str(call.step.literal("reduction", "mean")) == "none":
        places = np.array([index], dtype=np.int64).reshape(1, len(shape))
    values = _spread(x, places, INPUT, "x"), _spread(target, places, INPUT, "t")
    terms = each(values[0].values, values[1].values)
    notes = () if x.shape == target.shape else (_broadcast(x.shape, target.shape),)
    return _reduced(call, text, terms, values, notes)


def _spread(operand: Operand, places: Indices, role: Message, symbol: str) -> Factor:
    near = places[:, places.shape[1] - len(operand.shape) :]
    single = np.array([size == 1 for size in operand.shape], dtype=bool)
    return factor(operand, np.where(single, 0, near).astype(np.int64), role, symbol)


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> Message:
    template = QT_TRANSLATE_NOOP(
        "Why",
        "The input has shape {first} and the target {second}: both are broadcast, and numbers are "
        "compared that may not belong together. target.view(...) gives it the input's shape.",
    )
    return message("Why", template, first=str(first), second=str(second))


def _reduced(
    call: Call, text: str, terms: Numbers, read: tuple[Factor, ...], notes: tuple[Message, ...]
) -> Finding:
    reduction = str(call.step.literal("reduction", "mean"))
    count = terms.size
    by = 1 / count if reduction == "mean" and count else 1.0
    blocks = [Block(_TERMS, (worked(terms, _LOSS, "l"), worked(np.full(count, by), SHARE, "1/n")))]
    order = np.argsort(-np.abs(terms), kind="stable")[:3]
    working = tuple(
        Line(f"l[{at}]", _worked_text(text, read, int(at)), float(terms[at])) for at in order
    )
    total = blocks[0].total
    template = (
        QT_TRANSLATE_NOOP("Why", "the mean of {count} terms {text} = {total}")
        if reduction == "mean"
        else QT_TRANSLATE_NOOP("Why", "the sum of {count} terms {text} = {total}")
    )
    headline = message("Why", template, count=count, text=text, total=number(total))
    formula = f"L = Σ {text}" + (" / n" if reduction == "mean" else "")
    return Finding(How.SUM, formula, headline, tuple(blocks), total, working=working, notes=notes)


def _worked_text(text: str, read: tuple[Factor, ...], at: int) -> str:
    x, target = (number(float(each.values[at])) for each in read)
    return f"{text}, x = {x}, t = {target}"


def cross_entropy(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of a cross-entropy or NLL loss with class numbers as targets.

    Raises:
        CannotSay: it has weights, smoothing or probabilities as targets.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    x, target = needed(call, "input"), needed(call, "target")
    if call.operand("weight") is not None or call.step.literal("label_smoothing", 0.0):
        raise CannotSay
    if target.array.dtype.kind not in "iu" or len(x.shape) not in (1, 2):
        raise CannotSay
    logits = x.numbers.reshape(-1, x.shape[-1])
    classes = np.atleast_1d(np.asarray(target.array)).astype(np.int64)
    counted = classes != int(_plain(call.step.literal("ignore_index", -100)))
    rows = np.flatnonzero(counted)
    if str(call.step.literal("reduction", "mean")) == "none":
        rows = np.array([index[0] if index else 0])
        if not counted[rows[0]]:
            return _ignored(x)
    return class_losses(call, logits, classes, rows, x)


def _ignored(x: Operand) -> Finding:
    template = QT_TRANSLATE_NOOP("Why", "its class is the one that is ignored = 0")
    block = Block(_TERMS, (worked(0.0, _LOSS, "l"),))
    return Finding(How.SUM, "L = 0", message("Why", template), (block,), 0.0)


def _plain(value: object) -> float:
    return float(value) if isinstance(value, int | float) else -100.0


def class_losses(
    call: Call | None, logits: Numbers, classes: Array, rows: Array, x: Operand
) -> Finding:
    """Return the mean or sum of -log softmax(logits)[class] over some rows.

    Args:
        call: the step; None for the objective's own loss, which is the mean.
        logits: float64 (N, C), or log-probabilities for an NLL loss.
        classes: the class of each row.
        rows: which rows count.
        x: the operand that the logits are.
    """
    nll = call is not None and call.op == "nll_loss"
    most = logits.max(axis=1, keepdims=True)
    logs = np.log(np.exp(logits - most).sum(axis=1, keepdims=True)) + most
    terms = np.array(
        [(-logits[r, classes[r]] if nll else logs[r, 0] - logits[r, classes[r]]) for r in rows]
    )
    reduction = "mean" if call is None else str(call.step.literal("reduction", "mean"))
    by = 1 / len(rows) if reduction == "mean" and len(rows) else 1.0
    places = np.array([(r, classes[r])[2 - len(x.shape) :] for r in rows], dtype=np.int64)
    chosen = factor(x, places.reshape(len(rows), len(x.shape)), _LOGIT, "x")
    block = Block(_TERMS, (worked(terms, _LOSS, "l"), worked(np.full(len(rows), by), SHARE, "1/n")))
    working: list[Line] = []
    for at, row in list(enumerate(rows))[:3]:
        value = float(chosen.values[at])
        if nll:
            working.append(Line(f"l[{row}]", f"-x[{classes[row]}]", float(terms[at])))
            continue
        log_sum = float(logs[row, 0])
        working.append(Line("log Σ exp(x)", f"{logits.shape[1]} logits", log_sum))
        text = f"log Σ exp(x) - x[{classes[row]}] = {number(log_sum)} - {_shown(value)}"
        working.append(Line(f"l[{row}]", text, float(terms[at])))
    total = block.total if len(rows) or reduction != "mean" else float("nan")
    template = QT_TRANSLATE_NOOP("Why", "-log softmax of the right class, {count} samples: {total}")
    headline = message("Why", template, count=len(rows), total=number(total))
    formula = "L = -x[class]" if nll else "L = log Σ exp(x) - x[class]"
    scale = float(np.abs(logits).max(initial=0.0)) + abs(total)
    return Finding(
        How.SUM,
        formula,
        headline,
        (block, Block(_LOGIT, (chosen, worked(np.zeros(len(rows)), SHARE, "0")))),
        total,
        scale,
        working=tuple(working),
    )


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text
