"""Every form of a model word, in every command; each kind of mistake is one line and status 2."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import lenet_viz
from lenet_viz.cli import main
from lenet_viz.commands import window
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.wording import message

NET = """\
import torch
from torch import nn

open("ran", "w").close()


class Net(nn.Module):
    def __init__(self, classes=3, hidden=4):
        super().__init__()
        self.first = nn.Linear(4, hidden)
        self.last = nn.Linear(hidden, classes)

    def forward(self, x, scale=1.0):
        return self.last(torch.relu(self.first(x))) * scale


def make(classes=2):
    return Net(classes)
"""

WORDS = {
    "net.py": (3, 4),
    "net.py:Net": (3, 4),
    "net.py:Net(5, hidden=6)": (5, 6),
    "package.module:make": (2, 4),
}
"""Words for a model, and its classes and hidden numbers."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    spec = json.loads(presets.get("toy").spec.to_json())
    twice = presets.get("toy").spec.to_json().replace('"name"', '"schema": 1, "name"', 1)
    newer = json.dumps(spec | {"schema": 99})
    spec["nodes"][0]["settings"]["kernel_size"] = float("nan")
    for name, text in {
        "net.py": NET,
        "package/__init__.py": "",
        "package/module.py": NET,
        "net.json": presets.get("toy").spec.to_json(),
        "empty.py": "x = 1\n",
        "two.py": "from torch import nn\nA = nn.ReLU()\nB = nn.Tanh()\n",
        "needs.py": NET.replace("classes=3", "classes"),
        "broken.py": "x = 1\ndef broken(:\n",
        "two_inputs.py": NET.replace("forward(self, x, scale=1.0)", "forward(self, x, graph)")
        .replace("open(", "# open(")
        .replace("* scale", "* graph.nodes"),
        "typed.py": NET.replace("scale=1.0", "scale: int"),
        "bad.json": "{",
        "deep.json": "[" * 100_000,
        "nan.json": json.dumps(spec),
        "twice.json": twice,
        "newer.json": newer,
        "list.json": "[]",
        "text.pt": "no weights",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    lenet_viz.capture(nn.Linear(3, 2), torch.ones(1, 3)).save("run.lvcap")
    return tmp_path


@pytest.mark.parametrize("word", WORDS)
def test_a_summary_of_code_adds_up(
    word: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes, hidden = WORDS[word]
    words = ["summary", word, "--json"]
    weights = {
        "first.weight": torch.ones(hidden, 4),
        "first.bias": torch.ones(hidden),
        "last.weight": torch.ones(classes, hidden),
        "last.bias": torch.ones(classes),
    }
    if hidden == 6:
        save_file(weights, "w.safetensors")
        words += ["--input-shape", "7,4", "--kwargs", "scale=2.0", "--weights", "w.safetensors"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    counts = [step["parameter_count"] for step in found["steps"]]
    assert sum(counts) == sum(tensor.numel() for tensor in weights.values())
    assert found["steps"][-1]["output_shape"] == [7 if hidden == 6 else 1, classes]
    assert (folder / "ran").exists()


def test_a_figure_of_code_of_a_package(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "figure package.module:make --panel step --step last --input-shape 5,4 -o step.svg"
    assert main(words.split()) == 0, capsys.readouterr().err
    told = (folder / "step.svg").read_text()
    assert "last" in told
    assert "5×2" in told.replace("\u202f", "").replace(" × ", "×")


# -- the window ----------------------------------------------------------------------------------


@pytest.fixture
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the window would have been opened with."""
    del folder
    from lenet_viz.window import app

    found: dict[str, Any] = {}

    def run(**words: object) -> int:
        found.clear()
        found.update({name: word for name, word in words.items() if word is not None})
        return 0

    monkeypatch.setattr(app, "run", run)
    monkeypatch.setattr(window, "no_display_because", lambda: None)
    return found


def test_every_word_opens_the_window(opened: Mapping[str, Any], folder: Path) -> None:
    for begin in ([], ["show"], ["--model"]):
        assert main([*begin, "toy"]) == 0
        assert opened == {"preset": "toy"}
        assert main([*begin, "net.json"]) == 0
        assert opened == {"spec": presets.get("toy").spec}
        assert main([*begin, "run.lvcap"]) == 0
        assert opened["shown"].name == "run.lvcap"
        assert opened["shown"].capture.model.name == "Linear"
        for word in WORDS:
            assert main([*begin, word]) == 0
            assert set(opened) == {"own"}
            assert opened["own"].code.word.endswith(word.replace("net.py", "/net.py"))
    for begin in ([], ["show"]):
        assert main(begin) == 0
        assert opened == {}
    assert not (folder / "ran").exists(), "it is asked about first"


def test_how_it_is_called_comes_with_it(opened: Mapping[str, Any], folder: Path) -> None:
    words = "--input-shape 1,3,8,8 --input-shape ids=1,4:int64:0..9 --kwargs a=1 --weights w.pt"
    assert main(["net.py:Net", *words.split(), "--strip-prefix", "m."]) == 0
    own = opened["own"]
    assert [shape.shape for shape in own.shapes] == [(1, 3, 8, 8), (1, 4)]
    assert (own.shapes[1].name, own.shapes[1].dtype, own.keywords) == ("ids", "int64", "a=1")
    assert opened["weights"] == WeightsChoice(str(folder / "w.pt"), "m.")
    assert main(["show", "toy", "--weights", "w.pt"]) == 0
    assert opened == {"preset": "toy", "weights": WeightsChoice(str(folder / "w.pt"))}
    assert not (folder / "ran").exists()


# -- mistakes ------------------------------------------------------------------------------------

AT_ONCE = {
    "gone.py": "gone.py",
    "gone.json": "gone.json",
    "gone.lvcap": "gone.lvcap",
    "no.module:make": "no module no",
    "notebok": "did you mean notebook?",
    "broken.py": "line 2",
    "net.py:1": "“1”",
    "net.py:Net(1,": "net.py:Net",
    "net.py:Net(print())": "print()",
    "bad.json": "line 1",
    "deep.json": "64 brackets",
    "nan.json": "nodes[0].settings.kernel_size",
    "twice.json": "schema is given twice",
    "newer.json": "newer version",
    "list.json": "[]",
    "toy --kwargs a=1": "--kwargs",
    "net.json --input-shape 1,1,6,6": "--input-shape",
    "toy --strip-prefix m.": "--weights",
    "net.py --input-shape 1,x": "1,x",
    "net.py --strip-prefix m.": "--weights",
}
"""What is told before anything runs, whatever the command."""


@pytest.mark.parametrize("command", ["show", "summary", "capture", "figure"])
def test_what_cannot_be_used_is_told_at_once(
    command: str,
    opened: Mapping[str, Any],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*_: object) -> None:
        raise AssertionError("an engine was started")

    monkeypatch.setattr("lenet_viz.engine.single_run.run_once", run)
    out = {"capture": ["-o", "out.lvcap"], "figure": ["-o", "out.png"]}.get(command, [])
    for words, told in AT_ONCE.items():
        assert main([command, *_split(words), *out]) == 2, words
        _is_one_line(capsys, told)
    assert main([command, "run.lvcap", "--weights", "w.pt", *out]) == 2
    refused = "it is a saved run" if command == "capture" else "run already; leave --weights out"
    _is_one_line(capsys, refused)
    assert not opened
    assert {path.name for path in folder.glob("*out*")} == set()
    assert not (folder / "ran").exists()


def _split(words: str) -> list[str]:
    return words.split() if " --" in words else [words]


def _is_one_line(capsys: pytest.CaptureFixture[str], told: str) -> None:
    found = capsys.readouterr()
    assert found.out == ""
    lines = found.err.splitlines()
    assert lines[-1].startswith("lenet-viz")
    assert told in lines[-1]
    assert "Traceback" not in found.err
    assert sum(line.startswith("lenet-viz") for line in lines) == 1


IN_THE_ENGINE = {
    "summary empty.py": "empty.py has no model in it",
    "figure two.py": "several models",
    "capture net.py:Nett": "has no Nett",
    "summary needs.py:Net": "takes arguments: Net(classes",
    "figure net.py --input-shape 2,5": "2×5",
    "capture net.py --weights text.pt": "text.pt",
    "summary net.py --weights wrong.safetensors": "first.weight",
    "capture net.py --weights prefix.safetensors": "--strip-prefix module.",
    "summary two_inputs.py": "--input-shape 1,3,32,32 --input-shape 1,3,32,32",
    "figure typed.py": '--kwargs "scale=…"',
    "capture net.py --input digit:7 --input-shape 1,4": "--input random",
    "capture net.py --input digit:7": "--input-shape 1,1,32,32",
    "figure toy --weights wrong.safetensors": "conv1.weight",
}


def test_what_only_the_engine_finds_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_file({"first.weight": torch.ones(3, 3)}, "wrong.safetensors")
    names = {"first.weight": (4, 4), "first.bias": (4,), "last.weight": (3, 4), "last.bias": (3,)}
    save_file({f"module.{n}": torch.ones(s) for n, s in names.items()}, "prefix.safetensors")
    for words, told in IN_THE_ENGINE.items():
        command = words.partition(" ")[0]
        out = {"capture": ["-o", "out.lvcap"], "figure": ["-o", "out.png"]}.get(command, [])
        assert main([*words.split(), *out]) == 2, words
        _is_one_line(capsys, told)
    assert {path.name for path in folder.glob("*out*")} == set()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nett"], "no command or model 'nett'"),
        (["notebok"], "did you mean notebook?"),
        (["sumary"], "did you mean summary?"),
        (["--weights", "w.pt"], "lenet-viz"),
        (["show", "--weights", "w.pt"], "--weights is for a model"),
        (["summary", "toy", "--weights", "w.pt"], "leave --weights out"),
        (["--model", "toy", "show", "toy"], "leave --model out"),
    ],
)
def test_first_words_that_are_none(
    words: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert main(words) == 2
    _is_one_line(capsys, told)


def test_without_a_display_the_weights_are_drawn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lenet_viz.commands import instead

    asked = []

    def source(wish: Any) -> None:
        asked.append((wish.model, wish.weights, wish.strip_prefix))
        raise UserMistake(message("cli", "enough"))

    monkeypatch.setattr(window, "no_display_because", lambda: message("cli", "none"))
    monkeypatch.setattr(instead, "source_of", source)
    monkeypatch.setattr(instead, "draw_without_display", lambda: None)
    assert main(["net.json", "--weights", "w.pt", "--strip-prefix", "m."]) == 2
    assert asked == [("net.json", "w.pt", "m.")]
    del folder
