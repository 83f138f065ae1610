"""What one run left behind, as frozen values in plain NumPy.

A `Capture` is all of it. Its arrays are read-only and may be read from a file only when asked:
what a click does not need is not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from lenet_viz.capture.arrays import Array, widened
from lenet_viz.capture.autograd import AutogradNode
from lenet_viz.capture.module_call import ModuleCall
from lenet_viz.capture.named import Named
from lenet_viz.capture.on_demand import OnDemand
from lenet_viz.capture.parts import ModelRecord, Objective, Parameter
from lenet_viz.capture.read_only import ReadOnly
from lenet_viz.capture.step import SourceLine, Step
from lenet_viz.capture.values import (
    Argument,
    ArgumentValue,
    ConstantRef,
    GradientState,
    InputRef,
    Literal,
    ParameterRef,
    StepRef,
    Value,
)
from lenet_viz.wording import Message

__all__ = [
    "Argument",
    "ArgumentValue",
    "AutogradNode",
    "Capture",
    "ConstantRef",
    "GradientState",
    "InputRef",
    "Literal",
    "ModelRecord",
    "ModuleCall",
    "Objective",
    "Parameter",
    "ParameterRef",
    "SourceLine",
    "Step",
    "StepRef",
    "Value",
]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Everything one run left behind.

    Most fields are made when one of them is first read: making records of a small run takes
    longer than the run.

    Attributes:
        model: the model that ran.
        steps: its ops in the order they ran, by number or name.
        module_calls: the calls of modules in which they ran, in the order they began.
        sources: the text of each Python file whose lines ran, by the name that lines have; the
            model's own text is in ``model.source_text``.
        input_values: the run's inputs as records, with their gradients.
        input_names: what each input is called, such as ``input``.
        input_grad_keys: for each input the key of its ``.grad`` after this run, in the input's
            own source; None where torch has None. ``zero_grad`` leaves it alone.
        parameters: the model's parameters in ``state_dict`` order, by number or name.
        constants: buffers and tensors made outside every step, by name.
        output: which step's which output the model returned; None where it is not one tensor.
        output_grad_fn: name of the output's autograd node, such as ``AddmmBackward0``.
        objective: what backward started from; None where only forward was run.
        autograd: autograd's nodes from the objective, or from the output, down to the leaves; none
            where nothing asks for a gradient; None where they were not written down.
        settings: how the run was asked for: input, seeds, zero_grad and the like, as plain text.
        versions: torch's and this program's version.
        error: why forward or backward failed; None where they did not.
        file: the file it was read from; None where it lives in memory.
    """

    model: ModelRecord
    steps: OnDemand[Named[Step]] = OnDemand()  # noqa: RUF009
    module_calls: OnDemand[tuple[ModuleCall, ...]] = OnDemand(())  # noqa: RUF009
    sources: OnDemand[Mapping[str, str]] = OnDemand(ReadOnly({}))  # noqa: RUF009
    input_values: OnDemand[tuple[Value, ...]] = OnDemand()  # noqa: RUF009
    input_names: tuple[str, ...]
    input_grad_keys: OnDemand[tuple[str | None, ...]] = OnDemand()  # noqa: RUF009
    parameters: OnDemand[Named[Parameter]] = OnDemand()  # noqa: RUF009
    constants: OnDemand[Mapping[str, Value]] = OnDemand()  # noqa: RUF009
    output: StepRef | None
    output_grad_fn: str
    objective: OnDemand[Objective | None] = OnDemand()  # noqa: RUF009
    autograd: OnDemand[tuple[AutogradNode, ...] | None] = OnDemand(None)  # noqa: RUF009
    settings: Mapping[str, str]
    versions: Mapping[str, str]
    error: Message | None = None
    file: Path | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Take copies of the mappings that nobody can change."""
        object.__setattr__(self, "settings", ReadOnly(self.settings))
        object.__setattr__(self, "versions", ReadOnly(self.versions))

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields for `pickle`, each made by now; arrays from a file go along."""
        for each in fields(self):
            getattr(self, each.name)
        return dict(self.__dict__)

    def __deepcopy__(self, memo: object) -> Self:
        """Return the capture itself: nobody can change it."""
        return self

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

    def __repr__(self) -> str:
        """Return the run in one line: at a prompt its records would fill the screen."""
        from lenet_viz.capture.shown import short_repr

        return short_repr(self)

    def _repr_png_(self) -> bytes | None:
        """Return the storyboard as Jupyter asks for it; None where none can be drawn."""
        from lenet_viz.capture.shown import storyboard_png

        return storyboard_png(self)

    def _repr_html_(self) -> str:
        """Return the storyboard and a table of the steps as Jupyter asks for them."""
        from lenet_viz.capture.shown import as_html

        return as_html(self)
