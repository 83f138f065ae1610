"""Files that declare more than they have are refused before anything is allocated."""

import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lenet_viz.engine.weights_file import read_weights
from lenet_viz.errors import UserMistake
from tests.engine.weights_files import entry, rezipped, safetensors, saved, with_pickle


@pytest.fixture(autouse=True)
def _unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither torch nor safetensors may be handed such a file."""

    def seen(*_: Any, **__: Any) -> None:
        pytest.fail("the file was read before it was refused")  # no error that is caught

    monkeypatch.setattr(torch, "load", seen)
    monkeypatch.setattr("safetensors.safe_open", seen)


def refused(path: Path, *words: str) -> None:
    with pytest.raises(UserMistake) as caught:
        read_weights(path)
    for word in (str(path), *words):
        assert word in str(caught.value)


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word.encode()


def test_a_small_file_with_a_tensor_of_400_gigabytes(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(1).expand(10**11)})

    assert path.stat().st_size <= 1570
    refused(path, "(100000000000,)", "400000000000 bytes", "stores 4 bytes")


def test_a_tensor_beyond_the_end_of_its_storage(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(8)[2:6]})
    # offset 2, size (4,) → offset 6: the last two numbers are not the file's
    moved = _replaced(b"K\x02K\x04", b"K\x06K\x04")

    refused(rezipped(path, moved), "data/0 is wrong")


def test_a_storage_larger_than_what_is_stored(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(200)})

    refused(rezipped(path, _replaced(b"K\xc8t", b"J\xff\xff\xff\x7ft")), "stores 800")


def _replaced(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def edit(name: str, content: bytes) -> bytes:
        if name != "data.pkl":
            return content
        assert old in content
        return content.replace(old, new)

    return edit


def test_a_compressed_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(2_000_000)})
    rezipped(path, lambda name, content: content, zipfile.ZIP_DEFLATED)

    assert path.stat().st_size < 20_000
    refused(path, "compressed entry data.pkl")


def test_a_torch_file_of_more_than_2_gibibytes(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(2)})
    with open(path, "r+b") as stream:
        stream.truncate(2**31 + 1)

    refused(path, "2147483649 bytes", "at most 2 GiB", "safetensors")


def test_more_than_20_000_tensors(tmp_path: Path) -> None:
    one = torch.zeros(1)
    many = {str(number): one.view(1) for number in range(20_001)}

    refused(saved(tmp_path / "w.pt", many), "more than 20000 tensors")
    header = {name: entry("F32", [0], 0, 0) for name in many}
    refused(safetensors(tmp_path / "w.safetensors", header, 0), "more than 20000 tensors")


def test_more_than_20_000_entries(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(1)})
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(20_100):
            archive.writestr(f"w/data/x{number}", b"")

    refused(path, "more than 20000 tensors")


def test_a_list_of_tensors_of_more_than_64_mebibytes(tmp_path: Path) -> None:
    path = with_pickle(tmp_path / "w.pt", b"\x80\x02" + b"N0" * (33 * 2**20) + b".")

    refused(path, "more than 64 MiB")


def test_a_header_of_more_than_64_mebibytes(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    with open(path, "wb") as stream:
        stream.write(struct.pack("<Q", 2**26 + 1) + b"{")
        stream.truncate(2**27)

    refused(path, "more than 64 MiB")


def test_a_header_nested_deeper_than_64(tmp_path: Path) -> None:
    header = b'{"w":' + b"[" * 64 + b"[]" + b"]" * 64 + b"}"

    refused(safetensors(tmp_path / "w.safetensors", header, 0), "deeper than 64")


@pytest.mark.parametrize("levels", [64, 100_000])
def test_a_list_nested_deeper_than_64(tmp_path: Path, levels: int) -> None:
    opened = b"\x80\x02" + text("a") + b"]" * levels + b"a" * (levels - 1) + b"\x86."

    refused(with_pickle(tmp_path / "w.pt", opened), "deeper than 64")


def test_a_list_as_deep_as_python_bears(tmp_path: Path) -> None:
    refused(with_pickle(tmp_path / "w.pt", b"\x80\x02N" + b"\x85" * 100_000 + b"."), "deeper than")


@pytest.mark.parametrize(
    ("header", "room", "words"),
    [
        ({"w": entry("F32", [10**12], 0, 4 * 10**12)}, 16, ("take 4000000000000", "16 are there")),
        ({"w": entry("F32", [10**12], 0, 16)}, 16, ("tensor w contradicts",)),
        ({"w": entry("F32", [2**40, 2**40, 2**40], 0, 0)}, 0, ("tensor w contradicts",)),
        ({"w": entry("F32", [-4], 0, -16)}, 16, ("tensor w contradicts",)),
        ({"w": entry("F32", [4.0], 0, 16)}, 16, ("tensor w contradicts",)),  # type: ignore[list-item]
        ({"w": entry("F32", [1] * 65, 0, 4)}, 4, ("tensor w contradicts",)),
        ({"w": entry("F4", [1], 0, 1)}, 1, ("tensor w contradicts",)),
        ({"w": entry("Q8", [4], 0, 4)}, 4, ("unknown type, Q8",)),
        ({"a": entry("F32", [4], 0, 16), "b": entry("F32", [4], 0, 16)}, 16, ("overlap",)),
        ({"a": entry("F32", [4], 8, 24)}, 24, ("leave gaps at a",)),
        ({"a": entry("F32", [4], 0, 16)}, 20, ("4 bytes follow",)),
        ({"a": 5}, 0, ("tensor a contradicts",)),
        ({"__metadata__": {"a": 5}}, 0, ("not a table",)),
        (b'{"a":{},"a":{}}', 0, ("names a tensor twice",)),
        (b'{"a":NaN}', 0, ("no JSON",)),
        (b'{"a":' + b"9" * 5000 + b"}", 0, ("no JSON",)),
        (b'{"a" 5}', 0, ("no JSON",)),
        (b'{"\xff":5}', 0, ("no JSON",)),
    ],
)
def test_a_header_that_contradicts_the_file(
    tmp_path: Path, header: Any, room: int, words: tuple[str, ...]
) -> None:
    refused(safetensors(tmp_path / "w.safetensors", header, room), *words)


ALLOCATES = {
    "bytearray": b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R",
    "tensor": b"ctorch\nFloatTensor\nJ\xff\xff\xff\x7f\x85R",
    "new tensor": b"ctorch\nTensor\nJ\xff\xff\xff\x7f\x85\x81",
    "storage": b"ctorch.storage\nUntypedStorage\nJ\xff\xff\xff\x7f\x85R",
    "counter": b"ccollections\nCounter\n" + text("x" * 100) + b"\x85R",
    "codec": b"c_codecs\nencode\n" + text("x") + text("zlib_codec") + b"\x86R",
    "methods": b"ccollections\nOrderedDict\n)R}" + text("items") + b"Nsb",
    "state": b"ccollections\nOrderedDict\n)R}" + text("_metadata") + b"Ns" + text("keys") + b"Nsb",
    "key that takes years to hash": b"}N" + b"\x86".join([b"2"] * 60) + b"Ns",
    "tuple as key": b"}(NN\x86t" + b"Ns",
    "list as key": b"}]Ns",
    "long text": b"X\xff\xff\xff\xffabc",
    "huge number": b"\x8b\xff\xff\xff\x7f\x01",
    "huge decimal": b"L" + b"9" * 100_000 + b"L\n",
    "unknown memo": b"h\x05",
    "empty stack": b"a",
    "no mark": b"e",
    "odd number of items": b"}(NNNu",
    "unknown instruction": b"\xfe",
    "mark left over": b"(N",
    "two values": b"NN",
    "extension": b"\x82\x01",
    "odd escape in a name": b"ctorch\n\\Size\n",
    "storage by another name": text("storage") + b"Q",
    "persistent text": b"Pstorage\n",
}


@pytest.mark.parametrize("name", ALLOCATES)
def test_a_list_that_does_more_than_list_tensors(tmp_path: Path, name: str) -> None:
    refused(with_pickle(tmp_path / "w.pt", b"\x80\x02" + ALLOCATES[name] + b"."))


def test_a_list_that_never_ends(tmp_path: Path) -> None:
    refused(with_pickle(tmp_path / "w.pt", b"\x80\x02}"), "data.pkl")


def test_a_list_of_too_many_instructions(tmp_path: Path) -> None:
    path = with_pickle(tmp_path / "w.pt", b"\x80\x02](" + b"N" * 2_000_001 + b"e.")

    refused(path, "2000000 instructions")


def test_too_many_keys_that_are_no_text(tmp_path: Path) -> None:
    # Numbers can be chosen so that all of them fall into the same place of a dict.
    pickled = pickle.dumps(dict.fromkeys(range(20_001)), 2)

    refused(with_pickle(tmp_path / "w.pt", pickled), "more than 20000")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("w/version", "/etc/passwd", "name cannot be used"),
        ("w/version", "w/../../x", "name cannot be used"),
        ("w/version", "..\\x", "name cannot be used"),
        ("w/version", "C:/x", "name cannot be used"),
        ("w/version", "w//x", "name cannot be used"),
        ("w/version", "w/data.pkl", "same name"),
        ("w/version", "w/DATA.PKL", "same name"),
        ("w/version", "v/data.pkl", "not one from torch.save"),
        ("w/data.pkl", "w/data.bin", "not one from torch.save"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_with_names_that_mislead(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(1)})
    with zipfile.ZipFile(path) as archive:
        contents = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents:
            archive.writestr(new if name == old else name, content)

    refused(path, words)


def test_entries_that_declare_more_than_the_file_has(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.zeros(100)})
    content = path.read_bytes()
    size = struct.pack("<II", 400, 400)
    assert content.count(size) == 2  # in the entry's descriptor and in the table
    path.write_bytes(content.replace(size, struct.pack("<II", 2**31 - 1, 2**31 - 1)))

    refused(path, "more bytes than the file has")


def test_one_zip_file_before_or_behind_another(tmp_path: Path) -> None:
    # Readers disagree on which of the two they see.
    one = saved(tmp_path / "a.pt", {"w": torch.zeros(1)}).read_bytes()
    path = tmp_path / "w.pt"
    path.write_bytes(one + one)
    refused(path, "damaged")

    path.write_bytes(one + b"PK\x05\x06" + bytes(18))
    refused(path, "damaged")

    path.write_bytes(one + b"comment")
    refused(path, "cut off")
