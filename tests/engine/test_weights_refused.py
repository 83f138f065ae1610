"""Every bad weights file gives one clear sentence, before torch sees it and without its code."""

import builtins
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from lenet_viz.engine.weights_file import read_weights
from lenet_viz.errors import UserMistake
from tests.engine.weights_files import filled, network, rezipped, saved
from tests.engine.weights_files import safetensors as safetensors_file


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither torch nor safetensors may be handed the file."""

    def seen(*_: Any, **__: Any) -> None:
        pytest.fail("the file was read before it was refused")  # no error that is caught

    monkeypatch.setattr(torch, "load", seen)
    monkeypatch.setattr("safetensors.safe_open", seen)


def refusal(path: Path, *words: str) -> str:
    """The sentence that `path` is refused with, after a look at its form."""
    with pytest.raises(UserMistake) as caught:
        read_weights(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert sentence.endswith((".", "…).", "”)."))
    for name, _ in caught.value.message.values:
        assert f"{{{name}}}" not in sentence
    for word in words:
        assert word in sentence
    return sentence


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("place", ["alone", "in a dict", "as a key"])
def test_an_evil_pickle_runs_nothing(tmp_path: Path, unseen: None, place: str) -> None:
    evil = Evil(tmp_path / "proof")
    value = {"alone": evil, "in a dict": {"w": torch.ones(2), "x": evil}, "as a key": {evil: 1}}
    path = saved(tmp_path / "w.pt", value[place])

    refusal(path, "mkdir", "nothing of it was run", "model.state_dict()")

    assert not (tmp_path / "proof").exists()
    with zipfile.ZipFile(path) as archive:
        evil_bytes = archive.read("w/data.pkl")
    if place == "alone":  # the file is as evil as it should be
        pickle.loads(evil_bytes)
        assert (tmp_path / "proof").exists()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_bare_pickle_runs_nothing(tmp_path: Path, unseen: None, protocol: int) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(pickle.dumps(Evil(tmp_path / "proof"), protocol))

    refusal(path, "bare pickle", "nothing of it was run")
    assert not (tmp_path / "proof").exists()


@pytest.mark.parametrize("protocol", [0, 1])
def test_an_old_bare_pickle_runs_nothing(tmp_path: Path, unseen: None, protocol: int) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(pickle.dumps(Evil(tmp_path / "proof"), protocol))

    refusal(path, "torch.save")
    assert not (tmp_path / "proof").exists()


def test_what_a_program_has_allowed_torch_to_call_is_not_called(
    tmp_path: Path, unseen: None
) -> None:
    path = saved(tmp_path / "w.pt", {"x": Evil(tmp_path / "proof")})

    with torch.serialization.safe_globals([os.mkdir]):
        refusal(path, "mkdir")
    assert not (tmp_path / "proof").exists()


def test_a_whole_model_is_told_how_to_be_saved(tmp_path: Path, unseen: None) -> None:
    refusal(saved(tmp_path / "w.pt", network()), "whole model", "Sequential", "model.state_dict()")
    refusal(saved(tmp_path / "v.pt", {"model": nn.Linear(2, 2), "epoch": 1}), "whole model")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch gives TorchScript up
def test_torchscript_is_refused(tmp_path: Path, unseen: None) -> None:
    traced = torch.jit.trace(nn.Linear(2, 2), torch.ones(1, 2))
    torch.jit.save(traced, str(tmp_path / "w.pt"))

    refusal(tmp_path / "w.pt", "TorchScript", "state_dict()")


def test_the_old_format_is_told_how_to_be_renewed(tmp_path: Path, unseen: None) -> None:
    torch.save(filled(), tmp_path / "w.pt", _use_new_zipfile_serialization=False)

    refusal(tmp_path / "w.pt", "before torch 1.6", "Save it again")


@pytest.mark.parametrize("text", ["no weights", "{}\n", "import torch\n" * 999, "ﬀ 模型\n" * 999])
def test_text_is_refused(tmp_path: Path, unseen: None, text: str) -> None:
    path = tmp_path / "w.safetensors"
    path.write_text(text, encoding="utf-8")

    refusal(path, "is text, not weights")


@pytest.mark.parametrize("content", [b"\x89HDF\r\n\x1a\n", b"\xff" * 99, b"\x00" * 99, b"\x80"])
def test_something_else_is_refused(tmp_path: Path, unseen: None, content: bytes) -> None:
    (tmp_path / "w.pt").write_bytes(content)

    refusal(tmp_path / "w.pt", "torch.save")


def test_an_empty_file_is_refused(tmp_path: Path, unseen: None) -> None:
    (tmp_path / "w.pt").touch()

    refusal(tmp_path / "w.pt", "empty (0 bytes)")


@pytest.mark.parametrize("left", [0.99, 0.5, 0.1])
@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_a_file_cut_off_is_refused(tmp_path: Path, unseen: None, name: str, left: float) -> None:
    path = tmp_path / name
    if name == "w.pt":
        saved(path, filled())
    else:
        safetensors.torch.save_file(filled(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left)])

    refusal(path, "cut off", "again")


def test_one_changed_number_in_a_torch_file_is_noticed(tmp_path: Path, unseen: None) -> None:
    path = saved(tmp_path / "w.pt", {"w": torch.full((100,), 1.5)})
    content = bytearray(path.read_bytes())
    content[content.index(struct.pack("<f", 1.5) * 9) + 21] ^= 1
    path.write_bytes(content)

    refusal(path, "checksum", "data/0")


def test_a_folder_is_refused(tmp_path: Path, unseen: None) -> None:
    (tmp_path / "w.pt").mkdir()

    refusal(tmp_path / "w.pt", "is a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path, unseen: None) -> None:
    os.mkfifo(tmp_path / "w.pt")

    refusal(tmp_path / "w.pt", "no ordinary file")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path, unseen: None) -> None:
    refusal(tmp_path / "w.pt", "There is no weights file")
    (tmp_path / "file").touch()
    refusal(tmp_path / "file" / "w.pt", "There is no weights file")


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, unseen: None) -> None:
    refusal(tmp_path / ("w" * 300), "cannot be read")
    with pytest.raises(UserMistake, match="cannot be read"):
        read_weights(tmp_path / "w\0.pt")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="the system has no permissions like that")
def test_a_file_that_may_not_be_read_says_so(
    tmp_path: Path, unseen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "w.pt", filled())
    path.chmod(0)
    if os.geteuid() == 0:  # whom the system lets read everything
        opened = builtins.open

        def refuses(file: Any, *rest: Any, **more: Any) -> Any:
            if Path(file) == path:
                raise PermissionError(13, "Permission denied", str(path))
            return opened(file, *rest, **more)

        monkeypatch.setattr(builtins, "open", refuses)

    refusal(path, "may not be read by you", "permissions")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([torch.ones(2)], "a list of 1"),
        ((torch.ones(2), 3), "a list of 2"),
        (torch.ones(2, 3), "a single tensor of shape (2, 3)"),
        (3.5, "a value of type float"),
        ("text", "a value of type str"),
        (None, "a value of type NoneType"),
        ({0: torch.ones(2)}, "keys are not names, such as 0"),
        ({}, "a dict without tensors"),
        ({"epoch": 3, "x": [torch.ones(2)]}, "without tensors (its keys: epoch, x)"),
        ({"a": {"w": torch.ones(2)}, "b": {"w": torch.ones(2)}}, "several dicts of tensors: a, b"),
    ],
)
def test_what_is_no_dict_of_tensors_is_named(tmp_path: Path, value: Any, found: str) -> None:
    refusal(saved(tmp_path / "w.pt", value), found, "torch.save(")


def test_an_optimizer_is_no_weights(tmp_path: Path) -> None:
    optimizer = torch.optim.Adam(network().parameters())

    refusal(saved(tmp_path / "w.pt", optimizer.state_dict()), "state, param_groups")


@pytest.mark.filterwarnings("ignore")  # torch warns of the kinds of tensors it will give up
@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: torch.eye(3).to_sparse(), "sparse"),
        (lambda: torch.eye(3).to_sparse_csr(), "sparse"),
        (lambda: torch.ones(3, device="meta"), "meta"),
        (lambda: torch.quantize_per_tensor(torch.ones(3), 1.0, 0, torch.qint8), "quantized"),
        (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "nested"),
        (lambda: torch.ones(3, dtype=torch.complex64).conj(), "conjugated"),
    ],
)
def test_other_kinds_of_tensors_are_refused(
    tmp_path: Path, unseen: None, make: Any, word: str
) -> None:
    refusal(saved(tmp_path / "w.pt", {"w": make()}), word, "w.pt")


def test_a_saved_run_is_no_weights(tmp_path: Path, unseen: None) -> None:
    import lenet_viz

    lenet_viz.capture(nn.Linear(2, 2), torch.ones(1, 2)).save(tmp_path / "run.lvcap")

    refusal(tmp_path / "run.lvcap", "is a saved run")


def test_a_zip_file_of_others_is_refused(tmp_path: Path, unseen: None) -> None:
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as archive:
        archive.writestr("a/readme.txt", "hello")

    refusal(tmp_path / "w.pt", "not one from torch.save")


def test_a_list_of_another_protocol_is_refused(tmp_path: Path, unseen: None) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "w.pt", pickle_protocol=4)

    refusal(tmp_path / "w.pt", "protocol", "Save it again")


def test_a_safetensors_file_without_tensors_is_refused(tmp_path: Path) -> None:
    refusal(safetensors_file(tmp_path / "w.safetensors", {}, 0), "without tensors")


def test_a_tensor_without_all_of_its_numbers_is_refused(tmp_path: Path, unseen: None) -> None:
    def without(name: str, content: bytes) -> bytes | None:
        return None if name == "data/0" else content

    refusal(rezipped(saved(tmp_path / "w.pt", filled()), without), "damaged", "data/0")
    shorter = saved(tmp_path / "v.pt", {"w": torch.ones(4)})
    rezipped(shorter, lambda name, content: content[:8] if name == "data/0" else content)
    refusal(shorter, "declares 16 bytes", "stores 8")
