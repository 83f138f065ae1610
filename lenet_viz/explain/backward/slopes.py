"""Slopes of functions of one number, for many numbers at a time.

Where torch has a choice (a ReLU at exactly 0), these are torch's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np

from lenet_viz.explain.backward.pull import CannotTell
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Numbers

Slopes = Callable[[Call, Numbers, Numbers], Numbers]
"""From the step, its inputs x and its outputs y: dy/dx."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of one op.

    Attributes:
        formula: it in code style.
        at: it in numbers.
        gate: whether the op is a gate, which is said to be inactive where its slope is 0.
    """

    formula: str
    at: Slopes
    gate: bool = False


def number(call: Call, name: str, default: float) -> float:
    """Return a setting that is a number.

    Raises:
        CannotTell: it is something else, such as a tensor.
    """
    value = call.step.argument(name)
    plain = call.step.literal(name)
    if isinstance(plain, bool | int | float):
        return float(plain)
    if value is None or (plain is None and call.operand(name) is None):
        return default
    raise CannotTell


def _one(flag: np.ndarray) -> Numbers:
    return np.asarray(flag, np.float64)


def _sigmoid(x: Numbers) -> Numbers:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)), np.float64)


_erf = np.vectorize(erf, otypes=[np.float64])


def _relu6(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return _one((x > 0) & (x < 6))


def _hardtanh(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return _one((x > number(call, "min_val", -1)) & (x < number(call, "max_val", 1)))


def _clamp(call: Call, x: Numbers, y: Numbers) -> Numbers:
    low, high = number(call, "min", -np.inf), number(call, "max", np.inf)
    return _one((x >= low) & (x <= high))


def _clamp_min(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return _one(x >= number(call, "min", -np.inf))


def _clamp_max(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return _one(x <= number(call, "max", np.inf))


def _leaky(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return np.where(x > 0, 1.0, number(call, "negative_slope", 0.01))


def _elu(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return np.where(x > 0, 1.0, number(call, "alpha", 1.0) * np.exp(np.minimum(x, 0)))


def _celu(call: Call, x: Numbers, y: Numbers) -> Numbers:
    alpha = number(call, "alpha", 1.0)
    # torch's own backward rounds 1/alpha so, in float64 too.
    inverse = 1.0 / float(np.float32(alpha))
    return np.where(x > 0, 1.0, alpha * inverse * np.exp(np.minimum(x, 0) * inverse))


def _selu(call: Call, x: Numbers, y: Numbers) -> Numbers:
    scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
    return np.asarray(scale * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0))), np.float64)


def _gelu(call: Call, x: Numbers, y: Numbers) -> Numbers:
    if call.step.literal("approximate", "none") == "tanh":
        inner = sqrt(2 / pi) * (x + 0.044715 * x**3)
        bent = np.tanh(inner)
        steep = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2)
        return np.asarray(0.5 * (1 + bent) + 0.5 * x * (1 - bent**2) * steep, np.float64)
    density = np.exp(-(x**2) / 2) / sqrt(2 * pi)
    return np.asarray(0.5 * (1 + _erf(x / sqrt(2))) + x * density, np.float64)


def _silu(call: Call, x: Numbers, y: Numbers) -> Numbers:
    s = _sigmoid(x)
    return np.asarray(s * (1 + x * (1 - s)), np.float64)


def _mish(call: Call, x: Numbers, y: Numbers) -> Numbers:
    bent = np.tanh(np.logaddexp(0, x))
    return np.asarray(bent + x * (1 - bent**2) * _sigmoid(x), np.float64)


def _softplus(call: Call, x: Numbers, y: Numbers) -> Numbers:
    beta, threshold = number(call, "beta", 1.0), number(call, "threshold", 20.0)
    return np.where(x * beta > threshold, 1.0, _sigmoid(x * beta))


def _hardswish(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return np.where(x <= -3, 0.0, np.where(x < 3, x / 3 + 0.5, 1.0))


def _hardsigmoid(call: Call, x: Numbers, y: Numbers) -> Numbers:
    # torch has this 1/6 in float32, for float64 too.
    return np.where((x > -3) & (x < 3), float(np.float32(1 / 6)), 0.0)


def _threshold(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return _one(~(x <= number(call, "threshold", 0.0)))


def _softshrink(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return _one(~(np.abs(x) <= number(call, "lambd", 0.5)))


def _power(call: Call, x: Numbers, y: Numbers) -> Numbers:
    exponent = call.operand("exponent") or call.operand("1") or call.operand("other")
    if exponent is None or exponent.address is not None:
        raise CannotTell
    p = float(exponent.array)
    return np.zeros_like(x) if p == 0 else np.asarray(p * x ** (p - 1), np.float64)


def _nothing(call: Call, x: Numbers, y: Numbers) -> Numbers:
    return np.zeros_like(x)


SLOPES: dict[str, Slope] = {
    "relu": Slope("1 if x > 0 else 0", lambda call, x, y: _one(~(x <= 0)), gate=True),
    "relu6": Slope("1 if 0 < x < 6 else 0", _relu6, gate=True),
    "hardtanh": Slope("1 if min < x < max else 0", _hardtanh, gate=True),
    "clamp": Slope("1 if min ≤ x ≤ max else 0", _clamp, gate=True),
    "clip": Slope("1 if min ≤ x ≤ max else 0", _clamp, gate=True),
    "clamp_min": Slope("1 if x ≥ min else 0", _clamp_min, gate=True),
    "clamp_max": Slope("1 if x ≤ max else 0", _clamp_max, gate=True),
    "threshold": Slope("1 if x > threshold else 0", _threshold, gate=True),
    "hardswish": Slope("0 if x ≤ -3, x/3 + 1/2 if x < 3, else 1", _hardswish, gate=True),
    "hardsigmoid": Slope("1/6 if -3 < x < 3 else 0", _hardsigmoid, gate=True),
    "softshrink": Slope("1 if |x| > λ else 0", _softshrink, gate=True),
    "hardshrink": Slope("1 if |x| > λ else 0", _softshrink, gate=True),
    "leaky_relu": Slope("1 if x > 0 else negative_slope", _leaky),
    "elu": Slope("1 if x > 0 else α·exp(x)", _elu),
    "celu": Slope("1 if x > 0 else exp(x/α)", _celu),
    "selu": Slope("scale · (1 if x > 0 else α·exp(x))", _selu),
    "gelu": Slope("Φ(x) + x·φ(x)", _gelu),
    "silu": Slope("σ(x)·(1 + x·(1 - σ(x)))", _silu),
    "mish": Slope("tanh(s) + x·(1 - tanh²(s))·σ(x), s = softplus(x)", _mish),
    "tanh": Slope("1 - y²", lambda call, x, y: 1 - y * y),
    "sigmoid": Slope("y·(1 - y)", lambda call, x, y: y * (1 - y)),
    "log_sigmoid": Slope("1 - σ(x)", lambda call, x, y: _sigmoid(-x)),
    "softplus": Slope("σ(β·x)", _softplus),
    "softsign": Slope("1/(1 + |x|)²", lambda call, x, y: 1 / (1 + np.abs(x)) ** 2),
    "tanhshrink": Slope("tanh²(x)", lambda call, x, y: np.tanh(x) ** 2),
    "abs": Slope("sign(x)", lambda call, x, y: np.where(np.isnan(x), 0.0, np.sign(x))),
    "neg": Slope("-1", lambda call, x, y: np.full_like(x, -1.0)),
    "exp": Slope("y", lambda call, x, y: y),
    "expm1": Slope("y + 1", lambda call, x, y: y + 1),
    "log": Slope("1/x", lambda call, x, y: 1 / x),
    "log1p": Slope("1/(1 + x)", lambda call, x, y: 1 / (1 + x)),
    "log2": Slope("1/(x·ln 2)", lambda call, x, y: 1 / (x * np.log(2))),
    "log10": Slope("1/(x·ln 10)", lambda call, x, y: 1 / (x * np.log(10))),
    "sqrt": Slope("1/(2·y)", lambda call, x, y: 1 / (2 * y)),
    "rsqrt": Slope("-y³/2", lambda call, x, y: -(y**3) / 2),
    "square": Slope("2·x", lambda call, x, y: 2 * x),
    "reciprocal": Slope("-y²", lambda call, x, y: -y * y),
    "sin": Slope("cos(x)", lambda call, x, y: np.cos(x)),
    "cos": Slope("-sin(x)", lambda call, x, y: -np.sin(x)),
    "tan": Slope("1 + y²", lambda call, x, y: 1 + y * y),
    "atan": Slope("1/(1 + x²)", lambda call, x, y: 1 / (1 + x * x)),
    "erf": Slope("2/√π·exp(-x²)", lambda call, x, y: 2 / sqrt(pi) * np.exp(-x * x)),
    "pow": Slope("p·x^(p-1)", _power),
    "sign": Slope("0", _nothing, gate=True),
    "floor": Slope("0", _nothing, gate=True),
    "ceil": Slope("0", _nothing, gate=True),
    "round": Slope("0", _nothing, gate=True),
    "trunc": Slope("0", _nothing, gate=True),
}
"""The derivative of each op that makes one number of one number."""
