"""A model that no input was found for: what came furthest is run, and shows where it fails."""

from pathlib import Path

import pytest

from lenet_viz.capture.store import load
from lenet_viz.engine import torch_run
from lenet_viz.engine.messages import InputRequest, RunFailed, RunRequest
from lenet_viz.network.model_code import parse_model_word

NET = """\
import torch
import torch.nn.functional as F
from torch import nn


class Misfit(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.last = nn.Linear(9, 2)
        self.first = nn.Linear(4, 8)

    def forward(self, x):
        h = self.conv(x).mean((2, 3))
        return self.last(self.first(h))


class Refuses(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 16)

    def forward(self, x):
        h = torch.relu(self.first(x))
        raise ValueError("twelve features are wanted here")


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(8, 6), nn.Tanh())

    def forward(self, x):
        return self.inner(self.inner(x))
"""


@pytest.mark.parametrize(
    ("name", "steps", "failed", "told"),
    [
        (
            "Misfit",
            ["conv", "mean", "first", "last"],
            "last",
            ("linear failed in last", "1×8", "Line 15"),
        ),
        ("Refuses", ["first", "relu"], None, ("twelve features are wanted here", "Line 25")),
        ("Twice", ["inner.0", "inner.1", "inner.0_2"], "inner.0_2", ("inner.0", "1×6", "Line 34")),
    ],
)
def test_the_steps_so_far_are_kept_and_the_sentence_says_where(
    name: str, steps: list[str], failed: str | None, told: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    code = parse_model_word(f"{file}:{name}", tmp_path)
    random = InputRequest("random", seed=1)
    request = RunRequest(
        1, "", "", 0, None, random, None, 2, True, None, str(tmp_path), model=code
    )  # fmt: skip
    reply = torch_run.run(request, lambda stage, part: None)
    assert isinstance(reply, RunFailed)
    assert reply.mistake
    assert reply.question is not None
    assert (reply.question.kind, reply.question.options) == ("shape", ("x",))
    words = str(reply.message)
    assert all(part in words for part in told), words
    assert "none of the" in words
    assert reply.capture is not None
    capture = load(reply.capture)
    assert [step.name for step in capture.steps] == steps
    assert [step.name for step in capture.steps if step.error is not None] == [failed] * bool(
        failed
    )
    assert capture.error is not None
    assert "none of the" not in str(capture.error), "the picture says what failed, no more"
