"""What a model holds: its modules, parameters and buffers, found in one walk."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import nn


class Contents(NamedTuple):
    """Everything a model holds, each once, under the first name that torch gives it.

    Attributes:
        modules: paths and modules, the model itself first.
        parameters: its parameters by name, in torch's order.
        buffers: its buffers by name, in torch's order.
    """

    modules: list[tuple[str, nn.Module]]
    parameters: dict[str, torch.Tensor]
    buffers: dict[str, torch.Tensor]


def contents(model: nn.Module) -> Contents:
    """Return what ``named_modules``, ``named_parameters`` and ``named_buffers`` give."""
    modules = list(model.named_modules())
    kind = type(model)
    if (
        kind.named_parameters is not nn.Module.named_parameters
        or kind.named_buffers is not nn.Module.named_buffers
    ):
        return Contents(modules, dict(model.named_parameters()), dict(model.named_buffers()))
    parameters: dict[str, torch.Tensor] = {}
    buffers: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for path, module in modules:
        prefix = f"{path}." if path else ""
        if module._parameters:
            _collect(parameters, prefix, module._parameters, seen)
        if module._buffers:
            _collect(buffers, prefix, module._buffers, seen)
    return Contents(modules, parameters, buffers)


def _collect(
    found: dict[str, torch.Tensor],
    prefix: str,
    members: Mapping[str, torch.Tensor | None],
    seen: set[int],
) -> None:
    for name, tensor in members.items():
        if tensor is not None and id(tensor) not in seen:
            seen.add(id(tensor))
            found[prefix + name] = tensor
