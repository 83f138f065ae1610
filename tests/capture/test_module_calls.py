"""Which module call a step ran in, also where a module is called again and inside others."""

import inspect
from pathlib import Path

import pytest
import torch
from torch import nn

import lenet_viz
from lenet_viz.capture.records import Capture


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.fc(x)) + x


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.rest = nn.Sequential(nn.Linear(4, 4), Block())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rest(self.block(self.block(x))) * 2


def chain(run: Capture, step: int) -> list[tuple[str, int, int]]:
    """The calls around a step, outermost first."""
    found = []
    at = run.steps[step].within
    while at is not None:
        call = run.module_calls[at]
        found.insert(0, (call.path, call.call, call.calls))
        at = call.parent
    return found


def test_each_step_knows_its_calls(tmp_path: Path) -> None:
    run = lenet_viz.capture(Twice(), torch.ones(1, 4))
    # linear, relu, add of each block; the same again; linear; the inner block; the product.
    once, again = ("block", 1, 2), ("block", 2, 2)
    inner = [("rest", 1, 1), ("rest.1", 1, 1)]
    assert [chain(run, step) for step in range(len(run.steps))] == [
        [once, ("block.fc", 1, 2)],
        [once],
        [once],
        [again, ("block.fc", 2, 2)],
        [again],
        [again],
        [("rest", 1, 1), ("rest.0", 1, 1)],
        [*inner, ("rest.1.fc", 1, 1)],
        inner,
        inner,
        [],
    ]
    assert {call.type for call in run.module_calls} == {"Block", "Linear", "Sequential"}
    run.save(tmp_path / "run.lvcap")
    again_read = lenet_viz.load(tmp_path / "run.lvcap")
    assert again_read.module_calls == run.module_calls
    assert [step.within for step in again_read.steps] == [step.within for step in run.steps]


def test_the_texts_of_the_lines_are_kept(tmp_path: Path) -> None:
    run = lenet_viz.capture(Twice(), torch.ones(1, 4))
    assert run.sources == {__file__: Path(__file__).read_text()}
    line = run.steps[1].source_line
    assert line is not None
    assert run.sources[line.file].splitlines()[line.number - 1].strip() == line.text
    assert line.text in inspect.getsource(Block)
    run.save(tmp_path / "run.lvcap")
    assert lenet_viz.load(tmp_path / "run.lvcap").sources == run.sources


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
def test_a_scripted_module_is_a_call() -> None:
    model = nn.Sequential(torch.jit.script(nn.Linear(2, 2)), nn.ReLU())
    run = lenet_viz.capture(model, torch.ones(1, 2))
    assert chain(run, 0) == [("0", 1, 1)]


def test_a_call_that_raised_inside_is_left() -> None:
    class Raises(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ValueError("no")

    class Tries(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bad = Raises()
            self.good = nn.Tanh()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            try:
                x = self.bad(x)
            except ValueError:
                x = x + 1
            return self.good(x)

    run = lenet_viz.capture(Tries(), torch.ones(1, 2))
    assert chain(run, 1) == [("good", 1, 1)]
