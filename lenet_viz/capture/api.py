"""The public way to record a run from Python."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lenet_viz.capture.recorder import record
from lenet_viz.capture.records import Capture


def capture(
    model: nn.Module,
    *inputs: Any,
    backward: str | torch.Tensor | Callable[[Any], Any] | None = None,
    seed: int | None = None,
    **kwargs: Any,
) -> Capture:
    """Return a record of one run of ``model``: every step, shape, activation and gradient.

    The model, its ``.grad``s and the inputs end as they were; generators and buffers such as
    BatchNorm's statistics end as after one bare run.

    Args:
        model: any module, in the mode (train or eval) it is in.
        *inputs: what to call it with.
        backward: None for forward only; the upstream gradient v, of the output's shape; one of
            the words ``random``, ``output:K``, ``cross-entropy:K``, ``mse``; or a function from
            the output to a scalar.
        seed: seeds torch's generators for this run; None uses and advances them as they are.
        **kwargs: keyword arguments of the model's ``forward``.

    Raises:
        UserMistake: forward or backward raised (`RecordingFailed`, whose ``capture`` has the
            steps so far), or ``backward`` does not fit the output.
    """
    return record(model, inputs, kwargs, objective=backward, seed=seed)
