"""Which number of a run a command line means."""

from typing import TYPE_CHECKING

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.errors import UserMistake
from lenet_viz.network.layer_types import nearest
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture

INPUT = "input"
LOSS = "loss"
PARAMETER = "parameter:"
SIDES = ("activation", "gradient")

_INDEX = QT_TRANSLATE_NOOP(
    "cli",
    "--index is {found}; {name} has the shape {shape}{batch}: wanted: {count} whole numbers, "
    "as in --index {example}",
)
_BATCH = QT_TRANSLATE_NOOP("cli", " without its batch axis")


def number_named(capture: "Capture", step: str, index: str | None, of: str) -> Address:
    """Return the address of one number.

    Args:
        capture: the run.
        step: a step's name, ``input``, ``input:1`` or ``loss``.
        index: numbers with commas between them, without the batch axis; None for the middle of
            the first sample. Of a parameter, all its axes.
        of: ``activation``, ``gradient`` or ``parameter:weight``, whose gradient is meant.

    Raises:
        UserMistake: there is no such step, parameter or number.
    """
    whole = _tensor(capture, step, of)
    from lenet_viz.panels.map_side import has_batch
    from lenet_viz.session.asking import shape_at

    shape = shape_at(capture, whole) or ()
    batched = whole.place in (Place.STEP, Place.INPUT) and has_batch(capture, shape)
    own = shape[1:] if batched else shape
    lead = (0,) if batched else ()
    middle = tuple(size // 2 for size in own)
    if 0 in shape:
        template = QT_TRANSLATE_NOOP(
            "cli", "{name} has the shape {shape}: there is no number in it"
        )
        raise UserMistake(message("cli", template, name=step, shape=str(shape)))
    place = middle if index is None else _numbers(index)
    inside = place is not None and len(place) == len(own)
    if (
        place is None
        or not inside
        or any(not 0 <= at < size for at, size in zip(place, own, strict=True))
    ):
        raise UserMistake(
            message(
                "cli",
                _INDEX,
                found=repr(index),
                name=whole.name,
                shape="×".join(map(str, own)) or "()",
                batch=message("cli", _BATCH) if batched else "",
                count=len(own),
                example=",".join(map(str, middle)) or '""',
            )
        )
    return Address(whole.place, whole.name, whole.output, whole.side, (*lead, *place))


def _numbers(word: str) -> tuple[int, ...] | None:
    parts = [part.strip() for part in word.split(",")] if word.strip() else []
    plain = all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)
    return tuple(int(part) for part in parts) if plain else None


def _tensor(capture: "Capture", step: str, of: str) -> Address:
    """Return the address of a whole tensor."""
    if of.startswith(PARAMETER):
        return _parameter(capture, step, of.removeprefix(PARAMETER))
    if of not in SIDES:
        template = QT_TRANSLATE_NOOP(
            "cli", "--of is {found}; wanted: activation, gradient or parameter:NAME"
        )
        raise UserMistake(message("cli", template, found=repr(of)))
    side = Side(of)
    if capture.steps.get(step) is not None:
        return Address(Place.STEP, step, side=side)
    if step == LOSS and capture.objective is not None:
        return Address(Place.OBJECTIVE, LOSS)
    number = step.removeprefix(INPUT).removeprefix(":") or "0"
    if step.startswith(INPUT) and number.isdecimal() and int(number) < len(capture.input_values):
        return Address(Place.INPUT, number, side=side)
    raise _no_step(capture, step)


def _parameter(capture: "Capture", step: str, name: str) -> Address:
    found = capture.steps.get(step)
    if found is None:
        raise _no_step(capture, step)
    names = found.parameter_names()
    for full in names:
        if name in (full, full.rpartition(".")[2]):
            return Address(Place.PARAMETER, full, side=Side.GRADIENT)
    template = QT_TRANSLATE_NOOP(
        "cli", "--of is parameter:{name}, but {step} uses {known}; name one of these"
    )
    known = ", ".join(names) or message("cli", QT_TRANSLATE_NOOP("cli", "no parameter"))
    raise UserMistake(message("cli", template, name=name, step=step, known=known))


def _no_step(capture: "Capture", step: str) -> UserMistake:
    names = (INPUT, *(each.name for each in capture.steps), LOSS)
    guess = nearest(step, names)
    template = (
        QT_TRANSLATE_NOOP("cli", "--step is {found}; wanted: one of {known}")
        if guess is None
        else QT_TRANSLATE_NOOP("cli", "--step is {found}; did you mean {guess}? ({known})")
    )
    known = ", ".join(names[:40])
    return UserMistake(
        message("cli", template, found=repr(step), known=known, guess=str(guess or ""))
    )
