"""A capture leaves everything as one bare run does, wherever it breaks off."""

import copy
import gc
import weakref
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

import lenet_viz
from lenet_viz.capture.recorder import RecordingFailed
from lenet_viz.errors import UserMistake


class Mixed(nn.Module):
    """Dropout, BatchNorm, ops in place, a shared layer: all that can be left in disorder."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(8, 8)
        self.frozen = nn.Linear(8, 3).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu_(self.norm(self.conv(x)))
        h = self.drop(F.max_pool2d(h, 2)).flatten(1)
        h = self.fc(F.relu(self.fc(h)))
        h += 1
        return self.frozen(h)


class Breaks(TorchFunctionMode):
    """Raises once, at the torch function with a number, counted from the model's start."""

    def __init__(self, number: int, model: nn.Module) -> None:
        super().__init__()
        self.number = number
        self.counts = False
        model.register_forward_pre_hook(self.start)

    def start(self, *_: Any) -> None:
        self.counts = True

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.counts:
            self.number -= 1
            if self.number == -1:
                raise RuntimeError("broken on purpose")
        return func(*args, **(kwargs or {}))


def mixed() -> Mixed:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = Mixed()
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3.0) if parameter.dim() > 1 else None
    return model


def outside(model: nn.Module) -> dict[str, Any]:
    """Everything that a run could leave changed, but buffers and generators."""
    found: dict[str, Any] = {}
    for name, module in model.named_modules():
        found[f"{name} mode"] = module.training
        found[f"{name} hooks"] = [
            len(hooks)
            for hooks in (
                module._forward_hooks, module._forward_pre_hooks, module._backward_hooks,
                module._forward_hooks_always_called,
            )
        ]  # fmt: skip
        found[f"{name} attributes"] = sorted(vars(module))
    for name, parameter in model.named_parameters():
        found[f"{name} flag"] = parameter.requires_grad
        found[f"{name} value"] = parameter.detach().numpy().tobytes()
        found[f"{name} grad"] = None if parameter.grad is None else parameter.grad.numpy().tobytes()
        found[f"{name} hooks"] = len(parameter._backward_hooks or ())
    return found


def test_ends_as_a_bare_run_does() -> None:
    model, bare, x = mixed(), mixed(), torch.rand(4, 1, 6, 6)
    before, given = outside(model), x.clone()
    torch.manual_seed(9)
    output = bare(x)
    output.backward(torch.randn_like(output.detach()))
    state = torch.get_rng_state()
    torch.manual_seed(9)
    taken = lenet_viz.capture(model, x, backward="random")
    assert torch.equal(torch.get_rng_state(), state)
    assert outside(model) == before
    assert torch.equal(x, given)
    assert x.grad is None
    assert not x.requires_grad
    assert taken.output_value is not None
    assert taken.output_value.activation.tobytes() == output.detach().numpy().tobytes()
    for name, buffer in model.named_buffers():
        assert torch.equal(buffer, dict(bare.named_buffers())[name]), name
    for record, parameter in zip(taken.parameters, bare.parameters(), strict=True):
        grad = None if parameter.grad is None else parameter.grad.numpy().tobytes()
        assert (None if record.grad is None else record.grad.tobytes()) == grad, record.name


def test_a_seed_is_used_and_the_generator_restored() -> None:
    x = torch.rand(4, 1, 6, 6)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = lenet_viz.capture(mixed(), x, backward="random", seed=7)
    assert torch.equal(torch.get_rng_state(), state)
    second = lenet_viz.capture(mixed(), x, backward="random", seed=7)
    other = lenet_viz.capture(mixed(), x, backward="random", seed=8)
    assert np.array_equal(first.steps[-1].activation, second.steps[-1].activation)
    assert not np.array_equal(first.steps[-1].activation, other.steps[-1].activation)


def test_an_exception_at_every_op() -> None:
    whole = lenet_viz.capture(mixed(), torch.rand(4, 1, 6, 6))
    names = [step.name for step in whole.steps]
    broken = 0
    after_the_run: list[str] = []
    for number in range(40):
        model, x = mixed(), torch.rand(4, 1, 6, 6)
        mode = Breaks(number, model)
        before = outside(model)
        try:
            with mode:
                lenet_viz.capture(model, x, backward="random", seed=1)
        except RecordingFailed as failed:
            broken += 1
            taken = failed.capture
            good = [step for step in taken.steps if step.error is None]
            assert [step.name for step in good] == names[: len(good)]
            assert taken.error is not None
        except RuntimeError as error:
            after_the_run.append(str(error))
        assert outside(model) == before, number
    assert broken >= len(names)
    assert set(after_the_run) <= {"broken on purpose"}
    lenet_viz.capture(mixed(), torch.rand(4, 1, 6, 6), backward="random")


