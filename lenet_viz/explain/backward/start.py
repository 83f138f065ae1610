"""What the objective itself gives to one number of the model's output."""

from dataclasses import dataclass

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture, Objective, Value
from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.parts import worked_out
from lenet_viz.explain.terms import Block, Factor, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, eq=False)
class Start:
    """The objective's share of one gradient.

    Attributes:
        block: its terms; None where they are not known.
        formula: the rule.
        working: lines that lead to a factor.
        sentence: what it is, with its number; why it is zero where it is.
        rounding: the size of the numbers that torch rounds on the way.
    """

    block: Block | None
    formula: str
    sentence: Message
    working: tuple[Line, ...] = ()
    rounding: float = 0.0


def start_of(
    capture: Capture, address: Address, index: tuple[int, ...], *, used: bool
) -> Start | None:
    """Return what the objective gives to an element; None where it does not look at the tensor.

    Args:
        capture: the run.
        address: the tensor.
        index: the element.
        used: whether steps give a gradient to it as well.
    """
    objective, value = capture.objective, capture.output_value
    if objective is None or value is None or not _is_output(capture, address):
        return None
    if objective.kind == "output" and objective.index is not None:
        return _one_hot(objective, value, index)
    if objective.kind == "cross-entropy" and objective.index is not None:
        return _cross_entropy(objective, value, index)
    if objective.kind == "mse" and objective.target is not None:
        return _squares(objective, value, index)
    if objective.kind == "callable":
        return _of_a_function(objective, index, used)
    return _chosen(objective, index)


def upstream_is_zero(capture: Capture, address: Address) -> np.ndarray | None:
    """Return where the objective gives exactly zero, bool of the output's shape.

    None comes back where it does not look at the tensor.
    """
    objective, value = capture.objective, capture.output_value
    if objective is None or value is None or not _is_output(capture, address):
        return None
    if objective.kind == "output" and objective.index is not None and value.shape:
        return np.broadcast_to(np.arange(value.shape[-1]) != objective.index, value.shape)
    if objective.kind == "mse" and objective.target is not None:
        return np.asarray(value.activation.astype(np.float64) == objective.target)
    if objective.kind == "cross-entropy" and objective.index is not None:
        axis = 1 if len(value.shape) > 1 else 0
        x = np.moveaxis(value.activation.astype(np.float64), axis, -1)
        parts = np.exp(x - x.max(axis=-1, keepdims=True))
        share = parts / parts.sum(axis=-1, keepdims=True)
        onehot = np.arange(x.shape[-1]) == objective.index
        return np.moveaxis(np.asarray(share == onehot), -1, axis)
    upstream = objective.upstream
    return None if upstream is None else np.asarray(upstream == 0)


def _is_output(capture: Capture, address: Address) -> bool:
    if capture.output is None:
        return False
    step = capture.steps[capture.output.step]
    here = (address.place, address.name, address.output)
    return here == (Place.STEP, step.name, capture.output.output)


def _title() -> Message:
    return message("Why", QT_TRANSLATE_NOOP("Why", "the objective"))


def _chosen(objective: Objective, index: tuple[int, ...]) -> Start | None:
    if objective.upstream is None:
        return None
    v = float(objective.upstream[index].astype(np.float64))
    template = (
        QT_TRANSLATE_NOOP("Why", "The upstream gradient v is {v} here: drawn at random.")
        if objective.kind == "random"
        else QT_TRANSLATE_NOOP("Why", "The upstream gradient v is {v} here: chosen, not computed.")
    )
    role = message("Why", QT_TRANSLATE_NOOP("Why", "upstream gradient v"))
    block = Block(_title(), (Factor(role, "v", np.full((), v)),))
    return Start(block, "g = v", message("Why", template, v=text(v)))


