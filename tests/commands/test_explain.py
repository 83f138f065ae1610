"""`lenet-viz explain` and `lenet-viz shapes`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lenet_viz
from lenet_viz.cli import main


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = lenet_viz.capture("notebook", backward="cross-entropy:7", seed=0)
    return str(run.save(tmp_path_factory.mktemp("runs") / "seven.lvcap"))


def printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    status = main(words)
    told = capsys.readouterr()
    assert status == 0, told.err
    return told.out


def explained(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(["explain", *words, "--json"], capsys))
    return found


def test_terms_total_captured_and_difference(
    saved: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explained([saved, "--step", "conv2", "--index", "3,4,5"], capsys)
    run = lenet_viz.load(saved)
    weight = run.parameters["conv2.weight"].value[3].astype(np.float64)
    patch = run.steps["max_pool2d"].activation[0, :, 4:7, 5:8].astype(np.float64)
    wanted = [*(weight * patch).reshape(-1), float(run.parameters["conv2.bias"].value[3])]
    assert [term["value"] for term in found["terms"]] == pytest.approx(wanted, rel=1e-12)
    assert found["total"] == pytest.approx(sum(wanted), rel=1e-12)
    assert found["captured"] == float(run.steps["conv2"].activation[0, 3, 4, 5])
    assert found["difference"] == found["total"] - found["captured"]
    assert found["adds_up"]


def test_gradients_of_values_and_of_parameters(
    saved: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = lenet_viz.load(saved)
    gradient = run.steps["fc1"].gradient
    assert gradient is not None
    at = int(np.abs(gradient[0]).argmax())
    found = explained([saved, "--step", "fc1", "--index", str(at), "--of", "gradient"], capsys)
    assert found["captured"] == float(gradient[0, at])
    assert found["total"] == pytest.approx(found["captured"], rel=1e-5)
    weights = run.parameters["fc3.weight"].gradient
    assert weights is not None
    words = [saved, "--step", "fc3", "--index", "7,3", "--of", "parameter:weight"]
    found = explained(words, capsys)
    assert found["captured"] == float(weights[7, 3])
    text = printed(["explain", saved, "--step", "fc1", "--of", "gradient"], capsys)
    assert text.startswith("fc1.grad[0, 60]")
    assert "difference" in text


def test_a_network_is_run_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(["toy", "--step", "conv1", "--index", "0,1,1"], capsys)
    run = lenet_viz.capture("toy")
    assert found["captured"] == float(run.steps["conv1"].activation[0, 0, 1, 1])
    assert found["difference"] == 0
    words = ["toy", "--step", "input", "--index", "0,0,0", "--of", "gradient"]
    assert explained([*words, "--backward", "output:0"], capsys)["adds_up"]
    loss = ["notebook", "--step", "loss", "--index", "", "--backward", "cross-entropy:3"]
    assert explained(loss, capsys)["adds_up"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--step", "conf2"], "conv2"),
        (["--step", "zzz"], "one of input"),
        (["--step", "conv2", "--index", "3,4"], "16×13×13"),
        (["--step", "conv2", "--index", "3,4,99"], "--index 8,6,6"),
        (["--step", "conv2", "--index", "3,4,-1"], "whole numbers"),
        (["--step", "conv2", "--index", "a"], "whole numbers"),
        (["--step", "conv2", "--of", "grad"], "activation, gradient or parameter"),
        (["--step", "conv2", "--of", "parameter:gamma"], "conv2.weight"),
        (["--step", "relu", "--of", "parameter:weight"], "no parameter"),
        (["--step", "conv2", "--seed", "3"], "--seed"),
        (["--step", "conv2", "--input-shape", "1,1,32,32"], "--input-shape"),
    ],
)
def test_what_cannot_be_used(
    saved: str, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", saved, *words]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert told in found.err
    assert len(found.err.strip().splitlines()) == 1


def test_a_number_without_arithmetic_is_no_failure(
    saved: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explained([saved, "--step", "input", "--index", "0,3,3"], capsys)
    assert found["terms"] == []
    assert "input" in found["reason"]


def test_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(["shapes", "notebook", "--json"], capsys))
    steps = {step["name"]: step for step in found["steps"]}
    assert steps["conv1"]["formulas"] == ["32 - 3 + 1 = 30"]
    assert steps["max_pool2d_2"]["formulas"] == ["(13 - 2)/2 + 1 = 6.5 → 6"]
    assert steps["max_pool2d_2"]["dropped_rows"] == [12]
    assert steps["max_pool2d_2"]["dropped_columns"] == [12]
    assert steps["fc3"]["output_shapes"] == [[1, 10]]
    assert sum(step["parameter_count"] for step in found["steps"]) == 81_194
    assert [zero["count"] for zero in found["structurally_zero"]] == [124]
    tutorial = json.loads(printed(["shapes", "tutorial", "--json"], capsys))
    assert [zero["count"] for zero in tutorial["structurally_zero"]] == [0]
    table = printed(["shapes", "notebook"], capsys)
    assert "structurally zero: 124 of 1024" in table
    assert "81,194" in table


def test_the_ledger_of_code_and_of_a_saved_run(
    saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(
        "from torch import nn\n"
        "net = nn.Sequential(nn.Conv2d(1, 2, 4, stride=3), nn.Flatten(), nn.Linear(18, 5))\n"
    )
    words = ["shapes", "net.py", "--input-shape", "1,1,12,12", "--json"]
    found = json.loads(printed(words, capsys))
    assert found["steps"][0]["dropped_rows"] == [10, 11]
    # Rows and columns 10 and 11 are read by no window: 144 - 100 pixels.
    assert [zero["count"] for zero in found["structurally_zero"]] == [44]
    assert printed(["shapes", saved], capsys) == printed(["shapes", "notebook"], capsys)


def test_a_figure_of_it(
    saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["figure", saved, "--panel", "why", "--step", "conv2", "--index", "3,4,5"]
    printed([*words, "-o", "why.svg"], capsys)
    text = Path("why.svg").read_text()
    assert "6 channel sums + bias" in text
    assert "input channel 5" in text
    assert main([*words, "--index", "99,0,0", "-o", "b.svg"]) == 2
    assert "--index" in capsys.readouterr().err
    assert main(["figure", saved, "--panel", "log", "--index", "1", "-o", "l.svg"]) == 2
    assert "--index" in capsys.readouterr().err
