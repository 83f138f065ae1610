"""How ``.grad`` adds up, and what one step of an optimiser makes of a number, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.display.numbers import text
from lenet_viz.explain.terms import Line, Numbers
from lenet_viz.network.optimiser import ADAM, MOMENTUM, OptimiserChoice
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

DIGITS = 6
"""So many significant digits of a number stand in a line."""

_FIRST = QT_TRANSLATE_NOOP("Update", ".grad was None, which is not 0: it is this pass alone")
_ADDED = QT_TRANSLATE_NOOP("Update", ".grad held something: this pass is added to it")
_KEPT = QT_TRANSLATE_NOOP("Update", "this run added nothing to it: .grad stays as it was")
_NONE = QT_TRANSLATE_NOOP("Update", "no pass gave it a gradient: .grad is None, which is not 0")


@dataclass(frozen=True, slots=True)
class Accumulation:
    """How a pass changes one number of ``.grad``.

    Attributes:
        before: ``.grad`` before the pass; None where torch had None.
        this: d(objective)/d(the number) of this pass alone; None where it gave none.
        after: ``.grad`` after it, as torch has it.
        headline: what happened, in one sentence.
        lines: the arithmetic; empty where there is none to do.
        total: what it comes to, in float64; None for None.
    """

    before: float | None
    this: float | None
    after: float | None
    headline: Message
    lines: tuple[Line, ...]
    total: float | None

    @property
    def difference(self) -> float:
        """``total - after``; 0 where both are None, NaN, or the same infinity."""
        return _difference(self.total, self.after)


def accumulation(before: float | None, this: float | None, after: float | None) -> Accumulation:
    """Return how ``.grad`` before and a pass make ``.grad`` after; None is not 0.

    Args:
        before: see `Accumulation`.
        this: see `Accumulation`.
        after: see `Accumulation`.
    """
    lines: tuple[Line, ...] = ()
    if before is None and this is None:
        template, total = _NONE, None
    elif this is None:
        template, total = _KEPT, before
    elif before is None:
        template, total = _FIRST, this
    else:
        template, total = _ADDED, before + this
        lines = (Line(".grad + this pass", f"{_shown(before)} + {_bracketed(this)}", total),)
    return Accumulation(before, this, after, message("Update", template), lines, total)


Memory = Mapping[str, float]
"""What an optimiser remembers of one number, by torch's names; empty before its first step."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one step of an optimiser makes of one number.

    Attributes:
        weight: the number before, w.
        grad: its ``.grad``, g; None where the optimiser passes it by.
        lines: the arithmetic from g to w'; empty where it is passed by.
        shift: what is taken away from w.
        total: the number afterwards, w', worked out in float64.
        memory: what the optimiser remembers then, by torch's names.
        captured: the number that torch gave; None for an update that has not been made.
        scale: what rounding of ``total`` is measured against.
    """

    weight: float
    grad: float | None
    lines: tuple[Line, ...]
    shift: float
    total: float
    memory: Memory = field(default_factory=dict)
    captured: float | None = None
    scale: float = 0.0

    @property
    def difference(self) -> float:
        """``total - captured``; 0 where there is nothing to compare with."""
        return 0.0 if self.captured is None else _difference(self.total, self.captured)

    def adds_up(self, dtype: str) -> bool:
        """Return whether the difference is no more than rounding in ``dtype`` explains."""
        close = abs(self.difference) <= 32 * _UNITS.get(dtype, 2.0**-24) * self.scale + 1e-37
        return self.difference == 0 or bool(close)  # of NaN and NaN, too


_UNITS = {"float64": 2.0**-53, "float16": 2.0**-11, "bfloat16": 2.0**-8}


def change(
    choice: OptimiserChoice,
    weight: float,
    grad: float | None,
    memory: Memory,
    captured: float | None = None,
) -> Change:
    """Return the arithmetic of one step of an optimiser for one number.

    Args:
        choice: the optimiser.
        weight: the number before.
        grad: its ``.grad``; None where it has none: torch passes it by then.
        memory: what the optimiser remembers of it; empty at its first step.
        captured: what torch made of it; None before the update.

    Source: torch.optim.SGD; D. Kingma and J. Ba, Adam, 2015 (torch.optim.Adam).
    """
    if grad is None:
        return Change(weight, None, (), 0.0, weight, memory, captured, abs(weight))
    arrays = {name: _wide(value) for name, value in memory.items()}
    with np.errstate(all="ignore"):
        done = _step(choice, _wide(weight), _wide(grad), arrays)
        scale = _scale(choice, weight, grad, memory, done)
    return Change(
        weight=weight,
        grad=grad,
        lines=_lines(choice, weight, grad, memory, done),
        shift=float(done.shift),
        total=float(done.weight),
        memory={name: float(value) for name, value in done.memory.items()},
        captured=captured,
        scale=scale,
    )


def updated(
    choice: OptimiserChoice, weight: Array, grad: Array | None, memory: Mapping[str, Array]
) -> Numbers:
    """Return what one step of an optimiser would make of a whole tensor.

    Args:
        choice: the optimiser.
        weight: the tensor before, of any shape; not complex.
        grad: its ``.grad``, of the same shape; None where it has none.
        memory: what the optimiser remembers of it, by torch's names; empty at its first step.

    Returns:
        float64 of the same shape.
    """
    wide = _wide(weight)
    if grad is None:
        return wide
    known = {name: _wide(value) for name, value in memory.items()}
    with np.errstate(all="ignore"):
        return _step(choice, wide, _wide(grad), known).weight


def _wide(value: Array | float) -> Numbers:
    return np.asarray(value, np.float64)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step's numbers: all arrays of one shape, or all scalars."""

    decayed: Numbers
    direction: Numbers
    shift: Numbers
    weight: Numbers
    memory: Mapping[str, Numbers]


