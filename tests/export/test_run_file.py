"""All of a run as .npz: read with plain numpy.load, compared bit for bit with the capture."""

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture
from lenet_viz.capture.run import RecordingFailed
from lenet_viz.capture.store import load
from lenet_viz.export.run_file import write_run
from tests.export.arrays_of_captures import expected, odd, same_bits
from tests.panels.runs import Bench, Lambda, odd_captures


def read(capture: Capture, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a run and return its arrays by entry, and the list."""
    assert write_run(capture, path) == path
    with np.load(path) as archive:
        found = {name: archive[name] for name in archive.files}
    return found, json.loads(found.pop("contents.json"))


def check(run: Capture, path: Path) -> dict[str, Any]:
    """Compare every array of a run; return the list."""
    found, contents = read(run, path)
    listed = contents["arrays"]
    wanted = expected(run)
    failed = [step for step in run.steps if not step.outputs]
    assert len(listed) == len(wanted) + len(failed)
    lines = iter(line for line in listed if line["state"] != "failed")
    for of, name, which, output, array in wanted:
        line = next(lines)
        assert (line["of"], line["name"], line["which"]) == (of, name, which)
        assert line.get("output", 0) == output
        if array is None:
            assert line["entry"] is None
            assert line["state"] != "present"
        else:
            assert same_bits(found.pop(line["entry"]), array)
            assert line["state"] == "present"
            assert line["shape"] == list(array.shape)
            assert line["stored_as"] == str(array.dtype)
    assert not found
    return contents


@pytest.mark.parametrize("name", odd_captures())
def test_every_array_of_odd_runs(name: str, tmp_path: Path) -> None:
    run = odd(name)
    contents = check(run, tmp_path / "run.npz")
    assert contents["model"]["weights_hash"] == run.model.weights_hash
    assert contents["versions"]["torch"] == torch.__version__
    # A gradient that torch did not compute is said to be missing; none is a zero.
    states = {
        (line["name"], line["output"], line["state"])
        for line in contents["arrays"]
        if line["of"] == "step" and line["which"] == "gradient"
    }
    assert states == {
        (step.name, at, str(value.gradient_state))
        for step in run.steps
        for at, value in enumerate(step.outputs)
    }


def test_a_run_of_the_window_after_accumulation(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "bench")
    bench.session.choose_zero_grad(False)
    bench.backward()
    run = bench.backward().capture
    assert run is not None
    contents = check(run, tmp_path / "run.npz")
    assert contents["objective"]["word"] == "cross-entropy:7"
    assert contents["objective"]["loss"] == run.objective.loss  # type: ignore[union-attr]
    with np.load(tmp_path / "run.npz", allow_pickle=False) as archive:
        grad, before = (
            archive[f"parameters/conv1.weight/{what}"] for what in ("grad", "grad_before")
        )
        assert np.array_equal(grad, before + archive["parameters/conv1.weight/gradient"])
        assert archive["steps/conv2/activation"].shape == (1, 16, 13, 13)
        assert archive["objective/upstream"].shape == (1, 10)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = (Bench(tmp_path / name).backward().capture for name in ("one", "two"))
    assert first is not None
    assert again is not None
    write_run(first, tmp_path / "a.npz")
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000.0))
    write_run(again, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_capture_from_a_file_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("bfloat16", "complex", "several outputs"):
        run = odd(name)
        run.save(tmp_path / "run.lvcap")
        write_run(run, tmp_path / "a.npz")
        write_run(load(tmp_path / "run.lvcap"), tmp_path / "b.npz")
        assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_zip_file_itself(tmp_path: Path) -> None:
    write_run(odd("several outputs"), tmp_path / "run.npz")
    with zipfile.ZipFile(tmp_path / "run.npz") as archive:
        assert archive.testzip() is None
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.create_system == 3
            assert entry.external_attr >> 16 == 0o100644
            assert entry.filename.isascii()
        archive.extractall(tmp_path / "out")
    assert (tmp_path / "out/steps/lstm/output_1/activation.npy").is_file()


class Twins(nn.Module):
    """Modules with names that no file can have."""

    NAMES = ("Conv", "conv", "CON", "a/b", "../up", "x" * 300, "🦊", "nul\0", "\u202eא", "~", "%2F")

    def __init__(self) -> None:
        super().__init__()
        for name in self.NAMES:
            if "." not in name:
                self.add_module(name, nn.Linear(2, 2))
        self.register_buffer("sh/ift", torch.ones(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for module in self.children():
            x = module(x) + self._buffers["sh/ift"]
        return x


def test_names_of_modules_that_hold_anything(tmp_path: Path) -> None:
    run = capture(Twins(), torch.rand(1, 2, requires_grad=True), backward="output:0", seed=0)
    contents = check(run, tmp_path / "run.npz")
    names = {line["name"] for line in contents["arrays"] if line["of"] == "parameter"}
    assert {f"{name}.weight" for name in Twins.NAMES if "." not in name} <= names
    entries = [line["entry"] for line in contents["arrays"] if line["entry"]]
    assert len({entry.lower() for entry in entries}) == len(entries)
    for entry in entries:
        assert ".." not in entry.split("/")
        assert all(len(part) <= 90 for part in entry.split("/"))
    with zipfile.ZipFile(tmp_path / "run.npz") as archive:
        archive.extractall(tmp_path / "out")
    inside = list((tmp_path / "out").rglob("*.npy"))
    assert len(inside) == len(entries)


def test_a_step_that_failed_is_listed(tmp_path: Path) -> None:
    def wrong(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x) @ torch.ones(7, 7)

    with pytest.raises(RecordingFailed) as broken:
        capture(Lambda(wrong), torch.rand(1, 4), seed=0)
    run = broken.value.capture
    contents = check(run, tmp_path / "run.npz")
    assert contents["error"]
    (failed,) = [line for line in contents["arrays"] if line["state"] == "failed"]
    assert failed["entry"] is None
    assert failed["error"]


def test_a_loss_that_is_not_finite_is_still_json(tmp_path: Path) -> None:
    run = capture(
        Lambda(lambda m, x: x * float("inf")),
        torch.ones(1, 3, requires_grad=True),
        backward="cross-entropy:1",
        seed=0,
    )
    contents = check(run, tmp_path / "run.npz")
    assert contents["objective"]["loss"] == "nan"


def test_sizes_beyond_what_a_plain_zip_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit is lowered instead of writing 4 GB.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 200)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    check(odd("512 channels"), tmp_path / "run.npz")
    with zipfile.ZipFile(tmp_path / "run.npz") as archive:
        assert max(entry.extract_version for entry in archive.infolist()) == 45
