"""Shapes of what works on each value, or on values in the same place of several tensors."""

from collections.abc import Mapping, Sequence
from math import prod

from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger, box, from_end
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

# fmt: off
EACH_BY_ITSELF = frozenset({
    "abs", "alpha_dropout", "ceil", "celu", "clamp", "clamp_max", "clamp_min", "cos", "cosh",
    "dropout", "elu", "erf", "exp", "expm1", "floor", "gelu", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "leaky_relu", "log", "log10", "log1p", "log2", "logsigmoid", "mish",
    "neg", "pow", "reciprocal", "relu", "relu6", "round", "rrelu", "rsqrt", "selu", "sigmoid",
    "sign", "silu", "sin", "sinh", "softplus", "softshrink", "softsign", "sqrt", "square", "tan",
    "tanh", "tanhshrink", "threshold", "trunc",
})
"""Ops that make each output value of the input value in its place; only these are said to."""
_PLACE_BY_PLACE = frozenset({
    "add", "addcdiv", "addcmul", "atan2", "bitwise_and", "bitwise_or", "bitwise_xor", "div", "eq",
    "floor_divide", "floordiv", "fmax", "fmin", "fmod", "ge", "gt", "hypot", "le", "lerp",
    "logical_and", "logical_or", "logical_xor", "lt", "maximum", "minimum", "mod", "mul",
    "multiply", "ne", "pow", "rdiv", "remainder", "rpow", "rsub", "sub", "subtract", "true_divide",
    "where", "max", "min", "masked_fill",
})
# fmt: on
"""Ops that take the values in the same place of several tensors, stretched to one shape."""
_SYMBOLS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}


def stretched(shapes: Sequence[Shape]) -> Shape | None:
    """Return the shape that all can be stretched to; None where there is none.

    Source: https://docs.pytorch.org/docs/stable/notes/broadcasting.html
    """
    rank = max(map(len, shapes), default=0)
    made: list[int] = []
    for axis in range(rank):
        sizes = {shape[axis - rank] for shape in shapes if axis - rank >= -len(shape)} - {1}
        if len(sizes) > 1:
            return None
        made.append(sizes.pop() if sizes else 1)
    return tuple(made)


def by_itself(called: Called) -> ShapeLedger | None:
    """Return the ledger of an op that works on each value by itself."""
    shape = called.input
    if shape is None or len(called.tensors) != 1:
        return None
    note = QT_TRANSLATE_NOOP("Shape", "Works on each value by itself: the shape stays as it is.")
    return ShapeLedger(notes=(message("Shape", note),), gives=shape)


def place_by_place(called: Called) -> ShapeLedger | None:
    """Return the ledger of an op on values in the same place, with the rule axis by axis."""
    if len(called.tensors) == 1:
        return by_itself(called) if called.op not in ("max", "min") else None
    shapes = called.shapes()
    gives = stretched(shapes) if shapes else None
    if gives is None:
        return None
    if set(shapes) == {gives}:
        note = QT_TRANSLATE_NOOP(
            "Shape", "Works on the values in the same place of each: the shape stays as it is."
        )
        return ShapeLedger(notes=(message("Shape", note),), gives=gives)
    rank = len(gives)
    lines = []
    repeated = []
    for axis in range(rank):
        sizes = [shape[axis - rank] if axis - rank >= -len(shape) else None for shape in shapes]
        shown = ", ".join("-" if size is None else str(size) for size in sizes)
        lines.append(f"axis {axis}: {shown} → {gives[axis]}")
        if any(size != gives[axis] for size in sizes):
            repeated.append(str(axis))
    symbol = _SYMBOLS.get(called.op, ",")
    gap = ", " if symbol == "," else f" {symbol} "
    note = QT_TRANSLATE_NOOP(
        "Shape",
        "The shapes are lined up at their last axes; where one has size 1 or no axis, its values "
        "are used again: axis {axes}.",
    )
    return ShapeLedger(
        formulas=(f"{gap.join(box(shape) for shape in shapes)} → {box(gives)}",),
        general=tuple(lines),
        notes=(message("Shape", note, axes=", ".join(repeated)),),
        gives=gives,
    )


def shared_out(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``softmax`` and ``log_softmax``."""
    shape = called.input
    dim = called.number("dim", "1")
    if shape is None or dim is None:
        return None
    axis = from_end(dim, len(shape))
    if axis is None:
        return None
    template = (
        QT_TRANSLATE_NOOP(
            "Shape",
            "The shape stays as it is; along axis {axis}, exp of the {count} values adds up to 1.",
        )
        if called.op == "log_softmax"
        else QT_TRANSLATE_NOOP(
            "Shape", "The shape stays as it is; along axis {axis}, the {count} values add up to 1."
        )
    )
    return ShapeLedger(
        notes=(message("Shape", template, axis=axis, count=shape[axis]),), gives=shape
    )


def normalised(called: Called) -> ShapeLedger | None:
    """Return the ledger of batch, layer, group and instance normalisation."""
    shape = called.input
    if shape is None or len(shape) < 2:
        return None
    if called.op == "layer_norm":
        sizes = called.numbers("normalized_shape")
        template = QT_TRANSLATE_NOOP(
            "Shape", "The shape stays as it is; each {count} values at the end are normalised."
        )
        count = prod(sizes) if sizes else None
    elif called.op == "group_norm":
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "The shape stays as it is; the channels are normalised in {count} groups, sample by "
            "sample.",
        )
        count = called.number("num_groups")
    elif called.op == "instance_norm":
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "The shape stays as it is; each of the {count} channels of each sample has its own "
            "mean.",
        )
        count = shape[1]
    else:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "The shape stays as it is; each of the {count} channels has its own mean.",
        )
        count = shape[1]
    if count is None:
        return None
    return ShapeLedger(notes=(message("Shape", template, count=count),), gives=shape)


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(EACH_BY_ITSELF, by_itself),
    **dict.fromkeys(_PLACE_BY_PLACE, place_by_place),
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), shared_out),
    **dict.fromkeys(("batch_norm", "layer_norm", "group_norm", "instance_norm"), normalised),
}
