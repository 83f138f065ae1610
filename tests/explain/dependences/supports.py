"""Fields told by torch alone: where real gradients are not zero, over many random numbers."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn


def jacobian(net: Callable[..., Tensor], inputs: tuple[Tensor, ...], place: int) -> np.ndarray:
    """Return where d(output)/d(input) is not zero, bool of (output size, input size)."""
    x = inputs[place]

    def of(value: Tensor) -> Tensor:
        return net(*inputs[:place], value, *inputs[place + 1 :])

    found = torch.autograd.functional.jacobian(of, x)
    out = int(of(x).numel())
    return (found.reshape(out, x.numel()) != 0).numpy()


def support(
    net: nn.Module, shapes: tuple[tuple[int, ...], ...], place: int = 0, tries: int = 3
) -> np.ndarray:
    """Return the union over random weights and inputs, in float64."""
    union = None
    for seed in range(tries):
        generator = torch.Generator().manual_seed(seed)
        fresh(net, generator)
        inputs = tuple(
            torch.rand(shape, generator=generator, dtype=torch.float64) + 0.1 for shape in shapes
        )
        found = jacobian(net, inputs, place)
        union = found if union is None else union | found
    assert union is not None
    return union


def fresh(net: nn.Module, generator: torch.Generator) -> None:
    """Give a network new random parameters, none of them near zero."""
    net.double()
    with torch.no_grad():
        for parameter in net.parameters():
            sign = torch.randint(0, 2, parameter.shape, generator=generator) * 2 - 1
            size = torch.rand(parameter.shape, generator=generator, dtype=torch.float64) + 0.2
            parameter.copy_(sign * size)
