"""What one element of a step's operand moves in the step's output, and by how much."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from lenet_viz.explain.operands import Call, Path
from lenet_viz.explain.terms import Factor, Indices, Line
from lenet_viz.wording import Message


class Cause(IntEnum):
    """Why a gradient is exactly zero."""

    NOT_ZERO = 0
    INACTIVE = 1
    """The slope of a ReLU or another gate is zero here."""
    LOST = 2
    """Another number of the pooling window is larger."""
    TIED = 3
    """As large as the window's first largest, which takes the whole gradient."""
    OUTSIDE = 4
    """No window and no index reads it: dropped."""
    INPUT_ZERO = 5
    """For a weight: wherever a gradient comes back, the input is zero."""
    NOT_REACHED = 6
    """Only steps that backward does not pass through use it."""
    NO_DEPENDENCE = 7
    """The objective does not look at it: v is zero here."""
    DOWNSTREAM = 8
    """Every gradient that could come back is zero itself."""
    JUST_ZERO = 9
    """The terms cancel, or each of them has some factor that is zero."""
    UNKNOWN = 10
    """It goes through an op whose derivative is not written here."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing comes back through a step for one element, whatever comes to the step.

    Attributes:
        cause: the kind of reason.
        sentence: the reason with its numbers.
    """

    cause: Cause
    sentence: Message


@dataclass(frozen=True, eq=False)
class Pull:
    """How one element of one operand moves one output of a step.

    All arrays have the blocks as their first axis, then at most two more.

    Attributes:
        titles: what each block's terms have in common.
        reached: int64 (blocks, *shape, axes of the output): the output elements that depend on
            the element, all -1 where a place holds none.
        factors: whose product is the local derivative d(output)/d(element), each of
            (blocks, *shape); none where the derivative is 1.
        formula: the general rule in code style.
        output: which of the step's outputs.
        working: lines that lead to a factor that is worked out.
        halt: why nothing comes back, where that is certain from this step alone.
        notes: what else is to be known.
        weighs_input: True where the operand is a weight and the first factor is what it
            multiplies.
        rounding: for each unit of downstream gradient the size of the numbers that torch rounds
            on the way, where the terms themselves are smaller; 0 where they are not.
        headline: template with ``{count}`` and ``{total}`` for a gradient that is this pull alone;
            "" for the usual one.
    """

    titles: tuple[Message, ...]
    reached: Indices
    factors: tuple[Factor, ...]
    formula: str
    output: int = 0
    working: tuple[Line, ...] = ()
    halt: Halt | None = None
    notes: tuple[Message, ...] = ()
    weighs_input: bool = False
    rounding: float = 0.0
    headline: str = ""


class CannotTell(Exception):
    """Why the derivative of an op with these settings is not written here.

    Attributes:
        reason: one sentence; None where the op alone is reason enough.
    """

    def __init__(self, reason: Message | None = None) -> None:
        """Keep the reason."""
        super().__init__(str(reason))
        self.reason = reason


Rule = Callable[[Call, Path, tuple[int, ...]], tuple[Pull, ...]]
"""From a step, one of its operands and an element of that: what of the output depends on it.

Several pulls are added: an op with several outputs gives one for each. It raises `CannotTell`
for settings that it does not know.
"""
