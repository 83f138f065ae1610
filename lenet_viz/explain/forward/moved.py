"""A value that was only moved: which number it is, and the arithmetic of its index."""

from math import prod

import numpy as np

from lenet_viz.explain.copies import JOINS, copy_map
from lenet_viz.explain.forward.finding import (
    INPUT,
    CannotSay,
    Finding,
    Index,
    first,
    needed,
    number,
    one,
    worked,
)
from lenet_viz.explain.moves import AS_THEY_LIE
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, How, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_PUT_IN = message("Why", QT_TRANSLATE_NOOP("Why", "put in"))
_ELEMENT = QT_TRANSLATE_NOOP(
    "Why",
    "element {element} is channel {channel}, row {row}, column {column} of {source} = {total}",
)
_COPY = QT_TRANSLATE_NOOP("Why", "the same number as {source} = {total}")


def moved(call: Call, output: int, index: Index) -> Finding:
    """Return which number of which tensor a view, slice or concat has in one place.

    Raises:
        CannotSay: the op does more than move numbers.
    """
    same = _as_it_lies(call, output, index)
    if same is not None:
        return copied(call, same, _flat(index, call.output(output).shape), index, output)
    found = copy_map(call, output)
    if found is None:
        raise CannotSay
    source = int(found.source[index])
    if source < 0:
        total = float(call.output(output).activation[index])
        template = QT_TRANSLATE_NOOP("Why", "padding: {step} has put {total} in here")
        headline = message("Why", template, step=call.step.name, total=number(total))
        block = Block(_PUT_IN, (worked(total, _PUT_IN, "c"),))
        return Finding(How.COPY, "y = c", headline, (block,), total, abs(total))
    operand = found.operands[source]
    return copied(call, operand, int(found.flat[index]), index, output)


def _as_it_lies(call: Call, output: int, index: Index) -> Operand | None:
    """Return the operand of a view, whose elements lie in the same order; None for other ops.

    Mapping a whole tensor for one element of it would take longer than a frame.
    """
    operand = first(call)
    shape = call.output(output).shape
    if call.op not in AS_THEY_LIE or prod(shape) != prod(operand.shape):
        return None
    value = call.output(output).activation[index]
    before = operand.array.reshape(-1)[_flat(index, shape)]
    with np.errstate(all="ignore"):
        same = before.astype(value.dtype) == value or (before != before and value != value)
    return operand if same else None


def _flat(index: Index, shape: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index(index, shape)) if shape else 0


def copied(call: Call, operand: Operand, flat: int, index: Index, output: int) -> Finding:
    """Return that a value is one number of an operand, by its place in row-major order."""
    place = tuple(int(at) for at in np.unravel_index(flat, operand.shape)) if operand.shape else ()
    block = Block(INPUT, (one(operand, place, INPUT, "x"),))
    shape = call.output(output).shape
    laid_flat = len(shape) < len(operand.shape) and len(shape) <= 2
    working: tuple[Line | None, ...] = ()
    if call.op in AS_THEY_LIE and shape != operand.shape:
        begin = int(shape[:1] == operand.shape[:1] and min(len(shape), len(operand.shape)) > 1)
        working = (
            _line("y", index, shape, begin),
            _line("x", place, operand.shape, begin),
        )
    elif call.op in JOINS and place != index and len(place) == len(index):
        working = (_shifted(index, place),)
    return Finding(
        How.COPY,
        f"y[{', '.join(map(str, index))}] = x[{', '.join(map(str, place))}]",
        _headline(operand, index, place, block.total, laid_flat=laid_flat),
        (block,),
        block.total,
        abs(block.total),
        working=tuple(line for line in working if line is not None),
    )


def _headline(
    operand: Operand, index: Index, place: Index, total: float, *, laid_flat: bool
) -> Message:
    """Return which number it is; of a map laid flat by its channel, row and column."""
    name = operand.address.name if operand.address is not None else "x"
    if laid_flat and len(place) == 4:
        words = {"channel": place[1], "row": place[2], "column": place[3]}
        return message(
            "Why", _ELEMENT, element=index[-1], source=name, total=number(total), **words
        )
    where = f"{name}[{', '.join(map(str, place))}]"
    return message("Why", _COPY, source=where, total=number(total))


def _shifted(index: Index, place: Index) -> Line | None:
    """Return how far a joined tensor begins along the axis: ``x[1] = y[4 - 3]``."""
    for at, (mine, source) in enumerate(zip(index, place, strict=True)):
        if mine != source:
            return Line(f"axis {at} of x", f"{mine} - {mine - source}", float(source))
    return None


def _line(name: str, index: Index, shape: tuple[int, ...], begin: int) -> Line | None:
    """Return an element's place in row-major order as arithmetic: ``3·36 + 3·6 + 4 = 130``.

    Args:
        name: the tensor's letter.
        index: the element.
        shape: the tensor's shape.
        begin: how many leading axes both tensors share, which are left out.
    """
    strides = [int(np.prod(shape[at + 1 :])) for at in range(len(shape))]
    kept = [(at, stride) for at, stride in zip(index, strides, strict=True)][begin:]
    parts = [
        f"{at}·{stride}" if stride != 1 else str(at)
        for (at, stride), size in zip(kept, shape[begin:], strict=True)
        if size > 1
    ]
    if len(parts) < 2:
        return None
    place = sum(at * stride for at, stride in kept)
    return Line(f"{name}[{', '.join(map(str, index))}]", " + ".join(parts), float(place))


def embedding(call: Call, output: int, index: Index) -> Finding:
    """Return which row of an embedding's table a value was read from.

    Raises:
        CannotSay: the index is not known.
    """
    numbers, table = needed(call, "input"), needed(call, "weight")
    row = int(numbers.array[index[:-1]])
    flat = row * table.shape[1] + index[-1]
    return copied(call, table, flat, index, output)
