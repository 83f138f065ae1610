"""Damaged numbers, and records that contradict each other, are refused."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lenet_viz
from lenet_viz.capture import container
from lenet_viz.capture.container import MappedArrays, Unreadable
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import _digest, load, read_blob, write_blob, write_working
from lenet_viz.capture.tensors import weight_arrays
from lenet_viz.errors import UserMistake
from tests.capture.notebook_net import random_input, seeded_net


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    capture = lenet_viz.capture(seeded_net(), random_input(), backward="mse", seed=3)
    return capture.save(tmp_path_factory.mktemp("whole") / "run.lvcap").read_bytes()


def read_everything(capture: Capture) -> None:
    for value in (*capture.input_values, *(v for s in capture.steps for v in s.outputs)):
        assert value.activation is not value.gradient
    for parameter in capture.parameters:
        assert parameter.value is not parameter.gradient
        assert parameter.grad is not parameter.grad_before
    assert capture.objective is not None
    assert capture.objective.upstream is not capture.objective.target
    assert capture.input_grads


# ---- numbers ---------------------------------------------------------------------------------
@pytest.mark.parametrize("mapped_from", [0, 2**25])
def test_a_flipped_bit_in_any_array_is_refused_when_it_is_read(
    whole: bytes, tmp_path: Path, mapped_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MAPPED_FROM", mapped_from)
    file = tmp_path / "run.lvcap"
    file.write_bytes(whole)
    entries = MappedArrays(file).entries
    read_everything(load(file))
    data = 8 + struct.unpack("<Q", whole[:8])[0]
    for key, entry in entries.items():
        spoilt = bytearray(whole)
        spoilt[data + entry.start + entry.size // 2] ^= 4
        file.write_bytes(spoilt)
        capture = load(file)
        with pytest.raises(UserMistake, match="numbers are not those") as caught:
            read_everything(capture)
        assert str(file) in str(caught.value), key


def test_what_is_sound_is_read_though_another_array_is_damaged(
    whole: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "run.lvcap"
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    capture = load(file)
    assert capture.steps["conv1"].activation.shape == (1, 6, 30, 30)
    for _ in range(2):
        with pytest.raises(UserMistake):
            read_everything(capture)


def test_blobs_are_checked_too(tmp_path: Path) -> None:
    arrays = {"a": np.arange(100.0), "b": np.arange(7)}
    name = write_blob(arrays, tmp_path)
    path = tmp_path / f"{name}.safetensors"
    whole = path.read_bytes()
    for place in (20, 100, len(whole) - 1, len(whole) - 60):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1
        path.write_bytes(spoilt)
        with pytest.raises(UserMistake, match=r"damaged|not a capture"):
            dict(read_blob(tmp_path, name))
    other = write_blob({"a": np.arange(100.0), "b": np.arange(7) + 1}, tmp_path)
    assert other != name
    path.write_bytes((tmp_path / f"{other}.safetensors").read_bytes())
    with pytest.raises(UserMistake, match="damaged"):
        read_blob(tmp_path, name)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be cut off there")
def test_a_file_that_is_cut_off_while_it_is_in_use_ends_nothing(
    whole: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "run.lvcap"
    file.write_bytes(whole)
    code = (
        "import os, sys; from lenet_viz.capture.store import load; c = load(sys.argv[1]);"
        "os.truncate(sys.argv[1], 100); print(c.parameters['fc1.weight'].value.sum())"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert os.path.getsize(file) == 100


# ---- records ---------------------------------------------------------------------------------
def rewritten(whole: bytes, change: Callable[[dict[str, Any]], Any], path: Path) -> Path:
    """Write a capture whose document was changed, with hashes that fit it."""
    path.write_bytes(whole)
    entries = MappedArrays(path).entries
    length = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + length])
    document = json.loads(header["__metadata__"]["records"])
    records = change(document)
    if not isinstance(records, str):
        records = json.dumps(document)
    header["__metadata__"]["records"] = records
    header["__metadata__"]["sha256"] = _digest(records, 1, entries)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + length :])
    return path


def putting(where: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return what puts ``value`` at a place such as ``steps.0.parents``."""

    def put(document: Any) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in where.split(".")]
        for part in way:
            document = document[part]
        document[last] = value

    return put


