"""The ledger of a whole run: a row for each step, parameters counted as arithmetic."""

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from lenet_viz.capture.address import Address
from lenet_viz.capture.records import Capture, Parameter, ParameterRef, Step
from lenet_viz.display.numbers import count_text
from lenet_viz.explain.ledger.called import Shape, product, references
from lenet_viz.explain.operands import Call
from lenet_viz.explain.shape_ledger import ledger_in
from lenet_viz.explain.windows import windows_of

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One step's line in the ledger of a run.

    Attributes:
        name: the step's name.
        op: what ran.
        inputs: shapes of the tensors it took, without parameters and constants.
        formulas: the short arithmetic of the output shape; empty where there is no rule.
        outputs: shapes of what it gave; empty for a step that failed.
        dropped_rows: input rows that no window touches.
        dropped_columns: input columns that no window touches.
        parameters: each parameter's name and its count as arithmetic.
        count: how many numbers its parameters have.
    """

    name: str
    op: str
    inputs: tuple[Shape, ...]
    formulas: tuple[str, ...]
    outputs: tuple[Shape, ...]
    dropped_rows: tuple[int, ...]
    dropped_columns: tuple[int, ...]
    parameters: tuple[tuple[str, str], ...]
    count: int


def whole_ledger(capture: Capture) -> tuple[LedgerRow, ...]:
    """Return a row for each step of a run, in the order they ran."""
    return tuple(_row(capture, step) for step in capture.steps)


def _row(capture: Capture, step: Step) -> LedgerRow:
    ledger = ledger_in(capture, step)
    names = dict.fromkeys(
        value.name for _, value in references(step) if isinstance(value, ParameterRef)
    )
    found = [capture.parameters[name] for name in names]
    return LedgerRow(
        step.name,
        step.op,
        step.input_shapes,
        ledger.formulas,
        tuple(value.shape for value in step.outputs),
        ledger.dropped_rows,
        ledger.dropped_columns,
        tuple((parameter.name, parameter_count(parameter)) for parameter in found),
        sum(prod(parameter.shape) for parameter in found),
    )


def parameter_count(parameter: Parameter) -> str:
    """Return a parameter's count as arithmetic: ``16 × 6 × 3 × 3 = 864``; ``16`` for a vector."""
    total = count_text(prod(parameter.shape))
    return total if len(parameter.shape) < 2 else f"{product(parameter.shape)} = {total}"


def parameter_total(capture: Capture) -> str:
    """Return all parameters' counts and their sum: ``54 + 6 = 60``; ``0`` without any.

    A parameter that several steps use counts once.
    """
    counts = [prod(parameter.shape) for parameter in capture.parameters]
    if len(counts) < 2:
        return count_text(sum(counts))
    return f"{' + '.join(map(count_text, counts))} = {count_text(sum(counts))}"


def dropped_edges(capture: Capture, step: Step) -> tuple[Address, Mask] | None:
    """Return what of a convolution's or pooling's input no window touches.

    Args:
        capture: the run.
        step: one of its steps.

    Returns:
        The input tensor's address and bool of its spatial shape, such as (H, W), True where it is
        dropped; None where the step has no windows or drops nothing.
    """
    call = Call(capture, [one.name for one in capture.steps].index(step.name))
    windows = windows_of(call)
    operand = call.operand("input") or call.operand("0")
    if windows is None or windows.transposed or operand is None or operand.address is None:
        return None
    sizes = operand.shape[-windows.axes :]
    touched = np.ones(sizes, dtype=np.bool_)
    for axis, (size, positions) in enumerate(zip(sizes, windows.positions, strict=True)):
        seen = np.zeros(size, dtype=np.bool_)
        seen[positions[positions >= 0]] = True
        shape = [1] * windows.axes
        shape[axis] = size
        touched &= seen.reshape(shape)
    return None if touched.all() else (operand.address, ~touched)
