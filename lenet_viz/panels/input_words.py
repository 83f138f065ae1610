"""The words of the input panel."""

from typing import Any

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.explain.structural import Mask
from lenet_viz.panels.card_content import laid_out, ledger_of, sample
from lenet_viz.panels.text import formatted, translate
from lenet_viz.session.cards import INPUT_CARD, input_card
from lenet_viz.session.provenance import input_grad_is_sum
from lenet_viz.session.state import Run


def input_title(capture: Capture, number: int) -> str:
    """Return an input's name: that of forward's parameter where it is known."""
    known = number < len(capture.input_names) and capture.input_names[number]
    return capture.input_names[number] if known else input_card(number)


def further_input(capture: Capture) -> str:
    """Return what is known of an input after the first."""
    return formatted("Input", "one of {count} inputs", count=len(capture.input_values))


def index_in(capture: Capture, array: Array, pointed: tuple[int, ...]) -> tuple[int, ...]:
    """Return where in the whole input a pointed number is: sample 0, all its axes."""
    shown = sample(capture, array)
    drawn = laid_out(shown).values.shape
    flat = np.ravel_multi_index(pointed, drawn)
    inside = tuple(int(at) for at in np.unravel_index(flat, shown.shape))
    return inside if shown.ndim == array.ndim else (0, *inside)


def dropping_steps(capture: Capture) -> tuple[str, ...]:
    """Return the names of the steps that leave rows or columns out."""
    found = []
    for step in capture.steps:
        ledger = ledger_of(capture, step)
        if ledger.dropped_rows or ledger.dropped_columns:
            found.append(step.name)
    return tuple(found)


def grad_head(run: Run, number: int = 0) -> str:
    """Return what stands above the gradient of an input.

    Args:
        run: the run.
        number: of the input, from 0.
    """
    several = len(run.capture.input_values) > 1
    name = input_title(run.capture, number) if several else INPUT_CARD
    if run.input_passes > 1:
        return formatted(
            "Input",
            "{name}.grad, sum of {n} passes (zero_grad leaves it)",
            name=name,
            n=run.input_passes,
        )
    if input_grad_is_sum(run.capture):
        return formatted("Input", "{name}.grad, earlier passes and this one", name=name)
    return formatted("Input", "{name}.grad", name=name)


def value_range(values: Array, *, grey: bool = False, mask: Mask | None = None) -> str:
    """Return the range of some numbers, and how many of them are zero and why.

    Args:
        values: without the batch axis.
        grey: an input picture: its zeros are its ground.
        mask: where they are structurally zero, H × W; None where that is not known.
    """
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        return translate("Input", "no finite values")
    if values.dtype.kind in "iu":
        low, high = str(int(finite.min())), str(int(finite.max()))
    else:
        low, high = numbers.column([float(finite.min()), float(finite.max())], 7)
    if grey:
        return formatted("Input", "grey, {low} to {high}", low=low.strip(), high=high.strip())
    zeros = int(np.count_nonzero(values == 0))
    span = formatted("Input", "{low} to {high}", low=low.strip(), high=high.strip())
    structural = 0
    if mask is not None and values.shape[-2:] == mask.shape:
        structural = int(np.count_nonzero(mask)) * (values.size // mask.size)
    if not structural:
        return f"{span}\n" + formatted("Input", "{zeros} exact zeros", zeros=zeros)
    return f"{span}\n" + formatted(
        "Input",
        "{zeros} exact zeros: {structural} structural, {others} in this run",
        zeros=zeros,
        structural=structural,
        others=zeros - structural,
    )


def reading(run: Run, number: int, pointed: tuple[int, ...], mask: Mask | None) -> str:
    """Return what stands at a pixel, and its gradient.

    Args:
        run: the run.
        number: which input.
        pointed: the pixel in the picture.
        mask: where pixels cannot matter; None for nowhere.
    """
    image = run.capture.inputs[number]
    at = index_in(run.capture, image, pointed)
    value: Any = image[at]
    several = len(run.capture.input_values) > 1
    name = input_title(run.capture, number) if several else INPUT_CARD
    words = formatted(
        "Input",
        "{name}[{where}] = {value}",
        name=name,
        where=", ".join(map(str, at)),
        value=numbers.exact(value),
    )
    grad = run.capture.input_grads[number]
    if grad is None:
        return words
    found: Any = grad[at]
    words += "\n" + formatted(
        "Input", "{name}.grad = {value}", name=name, value=numbers.exact(found)
    )
    if mask is not None and mask[at[-2:]]:
        words += "  " + translate("Input", "structurally zero")
    elif found == 0:
        words += "  " + translate("Input", "zero in this run")
    return words


def choice_words(capture: Capture, number: int) -> str:
    """Return how one of several inputs is offered: its name and shape."""
    shape = ", ".join(map(str, capture.input_values[number].shape))
    return formatted("Input", "{name}  ({shape})", name=input_title(capture, number), shape=shape)


def details(run: Run, number: int, span: str, mask: Mask | None) -> tuple[str, ...]:
    """Return what a caption says: which input, the gradient's range, what is hatched.

    Args:
        run: the run.
        number: which input.
        span: the words for the gradient's range.
        mask: where pixels cannot matter; None for nowhere.
    """
    found = [span.replace("\n", ", ")]
    if len(run.capture.input_values) > 1:
        name = input_title(run.capture, number)
        found.insert(0, formatted("Input", "input {name}", name=name))
    if mask is not None:
        count = int(np.count_nonzero(mask))
        found.append(formatted("Input", "hatched: {count} structurally zero pixels", count=count))
    return tuple(found)
