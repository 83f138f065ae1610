"""Steps while they are being recorded, before they become frozen records."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from lenet_viz.capture.lines import Line
from lenet_viz.capture.records import ArgumentValue, ConstantRef, StepRef
from lenet_viz.capture.tensors import kept
from lenet_viz.capture.where import Place
from lenet_viz.wording import Message


class DraftValue:
    """One tensor of the run, copied the moment it was made.

    Attributes:
        copy: its numbers then; None where they cannot be read.
        shape: its shape.
        dtype: its type.
        requires_grad: whether autograd follows it.
        gradient: its gradient, once backward has come by.
        aliased: whether its memory was written through another tensor later.
    """

    __slots__ = ("aliased", "copy", "dtype", "gradient", "requires_grad", "shape")

    def __init__(self, tensor: torch.Tensor) -> None:
        """Copy ``tensor`` as it is now."""
        self.copy = kept(tensor)
        self.shape = tuple(tensor.shape)
        self.dtype = tensor.dtype
        self.requires_grad = tensor.requires_grad
        self.gradient: torch.Tensor | None = None
        self.aliased = False


class DraftStep:
    """One op that ran.

    Attributes:
        op: torch's name of it.
        func: what was called; None for a step that was not seen from inside.
        args: its positional arguments.
        kwargs: its keyword arguments.
        place: the innermost module that was running.
        line: the line of ``forward`` that was running.
        input_shapes: shapes of its tensor arguments that are no parameters or constants.
        outputs: the tensors it gave.
        in_place: whether it wrote over an argument.
        error: why it failed.
        exception: what it raised.
    """

    __slots__ = (
        "args",
        "error",
        "exception",
        "func",
        "in_place",
        "input_shapes",
        "kwargs",
        "line",
        "op",
        "outputs",
        "place",
    )

    def __init__(self, op: str, func: Any, place: Place, line: Line | None) -> None:
        """Begin a step; its arguments and outputs are filled in by the recorder."""
        self.op = op
        self.func = func
        self.place = place
        self.line = line
        self.args: Sequence[ArgumentValue] = ()
        self.kwargs: Mapping[str, ArgumentValue] = {}
        self.input_shapes: list[tuple[int, ...]] = []
        self.outputs: list[DraftValue] = []
        self.in_place = False
        self.error: Message | None = None
        self.exception: Exception | None = None

    def references(self) -> Iterator[ArgumentValue]:
        """Return every argument, those inside tuples one by one."""
        for value in (*self.args, *self.kwargs.values()):
            yield from _flat(value)

    def parents(self) -> tuple[int, ...]:
        """Return the numbers of the steps whose outputs it took."""
        steps = (ref.step for ref in self.references() if isinstance(ref, StepRef))
        return tuple(dict.fromkeys(steps))

    def constants(self) -> Iterator[str]:
        """Return the names of the constants it took."""
        return (ref.name for ref in self.references() if isinstance(ref, ConstantRef))


def _flat(value: ArgumentValue) -> Iterator[ArgumentValue]:
    if isinstance(value, tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Return the tensors inside nested tuples, lists and mappings, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in tensors_in(item)]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in tensors_in(item)]
    return []
