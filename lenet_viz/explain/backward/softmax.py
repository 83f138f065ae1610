"""Softmax and its logarithm: every output of a row depends on every input of it."""

import numpy as np

from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.parts import picked, read_output, role_output, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Path
from lenet_viz.explain.terms import Indices, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP

_OVER_ROW = QT_TRANSLATE_NOOP("Why", "{count} numbers of the row added = {total}")


def _row(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Indices, int]:
    """Return the places of the row that an element is in, and its number in the row."""
    dim = call.step.literal("dim")
    if path[0] != "input" or not isinstance(dim, int):
        raise CannotTell
    if not index:
        return np.zeros((1, 0), np.int64), 0
    axis = dim % len(index)
    row: Indices = np.tile(np.asarray(index, np.int64), (call.step.shape[axis], 1))
    row[:, axis] = np.arange(call.step.shape[axis])
    return row, index[axis]


def _softmax(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    row, own = _row(call, path, index)
    output = call.output().activation
    y = picked(output, row)
    address = call.output_address()
    gap = (np.arange(len(row)) == own) - y[own]
    working = (Line(f"y[{own}]", text(float(y[own])), float(y[own])),)
    sign = -1.0 if call.op == "softmin" else 1.0
    return (
        Pull(
            (through(call.step.name),),
            row[None],
            (
                read_output(role_output(), "y", output, address, row[None]),
                worked_out("δ - y", sign * gap, (1, len(row))),
            ),
            "g[x, i] = Σ_j g[y, j] · y[j] · (δ[i,j] - y[i])",
            working=working,
            rounding=float(y[own]),
            headline=_OVER_ROW,
        ),
    )


def _log_softmax(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    row, own = _row(call, path, index)
    logarithm = float(picked(call.output().activation, row[own : own + 1])[0])
    share = float(np.exp(logarithm))
    gap = (np.arange(len(row)) == own) - share
    line = Line(f"softmax(x)[{own}]", f"exp({text(logarithm)})", share)
    return (
        Pull(
            (through(call.step.name),),
            row[None],
            (worked_out("δ - softmax", gap, (1, len(row))),),
            "g[x, i] = Σ_j g[y, j] · (δ[i,j] - softmax(x)[i])",
            working=(line,),
            rounding=share,
            headline=_OVER_ROW,
        ),
    )


RULES: dict[str, Rule] = {
    "softmax": _softmax,
    "softmin": _softmax,
    "log_softmax": _log_softmax,
}
