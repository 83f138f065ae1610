"""A model of the user's own on the command line."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import lenet_viz
from lenet_viz.cli import main

NET = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, classes=3):
        super().__init__()
        self.fc = nn.Linear(4, classes)

    def forward(self, x, scale=1.0):
        return torch.relu(self.fc(x)) * scale
"""


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "net.py"
    file.write_text(NET)
    return file


def test_captured_with_weights_and_keywords(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weight = torch.arange(20.0).reshape(5, 4)
    save_file({"module.fc.weight": weight, "module.fc.bias": torch.ones(5)}, "w.safetensors")
    line = (
        "capture net.py:Net(5) -o out.lvcap --input-shape 2,4 --weights w.safetensors "
        "--strip-prefix module. --kwargs scale=0.5 --backward random"
    )
    status = main(line.split())
    told = capsys.readouterr()
    assert status == 0, told.err
    assert "SHA-256" in told.err
    assert str(net) in told.err
    run = lenet_viz.load("out.lvcap")
    x = torch.tensor(run.inputs[0])
    assert x.shape == (2, 4)
    fc = nn.Linear(4, 5)
    fc.load_state_dict({"weight": weight, "bias": torch.ones(5)})
    np.testing.assert_array_equal(
        run.steps[len(run.steps) - 1].activation, (torch.relu(fc(x)) * 0.5).detach().numpy()
    )
    assert run.steps["fc"].gradient is not None


def test_a_prefix_is_named(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del net
    save_file({"module.fc.weight": torch.ones(3, 4), "module.fc.bias": torch.ones(3)}, "w.st")
    assert main(["capture", "net.py", "-o", "out.lvcap", "--weights", "w.st"]) == 2
    assert "module." in capsys.readouterr().err
    assert not Path("out.lvcap").exists()


def test_what_cannot_be_used(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, told in (
        (["capture", "notebook", "--input-shape", "1,1,32,32"], "--input-shape"),
        (["capture", "net.py", "--input-shape", "1,x"], "1,x"),
        (["capture", "gone.py"], "gone.py"),
    ):
        assert main([*words, "-o", "out.lvcap"]) == 2
        assert told in capsys.readouterr().err
    net.write_text("def broken(:\n")
    assert main(["capture", "net.py", "-o", "out.lvcap"]) == 2
    assert "net.py" in capsys.readouterr().err


def test_without_a_display_it_is_not_run(
    net: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lenet_viz.commands import window
    from lenet_viz.wording import message

    net.write_text(NET + "\nraise SystemExit('it ran')\n")
    monkeypatch.setattr(window, "no_display_because", lambda: message("cli", "none"))
    assert main(["net.py:Net"]) == 2
    told = capsys.readouterr().err
    assert "lenet-viz capture net.py:Net" in told
    assert "it ran" not in told