def _of_a_function(objective: Objective, index: tuple[int, ...], used: bool) -> Start | None:
    if used or objective.upstream is None:
        template = QT_TRANSLATE_NOOP(
            "Why", "What the objective function gives to the output is not recorded by itself."
        )
        return Start(None, "", message("Why", template))
    v = float(objective.upstream[index].astype(np.float64))
    template = QT_TRANSLATE_NOOP(
        "Why", "The objective is a function of your own; its gradient here is {v}."
    )
    role = message("Why", QT_TRANSLATE_NOOP("Why", "gradient of the objective"))
    block = Block(_title(), (Factor(role, "v", np.full((), v)),))
    return Start(block, "g = d(objective)/d(output)", message("Why", template, v=text(v)))


def _one_hot(objective: Objective, value: Value, index: tuple[int, ...]) -> Start:
    chosen = bool(index) and index[-1] == objective.index
    template = (
        QT_TRANSLATE_NOOP("Why", "The objective is output {number} itself, so v is 1 here.")
        if chosen
        else QT_TRANSLATE_NOOP(
            "Why", "The objective looks at output {number} alone, so v is 0 here."
        )
    )
    block = Block(_title(), (worked_out("v", float(chosen), ()),))
    formula = f"v = 1 where k = {objective.index}, else 0"
    return Start(block, formula, message("Why", template, number=int(objective.index or 0)))


def _cross_entropy(objective: Objective, value: Value, index: tuple[int, ...]) -> Start:
    axis = 1 if len(value.shape) > 1 else 0
    row = np.moveaxis(value.activation, axis, -1)[(*index[:axis], *index[axis + 1 :])]
    row = np.asarray(row, np.float64)
    parts = np.exp(row - row.max())
    k, total, samples = index[axis], float(parts.sum()), int(np.prod(value.shape) // len(row))
    share, one = float(parts[k] / total), float(k == objective.index)
    each = (share - one) / samples
    working = (
        Line("Σ exp(x - max x)", f"{len(row)} terms", total),
        Line(f"softmax(x)[{k}]", f"{text(float(parts[k]))} / {text(total)}", share),
        Line(
            f"onehot[{k}]", f"{k} = {objective.index}" if one else f"{k} ≠ {objective.index}", one
        ),
        Line("v", f"({text(share)} - {int(one)}) / {samples}", each),
    )
    symbol = "softmax - onehot"
    factors = (worked_out(symbol, share - one, ()), worked_out("1/N", 1 / samples, ()))
    template = QT_TRANSLATE_NOOP(
        "Why",
        "Cross-entropy gives (softmax - onehot) / N = ({share} - {one}) / {count} = {v}.",
    )
    sentence = message(
        "Why", template, share=text(share), one=int(one), count=samples, v=text(each)
    )
    formula = "v[k] = (softmax(x)[k] - onehot[k]) / N"
    return Start(Block(_title(), factors), formula, sentence, working, 1 / samples)


def _squares(objective: Objective, value: Value, index: tuple[int, ...]) -> Start:
    assert objective.target is not None
    out = float(value.activation[index].astype(np.float64))
    given = objective.target  # a flat one stands for every sample
    target = float(given[index[len(index) - given.ndim :]].astype(np.float64))
    count = max(1, int(np.prod(value.shape)))
    each = 2 * (out - target) / count
    working = (
        Line("out - t", f"{text(out)} - ({text(target)})", out - target),
        Line("v", f"2 · ({text(out - target)}) / {count}", each),
    )
    factors = (worked_out("out - t", out - target, ()), worked_out("2/n", 2 / count, ()))
    template = QT_TRANSLATE_NOOP(
        "Why", "The mean squared error gives 2 (out - t) / n = 2 · ({gap}) / {count} = {v}."
    )
    sentence = message("Why", template, gap=text(out - target), count=count, v=text(each))
    rounding = 2 * max(abs(out), abs(target)) / count
    return Start(Block(_title(), factors), "v = 2 (out - t) / n", sentence, working, rounding)
