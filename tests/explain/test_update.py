"""The arithmetic of ``.grad`` and of an optimiser's step, against torch itself."""

import random

import numpy as np
import pytest
import torch

from lenet_viz.explain.update import accumulation, change, updated
from lenet_viz.network.optimiser import OptimiserChoice

STEPS = 4


def drawn(seed: int) -> OptimiserChoice:
    made = random.Random(seed)
    return OptimiserChoice(
        kind=made.choice(("sgd", "momentum", "adam")),
        lr=10 ** made.uniform(-4, 0.5),
        momentum=made.choice((0.0, made.uniform(0, 0.99))),
        nesterov=made.random() < 0.5,
        beta1=made.choice((0.0, 0.9, made.uniform(0, 0.99))),
        beta2=made.choice((0.999, made.uniform(0, 0.999))),
        eps=10 ** made.uniform(-10, -2),
        weight_decay=made.choice((0.0, 10 ** made.uniform(-4, 0))),
    )


def torchs(choice: OptimiserChoice, tensor: torch.Tensor) -> torch.optim.Optimizer:
    if choice.kind == "adam":
        betas = (choice.beta1, choice.beta2)
        return torch.optim.Adam([tensor], choice.lr, betas, choice.eps, choice.weight_decay)
    momentum = choice.momentum if choice.kind == "momentum" else 0.0
    return torch.optim.SGD(
        [tensor],
        choice.lr,
        momentum,
        weight_decay=choice.weight_decay,
        nesterov=choice.nesterov and momentum > 0,
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_every_element_of_every_step_is_torchs(dtype: torch.dtype) -> None:
    name, compared = str(dtype).rpartition(".")[2], 0
    unit = 2.0**-24 if dtype is torch.float32 else 2.0**-53
    for seed in range(320):
        choice = drawn(seed)
        generator = torch.Generator().manual_seed(seed)
        w = (torch.randn(6, generator=generator, dtype=dtype) * 0.3).requires_grad_()
        optimiser = torchs(choice, w)
        for _ in range(STEPS):
            w.grad = torch.randn(6, generator=generator, dtype=dtype) * 10 ** (seed % 7 - 4)
            w.grad[0] = 0
            before = w.detach().numpy().copy()
            known = {
                key: value.numpy().copy()
                for key, value in optimiser.state.get(w, {}).items()
                if isinstance(value, torch.Tensor)
            }
            optimiser.step()
            whole = updated(choice, before, w.grad.numpy(), known)
            for at in range(6):
                memory = {
                    key: float(value if value.ndim == 0 else value[at])
                    for key, value in known.items()
                }
                got = float(w.detach()[at])
                made = change(choice, float(before[at]), float(w.grad[at]), memory, got)
                assert made.adds_up(name), (seed, choice, at, made)
                assert made.total == whole[at]
                assert made.lines[-1].value == made.total
                assert made.total == made.weight - made.shift
                compared += 1
                for key, value in optimiser.state[w].items():
                    if isinstance(value, torch.Tensor):
                        real = float(value if value.ndim == 0 else value[at])
                        size = abs(real) + abs(memory.get(key, 0.0)) + abs(float(w.grad[at]))
                        size += choice.weight_decay * abs(float(before[at]))
                        assert abs(made.memory[key] - real) <= 64 * unit * (size + size**2)
    assert compared == 320 * STEPS * 6


def test_the_comparison_can_fail() -> None:
    choice = OptimiserChoice(lr=0.1)
    assert change(choice, 1.0, 0.5, {}, 0.95).adds_up("float64")
    assert not change(choice, 1.0, 0.5, {}, 0.95 + 1e-12).adds_up("float64")
    assert not change(choice, 1.0, 0.5, {}, 0.9499).adds_up("float32")
    assert not change(choice, 1.0, 0.5, {}, float("nan")).adds_up("float32")


def test_the_lines_can_be_followed_by_hand() -> None:
    plain = change(OptimiserChoice(lr=0.1), 1.0, 0.5, {})
    assert [(one.left, one.right, one.value) for one in plain.lines] == [
        ("w' = w - lr·g", "1.0 - 0.1·0.5", 0.95)
    ]
    assert plain.captured is None
    assert plain.difference == 0
    first = change(OptimiserChoice("momentum", lr=0.5, momentum=0.5), 1.0, -0.5, {})
    assert [one.left for one in first.lines] == ["b' = g", "w' = w - lr·b'"]
    again = change(
        OptimiserChoice("momentum", 0.5, 0.5, nesterov=True, weight_decay=0.25),
        1.0,
        -0.5,
        first.memory,
    )
    assert [(one.left, one.value) for one in again.lines] == [
        ("g' = g + λ·w", -0.25),
        ("b' = μ·b + g'", -0.5),
        ("d = g' + μ·b'", -0.5),
        ("w' = w - lr·d", 1.25),
    ]
    assert again.lines[1].right == "0.5·(-0.5) + (-0.25)"
    adam = change(OptimiserChoice("adam", lr=0.5, beta1=0.5, beta2=0.5, eps=0.0), 1.0, 2.0, {})
    assert [one.value for one in adam.lines] == [1.0, 2.0, 2.0, 4.0, 0.5]
    assert adam.memory == {"step": 1, "exp_avg": 1.0, "exp_avg_sq": 2.0}


def test_a_number_without_a_gradient_is_passed_by() -> None:
    choice = OptimiserChoice("momentum", weight_decay=1.0)
    made = change(choice, 3.0, None, {"momentum_buffer": 2.0}, 3.0)
    assert made.lines == ()
    assert made.total == 3.0
    assert made.shift == 0
    assert made.memory == {"momentum_buffer": 2.0}
    assert made.adds_up("float32")
    assert updated(choice, np.float32([3]), None, {}).tolist() == [3]


def test_none_is_not_zero() -> None:
    fresh = accumulation(None, 0.25, 0.25)
    assert fresh.lines == ()
    assert fresh.total == 0.25
    assert "None, which is not 0" in str(fresh.headline)
    added = accumulation(0.0, -0.25, -0.25)
    assert added.lines[0].right == "0 + (-0.25)"
    assert "added" in str(added.headline)
    assert accumulation(0.5, None, 0.5).total == 0.5
    assert accumulation(None, None, None).total is None
    assert accumulation(0.5, 0.25, 1.0).difference == -0.25
    assert accumulation(float("nan"), 1.0, float("nan")).difference == 0
