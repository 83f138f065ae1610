"""What one run left behind, as frozen values in plain NumPy.

A `Capture` is all of it. Its arrays are read-only and may be read from a file only when asked:
what a click does not need is not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lenet_viz.capture.arrays import Array, ArraySource, widened
from lenet_viz.capture.named import Named
from lenet_viz.wording import Message


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

    @property
    def activation(self) -> Array:
        """The first output's numbers, read-only."""
        return self.outputs[0].activation

    @property
    def gradient(self) -> Array | None:
        """d(objective)/d(first output), read-only; None where there is none."""
        return self.outputs[0].gradient

    @property
    def gradient_state(self) -> GradientState:
        """The first output's gradient state."""
        return self.outputs[0].gradient_state

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
        """Return the names of the parameters it was called with, in order."""
        return tuple(a.value.name for a in self.arguments if isinstance(a.value, ParameterRef))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of the model's parameters.

    Attributes:
        name: its ``state_dict`` name, such as ``conv1.weight``.
        shape: its shape.
        dtype: its logical type.
        requires_grad: whether it learns.
        gradient_state: whether this run's backward gave it a gradient, or why not.
        value_key: key of its numbers.
        gradient_key: key of this run's contribution to its gradient.
        grad_before_key: key of ``.grad`` before this run's backward; None where it was None.
        grad_key: key of ``.grad`` after this run; None where it is None.
        source: where the arrays are read from.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool
    gradient_state: GradientState
    value_key: str
    gradient_key: str | None
    grad_before_key: str | None
    grad_key: str | None
    source: ArraySource = field(compare=False, repr=False)

    def _read(self, key: str | None) -> Array | None:
        return None if key is None else widened(self.source.read(key), self.dtype)

    @property
    def value(self) -> Array:
        """Its numbers, read-only."""
        return widened(self.source.read(self.value_key), self.dtype)

    @property
    def gradient(self) -> Array | None:
        """d(objective)/d(parameter) of this run alone, read-only; None where there is none."""
        return self._read(self.gradient_key)

    @property
    def grad_before(self) -> Array | None:
        """``.grad`` before this run's backward, read-only; None where torch had None."""
        return self._read(self.grad_before_key)

    @property
    def grad(self) -> Array | None:
        """``.grad`` after this run: before + this run; None where torch has None."""
        return self._read(self.grad_key)

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        total = 1
        for size in self.shape:
            total *= size
        return total

    @property
    def layer(self) -> str:
        """The path of the module it belongs to; "" for the model itself."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Objective:
    """What backward started from.

    Attributes:
        kind: ``random``, ``output``, ``cross-entropy``, ``mse``, ``vector`` or ``callable``.
        index: the output or class number; None where it has none.
        word: the command line's word for it, such as ``cross-entropy:7``.
        upstream_key: key of v = d(objective)/d(output), of the output's shape.
        target_key: key of MSE's target; None where it has none.
        loss: the scalar's value; None for a vector objective, which has no loss.
        grad_fn: names of the autograd nodes from the loss down to the output's own.
        source: where the arrays are read from.
    """

    kind: str
    index: int | None
    word: str
    upstream_key: str | None
    target_key: str | None
    loss: float | None
    grad_fn: tuple[str, ...]
    source: ArraySource = field(compare=False, repr=False)

    @property
    def upstream(self) -> Array | None:
        """The v in vᵀJ: d(objective)/d(output), read-only, of the output's shape."""
        return None if self.upstream_key is None else self.source.read(self.upstream_key)

    @property
    def target(self) -> Array | None:
        """What MSE compares the output with, read-only; None where there is none."""
        return None if self.target_key is None else self.source.read(self.target_key)


class TextOnDemand:
    """A field that takes a text, or a function that is called once when the text is read."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the field's name."""
        self._name = f"_{name}"

    def __get__(self, record: object, owner: type | None = None) -> str:
        """Return the text, made now if it was not yet."""
        if record is None:
            # The field has no default: this is how a dataclass asks for one.
            raise AttributeError(self._name)
        text = record.__dict__[self._name]
        if callable(text):
            text = record.__dict__[self._name] = text()
        return str(text)

    def __set__(self, record: object, text: str | Callable[[], str]) -> None:
        """Take the text, or the function that will make it."""
        record.__dict__[self._name] = text


@dataclass(frozen=True)
class ModelRecord:
    """The model that ran.

    Attributes:
        name: preset's or class's name.
        text: what ``print(model)`` gives.
        training: True in train mode, False in eval mode.
        weights_hash: SHA-256 over names, types, shapes and bytes of all parameters and buffers;
            computed when it is first read.
        spec: the spec as JSON where the model was built from one; "" otherwise.
        source_text: the Python text of the model where it is known; "" otherwise.
    """

    name: str
    text: str
    training: bool
    weights_hash: TextOnDemand = TextOnDemand()
    spec: str = ""
    source_text: str = ""


@dataclass(frozen=True)
class Capture:
    """Everything one run left behind.

    Attributes:
        model: the model that ran.
        steps: its ops in the order they ran, by number or name.
        input_values: the run's inputs as records, with their gradients.
        input_names: what each input is called, such as ``input``.
        input_grad_keys: for each input the key of its ``.grad`` after this run, in the input's
            own source; None where torch has None. ``zero_grad`` leaves it alone.
        parameters: the model's parameters in ``state_dict`` order, by number or name.
        constants: buffers and tensors made outside every step, by name.
        output: which step's which output the model returned; None where it is not one tensor.
        output_grad_fn: name of the output's autograd node, such as ``AddmmBackward0``.
        objective: what backward started from; None where only forward was run.
        settings: how the run was asked for: input, seeds, zero_grad and the like, as plain text.
        versions: torch's and this program's version.
        error: why forward or backward failed; None where they did not.
        file: the file it was read from; None where it lives in memory.
    """

    model: ModelRecord
    steps: Named[Step]
    input_values: tuple[Value, ...]
    input_names: tuple[str, ...]
    input_grad_keys: tuple[str | None, ...]
    parameters: Named[Parameter]
    constants: Mapping[str, Value]
    output: StepRef | None
    output_grad_fn: str
    objective: Objective | None
    settings: Mapping[str, str]
    versions: Mapping[str, str]
    error: Message | None = None
    file: Path | None = field(default=None, compare=False)

    @property
    def inputs(self) -> tuple[Array, ...]:
        """The run's inputs, read-only."""
        return tuple(value.activation for value in self.input_values)

    @property
    def input_gradients(self) -> tuple[Array | None, ...]:
        """d(objective)/d(input) for each input, read-only; None where there is none."""
        return tuple(value.gradient for value in self.input_values)

    @property
    def input_grads(self) -> tuple[Array | None, ...]:
        """``input.grad`` after this run for each input, accumulated, read-only."""
        return tuple(
            None if key is None else widened(value.source.read(key), value.dtype)
            for value, key in zip(self.input_values, self.input_grad_keys, strict=True)
        )

    @property
    def output_value(self) -> Value | None:
        """The model's output as a record; None where it is not one tensor."""
        if self.output is None:
            return None
        return self.steps[self.output.step].outputs[self.output.output]

    def save(self, path: str | Path) -> Path:
        """Write the capture to ``path`` with its weights inside and return that path.

        The file appears whole or not at all: an older one stays until the new one is complete.

        Raises:
            UserMistake: the folder is missing or cannot be written, or the disk is full.
        """
        from lenet_viz.capture.store import write

        return write(self, Path(path))
