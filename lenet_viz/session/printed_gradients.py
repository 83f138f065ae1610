"""The cells that print gradients, and why some of their numbers can only be zero."""

import numpy as np
import numpy.typing as npt

from lenet_viz.capture.records import Capture, GradientState, Parameter, Value
from lenet_viz.display.torch_text import tensor_text
from lenet_viz.explain.structural import Mask, span_text, structurally_zero
from lenet_viz.session.python_lines import input_names, parameter_path
from lenet_viz.session.state import LogEntry
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_MISSING = {
    GradientState.NO_BACKWARD: QT_TRANSLATE_NOOP(
        "Log", "None, because backward did not run or did not get here; this is not 0."
    ),
    GradientState.NO_GRAD: QT_TRANSLATE_NOOP(
        "Log", "None, because it was made without requires_grad=True; this is not 0."
    ),
    GradientState.NOT_REACHED: QT_TRANSLATE_NOOP(
        "Log", "None, because the objective does not depend on it; this is not 0."
    ),
    GradientState.ALIASED: QT_TRANSLATE_NOOP(
        "Log", "None, because its memory was written over in place; this is not 0."
    ),
}


def parameter_code(capture: Capture) -> str | None:
    """Return the Python expression for the parameter whose ``.grad`` the log prints.

    It is the first vector, as short as a bias, else the first parameter; None without any.
    """
    chosen = printed_parameter(capture)
    return None if chosen is None else parameter_path(chosen.name)


def gradient_entries(capture: Capture, passes: int) -> tuple[LogEntry, ...]:
    """Return the cells that print the gradients of the inputs and of one parameter.

    Args:
        capture: a run with a backward pass.
        passes: how many backward passes the parameters' ``.grad`` adds up, from 1.
    """
    entries: list[LogEntry] = []
    named = zip(input_names(capture), capture.input_values, capture.input_grads, strict=True)
    for number, (name, value, grad) in enumerate(named):
        mask = structurally_zero(capture, number)
        entries.append(_input_entry(name, value, grad))
        if grad is not None and mask is not None and mask.any():
            entries.append(_zeros_entry(name, grad, mask))
    chosen = printed_parameter(capture)
    if chosen is not None:
        entries.append(_parameter_entry(chosen, passes))
    if capture.error is not None:
        entries.append(LogEntry("", "", capture.error))
    return tuple(entries)


def printed_parameter(capture: Capture) -> Parameter | None:
    """Return the parameter whose numbers the log prints; None without any."""
    learning = [parameter for parameter in capture.parameters if parameter.requires_grad]
    vectors = [parameter for parameter in learning if len(parameter.shape) == 1]
    return next(iter(vectors or learning or capture.parameters), None)


def _input_entry(name: str, value: Value, grad: npt.NDArray[np.generic] | None) -> LogEntry:
    code = f"print({name}.grad)"
    if grad is None:
        template = _MISSING.get(value.gradient_state)
        return LogEntry(code, "None", None if template is None else message("Log", template))
    note: Message | None = None
    own = value.gradient
    if own is not None and not np.array_equal(own, grad, equal_nan=True):
        template = QT_TRANSLATE_NOOP(
            "Log",
            "net.zero_grad() does not clear {name}.grad: this is the sum of this pass and the "
            "earlier ones on the same input.",
        )
        note = message("Log", template, name=name)
    return LogEntry(code, tensor_text(grad, dtype=value.dtype), note)


def _zeros_entry(name: str, grad: npt.NDArray[np.generic], mask: Mask) -> LogEntry:
    """Return the cell that counts zeros and says how many of them geometry makes."""
    zeros = grad.size - int(np.count_nonzero(grad))
    missing = int(np.count_nonzero(mask))
    rows, columns = np.flatnonzero(mask.all(axis=1)), np.flatnonzero(mask.all(axis=0))
    whole = np.zeros_like(mask)
    whole[rows] = True
    whole[:, columns] = True
    values: dict[str, str | int] = {
        "missing": missing,
        "pixels": mask.size,
        "share": f"{100 * missing / mask.size:.1f}",
        "rows": span_text(tuple(rows.tolist())),
        "columns": span_text(tuple(columns.tolist())),
    }
    if np.array_equal(whole, mask) and rows.size and columns.size:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "{missing} of the {pixels} pixels ({share} %) are structurally zero: rows {rows} and "
            "columns {columns} cannot influence out, whatever the input and the weights; any other "
            "zero is zero in this run only.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "{missing} of the {pixels} pixels ({share} %) are structurally zero: they cannot "
            "influence out, whatever the input and the weights; any other zero is zero in this "
            "run only.",
        )
    code = f"print(({name}.grad == 0).sum())"
    return LogEntry(code, tensor_text(np.asarray(zeros)), message("Log", template, **values))


def _parameter_entry(parameter: Parameter, passes: int) -> LogEntry:
    code = f"print({parameter_path(parameter.name)}.grad)"
    grad = parameter.grad
    if grad is None:
        template = _MISSING.get(parameter.gradient_state)
        return LogEntry(code, "None", None if template is None else message("Log", template))
    note: Message | None = None
    if passes == 1 and parameter.grad_before_key is not None:
        template = QT_TRANSLATE_NOOP(
            "Log", "This is a sum: .grad as it was before this run, plus this pass."
        )
        note = message("Log", template)
    elif parameter.grad_before_key is not None:
        template = QT_TRANSLATE_NOOP(
            "Log", "This is the sum over {passes} passes: .grad before, plus this pass."
        )
        note = message("Log", template, passes=passes)
    return LogEntry(code, tensor_text(grad, dtype=parameter.dtype), note)
