"""Ops that make each output value of the input value in its place."""

import numpy as np

from lenet_viz.capture.address import Place
from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.parts import one_term, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Cause, Halt, Pull, Rule
from lenet_viz.explain.backward.slopes import SLOPES, Slope
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def slopes(call: Call, operand: Operand, index: tuple[int, ...] | None) -> Numbers:
    """Return dy/dx of an op of one number.

    Args:
        call: the step.
        operand: its input.
        index: one element; None for all, then the slopes have the operand's shape.

    Raises:
        CannotTell: the settings are not known here, or the output's numbers were not kept.
    """
    known = SLOPES.get(call.op)
    if known is None or operand.shape != call.step.shape:
        raise CannotTell
    if call.output().activation_key is None:
        raise CannotTell
    at: tuple[int, ...] = () if index is None else index
    x = np.asarray(operand.array[at] if at else operand.array, np.float64)
    output = call.output().activation
    y = np.asarray(output[at] if at else output, np.float64)
    return np.asarray(known.at(call, x, y), np.float64)


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    operand = call.operand(*path)
    if operand is None or path[0] not in ("input", "0"):
        raise CannotTell
    slope = float(slopes(call, operand, index))
    known = SLOPES[call.op]
    x = float(np.asarray(operand.array[index], np.float64))
    working = (Line("x", text(x), x), Line("dy/dx", known.formula, slope))
    halt = _halt(call, operand, known, x) if slope == 0 else None
    return (
        one_term(
            through(call.step.name),
            index,
            (worked_out("dy/dx", slope),),
            f"g[x] = g[y] · ({known.formula})",
            working=working,
            halt=halt,
            # These work with numbers near 1 that all but cancel.
            rounding=0.0 if known.gate or call.op in ("neg", "abs") else 1.0 + abs(slope),
        ),
    )


def _halt(call: Call, operand: Operand, known: Slope, x: float) -> Halt:
    of_step = operand.address is not None and operand.address.place is Place.STEP
    name = "" if operand.address is None else operand.address.name
    if not known.gate or known.formula == "0":
        template = QT_TRANSLATE_NOOP(
            "Why", "The slope of {op} is zero at {x}: it passes nothing back."
        )
    elif of_step:
        template = QT_TRANSLATE_NOOP(
            "Why", "{name}'s output here is {x}, so {step} is inactive: it passes nothing back."
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Why", "The value here is {x}, so {step} is inactive: it passes nothing back."
        )
    sentence = message("Why", template, name=name, x=text(x), step=call.step.name, op=call.op)
    return Halt(Cause.INACTIVE, sentence)


RULES: dict[str, Rule] = dict.fromkeys(SLOPES, _rule)
