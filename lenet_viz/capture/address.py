"""The name of any number there is in a run."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where in a run a tensor sits."""

    INPUT = "input"
    STEP = "step"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    """A buffer of the model, or a tensor made outside every step."""
    OBJECTIVE = "objective"


class Side(StrEnum):
    """Which of a tensor's two arrays is meant."""

    ACTIVATION = "activation"
    GRADIENT = "gradient"


@dataclass(frozen=True, slots=True)
class Address:
    """One tensor of a run, or one number in it.

    Attributes:
        place: input, step, parameter, constant or objective.
        name: the step's, parameter's or constant's name; the number of an input as text; ``loss``
            or ``target`` of the objective.
        output: which of a step's outputs; 0 for everything else.
        side: the value itself (``activation``) or d(objective)/d(value) (``gradient``).
        index: the element, counted over all axes, the batch axis included; None for the whole.
        run: which run of the session; None for the one at hand.
    """

    place: Place
    name: str
    output: int = 0
    side: Side = Side.ACTIVATION
    index: tuple[int, ...] | None = None
    run: int | None = None

    def __str__(self) -> str:
        """Return the address as one word, such as ``step:conv2:0:gradient[0,3,4,5]``."""
        index = "" if self.index is None else f"[{','.join(map(str, self.index))}]"
        return f"{self.place}:{self.name}:{self.output}:{self.side}{index}"
