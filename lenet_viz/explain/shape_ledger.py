"""A step's output shape written as arithmetic, from what the step was called with."""

from dataclasses import dataclass

from lenet_viz.capture.records import ParameterRef, Step
from lenet_viz.errors import UserMistake
from lenet_viz.network.axis import Axis
from lenet_viz.network.window_axes import conv_axes, pool_axes
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Shape = tuple[int, ...]
# fmt: off
_EACH_BY_ITSELF = frozenset({
    "abs", "alpha_dropout", "celu", "clamp", "cos", "dropout", "elu", "exp", "gelu", "hardshrink",
    "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "log", "logsigmoid", "mish", "neg",
    "pow", "reciprocal", "relu", "relu6", "rrelu", "rsqrt", "selu", "sigmoid", "sign", "silu",
    "sin", "softplus", "softshrink", "softsign", "sqrt", "square", "tanh", "tanhshrink",
    "threshold",
})
# fmt: on
"""Ops that make each output value of the input value in its place; only these are said to."""


@dataclass(frozen=True, slots=True)
class ShapeLedger:
    """How one step's output shape comes about.

    Attributes:
        axes: the arithmetic of height and width; empty where the op has no windows.
        formulas: the short arithmetic, one line for each that differs, such as
            ``15 - 3 + 1 = 13``.
        general: the same with every term of torch's formula.
        notes: sentences: what the rule is, what is dropped.
        dropped_rows: input rows that no window touches, counted from 0.
        dropped_columns: input columns that no window touches.
    """

    axes: tuple[Axis, ...] = ()
    formulas: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()
    dropped_rows: tuple[int, ...] = ()
    dropped_columns: tuple[int, ...] = ()


def shape_ledger(step: Step, parameter_shapes: dict[str, Shape]) -> ShapeLedger:
    """Return the arithmetic of a step's output shape.

    An op without a rule here gets an empty ledger, never a guess.

    Args:
        step: a recorded step.
        parameter_shapes: the shape of each parameter by name.

    Source: https://docs.pytorch.org/docs/stable/nn.html, "Shape" of each module.
    """
    if not step.input_shapes or not step.outputs:
        return ShapeLedger()
    if step.op in {"conv2d", "max_pool2d", "avg_pool2d"}:
        axes = _window_axes(step, parameter_shapes)
        return ShapeLedger() if axes is None else _windows(step, axes)
    if step.op == "linear":
        return _linear(step, parameter_shapes)
    if step.op in {"view", "reshape", "flatten"}:
        return _flatten(step)
    if step.shape == step.input_shapes[0]:
        return ShapeLedger(notes=(_same_shape_note(step),))
    return ShapeLedger()


def _same_shape_note(step: Step) -> Message:
    if len(step.input_shapes) == 1 and step.op.rstrip("_") in _EACH_BY_ITSELF:
        template = QT_TRANSLATE_NOOP(
            "Shape", "Works on each value by itself: the shape stays as it is."
        )
    else:
        template = QT_TRANSLATE_NOOP("Shape", "The shape stays as it is.")
    return message("Shape", template)


