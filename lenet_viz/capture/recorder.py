"""Records one run of any model: every op, tensor and gradient."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.borrowed import CollectorPaused, seeded
from lenet_viz.capture.objective import Wanted
from lenet_viz.capture.records import Capture
from lenet_viz.capture.run import RecordingFailed, Run
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

__all__ = ["RecordingFailed", "record"]

_running = threading.local()
# Two threads may record the same model: its ``.grad``s and the hooks are the process's own.
_one_at_a_time = threading.Lock()


def record(
    model: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    objective: Wanted | None = None,
    seed: int | None = None,
    name: str | None = None,
    settings: Mapping[str, str] | None = None,
    grads_before: Mapping[str, Array] | None = None,
    zero_grad: bool = False,
    spec: str = "",
) -> Capture:
    """Return the record of one run of ``model``, which ends as after one bare run.

    Threads that record take turns.

    Args:
        model: what to run, in the mode (train or eval) it is in.
        args: its positional inputs; tensors are copied first.
        kwargs: its keyword inputs.
        objective: what backward starts from: a word such as ``cross-entropy:7``, the vector v,
            or a function from output to scalar; None to run forward only.
        seed: seeds torch's generators for this run; None goes on with them as they are.
        name: what to call the model; its class's name if None.
        settings: how the run was asked for, as plain text.
        grads_before: every ``.grad`` before the run, under ``parameter:<name>`` and
            ``input:<number>``; None to take the model's and the inputs' own.
        zero_grad: count the parameters' ``.grad`` as None before backward. The inputs' stay.
        spec: the model's spec as JSON, where it has one.

    Raises:
        RecordingFailed: forward or backward raised; the steps so far are in its ``capture``.
        UserMistake: the objective does not fit the output, or a recording is already running.
    """
    if getattr(_running, "yes", False):
        raise UserMistake(_nested())
    with _one_at_a_time, CollectorPaused():
        return _record(
            Run(model, name, spec),
            args,
            kwargs or {},
            objective,
            seed,
            settings or {},
            grads_before,
            zero_grad,
        )


def _record(
    run: Run,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    objective: Wanted | None,
    seed: int | None,
    settings: Mapping[str, str],
    grads_before: Mapping[str, Array] | None,
    zero_grad: bool,
) -> Capture:
    """Return the records of ``run``, every hook taken off and every tensor let go."""
    _running.yes = True
    try:
        run.begin(args, kwargs, grads_before, zero_grad)
        run.settings = {
            "seed": "" if seed is None else str(seed),
            "zero_grad": "yes" if zero_grad else "no",
            **settings,
        }
        with seeded(seed, run.model):
            run.run(objective)
        return run.capture()
    finally:
        _running.yes = False
        run.close()


def _nested() -> Message:
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "A capture is already running in this thread. Take the call of capture() out of "
            "the model's forward.",
        ),
    )
