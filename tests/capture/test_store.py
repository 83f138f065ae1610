"""The capture file: round trip, laziness, damage, atomicity."""

import errno
import gc
import json
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import nn

import lenet_viz
from lenet_viz.capture import atomic, container
from lenet_viz.capture.recorder import record
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load, read_blob, write, write_blob, write_working
from lenet_viz.capture.tensors import weight_arrays
from lenet_viz.errors import UserMistake
from tests.capture.notebook_net import random_input, seeded_net


def taken(backward: str = "cross-entropy:7") -> Capture:
    return lenet_viz.capture(seeded_net(), random_input(), backward=backward, seed=3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return taken().save(tmp_path / "run.lvcap")


def message(path: Path) -> str:
    with pytest.raises(UserMistake) as caught:
        load(path)
    text = str(caught.value)
    assert str(path) in text
    assert "{" not in text
    return text


def test_round_trip(tmp_path: Path) -> None:
    capture = taken("mse")
    back = load(capture.save(tmp_path / "run.lvcap"))
    assert back == capture
    assert back.file == tmp_path / "run.lvcap"
    for step, again in zip(capture.steps, back.steps, strict=True):
        assert np.array_equal(step.activation, again.activation)
        assert np.array_equal(step.gradient, again.gradient)
    for parameter, again_ in zip(capture.parameters, back.parameters, strict=True):
        for name in ("value", "gradient", "grad"):
            assert np.array_equal(getattr(parameter, name), getattr(again_, name))
    assert capture.objective is not None
    assert back.objective is not None
    assert np.array_equal(back.objective.target, capture.objective.target)
    assert np.array_equal(back.objective.upstream, capture.objective.upstream)
    assert load(back.save(tmp_path / "again.lvcap")) == capture


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    first, second = taken().save(tmp_path / "1"), taken().save(tmp_path / "2")
    assert first.read_bytes() == second.read_bytes()


def test_it_is_a_safetensors_file(file: Path) -> None:
    capture = load(file)
    with safe_open(file, "np") as other:
        assert np.array_equal(
            other.get_tensor("step:conv1:0:activation"), capture.steps["conv1"].activation
        )
        assert other.metadata()["format"] == "lenet_viz capture"


def test_arrays_outlive_the_capture_and_the_file(file: Path) -> None:
    capture = load(file)
    array = capture.steps["conv2"].activation
    expected = array.copy()
    file.unlink()
    del capture
    gc.collect()
    assert np.array_equal(array, expected)
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 0


def test_reading_is_lazy_and_holds_no_file_open(file: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    captures = [load(file) for _ in range(20)]
    assert all(np.shares_memory(c.steps[0].activation, c.steps[0].activation) for c in captures)
    if before:
        # A map may keep one descriptor of its own; a reader's open file would be a second.
        assert len(os.listdir("/proc/self/fd")) <= before + len(captures)


def test_odd_types_come_back(tmp_path: Path) -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.complex64, torch.int64):
        x = torch.randn(2, 3).to(dtype)
        capture = lenet_viz.capture(nn.Identity(), x)
        back = load(capture.save(tmp_path / "odd"))
        (value,) = back.input_values
        assert value.dtype == str(dtype).removeprefix("torch.")
        expected = x.float() if dtype == torch.bfloat16 else x
        assert np.array_equal(value.activation, expected.numpy())


def test_the_objective_of_odd_types_comes_back(tmp_path: Path) -> None:
    layer = nn.Linear(3, 2, dtype=torch.bfloat16)
    x = torch.randn(4, 3, dtype=torch.bfloat16)
    capture = lenet_viz.capture(layer, x, backward="mse", seed=1)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        out = layer(x)
        target = torch.randn_like(out)
    out.retain_grad()
    nn.functional.mse_loss(out, target).backward()
    assert out.grad is not None
    for one in (capture, load(capture.save(tmp_path / "bfloat16"))):
        assert one.objective is not None
        assert one.objective.dtype == "bfloat16"
        assert np.array_equal(one.objective.target, target.float().numpy())
        assert np.array_equal(one.objective.upstream, out.grad.float().numpy())

    v = torch.randn(4, 2, dtype=torch.complex64)
    layer, x = nn.Linear(3, 2, dtype=torch.complex64), torch.randn(4, 3, dtype=torch.complex64)
    capture = lenet_viz.capture(layer, x, backward=v)
    for one in (capture, load(capture.save(tmp_path / "complex64"))):
        assert one.objective is not None
        assert one.objective.upstream.shape == (4, 2)
        assert np.array_equal(one.objective.upstream, v.numpy())


def test_empty_and_scalar_arrays(tmp_path: Path) -> None:
    class Slices(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:0].sum()

    back = load(lenet_viz.capture(Slices(), torch.ones(2, 3)).save(tmp_path / "f"))
    assert [step.activation.shape for step in back.steps] == [(0, 3), ()]


# ---- blobs -----------------------------------------------------------------------------------
def test_working_captures_refer_to_blobs(tmp_path: Path) -> None:
    net, x = seeded_net(), random_input()
    weights = write_blob(weight_arrays(net), tmp_path)
    assert write_blob(weight_arrays(seeded_net()), tmp_path) == weights
    capture = record(net, (x,), objective="random", seed=1)
    grads = write_blob(
        {
            **{f"parameter:{p.name}": p.grad for p in capture.parameters if p.grad is not None},
            "input:0": np.asarray(capture.input_grads[0]),
        },
        tmp_path,
    )
    working = write_working(capture, tmp_path / "run-1.lvcap", weights, grads)
    assert working.stat().st_size < 330_000 < capture.save(tmp_path / "whole").stat().st_size
    back = load(working)
    for parameter, again in zip(capture.parameters, back.parameters, strict=True):
        for name in ("value", "gradient", "grad"):
            assert np.array_equal(getattr(parameter, name), getattr(again, name))
    assert np.array_equal(back.input_grads[0], capture.input_grads[0])
    moved = back.save(tmp_path / "moved.lvcap")
    (tmp_path / f"{weights}.safetensors").unlink()
    assert np.array_equal(
        load(moved).parameters["fc1.weight"].value, net.fc1.weight.detach().numpy()
    )
    with pytest.raises(UserMistake, match="There is no file"):
        load(working).parameters["fc1.weight"].value  # noqa: B018


def test_blob_names_are_hashes(tmp_path: Path) -> None:
    name = write_blob({"a": np.arange(3)}, tmp_path)
    assert list(read_blob(tmp_path, name)) == ["a"]
    assert np.array_equal(read_blob(tmp_path, name)["a"], [0, 1, 2])
    for bad in ("../" + "0" * 61, "", "x" * 64):
        with pytest.raises(UserMistake):
            read_blob(tmp_path, bad)


# ---- damage ----------------------------------------------------------------------------------
def test_what_is_no_capture(tmp_path: Path) -> None:
    assert "no file" in message(tmp_path / "missing")
    assert "is a folder" in message(tmp_path)
    path = tmp_path / "file"
    path.write_bytes(b"")
    assert "is empty" in message(path)
    for other in (
        b"short",
        b"This is a text, not a capture. " * 9,
        b"\x00" * 100,
        b"PK\x03\x04" * 99,
    ):
        path.write_bytes(other)
        assert "not a capture" in message(path)


def test_cut_off_anywhere(file: Path) -> None:
    whole = file.read_bytes()
    for length in (9, 100, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert "cut off" in message(file)
    file.write_bytes(whole + b"more")
    assert "damaged" in message(file)


def test_one_flipped_bit_in_the_header(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    (length,) = struct.unpack("<Q", whole[:8])
    places = [*range(8), *np.random.default_rng(0).integers(8, 8 + length, 300).tolist()]
    for place in places:
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << (place % 8)
        if (
            spoilt[8 : 8 + length].decode(errors="replace").strip()
            == whole[8 : 8 + length].decode().strip()
        ):
            continue  # a blank behind the header
        file.write_bytes(spoilt)
        message(file)


def forged(path: Path, header: Any, body: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


def tensor(shape: list[Any], start: Any, end: Any, dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    "table",
    [
        {"a": tensor([10**12], 0, 4 * 10**12)},
        {"a": tensor([2**63, 2**63], 0, 8)},
        {"a": tensor([-1, -2], 0, 8)},
        {"a": tensor([2], 0, 8), "b": tensor([2], 4, 12)},
        {"a": tensor([2], 4, 12)},
        {"a": tensor([2], 0, 8, "F99")},
        {"a": tensor([2.0], 0, 8)},
        {"a": tensor([True], 0, 4)},
        {"a": 3},
        {"a": {"shape": [2]}},
        [1, 2],
        {"__metadata__": {"format": 3}},
    ],
)
def test_sizes_that_lie(table: Any, tmp_path: Path) -> None:
    message(forged(tmp_path / "file", table, b"\0" * 8))


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"t{n}": tensor([0], 0, 0) for n in range(container.TENSOR_LIMIT + 1)}
    assert "20000" in message(forged(tmp_path / "many", many))
    assert "64" in message(forged(tmp_path / "deep", b'{"a":' + b"[" * 10**5 + b"]" * 10**5 + b"}"))
    with open(tmp_path / "long", "wb") as stream:
        stream.write(struct.pack("<Q", container.JSON_LIMIT + 1))
        stream.truncate(container.JSON_LIMIT + 100)
    assert "64 MiB" in message(tmp_path / "long")
    # Brackets inside a text are no depth.
    forged(tmp_path / "text", {"__metadata__": {"format": "[" * 1000}})
    assert "not a capture" in message(tmp_path / "text")


def test_a_newer_file_is_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet_viz.capture.store.SCHEMA", 2)
    newer = taken().save(tmp_path / "newer")
    load(file)
    monkeypatch.undo()
    assert "newer" in message(newer)


# ---- atomic ----------------------------------------------------------------------------------
@pytest.fixture(params=[True, False], ids=["unnamed", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Through a file without a name, as Linux has it, and through a temporary one beside."""
    if not request.param:
        monkeypatch.setattr(atomic, "_write_unnamed", lambda *_: False)
    return bool(request.param)


@pytest.mark.usefixtures("way")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(stream: BinaryIO) -> None:
        stream.write(b"x" * 100_000)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UserMistake, match="disk is full"):
        atomic.write_atomically(path, full)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.usefixtures("way")
def test_other_exceptions_leave_no_stray_file(tmp_path: Path) -> None:
    def stopped(stream: BinaryIO) -> None:
        stream.write(b"x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write_atomically(tmp_path / "file", stopped)
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("way")
def test_replaces_and_follows_links(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)
    atomic.write_atomically(link, lambda stream: stream.write(b"new") and None)
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["file", "link"]


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = taken()
    with pytest.raises(UserMistake, match="is a folder"):
        capture.save(tmp_path)
    with pytest.raises(UserMistake, match="there is no folder"):
        capture.save(tmp_path / "none" / "file")
    with pytest.raises(UserMistake, match="not written"):
        capture.save(tmp_path / ("x" * 300))
    with pytest.raises(UserMistake, match="not written"):
        capture.save(str(tmp_path / "nul\0"))

    def denied(*args: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(atomic.os, "open", denied)
    with pytest.raises(UserMistake, match="may not be changed"):
        write(capture, tmp_path / "file")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["ä 图 🙂", "a" * 240, "C:CON", "{path}", "‏rtl"])
def test_odd_names(name: str, tmp_path: Path) -> None:
    assert load(taken().save(tmp_path / name)).file == tmp_path / name
