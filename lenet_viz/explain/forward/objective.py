"""Why the loss is what it is."""

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from lenet_viz.explain.forward.class_losses import Rows, finding_of, rows_of
from lenet_viz.explain.forward.finding import (
    INPUT,
    Finding,
    factor,
    number,
    picked,
    worked,
)
from lenet_viz.explain.forward.losses import places_of, reduced
from lenet_viz.explain.operands import Operand, tensor_of
from lenet_viz.explain.terms import Answer, Block, Explanation, Factor, How, Unexplained
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

TARGET = Address(Place.OBJECTIVE, "target")
"""What MSE compares the output with."""
_TARGET = message("Why", QT_TRANSLATE_NOOP("Why", "target"))
_SQUARE = message("Why", QT_TRANSLATE_NOOP("Why", "squared difference"))


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
    if objective.kind == "cross-entropy" and operand.shape:
        return finding_of(_rows(operand, objective.index or 0), "mean", nll=False)
    if objective.kind == "mse" and objective.target is not None:
        return _mse(operand, objective.target)
    if objective.kind == "output":
        return _chosen(operand, objective.index or 0)
    return None


def _rows(operand: Operand, chosen: int) -> Rows:
    """Return the output as rows of logits, of which one class is the target of all."""
    logits, places = rows_of(operand)
    shares = np.zeros(logits.shape)
    shares[:, chosen] = 1.0
    return Rows(operand, logits, places, shares, np.ones(len(logits)))


def _mse(operand: Operand, target: Array) -> Finding:
    places = places_of(operand.shape)
    out = factor(operand, places, INPUT, "x")
    where = places[..., places.shape[-1] - target.ndim :]  # a flat one stands for every sample
    goal = Factor(_TARGET, "t", picked(target, where), TARGET, where)
    squares = worked((out.values - goal.values) ** 2, _SQUARE, "d²")
    return reduced("(x - t)²", (squares,), (out, goal), "mean")


def _chosen(operand: Operand, chosen: int) -> Finding:
    places = places_of(operand.shape[:-1])
    last = np.full((len(places), 1), chosen, dtype=np.int64)
    if not operand.shape:
        last = last[:, :0]
    out = factor(operand, np.concatenate([places, last], axis=-1), INPUT, "x")
    title = message("Why", QT_TRANSLATE_NOOP("Why", "output {number}"), number=chosen)
    block = Block(title, (out,))
    template = QT_TRANSLATE_NOOP("Why", "output {number} = {total}")
    headline = message("Why", template, number=chosen, total=number(block.total))
    return Finding(How.SUM, "L = out[k]", headline, (block,), block.total)
