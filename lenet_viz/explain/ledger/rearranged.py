"""Shapes of what only lays the same numbers out in another way."""

from collections.abc import Mapping
from math import prod

from lenet_viz.explain.ledger.called import (
    Called,
    Rule,
    Shape,
    ShapeLedger,
    box,
    from_end,
    product,
)
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def viewed(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``view`` or ``reshape``; a -1 asks for what is left over."""
    before, asked = called.input, called.numbers("size", "shape")
    if before is None:
        return None
    if asked is None:
        return _other_size(called, before)
    return _laid_out(before, asked)


def _laid_out(before: Shape, asked: Shape) -> ShapeLedger | None:
    rest = prod(one for one in asked if one != -1)
    if asked.count(-1) > 1 or (rest == 0 and -1 in asked):
        return None
    left = prod(before) // rest if -1 in asked else 0
    after = tuple(left if one == -1 else one for one in asked)
    notes = [_kept(before, after)]
    if -1 in asked:
        fixed = [str(one) for one in asked if one != -1]
        below = f" / {fixed[0]}" if len(fixed) == 1 else f" / ({'·'.join(fixed)})" if fixed else ""
        template = QT_TRANSLATE_NOOP("Shape", "-1 asks for what is left over: {formula}.")
        formula = f"{'·'.join(map(str, before)) or '1'}{below} = {left}"
        notes.append(message("Shape", template, formula=formula))
    return ShapeLedger(formulas=_merged(before, after), notes=tuple(notes), gives=after)


def _other_size(called: Called, before: Shape) -> ShapeLedger | None:
    """Return the ledger of ``view_as``, ``reshape_as`` and ``view`` with another dtype."""
    other = called.shape("other")
    return None if other is None else _laid_out(before, other)


def _merged(before: Shape, after: Shape) -> tuple[str, ...]:
    """Return the arithmetic of which axes become one, where it is that; else both shapes."""
    if len(after) == 2 and len(before) > 1 and before[0] == after[0]:
        return (f"{product(before[1:])} = {after[1]}",)
    if len(after) == 1:
        return (f"{product(before)} = {after[0]}",)
    return (f"{box(before)} → {box(after)}",)


def _kept(before: Shape, after: Shape) -> Message:
    if len(after) == 2 and len(before) > 1 and before[0] == after[0]:
        template = QT_TRANSLATE_NOOP(
            "Shape", "The same numbers in one row per sample; the batch axis stays: [{n}, {count}]."
        )
        return message("Shape", template, n=after[0], count=after[1])
    template = QT_TRANSLATE_NOOP(
        "Shape", "The same {count} numbers in the same order, with other axes."
    )
    return message("Shape", template, count=prod(before))


def flattened(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``flatten``, which makes one axis of several neighbours."""
    before = called.input
    if before is None:
        return None
    first = from_end(called.number("start_dim", default=0) or 0, max(len(before), 1))
    last = called.number("end_dim", default=-1)
    end = from_end(-1 if last is None else last, max(len(before), 1))
    if first is None or end is None or end < first:
        return None
    together = before[first : end + 1]
    after = (*before[:first], prod(together), *before[end + 1 :])
    template = QT_TRANSLATE_NOOP(
        "Shape", "Axes {first} to {last} become one; the numbers keep their order."
    )
    whole = first == 1 and end == len(before) - 1
    note = _kept(before, after) if whole else message("Shape", template, first=first, last=end)
    return ShapeLedger(
        formulas=(f"{product(together)} = {prod(together)}",), notes=(note,), gives=after
    )


def unflattened(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``unflatten``, which makes several axes of one."""
    before, dim, sizes = (
        called.input,
        called.number("dim"),
        called.numbers("sizes", "unflattened_size"),
    )
    axis = None if before is None or dim is None else from_end(dim, len(before))
    if before is None or axis is None or sizes is None or sizes.count(-1) > 1:
        return None
    rest = prod(one for one in sizes if one != -1)
    if not rest:
        return None
    parts = tuple(before[axis] // rest if one == -1 else one for one in sizes)
    gives = (*before[:axis], *parts, *before[axis + 1 :])
    return ShapeLedger(formulas=(f"{product(parts)} = {before[axis]}",), gives=gives)


def permuted(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``permute``."""
    before, dims = called.input, called.numbers("dims")
    if before is None or dims is None or len(dims) != len(before):
        return None
    return _reordered(before, [dim % len(before) for dim in dims])


def exchanged(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``transpose``, ``t``, ``T`` and ``mT``."""
    before = called.input
    if before is None:
        return None
    rank = len(before)
    order = list(range(rank))
    if called.op in ("t", "T"):
        order.reverse()
    elif rank > 1:
        one = called.number("dim0", "axis0", default=-2)
        other = called.number("dim1", "axis1", default=-1)
        if one is None or other is None:
            return None
        one, other = one % rank, other % rank
        order[one], order[other] = order[other], order[one]
    return _reordered(before, order)


def moved(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``movedim``."""
    before = called.input
    source, target = called.numbers("source"), called.numbers("destination")
    if before is None or not source or not target or len(source) != len(target):
        return None
    rank = len(before)
    order = [axis for axis in range(rank) if axis not in [one % rank for one in source]]
    for to, axis in sorted(zip([one % rank for one in target], source, strict=True)):
        order.insert(to, axis % rank)
    return _reordered(before, order)


def _reordered(before: Shape, order: list[int]) -> ShapeLedger:
    after = tuple(before[axis] for axis in order)
    template = QT_TRANSLATE_NOOP(
        "Shape", "The axes in another order: {order} of the input. No number changes."
    )
    return ShapeLedger(
        formulas=(f"{box(before)} → {box(after)}",),
        notes=(message("Shape", template, order=", ".join(map(str, order))),),
        gives=after,
    )


def squeezed(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``squeeze``, which takes axes of size 1 out."""
    before = called.input
    if before is None:
        return None
    dims = called.numbers("dim")
    asked = range(len(before)) if dims is None else [dim % max(len(before), 1) for dim in dims]
    out = [axis for axis in asked if axis < len(before) and before[axis] == 1]
    after = tuple(size for axis, size in enumerate(before) if axis not in out)
    template = (
        QT_TRANSLATE_NOOP("Shape", "Axes of size 1 are taken out: {axes}.")
        if out
        else QT_TRANSLATE_NOOP("Shape", "No axis of size 1 is there to be taken out.")
    )
    axes = ", ".join(map(str, sorted(out)))
    return ShapeLedger(
        formulas=(f"{box(before)} → {box(after)}",),
        notes=(message("Shape", template, axes=axes) if out else message("Shape", template),),
        gives=after,
    )


def unsqueezed(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``unsqueeze``, which puts an axis of size 1 in."""
    before, dim = called.input, called.number("dim")
    place = None if before is None or dim is None else from_end(dim, len(before) + 1)
    if before is None or place is None:
        return None
    after = (*before[:place], 1, *before[place:])
    note = message("Shape", QT_TRANSLATE_NOOP("Shape", "A new axis {axis} of size 1."), axis=place)
    return ShapeLedger(formulas=(f"{box(before)} → {box(after)}",), notes=(note,), gives=after)


def expanded(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``expand``, which uses an axis of size 1 again and again."""
    before = called.input
    asked = called.shape("other") or called.numbers("size")
    if before is None or asked is None or len(asked) < len(before):
        return None
    lead = len(asked) - len(before)
    old = (1,) * lead + before
    after = tuple(own if one == -1 else one for one, own in zip(asked, old, strict=True))
    stretched = [axis for axis, (a, b) in enumerate(zip(old, after, strict=True)) if a != b]
    template = QT_TRANSLATE_NOOP(
        "Shape", "An axis of size 1 is used again, without a copy: axis {axes}."
    )
    notes = (message("Shape", template, axes=", ".join(map(str, stretched))),) if stretched else ()
    return ShapeLedger(formulas=(f"{box(before)} → {box(after)}",), notes=notes, gives=after)


def repeated(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``repeat`` or ``tile``, which copies along axes."""
    before, times = called.input, called.numbers("repeats", "dims")
    if before is None or times is None:
        return None
    if called.op == "tile":
        times = (1,) * (len(before) - len(times)) + times
    if len(times) < len(before):
        return None
    old = (1,) * (len(times) - len(before)) + before
    after = tuple(size * count for size, count in zip(old, times, strict=True))
    lines = tuple(
        f"axis {axis}: {size}·{count} = {size * count}"
        for axis, (size, count) in enumerate(zip(old, times, strict=True))
        if count != 1
    )
    return ShapeLedger(formulas=lines or (f"{box(before)} → {box(after)}",), gives=after)


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("view", "reshape", "view_as", "reshape_as"), viewed),
    **dict.fromkeys(("flatten", "ravel"), flattened),
    "unflatten": unflattened,
    "permute": permuted,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims", "t", "T", "mT", "adjoint"), exchanged),
    **dict.fromkeys(("movedim", "moveaxis"), moved),
    "squeeze": squeezed,
    "unsqueeze": unsqueezed,
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), expanded),
    **dict.fromkeys(("repeat", "tile"), repeated),
}
