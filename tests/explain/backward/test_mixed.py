"""Attention, einsum and other ops of several tensors against torch's backward."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.explain.backward.checking import check, ran

MASK = torch.rand(5, 6) > 0.3
MASK[:, 0] = True
ATTENTION: dict[str, dict[str, Any]] = {
    "plain": {},
    "causal": {"is_causal": True},
    "scaled": {"scale": 0.3},
    "masked": {"attn_mask": MASK},
    "shifted": {"attn_mask": torch.randn(2, 1, 5, 6)},
}


@pytest.mark.parametrize("name", ATTENTION)
def test_attention(name: str) -> None:
    torch.manual_seed(2)
    q = torch.randn(2, 2, 5, 4, requires_grad=True)
    k = torch.randn(2, 2, 6, 4, requires_grad=True)
    v = torch.randn(2, 2, 6, 3, requires_grad=True)
    settings = ATTENTION[name]

    def forward(m: nn.Module, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(q, k, v, **settings)

    assert check(ran(forward, q, k, v), 20) >= 60


EINSUMS = ["ij,jk->ik", "ij,jk", "bij,bjk->bik", "ij,ij->", "i,j->ij", "ij->ji", "bi,bj,bk->ijk"]
SIZES = {"i": 2, "j": 3, "k": 4, "b": 2}


@pytest.mark.parametrize("equation", EINSUMS)
def test_einsum(equation: str) -> None:
    names = equation.partition("->")[0].split(",")
    inputs = [torch.randn([SIZES[a] for a in name], requires_grad=True) for name in names]
    assert check(ran(lambda m, *x: torch.einsum(equation, *x), *inputs), 12) >= 2


OTHERS: dict[str, Callable[..., Any]] = {
    "prelu": lambda m, x, y: m.one(x),
    "prelu of channels": lambda m, x, y: m.many(x),
    "glu": lambda m, x, y: F.glu(x),
    "glu of rows": lambda m, x, y: F.glu(x, 0),
    "addcmul": lambda m, x, y: torch.addcmul(x, x, y, value=0.5),
    "addcdiv": lambda m, x, y: torch.addcdiv(x, x, y.abs() + 1, value=0.5),
    "normalize": lambda m, x, y: F.normalize(x),
    "normalize rows": lambda m, x, y: F.normalize(x, dim=0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others(name: str) -> None:
    torch.manual_seed(1)
    x, y = torch.randn(2, 4, requires_grad=True), torch.randn(4, requires_grad=True)
    parts = {"one": nn.PReLU(), "many": nn.PReLU(4)}
    assert check(ran(OTHERS[name], x, y, **parts), 12) >= 8
