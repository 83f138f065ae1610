"""One recorded op, as a value."""

from dataclasses import dataclass

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.values import (
    Argument,
    ArgumentValue,
    GradientState,
    Literal,
    ParameterRef,
    Value,
)
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


class NoOutput(UserMistake):
    """A step that failed was asked for what it would have given."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The line of ``forward`` that ran a step.

    Attributes:
        file: path of the file, or the name of generated text.
        number: line number from 1.
        text: the line without its indentation.
        function: the function's name, most often ``forward``.
    """

    file: str
    number: int
    text: str
    function: str = "forward"


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded op.

    Attributes:
        name: unique in the run: the module's path for a layer (``conv1``), else the op's name;
            a second one is ``relu_2``.
        op: what ran, as torch names the function: ``conv2d``, ``relu``, ``max_pool2d``, ``view``.
        module: path of the innermost module in which it ran; "" for the model itself.
        module_type: that module's class name, such as ``Conv2d``.
        call: which call of this op in this module it is, from 1.
        calls: how many there were.
        parents: numbers of the steps whose outputs it took, in order, without repeats.
        arguments: what it was called with.
        outputs: the tensors it gave.
        input_shapes: shapes of its tensor arguments that are not parameters or constants.
        source_line: the line of ``forward`` that ran it; None where it is not known.
        opaque: True where what happened inside could not be seen.
        in_place: True where it wrote over one of its arguments.
        error: why it failed; None where it did not.
        within: number of the innermost module call it ran in, in ``Capture.module_calls``; None
            in the model itself.
    """

    name: str
    op: str
    module: str
    module_type: str
    call: int
    calls: int
    parents: tuple[int, ...]
    arguments: tuple[Argument, ...]
    outputs: tuple[Value, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    source_line: SourceLine | None = None
    opaque: bool = False
    in_place: bool = False
    error: Message | None = None
    within: int | None = None

    @property
    def _first(self) -> Value:
        if not self.outputs:
            template = QT_TRANSLATE_NOOP(
                "capture",
                "The step {name} gave nothing, so it has no activation and no gradient. "
                "Its .error says why; look at .outputs first.",
            )
            raise NoOutput(message("capture", template, name=self.name))
        return self.outputs[0]

    @property
    def activation(self) -> Array:
        """The first output's numbers, read-only.

        Raises:
            NoOutput: the step failed before it gave anything.
        """
        return self._first.activation

    @property
    def gradient(self) -> Array | None:
        """d(objective)/d(first output), read-only; None where there is none.

        Raises:
            NoOutput: the step failed before it gave anything.
        """
        return self._first.gradient

    @property
    def gradient_state(self) -> GradientState:
        """The first output's gradient state.

        Raises:
            NoOutput: the step failed before it gave anything.
        """
        return self._first.gradient_state

    @property
    def shape(self) -> tuple[int, ...]:
        """The first output's shape; empty where the step gave none."""
        return self.outputs[0].shape if self.outputs else ()

    def argument(self, name: str) -> ArgumentValue | None:
        """Return the argument called ``name``; None where it was not passed."""
        for argument in self.arguments:
            if argument.name == name:
                return argument.value
        return None

    def literal(self, name: str, default: object = None) -> object:
        """Return the plain value of the argument called ``name``.

        Tuples of literals come back as plain tuples.

        Args:
            name: the argument's name.
            default: given back where it was not passed or is a reference.
        """
        value = self.argument(name)
        if isinstance(value, Literal):
            return value.value
        if isinstance(value, tuple) and all(isinstance(item, Literal) for item in value):
            return tuple(item.value for item in value if isinstance(item, Literal))
        return default

    def parameter_names(self) -> tuple[str, ...]:
        """Return the names of the parameters it was called with, in order, lists taken apart."""
        values = [argument.value for argument in self.arguments]
        names: dict[str, None] = {}
        while values:
            value = values.pop(0)
            if isinstance(value, tuple):
                values[:0] = value
            elif isinstance(value, ParameterRef):
                names[value.name] = None
        return tuple(names)
