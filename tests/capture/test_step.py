"""What a step says of itself."""

import torch
from torch import Tensor, nn

import lenet_viz


class Learned(nn.Module):
    """Parameters on their own, in a list, and one that is taken twice."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, 2)
        self.scale = nn.Parameter(torch.rand(4))

    def forward(self, x: Tensor) -> Tensor:
        hidden, _ = self.rnn(x)
        return torch.addcmul(hidden, self.scale, self.scale)


def test_parameters_in_a_list_are_named_too() -> None:
    model = Learned()
    capture = lenet_viz.capture(model, torch.rand(2, 1, 3))
    found = {step.op: step.parameter_names() for step in capture.steps}
    assert found["lstm"] == tuple(f"rnn.{name}" for name, _ in model.rnn.named_parameters())
    assert found["addcmul"] == ("scale",), "once, as it is one parameter"
