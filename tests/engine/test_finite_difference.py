"""Finite differences against autograd's own gradients, and the numbers of a changed run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load
from lenet_viz.engine.finite_difference import check
from lenet_viz.engine.messages import CheckDone, CheckRequest, Nudge, RunDone, RunRequest
from lenet_viz.engine.torch_run import run
from lenet_viz.errors import UserMistake
from lenet_viz.network.input_shapes import parse_input_shape
from lenet_viz.network.model_code import parse_model_word
from tests.engine.test_torch_run import asked

OWN = """
import random
import torch
from torch import nn
import torch.nn.functional as F

class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.fc = nn.Linear(2 * 5 * 5, 3)
    def forward(self, x):
        y = torch.tanh(self.conv(x))
        z = y.view(y.shape[0], -1)
        z = z * torch.ones(50)
        return self.fc(z + y.flatten(1).mul(2.0))

class InPlace(Residual):
    def forward(self, x):
        h = self.conv(x)
        h.mul_(0.5)
        h += 1
        return self.fc(h.flatten(1))

class Drops(Residual):
    def forward(self, x):
        return self.fc(F.dropout(torch.tanh(self.conv(x)).flatten(1), 0.5))

class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return {"logits": self.fc(h[-1] + out.mean(1))}

class Wobbles(Residual):
    def forward(self, x):
        return super().forward(x) * (random.random() + 1)

class Coarse(Residual):
    def __init__(self):
        super().__init__()
        self.bfloat16()
    def forward(self, x):
        x = x.to(torch.bfloat16)
        return self.fc(F.dropout(torch.tanh(self.conv(x)).flatten(1), 0.5))

class Single(Residual):
    def forward(self, x):
        if x.dtype != torch.float32:
            raise RuntimeError("float32 only")
        return self.fc(torch.tanh(self.conv(x)).flatten(1))
