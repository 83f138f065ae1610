"""The objective of a run as a function of its output, for repeating the run."""

from dataclasses import dataclass

import numpy as np
import torch

from lenet_viz.capture.objective import start
from lenet_viz.capture.records import Capture
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_COMPLEX = QT_TRANSLATE_NOOP(
    "engine",
    "The model's output is complex; finite differences are worked out for real outputs only.",
)


@dataclass(frozen=True, slots=True)
class Objective:
    """What is differentiated, fixed numbers and all."""

    word: str
    kind: str
    upstream: torch.Tensor | None
    target: torch.Tensor | None

    def of(self, output: torch.Tensor) -> float:
        """Return the objective of a model's output, a real number."""
        with torch.no_grad():
            output = output.detach()
            if self.kind in ("random", "vector") and self.upstream is not None:
                return float((self.upstream.to(output.dtype) * output).sum().real)
            if self.kind == "mse" and self.target is not None:
                return float(((output - self.target.to(output.dtype)) ** 2).mean())
            scalar = start(self.word, output).scalar
            assert scalar is not None
            return float(scalar)


def objective_of(word: str, capture: Capture) -> Objective:
    """Return what the run differentiated.

    Raises:
        UserMistake: its output is complex.
    """
    found = capture.objective
    assert found is not None
    upstream, target = found.upstream, found.target
    if upstream is not None and np.iscomplexobj(upstream):
        raise UserMistake(message("engine", _COMPLEX))
    return Objective(
        word,
        found.kind,
        None if upstream is None else torch.from_numpy(np.array(upstream, dtype=np.float64)),
        None if target is None else torch.from_numpy(np.array(target, dtype=np.float64)),
    )
