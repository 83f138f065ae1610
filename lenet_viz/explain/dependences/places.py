"""What ops depend on that work place by place, or that only move numbers."""

from collections.abc import Mapping

import numpy as np

from lenet_viz.capture.records import InputRef, StepRef
from lenet_viz.explain.copies import COPIES, copy_map
from lenet_viz.explain.dependences.relation import (
    Along,
    Constant,
    Exactness,
    Moved,
    Relation,
    Separable,
    everything,
)
from lenet_viz.explain.dependences.use import Found, Rule, Use, by_place
from lenet_viz.explain.ledger.called import from_end, references

# fmt: off
_SMOOTH = (
    "acos", "asin", "atan", "bitwise_not", "ceil", "celu", "cos", "cosh", "elu", "erf", "exp",
    "expm1", "floor", "gelu", "leaky_relu", "log", "log10", "log1p", "log2", "log_sigmoid",
    "logical_not", "logsigmoid", "mish", "neg", "prelu", "reciprocal", "round", "rsqrt", "selu",
    "sigmoid", "silu", "sin", "sinh", "softplus", "softsign", "sqrt", "square", "tan", "tanh",
    "tanhshrink", "trunc", "abs", "sign", "isnan", "rrelu", "erfinv", "logit", "nan_to_num",
    "add", "addcdiv", "addcmul", "atan2", "bitwise_and", "bitwise_or", "bitwise_xor", "div", "eq",
    "floor_divide", "floordiv", "fmod", "ge", "gt", "hypot", "le", "lerp", "logical_and",
    "logical_or", "logical_xor", "lt", "mod", "mul", "multiply", "ne", "pow", "rdiv", "remainder",
    "rpow", "rsub", "sub", "subtract", "true_divide", "divide",
)
_CHOOSING = (
    "relu", "relu6", "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink",
    "threshold", "clamp", "clamp_min", "clamp_max", "clip", "maximum", "minimum", "fmax", "fmin",
    "where", "masked_fill",
)
"""Ops that pass a value or stop it, as this run's numbers say."""
_AS_THEY_LIE = (
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous", "clone",
    "detach", "to", "float", "double", "half", "bfloat16", "type", "type_as", "view_as",
    "reshape_as", "alias", "ravel", "cpu", "requires_grad", "long", "int", "bool",
)
# fmt: on


def smooth(use: Use) -> Found | None:
    """Return what an op on values in the same place depends on."""
    if use.op in ("mul", "multiply") and use.step.literal("other") in (0, 0.0):
        return Found(Constant(use.before, use.after))
    if use.op == "prelu" and not use.main:
        return None
    return by_place(use)


def choosing(use: Use) -> Found | None:
    """Return what an op depends on that passes values or stops them."""
    found = by_place(use)
    return None if found is None else found.at_worst(Exactness.DATA_DEPENDENT)


def dropout(use: Use) -> Found | None:
    """Return what ``dropout`` depends on: in training chance decides what passes."""
    if not use.main or use.before != use.after:
        return None
    training = bool(use.step.literal("training", use.step.literal("train", True)))
    p = use.step.literal("p", 0.5)
    if training and p == 1:
        return Found(Constant(use.before, use.after))
    found = by_place(use)
    chance = training and p != 0
    return found.at_worst(Exactness.DATA_DEPENDENT) if found is not None and chance else found


def as_it_lies(use: Use) -> Found | None:
    """Return what an op depends on whose output has the same elements in the same order."""
    if not use.main:
        return Found(Constant(use.before, use.after))
    if np.prod(use.before) != np.prod(use.after):
        return None
    count = (int(np.prod(use.before)),)
    return Found(Separable(use.before, use.after, ("same",), count, count))


def moved(use: Use) -> Found | None:
    """Return what an op depends on that only moves numbers.

    Where the numbers of another tensor say which (``x[x > 0]``), every element may be one.
    """
    if _numbers_decide(use):
        return None
    found = copy_map(use.call, use.output)
    if found is None:
        return None
    for number, operand in enumerate(found.operands):
        if operand.path == use.path:
            flat = np.where(found.source == number, found.flat, -1)
            relation: Relation = Moved(use.before, flat)
            return Found(relation)
    return Found(everything(use.before, use.after), Exactness.UPPER_BOUND)


def joined(use: Use) -> Found | None:
    """Return what ``cat`` depends on: each tensor has its own places along the axis."""
    shapes, dim = use.called.shapes(str(use.path[0])), use.called.number("dim", default=0)
    axis = None if dim is None else from_end(dim, len(use.after))
    if axis is None or len(use.path) != 2 or len(use.before) != len(use.after):
        return None
    number = int(use.path[1])
    begin = sum(shape[axis] for shape in shapes[:number] if len(shape) == len(use.after))
    along: list[Along] = ["same"] * len(use.after)
    along[axis] = np.eye(use.after[axis], use.before[axis], -begin, dtype=np.bool_)
    return Found(Separable(use.before, use.after, tuple(along)))


def _numbers_decide(use: Use) -> bool:
    if use.op != "getitem":
        return False
    return any(
        path[0] != "input" and isinstance(value, StepRef | InputRef)
        for path, value in references(use.step)
    )


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(COPIES, moved),
    **dict.fromkeys(("cat", "concat", "concatenate"), joined),
    **dict.fromkeys(_SMOOTH, smooth),
    **dict.fromkeys(_CHOOSING, choosing),
    **dict.fromkeys(
        ("dropout", "alpha_dropout", "dropout1d", "dropout2d", "dropout3d", "feature_dropout"),
        dropout,
    ),
    **dict.fromkeys(_AS_THEY_LIE, as_it_lies),
}
