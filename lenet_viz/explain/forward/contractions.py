"""A value of ``einsum``: products of operands, added up over every letter that the output lacks."""

from math import prod

import numpy as np

from lenet_viz.explain.forward.convolution import products_headline
from lenet_viz.explain.forward.finding import CannotSay, Finding, Index, factor
from lenet_viz.explain.forward.products import sorted_block
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import How
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_OPERAND = QT_TRANSLATE_NOOP("Why", "operand {number}")
_TITLE = QT_TRANSLATE_NOOP("Why", "{count} products, the largest first")
MOST = 2**22
"""Sums of more products are not written out."""


def einsum(call: Call, output: int, index: Index) -> Finding:
    """Return the products that one value of an ``einsum`` is the sum of.

    Raises:
        CannotSay: it has an ellipsis, or is not written as text.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
    """
    text = call.step.literal("0")
    operands = tuple(call.operands())
    if not isinstance(text, str) or "." in text:
        raise CannotSay
    inputs, out = _letters(text.replace(" ", ""))
    if [len(each) for each in inputs] != [len(each.shape) for each in operands]:
        raise CannotSay
    sizes = _sizes(inputs, operands)
    summed = [letter for letter in sizes if letter not in out]
    count = prod(sizes[letter] for letter in summed)
    if count > MOST:
        raise CannotSay
    at = dict(zip(out, index, strict=True))
    spread = np.indices([sizes[letter] for letter in summed], dtype=np.int64)
    places = dict(zip(summed, spread.reshape(len(summed), -1), strict=True))
    factors = []
    for number, (letters, operand) in enumerate(zip(inputs, operands, strict=True)):
        columns = [
            np.zeros(count, np.int64)
            if size == 1
            else places.get(letter, np.full(count, at.get(letter, 0)))
            for letter, size in zip(letters, operand.shape, strict=True)
        ]
        indices = np.stack(columns, axis=-1) if columns else np.zeros((count, 0), np.int64)
        role = message("Why", _OPERAND, number=number + 1)
        factors.append(factor(operand, indices, role, "abcdefgh"[number % 8]))
    block = sorted_block(message("Why", _TITLE, count=count), *factors)
    headline = products_headline(count, block.total, bias=False)
    return Finding(How.SUM, f"y = einsum('{text}')", headline, (block,), block.total)


def _letters(text: str) -> tuple[list[str], str]:
    """Return each operand's letters and the output's, which are the single ones in order."""
    left, arrow, out = text.partition("->")
    if not arrow:
        out = "".join(sorted(letter for letter in set(left) - {","} if left.count(letter) == 1))
    return left.split(","), out


def _sizes(inputs: list[str], operands: tuple[Operand, ...]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for letters, operand in zip(inputs, operands, strict=True):
        for letter, size in zip(letters, operand.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    return sizes
