"""What is said of zeros, of what is missing, and of sums that cannot be complete."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.display.numbers import text
from lenet_viz.explain.terms import Explanation, Unexplained
from lenet_viz.explain.why import explain
from tests.explain.backward.checking import ran


def asked(run: Capture, name: str, *index: int, place: Place = Place.STEP) -> Any:
    return explain(run, Address(place, name, 0, Side.GRADIENT, index))


def verdict(run: Capture, name: str, *index: int, place: Place = Place.STEP) -> str:
    answer = asked(run, name, *index, place=place)
    assert isinstance(answer, Explanation)
    assert answer.captured == 0
    assert answer.verdict is not None
    return answer.verdict.english()


def test_relu() -> None:
    conv = nn.Conv2d(1, 1, 1)
    nn.init.ones_(conv.weight)
    nn.init.zeros_(conv.bias)
    x = torch.tensor([[[[-0.12, 3.0], [0.0, 1.0]]]], requires_grad=True)
    run = ran(lambda m, x: torch.relu(m.conv2(x)), x, conv2=conv)
    said = "conv2's output here is -0.1200, so relu is inactive: it passes nothing back."
    assert verdict(run, "conv2", 0, 0, 0, 0) == said
    assert "is 0, so relu is inactive" in verdict(run, "conv2", 0, 0, 1, 0)
    assert asked(run, "conv2", 0, 0, 0, 1).verdict is None


def test_pool() -> None:
    x = torch.tensor([[[[1.0, 5.0, 9.0], [5.0, 2.0, 9.0], [9.0, 9.0, 9.0]]]], requires_grad=True)
    run = ran(lambda m, x: F.max_pool2d(x * 1, 2), x)
    assert "1.0 here is smaller than 5.0 at [0, 0, 0, 1]" in verdict(run, "mul", 0, 0, 0, 0)
    tied = verdict(run, "mul", 0, 0, 1, 0)
    assert tied.startswith("Tied in max_pool2d's window: 5.0 is as large as the number at [0, 0")
    assert "touches row 2, column 0" in verdict(run, "mul", 0, 0, 2, 0)
    assert asked(run, "mul", 0, 0, 0, 1).verdict is None


def test_objective() -> None:
    x = torch.randn(1, 3, requires_grad=True)
    run = ran(lambda m, x: x * 2, x, backward="output:1")
    assert "output 1 alone, so v is 0" in verdict(run, "mul", 0, 2)
    chosen = asked(run, "mul", 0, 1)
    assert chosen.total == chosen.captured == 1
    given = torch.tensor([[0.5, -1.0, 0.0]])
    run = ran(lambda m, x: x * 2, x, backward=given)
    assert "is 0.5 here: chosen, not computed" in asked(run, "mul", 0, 0).headline.english()
    run = ran(lambda m, x: x * 2, x, backward="mse")
    assert "2 (out - t) / n" in asked(run, "mul", 0, 0).headline.english()
    run = ran(lambda m, x: x * 2, x, backward="cross-entropy:2")
    answer = asked(run, "mul", 0, 2)
    soft = torch.softmax(2 * x.detach()[0].double(), 0)
    assert abs(answer.total - float(soft[2] - 1)) < 1e-7
    assert answer.working


def test_the_objectives_working_comes_to_its_number() -> None:
    x = torch.randn(2, 3, requires_grad=True)
    for backward in ("cross-entropy:1", "mse"):
        run = ran(lambda m, x: x * 2, x, backward=backward)
        for column in range(3):
            answer = asked(run, "mul", 1, column)
            assert abs(answer.working[-1].value - answer.captured) < 1e-6
            assert answer.headline.english().endswith(f"= {text(answer.working[-1].value)}.")


def test_weights_and_terms_that_cancel() -> None:
    fc = nn.Linear(2, 2, bias=False)
    x = torch.tensor([[0.0, 1.0]], requires_grad=True)
    run = ran(lambda m, x: m.fc(x), x, fc=fc)
    said = verdict(run, "fc.weight", 1, 0, place=Place.PARAMETER)
    assert said == "The one input of fc that this weight multiplies is zero."
    run = ran(lambda m, x: x - x, x)
    assert "cancel" in verdict(run, "0", 0, 0, place=Place.INPUT)


def test_detached_uses() -> None:
    x = torch.tensor([[0.5, 1.0]], requires_grad=True)
    run = ran(lambda m, x: torch.relu(-x) + x.detach(), x)
    said = verdict(run, "neg", 0, 0)
    assert "inactive" in said
    said = verdict(run, "0", 0, 0, place=Place.INPUT)
    assert "neg is zero itself" in said
    assert "detach" in said


def test_a_hook_makes_the_sum_incomplete() -> None:
    def forward(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        h = x * 2
        h.register_hook(lambda g: g * 3)
        return h * 1

    run = ran(forward, torch.ones(1, 2, requires_grad=True), backward="output:0")
    answers = [
        asked(run, "mul", 0, 0),
        asked(run, "mul_2", 0, 0),
        asked(run, "0", 0, 0, place=Place.INPUT),
    ]
    for answer in answers:
        assert isinstance(answer, Explanation)
        assert answer.adds_up or any("incomplete" in note.english() for note in answer.notes)
    assert not all(answer.adds_up for answer in answers)


def test_an_objective_that_looks_inside() -> None:
    fc = nn.Linear(2, 2)
    x = torch.ones(1, 2, requires_grad=True)
    run = ran(lambda m, x: m.fc(x), x, backward=lambda o: o.sum() + fc.weight.pow(2).sum(), fc=fc)
    answer = asked(run, "fc.weight", 0, 0, place=Place.PARAMETER)
    assert isinstance(answer, Explanation)
    assert not answer.adds_up
    assert "the objective is a function" in answer.notes[-1].english()


def test_unknown_ops() -> None:
    x = torch.randn(2, 3, requires_grad=True)
    run = ran(lambda m, x: torch.cdist(x, x * 2) + (x * 3).sum(), x)
    answer = asked(run, "mul", 0, 0)
    assert isinstance(answer, Unexplained)
    assert answer.op == "cdist"
    assert answer.captured is not None
    answer = asked(run, "0", 0, 0, place=Place.INPUT)
    assert isinstance(answer, Explanation)
    assert "The sum is incomplete" in answer.notes[0].english()
    assert answer.verdict is None


def test_several_outputs() -> None:
    x = torch.randn(1, 2, requires_grad=True)
    run = ran(lambda m, x: (x * 2, x * 3), x, backward=lambda o: (o[0] * o[1]).sum())
    answer = asked(run, "mul", 0, 0)
    assert isinstance(answer, Unexplained)
    assert "objective function" in answer.reason.english()
    answer = asked(run, "0", 0, 0, place=Place.INPUT)
    assert isinstance(answer, Explanation)
    assert answer.adds_up


def test_a_half_that_was_written_over_is_not_called_unreached() -> None:
    def forward(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        left, right = (x * 2).split(2, 1)[0], (x * 3)
        part = right[:, :2]
        part *= 5
        return torch.cat([left, part, right[:, 2:]], 1)

    run = ran(forward, torch.randn(2, 4, requires_grad=True))
    for name in ("mul", "mul_2"):
        for column in range(4):
            answer = asked(run, name, 0, column)
            told = isinstance(answer, Explanation) and answer.adds_up
            assert told or "memory" in str(answer)


def test_headlines() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 2, 15, 15, requires_grad=True)
    run = ran(lambda m, x: m.conv(x), x, conv=nn.Conv2d(2, 3, 3))
    answer = asked(run, "conv.weight", 0, 0, 0, 0, place=Place.PARAMETER)
    assert answer.headline.english().startswith("169 positions added = ")
    assert [block.shape for block in answer.blocks] == [(13, 13)]
    answer = asked(run, "0", 0, 0, 5, 5, place=Place.INPUT)
    assert [block.shape for block in answer.blocks] == [(3, 3)] * 3
    assert [block.via for block in answer.blocks] == [0] * 3
    first = answer.blocks[0].factors
    assert first[0].at((0, 0)) == Address(Place.STEP, "conv", 0, Side.GRADIENT, (0, 0, 3, 3))
    assert first[1].at((0, 0)) == Address(Place.PARAMETER, "conv.weight", 0, index=(0, 0, 2, 2))
