"""Values that were written into a tensor that was there before, or left as they were."""

import numpy as np

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
from lenet_viz.explain.moves import index_of
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_VALUE = message("Why", QT_TRANSLATE_NOOP("Why", "value put in"))
_PUT = QT_TRANSLATE_NOOP("Why", "{step} has written {total} here")
_LEFT = QT_TRANSLATE_NOOP("Why", "{step} has left {total} here as it was")
_THROUGH = QT_TRANSLATE_NOOP(
    "Why",
    "The memory of this tensor was written through another one, a view of it: which of the "
    "writes left this number is not known here.",
)


def _copied(call: Call, template: str, role: Message, value: Factor) -> Finding:
    block = Block(role, (value,))
    total = block.total
    headline = message("Why", template, step=call.step.name, total=number(total))
    formula = "y = v" if template == _PUT else "y = x"
    return Finding(How.COPY, formula, headline, (block,), total, abs(total))


def set_item(call: Call, output: int, index: Index) -> Finding:
    """Return whether ``x[...] = v`` wrote a value or left what was there.

    Raises:
        CannotSay: the index is not known.
    """
    before, value = needed(call, "input"), needed(call, "value")
    where = index_of(call)
    if where is None:
        raise CannotSay
    taken = np.full(before.shape, -1, dtype=np.int64)
    numbered = np.arange(int(np.prod(value.shape)), dtype=np.int64).reshape(value.shape)
    places = taken[where]
    while numbered.ndim > np.ndim(places) and numbered.shape[0] == 1:
        numbered = numbered[0]
    taken[where] = numbered
    return _put_or_left(call, before, value, int(taken[index]), index)


def _put_or_left(call: Call, before: Operand, value: Operand, flat: int, index: Index) -> Finding:
    if flat < 0:
        return _copied(call, _LEFT, INPUT, one(before, index, INPUT, "x"))
    place = tuple(int(at) for at in np.unravel_index(flat, value.shape)) if value.shape else ()
    return _copied(call, _PUT, _VALUE, one(value, place, _VALUE, "v"))


def filled(call: Call, output: int, index: Index) -> Finding:
    """Return the one number that ``fill_`` or ``zero_`` wrote everywhere.

    Raises:
        CannotSay: it is not known.
    """
    if call.op == "zero":
        return _copied(call, _PUT, _VALUE, worked(0.0, _VALUE, "v"))
    return _copied(call, _PUT, _VALUE, one(needed(call, "value"), (), _VALUE, "v"))


def copied_in(call: Call, output: int, index: Index) -> Finding:
    """Return which number ``copy_`` wrote, its source broadcast.

    Raises:
        CannotSay: the source is not known.
    """
    source = needed(call, "src")
    near = index[len(index) - len(source.shape) :]
    place = tuple(0 if size == 1 else at for at, size in zip(near, source.shape, strict=True))
    return _copied(call, _PUT, _VALUE, one(source, place, _VALUE, "v"))


def aliased(call: Call, output: int, index: Index) -> Finding:
    """Return what a tensor holds after its memory was written through another tensor.

    Raises:
        CannotSay: it is not what either of both holds.
    """
    value = call.output(output).activation
    before, *writers = call.operands()
    for writer in writers:
        array = writer.array
        if array.size == value.size and np.array_equal(
            array.reshape(-1), value.reshape(-1), equal_nan=array.dtype.kind in "fc"
        ):
            flat = int(np.ravel_multi_index(index, value.shape)) if index else 0
            return _put_or_left(call, before, writer, flat, index)
    if before.shape == value.shape and before.array[index] == value[index]:
        return _copied(call, _LEFT, INPUT, one(first(call), index, INPUT, "x"))
    raise CannotSay(message("Why", _THROUGH))
