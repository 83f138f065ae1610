"""First guesses at what a model takes: from its signature, its names and its first modules."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any, Final

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from lenet_viz.engine.needs import image_layout, rnn_layout
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

Layout = tuple[int | str, ...]

_PLAIN_TYPES: Final = ("int", "float", "bool", "str", "list", "dict")
_IDS: Final = frozenset({"ids", "id", "idx", "index", "indices", "token", "tokens", "labels"})
_IDS_OF_EMBEDDINGS: Final = frozenset({"src", "tgt", "target", "source", "words", "text"})
_SMALLEST_SIDE: Final = 8

_PLAIN = QT_TRANSLATE_NOOP(
    "engine",
    "The model's forward takes {name} of type {type}, which is no tensor. "
    "Give it as a keyword argument: {name}=…",
)


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument of ``forward`` that a tensor is to fill.

    Attributes:
        name: what it is called.
        keyword: whether it can only be passed by that name.
    """

    name: str
    keyword: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """What one tensor may be like.

    Attributes:
        layout: its axes: ``N`` batch, ``S`` a free size, ``L`` a free length, or a number.
        dtype: its type.
        high: the number above the largest, for whole numbers.
    """

    layout: Layout
    dtype: str = "float32"
    high: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """What all tensors of a call may be like.

    Attributes:
        guesses: one for each slot.
        size: what ``S`` stands for.
        length: what ``L`` stands for.
        batch: what ``N`` stands for.
    """

    guesses: tuple[Guess, ...]
    size: int = 32
    length: int = 16
    batch: int = 1

    def shape(self, number: int) -> tuple[int, ...]:
        """Return the shape of one tensor."""
        free = {"N": self.batch, "S": self.size, "L": self.length}
        layout = self.guesses[number].layout
        return tuple(free[axis] if isinstance(axis, str) else axis for axis in layout)

    def uses(self, letter: str) -> bool:
        """Return whether a size is free that ``letter`` stands for."""
        return any(letter in guess.layout for guess in self.guesses)

    def with_guess(self, number: int, guess: Guess) -> "Candidate":
        """Return the same with another guess at one tensor."""
        guesses = (*self.guesses[:number], guess, *self.guesses[number + 1 :])
        return replace(self, guesses=guesses)

    def shapes(self, slots: tuple[Slot, ...]) -> tuple[InputShape, ...]:
        """Return it as what a run is asked for."""
        return tuple(
            InputShape(
                self.shape(number), guess.dtype, slot.name if slot.keyword else "", 0, guess.high
            )
            for number, (slot, guess) in enumerate(zip(slots, self.guesses, strict=True))
        )


def slots_of(model: nn.Module, keywords: Mapping[str, Any]) -> tuple[Slot, ...]:
    """Return the arguments of ``forward`` that need a tensor.

    Args:
        model: the model.
        keywords: arguments that are given already.

    Raises:
        ModelQuestion: one is annotated as something that is no tensor; of kind ``keyword``.
    """
    try:
        parameters = list(inspect.signature(model.forward).parameters.values())
    except (TypeError, ValueError):
        return (Slot("input"),)
    slots: list[Slot] = []
    by_name = False
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL and not slots:
            slots.append(Slot(parameter.name))
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.name in keywords:
            by_name = True  # what follows can no longer be passed by position
        elif parameter.default is parameter.empty:
            _check_annotation(parameter)
            slots.append(Slot(parameter.name, by_name or parameter.kind is parameter.KEYWORD_ONLY))
    return tuple(slots)


def _check_annotation(parameter: inspect.Parameter) -> None:
    wanted = parameter.annotation
    name = wanted if isinstance(wanted, str) else getattr(wanted, "__name__", "")
    if name in _PLAIN_TYPES:
        raise ModelQuestion(
            message("engine", _PLAIN, name=parameter.name, type=name), "keyword", (parameter.name,)
        )


