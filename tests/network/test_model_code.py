"""Model words: which Python file, which name, found without running anything."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.network.code_text import candidates
from lenet_viz.network.model_code import ModelCode, parse_model_word, read_code
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.network.module_path import package_root

BOOM = "raise SystemExit('this file ran')\n"


def test_a_file_and_what_follows_it(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(BOOM)
    sha256 = hashlib.sha256(BOOM.encode()).hexdigest()
    wanted = {
        "net.py": ("", ""),
        "net.py:Net": ("Net", ""),
        "net.py:Net()": ("Net", ""),
        "net.py:Net(10, hidden=32)": ("Net", "10, hidden=32"),
        "net.py: Net ( 'a:b.py' ) ": ("Net", "'a:b.py'"),
        f"{file}:größe": ("größe", ""),
        "./x/../net.py:Net": ("Net", ""),
    }
    for word, (name, arguments) in wanted.items():
        found = parse_model_word(word, tmp_path)
        assert found == ModelCode(str(file), "", name, arguments, sha256), word
        assert parse_model_word(found.word, Path("elsewhere").absolute()) == found
        assert read_code(found) == BOOM.encode()


@pytest.mark.parametrize(
    "word",
    [
        "notebook",
        "spec.json",
        "run.lvcap",
        "a/b",
        "C:\\x.json",
        "x.pyc",
        "",
        "package.module",
        "a:",
    ],
)
def test_other_words_are_no_code(word: str, tmp_path: Path) -> None:
    assert parse_model_word(word, tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="a name with a colon")
def test_drive_letters_and_colons_in_folders_are_parts_of_the_path(tmp_path: Path) -> None:
    for name in ("C:\\x.py", "C:x.py", "a.py.d:b.py"):
        (tmp_path / name).write_text("")
        found = parse_model_word(f"{name}:Net", tmp_path)
        assert found is not None
        assert (found.path, found.name) == (str(tmp_path / name), "Net")


def test_modules_are_found_without_running_them_or_their_packages(tmp_path: Path) -> None:
    package = tmp_path / "shop" / "models"
    package.mkdir(parents=True)
    for file in (package / "__init__.py", package / "resnet.py", tmp_path / "json.py"):
        file.write_text(BOOM)
    (tmp_path / "space" / "inner").mkdir(parents=True)
    (tmp_path / "space" / "inner" / "deep.py").write_text(BOOM)
    before = set(sys.modules)
    wanted = {
        "shop.models.resnet:make": (package / "resnet.py", "make", ""),
        "shop.models.resnet:make(3, depth=18)": (package / "resnet.py", "make", "3, depth=18"),
        "shop.models:make": (package / "__init__.py", "make", ""),
        "space.inner.deep:Net": (tmp_path / "space" / "inner" / "deep.py", "Net", ""),
        "json:Net": (tmp_path / "json.py", "Net", ""),
    }
    for word, (path, name, arguments) in wanted.items():
        found = parse_model_word(word, tmp_path)
        assert found is not None
        assert (found.path, found.name, found.arguments) == (str(path), name, arguments)
        assert found.module == word.partition(":")[0]
        assert found.word == word
        assert package_root(found.path, found.module) == str(tmp_path)
    assert set(sys.modules) == before
    installed = parse_model_word("torch.nn:Linear(3, 4)", tmp_path)
    assert installed is not None
    assert Path(installed.path).parts[-3:] == ("torch", "nn", "__init__.py")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")


MISTAKES = {
    "no file": ("gone.py:Net", None, "There is no file"),
    "a folder": ("folder.py", lambda f: (f / "folder.py").mkdir(), "is a folder"),
    "a pipe": ("pipe.py", _pipe, "a pipe"),
    "zero bytes": ("x.py", lambda f: (f / "x.py").write_bytes(b"a\0b"), "zero bytes"),
    "no utf-8": ("x.py", lambda f: (f / "x.py").write_bytes(b"a = '\xff'"), "'utf-8' codec"),
    "no encoding": ("x.py", lambda f: (f / "x.py").write_bytes(b"# coding: no\n"), "encoding"),
    "long": ("x.py", lambda f: (f / "x.py").write_bytes(b"#" * (2**21 + 1)), "2097153 bytes"),
    "syntax": ("x.py", lambda f: (f / "x.py").write_text("a = 1\nif b\n"), "line 2: expected ':'"),
    "return": ("x.py", lambda f: (f / "x.py").write_text("\nreturn 3\n"), "line 2: 'return'"),
    "deep": ("x.py", lambda f: (f / "x.py").write_text("-" * 500_000 + "1"), "too deeply"),
    "long sum": ("x.py", lambda f: (f / "x.py").write_text("1" + "+1" * 500_000), "too deeply"),
    "code as argument": ("x.py:Net(open('y'))", None, "open('y') is not a plain value"),
    "no name": ("x.py:", None, "“”"),
    "a number": ("x.py:3", None, "“3”"),
    "a dotted name": ("x.py:a.b", None, "“a.b”"),
    "a keyword": ("x.py:class", None, "“class”"),
    "open bracket": ("x.py:Net(1", None, "“Net(1”"),
    "no module": ("nowhere.at_all:Net", None, "There is no module nowhere (of nowhere.at_all)"),
    "no submodule": ("lenet_viz.nothing:Net", None, "There is no module lenet_viz.nothing"),
    "a space": ("space:Net", lambda f: (f / "space").mkdir(), "without __init__.py"),
    "compiled": ("torch._C:Net", None, "compiled code"),
    "a nul": ("a\0.py", None, "cannot be read"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(name: str, tmp_path: Path) -> None:
    word, prepare, told = MISTAKES[name]
    if prepare is not None:
        prepare(tmp_path)
    with pytest.raises(UserMistake) as mistake:
        parse_model_word(word, tmp_path)
    assert told in str(mistake.value)
    assert str(mistake.value)[-1] in ".:"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("")
    file.chmod(0)
    with pytest.raises(UserMistake, match="Permission denied"):
        parse_model_word("x.py", tmp_path)


def test_a_file_that_changed_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("a = 1")
    code = parse_model_word("x.py", tmp_path)
    assert code is not None
    file.write_text("a = 2")
    with pytest.raises(ModelQuestion, match="has changed") as question:
        read_code(code)
    now = hashlib.sha256(b"a = 2").hexdigest()
    assert (question.value.kind, question.value.options) == ("changed", (now,))
    file.unlink()
    with pytest.raises(UserMistake, match="There is no file"):
        read_code(code)


def test_names_that_look_like_models() -> None:
    text = """
import torch.nn as nn, torch, pl
from torch.nn import Module as M, Sequential
class Block(nn.Module): pass
class Net(Block): pass
class Other(torch.nn.Sequential): pass
class Lit(pl.LightningModule): pass
class Config: pass
class Plain(dict): pass
def make(): return Net()
model = Net()
seq: nn.Module = Sequential(nn.ReLU())
number = int(3)
"""
    assert candidates(text) == ("seq", "model", "Lit", "Other", "Net", "Block")
    assert candidates("class (") == ()
    assert candidates("") == ()