def test_a_failing_op_is_named() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 2))
    with pytest.raises(RecordingFailed) as caught:
        lenet_viz.capture(model, torch.rand(2, 3), backward="random")
    taken = caught.value.capture
    assert [step.name for step in taken.steps] == ["0", "1", "2"]
    assert taken.steps[-1].error is not None
    assert taken.steps[-1].outputs == ()
    text = str(caught.value)
    for part in ("linear", "failed in 2", "2×4", "mat1 and mat2"):
        assert part in text


def test_a_failing_line_is_named() -> None:
    class Wrong(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            h = self.fc(x)
            return h.view(7, 7)  # the line to be named

    with pytest.raises(RecordingFailed, match=r"h\.view\(7, 7\)  # the line to be named"):
        lenet_viz.capture(Wrong(), torch.rand(2, 3))

    class Raises(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x)

    class Inner(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("no such luck")

    with pytest.raises(RecordingFailed, match=r"forward failed in inner: no such luck\. Line \d+"):
        lenet_viz.capture(Raises(), torch.rand(2, 3))


def test_a_failing_backward_keeps_the_steps() -> None:
    class Spoils(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            h = torch.sigmoid(x)
            h.mul_(2)
            return h

    model = Spoils()
    with pytest.raises(RecordingFailed, match="backward failed") as caught:
        lenet_viz.capture(model, torch.rand(2, 3), backward="random")
    assert [step.name for step in caught.value.capture.steps] == ["sigmoid", "mul_"]
    lenet_viz.capture(model, torch.rand(2, 3))


def test_no_capture_inside_a_capture() -> None:
    class Nested(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            lenet_viz.capture(nn.Linear(3, 2), x)
            return x

    with pytest.raises(UserMistake, match="already running"):
        lenet_viz.capture(Nested(), torch.rand(2, 3))
    lenet_viz.capture(nn.Linear(3, 2), torch.rand(2, 3))


def test_inputs_may_require_gradients_and_carry_some() -> None:
    x = torch.rand(2, 3, requires_grad=True)
    x.grad = torch.ones(2, 3)
    model = nn.Linear(3, 2)
    taken = lenet_viz.capture(model, x, backward="random", seed=1)
    assert torch.equal(x.grad, torch.ones(2, 3))
    assert np.array_equal(taken.input_grads[0], taken.input_gradients[0] + 1)


def test_the_model_can_still_be_copied_and_run() -> None:
    model = mixed()
    lenet_viz.capture(model, torch.rand(4, 1, 6, 6), backward="random")
    copy.deepcopy(model)(torch.rand(4, 1, 6, 6)).sum().backward()


class Token:
    """Lives as long as the autograd node that holds it."""


class Marked(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, seen: list[weakref.ref[Any]]) -> Tensor:
        ctx.token = Token()
        seen.append(weakref.ref(ctx.token))
        return x * 2

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return grad * 2, None


@pytest.mark.parametrize("backward", ["random", "mse", lambda out: out.sum(), None])
def test_nothing_of_the_run_stays_in_memory(backward: Any) -> None:
    """Every tensor goes with the call, without a search for circles."""
    seen: list[weakref.ref[Any]] = []

    class Watches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = Marked.apply(self.fc(x), seen)
            seen.extend([weakref.ref(x), weakref.ref(h)])
            h += 1
            return self.fc(h)

    model = Watches()
    gc.collect()
    gc.disable()
    try:
        taken = lenet_viz.capture(model, torch.rand(2, 3), backward=backward)
        assert len(seen) == 3
        assert [ref() for ref in seen] == [None] * 3
        assert [step.name for step in taken.steps] == ["fc", "mul", "Marked", "add_", "fc_2"]
    finally:
        gc.enable()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_before(on: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        lenet_viz.capture(mixed(), torch.rand(4, 1, 6, 6))
        assert gc.isenabled() is on
        with pytest.raises(UserMistake):
            lenet_viz.capture(mixed(), torch.rand(4, 7))
        assert gc.isenabled() is on
    finally:
        (gc.enable if was else gc.disable)()
