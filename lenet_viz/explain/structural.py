"""Input pixels that cannot influence the output, whatever the input and the weights are."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lenet_viz.errors import UserMistake
from lenet_viz.network.influence import influence
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class StructuralZeros:
    """Where an input's gradient is zero for every input and every weight.

    Attributes:
        mask: bool of shape (H, W), True where the pixel cannot influence the output.
    """

    mask: Mask

    @property
    def count(self) -> int:
        """How many pixels that are."""
        return int(np.count_nonzero(self.mask))

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that are wholly structurally zero, from 0."""
        return tuple(np.flatnonzero(self.mask.all(axis=1)).tolist())

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns that are wholly structurally zero, from 0."""
        return tuple(np.flatnonzero(self.mask.all(axis=0)).tolist())

    def sentence(self, dropping: tuple[str, ...]) -> Message:
        """Return the one sentence that explains them.

        Args:
            dropping: names of the steps whose windows leave rows or columns out.
        """
        if not self.count:
            return message(
                "Structural",
                QT_TRANSLATE_NOOP(
                    "Structural", "Every input pixel can influence the output: nothing is dropped."
                ),
            )
        template = QT_TRANSLATE_NOOP(
            "Structural",
            "Hatched: {count} of {all} pixels ({percent} %; rows {rows}, columns {columns}) can "
            "never influence the output, because {steps} leaves out an edge that only they reach; "
            "their gradient is zero for every input and every weight: structurally zero.",
        )
        return message(
            "Structural",
            template,
            count=self.count,
            all=self.mask.size,
            percent=f"{100 * self.count / self.mask.size:.1f}",
            rows=span_text(self.rows),
            columns=span_text(self.columns),
            steps=" / ".join(dropping) or "-",
        )


def span_text(values: tuple[int, ...]) -> str:
    """Return numbers as text with runs joined: ``30-31``, ``0, 30-31``, ``-`` for none."""
    parts: list[str] = []
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[at - 1] + 1:
            first, last = values[start], values[at - 1]
            parts.append(str(first) if first == last else f"{first}-{last}")
            start = at
    return ", ".join(parts) or "-"


@lru_cache(maxsize=32)
def structural_zeros(spec: Spec, *, training: bool = False) -> StructuralZeros:
    """Return a network's structurally zero input pixels; none where its shapes do not fit.

    Args:
        spec: the network.
        training: whether batch normalisation and dropout are in training mode.

    It is worked out once for each network; the mask is read-only.
    """
    try:
        mask = ~influence(spec, training=training)
    except UserMistake:
        mask = np.zeros(spec.input_shape[-2:], dtype=bool)
    mask.flags.writeable = False
    return StructuralZeros(mask)
