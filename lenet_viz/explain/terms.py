"""An answer to "why this value?": the terms that add up to it, as plain values."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lenet_viz.capture.address import Address
from lenet_viz.wording import Message

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class How(StrEnum):
    """How a value comes about from its terms."""

    SUM = "sum"
    """The totals of all blocks are added."""
    LARGEST = "largest"
    """One of the first block's products is passed on: a pooling's winner."""
    WORKED_OUT = "worked_out"
    """The lines of ``working`` make it from the blocks' numbers: ReLU, softmax, batch norm."""
    COPY = "copy"
    """It is another number at another place: view, transpose, slice, concat."""


@dataclass(frozen=True, eq=False)
class Factor:
    """The numbers of one role in a block, such as a patch of the input or a kernel.

    Attributes:
        role: what they are, for a person: "input", "kernel", "upstream gradient".
        symbol: its letter in the formula: ``x``, ``w``, ``g``.
        values: float64 of the block's shape; 0 where a number is padding.
        address: the tensor that they are read from, without an index; None where they are worked
            out here, such as a ReLU's derivative.
        indices: int64 of shape (*values.shape, axes of the tensor): which element each one is,
            all -1 for padding; None where ``address`` is None.
    """

    role: Message
    symbol: str
    values: Numbers
    address: Address | None = None
    indices: Indices | None = None

    def at(self, place: tuple[int, ...]) -> Address | None:
        """Return which number of the run stands at a place of the block; None for none."""
        if self.address is None or self.indices is None:
            return None
        index = tuple(int(one) for one in self.indices[place])
        if any(one < 0 for one in index):
            return None
        where = self.address
        return Address(where.place, where.name, where.output, where.side, index, where.run)


@dataclass(frozen=True, eq=False)
class Block:
    """Terms that belong together, such as one input channel's patch times its kernel.

    Each term is the product of the factors at one place.

    Attributes:
        title: what they have in common, such as "input channel 1".
        factors: at least one, all of one shape with at most two axes.
        via: the step through which a gradient comes back; None for forward arithmetic.
        chosen: for `How.LARGEST` the place of the one that is passed on.
    """

    title: Message
    factors: tuple[Factor, ...]
    via: int | None = None
    chosen: tuple[int, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The block's shape, at most two axes; () for one term."""
        return self.factors[0].values.shape

    @cached_property
    def products(self) -> Numbers:
        """The terms, float64 of the block's shape."""
        product = self.factors[0].values
        for factor in self.factors[1:]:
            product = product * factor.values
        return product

    @cached_property
    def total(self) -> float:
        """The sum of the terms in float64."""
        return float(self.products.sum())


@dataclass(frozen=True, slots=True)
class Line:
    """One line of working, ``left = right = value``.

    Attributes:
        left: a name in code style: ``exp(x[3] - m)``, ``mean``, ``y``.
        right: the same with numbers, in code style.
        value: what it comes to.
    """

    left: str
    right: str
    value: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why one number is what it is.

    Attributes:
        asked: the number, its index over all axes.
        step: the step that made it or, for a gradient, the tensor's own step; "" for an input or
            a parameter.
        op: the op that made it, without a trailing underscore; for a gradient the ops through
            which it comes back, joined by ", ".
        how: how ``total`` follows from the terms.
        formula: the general rule in code style, such as
            ``y[o,i,j] = Σ x[c,i+a,j+b]·w[o,c,a,b] + b[o]``.
        headline: the shortest true sentence with numbers: "6 channel sums + bias = 0.0503".
        blocks: the terms; their order is the order in which they are shown.
        working: lines that lead from the terms to the value; empty for a plain sum.
        total: what the arithmetic comes to, in float64.
        captured: the number that torch gave.
        scale: sum of the terms' absolute values, which rounding is measured against.
        dtype: logical type in which torch worked, such as ``float32``.
        terms: how many numbers were added.
        verdict: for a value that is exactly zero, why; None otherwise.
        notes: what else is to be known, one sentence each.
    """

    asked: Address
    step: str
    op: str
    how: How
    formula: str
    headline: Message
    blocks: tuple[Block, ...]
    total: float
    captured: float
    scale: float
    dtype: str = "float32"
    terms: int = 1
    working: tuple[Line, ...] = ()
    verdict: Message | None = None
    notes: tuple[Message, ...] = ()

    @property
    def difference(self) -> float:
        """``total - captured``; 0 where both are the same infinity or both are NaN."""
        same = self.total == self.captured or (np.isnan(self.total) and np.isnan(self.captured))
        return 0.0 if same else self.total - self.captured

    @property
    def adds_up(self) -> bool:
        """Whether the difference is no more than rounding in ``dtype`` explains.

        Source: N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2: a
        sum of n terms is off by about sqrt(n) units in the last place of the absolute sum.
        """
        if self.difference == 0:
            return True  # NaN and infinities among them: their scale says nothing
        unit = _UNITS.get(self.dtype, 2.0**-24)
        allowed = (
            16 * unit * max(1.0, float(np.sqrt(self.terms))) * max(self.scale, abs(self.captured))
        )
        return bool(abs(self.difference) <= allowed + 1e-37)


_UNITS = {
    "float64": 2.0**-53,
    "complex128": 2.0**-53,
    "float32": 2.0**-24,
    "complex64": 2.0**-24,
    "float16": 2.0**-11,
    "bfloat16": 2.0**-8,
}
"""Half the distance between 1 and the next number of each type."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A number for which there is no arithmetic here; the finite difference still tells.

    Attributes:
        asked: the number.
        reason: one sentence: which op, and why not.
        captured: the number that torch gave; None where there is none.
        op: the op that has no explanation; "" where it is none's fault.
    """

    asked: Address
    reason: Message
    captured: float | None
    op: str = ""


Answer = Explanation | Unexplained
