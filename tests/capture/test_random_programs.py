"""Six hundred random networks: every activation and gradient bit-equal to a plain reference."""

import numpy as np
import pytest
import torch

import lenet_viz
from lenet_viz.capture.records import GradientState
from tests.capture.random_programs import Author, Line, Written, reference

PROGRAMS = 600


def bits(array: object) -> bytes:
    return np.ascontiguousarray(array).tobytes()


@pytest.mark.parametrize("part", range(4))
def test_bit_equal(part: int) -> None:
    for seed in range(part, PROGRAMS, 4):
        model, x = Author(seed).write()
        vector = torch.randn(model(x.clone()).shape, generator=torch.Generator().manual_seed(seed))
        taken = lenet_viz.capture(model, x, backward=vector)
        leaf = x.clone().requires_grad_()
        values = reference(model, leaf)
        parameters = list(model.parameters())
        assert len(taken.steps) == len(values), (seed, model.lines)
        gradients = torch.autograd.grad(
            values[-1], [*values, leaf, *parameters], vector, allow_unused=True
        )
        for step, value, gradient in zip(taken.steps, values, gradients, strict=False):
            assert bits(step.activation) == bits(value.detach()), (seed, step.name)
            if gradient is None:
                assert step.gradient_state is GradientState.NOT_REACHED, (seed, step.name)
            else:
                assert step.gradient is not None, (seed, step.name, step.gradient_state)
                assert bits(step.gradient) == bits(gradient), (seed, step.name)
        assert bits(taken.input_gradients[0]) == bits(gradients[len(values)]), seed
        for record, gradient in zip(taken.parameters, gradients[len(values) + 1 :], strict=True):
            assert (record.gradient is None) == (gradient is None), (seed, record.name)
            assert gradient is None or bits(record.gradient) == bits(gradient), (seed, record.name)


def test_the_programs_have_what_they_should() -> None:
    lines: list[Line] = []
    shared = 0
    for seed in range(PROGRAMS):
        model, _ = Author(seed).write()
        assert isinstance(model, Written)
        lines += model.lines
        layers = [line.layer for line in model.lines if line.layer]
        shared += len(layers) != len(set(layers))
    styles = {(line.kind, line.style) for line in lines}
    assert {style for _, style in styles} >= {
        "function", "torch", "method", "module", "inplace", "inplace_module", "inplace_flag",
    }  # fmt: skip
    assert {kind for kind, _ in styles} >= {"add", "cat", "narrow", "turn", "save"}
    assert ("add", "inplace") in styles
    assert shared > 10
