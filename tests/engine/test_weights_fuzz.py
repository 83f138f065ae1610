"""Damage anywhere in a weights file is a sentence or does no harm; nothing else comes of it."""

import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenet_viz.engine.weights_file import read_weights
from lenet_viz.engine.weights_fit import fit
from lenet_viz.errors import UserMistake
from tests.engine.weights_files import filled, network, rezipped, saved

many = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
flips = st.lists(st.tuples(st.integers(0, 2**20), st.integers(1, 255)), min_size=1, max_size=4)


def changed(content: bytes, where: list[tuple[int, int]]) -> bytes:
    """``content`` with some of its bytes changed."""
    edited = bytearray(content)
    for position, mask in where:
        edited[position % len(edited)] ^= mask
    return bytes(edited)


def read(path: Path, content: bytes) -> dict[str, torch.Tensor] | None:
    """The tensors of a file of that content; None where it is refused."""
    path.write_bytes(content)
    try:
        weights = read_weights(path)
    except UserMistake:
        return None
    with suppress(UserMistake):
        fit(network(), weights)
    return dict(weights)


@pytest.fixture(scope="module")
def torch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = network().state_dict()
    state.update(filled())
    return saved(tmp_path_factory.mktemp("sound") / "w.pt", {"model": state, "epoch": 3})


@pytest.fixture(scope="module")
def safe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "w.safetensors"
    safetensors.torch.save_file(filled(), path)
    return path


def same(found: dict[str, torch.Tensor] | None) -> bool:
    wanted = filled()
    return found is None or (
        found.keys() == wanted.keys() and all(torch.equal(found[n], wanted[n]) for n in wanted)
    )


@many
@given(where=flips)
def test_flipped_bytes_of_a_torch_file(
    torch_file: Path, tmp_path: Path, where: list[tuple[int, int]]
) -> None:
    # Its checksums catch every change of a number: what is read at all is right.
    assert same(read(tmp_path / "w.pt", changed(torch_file.read_bytes(), where)))


@many
@given(where=flips)
def test_flipped_bytes_of_a_safetensors_file(
    safe_file: Path, tmp_path: Path, where: list[tuple[int, int]]
) -> None:
    content = safe_file.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    in_header = [(position % (8 + length), mask) for position, mask in where]
    found = read(tmp_path / "w.safetensors", changed(content, in_header))

    # There are no checksums, so a name or a type can change; the sizes still fill the file.
    if found is not None:
        stored = sum(t.numel() * t.element_size() for t in found.values())
        assert stored == len(content) - 8 - length


@many
@given(where=flips)
def test_flipped_numbers_of_a_safetensors_file(
    safe_file: Path, tmp_path: Path, where: list[tuple[int, int]]
) -> None:
    read(tmp_path / "w.safetensors", changed(safe_file.read_bytes(), where))


@pytest.mark.parametrize("pieces", range(1, 40))
def test_truncation(torch_file: Path, safe_file: Path, tmp_path: Path, pieces: int) -> None:
    for path in (torch_file, safe_file):
        content = path.read_bytes()
        assert read(tmp_path / "w", content[: len(content) * pieces // 40]) is None
        assert read(tmp_path / "w", content[:pieces]) is None
        assert read(tmp_path / "w", content[:-pieces]) is None


def pickled(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("w/data.pkl")


def repacked(path: Path, torch_file: Path, listed: bytes) -> dict[str, torch.Tensor] | None:
    """What comes of a list of tensors whose checksum is right."""
    path.write_bytes(torch_file.read_bytes())
    rezipped(path, lambda name, content: listed if name == "data.pkl" else content)
    return read(path, path.read_bytes())


@settings(many, max_examples=300)
@given(where=flips)
def test_a_damaged_list_of_tensors(
    torch_file: Path, tmp_path: Path, where: list[tuple[int, int]]
) -> None:
    repacked(tmp_path / "w.pt", torch_file, changed(pickled(torch_file), where))


_OPCODES = (
    b"N", b"K\x01", b"K\x00", b"}", b"]", b")", b"(", b"t", b"\x85", b"\x86", b"\x87", b"s", b"u",
    b"a", b"e", b"b", b"R", b"Q", b"\x81", b"0", b"2", b"q\x00", b"h\x00", b"q\x01", b"h\x01",
    b"X\x01\x00\x00\x00a", b"X\x01\x00\x00\x000", b"X\x07\x00\x00\x00storage", b"\x88", b"\x89",
    b"X\x03\x00\x00\x00cpu", b"J\xff\xff\xff\xff", b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"ccollections\nOrderedDict\n", b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ctorch._utils\n_rebuild_parameter\n", b"ctorch\nFloatStorage\n", b"ctorch\nfloat32\n",
    b"ctorch\nSize\n", b"ctorch\ndevice\n", b"ccollections\nCounter\n",
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x24tQ",
)  # fmt: skip


@settings(many, max_examples=300)
@given(steps=st.lists(st.sampled_from(_OPCODES), max_size=25), inside=st.booleans())
def test_any_list_of_allowed_instructions(
    torch_file: Path, tmp_path: Path, steps: list[bytes], inside: bool
) -> None:
    listed = b"\x80\x02" + b"".join(steps) + b"."
    if inside:
        whole = pickled(torch_file)
        listed = whole[: len(whole) // 2] + b"".join(steps) + whole[len(whole) // 2 :]
    repacked(tmp_path / "w.pt", torch_file, listed)


def test_a_sound_file_is_read(torch_file: Path, safe_file: Path, tmp_path: Path) -> None:
    for path in (torch_file, safe_file):
        found: Any = read(tmp_path / "w", path.read_bytes())
        assert found is not None
        assert same(found)
