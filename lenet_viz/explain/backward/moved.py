"""Ops that only move numbers: a gradient goes back to where its number came from."""

from math import prod

import numpy as np

from lenet_viz.explain.backward.broadcast import stretched
from lenet_viz.explain.backward.parts import folded, one_term, through
from lenet_viz.explain.backward.pull import CannotTell, Cause, Halt, Pull, Rule
from lenet_viz.explain.copies import COPIES, CopyMap, copy_map
from lenet_viz.explain.moves import MOVES
from lenet_viz.explain.operands import Call, Path
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    pulls = []
    for output, value in enumerate(call.step.outputs):
        copied = copy_map(call, output)
        if copied is None:
            raise CannotTell
        places = _places(copied, path, index)
        if not len(places):
            continue
        where = np.stack(np.unravel_index(places, value.shape), axis=-1) if value.shape else None
        reached = np.zeros((len(places), 0), np.int64) if where is None else where
        one = reached[0] if len(places) == 1 else reached
        pulls.append(
            Pull(
                (through(call.step.name),),
                folded(np.asarray(one, np.int64)),
                (),
                "g[x] = g[y] where x went" if len(places) == 1 else "g[x] = Σ g[y] where x went",
                output,
            )
        )
    return tuple(pulls)


def _places(copied: CopyMap, path: Path, index: tuple[int, ...]) -> np.ndarray:
    own = next((n for n, each in enumerate(copied.operands) if each.path == path), None)
    if own is None:
        raise CannotTell
    shape = copied.operands[own].shape
    flat = int(np.ravel_multi_index(index, shape)) if shape else 0
    return np.flatnonzero((copied.source.reshape(-1) == own) & (copied.flat.reshape(-1) == flat))


def _written(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    """Return the rule of ``x[index] = value``: what was overwritten gives nothing back."""
    whole, value = call.operand("input"), call.operand("value")
    if whole is None or value is None or path[0] not in ("input", "value"):
        raise CannotTell
    numbered = np.arange(prod(whole.shape), dtype=np.int64).reshape(whole.shape)
    try:
        flat = MOVES["getitem"](call, [numbered], 0)
    except (ValueError, IndexError, TypeError, KeyError):
        flat = None  # an index that is not known here
    if flat is None:
        raise CannotTell
    if path[0] == "input":
        return (_kept(call, index, bool((flat == numbered[index]).any())),)
    places = stretched(value.shape, index, flat.shape)
    chosen = flat[tuple(np.moveaxis(places, -1, 0))]
    reached = np.stack(np.unravel_index(chosen, whole.shape), axis=-1).astype(np.int64)
    formula = "g[v] = Σ g[y] where v was written"
    return (Pull((through(call.step.name),), folded(reached), (), formula),)


def _kept(call: Call, index: tuple[int, ...], overwritten: bool) -> Pull:
    template = QT_TRANSLATE_NOOP("Why", "{step} wrote over this number: it is used no more.")
    halt = Halt(Cause.OUTSIDE, message("Why", template, step=call.step.name))
    reached = (-1,) * len(index) if overwritten else index
    return one_term(
        through(call.step.name),
        reached,
        (),
        "g[x] = g[y] where x was kept, else 0",
        halt=halt if overwritten else None,
    )


RULES: dict[str, Rule] = {**dict.fromkeys(sorted(COPIES), _rule), "setitem": _written}
