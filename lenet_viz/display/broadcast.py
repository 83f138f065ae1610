"""How shapes are laid against each other when torch broadcasts them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BroadcastRow:
    """One tensor's axes under the axes of the common shape.

    Attributes:
        shape: its own shape.
        cells: for each axis of the common shape its own size, or None where it has no such axis.
        copied: for each axis whether it is copied along it.
    """

    shape: tuple[int, ...]
    cells: tuple[int | None, ...]
    copied: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Tensors laid against each other, axes aligned at the right.

    Attributes:
        rows: one for each tensor.
        common: the shape of what comes out.
    """

    rows: tuple[BroadcastRow, ...]
    common: tuple[int, ...]

    @property
    def any(self) -> bool:
        """Whether something is copied at all."""
        return any(True in row.copied or None in row.cells for row in self.rows)


def broadcast(shapes: Sequence[Sequence[int]]) -> Broadcast | None:
    """Return how tensors of these shapes are laid against each other; None where they do not fit.

    Source: https://docs.pytorch.org/docs/stable/notes/broadcasting.html
    """
    axes = max((len(shape) for shape in shapes), default=0)
    padded = [(None,) * (axes - len(shape)) + tuple(shape) for shape in shapes]
    common: list[int] = []
    for column in zip(*padded, strict=True):
        sizes = {size for size in column if size is not None and size != 1}
        if len(sizes) > 1:
            return None
        common.append(sizes.pop() if sizes else 1)
    rows = tuple(
        BroadcastRow(
            tuple(shape),
            cells,
            tuple(
                size in (None, 1) and size != whole
                for size, whole in zip(cells, common, strict=True)
            ),
        )
        for shape, cells in zip(shapes, padded, strict=True)
    )
    return Broadcast(rows, tuple(common))
