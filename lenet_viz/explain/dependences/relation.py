"""Which elements of one tensor depend on which of another, in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal as OneOf
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lenet_viz.explain.terms import Indices

Mask = npt.NDArray[np.bool_]
Shape = tuple[int, ...]
Along = OneOf["same", "all"] | Mask
"""How an output's places along an axis depend on the input's: each on its own, each on all, or
bool of shape (output size, input size)."""


class Exactness(StrEnum):
    """How well a field is known."""

    EXACT = "exact"
    """These and no others, whatever the numbers are, as long as nothing cancels by chance."""
    DATA_DEPENDENT = "data_dependent"
    """These can matter; which of them do in this run, its numbers decide (ReLU, max pooling)."""
    UPPER_BOUND = "upper_bound"
    """No others can matter; whether all of these can is not known."""

    def worse(self, other: "Exactness") -> "Exactness":
        """Return the less certain of two."""
        order = list(Exactness)
        return max(self, other, key=order.index)


class Relation(Protocol):
    """Which elements of an output depend on which of an operand."""

    def back(self, mask: Mask) -> Mask:
        """Return the operand's elements on which some marked element of the output depends."""
        ...

    def forth(self, mask: Mask) -> Mask:
        """Return the output's elements that depend on some marked element of the operand."""
        ...


@dataclass(frozen=True, eq=False)
class Separable:
    """A relation that holds where it holds along every axis by itself.

    Attributes:
        before: the operand's shape.
        after: the output's shape.
        along: for each axis of the views how the output depends on the operand.
        view_before: the operand with its axes as ``along`` counts them; None for as it is.
        view_after: the same of the output.
    """

    before: Shape
    after: Shape
    along: tuple[Along, ...]
    view_before: Shape | None = None
    view_after: Shape | None = None

    def back(self, mask: Mask) -> Mask:
        """Return the operand's elements on which some marked element of the output depends."""
        start, end = self.view_after or self.after, self.view_before or self.before
        return self._taken(mask.reshape(start), end, [*self.along]).reshape(self.before)

    def forth(self, mask: Mask) -> Mask:
        """Return the output's elements that depend on some marked element of the operand."""
        start, end = self.view_before or self.before, self.view_after or self.after
        turned = [one if isinstance(one, str) else one.T for one in self.along]
        return self._taken(mask.reshape(start), end, turned).reshape(self.after)

    @staticmethod
    def _taken(mask: Mask, end: Shape, along: Sequence[Along]) -> Mask:
        merged = tuple(
            axis for axis, one in enumerate(along) if isinstance(one, str) and one == "all"
        )
        if merged:
            # Axes of which any element will do are the cheapest: they shrink the rest.
            mask = np.asarray(mask.any(axis=merged, keepdims=True))
        for axis, one in enumerate(along):
            if not isinstance(one, str):
                moved = np.moveaxis(mask, axis, -1).astype(np.float32)
                mask = np.moveaxis(moved @ one.astype(np.float32) > 0, -1, axis)
        return np.ascontiguousarray(np.broadcast_to(mask, end))


@dataclass(frozen=True, eq=False)
class Turned:
    """A relation with the operand's axes in another order.

    Attributes:
        order: which axis of the operand stands at each place.
        inner: the relation with the operand in that order.
    """

    order: tuple[int, ...]
    inner: Separable

    def back(self, mask: Mask) -> Mask:
        """Return the operand's elements on which some marked element of the output depends."""
        return self.inner.back(mask).transpose(np.argsort(self.order))

    def forth(self, mask: Mask) -> Mask:
        """Return the output's elements that depend on some marked element of the operand."""
        return self.inner.forth(np.ascontiguousarray(mask.transpose(self.order)))


@dataclass(frozen=True, eq=False)
class Moved:
    """A relation of numbers that were only moved.

    Attributes:
        before: the operand's shape.
        flat: int64 of the output's shape: which element of the operand; -1 for none of it.
    """

    before: Shape
    flat: Indices

    @cached_property
    def _mine(self) -> Mask:
        return self.flat >= 0

    def back(self, mask: Mask) -> Mask:
        """Return the operand's elements that stand at some marked element of the output."""
        found = np.zeros(int(np.prod(self.before)), dtype=np.bool_)
        found[self.flat[mask & self._mine]] = True
        return found.reshape(self.before)

    def forth(self, mask: Mask) -> Mask:
        """Return the output's elements at which some marked element of the operand stands."""
        if not mask.size:
            return np.zeros(self.flat.shape, dtype=np.bool_)
        return np.asarray(mask.reshape(-1)[self.flat] & self._mine)


@dataclass(frozen=True, eq=False)
class Constant:
    """A relation in which nothing depends on the operand.

    Attributes:
        before: the operand's shape.
        after: the output's shape.
    """

    before: Shape
    after: Shape

    def back(self, mask: Mask) -> Mask:
        """Return no element."""
        return np.zeros(self.before, dtype=np.bool_)

    def forth(self, mask: Mask) -> Mask:
        """Return no element."""
        return np.zeros(self.after, dtype=np.bool_)


def many(one: Along, count: int) -> tuple[Along, ...]:
    """Return the same way of depending for so many axes."""
    return (one,) * count


def everything(before: Shape, after: Shape) -> Separable:
    """Return the relation in which each element depends on each."""
    sizes = int(np.prod(before)), int(np.prod(after))
    return Separable(before, after, ("all",), (sizes[0],), (sizes[1],))


def same_places(before: Shape, after: Shape) -> Separable | None:
    """Return the relation of equal places, axes of size 1 stretched; None where sizes differ."""
    rank = max(len(before), len(after))
    first, second = (1,) * (rank - len(before)) + before, (1,) * (rank - len(after)) + after
    if any(a not in (1, b) for a, b in zip(first, second, strict=True)):
        return None
    along: tuple[Along, ...] = tuple(
        "same" if a == b else "all" for a, b in zip(first, second, strict=True)
    )
    return Separable(before, after, along, first, second)
