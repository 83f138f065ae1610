"""Linear layers, convolutions and pooling under random settings, against torch's backward."""

import random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.explain.backward.checking import check, ran


@pytest.mark.parametrize("lead", [(), (1,), (3,), (2, 3), (2, 1, 2)])
def test_linear(lead: tuple[int, ...]) -> None:
    for bias in (True, False):
        x = torch.randn(*lead, 4, requires_grad=True)
        assert check(ran(lambda m, x: m.fc(x), x, fc=nn.Linear(4, 3, bias=bias)), 6) >= 7
    weight = torch.randn(4, requires_grad=True)
    check(ran(lambda m, x, w: F.linear(x, w), x, weight), 6)


def _conv_settings(rng: random.Random, axes: int) -> dict[str, Any]:
    groups = rng.choice([1, 1, 2, 3])
    return {
        "in_channels": groups * rng.randint(1, 2),
        "out_channels": groups * rng.randint(1, 2),
        "kernel_size": tuple(rng.randint(1, 3) for _ in range(axes)),
        "stride": tuple(rng.randint(1, 3) for _ in range(axes)),
        "padding": tuple(rng.randint(0, 2) for _ in range(axes)),
        "dilation": tuple(rng.randint(1, 2) for _ in range(axes)),
        "groups": groups,
        "bias": rng.random() < 0.7,
    }


@pytest.mark.parametrize("seed", range(300))
def test_convolution(seed: int) -> None:
    rng = random.Random(seed)
    axes = rng.choice([1, 2, 2, 3])
    settings = _conv_settings(rng, axes)
    if rng.random() < 0.2:
        settings.update(padding="same", stride=1, kernel_size=3)
    module = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1](**settings)
    lead = () if rng.random() < 0.2 else (rng.randint(1, 2),)
    x = torch.randn(*lead, settings["in_channels"], *(rng.randint(5, 7) for _ in range(axes)))
    check(ran(lambda m, x: m.conv(x), x.requires_grad_(), conv=module), 3, seed)


@pytest.mark.parametrize("seed", range(200))
def test_transposed_convolution(seed: int) -> None:
    rng = random.Random(seed)
    axes = rng.choice([1, 2, 2, 3])
    settings = _conv_settings(rng, axes)
    settings["padding"] = 0 if rng.random() < 0.5 else 1
    settings["output_padding"] = tuple(
        rng.randint(0, max(s, d) - 1)
        for s, d in zip(settings["stride"], settings["dilation"], strict=True)
    )
    module = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[axes - 1](**settings)
    lead = () if rng.random() < 0.2 else (rng.randint(1, 2),)
    x = torch.randn(*lead, settings["in_channels"], *(rng.randint(3, 5) for _ in range(axes)))
    check(ran(lambda m, x: m.conv(x), x.requires_grad_(), conv=module), 3, seed)


def _pool(rng: random.Random, axes: int) -> nn.Module:
    kernel = tuple(rng.randint(1, 3) for _ in range(axes))
    settings: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": rng.choice([None, 1, 2, 3]),
        "padding": tuple(rng.randint(0, size // 2) for size in kernel),
        "ceil_mode": rng.random() < 0.4,
    }
    if rng.random() < 0.5:
        settings["dilation"] = rng.randint(1, 2)
        return (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[axes - 1](**settings)
    settings["count_include_pad"] = rng.random() < 0.5
    if axes > 1 and rng.random() < 0.3:
        settings["divisor_override"] = rng.randint(1, 5)
    return (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[axes - 1](**settings)


@pytest.mark.parametrize("seed", range(400))
def test_pooling(seed: int) -> None:
    rng = random.Random(seed)
    axes = rng.choice([1, 2, 2, 3])
    lead = () if rng.random() < 0.2 else (rng.randint(1, 2),)
    x = torch.randn(*lead, 2, *(rng.randint(5, 8) for _ in range(axes)))
    if rng.random() < 0.5:
        x = x.round()  # many ties
    check(ran(lambda m, x: m.pool(x), x.requires_grad_(), pool=_pool(rng, axes)), 8, seed)


@pytest.mark.parametrize("seed", range(100))
def test_adaptive_pooling(seed: int) -> None:
    rng = random.Random(seed)
    axes = rng.choice([1, 2, 3])
    kinds = [
        (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
        (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    ]
    pool = kinds[seed % 2][axes - 1](rng.randint(1, 4))
    x = torch.randn(2, 2, *(rng.randint(3, 8) for _ in range(axes)), requires_grad=True)
    check(ran(lambda m, x: m.pool(x), x, pool=pool), 8, seed)


def test_a_nan_wins_its_window() -> None:
    x = torch.randn(1, 1, 6, 6)
    x[0, 0, 1, 0] = x[0, 0, 2, 3] = x[0, 0, 3, 2] = torch.nan
    run = ran(lambda m, x: F.max_pool2d(x, 2, 1), x.requires_grad_())
    check(run, 36)
