"""Values that are made of the one value in their place."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    SCALE,
    CannotSay,
    Finding,
    Index,
    first,
    number,
    one,
    worked,
)
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Block, How, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Setting = Callable[[str, float], float]
Work = Callable[[float, Setting], tuple[float, str]]
"""From x and the settings by name and default to y and the working in code style."""


def _text(x: float) -> str:
    text = number(x)
    return f"({text})" if text.startswith("-") else text


def _function(name: str, work: Callable[[float], float]) -> Work:
    return lambda x, setting: (float(work(x)), f"{name}({number(x)})")


def _relu(x: float, setting: Setting) -> tuple[float, str]:
    return (x if x > 0 or math.isnan(x) else 0.0), f"max(0, {number(x)})"


def _leaky(x: float, setting: Setting) -> tuple[float, str]:
    slope = setting("negative_slope", 0.01)
    return (x, number(x)) if x > 0 else (slope * x, f"{number(slope)}·{_text(x)}")


def _elu(x: float, setting: Setting) -> tuple[float, str]:
    alpha = setting("alpha", 1.0)
    if x > 0:
        return x, number(x)
    return alpha * float(np.expm1(x)), f"{number(alpha)}·(exp({number(x)}) - 1)"


def _celu(x: float, setting: Setting) -> tuple[float, str]:
    alpha = setting("alpha", 1.0)
    low = alpha * float(np.expm1(x / alpha))
    return (x, number(x)) if x > 0 else (low, f"{number(alpha)}·(exp({number(x / alpha)}) - 1)")


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def _selu(x: float, setting: Setting) -> tuple[float, str]:
    inner = x if x > 0 else _SELU_ALPHA * float(np.expm1(x))
    shown = number(x) if x > 0 else f"1.6733·(exp({number(x)}) - 1)"
    return _SELU_SCALE * inner, f"1.0507·{shown}"


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(np.float64(-x))))


def _silu(x: float, setting: Setting) -> tuple[float, str]:
    gate = _sigmoid(x)
    return x * gate, f"{number(x)}·σ({number(x)}) = {number(x)}·{number(gate)}"


def _softplus(x: float, setting: Setting) -> tuple[float, str]:
    beta, threshold = setting("beta", 1.0), setting("threshold", 20.0)
    if x * beta > threshold:
        return x, number(x)
    return float(np.log1p(np.exp(beta * x))) / beta, f"log(1 + exp({number(beta * x)}))/{beta:g}"


def _mish(x: float, setting: Setting) -> tuple[float, str]:
    inner = float(np.tanh(np.log1p(np.exp(x))))
    return x * inner, f"{number(x)}·tanh(softplus({number(x)})) = {number(x)}·{number(inner)}"


def _between(low: float, high: float, x: float) -> tuple[float, str]:
    value = x if math.isnan(x) else min(max(x, low), high)
    return value, f"min(max({number(x)}, {low:g}), {high:g})"


def _hard_sigmoid(x: float, setting: Setting) -> tuple[float, str]:
    return min(max(x + 3, 0.0), 6.0) / 6, f"min(max({number(x)} + 3, 0), 6)/6"


def _hard_swish(x: float, setting: Setting) -> tuple[float, str]:
    gate = min(max(x + 3, 0.0), 6.0) / 6
    return x * gate, f"{number(x)}·min(max({number(x)} + 3, 0), 6)/6"


def _threshold(x: float, setting: Setting) -> tuple[float, str]:
    limit, value = setting("threshold", 0.0), setting("value", 0.0)
    return (x if x > limit else value), f"{number(x)} if {number(x)} > {limit:g} else {value:g}"


def _log_sigmoid(x: float, setting: Setting) -> tuple[float, str]:
    return -float(np.logaddexp(0.0, -x)), f"-log(1 + exp({number(-x)}))"


def _power(x: float, setting: Setting) -> tuple[float, str]:
    exponent = setting("exponent", math.nan)
    return float(np.power(x, exponent)), f"{_text(x)}^{exponent:g}"


def _truncated(x: float, setting: Setting) -> tuple[float, str]:
    return float(np.trunc(x)), f"trunc({number(x)})"


def _hard_shrink(x: float, setting: Setting) -> tuple[float, str]:
    limit = setting("lambd", 0.5)
    return (0.0 if abs(x) <= limit else x), f"{number(x)} if |x| > {limit:g} else 0"


def _soft_shrink(x: float, setting: Setting) -> tuple[float, str]:
    limit = setting("lambd", 0.5)
    total = x - limit if x > limit else x + limit if x < -limit else 0.0 * x
    return total, f"sign(x)·max(|{number(x)}| - {limit:g}, 0)"


WORK: Mapping[str, tuple[str, Work]] = {
    "relu": ("max(0, x)", _relu),
    "leaky_relu": ("x if x > 0 else negative_slope·x", _leaky),
    "elu": ("x if x > 0 else alpha·(exp(x) - 1)", _elu),
    "celu": ("x if x > 0 else alpha·(exp(x/alpha) - 1)", _celu),
    "selu": ("scale·(x if x > 0 else alpha·(exp(x) - 1))", _selu),
    "silu": ("x·σ(x)", _silu),
    "mish": ("x·tanh(softplus(x))", _mish),
    "softplus": ("log(1 + exp(beta·x))/beta", _softplus),
    "relu6": ("min(max(x, 0), 6)", lambda x, setting: _between(0.0, 6.0, x)),
    "hardtanh": (
        "min(max(x, min_val), max_val)",
        lambda x, setting: _between(setting("min_val", -1.0), setting("max_val", 1.0), x),
    ),
    "hardsigmoid": ("min(max(x + 3, 0), 6)/6", _hard_sigmoid),
    "hardswish": ("x·min(max(x + 3, 0), 6)/6", _hard_swish),
    "threshold": ("x if x > threshold else value", _threshold),
    "logsigmoid": ("-log(1 + exp(-x))", _log_sigmoid),
    "log_sigmoid": ("-log(1 + exp(-x))", _log_sigmoid),
    "sigmoid": ("1/(1 + exp(-x))", lambda x, s: (_sigmoid(x), f"1/(1 + exp({number(-x)}))")),
    "softsign": ("x/(1 + |x|)", lambda x, s: (x / (1 + abs(x)), f"{number(x)}/{1 + abs(x):.6g}")),
    "tanhshrink": ("x - tanh(x)", lambda x, s: (x - math.tanh(x), f"{number(x)} - tanh(x)")),
    "neg": ("-x", lambda x, s: (-x, f"-{_text(x)}")),
    "reciprocal": ("1/x", lambda x, s: (float(np.divide(1.0, x)), f"1/{_text(x)}")),
    "rsqrt": ("1/√x", lambda x, s: (float(1 / np.sqrt(np.float64(x))), f"1/√{_text(x)}")),
    "square": ("x²", lambda x, s: (x * x, f"{_text(x)}²")),
    "pow": ("x^n", _power),
    "tanh": ("tanh(x)", _function("tanh", np.tanh)),
    "exp": ("exp(x)", _function("exp", np.exp)),
    "expm1": ("exp(x) - 1", _function("expm1", np.expm1)),
    "log": ("log(x)", _function("log", np.log)),
    "log1p": ("log(1 + x)", _function("log1p", np.log1p)),
    "log2": ("log2(x)", _function("log2", np.log2)),
    "log10": ("log10(x)", _function("log10", np.log10)),
    "sqrt": ("√x", _function("√", np.sqrt)),
    "abs": ("|x|", _function("abs", np.abs)),
    "sin": ("sin(x)", _function("sin", np.sin)),
    "cos": ("cos(x)", _function("cos", np.cos)),
    "sign": ("sign(x)", _function("sign", np.sign)),
    "floor": ("⌊x⌋", _function("floor", np.floor)),
    "ceil": ("⌈x⌉", _function("ceil", np.ceil)),
    "bool": ("x ≠ 0", lambda x, s: (float(x != 0), f"{number(x)} ≠ 0")),
    **dict.fromkeys(("int", "long", "short", "byte", "trunc"), ("trunc(x)", _truncated)),
    "hardshrink": ("x if |x| > lambd else 0", _hard_shrink),
    "softshrink": ("sign(x)·max(|x| - lambd, 0)", _soft_shrink),
    "round": ("round(x)", _function("round", np.round)),
    "erf": ("erf(x)", _function("erf", math.erf)),
}
"""For each op its rule in code style, and what works it out."""


def elementwise(call: Call, output: int, index: Index) -> Finding:
    """Return how one value was made of the one in its place.

    Raises:
        CannotSay: a setting is no plain number.
    """
    formula, work = WORK[call.op]
    operand = first(call)
    block = Block(INPUT, (one(operand, index, INPUT, "x"),))
    x = block.total
    total, text = work(x, _settings(call))
    return Finding(
        How.WORKED_OUT,
        f"y = {formula}",
        _headline(text, total),
        (block,),
        total,
        # A function is as good as torch's own: a few units of its input or its output.
        max(abs(total), min(abs(x), 1e30) if math.isfinite(x) else 0.0),
        working=(Line(formula, text, total),),
        verdict=_verdict(call, x, total),
    )


def _settings(call: Call) -> Setting:
    def setting(name: str, default: float) -> float:
        names = {"exponent": ("exponent", "1")}.get(name, (name,))
        for each in names:
            if call.step.argument(each) is not None:
                value = call.step.literal(each)
                if not isinstance(value, bool | int | float):
                    raise CannotSay
                return float(value)
        return default

    return setting


def _headline(text: str, total: float) -> Message:
    return message(
        "Why", QT_TRANSLATE_NOOP("Why", "{text} = {total}"), text=text, total=number(total)
    )


def _verdict(call: Call, x: float, total: float) -> Message | None:
    if total != 0:
        return None
    if x == 0:
        return message("Why", QT_TRANSLATE_NOOP("Why", "Zero because its input is zero."))
    if call.op in ("relu", "relu6") and x < 0:
        template = QT_TRANSLATE_NOOP("Why", "Inactive: its input {x} is negative.")
        return message("Why", template, x=number(x))
    return None


def gelu(call: Call, output: int, index: Index) -> Finding:
    """Return how a GELU's value was made, exact or with tanh.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html
    """
    block = Block(INPUT, (one(first(call), index, INPUT, "x"),))
    x = block.total
    if call.step.literal("approximate", "none") == "tanh":
        formula = "0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))"
        share = 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    else:
        formula = "x·Φ(x), Φ(x) = (1 + erf(x/√2))/2"
        share = 0.5 * (1 + math.erf(x / math.sqrt(2)))
    total = x * share
    working = (
        Line("Φ(x)", f"of {number(x)}", share),
        Line("y", f"{_text(x)}·{number(share)}", total),
    )
    scale = max(abs(total), abs(x))
    headline = _headline(f"{_text(x)}·{number(share)}", total)
    return Finding(How.WORKED_OUT, formula, headline, (block,), total, scale, working=working)


def dropout(call: Call, output: int, index: Index) -> Finding:
    """Return whether a value was kept, and what it was multiplied with.

    Which values are dropped was drawn when the step ran: it is read from the captured output.
    """
    block = Block(INPUT, (one(first(call), index, INPUT, "x"),))
    x, p = block.total, call.step.literal("p", 0.5)
    rate = float(p) if isinstance(p, bool | int | float) else 0.5
    training = bool(call.step.literal("training", True))
    kept = not training or float(call.output(output).activation[index]) != 0
    by = 0.0 if not kept else 1 / (1 - rate) if training and rate < 1 else 1.0
    factor = worked(by, SCALE, "m")
    block = Block(INPUT, (*block.factors, factor))
    total = block.total
    if not training:
        template = QT_TRANSLATE_NOOP("Why", "evaluation mode: passed on as it is = {total}")
    elif kept:
        template = QT_TRANSLATE_NOOP("Why", "kept, times 1/(1 - {p}) = {total}")
    else:
        template = QT_TRANSLATE_NOOP("Why", "dropped in this run = {total}")
    verdict = None
    if training and not kept and x != 0:
        dropped = QT_TRANSLATE_NOOP("Why", "Zero because {step} has dropped it in this run.")
        verdict = message("Why", dropped, step=call.step.name)
    headline = message("Why", template, p=f"{rate:g}", total=number(total))
    return Finding(
        How.SUM, "y = m·x, m = 1/(1 - p) or 0", headline, (block,), total, verdict=verdict
    )
