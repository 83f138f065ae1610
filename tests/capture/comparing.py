"""Compares the record of a random network with its reference, bit by bit."""

from collections import Counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

import lenet_viz
from lenet_viz.capture.records import Capture, GradientState, Step, Value
from tests.capture.random_programs import Program, Wanted


def bits(array: Any, one_zero: bool = False) -> bytes:
    """Return the bytes of an array or tensor.

    Args:
        array: the numbers.
        one_zero: take -0.0 for 0.0: a gradient that is put back into a slice is added to zeros,
            which turns -0.0 into 0.0, and the reference does so where torch's own in-place ops
            do not.
    """
    array = array.detach().numpy() if isinstance(array, Tensor) else np.asarray(array)
    return np.ascontiguousarray(array + 0.0 if one_zero else array).tobytes()


def taken_and_wanted(program: Program) -> tuple[Capture, dict[str, Any]]:
    """Return a record of the program, and what the reference says about the same run."""
    x, seed = program.input(), program.seed
    torch.manual_seed(seed)
    vector = program.vector(program.model()(x.clone()))
    model = program.model()
    torch.manual_seed(seed)
    taken = lenet_viz.capture(model, x, backward=vector)
    again, leaf = program.model(), x.clone().requires_grad_()
    torch.manual_seed(seed)
    output, values = program.reference(again, leaf)
    names = [name for step in program.wanted for name in step.values]
    names = [name for name in names if values[name].requires_grad]
    parameters = dict(again.named_parameters())
    asked = [*(values[name] for name in names), leaf, *parameters.values()]
    gradients = torch.autograd.grad(output, asked, vector, allow_unused=True)
    return taken, {
        "values": values,
        "gradients": dict(zip(names, gradients, strict=False)),
        "input": gradients[len(names)],
        "parameters": dict(zip(parameters, gradients[len(names) + 1 :], strict=True)),
        "output": output,
    }


def compare(program: Program) -> Counter[str]:
    """Return what was compared; raises where anything differs."""
    taken, wanted = taken_and_wanted(program)
    assert len(taken.steps) == len(program.wanted), program.text
    found: Counter[str] = Counter(networks=1, steps=len(taken.steps))
    for step, expected in zip(taken.steps, program.wanted, strict=True):
        where = f"{step.name} of network {program.seed}:\n{program.text}"
        _compare_step(step, expected, where)
        for number, (value, name) in enumerate(zip(step.outputs, expected.values, strict=True)):
            assert bits(value.activation) == bits(wanted["values"][name]), where
            found["activations"] += 1
            gradients = wanted["gradients"]
            if name not in gradients:
                assert value.gradient_state is GradientState.NO_GRAD, where
            else:
                gradient, one_zero = gradients[name], program.scatters
                found += _compare_gradient(value, gradient, number, expected, where, one_zero)
    assert taken.output_value is not None
    assert bits(taken.output_value.activation) == bits(wanted["output"])
    one = program.scatters
    assert bits(taken.input_gradients[0], one) == bits(wanted["input"], one), program.text
    found["gradients of inputs and parameters"] += 1
    for record in taken.parameters:
        gradient = wanted["parameters"][record.name]
        assert (record.gradient is None) == (gradient is None), (program.seed, record.name)
        if gradient is not None:
            assert bits(record.gradient, one) == bits(gradient, one), (program.seed, record.name)
            found["gradients of inputs and parameters"] += 1
    return found


def _compare_step(step: Step, expected: Wanted, where: str) -> None:
    assert step.op == expected.op, where
    assert step.parents == expected.parents, where
    assert step.in_place == expected.writes, where
    assert step.opaque == (expected.op == "alias"), where
    assert len(step.outputs) == len(expected.values), where
    assert step.source_line is not None, where
    assert step.source_line.text == expected.line, where
    if expected.op != "alias":  # belongs to whatever used the value first
        assert step.module == expected.module, where


def _compare_gradient(
    value: Value, gradient: Tensor | None, number: int, expected: Wanted, where: str, one_zero: bool
) -> Counter[str]:
    if number in expected.hidden:
        # Autograd gives a view that was written no gradient of its own: it has to say so.
        assert value.gradient_state is GradientState.ALIASED, where
        assert value.gradient is None, where
        return Counter({"written-over views without a gradient": 1})
    if gradient is None:
        unknown = {GradientState.NOT_REACHED}
        if number in expected.doubtful:
            unknown.add(GradientState.ALIASED)
        assert value.gradient_state in unknown, where
        return Counter({"values not reached": 1})
    assert value.gradient is not None, f"{value.gradient_state} {where}"
    assert bits(value.gradient, one_zero) == bits(gradient, one_zero), where
    return Counter(gradients=1)
