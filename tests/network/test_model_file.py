"""A user's Python file as a model: what it makes and leaves, what is said when it fails."""

import json
import os
import random
import signal
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lenet_viz.errors import UserMistake
from lenet_viz.network.model_code import ModelCode, parse_model_word
from lenet_viz.network.model_file import load_model
from lenet_viz.network.model_question import ModelQuestion

HEAD = "import torch\nfrom torch import nn\n"
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    def forward(self, x):
        return self.fc(x)
"""


def code(folder: Path, text: str, word: str = "model.py", head: str = HEAD) -> ModelCode:
    file = folder / word.partition(":")[0]
    file.write_text(head + textwrap.dedent(text), encoding="utf-8")
    found = parse_model_word(word, folder)
    assert found is not None
    return found


def mistake(found: ModelCode) -> UserMistake:
    with pytest.raises(UserMistake) as caught:
        load_model(found)
    told = str(caught.value)
    assert "Traceback" not in told
    assert found.path in told
    assert told.rstrip().endswith((".", "…", "__:.")), told
    return caught.value


def test_the_seed_makes_the_weights_as_in_the_users_own_program(tmp_path: Path) -> None:
    found = code(tmp_path, NET)
    torch.manual_seed(7)
    own: dict[str, Any] = {"nn": nn, "__name__": "own"}
    exec(NET, own)
    wanted = own["Net"]()
    torch.manual_seed(7)
    before = torch.get_rng_state()
    model = load_model(found)
    assert type(model).__name__ == "Net"
    assert torch.equal(model.fc.weight, wanted.fc.weight)
    assert torch.equal(torch.get_rng_state(), before)


WAYS = {
    "a class": (NET, "model.py", "Net"),
    "a class by name": (NET + "class Other(nn.Module): pass\n", "model.py:Net", "Net"),
    "arguments": (
        "class Net(nn.Module):\n    def __init__(self, n, *, m=1):\n        super().__init__()\n"
        "        self.n = (n, m)\n",
        "model.py:Net(4, m=5)",
        "Net",
    ),
    "an instance": (NET + "model = Net()\n", "model.py", "Net"),
    "a named instance": (NET + "a = Net()\nb = Net()\n", "model.py:a", "Net"),
    "a sequence": ("model = nn.Sequential(nn.Linear(2, 2))\nloss = nn.MSELoss()\n", "model.py", ""),
    "a factory": (NET + "def make(n=3): return nn.Sequential(Net())\n", "model.py:make(2)", ""),
    "a lambda": ("make = lambda: nn.Linear(2, 3)\n", "model.py:make", "Linear"),
    "a classmethod's bound": (
        NET + "class Zoo:\n    def make(self): return Net()\nmake = Zoo().make\n",
        "model.py:make",
        "Net",
    ),
    "scripted": (
        NET + "model = torch.jit.script(Net())\n",
        "model.py:model",
        "RecursiveScriptModule",
    ),
    "a name twice": (NET + "model = net = Net()\n", "model.py", "Net"),
    "guarded": (NET + "if __name__ == '__main__':\n    raise SystemExit\n", "model.py", "Net"),
    "a dataclass beside it": (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass C:\n    n: int = 3\n"
        "class Net(nn.Module):\n    def __init__(self, c: C = C()):\n        super().__init__()\n",
        "model.py",
        "Net",
    ),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
@pytest.mark.parametrize("way", WAYS)
def test_ways_to_write_a_model(way: str, tmp_path: Path) -> None:
    text, word, kind = WAYS[way]
    head = "" if text.startswith("from __future__") else HEAD
    text = text if head else text.replace("import dataclass\n", f"import dataclass\n{HEAD}", 1)
    model = load_model(code(tmp_path, text, word, head))
    assert type(model).__name__ == (kind or "Sequential")
    if way == "arguments":
        assert model.n == (4, 5)


@pytest.mark.parametrize("name", ["torch", "json", "numpy", "lenet_viz", "fractions", "pandas"])
def test_a_file_named_like_a_package_hides_nothing(name: str, tmp_path: Path) -> None:
    text = NET + "import json, numpy, torch.nn.functional, fractions\nfractions.Fraction(1, 2)\n"
    model = load_model(code(tmp_path, text, f"{name}.py"))
    assert model(torch.zeros(1, 3)).shape == (1, 2)
    assert json.loads("[1]") == [1]
    assert sys.modules["torch"] is torch
    assert sys.modules["json"] is json
    assert "pandas" not in sys.modules


def test_neighbours_are_imported_and_read_again_when_they_change(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "__init__.py").write_text("from .inner import WIDTH\n")
    (tmp_path / "layers" / "inner.py").write_text("WIDTH = 4\n")
    # Named like an installed package and like one of Python's own.
    (tmp_path / "sklearn.py").write_text("WIDTH = 6\n")
    (tmp_path / "token.py").write_text("raise SystemExit\n")
    text = "import token\nfrom layers import WIDTH\nimport sklearn\n"
    text += "net = nn.Linear(WIDTH, sklearn.WIDTH)\n"
    found = code(tmp_path, text)
    before, path = dict(sys.modules), sys.path[:]
    assert load_model(found).weight.shape == (6, 4)
    (tmp_path / "layers" / "inner.py").write_text("WIDTH = 5\n")
    assert load_model(found).weight.shape == (6, 5)
    assert not {"layers", "layers.inner", "sklearn"} & (set(sys.modules) - set(before))
    assert sys.path == path
    assert sorted(tmp_path.rglob("*.pyc")) == []


def test_a_module_is_imported_with_its_package(tmp_path: Path) -> None:
    package = tmp_path / "shop" / "models"
    package.mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").write_text("SIZE = 3\n")
    (package / "__init__.py").write_text("from .base import Base\n")
    (package / "base.py").write_text(f"{HEAD}class Base(nn.Module): pass\n")
    (package / "net.py").write_text(
        f"{HEAD}from . import Base\nfrom .. import SIZE\nimport shop.models.base as b\n"
        "class Net(Base):\n    def __init__(self, n):\n        super().__init__()\n"
        "        assert b.Base is Base\n        self.fc = nn.Linear(SIZE, n)\n"
        "    def forward(self, x):\n        from .late import scale\n"
        "        return scale * self.fc(x)\n"
        "def make(n): return Net(n)\n"
    )
    (package / "late.py").write_text("scale = 2\n")
    for word in ("shop.models.net:make(4)", "shop.models.net:Net(4)"):
        found = parse_model_word(word, tmp_path)
        assert found is not None
        assert load_model(found).fc.weight.shape == (4, 3)
        assert not [name for name in sys.modules if name.startswith("shop")]
    (tmp_path / "shop" / "__init__.py").write_text("SIZE = 8\n")
    assert load_model(found).fc.weight.shape == (4, 8)
    alone = parse_model_word(str(package / "net.py"), tmp_path)
    assert alone is not None
    assert "package.module:Name" in str(mistake(alone))


def test_an_installed_package_is_used_as_it_is(tmp_path: Path) -> None:
    found = parse_model_word("torch.nn:Linear(3, 4)", tmp_path)
    assert found is not None
    kind = nn.Linear
    assert type(load_model(found)) is kind
    assert nn.Linear is kind


def test_everything_that_a_file_changes_is_put_back(tmp_path: Path) -> None:
    text = """
    import gc, os, random, signal, sys, warnings
    import numpy as np
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.manual_seed(99); random.seed(99); np.random.seed(99)
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(True)
    torch.set_num_threads(3)
    torch.set_float32_matmul_precision("medium")
    nn.modules.module.register_module_forward_hook(lambda *a: None)
    torch.set_default_device("meta")
    np.seterr(all="raise")
    warnings.simplefilter("error")
    warnings.showwarning = None
    os.chdir("/")
    os.environ["A_MODEL_S_OWN"] = "1"
    os.environ.pop("PATH", None)
    sys.path.insert(0, "/nowhere"); sys.meta_path.clear(); sys.argv = ["x"]
    sys.setrecursionlimit(5000)
    sys.stdout = sys.stderr = None
    gc.disable()
    signal.signal(signal.SIGALRM, lambda *a: None)
    sys.modules["json"] = None
    del sys.modules["random"]
    class Net(nn.Module): pass
    """
    found = code(tmp_path, text)

    def state() -> list[Any]:
        return [
            torch.get_default_dtype(), torch.get_default_device(), torch.is_grad_enabled(),
            torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state()),
            torch.are_deterministic_algorithms_enabled(), torch.is_anomaly_enabled(),
            torch.get_num_threads(), torch.get_float32_matmul_precision(),
            dict(nn.modules.module._global_forward_hooks), np.geterr(), list(warnings.filters),
            warnings.showwarning, os.getcwd(), dict(os.environ), list(sys.path),
            list(sys.meta_path), sys.argv, sys.getrecursionlimit(), sys.stdout, sys.stderr,
            signal.getsignal(signal.SIGALRM), sys.modules["json"], sys.modules["random"],
        ]  # fmt: skip

    before = state()
    load_model(found)
    assert state() == before
    assert torch.zeros(1).device.type == "cpu"


BOOM = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {}\n"
MISTAKES = {
    "no package": ("import nowhere_at_all\n", "model.py", ["line 3", "pip install nowhere_at_all"]),
    "its other name": ("from cv2.x import y\n", "model.py", ["no package cv2", "opencv-python"]),
    "no name": ("from torch import nowhere\n", "model.py", ["line 3", "cannot import name"]),
    "no model": ("x = 3\n", "model.py", ["no model in it"]),
    "only a loss": ("loss = nn.MSELoss()\n", "model.py", ["no model in it"]),
    "only a function": ("def make(): pass\n", "model.py", ["no model in it", "model.py:make"]),
    "raises": ("\ndef f():\n    raise KeyError('x')\nf()\n", "model.py", ["line 5: KeyError: 'x'"]),
    "raises when made": (BOOM.format("1 / 0"), "model.py", ["line 6: ZeroDivisionError", "1 / 0"]),
    "exits": ("import sys\nsys.exit(3)\n", "model.py", ["line 4", "SystemExit", "__main__"]),
    "exits when made": (BOOM.format("raise SystemExit"), "model.py", ["line 6", "SystemExit"]),
    "interrupts": ("raise KeyboardInterrupt\n", "model.py", ["line 3", "KeyboardInterrupt"]),
    "no memory": ("bytearray(10**15)\n", "model.py", ["line 3", "enough memory"]),
    "no memory of torch": ("torch.ones(10**15)\n", "model.py", ["line 3", "enough memory"]),
    "assertion": ("assert 1 == 2\n", "model.py", ["line 3: AssertionError"]),
    "recursion": ("def f(): f()\nf()\n", "model.py", ["line 3: RecursionError"]),
    "unprintable": (
        "class E(Exception):\n    def __str__(self): raise OSError\nraise E\n",
        "model.py",
        ["line 5: E: E."],
    ),
    "no super": ("class Net(nn.Module):\n    def __init__(self): pass\n", "model.py", ["super()"]),
    "a text": ("Net = 'x'\n", "model.py:Net", ["is a str"]),
    "another class": ("class Net: pass\n", "model.py:Net", ["is a class Net"]),
    "gives None": ("def make(): nn.Linear(1, 1)\n", "model.py:make", ["returned None", "return"]),
    "gives a text": ("def make(): return 'x'\n", "model.py:make", ["returned str"]),
    "gives a class": ("def make(): return nn.ReLU\n", "model.py:make", ["class ReLU", "ReLU(…)"]),
    "async": ("async def make(): return nn.ReLU()\n", "model.py:make", ["returned coroutine"]),
    "called instance": ("net = nn.ReLU()\n", "model.py:net(3)", ["(3)", "model.py:net."]),
    "neighbour": ("import torch\n\n\nimport near\n", "model.py", ["near.py, line 2", "KeyError"]),
    "neighbour's syntax": ("import wrong\n", "model.py", ["wrong.py, line 1", "Correct"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_a_file_does_wrong_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "near.py").write_text("\nraise KeyError\n")
    (tmp_path / "wrong.py").write_text("class\n")
    text, word, wanted = MISTAKES[name]
    found = code(tmp_path, text, word)
    before, path = set(sys.modules), sys.path[:]
    with pytest.raises(UserMistake) as caught:
        load_model(found)
    for part in wanted:
        assert part in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert not isinstance(caught.value, ModelQuestion)
    assert sys.path == path
    assert not {n for n in set(sys.modules) - before if "model_file" in n or n in ("near", "wrong")}


def test_input_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        told = str(mistake(code(tmp_path, "n = int(input())\nnet = nn.Linear(n, 1)\n")))
    assert "line 3" in told
    assert "waits for somebody to type" in told


def test_questions(tmp_path: Path) -> None:
    several = code(tmp_path, NET + "class Last(nn.Module): pass\n")
    question = mistake(several)
    assert isinstance(question, ModelQuestion)
    assert (question.kind, question.options) == ("choose", ("Last", "Net"))
    assert "model.py:Last" in str(question)

    question = mistake(code(tmp_path, NET + "def make(): pass\n", "model.py:net"))
    assert isinstance(question, ModelQuestion)
    assert (question.kind, question.options) == ("choose", ("Net", "make"))

    text = "class Net(nn.Module):\n    def __init__(self, n, hidden=3): super().__init__()\n"
    for word, told in {
        "model.py": "Missing a required argument: 'n'.",
        "model.py:Net": "Write them after the name, as plain values: model.py:Net(…).",
        "model.py:Net(1, 2, 3)": "Too many positional arguments.",
        "model.py:Net(1, width=2)": "unexpected keyword argument 'width'.",
    }.items():
        question = mistake(code(tmp_path, text, word))
        assert isinstance(question, ModelQuestion)
        assert (question.kind, question.options) == ("arguments", ("(n, hidden=3)",))
        assert told in str(question)

    changed = code(tmp_path, NET)
    Path(changed.path).write_text(HEAD + NET + "\n")
    question = mistake(changed)
    assert isinstance(question, ModelQuestion)
    assert question.kind == "changed"


def test_the_text_that_runs_is_the_one_agreed_to(tmp_path: Path) -> None:
    """A file that changes itself while it runs changes nothing of this run."""
    text = (
        NET
        + "import pathlib\npathlib.Path(__file__).write_text('raise SystemExit')\nmodel = Net()\n"
    )
    assert type(load_model(code(tmp_path, text))).__name__ == "Net"
