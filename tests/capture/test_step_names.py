"""Every step has a name of its own, and none has the name of a card beside the steps."""

import torch
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.capture.step_names import RESERVED, StepNames


class Reserved(nn.Module):
    """Its modules are called as the cards that stand beside the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.input = nn.Linear(4, 4)
        self.target = nn.Linear(4, 4)
        self.loss = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.loss(self.target(self.input(x)))


def test_no_step_is_called_as_a_card() -> None:
    made = capture(Reserved(), torch.ones(2, 4))
    names = [step.name for step in made.steps]
    assert len(set(names) | RESERVED) == 3 + len(RESERVED)
    assert [step.module for step in made.steps] == ["input", "target", "loss"]


def test_a_name_is_given_once() -> None:
    names = StepNames({"relu"})
    given = [names.next("relu", ""), names.next("relu", "relu"), names.next("relu", "relu")]
    assert len(set(given)) == 3
