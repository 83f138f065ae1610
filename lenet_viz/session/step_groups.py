"""How a run's steps come together on cards, and what stands before and after them."""

from collections.abc import Iterable, Iterator, Sequence

from lenet_viz.capture.records import ArgumentValue, Capture, GradientState, InputRef, Step
from lenet_viz.session.cards import FAILED_CARD, LOSS_CARD, TARGET_CARD


def sizes_of(capture: Capture) -> list[int]:
    """Return for each module call how many steps ran in it and in its own calls."""
    calls = capture.module_calls
    sizes = [0] * len(calls)
    for step in capture.steps:
        if step.within is not None:
            sizes[step.within] += 1
    for number in reversed(range(len(calls))):
        parent = calls[number].parent
        if parent is not None:
            sizes[parent] += sizes[number]
    return sizes


def groups_of(
    capture: Capture, sizes: Sequence[int], folded: frozenset[str]
) -> Iterator[tuple[int, int, int | None]]:
    """Return the steps in groups: the first one's number, how many, and the folded call.

    The steps of a call follow one another; where something else ran between them, each part is a
    group of its own, so that no card needs what comes after it.
    """
    calls = capture.module_calls
    # The outermost folded call of each call, found from the outside in.
    holders: list[int | None] = []
    for number, call in enumerate(calls):
        holder = None if call.parent is None else holders[call.parent]
        if holder is None and call.path in folded and sizes[number] > 1:
            holder = number
        holders.append(holder)
    start, held = 0, None
    for number, step in enumerate(capture.steps):
        holder = None if step.within is None else holders[step.within]
        if number and (holder is None or holder != held):
            yield start, number - start, held
            start = number
        held = holder
    if len(capture.steps):
        yield start, len(capture.steps) - start, held


def inputs_of(step: Step, count: int) -> set[int]:
    """Return the places of the inputs that a step takes."""
    taken = {ref for one in step.arguments for ref in _inputs_in(one.value) if ref < count}
    if not taken and not step.parents and step.input_shapes:
        return {0}  # a tensor whose way is not known comes from the input
    return taken


def _inputs_in(value: ArgumentValue) -> Iterator[int]:
    """Return the numbers of the inputs that an argument refers to."""
    nested: Iterable[ArgumentValue] = value if isinstance(value, tuple) else (value,)
    for one in nested:
        if isinstance(one, tuple):
            yield from _inputs_in(one)
        elif isinstance(one, InputRef):
            yield one.input


def ends_of(capture: Capture) -> tuple[str, ...]:
    """Return the cards after the last step."""
    forward_failed = capture.error is not None and capture.output is None
    if not forward_failed or capture.objective is not None:
        return (TARGET_CARD, LOSS_CARD)
    failed = any(step.error is not None for step in capture.steps)
    return () if failed else (FAILED_CARD,)


def objective_takes(capture: Capture) -> tuple[int, ...]:
    """Return the numbers of the steps that the objective is known to have taken, ascending.

    Of a model that returns one tensor that is its step. Of one that returns several, those that
    nothing else took and that have a gradient all the same: it can have come from the objective
    alone. A step that others took as well may be missing.
    """
    if capture.output is not None:
        return (capture.output.step,)
    if capture.objective is None:
        return ()
    taken = {parent for step in capture.steps for parent in step.parents}
    return tuple(
        number
        for number, step in enumerate(capture.steps)
        if number not in taken
        and any(value.gradient_state is GradientState.PRESENT for value in step.outputs)
    )
