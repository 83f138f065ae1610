"""Hard models: the steps expected, the output and the gradients of a bare run, no harm done."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.records import StepRef, Value
from lenet_viz.capture.store import write
from lenet_viz.capture.tensors import to_array
from tests.capture.awkward_models import CASES
from tests.capture.awkward_steps import described, expected, made, ran, scalar
from tests.figures import Figures


@pytest.mark.parametrize("name", CASES)
def test_steps(name: str, figures: Figures) -> None:
    taken = ran(CASES[name])
    assert described(taken) == expected()[name]
    names = [step.name for step in taken.steps]
    assert len(names) == len(set(names))
    for number, step in enumerate(taken.steps):
        assert all(parent < number for parent in step.parents)
    figures.add("awkward models", {"models": 1, "steps as expected": len(names)})


def test_the_file_has_every_model_and_no_other() -> None:
    assert list(expected()) == list(CASES)


# The compiler asks for the .grad of what it is given.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("name", CASES)
def test_output_and_gradients_of_a_bare_run(name: str) -> None:
    case = CASES[name]
    taken = ran(case)
    model, args, kwargs = made(case)
    torch.manual_seed(1)
    leaves = [
        a.requires_grad_() if a.is_floating_point() or a.is_complex() else a
        for a in args
        if hasattr(a, "dim")
    ]
    given = [a.clone() if hasattr(a, "dim") else a for a in args]
    output = model(*given, **kwargs)
    scalar(case, output).backward()
    if isinstance(output, Tensor):
        assert taken.output is not None
        assert same(taken.output_value, output)
    for record, parameter in zip(taken.parameters, model.parameters(), strict=True):
        assert same_gradient(record.source, record.gradient_key, parameter.grad), record.name
    if len({id(leaf) for leaf in leaves}) == len(args):
        for value, leaf in zip(taken.input_values, leaves, strict=False):
            assert same_gradient(value.source, value.gradient_key, leaf.grad)


@pytest.mark.parametrize("name", CASES)
def test_comes_back_from_a_file(name: str, tmp_path: Any) -> None:
    taken = ran(CASES[name])
    back = lenet_viz.load(write(taken, tmp_path / "run.lvcap"))
    assert back == taken
    for step, again in zip(taken.steps, back.steps, strict=True):
        for value, other in zip(step.outputs, again.outputs, strict=True):
            assert other.activation.dtype == value.activation.dtype
            assert np.array_equal(other.activation, value.activation, equal_nan=True)


@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad")
@pytest.mark.parametrize("name", CASES)
def test_leaves_no_trace(name: str) -> None:
    case = CASES[name]
    model, args, kwargs = made(case)
    bare, bare_args, bare_kwargs = made(case)
    for each in (model, bare):
        for parameter in each.parameters():
            parameter.grad = torch.ones_like(parameter)
    flags = [(m.training, p.requires_grad) for m in model.modules() for p in m.parameters()]
    before = copy.deepcopy(args)
    torch.manual_seed(5)
    bare(*bare_args, **bare_kwargs)
    state = torch.get_rng_state()
    torch.manual_seed(5)
    lenet_viz.capture(model, *args, backward=lambda out: scalar(case, out), **kwargs)
    assert torch.equal(torch.get_rng_state(), state)
    for tensor, old in zip(model.state_dict().values(), bare.state_dict().values(), strict=True):
        assert torch.equal(tensor, old)
    for parameter in model.parameters():
        assert parameter.grad is not None
        assert bool((parameter.grad == 1).all())
    assert flags == [(m.training, p.requires_grad) for m in model.modules() for p in m.parameters()]
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in plain_modules(model))
    for given, old in zip(args, before, strict=True):
        if isinstance(given, Tensor):
            assert torch.equal(given, old)
            assert not given.requires_grad


def plain_modules(model: nn.Module) -> list[nn.Module]:
    # Old-style weight_norm and the like would keep hooks of their own; none is used here.
    return [m for m in model.modules() if not isinstance(m, torch.jit.ScriptModule)]


def same(value: Value | None, tensor: Tensor) -> bool:
    assert value is not None
    assert value.activation_key is not None
    stored = value.source.read(value.activation_key)
    return np.array_equal(stored, to_array(tensor.contiguous()), equal_nan=True)


def same_gradient(source: Any, key: str | None, grad: Tensor | None) -> bool:
    if key is None or grad is None:
        return key is None and grad is None
    return np.array_equal(source.read(key), to_array(grad.contiguous()))


def test_shared_module_says_which_call() -> None:
    steps = ran(CASES["thrice"]).steps
    assert [(step.module, step.call, step.calls) for step in steps] == [
        ("fc", 1, 3), ("fc", 2, 3), ("fc", 3, 3),
    ]  # fmt: skip


def test_lstm_has_three_outputs() -> None:
    step = ran(CASES["LSTM"]).steps["lstm"]
    assert [value.shape for value in step.outputs] == [(5, 2, 4), (1, 2, 4), (1, 2, 4)]


def test_alias_takes_the_written_value() -> None:
    taken = ran(CASES["view then write"])
    alias = taken.steps["alias"]
    assert alias.parents == (0, 2)
    assert np.array_equal(alias.activation, taken.steps["fc"].activation * 2)
    assert taken.steps["add"].argument("input") == StepRef(3)


def test_missing_gradients_say_why() -> None:
    taken = ran(CASES["no_grad"])
    assert [step.gradient_state.value for step in taken.steps] == [
        "no_grad", "no_grad", "present", "present",
    ]  # fmt: skip
    taken = ran(CASES["write then old view"])
    assert taken.steps["getitem"].gradient_state.value == "aliased"


def test_a_custom_function_that_gives_its_input_has_its_own_gradient() -> None:
    taken = ran(CASES["custom Function that gives its input"])
    output = taken.steps["fc_2"].activation
    weight = taken.parameters["fc.weight"].value
    assert np.allclose(taken.steps["Same"].gradient, (2 * output) @ weight, atol=1e-6)
    assert np.allclose(taken.steps["fc"].gradient, -(2 * output) @ weight, atol=1e-6)
