"""Reads a ledger's lines back: an oracle that knows nothing of how they were written."""

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

import torch
from torch import Tensor

from lenet_viz.capture.arguments import named_arguments, op_name
from lenet_viz.capture.records import GradientState, InputRef, Literal, ParameterRef, Step, Value
from lenet_viz.explain.shape_ledger import ShapeLedger, shape_ledger


def arithmetic(line: str) -> tuple[str, Fraction, int]:
    """Return a line's label, the exact value of its left side and the size that it ends in.

    What stands between the two, ``6.5`` in ``= 6.5 → 6``, must be that value.
    """
    label, colon, rest = line.partition(": ")
    text = rest if colon else line
    left, right = text.split(" = ")
    exact = worked_out(left)
    middle, _, end = right.rpartition(" → ")
    if middle:
        found = sum(Fraction(part) for part in middle.split())
        assert abs(found - exact) < Fraction(1, 10**9), line
        assert int(end) in (floor(found), ceil(found)), line
    else:
        rounding = Fraction(1, 10**9) if "." in left else 0
        assert abs(exact - int(end)) <= rounding, line
    return (label if colon else ""), exact, int(end)


def worked_out(text: str) -> Fraction:
    """Work an expression out with fractions."""
    plain = text.replace("·", "*").replace("×", "*")
    assert re.fullmatch(r"[\d\s.()*/+-]+", plain), text
    return eval(
        re.sub(r"[\d.]+", lambda one: f"Fraction('{one.group()}')", plain), {"Fraction": Fraction}
    )


def boxes(line: str) -> list[tuple[int, ...]]:
    """Return every shape in brackets, each of its sizes worked out."""
    return [
        tuple(int(worked_out(one)) for one in text.split("×")) if text else ()
        for text in re.findall(r"\[([^\[\]]*)\]", line)
    ]


def ledger_of(function: Callable[..., Any], *args: Any, **settings: Any) -> tuple[ShapeLedger, Any]:
    """Return the ledger of one call and what torch gave; nothing is computed on meta tensors."""
    out = function(*args, **settings)
    shapes: dict[str, tuple[int, ...]] = {}
    flowing: list[tuple[int, ...]] = []

    def recorded(value: Any) -> Any:
        if isinstance(value, torch.nn.Parameter):
            name = f"weight{len(shapes)}"
            shapes[name] = tuple(value.shape)
            return ParameterRef(name)
        if isinstance(value, Tensor):
            flowing.append(tuple(value.shape))
            return InputRef(len(flowing) - 1)
        if isinstance(value, (tuple, list)):
            return tuple(recorded(one) for one in value)
        plain = value is None or isinstance(value, (bool, int, float, str))
        return Literal(value if plain else "Ellipsis" if value is ... else str(value))

    op = op_name(function)
    given = [recorded(one) for one in args]
    named = {name: recorded(one) for name, one in settings.items()}
    arguments = named_arguments(function, op, given, named)
    outs = out if isinstance(out, (tuple, list)) else (out,)
    values = tuple(
        Value(tuple(each.shape), "float32", GradientState.NO_BACKWARD, None, None, None)  # type: ignore[arg-type]
        for each in outs
    )
    step = Step(op, op, "", "", 1, 1, (), arguments, values, tuple(flowing))
    return shape_ledger(step, shapes), out


def meta(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta")


def weight(*shape: int) -> torch.nn.Parameter:
    return torch.nn.Parameter(meta(*shape))
