"""A capture does no harm, whichever op raises: the model's, autograd's or the recorder's own."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import lenet_viz
from lenet_viz.capture.recorder import RecordingFailed
from lenet_viz.errors import UserMistake
from tests.capture.outside import buffers, generators, outside
from tests.figures import Figures

_MOST = 400
OUTSIDE = torch.full((8,), 0.5, requires_grad=True)
"""A tensor that collects gradients and belongs to no module."""


class Mixed(nn.Module):
    """Dropout, BatchNorm, ops in place, a shared layer, a frozen one, a tensor from elsewhere."""

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
        h = self.fc(F.relu(self.fc(h))) * OUTSIDE
        h += 1
        return self.frozen(h)


class Counts(nn.Module):
    """Buffers that the model writes itself, with and without a view."""

    seen: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(3))
        self.fc = nn.Linear(36, 6)

    def forward(self, x: Tensor) -> Tensor:
        h = self.fc(x.flatten(1))
        with torch.no_grad():
            self.seen[0] += 1
            self.seen[1:].add_(torch.rand(2))
        h[:, 0] = 0
        view = h[:, 1:3]
        view *= 2
        self.seen = self.seen * 2
        return torch.tanh(h) + torch.rand(6)


class Recurrent(nn.Module):
    """An LSTM over rows, normed and dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(6, 4, num_layers=2, dropout=0.4, batch_first=True)
        self.norm = nn.BatchNorm1d(4, momentum=None)
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        h, (state, _) = self.rnn(x.squeeze(1))
        return self.fc(self.norm(h[:, -1] + state[-1]))


class Attention(nn.Module):
    """A transformer's layer in training, with noise of the model's own."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, 8, 0.2, batch_first=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = self.layer(x.squeeze(1))
        for row in range(2):
            h = h + torch.randn_like(h) * (row + 1)
        return self.fc(h.mean(1))


MODELS: dict[str, Callable[[], nn.Module]] = {
    "mixed": Mixed, "counts": Counts, "recurrent": Recurrent, "attention": Attention,
}  # fmt: skip


def made(name: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = MODELS[name]()
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3.0) if parameter.dim() > 1 else None
    return model


def image() -> Tensor:
    return torch.rand((4, 1, 6, 6), generator=torch.Generator().manual_seed(4))


class Breaks(TorchFunctionMode):
    """Raises at the torch function with a number, counted while the model runs."""

    def __init__(self, number: int, model: nn.Module) -> None:
        super().__init__()
        self.left = number
        self.counts = False
        model.register_forward_pre_hook(lambda *_: self.count(True))
        model.register_forward_hook(lambda *_: self.count(False), always_call=True)

    def count(self, counts: bool) -> None:
        self.counts = counts

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # Leaving no_grad is no op: raised there, gradients would be off for good, recorder or not.
        if self.counts and func is not torch._C._set_grad_enabled:
            self.left -= 1
            if self.left == -1:
                raise RuntimeError("broken on purpose")
        return func(*args, **(kwargs or {}))


def ran(run: Callable[[], Any]) -> str:
    """Return what a run with fixed seeds raised; "" where it came to its end."""
    torch.manual_seed(9)
    try:
        run()
    except (RuntimeError, UserMistake) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("backward", ["forward alone", "with backward"])
@pytest.mark.parametrize("name", MODELS)
def test_an_op_of_the_model_raises(name: str, backward: str, figures: Figures) -> None:
    """Buffers and generators end as after the bare run that raises at the same op."""
    vector = torch.ones_like(made(name)(image())) if backward == "with backward" else None
    for number in range(_MOST):
        bare, model, x = made(name), made(name), image()
        breaks = Breaks(number, bare)
        with breaks:
            said = ran(lambda bare=bare, x=x: bare(x.clone()))
        wanted = (buffers(bare), generators())
        breaks = Breaks(number, model)
        before = outside(model, [x, OUTSIDE])
        with breaks:
            captured = ran(lambda model=model, x=x: lenet_viz.capture(model, x, backward=vector))
        assert outside(model, [x, OUTSIDE]) == before, number
        assert (buffers(model), generators()) == wanted, number
        assert bool(said) == bool(captured), (number, said, captured)
        if not said:
            break
        assert "broken on purpose" in captured
    assert 8 < number < _MOST - 1
    figures.add("no harm", {"captures that broke off in forward": number})


@pytest.mark.parametrize("name", MODELS)
def test_the_steps_until_then_are_kept(name: str) -> None:
    whole = [step.name for step in lenet_viz.capture(made(name), image()).steps]
    lengths: Counter[int] = Counter()
    for number in range(0, _MOST, 3):
        model = made(name)
        try:
            with Breaks(number, model):
                lenet_viz.capture(model, image(), backward=lambda out: out.sum())
        except RecordingFailed as failed:
            taken = failed.capture
        else:
            break
        good = [step.name for step in taken.steps if step.error is None]
        assert good == whole[: len(good)]
        assert len(taken.steps) - len(good) <= 1
        assert taken.error is not None
        lengths[len(good)] += 1
    assert len(lengths) > 4


class BreaksBackward:
    """Raises at the gradient with a number, of all outputs of all modules."""

    def __init__(self, number: int, model: nn.Module) -> None:
        self.left = number
        for module in model.modules():
            module.register_forward_hook(self.watch)

    def watch(self, module: nn.Module, args: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(self.reached)

    def reached(self, gradient: Tensor) -> None:
        self.left -= 1
        if self.left == -1:
            raise RuntimeError("broken on purpose")


@pytest.mark.parametrize("name", MODELS)
def test_backward_raises(name: str, figures: Figures) -> None:
    vector = torch.ones_like(made(name)(image()))
    for number in range(_MOST):
        bare, model, x = made(name), made(name), image()
        BreaksBackward(number, bare)
        ran(lambda bare=bare, x=x: bare(x.clone()).backward(vector))
        wanted = (buffers(bare), generators())
        BreaksBackward(number, model)
        OUTSIDE.grad = None
        before = outside(model, [x, OUTSIDE])
        captured = ran(lambda model=model, x=x: lenet_viz.capture(model, x, backward=vector))
        assert outside(model, [x, OUTSIDE]) == before, number
        assert (buffers(model), generators()) == wanted, number
        if not captured:
            break
        assert "broken on purpose" in captured
    assert 1 < number < _MOST - 1
    figures.add("no harm", {"captures that broke off in backward": number})


class BreaksBelow(TorchDispatchMode):
    """Raises at the kernel with a number, be it the model's, autograd's or the recorder's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.left -= 1
        if self.left == -1:
            raise RuntimeError("broken on purpose")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", MODELS)
