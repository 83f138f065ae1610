"""Models that are hard to record; `awkward_steps.txt` has the steps that each must give."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


@dataclass(frozen=True)
class Case:
    """One model and its input.

    Attributes:
        make: makes the model.
        shape: the input's shape.
        inputs: makes the inputs where they are not one random tensor.
        kwargs: makes the keyword inputs.
        picks: takes the tensor to start backward from out of the output.
    """

    make: Callable[[], nn.Module]
    shape: tuple[int, ...] = (2, 3)
    inputs: Callable[[], tuple[Any, ...]] | None = None
    kwargs: Callable[[], dict[str, Any]] = dict
    picks: Callable[[Any], Tensor] = lambda output: output


class Does(nn.Module):
    """Runs a function of itself and its inputs; layers are given by name."""

    def __init__(self, does: Callable[..., Any], **layers: nn.Module) -> None:
        super().__init__()
        self.does = does
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.does(self, *args, **kwargs)


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return 2 * x * grad


class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return -grad


class Scripted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.fc(x)) * 2.0


def _add_to(model: Does, x: Tensor) -> Tensor:
    h = model.fc(x)
    h += x
    return h


def _loop(model: Does, x: Tensor) -> Tensor:
    for _ in range(2 if x.shape[0] > 1 else 1):
        x = model.fc(x)
        if x.sum() < 1e9:
            x = x.relu()
    return x


def _column(model: Does, x: Tensor) -> Tensor:
    h = model.fc(x)
    h[:, 0] = 0
    return h


def _view_then_write(model: Does, x: Tensor) -> Tensor:
    h = model.fc(x)
    view = h.view(-1)
    view.mul_(2)
    return h + 1


def _write_then_view_used(model: Does, x: Tensor) -> Tensor:
    h = model.fc(x)
    first = h[:, 0]
    h.mul_(2)
    return first * 3


def _no_grad(model: Does, x: Tensor) -> Tensor:
    with torch.no_grad():
        scale = model.fc(x).sigmoid()
    return model.fc(x) * scale


def _checkpointed(reentrant: bool) -> Callable[[Does, Tensor], Tensor]:
    def does(model: Does, x: Tensor) -> Tensor:
        h: Tensor = checkpoint(model.block, x, use_reentrant=reentrant)
        return model.fc(h)

    return does


def _tied() -> nn.Module:
    model = nn.Sequential(nn.Linear(3, 3, bias=False), nn.ReLU(), nn.Linear(3, 3, bias=False))
    model[2].weight = model[0].weight
    return model


def _autocast(model: Does, x: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return model.fc(x)


def _scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module: nn.Module = torch.jit.script(Scripted())
        return module


def _scaled_column(model: Does, x: Tensor) -> Tensor:
    h = model.fc(x)
    h[:, 0] += 1
    return h * 2


def _view_of_view(model: Does, x: Tensor) -> Tensor:
    h = model.conv(x)
    turned = h.transpose(2, 3)
    part = turned[:, :1]
    part -= 0.5
    return part.tanh() + h.sum()


def _view_used_before(model: Does, x: Tensor) -> Tensor:
    h = model.fc(x)
    row = h[0]
    before = row.tanh()
    row.mul_(2)
    return h + before


def _stale_view_first_used_late(model: Does, x: Tensor) -> Tensor:
    h = x[:, :2]
    part = h[:1]
    part -= 0.3
    h[:, 0] += 1
    return h * 2


def _over_list(model: Does, x: Tensor) -> Tensor:
    total = torch.zeros(2)
    for row in x:
        if row.sum() > -100:
            total = total + model.fc(row)
    return total


def _compiled(model: nn.Module) -> nn.Module:
    # The backend changes nothing that is recorded, and needs no compiler.
    made: nn.Module = torch.compile(model, backend="eager")
    return made


class Pair(NamedTuple):
    first: Tensor
    second: Tensor


def _block() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 3), nn.ReLU())


def _integers() -> tuple[Tensor]:
    return (torch.tensor([[1, 2, 0], [3, 3, 1]]),)


CASES = {
    "functional": Case(
        lambda: Does(lambda m, x: F.relu(m.c(x)).view(2, -1), c=nn.Conv2d(1, 2, 3)),
        (2, 1, 5, 5),
    ),
    "in-place module": Case(
        lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 2))
    ),
    "in-place function": Case(lambda: Does(lambda m, x: F.relu_(m.fc(x)), fc=nn.Linear(3, 2))),
    "in-place first": Case(lambda: Does(lambda m, x: m.fc(x.mul_(2)), fc=nn.Linear(3, 2))),
    "added to": Case(lambda: Does(_add_to, fc=nn.Linear(3, 3))),
    "thrice": Case(lambda: Does(lambda m, x: m.fc(m.fc(m.fc(x))), fc=nn.Linear(3, 3))),
    "residual": Case(lambda: Does(lambda m, x: x + m.fc(x).relu(), fc=nn.Linear(3, 3))),
    "if and loop": Case(lambda: Does(_loop, fc=nn.Linear(3, 3))),
    "nested with BatchNorm": Case(
        lambda: nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)), nn.ReLU()),
        (4, 3),
    ),
    "LSTM": Case(lambda: nn.LSTM(3, 4), (5, 2, 3), picks=lambda output: output[0]),
    "LSTM inside": Case(
        lambda: Does(lambda m, x: m.fc(m.rnn(x)[0]), rnn=nn.LSTM(3, 4), fc=nn.Linear(4, 2)),
        (5, 2, 3),
    ),
    "dict output": Case(
        lambda: Does(lambda m, x: {"a": m.fc(x), "b": [x * 2]}, fc=nn.Linear(3, 2)),
        picks=lambda output: output["a"],
    ),
    "keyword input": Case(
        lambda: Does(lambda m, x, scale: m.fc(x) * scale, fc=nn.Linear(3, 2)),
        kwargs=lambda: {"scale": torch.ones(2)},
    ),
    "several inputs": Case(
        lambda: Does(lambda m, x, y: m.fc(x) + y[0], fc=nn.Linear(3, 2)),
        inputs=lambda: (torch.randn(2, 3), [torch.randn(2)]),
    ),
    "same input twice": Case(
        lambda: Does(lambda m, x, y: m.fc(x) + y, fc=nn.Linear(3, 3)),
        inputs=lambda: (torch.ones(2, 3),) * 2,
    ),
    "no_grad": Case(lambda: Does(_no_grad, fc=nn.Linear(3, 3))),
    "detach": Case(
        lambda: Does(lambda m, x: m.fc(x) * m.fc(x).detach(), fc=nn.Linear(3, 3)),
    ),
    "custom Function": Case(
        lambda: Does(lambda m, x: m.fc(Squared.apply(m.fc(x))), fc=nn.Linear(3, 3)),
    ),
    "custom Function that gives its input": Case(
        lambda: Does(lambda m, x: m.fc(Same.apply(m.fc(x))), fc=nn.Linear(3, 3)),
    ),
    "scripted": Case(lambda: nn.Sequential(_scripted(), nn.Linear(3, 2))),
    "checkpoint": Case(lambda: Does(_checkpointed(False), block=_block(), fc=nn.Linear(3, 2))),
    "reentrant checkpoint": Case(
        lambda: Does(_checkpointed(True), block=_block(), fc=nn.Linear(3, 2)),
    ),
    "view then write": Case(lambda: Does(_view_then_write, fc=nn.Linear(3, 3))),
    "write then old view": Case(lambda: Does(_write_then_view_used, fc=nn.Linear(3, 3))),
    "write a column": Case(lambda: Does(_column, fc=nn.Linear(3, 3))),
    "dropout": Case(lambda: nn.Sequential(nn.Linear(3, 30), nn.Dropout(0.5))),
    "tied weights": Case(_tied),
    "weight_norm": Case(
        lambda: Does(
            lambda m, x: m.fc(x), fc=nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
        ),
    ),
    "autocast": Case(lambda: Does(_autocast, fc=nn.Linear(3, 2))),
    "bfloat16": Case(
        lambda: nn.Linear(3, 2, dtype=torch.bfloat16),
        inputs=lambda: (torch.randn(2, 3, dtype=torch.bfloat16),),
    ),
    "float64": Case(
        lambda: nn.Linear(3, 2, dtype=torch.float64),
        inputs=lambda: (torch.randn(2, 3, dtype=torch.float64),),
    ),
    "complex": Case(
        lambda: Does(lambda m, x: torch.view_as_complex(x) * 1j),
        (3, 2),
        picks=lambda output: output.abs(),
    ),
    "embedding": Case(lambda: nn.Sequential(nn.Embedding(4, 3), nn.Linear(3, 2)), inputs=_integers),
    "0-d output": Case(lambda: Does(lambda m, x: m.fc(x).sum(), fc=nn.Linear(3, 2))),
    "attention": Case(
        lambda: Does(
            lambda m, x: m.attn(x, x, x, need_weights=False)[0], attn=nn.MultiheadAttention(4, 2)
        ),
        (3, 2, 4),
    ),
    "transformer layer": Case(
        lambda: nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True).eval(),
        (2, 3, 4),
    ),
    "data parallel": Case(lambda: nn.DataParallel(nn.Linear(3, 2))),
    "split": Case(
        lambda: Does(lambda m, x: torch.cat(m.fc(x).chunk(2, 1)[::-1], 1), fc=nn.Linear(3, 4)),
    ),
    "functional pool and reshape": Case(
        lambda: Does(
            lambda m, x: F.max_pool2d(F.relu(m.c(x)), 2).reshape(2, -1), c=nn.Conv2d(1, 2, 2)
        ),
        (2, 1, 5, 5),
    ),
    "GRU": Case(lambda: nn.GRU(3, 4), (5, 2, 3), picks=lambda output: output[0]),
    "LSTM of two layers, both ways": Case(
        lambda: nn.LSTM(3, 4, 2, bidirectional=True), (5, 2, 3), picks=lambda output: output[1][0]
    ),
    "tuple output": Case(
        lambda: Does(lambda m, x: (m.fc(x), x.sum()), fc=nn.Linear(3, 2)),
        picks=lambda output: output[0],
    ),
    "list output": Case(
        lambda: Does(lambda m, x: [m.fc(x), m.fc(x).relu()], fc=nn.Linear(3, 2)),
        picks=lambda output: output[1],
    ),
    "named tuple output": Case(
        lambda: Does(lambda m, x: Pair(m.fc(x), x * 2), fc=nn.Linear(3, 2)),
        picks=lambda output: output.first,
    ),
    "attention with weights": Case(
        lambda: Does(lambda m, x: m.attn(x, x, x)[0], attn=nn.MultiheadAttention(4, 2)), (3, 2, 4)
    ),
    "transformer layer in training": Case(
        lambda: nn.TransformerEncoderLayer(4, 2, 8, 0.1, batch_first=True), (2, 3, 4)
    ),
    "transformer of two layers": Case(
        lambda: nn.TransformerEncoder(
            nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True),
            2,
            enable_nested_tensor=False,
        ),
        (2, 3, 4),
    ),
    "compiled": Case(
        lambda: _compiled(nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 2)))
    ),
    "compiled part": Case(
        lambda: Does(
            lambda m, x: m.fc(m.part(x)) + 1, part=_compiled(_block()), fc=nn.Linear(3, 2)
        ),
    ),
    "autocast over all": Case(
        lambda: Does(_autocast, fc=nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
    ),
    "float16": Case(
        lambda: nn.Linear(3, 2, dtype=torch.float16),
        inputs=lambda: (torch.randn(2, 3, dtype=torch.float16),),
    ),
    "complex weights": Case(
        lambda: Does(lambda m, x: m.fc(x).abs(), fc=nn.Linear(3, 2, dtype=torch.complex64)),
        inputs=lambda: (torch.randn(2, 3, dtype=torch.complex64),),
    ),
    "loop over rows": Case(lambda: Does(_over_list, fc=nn.Linear(3, 2))),
    "add to a column": Case(lambda: Does(_scaled_column, fc=nn.Linear(3, 3))),
    "view of a view written": Case(
        lambda: Does(_view_of_view, conv=nn.Conv2d(1, 2, 2)), (1, 1, 4, 4)
    ),
    "view used before it is written": Case(lambda: Does(_view_used_before, fc=nn.Linear(3, 3))),
    "view first used after a write": Case(lambda: Does(_stale_view_first_used_late)),
    "linear on three axes, then in place": Case(
        lambda: Does(lambda m, x: m.fc(x).relu_() * 2, fc=nn.Linear(3, 4)), (2, 2, 3)
    ),
    "own constant": Case(lambda: Does(lambda m, x: m.fc(x) * torch.ones(2), fc=nn.Linear(3, 2))),
}
