"""A value that was only moved: which number it is, and the arithmetic of its index."""

import numpy as np

from lenet_viz.explain.copies import copy_map
from lenet_viz.explain.forward.finding import (
    INPUT,
    CannotSay,
    Finding,
    Index,
    needed,
    number,
    one,
    worked,
)
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, How, Line
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_PUT_IN = message("Why", QT_TRANSLATE_NOOP("Why", "put in"))
_COPY = QT_TRANSLATE_NOOP("Why", "the same number as {source} = {total}")


def moved(call: Call, output: int, index: Index) -> Finding:
    """Return which number of which tensor a view, slice or concat has in one place.

    Raises:
        CannotSay: the op does more than move numbers.
    """
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


def copied(call: Call, operand: Operand, flat: int, index: Index, output: int) -> Finding:
    """Return that a value is one number of an operand, by its place in row-major order."""
    place = tuple(int(at) for at in np.unravel_index(flat, operand.shape)) if operand.shape else ()
    block = Block(INPUT, (one(operand, place, INPUT, "x"),))
    name = operand.address.name if operand.address is not None else "x"
    where = f"{name}[{', '.join(map(str, place))}]"
    headline = message("Why", _COPY, source=where, total=number(block.total))
    shape = call.output(output).shape
    working = (_line("y", index, shape), _line("x", place, operand.shape))
    return Finding(
        How.COPY,
        f"y[{', '.join(map(str, index))}] = x[{', '.join(map(str, place))}]",
        headline,
        (block,),
        block.total,
        abs(block.total),
        working=tuple(line for line in working if line is not None),
    )


def _line(name: str, index: Index, shape: tuple[int, ...]) -> Line | None:
    """Return an element's place in row-major order as arithmetic: ``3·36 + 3·6 + 4 = 130``."""
    if not index:
        return None
    strides = [int(np.prod(shape[at + 1 :])) for at in range(len(shape))]
    parts = [
        f"{at}·{stride}" if stride != 1 else str(at)
        for at, stride in zip(index, strides, strict=True)
    ]
    place = sum(at * stride for at, stride in zip(index, strides, strict=True))
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
