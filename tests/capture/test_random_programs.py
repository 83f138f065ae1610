"""Random networks: every step, activation and gradient bit-equal to a plain reference."""

from collections import Counter

import pytest

from tests.capture.comparing import compare
from tests.capture.random_programs import Author, Program
from tests.figures import Figures

PARTS, EACH = 8, 75
SOAK_PARTS, SOAK_EACH = 40, 250
SOAK_FROM = 100_000


def check(first: int, count: int, figures: Figures) -> None:
    found: Counter[str] = Counter()
    for seed in range(first, first + count):
        found += compare(Author(seed).write())
    figures.add("random networks, bit-equal to torch.autograd.grad", found)


@pytest.mark.parametrize("part", range(PARTS))
def test_bit_equal(part: int, figures: Figures) -> None:
    check(part * EACH, EACH, figures)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(SOAK_PARTS))
def test_bit_equal_at_length(part: int, figures: Figures) -> None:
    check(SOAK_FROM + part * SOAK_EACH, SOAK_EACH, figures)


def test_the_programs_have_what_they_should() -> None:
    programs: list[Program] = []
    unfaithful = 0
    for seed in range(150):
        author = Author(seed)
        programs.append(author.write())
        unfaithful += author.unfaithful
    steps = [step for program in programs for step in program.wanted]
    ops = {step.op for step in steps}
    assert ops >= {
        "conv2d", "linear", "relu", "relu_", "tanh_", "add_", "sub_", "mul_", "setitem", "getitem",
        "alias", "cat", "chunk", "lstm", "matmul", "batch_norm", "dropout", "layer_norm", "flatten",
        "view", "reshape", "transpose", "permute", "max_pool2d", "mean", "softmax",
    }  # fmt: skip
    assert any(step.writes and step.op == "relu" for step in steps)
    assert any(step.writes and step.op == "dropout" for step in steps)
    assert any(step.module.count(".") == 2 for step in steps)
    shared = [p for p in programs if any(n > 1 for n in Counter(layers_of(p)).values())]
    assert len(shared) >= 10
    assert sum(program.aliases > 0 for program in programs) > 30
    assert sum(len(step.hidden) for step in steps) > 50
    # References are checked against bare runs while they are written; few may be thrown away.
    assert unfaithful <= 8


def layers_of(program: Program) -> list[str]:
    kinds = ("conv2d", "linear")
    return [step.module for step in program.wanted if step.op in kinds and step.module]
