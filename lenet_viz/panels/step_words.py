"""A step in words: how it was made, what it was called with, how its parameters are counted."""

import math
from typing import Any

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, Parameter, Step
from lenet_viz.display import numbers
from lenet_viz.panels.text import formatted, translate


def module_line(text: str, path: str) -> str:
    """Return a module's own line of ``print(model)``, such as ``Conv2d(1, 6, ...)``.

    Args:
        text: what ``print(model)`` gives.
        path: the module's path, such as ``conv1`` or ``features.0``; "" for the model.

    Returns:
        The line without its name; "" where the text does not show that module.
    """
    wanted = path.split(".") if path else []
    depth = 0
    for line in text.splitlines():
        stripped = line.lstrip()
        level = (len(line) - len(stripped)) // 2
        if depth == len(wanted):
            break
        head = f"({wanted[depth]}): "
        if level == depth + 1 and stripped.startswith(head):
            depth += 1
            if depth == len(wanted):
                return stripped.removeprefix(head)
    return ""


def call_words(capture: Capture, step: Step) -> str:
    """Return how a step's module was made, or how its function was called."""
    if step.module and step.name.startswith(step.module):
        line = module_line(capture.model.text, step.module)
        if line:
            return f"nn.{line}"
    shown = [
        f"{argument.name}={value}"
        for argument in step.arguments
        if not _says_nothing(argument.name, value := step.literal(argument.name))
    ]
    return f"{step.op}({', '.join(shown)})"


def _says_nothing(name: str, value: object) -> bool:
    """Return whether an argument is left at the value that has no effect."""
    if value is None or value is False or value == ():
        return True
    numbers_in = value if isinstance(value, tuple) else (value,)
    neutral = {"padding": 0, "dilation": 1, "groups": 1}.get(name)
    return neutral is not None and all(number == neutral for number in numbers_in)


def count_words(parameter: Parameter) -> str:
    """Return a parameter's count as arithmetic: ``weight 16 × 6 × 3 × 3 = 864``."""
    short = parameter.name.rpartition(".")[2]
    if len(parameter.shape) < 2:
        return f"{short} {numbers.count_text(parameter.count)}"
    product = " × ".join(map(str, parameter.shape))
    return f"{short} {product} = {numbers.count_text(parameter.count)}"


def total_words(parameters: list[Parameter]) -> str:
    """Return the parameters' total as arithmetic; a sentence where there are none."""
    if not parameters:
        return translate("Step", "No parameters: nothing here is learned.")
    total = numbers.count_text(sum(parameter.count for parameter in parameters))
    if len(parameters) == 1:
        return formatted("Step", "total {total}", total=total)
    terms = " + ".join(numbers.count_text(parameter.count) for parameter in parameters)
    return formatted("Step", "total {terms} = {total}", terms=terms, total=total)


def orientation_words(parameter: Parameter) -> str:
    """Return what the rows and columns of a parameter's picture stand for."""
    short = parameter.name.rpartition(".")[2]
    if len(parameter.shape) >= 3:
        return formatted("Step", "{name}: out ↓ in →", name=short)
    if len(parameter.shape) == 2:
        return formatted("Step", "{name} W: out ↓ in →", name=short)
    return formatted("Step", "{name}, one per output", name=short)


def grad_words(parameter: Parameter, passes: int) -> str:
    """Return what stands over a parameter's gradient picture."""
    short = parameter.name.rpartition(".")[2]
    if parameter.grad is None:
        return formatted("Step", "{name}.grad is None", name=short)
    if passes > 1:
        return formatted("Step", "{name}.grad, sum of {n} passes", name=short, n=passes)
    if parameter.grad_before_key is not None and parameter.gradient_key is not None:
        return formatted("Step", "{name}.grad, earlier passes and this one", name=short)
    return f"{short}.grad"


def window(array: Array, index: tuple[int, ...], most: int = 5) -> tuple[Array, str]:
    """Return the numbers around an index and the slice that names them.

    Args:
        array: any rank from 1.
        index: the element in the middle.
        most: the most rows and columns.

    Returns:
        A 2-D array of at most ``most`` × ``most`` (a vector gives one row) and text such as
        ``[3, 1]`` or ``[0, 10:15]``.
    """
    spans = [_span(size, at, most) for size, at in zip(array.shape[-2:], index[-2:], strict=True)]
    lead = index[: max(0, array.ndim - 2)]
    place: tuple[Any, ...] = (*lead, *(slice(first, last) for first, last in spans))
    shown: Array = array[place]
    names = [str(at) for at in lead]
    whole = all(
        last - first == size for (first, last), size in zip(spans, array.shape[-2:], strict=True)
    )
    if not (whole and lead):
        names += [f"{first}:{last}" for first, last in spans]
    return shown.reshape(-1, shown.shape[-1]), f"[{', '.join(names)}]"


def _span(size: int, at: int, most: int) -> tuple[int, int]:
    first = max(0, min(at - most // 2, size - most))
    return first, min(size, first + most)


def aligned(values: Array, width: int) -> list[str]:
    """Return one text for each number, with equal decimals and their signs.

    Args:
        values: of any shape and dtype; complex numbers are written out, whatever ``width`` is.
        width: characters.
    """
    if np.iscomplexobj(values):
        return [f"{value:+.4g}" for value in values.reshape(-1).tolist()]
    return numbers.column(values.reshape(-1).tolist(), width, plus=True)


def grid_text(values: Array) -> str:
    """Return a 2-D array as aligned columns of numbers with equal decimals."""
    texts = aligned(values, 9)
    columns = values.shape[-1]
    wide = max((len(text) for text in texts), default=0)
    rows = [texts[at : at + columns] for at in range(0, len(texts), columns)]
    return "\n".join("  ".join(text.rjust(wide) for text in row) for row in rows)


def accumulation_words(parameter: Parameter, index: tuple[int, ...]) -> str:
    """Return ``.grad`` before + this pass = after for one number; "" where nothing adds up."""
    before, this, after = parameter.grad_before, parameter.gradient, parameter.grad
    if before is None or this is None or after is None:
        return ""
    shown = aligned(np.stack([before[index], this[index], after[index]]), 12)
    return formatted(
        "Step",
        ".grad before {before} and this pass {this} give {after}",
        before=shown[0],
        this=shown[1],
        after=shown[2],
    )


def statistics_words(values: Array) -> str:
    """Return the range and mean of an array in one line."""
    if not math.prod(values.shape):
        return translate("Step", "no numbers")
    shown = values.astype("float64", copy=False) if values.dtype.kind != "c" else abs(values)
    with np.errstate(invalid="ignore"):
        found = [float(shown.min()), float(shown.max()), float(shown.mean())]
    low, high, mean = numbers.column(found, 9, plus=True)
    return formatted(
        "Step",
        "from {low} to {high}, mean {mean}",
        low=low.strip(),
        high=high.strip(),
        mean=mean.strip(),
    )


def place_words(step: Step) -> str:
    """Return where a step ran: its module, and which call of how many."""
    words = step.op if step.op != step.name else ""
    if step.calls > 1:
        call = formatted("Step", "call {call} of {calls}", call=step.call, calls=step.calls)
        words = f"{words} · {call}" if words else call
    return words
