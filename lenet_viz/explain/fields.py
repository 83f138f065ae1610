"""What one value sees of every earlier tensor, and what it reaches of every later one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.dependence import links, shape_at, uses_of, why_not_exact
from lenet_viz.explain.dependences.parameters import reached_by
from lenet_viz.explain.dependences.relation import Exactness, Mask
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, eq=False)
class Fields:
    """Where a value's field lies on each tensor of the run that it has anything to do with.

    Attributes:
        asked: the value, or the whole tensor where it has no index.
        masks: bool of each tensor's shape, True in the field; without the tensors of which
            nothing is in it. ``asked`` itself is among them.
        exactness: how well each mask is known.
        reasons: for each mask that is not exact one sentence: which op makes it so.
        backwards: True for a receptive field, False for a projective one.
    """

    asked: Address
    masks: Mapping[Address, Mask]
    exactness: Mapping[Address, Exactness]
    reasons: Mapping[Address, Message]
    backwards: bool

    def box(self, address: Address) -> tuple[tuple[int, int], ...] | None:
        """Return the first and last place of the field along each axis; None for no field."""
        mask = self.masks.get(plain(address))
        return None if mask is None else box_of(mask)

    def sentence(self, address: Address) -> Message:
        """Return the field on a tensor in one sentence, with its rows and columns."""
        mask = self.masks.get(plain(address))
        if mask is None:
            template = (
                QT_TRANSLATE_NOOP("Fields", "Sees nothing of it: no value there can change it.")
                if self.backwards
                else QT_TRANSLATE_NOOP("Fields", "Reaches nothing of it.")
            )
            return message("Fields", template)
        return _sentence(mask, backwards=self.backwards)


def plain(address: Address) -> Address:
    """Return which tensor an address means, whatever side, element or run."""
    return replace(address, side=Side.ACTIVATION, index=None, run=None)


def box_of(mask: Mask) -> tuple[tuple[int, int], ...] | None:
    """Return the first and last marked place along each axis; None where nothing is marked."""
    if not mask.any():
        return None
    ends = []
    for axis in range(mask.ndim):
        places = np.flatnonzero(mask.any(axis=tuple(a for a in range(mask.ndim) if a != axis)))
        ends.append((int(places[0]), int(places[-1])))
    return tuple(ends)


def _sentence(mask: Mask, *, backwards: bool) -> Message:
    count, box = int(np.count_nonzero(mask)), box_of(mask)
    if mask.ndim < 3 or box is None:
        template = (
            QT_TRANSLATE_NOOP("Fields", "Sees {count} of the {all} values.")
            if backwards
            else QT_TRANSLATE_NOOP("Fields", "Reaches {count} of the {all} values.")
        )
        return message("Fields", template, count=count, all=mask.size)
    rows, columns = box[-2:]
    height, width = rows[1] - rows[0] + 1, columns[1] - columns[0] + 1
    area = int(np.count_nonzero(mask.reshape(-1, *mask.shape[-2:]).any(axis=0)))
    template = (
        QT_TRANSLATE_NOOP("Fields", "Sees rows {rows}, columns {columns}: {size}{maps}.")
        if backwards
        else QT_TRANSLATE_NOOP("Fields", "Reaches rows {rows}, columns {columns}: {size}{maps}.")
    )
    return message(
        "Fields",
        template,
        rows=_span(rows),
        columns=_span(columns),
        size=_size(height, width, area),
        maps=_maps(mask),
    )


def _size(height: int, width: int, area: int) -> Message | str:
    """Return the size of a field, and how many of its places belong to it where not all do."""
    if area == height * width:
        return f"{height} × {width}"
    template = QT_TRANSLATE_NOOP("Fields", "{area} of {height} × {width}")
    return message("Fields", template, area=area, height=height, width=width)


def _maps(mask: Mask) -> Message | str:
    """Return in how many maps a field lies; nothing where there is one map alone."""
    every = prod(mask.shape[:-2])
    if every == 1:
        return ""
    channels = int(np.count_nonzero(mask.any(axis=(-2, -1))))
    template = (
        QT_TRANSLATE_NOOP("Fields", ", in all {all} maps")
        if channels == every
        else QT_TRANSLATE_NOOP("Fields", ", in {channels} of {all} maps")
    )
    if channels == every:
        return message("Fields", template, all=every)
    return message("Fields", template, channels=channels, all=every)


def _span(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"


def receptive_field(capture: Capture, address: Address) -> Fields:
    """Return which elements of the inputs and of every earlier step a value depends on.

    Args:
        capture: the run.
        address: an input's or a step's value, or the whole tensor; for any other place the field
            is empty.

    Raises:
        KeyError: the run has no such step.
        IndexError: it has no such input, output or element.
    """
    return _spread(capture, address, backwards=True)


def projective_field(capture: Capture, address: Address) -> Fields:
    """Return which elements of every later step depend on a value.

    Args:
        capture: the run.
        address: an input's, a step's or a parameter's value, or the whole tensor; for any other
            place the field is empty.

    Raises:
        KeyError: the run has no such step.
        IndexError: it has no such input, output or element.
    """
    if address.place is Place.PARAMETER:
        return _of_parameter(capture, address)
    return _spread(capture, address, backwards=False)


def _of_parameter(capture: Capture, address: Address) -> Fields:
    start = plain(address)
    mask = _marked(capture.parameters[address.name].shape, address)
    masks, exactness = {start: mask}, {start: Exactness.EXACT}
    reasons: dict[Address, Message] = {}
    for use, target in uses_of(capture, address.name):
        found, known = reached_by(use, mask)
        if not found.any():
            continue
        masks[target] = found | masks[target] if target in masks else found
        exactness[target] = known.worse(exactness.get(target, Exactness.EXACT))
        if known is not Exactness.EXACT:
            reasons[target] = why_not_exact(use.step.op, known)
    _walk(capture, masks, exactness, reasons, backwards=False)
    return Fields(address, masks, exactness, reasons, backwards=False)


def _marked(shape: tuple[int, ...], address: Address) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[... if address.index is None else address.index] = True
    return mask


def influence_on(capture: Capture, ends: Iterable[Address]) -> Mapping[Address, Mask]:
    """Return for each tensor of a run which of its elements can influence some of others.

    Args:
        capture: the run.
        ends: the tensors that are to be influenced.
    """
    masks = {end: np.ones(shape_at(capture, end) or (), dtype=np.bool_) for end in ends}
    _walk(capture, masks, {}, {}, backwards=True)
    return masks


def _spread(capture: Capture, address: Address, *, backwards: bool) -> Fields:
    start = plain(address)
    shape = shape_at(capture, start)
    masks: dict[Address, Mask] = {}
    exactness: dict[Address, Exactness] = {}
    reasons: dict[Address, Message] = {}
    if shape is not None:
        masks[start] = _marked(shape, address)
        exactness[start] = Exactness.EXACT
        _walk(capture, masks, exactness, reasons, backwards=backwards)
    return Fields(address, masks, exactness, reasons, backwards)


def _walk(
    capture: Capture,
    masks: dict[Address, Mask],
    exactness: dict[Address, Exactness],
    reasons: dict[Address, Message],
    *,
    backwards: bool,
) -> None:
    """Carry masks from tensor to tensor through every step, in order or against it."""
    numbers = range(len(capture.steps))
    for number in reversed(numbers) if backwards else numbers:
        for link in links(capture, number):
            here, there = (link.target, link.source) if backwards else (link.source, link.target)
            mask = masks.get(here)
            if mask is None:
                continue
            found = link.relation.back(mask) if backwards else link.relation.forth(mask)
            if not found.any():
                continue
            old = masks.get(there)
            masks[there] = found if old is None else old | found
            known = exactness.get(here, Exactness.EXACT)
            worst = known.worse(link.exactness).worse(exactness.get(there, Exactness.EXACT))
            if worst is not exactness.get(there, Exactness.EXACT):
                reasons[there] = (
                    reasons[here]
                    if known is worst and here in reasons
                    else why_not_exact(capture.steps[number].op, worst)
                )
            exactness[there] = worst


def ends_of(capture: Capture) -> tuple[Address, ...]:
    """Return what a run came to: the model's output.

    Where that is not one tensor of a step, any number may have been given back, the inputs
    included: then it is all of them, so that nothing is said to be without influence.
    """
    if capture.output is not None:
        step = capture.steps[capture.output.step]
        return (Address(Place.STEP, step.name, capture.output.output),)
    inputs = (Address(Place.INPUT, str(number)) for number in range(len(capture.input_values)))
    outputs = (
        Address(Place.STEP, step.name, number)
        for step in capture.steps
        for number in range(len(step.outputs))
    )
    return (*inputs, *outputs)
