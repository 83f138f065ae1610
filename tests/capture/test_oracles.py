"""torch.fx's interpreter and TorchLens run random networks too: their values are the recorder's."""

import operator
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import pytest
import torch
from torch import Tensor, fx

import lenet_viz
from lenet_viz.capture.records import Capture
from tests.capture.comparing import bits
from tests.capture.random_programs import Author, Program
from tests.figures import Figures

FX_PARTS, FX_EACH = 4, 52
LENS_PARTS, LENS_EACH = 8, 26
FX_FROM, LENS_FROM = 20_000, 30_000


class Keeps(fx.Interpreter):
    """Keeps a copy of every value, and the tensor itself."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.copies: list[Tensor] = []
        self.tensors: list[Tensor] = []

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op not in ("call_function", "call_method", "call_module"):
            return value
        if n.target is operator.getitem and not isinstance(n.args[1], (tuple, slice)):
            return value  # one of several outputs, which are here already
        for tensor in value if isinstance(value, tuple) else (value,):
            if isinstance(tensor, Tensor):
                self.tensors.append(tensor)
                self.copies.append(tensor.detach().clone())
        return value


def traced(program: Program) -> fx.GraphModule | None:
    """Return the program as torch.fx sees it; None where it cannot.

    It takes ``h += 1`` for ``h = h + 1``, refuses ``h[:, 0] = 1`` and does not look into torch's
    own modules, such as an LSTM.
    """
    lstm = any(step.op == "lstm" for step in program.wanted)
    if lstm or program.aliases or re.search(r" [-+*/]= ", program.text):
        return None
    try:
        return fx.symbolic_trace(program.model())
    except (TypeError, fx.proxy.TraceError):
        return None


def fx_programs(part: int, parts: int) -> Iterator[tuple[Program, fx.GraphModule]]:
    for seed in count(FX_FROM + part, parts):
        program = Author(seed).write()
        graph = traced(program)
        if graph is not None:
            yield program, graph


@pytest.mark.parametrize("part", range(FX_PARTS))
def test_fx(part: int, figures: Figures) -> None:
    found: Counter[str] = Counter()
    for program, graph in islice(fx_programs(part, FX_PARTS), FX_EACH):
        vector = program.vector(program.model()(program.input()))
        model = program.model()
        torch.manual_seed(program.seed)
        taken = lenet_viz.capture(model, program.input(), backward=vector)
        leaf = program.input().requires_grad_()
        oracle = Keeps(graph)
        torch.manual_seed(program.seed)
        output = oracle.run(leaf.clone())
        found["networks"] += 1
        found["activations"] += compare_values(program, taken, oracle.copies)
        assert bits(taken.steps[-1].activation) == bits(output)
        if not program.writes:  # only then does every value keep its own node
            gradients = torch.autograd.grad(output, oracle.tensors, vector, allow_unused=True)
            values = [value for step in taken.steps for value in step.outputs]
            for value, gradient in zip(values, gradients, strict=True):
                assert (value.gradient is None) == (gradient is None), program.text
                if gradient is not None:
                    assert bits(value.gradient) == bits(gradient), program.text
                    found["gradients"] += 1
    figures.add("random networks against torch.fx.Interpreter", found)


@pytest.fixture
def torch_afterwards() -> Iterator[None]:
    """Take TorchLens' wrappers off torch's functions, which would be there for other tests too."""
    yield
    from torchlens.backends.torch.wrappers import unwrap_torch

    unwrap_torch()


@pytest.mark.usefixtures("torch_afterwards")
@pytest.mark.parametrize("part", range(LENS_PARTS))
def test_torchlens(part: int, figures: Figures) -> None:
    found: Counter[str] = Counter()
    for seed in range(LENS_FROM + part * LENS_EACH, LENS_FROM + (part + 1) * LENS_EACH):
        # It draws from generators seeded by itself.
        program = Author(seed, draws=False).write()
        taken = lenet_viz.capture(program.model(), program.input())
        found["networks"] += 1
        found["activations"] += compare_values(program, taken, lens_values(program))
    figures.add("random networks against TorchLens", found)


def lens_values(program: Program) -> list[Tensor]:
    """Return the values of all ops that TorchLens logs, in the order they ran."""
    import torchlens

    with warnings.catch_warnings():
        # It says that BatchNorm's statistics move on, and which of its settings will go.
        warnings.simplefilter("ignore")
        trace = torchlens.trace(program.model(), program.input())
    ops = [op for op in trace.layer_list if op.func_name not in ("none", "identity")]
    ops = [op for op in ops if not (op.func_name == "add_" and op.out.dtype == torch.int64)]
    return [op.out for op in ops]


def compare_values(program: Program, taken: Capture, values: list[Tensor]) -> int:
    """Return how many activations were compared; `alias` steps are the recorder's own."""
    ours = [v.activation for step in taken.steps if step.op != "alias" for v in step.outputs]
    assert len(ours) == len(values), program.text
    for activation, value in zip(ours, values, strict=True):
        assert bits(activation) == bits(value), program.text
    return len(ours)