def _step(
    choice: OptimiserChoice, weight: Numbers, grad: Numbers, memory: Mapping[str, Numbers]
) -> _Step:
    decayed = grad + choice.weight_decay * weight if choice.weight_decay else grad
    if choice.kind == ADAM:
        return _adam(choice, weight, decayed, memory)
    direction, kept = decayed, {}
    if choice.kind == MOMENTUM and choice.momentum:
        known = memory.get("momentum_buffer")
        buffer = decayed if known is None else choice.momentum * known + decayed
        kept = {"momentum_buffer": buffer}
        direction = decayed + choice.momentum * buffer if choice.nesterov else buffer
    shift = choice.lr * direction
    return _Step(decayed, direction, shift, weight - shift, kept)


def _adam(
    choice: OptimiserChoice, weight: Numbers, grad: Numbers, memory: Mapping[str, Numbers]
) -> _Step:
    count = float(memory.get("step", 0.0)) + 1
    zero = _wide(0.0)
    mean = choice.beta1 * memory.get("exp_avg", zero) + (1 - choice.beta1) * grad
    square = choice.beta2 * memory.get("exp_avg_sq", zero) + (1 - choice.beta2) * grad * grad
    root = np.sqrt(square / (1 - choice.beta2**count))
    direction = mean / (1 - choice.beta1**count) / (root + choice.eps)
    shift = choice.lr * direction
    kept = {"step": _wide(count), "exp_avg": mean, "exp_avg_sq": square}
    return _Step(grad, direction, shift, weight - shift, kept)


def _scale(
    choice: OptimiserChoice, weight: float, grad: float, memory: Memory, done: _Step
) -> float:
    """Return what rounding is measured against: the sizes of all that was added, carried on."""
    size = abs(grad) + choice.weight_decay * abs(weight)
    if choice.kind != ADAM:
        whole = size + choice.momentum * abs(memory.get("momentum_buffer", 0.0))
        return abs(weight) + choice.lr * whole * (1 + choice.momentum)
    count = done.memory["step"]
    first, second = 1 - choice.beta1**count, 1 - choice.beta2**count
    root = float(np.sqrt(done.memory["exp_avg_sq"] / second)) + choice.eps
    mean = (abs(memory.get("exp_avg", 0.0)) + size) / first
    square = (memory.get("exp_avg_sq", 0.0) + (1 - choice.beta2) * size * size) / second
    relative = square / (root * root) if root else 0.0
    spread = (mean + abs(float(done.direction)) * root * relative) / root if root else 0.0
    return float(abs(weight) + choice.lr * spread)


