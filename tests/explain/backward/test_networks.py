"""Whole networks: presets, residual, shared, tied, and random ones."""

import random

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lenet_viz.network import presets
from lenet_viz.network.build import build
from tests.explain.backward.checking import check, ran


@pytest.mark.parametrize("backward", ["random", "output:2", "cross-entropy:1", "mse"])
@pytest.mark.parametrize("preset", ["notebook", "lenet5"])
def test_every_tensor_of_a_preset(preset: str, backward: str) -> None:
    torch.manual_seed(1)
    spec = presets.get(preset).spec
    model = build(spec)
    x = torch.rand(1, *spec.input_shape[-3:], requires_grad=True)
    run = ran(lambda m, x: m.net(x), x, backward=backward, net=model)
    assert check(run, 200 if backward == "random" else 12) >= 12 * 20


def test_residual_and_shared() -> None:
    def forward(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        h = torch.relu(m.conv(x))
        h = h + torch.tanh(m.conv(h))
        h = h + m.conv(h)
        h += x
        return torch.cat([h, x], 1).flatten(1)

    x = torch.randn(2, 2, 5, 5, requires_grad=True)
    for backward in ("random", "cross-entropy:3", "mse"):
        run = ran(forward, x, backward=backward, conv=nn.Conv2d(2, 2, 3, padding=1))
        assert check(run, 12)


def test_tied_weights() -> None:
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    x = torch.randn(3, 4, requires_grad=True)
    run = ran(lambda m, x: m.second(F.gelu(m.first(x))), x, first=first, second=second)
    assert check(run, 16)


def test_in_place_and_views() -> None:
    def forward(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        h = F.relu(m.fc(x), inplace=True) * 2
        h += x
        h *= 3
        h[:, 1] = 0
        h[0, 2:] = x[1, :1]
        h[1:, 3:] = x[0, 0]
        left, right = h.chunk(2, 1)
        return torch.cat([left.sigmoid(), right.detach()], 1) * h

    x = torch.randn(3, 4, requires_grad=True)
    assert check(ran(forward, x, fc=nn.Linear(4, 4)), 16)


def _random_network(rng: random.Random) -> nn.Module:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.size = rng.randint(1, 3)
            self.a = nn.Conv2d(2, self.size * 2, rng.choice([1, 3]), padding=rng.randint(0, 1))
            self.b = nn.Conv2d(self.size * 2, self.size * 2, 3, padding=1, groups=2)
            self.bend = rng.choice([F.relu, torch.tanh, F.gelu, F.silu, F.leaky_relu])
            self.pool = rng.choice(
                [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.MaxPool2d(3, 2, 1), nn.Identity()]
            )
            self.ways = rng.randint(0, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = self.pool(self.bend(self.a(x)))
            if self.ways == 0:
                h = h + self.b(h)
            elif self.ways == 1:
                h = torch.cat([h, self.b(self.b(h))], 1)
            elif self.ways == 2:
                h = h * torch.sigmoid(self.b(h))
            return self.bend(h).flatten(1)

    return Net()


@pytest.mark.parametrize("seed", range(40))
def test_random_networks(seed: int) -> None:
    rng = random.Random(seed)
    torch.manual_seed(seed)
    x = torch.randn(rng.randint(1, 2), 2, 6, 7, requires_grad=True)
    backward = rng.choice(["random", "output:3", "cross-entropy:2", "mse"])
    check(ran(lambda m, x: m.net(x), x, backward=backward, net=_random_network(rng)), 4, seed)
