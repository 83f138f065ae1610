"""A matrix product's value: one row times one column, the largest contributions first."""

import numpy as np

from lenet_viz.explain.forward.convolution import bias_title, products_headline
from lenet_viz.explain.forward.finding import (
    BIAS,
    INPUT,
    WEIGHT,
    CannotSay,
    Finding,
    Index,
    factor,
    grid,
    needed,
    one,
    total_of,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_FIRST = message("Why", QT_TRANSLATE_NOOP("Why", "first matrix"))
_SECOND = message("Why", QT_TRANSLATE_NOOP("Why", "second matrix"))


def linear(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of one value of ``x·Wᵀ + b``."""
    x, weight, bias = needed(call, "input"), needed(call, "weight"), call.operand("bias")
    every = np.arange(x.shape[-1])
    alone = len(weight.shape) == 1
    lead = index if alone else index[:-1]
    row = () if alone else (index[-1],)
    block = sorted_block(
        _title(len(every)),
        factor(x, grid(*lead, every), INPUT, "x"),
        factor(weight, grid(*row, every), WEIGHT, "w"),
    )
    blocks: tuple[Block, ...] = (block,)
    if bias is not None:
        place = row if bias.shape else ()
        title = bias_title(index[-1] if row else 0)
        blocks += (Block(title, (one(bias, place, BIAS, "b"),)),)
    total = total_of(blocks)
    headline = products_headline(len(every), total, bias=bias is not None)
    formula = "y[o] = Σ x[i]·w[o,i]" + (" + b[o]" if bias is not None else "")
    return Finding(How.SUM, formula, headline, blocks, total)


def sorted_block(title: Message, *factors: Factor) -> Block:
    """Return a block of one axis with the largest terms first."""
    products = np.prod([each.values for each in factors], axis=0)
    order = np.argsort(-np.abs(products), kind="stable")
    return Block(title, tuple(_taken(each, order) for each in factors))


def _taken(whole: Factor, order: np.ndarray) -> Factor:
    indices = None if whole.indices is None else whole.indices[order]
    return Factor(whole.role, whole.symbol, whole.values[order], whole.address, indices)


def _title(count: int) -> Message:
    template = QT_TRANSLATE_NOOP("Why", "{count} products, the largest first")
    return message("Why", template, count=count)


def matmul(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of one value of a product of matrices or vectors, batches broadcast.

    Raises:
        CannotSay: it is no such product.
    """
    names = [argument.name for argument in call.step.arguments[:2]]
    if len(names) < 2:
        raise CannotSay
    return _product(needed(call, names[0]), needed(call, names[1]), index, ())


def _product(
    a: Operand, b: Operand, index: Index, more: tuple[Block, ...], by: float = 1
) -> Finding:
    row, column = len(a.shape) > 1, len(b.shape) > 1
    if not a.shape or not b.shape:
        raise CannotSay
    place = index[: len(index) - row - column]
    shared = np.arange(a.shape[-1])
    i = (index[-1 - column],) if row else ()
    j = (index[-1],) if column else ()
    factors = [
        factor(a, grid(*_batch(place, a.shape[:-2]), *i, shared), _FIRST, "a"),
        factor(b, grid(*_batch(place, b.shape[:-2]), shared, *j), _SECOND, "b"),
    ]
    if by != 1:
        factors.append(worked(np.full(len(shared), by), SCALE_ROLE, "α"))
    blocks = (sorted_block(_title(len(shared)), *factors), *more)
    total = total_of(blocks)
    headline = products_headline(len(shared), total, bias=bool(more))
    return Finding(How.SUM, "y[i,j] = Σ a[i,k]·b[k,j]", headline, blocks, total)


SCALE_ROLE = message("Why", QT_TRANSLATE_NOOP("Why", "factor"))


def _batch(place: Index, sizes: tuple[int, ...]) -> Index:
    """Return where a matrix's batch is read for a place of the output's, sizes of 1 spread out."""
    near = place[len(place) - len(sizes) :]
    return tuple(0 if size == 1 else at for at, size in zip(near, sizes, strict=True))


def added_product(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of ``addmm`` and ``baddbmm``: ``beta·input + alpha·(a @ b)``.

    Raises:
        CannotSay: it is no such product.
    """
    names = [argument.name for argument in call.step.arguments[:3]]
    if len(names) < 3:
        raise CannotSay
    start, a, b = (needed(call, name) for name in names)
    beta, alpha = (_plain(call, name) for name in ("beta", "alpha"))
    place = _spread(start.shape, index)
    factors = [one(start, place, BIAS, "b")]
    if beta != 1:
        factors.append(worked(beta, SCALE_ROLE, "β"))
    title = message("Why", QT_TRANSLATE_NOOP("Why", "what it is added to"))
    return _product(a, b, index, (Block(title, tuple(factors)),), alpha)


def _plain(call: Call, name: str) -> float:
    value = call.step.literal(name, 1)
    if not isinstance(value, int | float):
        raise CannotSay
    return float(value)


def _spread(shape: tuple[int, ...], index: Index) -> Index:
    near = index[len(index) - len(shape) :]
    return tuple(0 if size == 1 else at for at, size in zip(near, shape, strict=True))
