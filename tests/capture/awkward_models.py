"""Models that are hard to record, each with the names of the steps it must give."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


@dataclass(frozen=True)
class Case:
    """One model, its input, and the steps it gives.

    Attributes:
        make: makes the model.
        steps: the expected ``name`` of each step; ``!`` marks an opaque one, ``~`` one in place.
        shape: the input's shape.
        inputs: makes the inputs where they are not one random tensor.
        kwargs: makes the keyword inputs.
        picks: takes the tensor to start backward from out of the output.
    """

    make: Callable[[], nn.Module]
    steps: str
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


def _block() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 3), nn.ReLU())


def _integers() -> tuple[Tensor]:
    return (torch.tensor([[1, 2, 0], [3, 3, 1]]),)


CASES = {
    "functional": Case(
        lambda: Does(lambda m, x: F.relu(m.c(x)).view(2, -1), c=nn.Conv2d(1, 2, 3)),
        "c relu view",
        (2, 1, 5, 5),
    ),
    "in-place module": Case(
        lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 2)), "0 ~1 2"
    ),
    "in-place function": Case(
        lambda: Does(lambda m, x: F.relu_(m.fc(x)), fc=nn.Linear(3, 2)), "fc ~relu_"
    ),
    "in-place first": Case(
        lambda: Does(lambda m, x: m.fc(x.mul_(2)), fc=nn.Linear(3, 2)), "~mul_ fc"
    ),
    "added to": Case(lambda: Does(_add_to, fc=nn.Linear(3, 3)), "fc ~add_"),
    "thrice": Case(
        lambda: Does(lambda m, x: m.fc(m.fc(m.fc(x))), fc=nn.Linear(3, 3)), "fc fc_2 fc_3"
    ),
    "residual": Case(
        lambda: Does(lambda m, x: x + m.fc(x).relu(), fc=nn.Linear(3, 3)), "fc relu add"
    ),
    "if and loop": Case(
        lambda: Does(_loop, fc=nn.Linear(3, 3)), "fc sum lt relu fc_2 sum_2 lt_2 relu_2"
    ),
    "nested with BatchNorm": Case(
        lambda: nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)), nn.ReLU()),
        "0.0 0.1 1",
        (4, 3),
    ),
    "LSTM": Case(
        lambda: nn.LSTM(3, 4), "zeros zeros_2 lstm", (5, 2, 3), picks=lambda output: output[0]
    ),
    "LSTM inside": Case(
        lambda: Does(lambda m, x: m.fc(m.rnn(x)[0]), rnn=nn.LSTM(3, 4), fc=nn.Linear(4, 2)),
        "zeros zeros_2 rnn fc",
        (5, 2, 3),
    ),
    "dict output": Case(
        lambda: Does(lambda m, x: {"a": m.fc(x), "b": [x * 2]}, fc=nn.Linear(3, 2)),
        "fc mul",
        picks=lambda output: output["a"],
    ),
    "keyword input": Case(
        lambda: Does(lambda m, x, scale: m.fc(x) * scale, fc=nn.Linear(3, 2)),
        "fc mul",
        kwargs=lambda: {"scale": torch.ones(2)},
    ),
    "several inputs": Case(
        lambda: Does(lambda m, x, y: m.fc(x) + y[0], fc=nn.Linear(3, 2)),
        "fc add",
        inputs=lambda: (torch.randn(2, 3), [torch.randn(2)]),
    ),
    "same input twice": Case(
        lambda: Does(lambda m, x, y: m.fc(x) + y, fc=nn.Linear(3, 3)),
        "fc add",
        inputs=lambda: (torch.ones(2, 3),) * 2,
    ),
    "no_grad": Case(lambda: Does(_no_grad, fc=nn.Linear(3, 3)), "fc sigmoid fc_2 mul"),
    "detach": Case(
        lambda: Does(lambda m, x: m.fc(x) * m.fc(x).detach(), fc=nn.Linear(3, 3)),
        "fc fc_2 detach mul",
    ),
    "custom Function": Case(
        lambda: Does(lambda m, x: m.fc(Squared.apply(m.fc(x))), fc=nn.Linear(3, 3)),
        "fc mul !Squared fc_2",
    ),
    "custom Function that gives its input": Case(
        lambda: Does(lambda m, x: m.fc(Same.apply(m.fc(x))), fc=nn.Linear(3, 3)),
        "fc view_as !Same fc_2",
    ),
    "scripted": Case(lambda: nn.Sequential(_scripted(), nn.Linear(3, 2)), "!0 1"),
    "checkpoint": Case(
        lambda: Does(_checkpointed(False), block=_block(), fc=nn.Linear(3, 2)), "block.0 block.1 fc"
    ),
    "reentrant checkpoint": Case(
        lambda: Does(_checkpointed(True), block=_block(), fc=nn.Linear(3, 2)),
        "block.0 block.1 !CheckpointFunction fc",
    ),
    "view then write": Case(
        lambda: Does(_view_then_write, fc=nn.Linear(3, 3)), "fc view ~mul_ !alias add"
    ),
    "write then old view": Case(
        lambda: Does(_write_then_view_used, fc=nn.Linear(3, 3)), "fc getitem ~mul_ !alias mul"
    ),
    "write a column": Case(lambda: Does(_column, fc=nn.Linear(3, 3)), "fc ~setitem"),
    "dropout": Case(lambda: nn.Sequential(nn.Linear(3, 30), nn.Dropout(0.5)), "0 1"),
    "tied weights": Case(_tied, "0 1 2"),
    "weight_norm": Case(
        lambda: Does(
            lambda m, x: m.fc(x), fc=nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
        ),
        "fc.parametrizations.weight.0 fc",
    ),
    "autocast": Case(lambda: Does(_autocast, fc=nn.Linear(3, 2)), "fc"),
    "bfloat16": Case(
        lambda: nn.Linear(3, 2, dtype=torch.bfloat16),
        "linear",
        inputs=lambda: (torch.randn(2, 3, dtype=torch.bfloat16),),
    ),
    "float64": Case(
        lambda: nn.Linear(3, 2, dtype=torch.float64),
        "linear",
        inputs=lambda: (torch.randn(2, 3, dtype=torch.float64),),
    ),
    "complex": Case(
        lambda: Does(lambda m, x: torch.view_as_complex(x) * 1j),
        "view_as_complex mul",
        (3, 2),
        picks=lambda output: output.abs(),
    ),
    "embedding": Case(
        lambda: nn.Sequential(nn.Embedding(4, 3), nn.Linear(3, 2)), "0 1", inputs=_integers
    ),
    "0-d output": Case(lambda: Does(lambda m, x: m.fc(x).sum(), fc=nn.Linear(3, 2)), "fc sum"),
    "attention": Case(
        lambda: Does(
            lambda m, x: m.attn(x, x, x, need_weights=False)[0], attn=nn.MultiheadAttention(4, 2)
        ),
        "attn",
        (3, 2, 4),
    ),
    "transformer layer": Case(
        lambda: nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True).eval(),
        "transpose self_attn transpose_2 dropout1 add norm1 linear1 relu dropout linear2 dropout2 "
        "add_2 norm2",
        (2, 3, 4),
    ),
    "data parallel": Case(lambda: nn.DataParallel(nn.Linear(3, 2)), "module"),
    "split": Case(
        lambda: Does(lambda m, x: torch.cat(m.fc(x).chunk(2, 1)[::-1], 1), fc=nn.Linear(3, 4)),
        "fc chunk cat",
    ),
    "own constant": Case(
        lambda: Does(lambda m, x: m.fc(x) * torch.ones(2), fc=nn.Linear(3, 2)), "fc ones mul"
    ),
}
