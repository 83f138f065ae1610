"""A pooling's value: the largest of a window, or its mean."""

import numpy as np

from lenet_viz.explain.forward.finding import (
    INPUT,
    SHARE,
    CannotSay,
    Finding,
    Index,
    factor,
    first,
    grid,
    number,
    worked,
)
from lenet_viz.explain.forward.placing import out_places, seen_places
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Block, Factor, How, Indices, Line
from lenet_viz.explain.windows import Windows, windows_of
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_WINDOW = message("Why", QT_TRANSLATE_NOOP("Why", "the window"))


def _window(call: Call, index: Index) -> tuple[Windows, Indices]:
    """Return the windows and the indices of what one of them sees, at most two axes."""
    windows = windows_of(call)
    if windows is None:
        raise CannotSay
    places = index[-windows.axes :]
    seen = [table[at] for table, at in zip(windows.positions, places, strict=True)]
    return windows, grid(*index[: -windows.axes], *seen)


def max_pool(call: Call, output: int, index: Index) -> Finding:
    """Return the window of one value of a max pooling, and its winner.

    Where several are equal, torch takes the first, row by row; NaN wins over all.

    Raises:
        CannotSay: settings that are not known here.
    """
    windows, indices = _window(call, index)
    seen = factor(first(call), indices, INPUT, "x")
    real = (indices >= 0).all(axis=-1)
    values = np.where(real, seen.values, -np.inf)
    flat = values.reshape(-1)
    missing = np.flatnonzero(np.isnan(flat))
    winner = int(missing[0]) if missing.size else int(np.argmax(flat))
    if not real.reshape(-1)[winner]:
        winner = int(np.flatnonzero(real.reshape(-1))[0])
    chosen = tuple(int(at) for at in np.unravel_index(winner, values.shape))
    if output:
        return _winner(call, index, indices, chosen, seen)
    total = float(values[chosen])
    equal = int(np.count_nonzero(flat == flat[winner]))
    block = Block(_WINDOW, (seen,), chosen=chosen)
    template = QT_TRANSLATE_NOOP("Why", "the largest of {count} values = {total}")
    headline = message("Why", template, count=int(real.sum()), total=number(total))
    notes = (_tied(equal, int(real.sum())),) if equal > 1 else ()
    formula = f"y[{out_places(windows.axes)}] = max x[{_seen(call, windows)}]"
    verdict = _zero(equal, int(real.sum())) if total == 0 else None
    return Finding(
        How.LARGEST, formula, headline, (block,), total, abs(total), notes=notes, verdict=verdict
    )


def _winner(
    call: Call, index: Index, indices: Indices, chosen: tuple[int, ...], seen: Factor
) -> Finding:
    """Return where in its map the winner stands, counted row by row, as ``return_indices`` does."""
    operand = first(call)
    windows = windows_of(call)
    assert windows is not None
    sizes = operand.shape[-windows.axes :]
    place = tuple(int(at) for at in indices[chosen][-windows.axes :])
    strides = [int(np.prod(sizes[at + 1 :])) for at in range(len(sizes))]
    total = float(sum(at * stride for at, stride in zip(place, strides, strict=True)))
    text = " + ".join(
        f"{at}·{stride}" if stride != 1 else str(at)
        for at, stride in zip(place, strides, strict=True)
    )
    template = QT_TRANSLATE_NOOP("Why", "the largest stands at place {text} = {total} of its map")
    return Finding(
        How.WORKED_OUT,
        f"y[{out_places(windows.axes)}] = place of the largest, row by row",
        message("Why", template, text=text, total=int(total)),
        (Block(_WINDOW, (seen,), chosen=chosen),),
        total,
        0.0,
        working=(Line("y", text, total),),
    )


def _tied(equal: int, count: int) -> Message:
    template = QT_TRANSLATE_NOOP(
        "Why", "Tied: {equal} of {count} values are the largest; the first takes all the gradient."
    )
    return message("Why", template, equal=equal, count=count)


def _zero(equal: int, count: int) -> Message:
    if equal == count:
        return message("Why", QT_TRANSLATE_NOOP("Why", "Zero because all of the window is zero."))
    template = QT_TRANSLATE_NOOP("Why", "Zero because nothing in the window is larger.")
    return message("Why", template)


def average_pool(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of one value of an average pooling: each value by their number.

    Raises:
        CannotSay: settings that are not known here.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
    """
    windows, indices = _window(call, index)
    seen = factor(first(call), indices, INPUT, "x")
    count = _count(call, windows, index, int((indices >= 0).all(axis=-1).sum()))
    share = worked(np.full(seen.values.shape, 1 / count), SHARE, "1/n")
    block = Block(_WINDOW, (seen, share))
    template = QT_TRANSLATE_NOOP("Why", "the mean of {count} values = {total}")
    headline = message("Why", template, count=count, total=number(block.total))
    return Finding(How.SUM, _mean_formula(call, windows, count), headline, (block,), block.total)


def _seen(call: Call, windows: Windows) -> str:
    """Return where the window reads its input; an adaptive one's begins and ends differ."""
    if call.op.startswith("adaptive"):
        return f"window {out_places(windows.axes)}"
    return seen_places(call, windows.axes, "kernel_size")


def _mean_formula(call: Call, windows: Windows, count: int) -> str:
    out = out_places(windows.axes)
    return f"y[{out}] = Σ x[{_seen(call, windows)}] / {count}"


def _count(call: Call, windows: Windows, index: Index, real: int) -> int:
    """Return what the sum is divided by; padding counts unless the step says otherwise."""
    divisor = call.step.literal("divisor_override")
    if isinstance(divisor, int) and divisor:
        return divisor
    if call.op.startswith("adaptive") or not call.step.literal("count_include_pad", True):
        return real
    count = 1
    places = index[-windows.axes :]
    for table, padded, at in zip(windows.positions, windows.padded, places, strict=True):
        count *= int(np.count_nonzero((table[at] >= 0) | padded[at]))
    return count
