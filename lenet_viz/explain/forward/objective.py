"""Why the loss is what it is."""

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.explain.forward.finding import (
    INPUT,
    SHARE,
    Finding,
    factor,
    number,
    worked,
)
from lenet_viz.explain.forward.losses import class_losses
from lenet_viz.explain.operands import Operand, tensor_of
from lenet_viz.explain.terms import Answer, Block, Explanation, How, Line, Unexplained
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_NO_LOSS = QT_TRANSLATE_NOOP(
    "Why",
    "There is no loss in this run: backward started from a vector v, and vᵀJ is what it gave. "
    "Choose cross-entropy or MSE for a loss.",
)
_OWN = QT_TRANSLATE_NOOP(
    "Why", "The objective is a function of the caller's own: there is no arithmetic for it here."
)
_GIVEN = QT_TRANSLATE_NOOP("Why", "The target is given: nothing in the network made this number.")


def explain_loss(capture: Capture, address: Address) -> Answer:
    """Return the arithmetic of the objective's loss, or why there is none."""
    objective, output = capture.objective, capture.output
    if address.name == "target":
        return Unexplained(address, message("Why", _GIVEN), None)
    if objective is None or objective.loss is None or output is None:
        return Unexplained(address, message("Why", _NO_LOSS), None)
    captured = float(objective.loss)
    operand = tensor_of(capture, output)
    finding = None if operand is None else _finding(capture, operand)
    if finding is None:
        return Unexplained(address, message("Why", _OWN), captured, objective.kind)
    scale = finding.scale
    if scale is None:
        scale = float(sum(np.abs(block.products).sum() for block in finding.blocks))
    return Explanation(
        asked=address,
        step="",
        op=objective.kind,
        how=finding.how,
        formula=finding.formula,
        headline=finding.headline,
        blocks=finding.blocks,
        total=finding.total,
        captured=captured,
        scale=scale,
        dtype=operand.dtype if operand is not None else "float32",
        terms=max(1, finding.blocks[0].products.size),
        working=finding.working,
        notes=finding.notes,
    )


def _finding(capture: Capture, operand: Operand) -> Finding | None:
    objective = capture.objective
    assert objective is not None
    if np.iscomplexobj(operand.array):
        return None
    if objective.kind == "cross-entropy" and len(operand.shape) in (1, 2):
        logits = operand.numbers.reshape(-1, operand.shape[-1])
        rows = np.arange(len(logits))
        classes = np.full(len(logits), objective.index or 0, dtype=np.int64)
        return class_losses(None, logits, classes, rows, operand)
    if objective.kind == "mse" and objective.target is not None:
        return _mse(operand, np.asarray(objective.target, dtype=np.float64))
    if objective.kind == "output":
        return _chosen(operand, objective.index or 0)
    return None


def _mse(operand: Operand, target: np.ndarray) -> Finding:
    shape = operand.shape
    places = np.stack(np.unravel_index(np.arange(target.size), shape), axis=-1).astype(np.int64)
    out = factor(operand, places.reshape(-1, len(shape)), INPUT, "x")
    goal = target.reshape(-1)
    role = message("Why", QT_TRANSLATE_NOOP("Why", "squared difference"))
    squares = worked((out.values - goal) ** 2, role, "d²")
    share = worked(np.full(goal.size, 1 / goal.size), SHARE, "1/n")
    title = message("Why", QT_TRANSLATE_NOOP("Why", "terms of the loss"))
    block = Block(title, (squares, share))
    first = Line(
        "d[0]²",
        f"({number(float(out.values[0]))} - {_shown(float(goal[0]))})²",
        float(squares.values[0]),
    )
    template = QT_TRANSLATE_NOOP("Why", "the mean of {count} terms (out - t)² = {total}")
    headline = message("Why", template, count=goal.size, total=number(block.total))
    return Finding(
        How.SUM, "L = Σ (out - t)² / n", headline, (block,), block.total, working=(first,)
    )


def _shown(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def _chosen(operand: Operand, chosen: int) -> Finding:
    lead = operand.shape[:-1]
    places = np.stack(
        [*np.unravel_index(np.arange(int(np.prod(lead))), lead)] if lead else [np.zeros(1, int)],
        axis=-1,
    ).astype(np.int64)
    places = places if lead else places[:, :0]
    last = np.full((len(places), 1), chosen, dtype=np.int64)
    out = factor(operand, np.concatenate([places, last], axis=-1), INPUT, "x")
    title = message("Why", QT_TRANSLATE_NOOP("Why", "output {number}"), number=chosen)
    block = Block(title, (out,))
    template = QT_TRANSLATE_NOOP("Why", "output {number} = {total}")
    headline = message("Why", template, number=chosen, total=number(block.total))
    return Finding(How.SUM, "L = out[k]", headline, (block,), block.total)


LOSS = Address(Place.OBJECTIVE, "loss", index=())
"""The loss's own address."""