def _pair(value: object, fallback: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return a setting given as one int or as (height, width); None where it is neither."""
    if value is None or value == ():
        return fallback
    if isinstance(value, int):
        return (value, value)
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        return (value[0], value[-1]) if 1 <= len(value) <= 2 else None
    return None


def _window_axes(step: Step, parameter_shapes: dict[str, Shape]) -> tuple[Axis, Axis] | None:
    """Return height and width of a convolution or pooling; None where a setting is unusual."""
    padding = _pair(step.literal("padding"), (0, 0))
    dilation = _pair(step.literal("dilation"), (1, 1))
    if step.op == "conv2d":
        kernel = _kernel_shape(step, parameter_shapes)
        stride = _pair(step.literal("stride"), (1, 1))
    else:
        kernel = _pair(step.literal("kernel_size"), None)
        stride = _pair(step.literal("stride"), kernel)
    if kernel is None or stride is None or padding is None or dilation is None:
        return None
    sizes = step.input_shapes[0][-2:]
    ceil_mode = bool(step.literal("ceil_mode", False))
    try:
        if step.op == "conv2d":
            return conv_axes(sizes, kernel, stride, padding, dilation)
        return pool_axes(sizes, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    except UserMistake:
        return None


def _kernel_shape(step: Step, parameter_shapes: dict[str, Shape]) -> tuple[int, int] | None:
    weight = step.argument("weight")
    if isinstance(weight, ParameterRef) and weight.name in parameter_shapes:
        height, width = parameter_shapes[weight.name][-2:]
        return (height, width)
    return None


def _windows(step: Step, axes: tuple[Axis, Axis]) -> ShapeLedger:
    notes: list[Message] = []
    if any(axis.exact != axis.out_size for axis in axes):
        template = (
            QT_TRANSLATE_NOOP("Shape", "ceil_mode rounds up: an incomplete last window counts.")
            if axes[0].ceil_mode
            else QT_TRANSLATE_NOOP(
                "Shape", "Only whole windows count, so the size is rounded down."
            )
        )
        notes.append(message("Shape", template))
    dropped = _dropped_note(axes)
    if dropped is not None:
        notes.append(dropped)
    if step.op == "conv2d" and len(step.input_shapes[0]) == 4:
        notes.append(_conv_note(step))
    return ShapeLedger(
        axes=axes,
        formulas=_each(axes, [axis.formula() for axis in axes]),
        general=_each(axes, [axis.general_formula() for axis in axes]),
        notes=tuple(notes),
        dropped_rows=axes[0].dropped,
        dropped_columns=axes[1].dropped,
    )


def _each(axes: tuple[Axis, Axis], texts: list[str]) -> tuple[str, ...]:
    """Return one text where both axes agree, else one for each with a letter before it."""
    if texts[0] == texts[1]:
        return (texts[0],)
    letters = {"height": "H", "width": "W"}
    return tuple(f"{letters[axis.name]}: {text}" for axis, text in zip(axes, texts, strict=True))


def _numbers(values: tuple[int, ...]) -> str:
    """Return row numbers as text, a run of them as ``28-29``."""
    if len(values) > 2 and values == tuple(range(values[0], values[-1] + 1)):
        return f"{values[0]}-{values[-1]}"
    return ", ".join(map(str, values[:8])) + (" …" if len(values) > 8 else "")


def _dropped_note(axes: tuple[Axis, Axis]) -> Message | None:
    rows, columns = axes[0].dropped, axes[1].dropped
    if rows and columns and rows == columns:
        template = QT_TRANSLATE_NOOP(
            "Shape", "No window touches row {rows} and column {rows} of the input: dropped."
        )
        return message("Shape", template, rows=_numbers(rows))
    if rows or columns:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "No window touches these of the input: rows {rows}; columns {columns}. Dropped.",
        )
        return message(
            "Shape", template, rows=_numbers(rows) or "-", columns=_numbers(columns) or "-"
        )
    return None


def _conv_note(step: Step) -> Message:
    channels = step.input_shapes[0][1]
    groups = step.literal("groups", 1)
    per_output = channels // groups if isinstance(groups, int) and groups > 0 else channels
    if per_output == 1:
        template = QT_TRANSLATE_NOOP(
            "Shape", "Each output channel slides one kernel over its input channel and adds a bias."
        )
        return message("Shape", template)
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "Each output channel is the sum of {count} kernels, one for each input channel, "
        "plus one bias.",
    )
    return message("Shape", template, count=per_output)


def _linear(step: Step, parameter_shapes: dict[str, Shape]) -> ShapeLedger:
    weight = step.argument("weight")
    shape = parameter_shapes.get(weight.name) if isinstance(weight, ParameterRef) else None
    if shape is None or len(shape) != 2:
        return ShapeLedger()
    rows = step.input_shapes[0][0] if len(step.input_shapes[0]) == 2 else None
    lead = f"{rows}×{shape[1]}" if rows is not None else f"…×{shape[1]}"
    out = f"{rows}×{shape[0]}" if rows is not None else f"…×{shape[0]}"
    bias = step.argument("bias")
    plus = " + b" if isinstance(bias, ParameterRef) else ""
    note = QT_TRANSLATE_NOOP(
        "Shape", "Each of the {outputs} outputs is a weighted sum of all {inputs} inputs."
    )
    return ShapeLedger(
        formulas=(f"x[{lead}] · Wᵀ[{shape[1]}×{shape[0]}]{plus} = [{out}]",),
        notes=(message("Shape", note, outputs=shape[0], inputs=shape[1]),),
    )


def _flatten(step: Step) -> ShapeLedger:
    before, after = step.input_shapes[0], step.shape
    if len(before) < 2 or len(after) != 2 or before[0] != after[0]:
        return ShapeLedger()
    product = " × ".join(map(str, before[1:]))
    note = QT_TRANSLATE_NOOP(
        "Shape", "The same numbers in one row per sample; the batch axis stays: [{n}, {count}]."
    )
    return ShapeLedger(
        formulas=(f"{product} = {after[1]}",),
        notes=(message("Shape", note, n=after[0], count=after[1]),),
    )
