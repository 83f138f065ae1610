"""What ``print(tensor)`` gives in PyTorch, for arrays that are no tensors any more.

The rules are those of PyTorch's default print options: four digits, lines of 80 characters, and
only the first and last three of each axis once a tensor has more than 1000 elements.

Source: https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html and what
torch 2.13 prints.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

PRECISION: Final = 4
THRESHOLD: Final = 1000
EDGE_ITEMS: Final = 3
LINE_WIDTH: Final = 80

_DEFAULT_TYPES: Final = ("float32", "complex64", "int64", "bool")

Number = bool | int | float | complex
Formatter = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class _Style:
    """How every number of one tensor is written.

    Attributes:
        mode: ``plain`` (integers and bool), ``whole`` (floats without a fraction: ``3.``),
            ``fixed`` (``0.1234``) or ``scientific`` (``1.2340e-05``).
        width: characters that each number is padded to on the left.
    """

    mode: str
    width: int

    @classmethod
    def of(cls, numbers: npt.NDArray[Any]) -> Self:
        """Return the style that fits ``numbers``, the ones that will be written."""
        if numbers.dtype.kind != "f":
            texts = [str(number) for number in numbers.reshape(-1).tolist()]
            return cls("plain", max(map(len, texts), default=1))
        flat = numbers.reshape(-1)
        wide = flat[np.isfinite(flat) & (flat != 0)].astype(np.float64)
        if wide.size == 0:
            return cls("whole", 1)
        mode = _mode(wide)
        longest = max(len(_number(number, mode)) for number in wide.tolist())
        return cls(mode, longest)

    def write(self, number: Number) -> str:
        """Return one number, padded."""
        return _number(number, self.mode).rjust(self.width)


def tensor_text(
    array: npt.ArrayLike,
    *,
    grad_fn: str = "",
    requires_grad: bool = False,
    prefix: str = "tensor(",
    dtype: str = "",
) -> str:
    """Return what ``print`` gives for a tensor with the numbers of ``array``.

    Args:
        array: any shape; bool, integers, floats or complex numbers.
        grad_fn: name of the tensor's autograd node, such as ``AddmmBackward0``; "" for a leaf.
        requires_grad: whether a leaf requires a gradient; said only where there is no node.
        prefix: what stands before the first bracket; lines are indented by its length.
        dtype: the tensor's logical type without ``torch.``, where NumPy has no such type
            (``bfloat16``); "" for the array's own.
    """
    numbers = np.asarray(array)
    indent = len(prefix)
    name = dtype or numbers.dtype.name
    suffixes: list[str] = []
    if numbers.size == 0:
        text = "[]"
        if numbers.ndim != 1:
            suffixes.append(f"size={tuple(numbers.shape)}")
        if name != "float32":
            suffixes.append(f"dtype=torch.{name}")
    else:
        text = _numbers(numbers, indent)
        if name not in _DEFAULT_TYPES:
            suffixes.append(f"dtype=torch.{name}")
    if grad_fn:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(prefix + text, suffixes, indent)


def size_text(shape: Sequence[int]) -> str:
    """Return what ``print(tensor.size())`` gives: ``torch.Size([1, 6, 30, 30])``.

    Args:
        shape: the tensor's shape; empty for a single number.
    """
    return f"torch.Size([{', '.join(str(size) for size in shape)}])"


def _mode(wide: npt.NDArray[np.float64]) -> str:
    """Return the mode for floats that are finite and not 0."""
    sizes = np.abs(wide)
    low, high = float(sizes.min()), float(sizes.max())
    if high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4:
        return "scientific"
    return "whole" if bool((wide == np.ceil(wide)).all()) else "fixed"


def _number(number: Number, mode: str) -> str:
    if mode == "plain" or isinstance(number, complex):
        return str(number)
    if mode == "scientific":
        return f"{number:.{PRECISION}e}"
    if mode == "fixed":
        return f"{number:.{PRECISION}f}"
    return f"{number:.0f}" + ("." if math.isfinite(number) else "")


def _numbers(numbers: npt.NDArray[Any], indent: int) -> str:
    """Return the bracketed numbers of an array that has some."""
    summarise = numbers.size > THRESHOLD
    shown = _edges(numbers) if summarise else numbers
    width: int
    if np.iscomplexobj(numbers):
        real, imaginary = _Style.of(shown.real), _Style.of(shown.imag)
        width = real.width + imaginary.width + 1

        def write(number: Any) -> str:
            second = f"{imaginary.write(number.imag)}j".lstrip()
            return real.write(number.real) + ("" if second[0] in "+-" else "+") + second

    else:
        style = _Style.of(shown)
        width, write = style.width, style.write
    return _nested(numbers, indent, summarise, write, width)


def _edges(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the first and last three along every axis that is longer than six."""
    for axis, size in enumerate(numbers.shape):
        if size > 2 * EDGE_ITEMS:
            places = [*range(EDGE_ITEMS), *range(size - EDGE_ITEMS, size)]
            numbers = numbers.take(places, axis=axis)
    return numbers


def _nested(
    numbers: npt.NDArray[Any], indent: int, summarise: bool, write: Formatter, width: int
) -> str:
    if numbers.ndim == 0:
        return write(numbers.item())
    cut = summarise and len(numbers) > 2 * EDGE_ITEMS
    if numbers.ndim == 1:
        return _line(numbers, indent, cut, write, width)
    ends = (numbers[:EDGE_ITEMS], numbers[-EDGE_ITEMS:]) if cut else (numbers,)
    parts = [[_nested(part, indent + 1, summarise, write, width) for part in end] for end in ends]
    pieces = [*parts[0], "...", *parts[1]] if cut else parts[0]
    between = "," + "\n" * (numbers.ndim - 1) + " " * (indent + 1)
    return f"[{between.join(pieces)}]"


def _line(numbers: npt.NDArray[Any], indent: int, cut: bool, write: Formatter, width: int) -> str:
    """Return an array of one axis, broken into lines."""
    if cut:
        first = [write(number) for number in numbers[:EDGE_ITEMS].tolist()]
        last = [write(number) for number in numbers[-EDGE_ITEMS:].tolist()]
        texts = [*first, " ...", *last]
    else:
        texts = [write(number) for number in numbers.tolist()]
    room = max(1, (LINE_WIDTH - indent) // (width + 2))
    lines = [", ".join(texts[start : start + room]) for start in range(0, len(texts), room)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _with_suffixes(text: str, suffixes: Sequence[str], indent: int) -> str:
    """Return ``text`` with its suffixes, on a new line where the last one is full."""
    # One more than the line has: PyTorch counts from the line break itself.
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > LINE_WIDTH:
            text += ",\n" + " " * indent + suffix
            used = indent + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
