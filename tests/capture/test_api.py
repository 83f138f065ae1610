"""The package's public names, in any order of importing."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import lenet_viz
from lenet_viz.capture.blobs import write_blob
from lenet_viz.capture.recorder import RecordingFailed
from lenet_viz.capture.records import Capture
from lenet_viz.capture.step import NoOutput
from lenet_viz.capture.store import load, write_working
from lenet_viz.capture.tensors import weight_arrays
from lenet_viz.errors import UserMistake
from tests.capture.notebook_net import random_input, seeded_net

SCRIPTS = {
    "nothing loads torch or Qt": (
        "import sys, lenet_viz; assert not {'torch', 'PySide6'} & set(sys.modules)"
    ),
    "load does not load torch": (
        "import sys, lenet_viz; lenet_viz.load; assert 'torch' not in sys.modules"
    ),
    "capture after load": (
        "import lenet_viz, torch; lenet_viz.load; "
        "assert lenet_viz.capture(torch.nn.Linear(2, 1), torch.ones(2)).steps[0].op == 'linear'"
    ),
    "capture after records": (
        "import lenet_viz, torch; import lenet_viz.capture.records; "
        "assert len(lenet_viz.capture(torch.nn.Linear(2, 1), torch.ones(2)).steps) == 1"
    ),
    "attribute before the package's modules": (
        "import lenet_viz, torch; first = lenet_viz.capture; import lenet_viz.capture.store; "
        "assert lenet_viz.capture is first; lenet_viz.capture.store.load; "
        "assert len(first(torch.nn.Linear(2, 1), torch.ones(2)).steps) == 1"
    ),
    "modules after a run": (
        "import lenet_viz, torch; lenet_viz.capture(torch.nn.Linear(2, 1), torch.ones(2)); "
        "import lenet_viz.capture.store as store; assert store.load is lenet_viz.load; "
        "from lenet_viz import capture; assert capture is lenet_viz.capture"
    ),
    "signature and help": (
        "import inspect, lenet_viz; names = list(inspect.signature(lenet_viz.capture).parameters);"
        "assert names == ['model', 'inputs', 'backward', 'seed', 'kwargs'], names; "
        "assert 'backward=None' in inspect.getdoc(lenet_viz.capture)"
    ),
    "import of the name": (
        "from lenet_viz import capture; import torch; "
        "assert len(capture(torch.nn.Linear(2, 1), torch.ones(2)).steps) == 1"
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_imports(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPTS[name]], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


# ---- arguments -------------------------------------------------------------------------------
class Counting(nn.Module):
    """Counts how often it ran."""

    runs = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.runs += 1
        return x * 2


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"seed": "x"}, TypeError, "seed is a str"),
        ({"seed": 1.5}, TypeError, "seed is a float"),
        ({"seed": True}, TypeError, "seed is a bool"),
        ({"seed": 2**64}, UserMistake, str(2**64)),
        ({"backward": 5}, TypeError, "backward is a int"),
        ({"backward": [1.0]}, TypeError, "cross-entropy:7"),
        ({"backward": "cros-entropy:7"}, UserMistake, "cross-entropy"),
    ],
)
def test_wrong_arguments_are_said_before_anything_runs(
    wrong: dict[str, Any], kind: type[Exception], words: str
) -> None:
    model = Counting()
    with pytest.raises(kind, match=words):
        lenet_viz.capture(model, torch.ones(2), **wrong)
    assert model.runs == 0


def test_what_is_no_module_is_said() -> None:
    with pytest.raises(TypeError, match=r"model is a int; wanted: a torch\.nn\.Module"):
        lenet_viz.capture(3, torch.ones(2))


def test_numpys_whole_numbers_are_seeds() -> None:
    lenet_viz.capture(Counting(), torch.ones(2), seed=np.int64(3))


# ---- the capture as a value ------------------------------------------------------------------
class WithBuffer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale


def test_mappings_cannot_be_changed_and_captures_can_be_hashed(tmp_path: Path) -> None:
    capture = lenet_viz.capture(WithBuffer(), torch.ones(2))
    again = load(capture.save(tmp_path / "f"))
    for one in (capture, again):
        assert set(one.constants) == {"scale"}
        for mapping in (one.settings, one.constants, one.versions):
            with pytest.raises((TypeError, AttributeError)):
                mapping["scale"] = "x"  # type: ignore[index]
            assert mapping == dict(mapping)
            assert dict(mapping) == mapping
    assert capture == again
    assert hash(capture) == hash(again)


def same(one: Capture, other: Capture) -> None:
    assert one == other
    for step, step_ in zip(one.steps, other.steps, strict=True):
        assert np.array_equal(step.activation, step_.activation)
        assert np.array_equal(step.gradient, step_.gradient)
    for parameter, parameter_ in zip(one.parameters, other.parameters, strict=True):
        assert np.array_equal(parameter.value, parameter_.value)
        assert np.array_equal(parameter.grad, parameter_.grad)
        with pytest.raises(ValueError, match="read-only"):
            parameter_.value[...] = 0


@pytest.mark.parametrize("where", ["memory", "file", "working"])
def test_captures_are_pickled_and_copied(where: str, tmp_path: Path) -> None:
    net = seeded_net()
    capture = lenet_viz.capture(net, random_input(), backward="mse", seed=1)
    one = lenet_viz.capture(net, random_input(), backward="mse", seed=1)
    if where == "file":
        one = load(capture.save(tmp_path / "f"))
    if where == "working":
        weights = write_blob(weight_arrays(net), tmp_path)
        one = load(write_working(capture, tmp_path / "f", weights, None))
    copied = copy.deepcopy(one)
    packed = pickle.dumps(one)
    for file in tmp_path.iterdir():
        file.unlink()
    other = pickle.loads(packed)
    same(one, copied)
    if where == "working":
        assert other.parameters["fc1.weight"].value_key == one.parameters["fc1.weight"].value_key
    same(other, other)
    assert np.array_equal(other.parameters[0].value, capture.parameters[0].value)
    assert np.array_equal(other.steps["conv2"].gradient, capture.steps["conv2"].gradient)


def test_a_failed_step_says_that_it_gave_nothing() -> None:
    with pytest.raises(RecordingFailed) as caught:
        lenet_viz.capture(nn.Sequential(nn.ReLU(), nn.Linear(3, 2)), torch.ones(2))
    step = caught.value.capture.steps[-1]
    assert step.error is not None
    assert step.outputs == ()
    for name in ("activation", "gradient", "gradient_state"):
        with pytest.raises(NoOutput, match="gave nothing"):
            getattr(step, name)
