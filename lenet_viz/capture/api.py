"""The public way to record a run from Python."""

from collections.abc import Callable
from operator import index
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from lenet_viz.capture import words
from lenet_viz.capture.recorder import record
from lenet_viz.capture.records import Capture
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

SEEDS = range(-(2**63), 2**64)
"""What torch takes as a random seed."""


def capture(
    model: nn.Module | str | Path,
    *inputs: Any,
    backward: str | torch.Tensor | Callable[[Any], Any] | None = None,
    seed: int | None = None,
    **kwargs: Any,
) -> Capture:
    """Return a record of one run of ``model``: every step, shape, activation and gradient.

    The model, its ``.grad``s and the inputs end as they were; generators and buffers such as
    BatchNorm's statistics end as after one bare run.

    Args:
        model: any module, in the mode (train or eval) it is in; or a word as on the command line:
            a preset's name, a network's JSON file, or Python code such as ``net.py:Net(10)``,
            which then runs in this process, as all its code does.
        *inputs: what to call it with; for a word they may be left out: a preset's own input, or
            random numbers of a shape that fits.
        backward: None for forward only; the upstream gradient v, of the output's shape; one of
            the words ``random``, ``output:K``, ``cross-entropy:K``, ``mse``, ``mse:flat``,
            ``vector:A,B,...``; or a function from the output to a scalar.
        seed: seeds torch's generators for this run; None uses and advances them as they are. For
            a word, N makes the weights, N + 1 a random input, N + 2 the rest, as ``--seed N`` does
            on the command line, and None is 0.
        **kwargs: keyword arguments of the model's ``forward``.

    Raises:
        TypeError: ``model`` is no module and no word, ``seed`` no whole number, or ``backward``
            none of what it may be; said before anything runs.
        UserMistake: ``backward`` is a word that is not known or ``seed`` out of torch's range,
            said before anything runs; forward or backward raised (`RecordingFailed`, whose
            ``capture`` has the steps so far); ``backward`` does not fit the output; or there is
            no model of that word.
    """
    if isinstance(model, str | Path):
        # The way from a word to a run is the command line's own.
        from lenet_viz.commands.word_run import run_word

        _check_backward(backward)
        return run_word(str(model), inputs, kwargs, backward=backward, seed=_checked_seed(seed))
    _check_model(model)
    _check_backward(backward)
    number = _checked_seed(seed)
    try:
        return record(model, inputs, kwargs, objective=backward, seed=number)
    except ValueError as error:
        name = _without_shape(model)
        if name is None:
            raise
        template = QT_TRANSLATE_NOOP(
            "capture",
            "The model's parameter {name} has no shape yet: it is of a lazy module, which takes it "
            "from its first input. Call the model once before its run is captured: model(x).",
        )
        raise UserMistake(message("capture", template, name=name)) from error


def _check_model(model: object) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"model is a {_kind(model)}; wanted: a torch.nn.Module, or a word such as 'net.py:Net'"
        )


def _without_shape(model: nn.Module) -> str | None:
    """Return the name of a parameter or buffer that has no shape yet; None where all have one."""
    values = (*model.named_parameters(), *model.named_buffers())
    return next((name for name, value in values if is_lazy(value)), None)


def _check_backward(backward: object) -> None:
    if isinstance(backward, str):
        words.parse(backward)
    elif backward is not None and not isinstance(backward, torch.Tensor) and not callable(backward):
        raise TypeError(
            f"backward is a {_kind(backward)}; wanted: None, a tensor of the output's shape, a "
            "word such as 'cross-entropy:7', or a function from the output to a scalar"
        )


def _checked_seed(seed: object) -> int | None:
    if seed is None:
        return None
    try:
        number = index(seed)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(seed, bool):
        raise TypeError(f"seed is a {_kind(seed)}; wanted: a whole number or None")
    if number not in SEEDS:
        template = QT_TRANSLATE_NOOP(
            "capture",
            "The random seed is {found}; wanted: a whole number from {least} to {most}.",
        )
        limits = {"least": SEEDS[0], "most": SEEDS[-1]}
        raise UserMistake(message("capture", template, found=number, **limits))
    return number


def _kind(value: object) -> str:
    return type(value).__name__
