"""What a user's model returns, as the one tensor that a run ends with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any, Final

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_DEEPEST: Final = 8
_MOST: Final = 10_000

_FIRST = QT_TRANSLATE_NOOP(
    "engine",
    "The model returns a {kind}. The run's output, and where backward starts, is the first tensor "
    "of floating numbers in it: output{path}, of shape {shape}.",
)
_NOTHING = QT_TRANSLATE_NOOP(
    "engine",
    "The model's forward returned {found}; wanted: a tensor, or a tuple, list or dict with one in "
    "it. The steps up to there are kept. End forward with a return of what it computed.",
)


class NoTensor(Exception):
    """A model returned nothing that a run could end with.

    Attributes:
        message: what it returned, and what to do.
    """

    def __init__(self, sentence: Message) -> None:
        """Keep the sentence."""
        super().__init__(str(sentence))
        self.message = sentence


class OneOutput:
    """Lets a model return the first tensor of what it returns.

    Attributes:
        note: which one was taken; None where it returns a tensor.
    """

    def __init__(self, model: nn.Module) -> None:
        """Prepare; nothing is changed before `taken`."""
        self._model = model
        self._depth = 0
        self.note: Message | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the model return one tensor for a while.

        While it lasts, a call of the model raises `NoTensor` where it returns none.
        """
        # On all modules, not on this one: hooks of its own would be taken for the user's.
        handles = (
            register_module_forward_pre_hook(self._enter),
            register_module_forward_hook(self._leave),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, args: Any) -> None:
        if module is self._model:
            self._depth += 1  # a model may call itself: only the outermost call counts

    def _leave(self, module: nn.Module, args: Any, output: Any) -> Any:
        if module is not self._model:
            return None
        self._depth -= 1
        if self._depth or isinstance(output, torch.Tensor):
            return None
        path, tensor = first_tensor(output)
        kind = "None" if output is None else type(output).__name__
        if tensor is None:
            raise NoTensor(message("engine", _NOTHING, found=kind))
        shape = str(tuple(tensor.shape))
        self.note = message("engine", _FIRST, kind=kind, path=path, shape=shape)
        return tensor


def first_tensor(output: Any) -> tuple[str, torch.Tensor | None]:
    """Return the first tensor of floating numbers in nested values, and how Python reaches it.

    Where none is floating, the first of all; ("", None) where there is none.
    """
    other: tuple[str, torch.Tensor | None] = ("", None)
    for count, (path, tensor) in enumerate(_tensors(output, "", 0)):
        if tensor.is_floating_point() or tensor.is_complex():
            return path, tensor
        if other[1] is None:
            other = path, tensor
        if count > _MOST:
            break
    return other


def _tensors(value: Any, path: str, depth: int) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield path, value
        return
    if depth > _DEEPEST:
        return
    for step, inner in _parts(value):
        yield from _tensors(inner, path + step, depth + 1)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key in value:
            yield f"[{key!r}]"[:60], value[key]
    elif isinstance(value, tuple | list):
        for number, inner in enumerate(value):
            yield f"[{number}]", inner
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield f".{field.name}", getattr(value, field.name, None)
    elif hasattr(value, "__dict__") and not isinstance(value, type | nn.Module):
        for name, inner in vars(value).items():
            yield f".{name}", inner
