"""`lenet_viz.capture` and `lenet_viz.show` of a word, against torch itself and the command line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import lenet_viz
from lenet_viz.capture.recorder import RecordingFailed
from lenet_viz.cli import main
from lenet_viz.commands import show as home
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.model_question import ModelQuestion

DROPPING = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, classes=3):
        super().__init__()
        self.fc = nn.Linear(4, classes)

    def forward(self, x):
        return nn.functional.dropout(self.fc(x), 0.5)


def make(classes):
    return Net(classes)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(DROPPING)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "module.py").write_text(DROPPING)
    return tmp_path


@pytest.mark.parametrize("word", ["net.py:Net(5)", "own.json"])
def test_the_same_seed_gives_the_run_of_the_command_line(word: str, folder: Path) -> None:
    (folder / "own.json").write_text(presets.get("toy").spec.to_json())
    words = ["capture", word, "-o", "run.lvcap", "--seed", "11", "--backward", "random"]
    assert main(words) == 0
    theirs = lenet_viz.load("run.lvcap")
    state = torch.get_rng_state()
    ours = lenet_viz.capture(word, seed=11, backward="random")
    assert torch.equal(torch.get_rng_state(), state)
    assert [step.name for step in ours.steps] == [step.name for step in theirs.steps]
    np.testing.assert_array_equal(ours.inputs[0], theirs.inputs[0])
    for mine, other in zip(ours.steps, theirs.steps, strict=True):
        np.testing.assert_array_equal(mine.activation, other.activation)
        np.testing.assert_array_equal(mine.gradient, other.gradient)
    for mine, other in zip(ours.parameters, theirs.parameters, strict=True):
        np.testing.assert_array_equal(mine.value, other.value)
        np.testing.assert_array_equal(mine.gradient, other.gradient)


def test_what_was_made_is_what_torch_makes(folder: Path) -> None:
    scope: dict[str, object] = {"__name__": "other"}
    exec(compile(DROPPING, "other", "exec"), scope)  # the oracle: torch itself
    torch.manual_seed(4)
    expected = scope["make"](6).fc  # type: ignore[operator]
    for word in ("net.py:make(6)", Path("net.py:make(6)"), "package.module:make(6)"):
        run = lenet_viz.capture(word, seed=4)
        np.testing.assert_array_equal(
            run.parameters["fc.weight"].value, expected.weight.detach().numpy()
        )
        x = torch.tensor(run.inputs[0])
        np.testing.assert_allclose(
            run.steps["fc"].activation, expected(x).detach().numpy(), rtol=1e-6
        )
    del folder


def test_a_lazy_model_and_one_that_cannot_be_copied(folder: Path) -> None:
    (folder / "lazy.py").write_text(
        "from torch import nn\n"
        "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.LazyLinear(5))\n"
    )
    run = lenet_viz.capture("lazy.py")
    _, _, height, width = run.inputs[0].shape
    assert run.parameters["2.weight"].shape == (5, 4 * (height - 2) * (width - 2))
    (folder / "locked.py").write_text(
        "import threading\nfrom torch import nn\n\n\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.lock = threading.Lock()\n"
        "        self.fc = nn.Linear(7, 2)\n\n"
        "    def forward(self, x):\n"
        "        return self.fc(x)\n"
    )
    assert lenet_viz.capture("locked.py").inputs[0].shape[-1] == 7


def test_a_live_lazy_model_is_to_be_called_first() -> None:
    net = nn.Sequential(nn.ReLU(), nn.LazyLinear(2))
    with pytest.raises(UserMistake, match=r"1\.weight has no shape yet.*model\(x\)"):
        lenet_viz.capture(net, torch.ones(1, 3))
    net(torch.ones(1, 3))
    assert len(lenet_viz.capture(net, torch.ones(1, 3)).steps) == 2


MISTAKES = {
    "nothing.py": r"nothing\.py",
    "no.module:make": r"no module no",
    "net": r"no preset .net.*net\.py",
    "notebok": "did you mean notebook",
    "empty.py": r"empty\.py has no model in it",
    "two.py": r"several models: .*two\.py:",
    "net.py:Nett": "has no Nett",
    "net.py:make": r"takes arguments: make\(classes\)",
    "net.py:Net(1,": "net.py:Net",
    "broken.py": r"broken\.py, line 2|line 2",
    "raising.py": r"line 1: ValueError: boo",
    "leaving.py": r"line 1: the file ends the program",
    "bad.json": r"bad\.json.*line 1",
    "deep.json": r"deep\.json.*64 brackets",
    "nan.json": r"nan\.json.*nodes\[0\]\.settings",
    "run.lvcap": r"saved run.*lenet_viz\.load\('run\.lvcap'\)",
}


@pytest.mark.parametrize("word", MISTAKES)
def test_each_mistake_is_told(word: str, folder: Path) -> None:
    spec = json.loads(presets.get("toy").spec.to_json())
    spec["nodes"][0]["settings"]["kernel_size"] = float("nan")
    for name, text in {
        "empty.py": "x = 1\n",
        "two.py": "from torch import nn\nA = nn.ReLU()\nB = nn.Tanh()\n",
        "broken.py": "x = 1\ndef broken(:\n",
        "raising.py": "raise ValueError('boo')\n",
        "leaving.py": "raise SystemExit(3)\n",
        "bad.json": "{",
        "deep.json": "[" * 1000,
        "nan.json": json.dumps(spec),
    }.items():
        (folder / name).write_text(text)
    lenet_viz.capture(nn.ReLU(), torch.ones(2)).save("run.lvcap")
    with pytest.raises(UserMistake, match=MISTAKES[word]):
        lenet_viz.capture(word)


def test_where_no_shape_fits_the_tensors_are_asked_for(folder: Path) -> None:
    (folder / "graph.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x, graph):\n        return graph.nodes(x)\n"
    )
    with pytest.raises(ModelQuestion) as question:
        lenet_viz.capture("graph.py")
    assert str(question.value).endswith("lenet_viz.capture('graph.py', x, graph)")
    assert "--" not in str(question.value)


def test_a_given_tensor_that_does_not_fit_keeps_the_steps(folder: Path) -> None:
    del folder
    with pytest.raises(RecordingFailed) as failure:
        lenet_viz.capture("net.py", torch.ones(1, 5))
    assert "1×5" in str(failure.value)
    assert failure.value.capture.steps[0].error is not None


def test_a_word_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del folder
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(home, "unseen_because", lambda: None)

    def start(words: tuple[str, ...], made: Path | None) -> None:
        started.append(words)
        assert lenet_viz.load(Path(words[-1].removeprefix("--model="))).steps["fc"].shape[-1] == 5
        assert made is not None

    monkeypatch.setattr(home, "_start", start)
    for word in ("net.py:Net(5)", Path("net.py:Net(5)")):
        run = lenet_viz.show(word, torch.ones(2, 4))
        assert run.steps["fc"].shape == (2, 5)
    assert [words[0] for words in started] == ["--handed-over"] * 2


def test_a_word_loads_no_window(folder: Path) -> None:
    code = (
        "import sys, lenet_viz; lenet_viz.capture('net.py'); "
        "assert not {'PySide6', 'pyqtgraph'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder, timeout=120)
