"""Matrix products, reductions and softmax against torch's backward."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from tests.explain.backward.checking import check, ran

Many = Callable[..., Any]
PRODUCTS: list[tuple[Many, list[tuple[int, ...]]]] = [
    (torch.matmul, [(3, 4), (4, 2)]),
    (torch.matmul, [(4,), (4,)]),
    (torch.matmul, [(4,), (4, 2)]),
    (torch.matmul, [(3, 4), (4,)]),
    (torch.matmul, [(2, 3, 4), (4, 2)]),
    (torch.matmul, [(2, 3, 4), (2, 4, 2)]),
    (torch.matmul, [(2, 1, 3, 4), (5, 4, 2)]),
    (torch.matmul, [(2, 3, 4), (4,)]),
    (torch.matmul, [(4,), (2, 4, 3)]),
    (torch.mm, [(3, 4), (4, 2)]),
    (torch.bmm, [(2, 3, 4), (2, 4, 2)]),
    (torch.mv, [(3, 4), (4,)]),
    (torch.dot, [(4,), (4,)]),
    (torch.outer, [(4,), (3,)]),
    (torch.addmm, [(2,), (3, 4), (4, 2)]),
    (lambda a, b, c: torch.addmm(a, b, c, beta=0.5, alpha=-2), [(3, 1), (3, 4), (4, 2)]),
    (torch.addmv, [(3,), (3, 4), (4,)]),
    (torch.baddbmm, [(1, 3, 2), (2, 3, 4), (2, 4, 2)]),
    (lambda a, b: a @ b.T, [(3, 4), (2, 4)]),
]


@pytest.mark.parametrize("number", range(len(PRODUCTS)))
def test_products(number: int) -> None:
    function, shapes = PRODUCTS[number]
    inputs = [torch.randn(shape, requires_grad=True) for shape in shapes]
    assert check(ran(lambda m, *x: function(*x), *inputs), 12) >= 7


REDUCTIONS: dict[str, Callable[[torch.Tensor], Any]] = {
    "sum": lambda x: x.sum(),
    "sum axis": lambda x: x.sum(1),
    "sum axes": lambda x: x.sum((0, -1), keepdim=True),
    "mean": lambda x: x.mean(),
    "mean axes": lambda x: x.mean((1, 2)),
    "mean kept": lambda x: torch.mean(x, -1, keepdim=True),
    "amax": lambda x: x.amax(1),
    "amax tied": lambda x: x.round().clamp(0, 1).amax((0, 1)) * x.sum(),
    "amin": lambda x: x.amin((0, 2)),
    "max": lambda x: x.max(),
    "min": lambda x: torch.min(x),
    "max axis": lambda x: x.max(1)[0],
    "max kept": lambda x: torch.max(x, dim=-1, keepdim=True).values,
    "min axis": lambda x: x.min(dim=2)[0],
    "logsumexp": lambda x: x.logsumexp(1),
    "var": lambda x: x.var(),
    "var axis": lambda x: x.var(1, unbiased=False),
    "var corrected": lambda x: torch.var(x, 1, correction=0),
    "var axis kept": lambda x: x.var(dim=1, keepdim=True),
    "std": lambda x: x.std(),
    "std axis": lambda x: x.std(-1),
    "std axes": lambda x: x.std((0, 1), False),
    "max kept by place": lambda x: x.max(1, True)[0],
    "norm": lambda x: x.norm(),
    "norm axis": lambda x: x.norm(dim=1),
    "norm 1": lambda x: x.norm(p=1, dim=1),
    "linalg": lambda x: torch.linalg.vector_norm(x, dim=1),
    "prod": lambda x: x.prod(1),
    "cumsum": lambda x: x.cumsum(1),
    "softmax": lambda x: x.softmax(-1),
    "softmax sharp": lambda x: (20 * x).softmax(1),
    "softmin": lambda x: F.softmin(x, 1),
    "log softmax": lambda x: F.log_softmax(x, 2),
    "log softmax sharp": lambda x: torch.log_softmax(20 * x, 0),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name: str) -> None:
    for seed in range(2):
        torch.manual_seed(seed)
        x = torch.randn(2, 3, 4, requires_grad=True)
        assert check(ran(lambda m, x: REDUCTIONS[name](x), x), 24) >= 24
