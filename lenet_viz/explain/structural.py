"""Input pixels that cannot influence the output, whatever the input and the weights are."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.errors import UserMistake
from lenet_viz.explain.fields import ends_of, influence_on
from lenet_viz.explain.once import OncePerRun
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
        if self.count == self.mask.size:
            return message(
                "Structural",
                QT_TRANSLATE_NOOP(
                    "Structural",
                    "Hatched: all {all} pixels. Nothing that the model returns depends on this "
                    "input, so its gradient is zero for every input and every weight: "
                    "structurally zero.",
                ),
                all=self.mask.size,
            )
        if not dropping:
            return self._filled(
                QT_TRANSLATE_NOOP(
                    "Structural",
                    "Hatched: {count} of {all} pixels ({percent} %; rows {rows}, columns "
                    "{columns}) can never influence the output, because no step passes them on; "
                    "their gradient is zero for every input and every weight: structurally zero.",
                )
            )
        template = QT_TRANSLATE_NOOP(
            "Structural",
            "Hatched: {count} of {all} pixels ({percent} %; rows {rows}, columns {columns}) can "
            "never influence the output, because {steps} leaves out an edge that only they reach; "
            "their gradient is zero for every input and every weight: structurally zero.",
        )
        return self._filled(template, steps=" / ".join(dropping))

    def _filled(self, template: str, **more: str) -> Message:
        return message(
            "Structural",
            template,
            count=self.count,
            all=self.mask.size,
            percent=f"{100 * self.count / self.mask.size:.1f}",
            rows=span_text(self.rows),
            columns=span_text(self.columns),
            **more,
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


def zeros_of_run(capture: Capture, number: int = 0) -> StructuralZeros | None:
    """Return which pixels of a run's input can never influence the model's output.

    It is worked out from the recorded steps, so any model will do, and once for each run.

    Args:
        capture: the run.
        number: which of its inputs.

    Returns:
        The pixels, of the input's last two axes; None where nothing can be said: the input is no
        picture, the output is not one tensor of a step, or forward ended early.
    """
    return _OF_RUNS.of(capture, number, lambda: _traced(capture, number))


_OF_RUNS: OncePerRun[int, StructuralZeros | None] = OncePerRun()


def structurally_zero(capture: Capture, number: int = 0) -> Mask | None:
    """Return the mask of `zeros_of_run`, bool of shape (H, W), read-only; None for none."""
    zeros = zeros_of_run(capture, number)
    return None if zeros is None else zeros.mask


def _traced(capture: Capture, number: int) -> StructuralZeros | None:
    if capture.output is None or number >= len(capture.input_values):
        return None
    shape = capture.input_values[number].shape
    if len(shape) < 3 or 0 in shape:
        return None
    reached = influence_on(capture, ends_of(capture)).get(Address(Place.INPUT, str(number)))
    if reached is None:
        mask = np.ones(shape[-2:], dtype=np.bool_)
    else:
        mask = np.logical_not(reached.reshape(-1, *shape[-2:]).any(axis=0))
    mask.flags.writeable = False
    return StructuralZeros(mask)
