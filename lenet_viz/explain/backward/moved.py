"""Ops that only move numbers: a gradient goes back to where its number came from."""

import numpy as np

from lenet_viz.explain.backward.parts import folded, through
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.copies import COPIES, CopyMap, copy_map
from lenet_viz.explain.operands import Call, Path


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    pulls = []
    for output, value in enumerate(call.step.outputs):
        if value.gradient_key is None:
            continue
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


RULES: dict[str, Rule] = dict.fromkeys(sorted(COPIES), _rule)
