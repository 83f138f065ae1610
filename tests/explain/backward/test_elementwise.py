"""Slopes of ops that work place by place, against torch's own backward."""

import random
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from lenet_viz.explain.backward.broadcast import PAIRS
from lenet_viz.explain.backward.slopes import SLOPES
from tests.explain.backward.checking import check, ran

Op = Callable[[torch.Tensor], torch.Tensor]
UNARY: dict[str, list[Op]] = {
    "relu": [torch.relu, lambda x: F.relu_(x * 1)],
    "relu6": [lambda x: F.relu6(4 * x)],
    "hardtanh": [F.hardtanh, lambda x: F.hardtanh(x, -0.3, 2.0)],
    "clamp": [lambda x: x.clamp(-0.5, 0.5), lambda x: x.clamp(min=0.1), lambda x: x.clamp(max=0)],
    "clip": [lambda x: torch.clip(x, -0.5, 0.5)],
    "clamp_min": [lambda x: x.clamp_min(0.2)],
    "clamp_max": [lambda x: x.clamp_max(0.2)],
    "threshold": [lambda x: F.threshold(x, 0.2, -1)],
    "hardswish": [lambda x: F.hardswish(3 * x)],
    "hardsigmoid": [lambda x: F.hardsigmoid(3 * x)],
    "softshrink": [F.softshrink, lambda x: F.softshrink(x, 0.2)],
    "hardshrink": [F.hardshrink, lambda x: F.hardshrink(x, 0.2)],
    "leaky_relu": [F.leaky_relu, lambda x: F.leaky_relu(x, 0.3)],
    "elu": [F.elu, lambda x: F.elu(x, 0.7)],
    "celu": [F.celu, lambda x: F.celu(x, 0.7)],
    "selu": [F.selu],
    "gelu": [F.gelu, lambda x: F.gelu(x, approximate="tanh")],
    "silu": [F.silu],
    "mish": [F.mish],
    "tanh": [torch.tanh, lambda x: torch.tanh(6 * x)],
    "sigmoid": [torch.sigmoid, lambda x: torch.sigmoid(9 * x)],
    "log_sigmoid": [F.logsigmoid],
    "softplus": [F.softplus, lambda x: F.softplus(x, 3.0, 2.0)],
    "softsign": [F.softsign],
    "tanhshrink": [F.tanhshrink],
    "abs": [torch.abs],
    "neg": [torch.neg, lambda x: -x],
    "exp": [torch.exp],
    "expm1": [torch.expm1],
    "log": [lambda x: torch.log(x * x + 0.1)],
    "log1p": [lambda x: torch.log1p(x * x)],
    "log2": [lambda x: torch.log2(x * x + 0.1)],
    "log10": [lambda x: torch.log10(x * x + 0.1)],
    "sqrt": [lambda x: torch.sqrt(x * x + 0.1)],
    "rsqrt": [lambda x: torch.rsqrt(x * x + 0.1)],
    "square": [torch.square],
    "reciprocal": [lambda x: torch.reciprocal(x * x + 0.1)],
    "sin": [torch.sin],
    "cos": [torch.cos],
    "tan": [torch.tan],
    "atan": [torch.atan],
    "erf": [torch.erf],
    "pow": [lambda x: x**2, lambda x: x.pow(3), lambda x: x**0, lambda x: (x * x + 1) ** 0.5],
    "sign": [torch.sign],
    "floor": [torch.floor],
    "ceil": [torch.ceil],
    "round": [torch.round],
    "trunc": [torch.trunc],
}
BINARY: dict[str, list[Callable[[torch.Tensor, torch.Tensor], torch.Tensor]]] = {
    "add": [torch.add, lambda a, b: torch.add(a, b, alpha=-2.5), lambda a, b: a + 1 + b],
    "sub": [torch.sub, lambda a, b: torch.sub(a, b, alpha=3), lambda a, b: a - 2 - b],
    "subtract": [torch.subtract],
    "rsub": [lambda a, b: 1 - a * b, lambda a, b: torch.rsub(a, b, alpha=2)],
    "mul": [torch.mul, lambda a, b: a * 3 * b, lambda a, b: 3 * a * b],
    "multiply": [torch.multiply],
    "div": [torch.div, lambda a, b: a / 3 / b],
    "divide": [torch.divide],
    "true_divide": [torch.true_divide],
    "rdiv": [lambda a, b: 2 / a / b],
    "pow": [lambda a, b: torch.pow(a.abs(), b)],
    "rpow": [lambda a, b: 2**a * b],
    "maximum": [torch.maximum, lambda a, b: torch.maximum(a * b, a * b)],
    "minimum": [torch.minimum],
    "atan2": [torch.atan2],
    "floor_divide": [],
}
SHAPES = [((3, 4), (3, 4)), ((2, 3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (3,)), ((1, 1), (2, 2))]
DTYPES = [torch.float32, torch.float64]


def test_every_op_is_tried() -> None:
    assert set(UNARY) == set(SLOPES)
    assert set(BINARY) == set(PAIRS)


@pytest.mark.parametrize("op", UNARY)
def test_one_number(op: str) -> None:
    for number, function in enumerate(UNARY[op]):
        for dtype in DTYPES:
            torch.manual_seed(number)
            x = torch.randn(3, 5, dtype=dtype)
            x[0, 0] = 0.0 if op not in ("log", "rsqrt") else 0.5
            run = ran(lambda m, x, f=function: f(x) * 2, x.requires_grad_())
            assert any(step.op.rstrip("_") == op for step in run.steps)
            assert check(run, 20) >= 30


@pytest.mark.parametrize("op", UNARY)
def test_one_number_of_random_shapes(op: str) -> None:
    rng = random.Random(op)
    for seed in range(12):
        torch.manual_seed(seed)
        x = torch.randn([rng.randint(1, 4) for _ in range(rng.randint(0, 4))]) * rng.choice([1, 5])
        function = rng.choice(UNARY[op])
        run = ran(lambda m, x, f=function: f(x), x.requires_grad_())
        assert check(run, 3, seed)


def _stretchable(rng: random.Random) -> tuple[list[int], list[int]]:
    whole = [rng.randint(1, 4) for _ in range(rng.randint(0, 4))]
    left = [size if rng.random() < 0.7 else 1 for size in whole]
    right = [size if rng.random() < 0.7 else 1 for size in whole]
    return left, right[rng.randint(0, len(right)) :]


@pytest.mark.parametrize("op", BINARY)
def test_two_numbers_of_random_shapes(op: str) -> None:
    rng = random.Random(op)
    for seed in range(30):
        left, right = _stretchable(rng)
        torch.manual_seed(seed)
        a = torch.randn(left, requires_grad=True)
        b = (torch.rand(right) + 0.5).requires_grad_()
        for function in BINARY[op][:1]:
            check(ran(lambda m, a, b, f=function: f(a, b), a, b), 3, seed)


@pytest.mark.parametrize("op", BINARY)
def test_two_numbers(op: str) -> None:
    for function in BINARY[op]:
        for number, (left, right) in enumerate(SHAPES):
            torch.manual_seed(number)
            a = torch.randn(left, requires_grad=True)
            b = (torch.rand(right) + 0.5).requires_grad_()
            run = ran(lambda m, a, b, f=function: f(a, b), a, b)
            assert any(step.op.rstrip("_") == op for step in run.steps)
            check(run, 4, number)


def test_an_op_takes_the_same_tensor_twice() -> None:
    x = torch.randn(2, 3, requires_grad=True)
    assert check(ran(lambda m, x: x + x, x), 9)
    assert check(ran(lambda m, x: x * x, x), 9)
    assert check(ran(lambda m, x: x.sub_(x * 2) if False else x - x, x), 9)


def test_choices() -> None:
    x, y = torch.randn(2, 3, requires_grad=True), torch.randn(3, requires_grad=True)
    check(ran(lambda m, x, y: torch.where(x > 0, x, y), x, y), 9)
    check(ran(lambda m, x, y: torch.where(x > 0, x, 0.0) + y, x, y), 9)
    check(ran(lambda m, x, y: x.masked_fill(x > 0, 2.0) + y, x, y), 9)
    check(ran(lambda m, x, y: torch.lerp(x, x * y, 0.3), x, y), 9)
