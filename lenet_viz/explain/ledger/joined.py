"""Shapes of what puts tensors together or takes parts of one."""

import re
from collections.abc import Mapping
from fractions import Fraction
from math import ceil

from lenet_viz.capture.records import ArgumentValue, Literal
from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger, box, from_end
from lenet_viz.network.axis import exactly
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_SLICE = re.compile(r"slice\((None|-?\d+), (None|-?\d+), (None|-?\d+)\)")
_LISTS = ("tensors", "0")


def concatenated(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``cat``: sizes along one axis add up, the others agree."""
    shapes = [shape for shape in called.shapes(*_LISTS) if shape != (0,)]
    if not shapes or not shapes[0]:
        return None
    dim = called.number("dim", "1", default=0)
    if called.op in ("hstack", "vstack"):
        dim = 0 if called.op == "vstack" or len(shapes[0]) == 1 else 1
        if called.op == "vstack":
            shapes = [(1, *shape) if len(shape) == 1 else shape for shape in shapes]
    axis = None if dim is None else from_end(dim, len(shapes[0]))
    if axis is None or any(len(shape) != len(shapes[0]) for shape in shapes):
        return None
    total = sum(shape[axis] for shape in shapes)
    gives = (*shapes[0][:axis], total, *shapes[0][axis + 1 :])
    terms = " + ".join(str(shape[axis]) for shape in shapes)
    template = QT_TRANSLATE_NOOP(
        "Shape", "{count} tensors one after another along axis {axis}; the other axes agree."
    )
    return ShapeLedger(
        formulas=(f"axis {axis}: {terms} = {total}",),
        notes=(message("Shape", template, count=len(shapes), axis=axis),),
        gives=gives,
    )


def stacked(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``stack``: a new axis with one place for each tensor."""
    shapes, dim = called.shapes(*_LISTS), called.number("dim", "1", default=0)
    axis = None if not shapes or dim is None else from_end(dim, len(shapes[0]) + 1)
    if axis is None or len(set(shapes)) != 1:
        return None
    gives = (*shapes[0][:axis], len(shapes), *shapes[0][axis:])
    template = QT_TRANSLATE_NOOP(
        "Shape", "A new axis {axis} with one place for each of the {count} tensors."
    )
    return ShapeLedger(
        formulas=(f"{len(shapes)} of {box(shapes[0])} → {box(gives)}",),
        notes=(message("Shape", template, axis=axis, count=len(shapes)),),
        gives=gives,
    )


def cut(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``chunk`` and ``split``: the pieces' sizes add up to the axis."""
    shape, dim = called.input, called.number("dim", default=0)
    axis = None if shape is None or dim is None else from_end(dim, len(shape))
    if shape is None or axis is None:
        return None
    size, lines = shape[axis], []
    if called.op == "chunk":
        count = called.number("chunks")
        if not count or count < 1:
            return None
        exact = Fraction(size, count)
        whole = ceil(exact)
        arrow = "" if whole == exact else f" → {whole}"
        lines.append(f"each: {size}/{count} = {exactly(exact)}{arrow}")
        sizes = _equal(size, whole)
    else:
        asked = called.numbers("split_size", "split_size_or_sections", "split_sizes")
        if asked is None:
            return None
        listed = len(asked) > 1 or sum(asked) == size
        sizes = list(asked) if listed else _equal(size, asked[0])
    if [value.shape[axis] for value in called.step.outputs] != sizes:
        return None
    lines.append(f"axis {axis}: {' + '.join(map(str, sizes))} = {size}")
    gives = (*shape[:axis], sizes[0], *shape[axis + 1 :])
    template = QT_TRANSLATE_NOOP("Shape", "{count} pieces along axis {axis}; no number changes.")
    note = message("Shape", template, count=len(sizes), axis=axis)
    return ShapeLedger(formulas=tuple(lines), notes=(note,), gives=gives)


def _equal(size: int, each: int) -> list[int]:
    if each < 1:
        return [0]
    return [min(each, size - begin) for begin in range(0, size, each)] or [0]


def one_taken(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``select`` and ``unbind``: an axis goes."""
    shape, dim = called.input, called.number("dim", default=0)
    axis = None if shape is None or dim is None else from_end(dim, len(shape))
    if shape is None or axis is None:
        return None
    gives = (*shape[:axis], *shape[axis + 1 :])
    formula = f"{box(shape)} → {box(gives)}"
    if called.op == "unbind":
        template = QT_TRANSLATE_NOOP("Shape", "Axis {axis} is taken apart into {count} tensors.")
        note = message("Shape", template, axis=axis, count=shape[axis])
    else:
        template = QT_TRANSLATE_NOOP("Shape", "One place of axis {axis} is taken: the axis goes.")
        note = message("Shape", template, axis=axis)
    return ShapeLedger(formulas=(formula,), notes=(note,), gives=gives)


def narrowed(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``narrow``: so many places of an axis."""
    shape, dim, length = called.input, called.number("dim"), called.number("length")
    axis = None if shape is None or dim is None else from_end(dim, len(shape))
    if shape is None or axis is None or length is None:
        return None
    start = called.number("start", default=0) or 0
    gives = (*shape[:axis], length, *shape[axis + 1 :])
    begin = start % shape[axis] if shape[axis] else 0
    return ShapeLedger(
        formulas=(f"axis {axis}: {begin + length} - {begin} = {length}",), gives=gives
    )


def indexed(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``x[...]`` with numbers, slices, ``None`` and ``...``."""
    shape, index = called.input, called.step.argument("index")
    if shape is None or index is None:
        return None
    parts = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(part, Literal) for part in parts):
        return _gathered(called, shape, parts)
    used = sum(not _is(part, None) and not _is(part, "Ellipsis") for part in parts)
    gives: list[int] = []
    lines: list[str] = []
    axis = 0
    for part in parts:
        if _is(part, None):
            gives.append(1)
        elif _is(part, "Ellipsis"):
            rest = len(shape) - used
            gives += shape[axis : axis + rest]
            axis += rest
        elif axis >= len(shape) or not isinstance(part, Literal):
            return None
        else:
            if isinstance(part.value, bool):
                return None
            if not isinstance(part.value, int):
                found = _sliced(axis, shape[axis], str(part.value))
                if found is None:
                    return None
                lines += found[1]
                gives.append(found[0])
            axis += 1
    after = (*gives, *shape[axis:])
    return ShapeLedger(formulas=(f"{box(shape)} → {box(after)}", *lines), gives=after)


def _is(part: ArgumentValue, value: object) -> bool:
    return isinstance(part, Literal) and part.value == value and type(part.value) is type(value)


def _sliced(axis: int, size: int, text: str) -> tuple[int, list[str]] | None:
    match = _SLICE.fullmatch(text)
    if match is None:
        return None
    begin, end, step = slice(
        *(None if one == "None" else int(one) for one in match.groups())
    ).indices(size)
    count = len(range(begin, end, step))
    if count == size or step < 1:
        return count, []
    if end <= begin:
        return 0, [f"axis {axis}: {begin} - {begin} = 0"]
    if step == 1:
        return count, [f"axis {axis}: {end} - {begin} = {count}"]
    exact = Fraction(end - begin, step)
    arrow = "" if exact == count else f" → {count}"
    return count, [f"axis {axis}: ({end} - {begin})/{step} = {exactly(exact)}{arrow}"]


def _gathered(called: Called, shape: Shape, parts: tuple[ArgumentValue, ...]) -> ShapeLedger:
    """Return what is said where an index is a tensor: the numbers in it decide."""
    after = called.step.shape
    template = QT_TRANSLATE_NOOP(
        "Shape", "The index is a tensor: its own shape, or how many of it are True, decides."
    )
    return ShapeLedger(
        formulas=(f"{box(shape)} → {box(after)}",), notes=(message("Shape", template),)
    )


def best(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``topk``: so many of the values along an axis."""
    shape, k = called.input, called.number("k")
    axis = None if shape is None else from_end(called.number("dim", default=-1) or 0, len(shape))
    if shape is None or axis is None or k is None:
        return None
    gives = (*shape[:axis], k, *shape[axis + 1 :])
    template = QT_TRANSLATE_NOOP(
        "Shape", "The {k} largest or smallest of {size} along axis {axis}."
    )
    note = message("Shape", template, k=k, size=shape[axis], axis=axis)
    return ShapeLedger(formulas=(f"{box(shape)} → {box(gives)}",), notes=(note,), gives=gives)


def one_hot(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``one_hot``: a new last axis with one place for each class."""
    shape, classes = called.input, called.number("num_classes", default=-1)
    if shape is None or classes is None or classes < 0:
        return None
    gives = (*shape, classes)
    return ShapeLedger(formulas=(f"{box(shape)} → {box(gives)}",), gives=gives)


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("cat", "concat", "concatenate", "hstack", "vstack"), concatenated),
    "stack": stacked,
    **dict.fromkeys(("chunk", "split", "split_with_sizes"), cut),
    **dict.fromkeys(("select", "unbind"), one_taken),
    "narrow": narrowed,
    "getitem": indexed,
    "topk": best,
    "one_hot": one_hot,
}
