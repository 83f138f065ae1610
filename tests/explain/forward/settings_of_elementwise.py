"""Random settings of ops that make each value of the values in its place."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from tests.explain.forward.drawing import Draw
from tests.explain.forward.reading import Setting

Named = tuple[str, Callable[..., Any], dict[str, Any]]


def _gates(draw: Draw) -> list[Named]:
    slope, edge = draw.number(-0.5, 0.9), draw.number(0.1, 2)
    return [
        ("relu", F.relu, {}),
        ("relu", torch.relu, {}),
        ("relu6", F.relu6, {}),
        ("leaky_relu", F.leaky_relu, {"negative_slope": slope}),
        ("elu", F.elu, {"alpha": edge}),
        ("selu", F.selu, {}),
        ("celu", F.celu, {"alpha": edge}),
        ("gelu", F.gelu, {}),
        ("gelu", F.gelu, {"approximate": "tanh"}),
        ("silu", F.silu, {}),
        ("mish", F.mish, {}),
        ("softplus", F.softplus, {"beta": edge, "threshold": draw.size(1, 20)}),
        ("hardtanh", F.hardtanh, {"min_val": -edge, "max_val": draw.number(0.1, 2)}),
        ("hardswish", F.hardswish, {}),
        ("hardsigmoid", F.hardsigmoid, {}),
        ("softsign", F.softsign, {}),
        ("tanhshrink", F.tanhshrink, {}),
        ("logsigmoid", F.logsigmoid, {}),
        ("threshold", F.threshold, {"threshold": slope, "value": edge}),
        ("sigmoid", torch.sigmoid, {}),
        ("tanh", torch.tanh, {}),
    ]


_PLAIN = ("abs", "exp", "neg", "sin", "cos", "square", "sign", "floor", "ceil", "relu", "erf")
_POSITIVE = ("log", "sqrt", "rsqrt", "reciprocal", "log1p", "log2", "log10")


def gate(draw: Draw) -> Setting:
    """An activation function."""
    name, op, settings = draw.one(_gates(draw))
    x = draw.strange(*draw.sizes(draw.size(0, 3), 1, 4)) * draw.one([1, 1, 4])
    return Setting(name, op, (x,), settings)


def plain(draw: Draw) -> Setting:
    """A function of one value."""
    positive = draw.chance(0.4)
    name = draw.one(_POSITIVE if positive else _PLAIN)
    shape = draw.sizes(draw.size(0, 3), 1, 4)
    x = draw.positive(*shape) if positive and draw.chance(0.9) else draw.strange(*shape)
    return Setting(name, getattr(torch, name), (x,))


def clamped(draw: Draw) -> Setting:
    """A clamp with one end or both, plain numbers or tensors."""
    x = draw.strange(*draw.sizes(2, 1, 4))
    if draw.chance(0.3):
        return Setting("clamp", torch.clamp, (x, draw.tensor(1), draw.tensor(*x.shape)))
    ends: dict[str, Any] = {"min": draw.number(-1, 0), "max": draw.number(0, 1)}
    if draw.chance():
        del ends[draw.one(["min", "max"])]
    return Setting("clamp", torch.clamp, (x,), ends)


_PLUS = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}


def two(draw: Draw) -> Setting:
    """Two tensors that are broadcast, or one and a plain number, on either side."""
    shape = draw.sizes(draw.size(0, 3), 1, 4)
    other = tuple(1 if draw.chance(0.3) else size for size in shape)
    other = other[draw.size(0, len(other)) :] if draw.chance(0.4) else other
    name = draw.one(list(_PLUS))
    a, b = draw.strange(*shape), draw.tensor(*other)
    if draw.chance(0.3):
        a, b = b, a
    if name == "div":
        b = b.abs() + 0.1
    settings = {}
    if name in ("add", "sub") and draw.chance(0.4):
        settings["alpha"] = draw.number(-3, 3)
    return Setting(name, _PLUS[name], (a, b), settings)


_WITH_A_NUMBER: list[tuple[str, Callable[..., Any]]] = [
    ("x + c", lambda x, c: x + c),
    ("c + x", lambda x, c: c + x),
    ("x - c", lambda x, c: x - c),
    ("c - x", lambda x, c: c - x),
    ("x * c", lambda x, c: x * c),
    ("c * x", lambda x, c: c * x),
    ("x / c", lambda x, c: x / c),
    ("c / x", lambda x, c: c / x),
    ("-x", lambda x, c: -x),
    ("x.sub(c)", lambda x, c: x.sub(c, alpha=2)),
]


def scalar(draw: Draw) -> Setting:
    """A tensor and a plain number."""
    text, op = draw.one(_WITH_A_NUMBER)
    c = draw.one([draw.number(0.2, 3), draw.number(-3, -0.2), 2, -1])
    return Setting(text, op, (draw.strange(*draw.sizes(2, 1, 4)),), {"c": c})


def power(draw: Draw) -> Setting:
    """Powers of a tensor, by a tensor, of a number."""
    shape = draw.sizes(2, 1, 3)
    way = draw.size(0, 3)
    if way == 0:
        return Setting("x ** n", lambda x, n: x**n, (draw.strange(*shape),), {"n": draw.size(0, 4)})
    base = draw.positive(*shape)
    if way == 1:
        exponent = draw.one([0.5, -1, 2.0, -0.5, draw.number(-2, 2)])
        return Setting("pow", torch.pow, (base,), {"exponent": exponent})
    if way == 2:
        return Setting("pow", torch.pow, (base, draw.tensor(*shape)))
    x = draw.tensor(*shape)
    return Setting("c ** x", lambda x, c: c**x, (x,), {"c": draw.number(0.2, 3)})


def three(draw: Draw) -> Setting:
    """Ops of three tensors."""
    shape = draw.sizes(2, 1, 4)
    a, b = draw.tensor(*shape), draw.tensor(*shape)
    name = draw.one(["where", "lerp", "addcmul", "addcdiv", "masked_fill"])
    if name == "where":
        return Setting("where", torch.where, (draw.bools(*shape), a, b))
    if name == "lerp":
        return Setting("lerp", torch.lerp, (a, b), {"weight": draw.number(0, 1)})
    if name == "masked_fill":
        value = draw.one([0.0, -1e9, float("-inf")])
        return Setting("masked_fill", torch.masked_fill, (a, draw.bools(*shape)), {"value": value})
    c = draw.positive(*shape)
    return Setting(name, getattr(torch, name), (a, b, c), {"value": draw.number(-2, 2)})


FAMILIES = {
    "gates": (gate, 300),
    "functions": (plain, 200),
    "clamp": (clamped, 60),
    "two tensors": (two, 250),
    "with a number": (scalar, 150),
    "powers": (power, 100),
    "three tensors": (three, 100),
}
