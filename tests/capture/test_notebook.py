"""The notebook's network: twelve steps, every number equal to torch's own, bit for bit."""

import linecache

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lenet_viz
from lenet_viz.capture.records import (
    Capture,
    GradientState,
    InputRef,
    Literal,
    ParameterRef,
    StepRef,
)
from tests.capture.notebook_net import (
    NAMES,
    OPS,
    SHAPES,
    all_steps,
    random_input,
    seeded_net,
)


def bits(array: object) -> bytes:
    return np.ascontiguousarray(array).tobytes()


@pytest.fixture(scope="module", params=[1, 3])
def batch(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def taken(batch: int) -> Capture:
    return lenet_viz.capture(seeded_net(), random_input(batch), backward="cross-entropy:7")


def test_twelve_steps(taken: Capture, batch: int) -> None:
    assert [step.name for step in taken.steps] == NAMES
    assert [step.op for step in taken.steps] == OPS
    assert [step.shape for step in taken.steps] == [(batch, *shape) for shape in SHAPES]
    assert [step.parents for step in taken.steps] == [(), *((n,) for n in range(11))]
    assert [step.module for step in taken.steps if step.module] == [
        "conv1", "conv2", "fc1", "fc2", "fc3",
    ]  # fmt: skip
    assert [(s.call, s.calls) for s in taken.steps if s.op == "relu"] == [
        (n, 4) for n in (1, 2, 3, 4)
    ]
    assert taken.output == StepRef(11)
    assert taken.output_grad_fn == "AddmmBackward0"


def test_every_number_is_torchs(taken: Capture, batch: int) -> None:
    net, x = seeded_net(), random_input(batch).requires_grad_()
    values = all_steps(net, x)
    loss = F.cross_entropy(values[-1], torch.full((batch,), 7))
    parameters = list(net.parameters())
    gradients = torch.autograd.grad(loss, [*values, x, *parameters])
    for step, value, gradient in zip(taken.steps, values, gradients, strict=False):
        assert bits(step.activation) == bits(value.detach()), step.name
        assert step.gradient is not None
        assert bits(step.gradient) == bits(gradient), step.name
        assert step.gradient_state is GradientState.PRESENT
    assert bits(taken.inputs[0]) == bits(x.detach())
    assert bits(taken.input_gradients[0]) == bits(gradients[12])
    for record, parameter, gradient in zip(
        taken.parameters, parameters, gradients[13:], strict=True
    ):
        assert bits(record.value) == bits(parameter.detach())
        assert bits(record.gradient) == bits(gradient), record.name
        assert bits(record.grad) == bits(gradient)
        assert record.grad_before is None
    assert taken.objective is not None
    assert taken.objective.loss == pytest.approx(loss.item(), abs=0)
    assert bits(taken.objective.upstream) == bits(gradients[11])
    assert taken.objective.grad_fn == (
        "NllLossBackward0", "LogSoftmaxBackward0", "AddmmBackward0",
    )  # fmt: skip


def test_parameters(taken: Capture) -> None:
    assert [p.name for p in taken.parameters] == [
        f"{layer}.{kind}"
        for layer in ("conv1", "conv2", "fc1", "fc2", "fc3")
        for kind in ("weight", "bias")
    ]
    assert sum(parameter.count for parameter in taken.parameters) == 81_194


def test_arguments(taken: Capture) -> None:
    conv = taken.steps["conv2"]
    assert [argument.name for argument in conv.arguments] == [
        "input", "weight", "bias", "stride", "padding", "dilation", "groups",
    ]  # fmt: skip
    assert conv.argument("input") == StepRef(2)
    assert conv.argument("weight") == ParameterRef("conv2.weight")
    assert conv.argument("bias") == ParameterRef("conv2.bias")
    assert (conv.literal("stride"), conv.literal("padding")) == ((1, 1), (0, 0))
    pool = taken.steps["max_pool2d_2"]
    assert [argument.name for argument in pool.arguments] == [
        "input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices",
    ]  # fmt: skip
    assert pool.literal("kernel_size") == pool.literal("stride") == (2, 2)
    assert pool.literal("ceil_mode") is False
    assert taken.steps["view"].literal("size") == (-1, 576)
    assert taken.steps["fc1"].parameter_names() == ("fc1.weight", "fc1.bias")
    assert taken.steps["conv1"].argument("input") == InputRef(0)
    assert taken.steps["relu"].argument("inplace") == Literal(False)


def test_lines_of_forward(taken: Capture) -> None:
    lines = [step.source_line for step in taken.steps]
    texts = [line.text for line in lines if line is not None]
    assert texts[0] == texts[2] == "x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))"
    assert texts[6] == "x = x.view(-1, self.num_flat_features(x))"
    assert texts[-1] == "return self.fc3(x)"
    for line in lines:
        assert line is not None
        assert linecache.getline(line.file, line.number).strip() == line.text


def test_structurally_zero_pixels() -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(), backward="random", seed=4)
    (gradient,) = taken.input_gradients
    assert gradient is not None
    assert not gradient[..., 30:, :].any()
    assert not gradient[..., 30:].any()


def test_arrays_cannot_be_written(taken: Capture) -> None:
    for array in (taken.steps[0].activation, taken.steps[0].gradient, taken.parameters[0].value):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_forward_only() -> None:
    taken = lenet_viz.capture(seeded_net(), random_input())
    assert {step.gradient_state for step in taken.steps} == {GradientState.NO_BACKWARD}
    assert all(step.gradient is None for step in taken.steps)
    assert taken.objective is None
    assert taken.input_grads == (None,)


def test_what_is_captured_does_not_change_when_the_net_learns() -> None:
    net = seeded_net()
    taken = lenet_viz.capture(net, random_input(), backward="mse", seed=3)
    before = [parameter.value.copy() for parameter in taken.parameters]
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    assert all(
        bits(record.value) == bits(value)
        for record, value in zip(taken.parameters, before, strict=True)
    )
    assert (
        taken.model.weights_hash
        == lenet_viz.capture(seeded_net(), random_input()).model.weights_hash
    )
    assert taken.model.weights_hash != lenet_viz.capture(net, random_input()).model.weights_hash
