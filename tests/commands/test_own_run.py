"""A model of the user's own on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import lenet_viz
from lenet_viz.cli import main
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets

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
        (["capture", "notebook", "--strip-prefix", "module."], "--weights"),
        (["capture", "notebook", "--kwargs", "a=1"], "--kwargs"),
        (["capture", "gone.json"], "gone.json"),
        (["figure", "gone.py"], "gone.py"),
        (["figure", "net.py", "--input-shape", "1,x"], "1,x"),
        (["capture", "net.py", "--input-shape", "1,x"], "1,x"),
        (["capture", "gone.py"], "gone.py"),
    ):
        assert main([*words, "-o", "out.lvcap"]) == 2
        assert told in capsys.readouterr().err
    assert main(["summary", "net.py", "--batch", "3"]) == 2
    assert "--input-shape" in capsys.readouterr().err
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


def test_summary_of_code(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del net
    words = ["summary", "net.py:Net(6)", "--input-shape", "2,4", "--kwargs", "scale=2.0"]
    assert main([*words, "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert [step["op"] for step in found["steps"]] == ["linear", "relu", "mul"]
    assert found["steps"][0]["output_shape"] == [2, 6]
    assert found["steps"][0]["parameter_count"] == 4 * 6 + 6
    assert "--input-shape" not in told.err  # only where the shape was proposed


def test_figure_of_code(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net.write_text(NET + "print('it ran')\n")
    words = ["figure", "net.py", "--panel", "strip", "-o", "strip.svg"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert told.out == "strip.svg\n"
    assert "--input-shape 1,4" in told.err
    assert "fc" in Path("strip.svg").read_text()
    net.write_text(NET + "open('ran', 'w').close()\n")
    assert main(words) == 2  # the figure exists: told before anything runs
    assert "strip.svg" in capsys.readouterr().err
    assert not Path("ran").exists()
    assert main(["figure", "net.py", "--panel", "maps", "--step", "none", "-o", "m.png"]) == 2
    assert "fc" in capsys.readouterr().err  # the steps that there are


@pytest.mark.parametrize("command", ["capture", "summary", "figure"])
def test_a_network_in_json(net: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    del net
    spec = presets.get("toy").spec
    Path("own.json").write_text(spec.to_json())
    out = {"capture": "own.lvcap", "figure": "own.png", "summary": ""}[command]
    words = [command, "own.json", *(["-o", out] if out else [])]
    if command == "figure":
        words += ["--panel", "step"]
    assert main(words) == 0, capsys.readouterr().err
    told = capsys.readouterr().out
    if command == "summary":
        assert main(["summary", "toy"]) == 0
        assert told == capsys.readouterr().out
    if command == "capture":
        run = lenet_viz.load("own.lvcap")
        assert run.inputs[0].shape == (1, *spec.input_shape)
    Path("own.json").write_text('{"schema": 1, "name": "x", "input_shape": [1, 6, 6], "nodes": 3}')
    assert main([*words, *(["--force"] if out else [])]) == 2
    told = capsys.readouterr().err
    assert "own.json" in told
    assert "nodes" in told


def test_a_spec_with_weights_from_a_file(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del net
    run = lenet_viz.capture("notebook", seed=5)
    weights = {p.name: torch.tensor(p.value) for p in run.parameters}
    save_file(weights, "w.safetensors")
    words = ["capture", "notebook", "-o", "n.lvcap", "--weights", "w.safetensors"]
    assert main(words) == 0, capsys.readouterr().err
    loaded = lenet_viz.load("n.lvcap")
    for parameter in loaded.parameters:
        np.testing.assert_array_equal(parameter.value, weights[parameter.name].numpy())


def test_words_in_python(net: Path) -> None:
    del net
    proposed = lenet_viz.capture("net.py:Net(6)", backward="random", seed=3)
    assert proposed.output_value is not None
    assert proposed.output_value.shape[-1] == 6
    x = torch.randn(2, 4)
    given = lenet_viz.capture("net.py", x, scale=0.5)
    np.testing.assert_array_equal(given.inputs[0], x.numpy())
    state = torch.get_rng_state()
    again = lenet_viz.capture("net.py:Net(6)", backward="random", seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(again.steps["fc"].activation, proposed.steps["fc"].activation)
    assert lenet_viz.capture("toy").inputs[0].shape == (1, 1, 6, 6)
    with pytest.raises(UserMistake, match=r"nothing\.py"):
        lenet_viz.capture("nothing.py")
    with pytest.raises(UserMistake, match="notebok"):
        lenet_viz.capture("notebok")
