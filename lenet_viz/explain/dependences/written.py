"""What ``x[...] = y`` leaves of the old numbers, and where the new ones go."""

from collections.abc import Mapping

import numpy as np

from lenet_viz.capture.records import InputRef, Literal, StepRef
from lenet_viz.explain.dependences.relation import Exactness, Moved
from lenet_viz.explain.dependences.use import Found, Rule, Use, by_place
from lenet_viz.explain.ledger.called import references
from lenet_viz.explain.moves import MOVES
from lenet_viz.explain.terms import Indices


def written(use: Use) -> Found | None:
    """Return what depends on what after ``x[...] = y`` with numbers and slices."""
    places = _places(use)
    if places is None:
        return None
    if use.path == ("input",) and _shares_memory(use):
        # What is written may be a view of it (``x[:, 0] += 1``): the old numbers still count.
        found = by_place(use)
        return None if found is None else found.at_worst(Exactness.UPPER_BOUND)
    count = int(np.prod(use.after))
    if use.path == ("input",):
        flat = np.arange(count, dtype=np.int64)
        flat[places.ravel()] = -1
    elif use.path == ("value",):
        try:
            new = np.arange(int(np.prod(use.before)), dtype=np.int64).reshape(use.before)
            spread = np.broadcast_to(new, places.shape)
        except ValueError:
            return None
        flat = np.full(count, -1, dtype=np.int64)
        flat[places.ravel()] = spread.ravel()
    else:
        return None
    return Found(Moved(use.before, flat.reshape(use.after)))


def _shares_memory(use: Use) -> bool:
    """Return whether the tensor was written through a view before."""
    before = use.step.argument("input")
    return isinstance(before, StepRef) and use.call.capture.steps[before.step].opaque


def _places(use: Use) -> Indices | None:
    """Return the flat places that are written; None where that cannot be told."""
    index = use.step.argument("index")
    if index is None or any(
        path[0] == "index" and isinstance(value, StepRef | InputRef)
        for path, value in references(use.step)
    ):
        return None
    parts = index if isinstance(index, tuple) else (index,)
    # ``x[[0, 1]]`` and ``x[0, 1]`` are recorded alike.
    sliced = any(isinstance(part, Literal) and isinstance(part.value, str) for part in parts)
    if len(parts) > 1 and not sliced:
        return None
    whole = np.arange(int(np.prod(use.after)), dtype=np.int64).reshape(use.after)
    try:
        return MOVES["getitem"](use.call, [whole], use.output)
    except (ValueError, IndexError, TypeError, KeyError):
        return None  # a setting that NumPy does not take as torch does


RULES: Mapping[str, Rule] = {"setitem": written}
