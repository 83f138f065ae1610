"""The tensors that a user's model is called with, and its other arguments."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import torch

from lenet_viz.engine.messages import InputRequest
from lenet_viz.errors import UserMistake
from lenet_viz.inputs import LARGEST_SIDE, digit
from lenet_viz.network.input_shapes import WHOLE, InputShape
from lenet_viz.network.literals import literal_keywords
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_RANGES: Final = {"uint8": 256}
_SMALLEST_RANGE: Final = 2

_NO_DIGIT = QT_TRANSLATE_NOOP(
    "engine",
    "A digit fits none of the model's inputs ({found}): it needs one of floating numbers with "
    "four axes (N, C, H, W), height and width from 1 to {most}. Choose the input random, or "
    "another shape, such as 1,1,32,32.",
)
_NO_INPUT = QT_TRANSLATE_NOOP("engine", "none")
_TWICE = QT_TRANSLATE_NOOP(
    "engine",
    "The model's argument {name} is given twice: among the inputs and among the keyword "
    "arguments. Leave it out in one of the two places.",
)


def ranged(shapes: Sequence[InputShape]) -> tuple[InputShape, ...]:
    """Return the same with a range for every tensor of whole numbers: 0 and 1 where none is set.

    uint8 without a range takes all of its own, as pictures do.
    """
    return tuple(
        replace(shape, low=0, high=_RANGES.get(shape.dtype, _SMALLEST_RANGE))
        if shape.dtype in WHOLE and not (shape.low or shape.high)
        else shape
        for shape in shapes
    )


def input_tensors(shapes: Sequence[InputShape], chosen: InputRequest) -> list[torch.Tensor]:
    """Return the tensors, drawn in order with one generator.

    Floating and complex numbers are standard normal, whole numbers spread evenly over their
    range, bool likewise. A digit takes the place of the first tensor that it fits: grey, in
    every channel and for the whole batch.

    Args:
        shapes: what each is like, ranges set.
        chosen: ``random`` or ``digit``; its seed from 0 to 2⁶³ - 1.

    Raises:
        ModelQuestion: a digit fits none of them; of kind ``digit``.
        UserMistake: there is no such digit.
    """
    generator = torch.Generator().manual_seed(chosen.seed)
    made = [drawn(shape, generator) for shape in shapes]
    if chosen.kind == "digit":
        place = _place_for_digit(shapes)
        shape = shapes[place].shape
        pixels = torch.from_numpy(digit(chosen.label, chosen.index, (shape[2], shape[3])).pixels)
        made[place] = pixels.expand(shape).to(made[place].dtype).clone()
    return made


def drawn(shape: InputShape, generator: torch.Generator) -> torch.Tensor:
    """Return one tensor of random numbers.

    Args:
        shape: what it is like, a range set where it has whole numbers.
        generator: where they come from.
    """
    dtype: torch.dtype = getattr(torch, shape.dtype)
    # Device and type are said, whatever a user's file has set as torch's defaults.
    kind: dict[str, Any] = {"generator": generator, "dtype": dtype, "device": "cpu"}
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(shape.shape, **kind)
    if dtype == torch.bool:
        return torch.randint(0, 2, shape.shape, **{**kind, "dtype": torch.uint8}).bool()
    return torch.randint(shape.low, shape.high, shape.shape, **kind)


def _place_for_digit(shapes: Sequence[InputShape]) -> int:
    for place, shape in enumerate(shapes):
        floating = getattr(torch, shape.dtype).is_floating_point
        if floating and len(shape.shape) == 4 and max(shape.shape[2:]) <= LARGEST_SIDE:
            return place
    found = ", ".join(shape.words() for shape in shapes)
    none = message("engine", _NO_INPUT)
    told = message("engine", _NO_DIGIT, found=found or none, most=LARGEST_SIDE)
    raise ModelQuestion(told, "digit")


def call_arguments(
    shapes: Sequence[InputShape], tensors: Sequence[torch.Tensor], keywords: str
) -> tuple[tuple[torch.Tensor, ...], dict[str, Any]]:
    """Return the positional and the keyword arguments of the model's ``forward``.

    Args:
        shapes: what the tensors are like; one with a name is passed by it.
        tensors: the tensors.
        keywords: further keyword arguments as literals.

    Raises:
        UserMistake: the keywords cannot be read, or a name is given twice.
    """
    given = literal_keywords(keywords)
    args: list[torch.Tensor] = []
    named: dict[str, Any] = {}
    for shape, tensor in zip(shapes, tensors, strict=True):
        if not shape.name:
            args.append(tensor)
        elif shape.name in named or shape.name in given:
            raise UserMistake(message("engine", _TWICE, name=shape.name))
        else:
            named[shape.name] = tensor
    return tuple(args), {**named, **given}
