"""A step's call as the shape rules read it: settings and shapes, no numbers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from lenet_viz.capture.records import (
    ArgumentValue,
    Capture,
    ConstantRef,
    InputRef,
    Literal,
    ParameterRef,
    Step,
    StepRef,
)
from lenet_viz.network.axis import Axis
from lenet_viz.wording import Message

Shape = tuple[int, ...]
Reference = StepRef | InputRef | ParameterRef | ConstantRef
Path = tuple[str | int, ...]
ShapeOf = Callable[[Path, Reference], Shape | None]


@dataclass(frozen=True, slots=True)
class ShapeLedger:
    """How one step's output shape comes about.

    Attributes:
        axes: the arithmetic of each spatial axis; empty where the op has no windows.
        formulas: the short arithmetic, one line for each that differs, such as
            ``15 - 3 + 1 = 13``.
        general: the same with every term of torch's formula, or axis by axis.
        notes: sentences: what the rule is, what is dropped.
        dropped_rows: input rows that no window touches, counted from 0.
        dropped_columns: input columns that no window touches; of a sequence its places.
        gives: the shape that the arithmetic comes to; None where it is said without numbers.
    """

    axes: tuple[Axis, ...] = ()
    formulas: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()
    dropped_rows: tuple[int, ...] = ()
    dropped_columns: tuple[int, ...] = ()
    gives: Shape | None = None

    def plus(self, *notes: Message) -> "ShapeLedger":
        """Return the same with more sentences."""
        return replace(self, notes=(*self.notes, *notes))


@dataclass(frozen=True)
class Called:
    """One step with the shapes of all that it was called with.

    Attributes:
        step: the step.
        shape_of: gives the shape of the tensor at a place of the call.
    """

    step: Step
    shape_of: ShapeOf

    @property
    def op(self) -> str:
        """The op without the underscore of its in-place form."""
        return self.step.op.rstrip("_")

    @cached_property
    def tensors(self) -> tuple[tuple[Path, Shape | None], ...]:
        """Every tensor of the call with its place and shape, lists taken apart, in order."""
        return tuple((path, self.shape_of(path, value)) for path, value in references(self.step))

    def shape(self, *path: str | int) -> Shape | None:
        """Return the shape of the tensor at a place of the call; None for none."""
        for place, shape in self.tensors:
            if place == path:
                return shape
        return None

    @property
    def input(self) -> Shape | None:
        """The shape of what the op works on; None where it is not known."""
        for name in ("input", "0", "tensor"):
            found = self.shape(name)
            if found is not None:
                return found
        return None

    def shapes(self, *name: str) -> tuple[Shape, ...]:
        """Return the shapes of the tensors in a list argument, or of all without a name.

        Empty where one of them is not known.
        """
        found = [shape for path, shape in self.tensors if not name or path[0] in name]
        known = [shape for shape in found if shape is not None]
        return tuple(known) if len(known) == len(found) else ()

    def number(self, *names: str, default: int | None = None) -> int | None:
        """Return the whole number under the first of these names; booleans do not count."""
        for name in names:
            value = self.step.literal(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return default

    def numbers(self, *names: str) -> tuple[int, ...] | None:
        """Return the whole numbers under the first of these names; one number is a list of one."""
        for name in names:
            value = self.step.literal(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return (value,)
            if isinstance(value, tuple) and value and all(type(one) is int for one in value):
                return tuple(one for one in value if isinstance(one, int))
        return None

    def each(self, name: str, count: int, default: int | None) -> tuple[int, ...] | None:
        """Return a setting as one number for each of ``count`` axes; None where it is none."""
        value = self.step.literal(name)
        if value in (None, ()):
            absent = self.step.argument(name) in (None, (), Literal(None))
            return (default,) * count if absent and default is not None else None
        found = self.numbers(name)
        if found is None:
            return None
        return found * count if len(found) == 1 else found if len(found) == count else None


def references(step: Step) -> Iterator[tuple[Path, Reference]]:
    """Yield every tensor of a call with its place, lists taken apart, in order."""
    for argument in step.arguments:
        yield from _within((argument.name,), argument.value)


def _within(path: Path, value: ArgumentValue) -> Iterator[tuple[Path, Reference]]:
    if isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _within((*path, number), item)
    elif not isinstance(value, Literal):
        yield path, value


def called_in(capture: Capture, step: Step) -> Called:
    """Return a step of a capture with the shapes of all that it was called with."""

    def shape_of(path: Path, reference: Reference) -> Shape | None:
        if isinstance(reference, ParameterRef):
            return capture.parameters[reference.name].shape
        if isinstance(reference, ConstantRef):
            found = capture.constants.get(reference.name)
            return None if found is None else found.shape
        if isinstance(reference, InputRef):
            return capture.input_values[reference.input].shape
        return capture.steps[reference.step].outputs[reference.output].shape

    return Called(step, shape_of)


def called_alone(step: Step, named: Mapping[str, Shape]) -> Called:
    """Return a step with the shapes that it has itself, and those of parameters by name."""
    flowing = [path for path, value in references(step) if isinstance(value, StepRef | InputRef)]
    own = step.input_shapes if len(flowing) == len(step.input_shapes) else ()
    by_place = dict(zip(flowing, own, strict=False))

    def shape_of(path: Path, reference: Reference) -> Shape | None:
        if isinstance(reference, ParameterRef | ConstantRef):
            return named.get(reference.name)
        return by_place.get(path)

    return Called(step, shape_of)


def box(shape: Shape) -> str:
    """Return a shape as formulas write it: ``[1×16×6×6]``; ``[]`` for one number."""
    return f"[{'×'.join(map(str, shape))}]"


def product(shape: Shape) -> str:
    """Return sizes as a product: ``16 × 6 × 6``; ``1`` without any."""
    return " × ".join(map(str, shape)) or "1"


def from_end(dim: int, rank: int) -> int | None:
    """Return an axis counted from the front; None where there is no such axis."""
    place = dim + rank if dim < 0 else dim
    return place if 0 <= place < rank else None


Rule = Callable[[Called], ShapeLedger | None]
"""From a call to its ledger; None where the rule does not know these settings."""
