"""What a card of the strip stands for: its array, how it is laid out, and its words."""

from dataclasses import dataclass

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState, Step, Value
from lenet_viz.display import numbers
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.explain.shape_ledger import ShapeLedger, ledger_in
from lenet_viz.panels.map_side import has_batch
from lenet_viz.panels.text import drawn_by, formatted, translate
from lenet_viz.panels.thumbnail import drawable
from lenet_viz.session.cards import FAILED_CARD, input_number
from lenet_viz.session.provenance import input_choice, input_is_picture
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, State

BARS_LIMIT = 16
"""A vector up to this length is written out as numbers."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An array and how it is drawn.

    Attributes:
        values: sample 0, without the batch axis.
        mosaic: where each number stands.
        scale: what the colours mean.
        bars: whether it is short enough to be written out as numbers.
    """

    values: Array
    mosaic: Mosaic
    scale: Scale
    bars: bool


def ledger_of(capture: Capture, step: Step) -> ShapeLedger:
    """Return the shape arithmetic of a recorded step."""
    return ledger_in(capture, step)


def value_of(capture: Capture, card: str) -> Value | None:
    """Return the tensor that a card stands for; None where it stands for none."""
    step = capture.steps.get(card)
    if step is not None:
        return step.outputs[0] if step.outputs else None
    number = input_number(card)
    known = number is not None and number < len(capture.input_values)
    return capture.input_values[number] if known and number is not None else None


def gradient_state_of(capture: Capture, card: str) -> GradientState:
    """Return whether a card's tensor has a gradient, or why not."""
    value = value_of(capture, card)
    return GradientState.NO_BACKWARD if value is None else value.gradient_state


def picture_of_card(capture: Capture, card: str, gradient: bool) -> Picture | None:
    """Return what a card's thumbnail draws; None where there is nothing to draw.

    Args:
        capture: the run.
        card: the card's name.
        gradient: the gradient instead of the activation.
    """
    if card in {TARGET_CARD, LOSS_CARD}:
        return _objective_picture(capture, card)
    value = value_of(capture, card)
    if value is None:
        return None
    array = value.gradient if gradient else value.activation
    if array is None:
        return None
    flattened = _flattened_channels(capture, card)
    grey = card == INPUT_CARD and not gradient and input_is_picture(capture)
    return laid_out(sample(capture, array), grey=grey, bands=flattened)


def sample(capture: Capture, array: Array) -> Array:
    """Return sample 0 of a tensor of a run; one without a batch axis as it is."""
    return array[0] if has_batch(capture, array.shape) and array.shape[0] else array


def laid_out(values: Array, *, grey: bool = False, bands: int = 0) -> Picture:
    """Return an array's picture.

    Args:
        values: without the batch axis.
        grey: an input picture.
        bands: number of channels that were flattened into a vector; 0 for none.
    """
    shown = drawable(values)
    while shown.ndim > 3:
        shown = shown.reshape(-1, *shown.shape[2:])
    if bands and shown.ndim == 1 and shown.size % bands == 0:
        mosaic = Mosaic.bands(shown.size, bands)
    else:
        mosaic = Mosaic.of(shown.shape, kind="maps" if shown.ndim == 3 else None)
    bars = shown.ndim <= 1 and shown.size <= BARS_LIMIT
    return Picture(shown, mosaic, Scale.of(shown, grey=grey), bars)


def _flattened_channels(capture: Capture, card: str) -> int:
    """Return how many channels a flatten has put into one row; 0 for any other step."""
    step = capture.steps.get(card)
    if step is None or step.op not in {"view", "flatten", "reshape"} or not step.input_shapes:
        return 0
    before = step.input_shapes[0]
    return before[1] if len(before) == 4 and len(step.shape) == 2 else 0


def _objective_picture(capture: Capture, card: str) -> Picture | None:
    objective = capture.objective
    if objective is None:
        return None
    if card == LOSS_CARD:
        array = objective.upstream
        return None if array is None else laid_out(sample(capture, array))
    target = target_vector(capture)
    return None if target is None else laid_out(target)


def target_vector(capture: Capture) -> Array | None:
    """Return what the output is compared with, without the batch axis.

    For a class that is its one-hot row, for MSE the random target; None where backward starts
    from the output itself.
    """
    objective = capture.objective
    if objective is None:
        return None
    if objective.target is not None:
        return sample(capture, objective.target)
    value = capture.output_value
    if objective.kind == "cross-entropy" and objective.index is not None and value is not None:
        # torch has the classes on axis 1; an output without a batch has them on axis 0.
        classes = value.shape[min(1, len(value.shape) - 1)] if value.shape else 0
        if not 0 <= objective.index < classes or len(value.shape) > 2:
            return None
        one_hot = np.zeros(classes, dtype=np.float32)
        one_hot[objective.index] = 1
        return one_hot
    return None