CONTRADICTIONS = {
    "a parent to come": putting("steps.1.parents", [5]),
    "a negative parent": putting("steps.1.parents", [-1]),
    "a parent that is no number": putting("steps.1.parents", [True]),
    "an argument of a step to come": putting("steps.1.arguments", [["input", {"step": [1, 0]}]]),
    "an output that is not there": putting("steps.1.arguments", [["input", {"step": [0, 1]}]]),
    "a negative output": putting("steps.1.arguments", [["input", {"step": [0, -1]}]]),
    "in a list": putting("steps.1.arguments", [["input", [{"step": [99, 0]}]]]),
    "no such input": putting("steps.0.arguments", [["input", {"input": 1}]]),
    "no such parameter": putting("steps.0.arguments", [["weight", {"parameter": "x"}]]),
    "no such constant": putting("steps.0.arguments", [["weight", {"constant": "x"}]]),
    "an unknown reference": putting("steps.0.arguments", [["weight", {"thing": 1}]]),
    "an output of no step": putting("output", {"step": [99, 0]}),
    "no output of that step": putting("output", {"step": [0, 7]}),
    "an output that is an input": putting("output", {"input": 0}),
    "v is not there": putting("objective.upstream", "objective:gone"),
    "v has another shape": putting("objective.upstream", "objective:target:x"),
    "v is another array": putting("objective.upstream", "parameter:conv1.weight:value"),
    "no such target": putting("objective.target", "gone"),
    "no such objective": putting("objective.kind", "magic"),
    "an index that is no number": putting("objective.index", "7"),
    "an activation not there": putting("steps.0.outputs.0.activation", "gone"),
    "another shape": putting("steps.0.outputs.0.shape", [1, 6, 30, 29]),
    "fewer dimensions": putting("steps.0.outputs.0.shape", [1, 6]),
    "another type": putting("steps.0.outputs.0.dtype", "int64"),
    "complex": putting("steps.0.outputs.0.dtype", "complex64"),
    "a parameter without numbers": putting("parameters.0.value", None),
    "a blob in a foreign file": putting("parameters.0.value", "blob:" + "0" * 64 + ":a"),
    "two steps of one name": putting("steps.1.name", "conv1"),
    "two parameters of one name": putting("parameters.1.name", "conv1.weight"),
    "a missing hash": lambda document: document["hashes"].popitem(),
    "a field twice": lambda document: '{"hashes": {}, ' + json.dumps(document)[1:],
    "NaN": putting("objective.loss", float("nan")),
    "infinite": putting("objective.loss", float("inf")),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_records_that_contradict_are_refused(whole: bytes, tmp_path: Path, name: str) -> None:
    rewritten(whole, lambda document: None, tmp_path / "same")
    read_everything(load(tmp_path / "same"))
    file = rewritten(whole, CONTRADICTIONS[name], tmp_path / "file")
    with pytest.raises(UserMistake) as caught:
        load(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("name", ["../" + "0" * 61, "0" * 63, "G" * 64, "/" + "0" * 63, ""])
def test_a_working_capture_names_only_blobs_beside_it(tmp_path: Path, name: str) -> None:
    net = seeded_net()
    weights = write_blob(weight_arrays(net), tmp_path)
    capture = lenet_viz.capture(net, random_input())
    working = write_working(capture, tmp_path / "run.lvcap", weights, None)
    assert load(working).parameters["conv1.bias"].value.shape == (6,)
    change = putting("parameters.0.value", f"blob:{name}:conv1.weight")
    with pytest.raises(UserMistake):
        load(rewritten(working.read_bytes(), change, tmp_path / "changed"))


def test_json_that_names_a_field_twice_or_holds_no_number() -> None:
    for text in (b'{"a": 1, "a": 2}', b"[NaN]", b"[-Infinity]"):
        with pytest.raises(Unreadable):
            container.parse_json(text)
