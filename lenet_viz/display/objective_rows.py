"""What an objective makes of a model's output, number by number."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from lenet_viz.capture.records import Capture, Objective

Numbers = npt.NDArray[np.generic]

OUT, SOFTMAX, ONE_HOT, TARGET, GAP, V, SHARE = (
    "out",
    "softmax",
    "onehot",
    "target",
    "out - t",
    "v",
    "v·out",
)
"""The columns there may be."""
EDITED_AT_MOST = 10_000
"""A larger output has no vector of one's own that could be written number by number."""


@dataclass(frozen=True, eq=False)
class ObjectiveRows:
    """One sample's output beside what the objective makes of it.

    Attributes:
        labels: each row's index in the sample, such as ``7`` or ``0, 3, 4``.
        indices: the same in the whole output, the batch axis included.
        columns: numbers of each row by the column's name, in reading order.
        vector: v for the whole output, in its order, as the next run would have it; empty where
            it cannot be written number by number.
        first: where this sample begins in ``vector``.
        changed: bool for each row: v is another number than in the run that is shown.
    """

    labels: tuple[str, ...]
    indices: tuple[tuple[int, ...], ...]
    columns: dict[str, Numbers]
    vector: tuple[float, ...]
    first: int
    changed: npt.NDArray[np.bool_]

    def with_number(self, row: int, number: float) -> tuple[float, ...]:
        """Return the whole vector with another number in a row of this sample."""
        at = self.first + row
        return (*self.vector[:at], number, *self.vector[at + 1 :])

    def with_rows(self, numbers: Sequence[float]) -> tuple[float, ...]:
        """Return the whole vector with other numbers for this sample."""
        end = self.first + len(self.labels)
        return (*self.vector[: self.first], *map(float, numbers), *self.vector[end:])


def objective_rows(
    capture: Capture, *, batched: bool, own: Sequence[float] = (), sample: int = 0
) -> ObjectiveRows | None:
    """Return the rows of one sample; None where there is no single output with numbers.

    Args:
        capture: the run.
        batched: whether the output's first axis is the batch.
        own: the vector v that the next run has; empty for the one of this run.
        sample: which sample.
    """
    value = capture.output_value
    if value is None or not prod(value.shape):
        return None
    out = np.asarray(value.activation)
    if np.iscomplexobj(out):
        return None
    shown = out[sample] if batched else out
    prefix = (sample,) if batched else ()
    places = list(np.ndindex(shown.shape))
    v, kept = _vectors(capture, out, own)
    columns: dict[str, Numbers] = {OUT: shown.reshape(-1)}
    mine = slice(sample * shown.size, (sample + 1) * shown.size) if batched else slice(None)
    if capture.objective is not None:
        of_it = _of_objective(capture.objective, shown, sample, batched=batched, own=bool(len(own)))
        columns |= {name: numbers.reshape(-1) for name, numbers in of_it.items()}
    if v is not None:
        columns[V] = v.reshape(-1)[mine]
        if OUT in columns and len(columns) == 2:
            columns[SHARE] = columns[V].astype(np.float64) * columns[OUT].astype(np.float64)
    return ObjectiveRows(
        tuple(", ".join(map(str, place)) for place in places),
        tuple((*prefix, *place) for place in places),
        columns,
        tuple(map(float, () if v is None or v.size > EDITED_AT_MOST else v.reshape(-1))),
        sample * shown.size if batched else 0,
        _changed(v, kept, mine, shown.size),
    )


def _vectors(
    capture: Capture, out: Numbers, own: Sequence[float]
) -> tuple[Numbers | None, Numbers | None]:
    """Return v as the next run has it, and as this run had it; None for none."""
    kept = None if capture.objective is None else capture.objective.upstream
    if len(own) == out.size:
        return np.asarray(own, np.float64).astype(out.dtype).reshape(out.shape), kept
    if len(own) and out.ndim and len(own) == out.shape[-1]:
        return np.broadcast_to(np.asarray(own, np.float64).astype(out.dtype), out.shape), kept
    return kept, kept


def _changed(
    v: Numbers | None, kept: Numbers | None, mine: slice, rows: int
) -> npt.NDArray[np.bool_]:
    if v is None or v is kept:
        return np.zeros(rows, dtype=np.bool_)
    if kept is None or kept.shape != v.shape:
        return np.ones(rows, dtype=np.bool_)
    return np.asarray((v != kept).reshape(-1)[mine])


def _of_objective(
    objective: Objective, shown: Numbers, sample: int, *, batched: bool, own: bool
) -> dict[str, Numbers]:
    """Return what stands between the output and v; nothing for a vector that was chosen."""
    if own:
        return {}
    x = shown.astype(np.float64)
    if objective.kind == "mse" and objective.target is not None:
        target = objective.target
        target = target[sample] if target.ndim > shown.ndim else target
        target = np.broadcast_to(target, shown.shape)
        return {TARGET: target, GAP: x - target.astype(np.float64)}
    if objective.kind != "cross-entropy" or objective.index is None or not shown.ndim:
        return {}
    # torch has the classes on axis 1, of an output without a batch on axis 0.
    axis = 0 if batched or shown.ndim < 2 else 1
    parts = np.exp(x - x.max(axis=axis, keepdims=True))
    chosen = np.arange(x.shape[axis]) == objective.index
    one_hot = np.broadcast_to(
        chosen.reshape([-1 if at == axis else 1 for at in range(x.ndim)]), x.shape
    )
    return {
        SOFTMAX: parts / parts.sum(axis=axis, keepdims=True),
        ONE_HOT: one_hot.astype(np.int64),
    }
