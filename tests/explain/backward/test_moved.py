"""Ops that move numbers: each gradient goes back to where its number came from."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from tests.explain.backward.checking import check, ran

MOVES: dict[str, Callable[[torch.Tensor], Any]] = {
    "view": lambda x: x.view(-1, 6),
    "flatten": lambda x: x.flatten(1),
    "permute": lambda x: x.permute(2, 0, 1),
    "transpose": lambda x: x.transpose(0, 2),
    "squeeze": lambda x: x.unsqueeze(1).squeeze(),
    "expand": lambda x: x[:, :1].expand(2, 5, 4),
    "repeat": lambda x: x.repeat(2, 1, 2),
    "slice": lambda x: x[:, 1:, ::2],
    "integers": lambda x: x[0, 1],
    "list": lambda x: x[[0, 0, 1]],
    "cat": lambda x: torch.cat([x, x, x[:, :1]], 1),
    "stack": lambda x: torch.stack([x, x], 1),
    "chunk": lambda x: x.chunk(2, 2)[0],
    "split": lambda x: x.split([1, 2], 1)[1],
    "both halves": lambda x: x.chunk(2, 2)[0] * x.chunk(2, 2)[1],
    "unbind": lambda x: x.unbind(1)[2],
    "narrow": lambda x: x.narrow(2, 1, 2),
    "select": lambda x: x.select(1, 2),
    "pad": lambda x: F.pad(x, (1, 2, 0, 1)),
    "reflect": lambda x: F.pad(x, (1, 2), mode="reflect"),
    "flip": lambda x: x.flip(1, 2),
    "roll": lambda x: x.roll(1, 2),
    "clone": lambda x: x.clone().contiguous(),
    "shuffle": lambda x: F.pixel_shuffle(x.reshape(1, 4, 2, 3), 2),
    "nearest": lambda x: F.interpolate(x[None], scale_factor=2),
    "scalar": lambda x: x[0, 0, 0],
}


@pytest.mark.parametrize("name", MOVES)
def test_a_move(name: str) -> None:
    x = torch.randn(2, 3, 4, requires_grad=True)
    assert check(ran(lambda m, x: MOVES[name](x) * 2, x), 24) >= 24
