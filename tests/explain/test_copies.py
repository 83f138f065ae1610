"""Moved numbers against torch's own moving of numbered elements."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import lenet_viz
from lenet_viz.explain.copies import COPIES, copy_map
from lenet_viz.explain.operands import Call

Move = Callable[[torch.Tensor], torch.Tensor | tuple[torch.Tensor, ...]]

MOVES: dict[str, tuple[Move, tuple[int, ...]]] = {
    "view": (lambda x: x.view(-1), (2, 3, 4)),
    "reshape": (lambda x: x.reshape(2, 12), (2, 3, 4)),
    "flatten": (lambda x: torch.flatten(x, 1), (2, 3, 4)),
    "unflatten": (lambda x: x.unflatten(2, (2, 2)), (2, 3, 4)),
    "squeeze": (lambda x: x.squeeze(1), (2, 1, 4)),
    "unsqueeze": (lambda x: x.unsqueeze(1), (2, 3)),
    "permute": (lambda x: x.permute(2, 0, 1), (2, 3, 4)),
    "negative permute": (lambda x: x.permute(0, -1, -2), (2, 3, 4)),
    "transpose": (lambda x: x.transpose(1, -1), (2, 3, 4)),
    "swapaxes": (lambda x: x.swapaxes(0, 1), (2, 3, 4)),
    "t": (lambda x: x.t(), (3, 4)),
    "T": (lambda x: x.T, (3, 4)),
    "mT": (lambda x: x.mT, (2, 3, 4)),
    "movedim": (lambda x: x.movedim(0, 1), (2, 3, 4)),
    "expand": (lambda x: x.expand(2, 3, 4), (3, 1)),
    "repeat": (lambda x: x.repeat(2, 1, 3), (3, 4)),
    "cat": (lambda x: torch.cat([x, x + 100, x], 1), (2, 3, 4)),
    "cat of nothing": (lambda x: torch.cat([x, torch.zeros(0), x]), (5,)),
    "stack": (lambda x: torch.stack((x, x + 100), dim=-1), (2, 3)),
    "chunk": (lambda x: x.chunk(2, 1), (2, 3, 4)),
    "split": (lambda x: x.split([1, 2], dim=1), (2, 3, 4)),
    "split in equals": (lambda x: x.split(2, -1), (2, 3, 5)),
    "unbind": (lambda x: x.unbind(1), (2, 3, 4)),
    "narrow": (lambda x: x.narrow(1, 1, 2), (2, 3, 4)),
    "select": (lambda x: x.select(1, -1), (2, 3, 4)),
    "flip": (lambda x: x.flip(0, 2), (2, 3, 4)),
    "roll": (lambda x: x.roll(1, 2), (2, 3, 4)),
    "roll twice": (lambda x: x.roll((1, -1), (0, 2)), (2, 3, 4)),
    "pad": (lambda x: F.pad(x, (1, 2)), (2, 3, 4)),
    "pad two axes": (lambda x: F.pad(x, (1, 2, 0, 1), value=7.0), (2, 3, 4)),
    "pad less than nothing": (lambda x: F.pad(x, (-1, 2)), (2, 3, 4)),
    "reflect": (lambda x: F.pad(x, (1, 2), mode="reflect"), (2, 3, 4)),
    "replicate": (lambda x: F.pad(x, (1, 2), mode="replicate"), (2, 3, 4)),
    "circular": (lambda x: F.pad(x, (1, 2), mode="circular"), (2, 3, 4)),
    "pixel_shuffle": (lambda x: F.pixel_shuffle(x, 2), (2, 8, 2, 3)),
    "nearest": (lambda x: F.interpolate(x, scale_factor=2), (1, 2, 3, 3)),
    "nearest to a size": (lambda x: F.interpolate(x, size=(5, 2)), (1, 2, 3, 4)),
    "one": (lambda x: x[1], (2, 3, 4)),
    "two": (lambda x: x[1, -1], (2, 3, 4)),
    "slices": (lambda x: x[:, 1:, ::2], (2, 3, 4)),
    "ellipsis": (lambda x: x[..., 0], (2, 3, 4)),
    "new axis": (lambda x: x[:, None, 1], (2, 3, 4)),
    "a list": (lambda x: x[:, [2, 0]], (2, 3, 4)),
    "a list alone": (lambda x: x[[2, 0]], (3, 4)),
    "a tensor": (lambda x: x[:, torch.tensor([2, 0, 0])], (2, 3, 4)),
    "a mask": (lambda x: x[x > 5], (2, 3, 4)),
    "clone": (lambda x: x.clone(), (2, 3)),
    "detach": (lambda x: x.detach(), (2, 3)),
    "to": (lambda x: x.to(torch.float64), (2, 3)),
    "scalar": (lambda x: x.reshape(()), (1,)),
}


class Moving(nn.Module):
    def __init__(self, move: Move) -> None:
        super().__init__()
        self.move = move

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = self.move(x)
        return found if isinstance(found, torch.Tensor) else found[0]


@pytest.mark.parametrize("name", MOVES)
def test_each_element_comes_from_where_torch_takes_it(name: str) -> None:
    move, shape = MOVES[name]
    numbered = torch.arange(1.0, float(np.prod(shape)) + 1).reshape(shape)
    capture = lenet_viz.capture(Moving(move), numbered)
    wanted = move(numbered)
    pieces = (wanted,) if isinstance(wanted, torch.Tensor) else wanted
    number = max(n for n, step in enumerate(capture.steps) if step.op in COPIES)
    call = Call(capture, number)
    for output, piece in enumerate(pieces):
        found = copy_map(call, output)
        assert found is not None
        values = [operand.array.reshape(-1) for operand in found.operands]
        taken = [
            float(values[source][flat]) if source >= 0 else None
            for source, flat in zip(found.source.flat, found.flat.flat, strict=True)
        ]
        assert found.source.shape == tuple(piece.shape)
        for got, number_ in zip(taken, piece.reshape(-1).tolist(), strict=True):
            assert got == number_ if got is not None else number_ in (0.0, 7.0)
        assert any(got is not None for got in taken)


def test_what_computes_is_no_copy() -> None:
    for compute in (torch.relu, lambda x: x + 0, lambda x: F.interpolate(x[None], size=3)[0]):
        capture = lenet_viz.capture(Moving(compute), torch.randn(2, 3))
        assert all(
            copy_map(Call(capture, n)) is None
            for n, step in enumerate(capture.steps)
            if step.op not in ("getitem", "interpolate")
        )
    smooth = Moving(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"))
    capture = lenet_viz.capture(smooth, torch.randn(1, 1, 3, 3))
    assert copy_map(Call(capture, 0)) is None
