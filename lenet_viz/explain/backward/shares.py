"""What each step that uses a tensor gives back to one element of it."""

from dataclasses import dataclass
from enum import Enum, auto
from types import EllipsisType

import numpy as np

from lenet_viz.capture.address import Address, Side
from lenet_viz.capture.records import Capture, GradientState, Step
from lenet_viz.explain.backward.parts import picked
from lenet_viz.explain.backward.pull import CannotTell, Pull
from lenet_viz.explain.backward.rules import rule_for
from lenet_viz.explain.operands import Call, Path, consumers
from lenet_viz.explain.terms import Block, Factor, Indices, Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


class Kind(Enum):
    """What is known of a share."""

    TOLD = auto()
    """Its terms are here."""
    NOT_REACHED = auto()
    """Backward does not pass through the step: it gives nothing."""
    SILENT = auto()
    """Only zeros come to the step, so it gives nothing, whatever its derivative."""
    UNKNOWN = auto()
    """It gives something that is not worked out here."""


@dataclass(frozen=True, eq=False)
class Share:
    """What one use of a tensor gives back to one element of it.

    Attributes:
        number: the step that uses it.
        path: where in the step's call the tensor stands.
        kind: what is known of it.
        pulls: the local derivatives, where ``kind`` is TOLD.
        blocks: the same times the downstream gradients, for each pull; a block of one axis has
            its largest terms first.
        upstream: the downstream gradients alone, in the order of the pull, for each pull.
        reason: why it is unknown.
        dtype: logical type of the downstream gradient; "" where there is none.
    """

    number: int
    path: Path
    kind: Kind
    pulls: tuple[Pull, ...] = ()
    blocks: tuple[tuple[Block, ...], ...] = ()
    upstream: tuple[Numbers, ...] = ()
    reason: Message | None = None
    dtype: str = ""


def shares_of(capture: Capture, address: Address, index: tuple[int, ...]) -> tuple[Share, ...]:
    """Return the shares of one element of a tensor, one for each use, in the order of the run."""
    return tuple(
        share_of(Call(capture, number), path, index) for number, path in consumers(capture, address)
    )


def share_of(call: Call, path: Path, index: tuple[int, ...]) -> Share:
    """Return the share of one element of one operand of a step."""
    step = call.step
    present = [n for n, value in enumerate(step.outputs) if value.gradient_key is not None]
    if not present:
        if any(value.gradient_state is GradientState.ALIASED for value in step.outputs):
            return Share(call.number, path, Kind.UNKNOWN, reason=_aliased(step))
        return Share(call.number, path, Kind.NOT_REACHED)
    dtype = step.outputs[present[0]].dtype
    try:
        rule = None if step.opaque else rule_for(call.op)
        if rule is None or any(step.outputs[n].dtype.startswith("complex") for n in present):
            raise CannotTell
        every = rule(call, path, index)
    except CannotTell as unknown:
        return _without_rule(call, path, present, unknown.reason)
    pulls = tuple(pull for pull in every if pull.output in present)
    states = {step.outputs[pull.output].gradient_state for pull in every}
    if GradientState.ALIASED in states:
        return Share(call.number, path, Kind.UNKNOWN, reason=_aliased(step), dtype=dtype)
    if every and not pulls:
        return Share(call.number, path, Kind.NOT_REACHED, dtype=dtype)
    upstream = tuple(_upstream(call, pull) for pull in pulls)
    blocks = tuple(_blocks(call, *both) for both in zip(pulls, upstream, strict=True))
    return Share(call.number, path, Kind.TOLD, pulls, blocks, upstream, dtype=dtype)


def _without_rule(call: Call, path: Path, present: list[int], reason: Message | None) -> Share:
    step = call.step
    gradients = [step.outputs[n].gradient for n in present]
    if not any(each is not None and np.any(each) for each in gradients):
        return Share(call.number, path, Kind.SILENT)
    if reason is None:
        template = (
            QT_TRANSLATE_NOOP("Why", "What happens inside {step} could not be seen.")
            if step.opaque
            else QT_TRANSLATE_NOOP("Why", "The derivative of {op} (step {step}) is not written.")
        )
        reason = message("Why", template, step=step.name, op=call.op)
    return Share(call.number, path, Kind.UNKNOWN, reason=reason)


def _aliased(step: Step) -> Message:
    template = QT_TRANSLATE_NOOP(
        "Why",
        "The memory of {step}'s output was written through another tensor; autograd gives it no "
        "gradient of its own.",
    )
    return message("Why", template, step=step.name)


def _upstream(call: Call, pull: Pull) -> Numbers:
    gradient = call.step.outputs[pull.output].gradient
    assert gradient is not None
    return picked(gradient, pull.reached)


def _blocks(call: Call, pull: Pull, values: Numbers) -> tuple[Block, ...]:
    address = call.output_address(pull.output, Side.GRADIENT)
    role = message("Why", QT_TRANSLATE_NOOP("Why", "gradient of {step}"), step=call.step.name)
    blocks = []
    for number, title in enumerate(pull.titles):
        order = _order(pull, values, number)
        upstream = Factor(role, "g", values[number][order], address, pull.reached[number][order])
        factors = [
            Factor(
                each.role,
                each.symbol,
                each.values[number][order],
                each.address,
                None if each.indices is None else each.indices[number][order],
            )
            for each in pull.factors
        ]
        blocks.append(Block(title, (upstream, *factors), via=call.number))
    return tuple(blocks)


def _order(pull: Pull, values: Numbers, number: int) -> Indices | EllipsisType:
    """Return the order of a block's terms: the largest first where they stand in one row."""
    if values.ndim != 2 or values.shape[1] < 2:
        return ...
    products = values[number]
    for factor in pull.factors:
        products = products * factor.values[number]
    return np.argsort(-np.abs(products), kind="stable")
