"""Tensors of a run as values, and references to them."""

from dataclasses import dataclass, field
from enum import StrEnum

from lenet_viz.capture.arrays import Array, ArraySource, widened


class GradientState(StrEnum):
    """Why a gradient is there or is not; a missing gradient is never a zero."""

    PRESENT = "present"
    NO_BACKWARD = "no_backward"
    """Only forward was run."""
    NO_GRAD = "no_grad"
    """The tensor does not require a gradient (no_grad, detach, integers)."""
    NOT_REACHED = "not_reached"
    """It requires one, but the objective does not depend on it."""
    ALIASED = "aliased"
    """Its memory was written through another tensor; autograd gives it no gradient of its own."""


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument that is a plain value: None, bool, int, float, str, or a tuple's text."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class StepRef:
    """An argument that is an earlier step's output."""

    step: int
    output: int = 0


@dataclass(frozen=True, slots=True)
class InputRef:
    """An argument that is one of the run's inputs."""

    input: int


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """An argument that is a parameter of the model, by its ``state_dict`` name."""

    name: str


@dataclass(frozen=True, slots=True)
class ConstantRef:
    """An argument that is a buffer of the model, or a tensor made outside every step."""

    name: str


ArgumentValue = (
    Literal | StepRef | InputRef | ParameterRef | ConstantRef | tuple["ArgumentValue", ...]
)
"""A literal, a reference, or a tuple of them (a list argument such as ``cat``'s)."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a step's call.

    Attributes:
        name: the op's own name for it (``weight``, ``stride``); its position as text where the
            op gives it none.
        value: what was passed.
    """

    name: str
    value: ArgumentValue


@dataclass(frozen=True, slots=True)
class Value:
    """One tensor of the run, with its gradient if there is one.

    Attributes:
        shape: its shape.
        dtype: its logical type, named as torch does without the prefix: ``"float32"``.
        gradient_state: whether there is a gradient, or why not.
        activation_key: the array's key in ``source``; None where it was not kept.
        gradient_key: the gradient's key in ``source``; None where there is none.
        source: where the arrays are read from.
    """

    shape: tuple[int, ...]
    dtype: str
    gradient_state: GradientState
    activation_key: str | None
    gradient_key: str | None
    source: ArraySource = field(compare=False, repr=False)

    @property
    def activation(self) -> Array:
        """The tensor's numbers, read-only, of `shape`."""
        if self.activation_key is None:
            raise KeyError("the values of this tensor were not kept")
        return widened(self.source.read(self.activation_key), self.dtype)

    @property
    def gradient(self) -> Array | None:
        """d(objective)/d(this tensor), read-only, of `shape`; None where there is none."""
        if self.gradient_key is None:
            return None
        return widened(self.source.read(self.gradient_key), self.dtype)
