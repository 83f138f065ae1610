"""What was passed to an op: plain values as they are, tensors as references."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import torch

from lenet_viz.capture.drafts import DraftStep, Reference

_PLAIN = (bool, int, float, str, type(None))
_PLAIN_KINDS = frozenset(_PLAIN)

Taken = list[tuple[torch.Tensor, int]]
"""Tensors among an op's arguments, each with its version before the op."""


class Origins(Protocol):
    """Who knows where tensors came from."""

    def passed(self, tensor: torch.Tensor, step: DraftStep, taken: Taken) -> Reference:
        """Return where an argument of ``step`` came from, and take it down in ``taken``."""


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
            found.append(origins.passed(value, step, taken))
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