def first_candidates(model: nn.Module, slots: tuple[Slot, ...]) -> list[Candidate]:
    """Return candidates to begin with, the likeliest first.

    Args:
        model: the model.
        slots: what is to be filled.
    """
    dtype = floating_type(model)
    found = [Guess(layout, kind or dtype, high) for layout, kind, high in _from_modules(model)]
    for layout in (*map(_picture, (3, 1)), ("N", "L"), ("N", "L", 16), ("N", 16), ("N",)):
        found.append(Guess(layout, dtype))
    found.append(Guess(("N", "L"), "int64", 2))
    first = found[0]
    return [
        Candidate(tuple(_for_name(slot.name, guess, first) for slot in slots))
        for guess in dict.fromkeys(found)
    ]


def _picture(channels: int) -> Layout:
    return image_layout(channels, 2)


def _for_name(name: str, guess: Guess, first: Guess) -> Guess:
    """Return a guess that fits what an argument is called."""
    lowered = name.lower()
    if "mask" in lowered:
        return Guess(("N", "L"), "bool")
    parts = set(lowered.split("_"))
    if parts & _IDS or (first.high and parts & _IDS_OF_EMBEDDINGS):
        return guess if guess.dtype == "int64" else Guess(("N", "L"), "int64", first.high or 2)
    return guess


def floating_type(model: nn.Module) -> str:
    """Return the type of a model's first parameter of floating or complex numbers."""
    for parameter in model.parameters():
        if parameter.is_floating_point() or parameter.is_complex():
            return str(parameter.dtype).rpartition(".")[2]
    return str(torch.get_default_dtype()).rpartition(".")[2]


def _from_modules(model: nn.Module) -> list[tuple[Layout, str, int]]:
    """Return what the first modules with parameters take, in the order they were registered."""
    found: list[tuple[Layout, str, int]] = []
    flattens = _flattens(model)
    for module in model.modules():
        if isinstance(module, nn.Flatten):
            flattens = True
        if isinstance(module, nn.Linear) and flattens and not found:
            found += [(layout, "", 0) for layout in square_pictures(module.in_features)]
        layout, whole = _taken_by(module)
        if layout:
            found.append((layout, "int64" if whole else "", whole))
        if len(found) > 3:
            break
    return found


def _flattens(model: nn.Module) -> bool:
    """Return whether ``forward`` is written with a view or the like, as far as its text tells."""
    try:
        text = inspect.getsource(type(model).forward)
    except (OSError, TypeError, SyntaxError, IndexError):
        return False
    return any(word in text for word in ("view(", "flatten(", "reshape("))


def square_pictures(numbers: int) -> list[Layout]:
    """Return layouts of square pictures with so many numbers: grey, then in three colours."""
    found: list[Layout] = []
    for channels in (1, 3):
        side = isqrt(numbers // channels)
        if side >= _SMALLEST_SIDE and channels * side * side == numbers:
            found.append(("N", channels, side, side))
    return found


def _taken_by(module: nn.Module) -> tuple[Layout, int]:
    """Return the layout of what a module takes, and below which number for whole numbers."""
    axes = _convolution_axes(module)
    if axes:
        channels = 3 if is_lazy(getattr(module, "weight", None)) else int(module.in_channels)  # type: ignore[arg-type]
        return image_layout(channels, axes), 0
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return ("N", "L"), module.num_embeddings
    if isinstance(module, nn.RNNBase):
        return rnn_layout(module), 0
    if isinstance(module, nn.RNNCellBase):
        return ("N", module.input_size), 0
    if isinstance(module, nn.TransformerEncoderLayer):
        module = module.self_attn
    if isinstance(module, nn.MultiheadAttention):
        free = ("N", "L") if module.batch_first else ("L", "N")
        return (*free, module.embed_dim), 0
    if isinstance(module, nn.LayerNorm):
        tail = tuple(module.normalized_shape)
        return (("N", "L", *tail) if len(tail) == 1 else ("N", *tail)), 0
    if isinstance(module, nn.Linear):
        return ("N", 16 if is_lazy(module.weight) else module.in_features), 0
    return (), 0


def _convolution_axes(module: nn.Module) -> int:
    kinds = (
        (nn.Conv1d, nn.ConvTranspose1d, nn.BatchNorm1d),
        (nn.Conv2d, nn.ConvTranspose2d),
        (nn.Conv3d, nn.ConvTranspose3d),
    )
    for axes, kind in enumerate(kinds, start=1):
        if isinstance(module, kind[:2]):
            return axes
    return 0
