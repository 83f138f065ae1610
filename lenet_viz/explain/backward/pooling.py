"""Pooling: the winner of a window takes the whole gradient, or all share it."""

from dataclasses import dataclass

import numpy as np

from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.parts import grid, picked, through
from lenet_viz.explain.backward.pull import CannotTell, Cause, Halt, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Factor, Indices, Numbers
from lenet_viz.explain.windows import AVERAGE_POOLS, MAX_POOLS, Windows, windows_of
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, eq=False)
class Seen:
    """The windows that hold one element.

    Attributes:
        windows: int64 (windows, spatial axes): which windows.
        lead: the index before the spatial axes.
    """

    windows: Indices
    lead: tuple[int, ...]

    @property
    def reached(self) -> Indices:
        """The output elements of these windows, int64 (1, windows, axes)."""
        fixed = np.broadcast_to(
            np.asarray(self.lead, np.int64), (len(self.windows), len(self.lead))
        )
        return np.concatenate([fixed, self.windows], axis=-1)[None].astype(np.int64)


def _seen(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Windows, Operand, Seen]:
    windows, x = windows_of(call), call.operand(*path)
    if windows is None or x is None or path[0] not in ("input", "0"):
        raise CannotTell
    start = len(index) - windows.axes
    rows = [
        np.flatnonzero((windows.positions[axis] == index[start + axis]).any(axis=1))
        for axis in range(windows.axes)
    ]
    every = grid(*rows).reshape((-1, windows.axes))
    return windows, x, Seen(every, index[:start])


def _window(windows: Windows, x: Operand, seen: Seen, number: int) -> tuple[Numbers, Indices]:
    """Return what a window sees, in row-major order, padding left out, and where that stands."""
    rows = [windows.positions[axis][at] for axis, at in enumerate(seen.windows[number])]
    places = grid(*(row[row >= 0] for row in rows)).reshape((-1, windows.axes))
    lead = np.broadcast_to(np.asarray(seen.lead, np.int64), (len(places), len(seen.lead)))
    where = np.concatenate([lead, places], axis=-1).astype(np.int64)
    return picked(x.array, where), where


def winner(values: Numbers) -> int:
    """Return the place of a window's winner: the first largest; a NaN wins over all.

    Of several NaNs torch takes the last on its way through the window.
    """
    missing = np.flatnonzero(np.isnan(values))
    return int(missing[-1]) if missing.size else int(np.argmax(values))


def _max(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    windows, x, seen = _seen(call, path, index)
    own = float(np.asarray(x.array[index], np.float64))
    shares, halts = np.zeros(len(seen.windows)), []
    for number in range(len(seen.windows)):
        values, where = _window(windows, x, seen, number)
        best = winner(values)
        if tuple(where[best].tolist()) == index:
            shares[number] = 1.0
        else:
            halts.append(_lost(call, own, float(values[best]), tuple(where[best].tolist())))
    role = message("Why", QT_TRANSLATE_NOOP("Why", "largest of its window or not"))
    halt = None if shares.any() else _nothing(call, halts, index, windows.axes)
    return (
        Pull(
            (through(call.step.name),),
            seen.reached,
            (Factor(role, "won", shares[None]),),
            "g[x] = Σ g[y] of the windows in which x is the first largest",
            halt=halt,
        ),
    )


def _lost(call: Call, own: float, best: float, where: tuple[int, ...]) -> Halt:
    if own == best:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "Tied in {step}'s window: {x} is as large as the number at {where}, which comes first "
            "and takes the whole gradient.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "Lost in {step}'s window: {x} here is smaller than {best} at {where}, which takes the "
            "whole gradient.",
        )
    cause = Cause.TIED if own == best else Cause.LOST
    places = ", ".join(map(str, where))
    sentence = message(
        "Why", template, step=call.step.name, x=text(own), best=text(best), where=f"[{places}]"
    )
    return Halt(cause, sentence)


def _nothing(call: Call, halts: list[Halt], index: tuple[int, ...], axes: int) -> Halt:
    if not halts:
        return outside(call, index, axes)
    tied = [halt for halt in halts if halt.cause is Cause.TIED]
    first = (tied or halts)[0]
    if len(halts) == 1:
        return first
    template = QT_TRANSLATE_NOOP("Why", "{first} It wins in none of its {count} windows.")
    return Halt(first.cause, message("Why", template, first=first.sentence, count=len(halts)))


def outside(call: Call, index: tuple[int, ...], axes: int) -> Halt:
    """Return that no window of a step touches an element."""
    template = (
        QT_TRANSLATE_NOOP("Why", "No window of {step} touches row {row}, column {column}: dropped.")
        if axes == 2
        else QT_TRANSLATE_NOOP("Why", "No window of {step} touches place {place}: dropped.")
    )
    places = ", ".join(map(str, index[len(index) - axes :]))
    fillings = {"row": index[-2], "column": index[-1]} if axes == 2 else {}
    sentence: Message = message("Why", template, step=call.step.name, place=places, **fillings)
    return Halt(Cause.OUTSIDE, sentence)


def _average(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    windows, _, seen = _seen(call, path, index)
    divisor = call.step.literal("divisor_override")
    padded = bool(call.step.literal("count_include_pad", True))
    counts = np.ones(len(seen.windows))
    for axis in range(windows.axes):
        inside = windows.positions[axis] >= 0
        if padded:
            inside = inside | windows.padded[axis]
        counts *= inside.sum(axis=1)[seen.windows[:, axis]]
    if isinstance(divisor, int):
        counts = np.full(len(counts), float(divisor))
    role = message("Why", QT_TRANSLATE_NOOP("Why", "share of the mean"))
    return (
        Pull(
            (through(call.step.name),),
            seen.reached,
            (Factor(role, "1/n", 1 / counts[None]),),
            "g[x] = Σ g[y] / n over the windows that hold x, each with its count n",
            halt=None if len(counts) else outside(call, index, windows.axes),
        ),
    )


RULES: dict[str, Rule] = {
    **dict.fromkeys(sorted(MAX_POOLS), _max),
    **dict.fromkeys(sorted(AVERAGE_POOLS), _average),
}