def test_a_kernel_of_anybody_raises(name: str, figures: Figures) -> None:
    vector = torch.ones_like(made(name)(image()))
    for number in range(4 * _MOST):
        model, x = made(name), image()
        before = outside(model, [x, OUTSIDE])
        with BreaksBelow(number):
            captured = ran(lambda model=model, x=x: lenet_viz.capture(model, x, backward=vector))
        if not captured:
            break
        assert "broken on purpose" in captured, number
        assert outside(model, [x, OUTSIDE]) == before, number
        if number % 20 == 0:
            lenet_viz.capture(model, x)
    assert 60 < number < 4 * _MOST - 1
    figures.add("no harm", {"captures that broke off in a kernel": number})


@pytest.mark.parametrize("name", MODELS)
def test_a_whole_run(name: str) -> None:
    """Output, gradients, buffers and generators are those of one bare run, bit by bit."""
    bare, model, x = made(name), made(name), image()
    bare.zero_grad()
    OUTSIDE.grad = None
    torch.manual_seed(9)
    leaf = x.clone().requires_grad_()
    output = bare(leaf.clone())
    output.sum().backward()
    wanted = (buffers(bare), generators())
    OUTSIDE.grad = None
    before = outside(model, [x, OUTSIDE])
    torch.manual_seed(9)
    taken = lenet_viz.capture(model, x, backward=lambda out: out.sum())
    assert (buffers(model), generators()) == wanted
    assert outside(model, [x, OUTSIDE]) == before
    assert taken.output_value is not None
    assert taken.output_value.activation.tobytes() == output.detach().numpy().tobytes()
    assert taken.input_gradients[0] is not None
    assert leaf.grad is not None
    assert taken.input_gradients[0].tobytes() == leaf.grad.numpy().tobytes()
    for record, parameter in zip(taken.parameters, bare.parameters(), strict=True):
        assert (record.gradient is None) == (parameter.grad is None), record.name
        if parameter.grad is not None:
            assert record.gradient.tobytes() == parameter.grad.numpy().tobytes(), record.name
