"""``--init``: what weights begin as, on the command line; torch's own functions are the oracle."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from lenet_viz.capture.store import load
from lenet_viz.cli import MISTAKE, OK, main
from lenet_viz.commands.asked_run import asked_run
from lenet_viz.commands.figure import wish_of
from lenet_viz.commands.parsers import whole_parser
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.initialisation import AS_TORCH, Initialisation
from tests.session.pretend_engine import real_capture

NET = "import torch.nn as nn\n\nNet = nn.Linear(2, 2)\n"


def test_a_capture_has_the_weights_that_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.lvcap"
    arguments = ["capture", "tutorial", "-o", str(file), "--seed", "3", "--init", "xavier-normal"]
    assert main(arguments) == OK, capsys.readouterr().err
    net = build(presets.get("tutorial").spec, seed=3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        for layer in net.children():
            nn.init.xavier_normal_(layer.weight)
    capture = load(file)
    assert capture.settings["initialisation"] == "xavier-normal"
    for name, parameter in net.named_parameters():
        wanted = parameter.detach().numpy() if name.endswith("weight") else 0
        assert np.array_equal(
            capture.parameters[name].value, np.broadcast_to(wanted, parameter.shape)
        ), name


def test_every_command_with_a_seed_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "notebook", "--step", "conv1", "--init", "constant:0"]) == OK
    assert "Zero because each of the 10 terms is zero." in capsys.readouterr().out
    given = whole_parser().parse_args(["figure", "notebook", "-o", "a.png", "--init", "he-normal"])
    assert wish_of(vars(given)).init == "he-normal"


def test_words_become_a_request() -> None:
    asked = asked_run("notebook", init_word="constant:0.5")
    assert asked.initialisation == Initialisation("constant", 0.5)
    assert asked.request("folder").initialisation == asked.initialisation
    assert asked_run("notebook").initialisation == AS_TORCH


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["notebook", "--init", "trained"], ("trained", "he-normal", "constant:0.1")),
        (["toy", "--init", "he-normal"], ("toy", "fixed weights", "leave it out")),
        (["notebook", "--init", "he-normal", "--weights", "a.pt"], ("--init", "--weights")),
        (["net.py", "--init", "he-normal"], ("--init", "net.py", "leave it out")),
    ],
)
def test_where_it_means_nothing_one_line_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: tuple[str, ...],
) -> None:
    (tmp_path / "net.py").write_text(NET)
    monkeypatch.chdir(tmp_path)
    for command in (
        ["capture", *arguments, "-o", "a.lvcap"],
        ["figure", *arguments, "-o", "a.png"],
    ):
        assert main(command) == MISTAKE
        told = capsys.readouterr().err
        assert told.count("\n") == 1, told
        for word in words:
            assert word in told
    assert not (tmp_path / "a.lvcap").exists()


def test_a_run_that_was_made_takes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    real_capture("notebook").save(tmp_path / "a.lvcap")
    for command in (
        ["explain", "a.lvcap", "--step", "conv1", "--init", "he-normal"],
        ["figure", "a.lvcap", "-o", "a.png", "--init", "he-normal"],
    ):
        assert main(command) == MISTAKE
        assert "leave --init out" in capsys.readouterr().err
