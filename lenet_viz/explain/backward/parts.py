"""The pieces that rules put pulls together from."""

import numpy as np

from lenet_viz.capture.address import Address
from lenet_viz.capture.arrays import Array
from lenet_viz.explain.backward.pull import Halt, Pull
from lenet_viz.explain.operands import Operand
from lenet_viz.explain.terms import Factor, Indices, Line, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def picked(array: Array, indices: Indices) -> Numbers:
    """Return chosen elements of a tensor as float64.

    Args:
        array: of as many axes as the last axis of ``indices`` is long.
        indices: int64 (..., axes); a place that holds -1 gives 0.
    """
    if not indices.shape[-1]:
        return np.broadcast_to(np.asarray(array, np.float64), indices.shape[:-1])
    if array.size == 0:
        return np.zeros(indices.shape[:-1])
    missing = np.asarray((indices < 0).any(axis=-1))
    places = tuple(np.moveaxis(np.maximum(indices, 0), -1, 0))
    found = np.asarray(array[places], np.float64)
    return np.where(missing, 0.0, found) if missing.any() else found


def read(role: Message, symbol: str, operand: Operand, indices: Indices) -> Factor:
    """Return a factor whose numbers are elements of a tensor of the run.

    Args:
        role: what they are.
        symbol: their letter.
        operand: the tensor; a plain number stands for itself at every place.
        indices: int64 (blocks, *shape, axes of the tensor), -1 for none.
    """
    values = picked(operand.array, indices)
    if operand.address is None:
        return Factor(role, symbol, values)
    return Factor(role, symbol, values, operand.address, indices)


def read_output(
    role: Message, symbol: str, array: Array, address: Address, indices: Indices
) -> Factor:
    """Return a factor whose numbers are elements of a step's own output."""
    return Factor(role, symbol, picked(array, indices), address, indices)


def worked_out(symbol: str, values: Numbers | float, shape: tuple[int, ...] = (1,)) -> Factor:
    """Return a factor that is worked out here, such as a ReLU's slope."""
    role = message("Why", QT_TRANSLATE_NOOP("Why", "local derivative"))
    return Factor(role, symbol, np.broadcast_to(np.asarray(values, np.float64), shape))


def grid(*axes: Indices | int) -> Indices:
    """Return every combination of indices, int64 (*sizes of the lists, number of axes).

    Args:
        *axes: for each axis of a tensor a list of indices, or one index, which adds no axis.
    """
    lists = [np.atleast_1d(np.asarray(axis, np.int64)) for axis in axes]
    mesh = np.stack(np.meshgrid(*lists, indexing="ij"), axis=-1) if lists else np.zeros((0,), int)
    keep = [
        len(each) for axis, each in zip(axes, lists, strict=True) if isinstance(axis, np.ndarray)
    ]
    return mesh.reshape((*keep, len(axes))).astype(np.int64)


def folded(indices: Indices) -> Indices:
    """Return indices whose places are laid out along at most two axes, with one block before."""
    *sizes, axes = indices.shape
    if len(sizes) > 2:
        last = sizes[-1]
        rest = int(np.prod(sizes[:-1], dtype=np.int64))
        return indices.reshape((1, rest, last, axes))
    return indices[None]


def one_term(
    title: Message,
    reached: tuple[int, ...],
    slope: tuple[Factor, ...],
    formula: str,
    *,
    working: tuple[Line, ...] = (),
    halt: Halt | None = None,
    rounding: float = 0.0,
) -> Pull:
    """Return a pull of one term: one output element, one local derivative."""
    return Pull(
        (title,),
        np.asarray([reached], np.int64).reshape(1, len(reached)),
        slope,
        formula,
        working=working,
        halt=halt,
        rounding=rounding,
    )


def through(name: str) -> Message:
    """Return the title of terms that come back through a step."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "through {step}"), step=name)


def channel_title(number: int) -> Message:
    """Return the title of an output channel's terms."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "output channel {number}"), number=number)


def sample_title(number: int) -> Message:
    """Return the title of a sample's terms."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "sample {number}"), number=number)


def role_input() -> Message:
    """Return what the input of a step is called."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "input"))


def role_weight() -> Message:
    """Return what a layer's weight is called."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "weight"))


def role_kernel() -> Message:
    """Return what a convolution's weight is called."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "kernel"))


def role_other() -> Message:
    """Return what the other operand of an op of two is called."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "other operand"))


def role_output() -> Message:
    """Return what the output of a step is called."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "output"))
