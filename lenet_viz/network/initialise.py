"""Gives a network's layers the weights of a chosen initialisation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import nn

from lenet_viz.network.initialisation import (
    CONSTANT,
    HE_NORMAL,
    HE_UNIFORM,
    XAVIER_NORMAL,
    XAVIER_UNIFORM,
    Initialisation,
)

_Draw = Callable[[torch.Tensor, torch.Generator], Any]

_DRAWN: Final[Mapping[str, _Draw]] = MappingProxyType(
    {
        XAVIER_UNIFORM: lambda weight, made: nn.init.xavier_uniform_(weight, generator=made),
        XAVIER_NORMAL: lambda weight, made: nn.init.xavier_normal_(weight, generator=made),
        HE_UNIFORM: lambda weight, made: nn.init.kaiming_uniform_(
            weight, nonlinearity="relu", generator=made
        ),
        HE_NORMAL: lambda weight, made: nn.init.kaiming_normal_(
            weight, nonlinearity="relu", generator=made
        ),
    }
)


def initialise(model: nn.Module, choice: Initialisation, seed: int) -> None:
    """Set the weights and biases of a model's convolutions and linear layers, in place.

    The numbers are those that the functions of ``torch.nn.init`` give after
    ``torch.manual_seed(seed)``, called on one module after another in the order in which the
    network constructs them. No generator of torch's own is used or changed. Other modules, such as
    batch norm, and the default leave everything as it is.

    Args:
        model: the model, as `lenet_viz.network.build.build` makes it with the same seed.
        choice: how its weights begin.
        seed: from 0 to 2⁶³ - 1.

    Source: see `Initialisation`.
    """
    if choice.is_default:
        return
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            _set(module.weight, module.bias, choice, generator)


def _set(
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    choice: Initialisation,
    generator: torch.Generator,
) -> None:
    with torch.no_grad():
        if choice.kind == CONSTANT:
            weight.fill_(choice.value)
        else:
            _DRAWN[choice.kind](weight, generator)
        if bias is not None:
            bias.fill_(choice.value)  # 0 for all but a constant
