"""Gradients add up as torch adds them; zero_grad clears the parameters' and not the input's."""

import numpy as np
import torch

from lenet_viz.capture.recorder import record
from lenet_viz.capture.records import Capture
from tests.capture.notebook_net import random_input, seeded_net


def left(capture: Capture) -> dict[str, np.ndarray]:
    """Every `.grad` after a run, as a blob carries it to the next one."""
    found = {f"parameter:{p.name}": p.grad for p in capture.parameters if p.grad is not None}
    found.update({f"input:{n}": g for n, g in enumerate(capture.input_grads) if g is not None})
    return found


def run(grads: dict[str, np.ndarray], zero_grad: bool = False, seed: int = 1) -> Capture:
    return record(
        seeded_net(), (random_input(),), objective="random", seed=seed, grads_before=grads,
        zero_grad=zero_grad,
    )  # fmt: skip


def test_two_runs_add_up_as_in_torch() -> None:
    net, x = seeded_net(), random_input().requires_grad_()
    for seed in (1, 2):
        output = net(x)
        output.backward(torch.randn(1, 10, generator=torch.Generator().manual_seed(seed)))
    second = run(left(run({})), seed=2)
    for record_, parameter in zip(second.parameters, net.parameters(), strict=True):
        assert parameter.grad is not None
        assert record_.grad is not None
        assert record_.grad.tobytes() == parameter.grad.numpy().tobytes()
    assert x.grad is not None
    assert second.input_grads[0] is not None
    assert second.input_grads[0].tobytes() == x.grad.numpy().tobytes()


def test_an_identical_second_run_doubles() -> None:
    first = run({})
    second = run(left(first))
    for before, after in zip(first.parameters, second.parameters, strict=True):
        assert np.array_equal(after.grad_before, before.grad)
        assert np.array_equal(after.gradient, before.gradient)
        assert np.array_equal(after.grad, 2 * before.grad)
    assert np.array_equal(second.input_grads[0], 2 * first.input_grads[0])


def test_zero_grad_leaves_the_input_alone() -> None:
    first = run({})
    second = run(left(first), zero_grad=True)
    for parameter in second.parameters:
        assert parameter.grad_before is None
        assert np.array_equal(parameter.grad, parameter.gradient)
    assert np.array_equal(second.input_grads[0], 2 * first.input_grads[0])


def test_forward_alone_changes_no_grad() -> None:
    first = run({})
    forward = record(seeded_net(), (random_input(),), grads_before=left(first))
    for before, after in zip(first.parameters, forward.parameters, strict=True):
        assert after.gradient is None
        assert np.array_equal(after.grad, before.grad)


def test_the_models_own_grads_count() -> None:
    net = seeded_net()
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    taken = record(net, (random_input(),), objective="mse", seed=1)
    for parameter in taken.parameters:
        assert parameter.gradient is not None
        assert np.array_equal(parameter.grad, np.float32(1) + parameter.gradient)
