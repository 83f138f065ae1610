"""Matrix products: each side's gradient is the downstream gradient times the other side."""

import numpy as np

from lenet_viz.explain.backward.broadcast import shrunk, stretched
from lenet_viz.explain.backward.parts import folded, grid, read, role_other, through, worked_out
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices
from lenet_viz.wording import QT_TRANSLATE_NOOP

_SIDES = {
    "matmul": ("input", "other"),
    "mm": ("input", "mat2"),
    "bmm": ("input", "mat2"),
    "mv": ("input", "vec"),
    "dot": ("input", "tensor"),
    "addmm": ("mat1", "mat2"),
    "addmv": ("mat", "vec"),
    "baddbmm": ("batch1", "batch2"),
}
OVER_PRODUCTS = QT_TRANSLATE_NOOP("Why", "{count} products added = {total}")


def _rule(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    names = _SIDES[call.op]
    first, second = call.operand(names[0]), call.operand(names[1])
    if first is None or second is None:
        raise CannotTell
    if path == ("input",) and "input" not in names:
        return (_added(call, index),)
    if path not in ((names[0],), (names[1],)):
        raise CannotTell
    left = path[0] == names[0]
    return (_product(call, first, second, index, left),)


def _number(call: Call, name: str) -> float:
    value = call.step.literal(name, 1)
    if not isinstance(value, int | float):
        raise CannotTell
    return float(value)


def _added(call: Call, index: tuple[int, ...]) -> Pull:
    own, beta = call.operand("input"), _number(call, "beta")
    if own is None:
        raise CannotTell
    reached = folded(stretched(own.shape, index, call.step.shape))
    factors = () if beta == 1 else (worked_out("beta", beta, reached.shape[:-1]),)
    return Pull((through(call.step.name),), reached, factors, "g[x] = beta · g[y]")


def _product(
    call: Call, first: Operand, second: Operand, index: tuple[int, ...], left: bool
) -> Pull:
    """Return the terms of one element of one side, batch axes stretched as torch stretches them."""
    own, other = (first, second) if left else (second, first)
    vector, flat = len(own.shape) == 1, len(other.shape) == 1
    batch = call.step.shape[: len(call.step.shape) - (not flat) - (not vector)]
    lead = () if vector else index[:-2]
    sizes = () if vector else own.shape[:-2]
    batches = stretched(sizes, lead, batch)
    # Along the other side's free axis the products are added; its other axis meets `index`.
    free = 1 if flat else other.shape[-1 if left else -2]
    met = index[-1] if vector or left else index[-2]
    kept = None if vector else index[-2] if left else index[-1]
    runs = np.arange(free)
    reached = _with(batches, _in_output(runs, kept, flat, left))
    inner = _in_other(runs, met, flat, left)
    at_other = _with(shrunk(batches, () if flat else other.shape[:-2]), inner)
    factors = [read(role_other(), "w", other, folded(at_other))]
    alpha = _number(call, "alpha")
    if alpha != 1:
        factors.append(worked_out("alpha", alpha, factors[0].values.shape))
    formula = (
        "g[a, i, k] = Σ_j g[y, i, j] · b[k, j]"
        if left
        else ("g[b, k, j] = Σ_i g[y, i, j] · a[i, k]")
    )
    return Pull(
        (through(call.step.name),),
        folded(reached),
        tuple(factors),
        formula,
        headline=OVER_PRODUCTS,
    )


def _in_output(runs: Indices, kept: int | None, flat: bool, left: bool) -> Indices:
    parts: list[Indices | int] = []
    if kept is not None:
        parts.append(kept)
    if not flat:
        parts.insert(len(parts) if left else 0, runs)
    return grid(*parts) if not flat else np.tile(np.asarray(parts, np.int64), (len(runs), 1))


def _in_other(runs: Indices, met: int, flat: bool, left: bool) -> Indices:
    if flat:
        return np.full((len(runs), 1), met, np.int64)
    return grid(met, runs) if left else grid(runs, met)


def _with(batches: Indices, inner: Indices) -> Indices:
    """Return (*batches, *inner, axes) of every batch with every inner place."""
    shape = (*batches.shape[:-1], *inner.shape[:-1])
    first = batches.reshape((*batches.shape[:-1], *[1] * (inner.ndim - 1), batches.shape[-1]))
    return np.concatenate(
        [
            np.broadcast_to(first, (*shape, batches.shape[-1])),
            np.broadcast_to(inner, (*shape, inner.shape[-1])),
        ],
        axis=-1,
    ).astype(np.int64)


def _outer(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    first, second = call.operand("input"), call.operand("vec2")
    if first is None or second is None or path not in (("input",), ("vec2",)):
        raise CannotTell
    left = path == ("input",)
    other = second if left else first
    runs = np.arange(other.shape[0])
    reached = grid(index[0], runs) if left else grid(runs, index[0])
    factor = read(role_other(), "w", other, grid(runs)[None])
    return (Pull((through(call.step.name),), reached[None], (factor,), "g[a] = Σ g[y] · b"),)


RULES: dict[str, Rule] = {**dict.fromkeys(_SIDES, _rule), "outer": _outer}
