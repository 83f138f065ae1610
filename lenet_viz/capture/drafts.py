"""Steps while they are being recorded, before they become frozen records."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch

from lenet_viz.capture.records import (
    ArgumentValue,
    ConstantRef,
    InputRef,
    Literal,
    ParameterRef,
    SourceLine,
    StepRef,
)
from lenet_viz.capture.tensors import kept
from lenet_viz.capture.where import Entry
from lenet_viz.wording import Message

Reference = StepRef | InputRef | ParameterRef | ConstantRef
REFERENCES = (StepRef, InputRef, ParameterRef, ConstantRef)


class DraftValue:
    """One tensor of the run, copied the moment it was made.

    Attributes:
        copy: its numbers then; None where they cannot be read.
        shape: its shape.
        dtype: its type.
        requires_grad: whether autograd follows it.
        gradient: its gradient, once backward has come by.
        aliased: whether its memory was written through another tensor later.
        partial: whether autograd's hook misses a part of its gradient; then it has none.
        view: whether it lies in the memory of another tensor that somebody can know.
    """

    __slots__ = (
        "aliased", "copy", "dtype", "gradient", "partial", "requires_grad", "shape", "view",
    )  # fmt: skip

    def __init__(self, tensor: torch.Tensor) -> None:
        """Copy ``tensor`` as it is now."""
        self.copy = kept(tensor)
        self.shape = tensor.shape
        self.dtype = tensor.dtype
        self.requires_grad = tensor.requires_grad
        self.gradient: torch.Tensor | None = None
        self.aliased = False
        self.partial = False
        self.view = tensor._is_view()

    def reached(self, gradient: torch.Tensor | None) -> None:
        """Copy the tensor's ``gradient``: the hook that autograd calls."""
        if gradient is not None and not self.partial:
            # Autograd follows gradients only where somebody asked for gradients of gradients.
            own = gradient.detach() if gradient.requires_grad else gradient
            self.gradient = own.clone()

    def base_reached(self, gradient: torch.Tensor | None) -> None:
        """Copy the ``gradient`` of the base that this tensor shows in another shape."""
        if gradient is not None and not self.partial:
            self.gradient = gradient.detach().clone().reshape(self.shape)


_NONE: Mapping[str, Any] = MappingProxyType({})
Raw = Any
"""An argument as it was passed: a reference, a plain value, or a tuple of them."""


class DraftStep:
    """One op that ran.

    Attributes:
        op: torch's name of it.
        func: what was called; None for a step that was not seen from inside.
        args: its positional arguments.
        kwargs: its keyword arguments.
        entry: the innermost call of a module that was running.
        place: that module.
        line: the line of ``forward`` that was running.
        input_shapes: shapes of its tensor arguments that are no parameters or constants.
        outputs: the tensors it gave.
        in_place: whether it wrote over an argument.
        error: why it failed.
        exception: what it raised, while the run goes on.
    """

    __slots__ = (
        "args", "entry", "error", "exception", "func", "in_place", "input_shapes", "kwargs",
        "line", "op", "outputs", "place",
    )  # fmt: skip

    def __init__(self, op: str, func: Any, entry: Entry, line: SourceLine | None) -> None:
        """Begin a step; its arguments and outputs are filled in by the recorder."""
        self.op = op
        self.func = func
        self.entry = entry
        self.place = entry.place
        self.line = line
        self.args: Sequence[Raw] = ()
        self.kwargs: Mapping[str, Raw] = _NONE
        self.in_place = False
        self.error: Message | None = None
        self.exception: Exception | None = None
        self.input_shapes: list[tuple[int, ...]] = []
        self.outputs: list[DraftValue] = []

    def references(self) -> list[Reference]:
        """Return every argument that refers to a tensor, those inside tuples one by one."""
        values = _flat((*self.args, *self.kwargs.values()))
        return [value for value in values if isinstance(value, REFERENCES)]


def _flat(value: Raw) -> Iterator[Raw]:
    if isinstance(value, tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def finished(value: Raw) -> ArgumentValue:
    """Return an argument as its record has it."""
    if isinstance(value, tuple):
        return tuple(finished(item) for item in value)
    return value if isinstance(value, REFERENCES) else Literal(value)


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Return the tensors inside nested tuples, lists and mappings, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in tensors_in(item)]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in tensors_in(item)]
    return []
