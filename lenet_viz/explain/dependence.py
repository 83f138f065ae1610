"""Which tensors of a run depend on which, element by element, through the recorded steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture, InputRef, StepRef
from lenet_viz.explain.dependences import axes, places, products, windows, written
from lenet_viz.explain.dependences.relation import Exactness, Relation, Shape, everything
from lenet_viz.explain.dependences.use import Found, Rule, Use
from lenet_viz.explain.ledger.called import called_in, references
from lenet_viz.explain.once import OncePerRun
from lenet_viz.explain.operands import Call, consumers
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_RULES: Mapping[str, Rule] = {
    **places.RULES,
    **axes.RULES,
    **windows.RULES,
    **products.RULES,
    **written.RULES,
}


@dataclass(frozen=True, eq=False)
class Link:
    """How one output of a step depends on one tensor that the step took.

    Attributes:
        step: the step's number.
        source: the tensor it took: an input or another step's output.
        target: its output.
        relation: which elements depend on which.
        exactness: how well that is known.
    """

    step: int
    source: Address
    target: Address
    relation: Relation
    exactness: Exactness


def links(capture: Capture, number: int) -> tuple[Link, ...]:
    """Return how each output of a step depends on each tensor that flows into it.

    Parameters, buffers and constants do not flow. They are worked out once for each run.
    """
    return _KNOWN.of(capture, number, lambda: tuple(_links(capture, number)))


_KNOWN: OncePerRun[int, tuple[Link, ...]] = OncePerRun()


def _links(capture: Capture, number: int) -> Iterator[Link]:
    step = capture.steps[number]
    called = called_in(capture, step)
    for path, reference in references(step):
        if not isinstance(reference, StepRef | InputRef):
            continue
        before = called.shape(*path)
        if before is None:
            continue
        source = address_of(capture, reference)
        for output in range(len(step.outputs)):
            use = Use(Call(capture, number), called, path, before, output)
            found = found_for(use)
            target = Address(Place.STEP, step.name, output)
            yield Link(number, source, target, found.relation, found.exactness)


def uses_of(capture: Capture, parameter: str) -> Iterator[tuple[Use, Address]]:
    """Yield where a parameter stands in each step's call, with each output of that step.

    Args:
        capture: the run.
        parameter: its name.
    """
    wanted = Address(Place.PARAMETER, parameter)
    for number, path in consumers(capture, wanted):
        step = capture.steps[number]
        called = called_in(capture, step)
        shape = capture.parameters[parameter].shape
        for output in range(len(step.outputs)):
            use = Use(Call(capture, number), called, path, shape, output)
            yield use, Address(Place.STEP, step.name, output)


def found_for(use: Use) -> Found:
    """Return what a rule says of a use; that everything may matter where there is no rule."""
    rule = None if use.step.opaque else _RULES.get(use.op)
    found = None if rule is None else rule(use)
    if found is None:
        return Found(everything(use.before, use.after), Exactness.UPPER_BOUND)
    return found


def address_of(capture: Capture, reference: StepRef | InputRef) -> Address:
    """Return the address of an input or of a step's output."""
    if isinstance(reference, InputRef):
        return Address(Place.INPUT, str(reference.input))
    return Address(Place.STEP, capture.steps[reference.step].name, reference.output)


def shape_at(capture: Capture, address: Address) -> Shape | None:
    """Return the shape of an input or of a step's output; None for another place.

    Raises:
        KeyError: the run has no such step.
        IndexError: it has no such input or output.
    """
    if address.place is Place.INPUT:
        return capture.input_values[int(address.name)].shape
    if address.place is Place.STEP:
        return capture.steps[address.name].outputs[address.output].shape
    return None


def why_not_exact(op: str, exactness: Exactness) -> Message:
    """Return one sentence about a field that is not exact.

    Args:
        op: the op that makes it so.
        exactness: how well it is known.
    """
    if exactness is Exactness.DATA_DEPENDENT:
        template = QT_TRANSLATE_NOOP(
            "Fields",
            "These can matter; which of them do in this run, its numbers decide ({op}): the "
            "gradient tells.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Fields", "An upper bound: {op} may take any of its values, so all are counted."
        )
    return message("Fields", template, op=op)