def detail_of_card(state: State, card: str) -> tuple[str, bool]:
    """Return a card's second line and whether it is a warning."""
    capture = state.capture
    if card == INPUT_CARD:
        words = {
            "digit": translate("Cards", "8×8 scan, enlarged"),
            "random": drawn_by(capture),
            "preset": translate("Cards", "preset's own"),
        }
        return words.get(_input_kind(state), translate("Cards", "given in Python")), False
    if capture is None:
        return "", False
    if card in {TARGET_CARD, LOSS_CARD}:
        return _objective_detail(capture, card), False
    step = capture.steps.get(card)
    if step is None:
        failed = translate("Cards", "forward ended here"), True
        return failed if card == FAILED_CARD else (translate("Cards", "further input"), False)
    if step.error is not None:
        return translate("Cards", "failed"), True
    if step.opaque:
        return translate("Cards", "opaque"), True
    ledger = ledger_of(capture, step)
    if ledger.dropped_rows or ledger.dropped_columns:
        return _dropped(ledger), True
    return layer_words(capture, step), False


def _input_kind(state: State) -> str:
    """Return which kind of input is shown; "" where the program did not make it."""
    if state.capture is None:
        return state.settings.input.kind
    chosen = input_choice(state.capture)
    return "" if chosen is None else chosen.kind


def _dropped(ledger: ShapeLedger) -> str:
    rows, columns = ledger.dropped_rows, ledger.dropped_columns
    if len(rows) == 1 and rows == columns:
        return formatted("Cards", "drops row, col {row}", row=rows[0])
    if len(ledger.axes) == 1:
        return formatted("Cards", "drops {count} places", count=len(columns))
    return formatted("Cards", "drops {r} rows, {c} cols", r=len(rows), c=len(columns))


def layer_words(capture: Capture, step: Step) -> str:
    """Return a step's kind and sizes in as few words as a card has room for."""
    kind, call = _kind_words(capture, step), call_words(capture, step)
    if not (kind and call):
        return kind or call
    return formatted("Cards", "{kind} · {call}", kind=kind, call=call)


def call_words(capture: Capture, step: Step) -> str:
    """Return which call of its module a step is; "" where the module was called once.

    An op that stands several times in one ``forward`` is no such call.
    """
    if not step.module:
        return ""
    call, calls = step.call, step.calls
    if step.within is not None:
        record = capture.module_calls[step.within]
        call, calls = record.call, record.calls
        if not _bears_module(step):
            return ""  # the bar above it says so
    if calls < 2:
        return ""
    return formatted("Cards", "call {call} of {calls}", call=call, calls=calls)


def _kind_words(capture: Capture, step: Step) -> str:
    ledger = ledger_of(capture, step)
    if ledger.axes:
        size = "×".join(str(axis.kernel) for axis in ledger.axes)
        return f"{step.op.capitalize()} {size}" if step.op.startswith("conv") else size
    if step.op == "linear":
        return "Linear"
    channels = _flattened_channels(capture, step.name)
    if channels > 1:
        return formatted(
            "Cards", "{count} bands of {length}", count=channels, length=step.shape[1] // channels
        )
    if step.module and (step.within is None or _bears_module(step)):
        return step.module_type
    return f"F.{step.op}" if _functional(step.op) else ""


def _bears_module(step: Step) -> bool:
    """Return whether a step is what its module does, not one op of several in it."""
    return step.name == step.module or step.name.rpartition("_")[0] == step.module


def _functional(op: str) -> bool:
    return op in {"relu", "tanh", "sigmoid", "gelu", "dropout", "softmax", "log_softmax"}


def _objective_detail(capture: Capture, card: str) -> str:
    objective = capture.objective
    if objective is None:
        return translate("Cards", "no backward yet")
    index = objective.index or 0
    if card == TARGET_CARD:
        words = {
            "cross-entropy": formatted(
                "Cards", "class {index}, one-hot", index=objective.index or 0
            ),
            "mse": translate("Cards", "random target"),
            "random": translate("Cards", "none: v is random"),
            "vector": translate("Cards", "none: v is given"),
            "output": formatted("Cards", "none: output {index}", index=index),
        }
        return words.get(objective.kind, "")
    words = {
        "cross-entropy": "∂loss/∂logits = softmax - onehot",
        "mse": "∂loss/∂out = 2(out - t)/n",
        "output": translate("Cards", "v, one-hot"),
    }
    return words.get(objective.kind, translate("Cards", "v, upstream gradient"))


def _loss_chip(capture: Capture | None) -> str:
    objective = None if capture is None else capture.objective
    if objective is None:
        return "-"
    if objective.loss is None:
        return translate("Cards", "no loss: vᵀJ")
    return numbers.text(objective.loss, 5)


def shape_words(state: State, card: str) -> str:
    """Return what stands in a card's chip: the output's shape, or the loss."""
    capture = state.capture
    if card == LOSS_CARD:
        return _loss_chip(capture)
    if capture is None:
        return "" if card == TARGET_CARD else ",".join(map(str, state.settings.input_shape))
    if card == TARGET_CARD:
        target = None if capture.objective is None else capture.objective.target
        found = capture.output_value if target is None else target
        return "" if found is None else ",".join(map(str, found.shape))
    value = value_of(capture, card)
    return "" if value is None else ",".join(map(str, value.shape))