"""


def ran(request: RunRequest) -> Capture:
    reply = run(request, lambda *_: None)
    assert isinstance(reply, RunDone), reply
    return load(reply.capture)


def checked(request: RunRequest, nudge: Nudge) -> CheckDone:
    reply = check(CheckRequest(9, request, nudge), lambda *_: None)
    assert isinstance(reply, CheckDone), reply
    assert reply.run == 9
    return reply


def own(folder: Path, name: str, shape: str, **changed: Any) -> RunRequest:
    (folder / "net.py").write_text(OWN)
    code = parse_model_word(f"net.py:{name}", folder)
    shapes = (parse_input_shape(shape),)
    changed = {"objective": "random", **changed}
    return asked(folder, model=code, shapes=shapes, spec="", **changed)


@pytest.mark.parametrize("objective", ["random", "cross-entropy:3", "mse", "output:5"])
def test_every_kind_of_number_of_the_notebook(tmp_path: Path, objective: str) -> None:
    request = asked(tmp_path, objective=objective)
    capture = ran(request)
    step = {name: number for number, name in enumerate(s.name for s in capture.steps)}
    pixel = capture.input_gradients[0]
    assert pixel is not None
    at = tuple(int(one) for one in np.unravel_index(np.abs(pixel).argmax(), pixel.shape))
    wanted = [
        (Nudge("input", "0", at, 0.0), pixel),
        (Nudge("input", "0", (0, 0, 31, 31), 0.0), pixel),
        (
            Nudge("parameter", "conv1.weight", (2, 0, 1, 1), 0.0),
            capture.parameters["conv1.weight"].gradient,
        ),
        (
            Nudge("step", "conv2", (0, 3, 4, 5), 0.0, step["conv2"]),
            capture.steps["conv2"].gradient,
        ),
        (Nudge("step", "view", (0, 100), 0.0, step["view"]), capture.steps["view"].gradient),
        (Nudge("step", "fc3", (0, 5), 0.0, step["fc3"]), capture.steps["fc3"].gradient),
    ]
    for nudge, gradient in wanted:
        found = checked(request, nudge)
        assert gradient is not None
        assert found.dtype == "float64"
        scale = float(np.abs(gradient).max())
        assert found.estimate == pytest.approx(float(gradient[nudge.index]), abs=1e-5 * scale)
        assert found.error < 1e-4 * scale
        assert found.step_size > 0
    assert checked(request, wanted[1][0]).estimate == 0  # structurally zero


@pytest.mark.parametrize(
    ("name", "shape"),
    [("Residual", "1,2,5,5"), ("InPlace", "2,2,5,5"), ("Recurrent", "2,6,3")],
)
def test_every_step_of_own_models(tmp_path: Path, name: str, shape: str) -> None:
    request = own(tmp_path, name, shape)
    capture = ran(request)
    compared = 0
    for number, step in enumerate(capture.steps):
        for output, value in enumerate(step.outputs):
            if value.gradient is None:
                continue
            index = tuple(size // 2 for size in value.shape)
            found = checked(request, Nudge("step", step.name, index, 0.0, number, output))
            scale = float(np.abs(value.gradient).max())
            wanted = float(value.gradient[index])
            assert found.estimate == pytest.approx(wanted, abs=1e-5 * scale + 1e-9), step.name
            compared += 1
    assert compared >= 3


def test_dropout_is_repeated_as_it_was_drawn(tmp_path: Path) -> None:
    request = own(tmp_path, "Drops", "1,2,5,5")
    gradient = ran(request).input_gradients[0]
    assert gradient is not None
    at = tuple(int(one) for one in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    found = checked(request, Nudge("input", "0", at, 0.0))
    assert found.dtype == "float32"
    assert "random numbers" in str(found.notes[0])
    assert found.estimate == pytest.approx(float(gradient[at]), rel=0.02)


def test_draws_that_no_seed_of_torch_reaches_are_told(tmp_path: Path) -> None:
    request = own(tmp_path, "Wobbles", "1,2,5,5")
    found = checked(request, Nudge("input", "0", (0, 1, 2, 2), 0.0))
    assert "The same run twice gives different objectives" in str(found.notes[-1])
    gradient = ran(request).input_gradients[0]
    assert gradient is not None
    assert found.error > abs(float(gradient[0, 1, 2, 2]))


def test_a_coarse_type_has_a_coarse_error(tmp_path: Path) -> None:
    request = own(tmp_path, "Coarse", "1,2,5,5")
    gradient = ran(request).input_gradients[0]
    assert gradient is not None
    at = tuple(int(one) for one in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    found = checked(request, Nudge("input", "0", at, 0.0))
    assert found.dtype == "bfloat16"
    assert abs(found.estimate - float(gradient[at])) <= 3 * found.error + 0.05


def test_a_model_that_knows_float32_only(tmp_path: Path) -> None:
    request = own(tmp_path, "Single", "1,2,5,5")
    gradient = ran(request).input_gradients[0]
    assert gradient is not None
    found = checked(request, Nudge("input", "0", (0, 1, 2, 2), 0.0))
    assert found.dtype == "float32"
    assert "float64" in str(found.notes[0])
    assert found.estimate == pytest.approx(float(gradient[0, 1, 2, 2]), rel=0.02, abs=1e-3)


def test_a_kink_is_told(tmp_path: Path) -> None:
    request = asked(tmp_path, preset="toy", objective="output:0")
    capture = ran(request)
    relu = next(n for n, step in enumerate(capture.steps) if step.op == "relu")
    behind = capture.steps[relu - 1]
    values = behind.activation[0, 0]
    at = tuple(int(one) for one in np.argwhere(values != 0)[0])
    # A step as wide as the value crosses the kink of the ReLU.
    amount = 2 * abs(float(values[at]))
    found = checked(request, Nudge("step", behind.name, (0, 0, *at), amount, relu - 1))
    sides = [found.below, found.above]
    assert (sides[0] != sides[1]) == bool(found.notes)


def test_nothing_to_check(tmp_path: Path) -> None:
    request = asked(tmp_path, objective="random")
    for nudge in (
        Nudge("parameter", "conv9.weight", (0,), 0.0),
        Nudge("input", "3", (0, 0, 0, 0), 0.0),
        Nudge("input", "0", (0, 0, 99, 0), 0.0),
        Nudge("input", "0", (0, 0, -1, 0), 0.0),
        Nudge("step", "fc3", (0, 0), 0.0, 99),
        Nudge("step", "fc3", (0,), 0.0, 11),
    ):
        with pytest.raises(UserMistake, match="no number"):
            checked(request, nudge)
    with pytest.raises(UserMistake, match="objective"):
        checked(replace(request, objective=None), Nudge("input", "0", (0, 0, 0, 0), 0.0))


def test_a_changed_run_is_the_run_with_that_number_changed(tmp_path: Path) -> None:
    request = asked(tmp_path, objective="random")
    before = ran(request)
    nudges = (
        Nudge("input", "0", (0, 0, 7, 8), 0.25),
        Nudge("parameter", "conv1.bias", (3,), -0.5),
    )
    reply = run(replace(request, run=2, nudges=nudges), lambda *_: None)
    assert isinstance(reply, RunDone)
    after = load(reply.capture)
    pixel = np.array(before.inputs[0])
    pixel[0, 0, 7, 8] += np.float32(0.25)
    bias = np.array(before.parameters["conv1.bias"].value)
    bias[3] -= np.float32(0.5)
    weight = torch.from_numpy(np.array(before.parameters["conv1.weight"].value))
    wanted = torch.nn.functional.conv2d(torch.from_numpy(pixel), weight, torch.from_numpy(bias))
    assert np.array_equal(after.inputs[0], pixel)
    assert np.array_equal(after.parameters["conv1.bias"].value, bias)
    assert np.array_equal(after.steps["conv1"].activation, wanted.numpy())
    assert after.settings["nudges"] == "input 0[0, 0, 7, 8] +0.25; conv1.bias[3] -0.5"
    # Its weights are those that it would have without.
    assert load(reply.capture).steps["conv1"].shape == (1, 6, 30, 30)
    again = ran(replace(request, run=3, weights=reply.weights))
    assert np.array_equal(again.steps["fc3"].activation, before.steps["fc3"].activation)
