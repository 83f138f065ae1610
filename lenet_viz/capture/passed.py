"""What was passed to an op: plain values as they are, tensors as references."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import torch

from lenet_viz.capture.drafts import DraftStep, Reference
from lenet_viz.capture.producers import Producers, version_of
from lenet_viz.capture.records import InputRef, StepRef

_PLAIN = (bool, int, float, str, type(None))
_PLAIN_KINDS = frozenset(_PLAIN)
_FLOWING = (StepRef, InputRef)

Taken = list[tuple[torch.Tensor, int]]
"""Tensors among an op's arguments, each with its version before the op."""


class Origins(Protocol):
    """Who knows where tensors came from."""

    producers: Producers

    def of_other(self, tensor: torch.Tensor) -> Reference:
        """Return where a tensor came from that is no unchanged output or input."""


def arguments(values: Iterable[Any], step: DraftStep, taken: Taken, origins: Origins) -> list[Any]:
    """Return arguments of ``step`` as they are now, tensors as references.

    Args:
        values: what was passed.
        step: whose ``input_shapes`` take the shapes of what flows through the model.
        taken: takes the tensors themselves.
        origins: says where they came from.
    """
    found: list[Any] = []
    for value in values:
        kind = type(value)
        if kind in _PLAIN_KINDS:
            found.append(value)
        elif kind is tuple and _PLAIN_KINDS.issuperset(map(type, value)):
            found.append(value)  # as most tuples: sizes, which need no second look
        elif isinstance(value, torch.Tensor):
            version = version_of(value)
            taken.append((value, version))
            origin = origins.producers.unchanged(value, version) or origins.of_other(value)
            if type(origin) in _FLOWING:
                step.input_shapes.append(value.shape)
            found.append(origin)
        elif isinstance(value, (tuple, list)):
            found.append(tuple(arguments(value, step, taken, origins)))
        elif isinstance(value, Mapping):
            found.append(tuple(arguments(value.values(), step, taken, origins)))
        else:
            found.append(value if isinstance(value, _PLAIN) else str(value)[:200])
    return found


def named_arguments(
    values: Mapping[str, Any], step: DraftStep, taken: Taken, origins: Origins
) -> Mapping[str, Any]:
    """Return keyword arguments as `arguments` does positional ones."""
    if _PLAIN_KINDS.issuperset(map(type, values.values())):
        return dict(values)
    found = arguments(values.values(), step, taken, origins)
    return dict(zip(values, found, strict=True))