def _lines(
    choice: OptimiserChoice, weight: float, grad: float, memory: Memory, done: _Step
) -> tuple[Line, ...]:
    w, g, lines, symbol = _shown(weight), _bracketed(grad), [], "g"
    if choice.weight_decay:
        decay = _shown(choice.weight_decay)
        right = f"{_shown(grad)} + {decay}·{_bracketed(weight)}"
        lines.append(Line("g' = g + λ·w", right, float(done.decayed)))
        symbol, g = "g'", _bracketed(float(done.decayed))
    rate, last = _shown(choice.lr), _bracketed(float(done.direction))
    if choice.kind == ADAM:
        lines += _adam_lines(choice, memory, done, symbol, g)
        mean, square = lines[-2].value, lines[-1].value
        right = f"{w} - {rate}·{_bracketed(mean)}/(√{_shown(square)} + {_shown(choice.eps)})"
        return (*lines, Line("w' = w - lr·m̂/(√v̂ + ε)", right, float(done.weight)))
    if "momentum_buffer" in done.memory:
        known, now = memory.get("momentum_buffer"), float(done.memory["momentum_buffer"])
        left, right = f"b' = {symbol}", _shown(float(done.decayed))
        if known is not None:
            left = f"b' = μ·b + {symbol}"
            right = f"{_shown(choice.momentum)}·{_bracketed(known)} + {g}"
        lines.append(Line(left, right, now))
        if choice.nesterov:
            right = f"{g} + {_shown(choice.momentum)}·{_bracketed(now)}"
            lines.append(Line(f"d = {symbol} + μ·b'", right, float(done.direction)))
        symbol = "d" if choice.nesterov else "b'"
    lines.append(Line(f"w' = w - lr·{symbol}", f"{w} - {rate}·{last}", float(done.weight)))
    return tuple(lines)


def _adam_lines(
    choice: OptimiserChoice, memory: Memory, done: _Step, symbol: str, g: str
) -> list[Line]:
    count = int(done.memory["step"])
    mean, square = float(done.memory["exp_avg"]), float(done.memory["exp_avg_sq"])
    one, two = _shown(choice.beta1), _shown(choice.beta2)
    first, second = 1 - choice.beta1**count, 1 - choice.beta2**count
    old_mean = _bracketed(memory.get("exp_avg", 0.0))
    old_square = _shown(memory.get("exp_avg_sq", 0.0))
    return [
        Line(
            f"m' = β₁·m + (1 - β₁)·{symbol}",
            f"{one}·{old_mean} + {_shown(round(1 - choice.beta1, 15))}·{g}",
            mean,
        ),
        Line(
            f"v' = β₂·v + (1 - β₂)·{symbol}²",
            f"{two}·{old_square} + {_shown(round(1 - choice.beta2, 15))}·{g}²",
            square,
        ),
        Line("m̂ = m'/(1 - β₁ᵗ)", f"{_shown(mean)}/(1 - {one}^{count})", mean / first),
        Line("v̂ = v'/(1 - β₂ᵗ)", f"{_shown(square)}/(1 - {two}^{count})", square / second),
    ]


def _difference(total: float | None, captured: float | None) -> float:
    if total is None or captured is None or total == captured:
        return 0.0
    return 0.0 if np.isnan(total) and np.isnan(captured) else total - captured


def _shown(value: float) -> str:
    return text(np.float64(value), DIGITS)


def _bracketed(value: float) -> str:
    shown = _shown(value)
    return f"({shown})" if shown.startswith("-") else shown
