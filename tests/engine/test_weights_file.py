"""Sound weights files are read bit for bit, whatever wrote them."""

import struct
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from lenet_viz.engine.weights_file import read_weights
from lenet_viz.errors import UserMistake
from tests.engine.weights_files import entry, filled, network, rezipped, saved
from tests.engine.weights_files import safetensors as safetensors_file


def _same(found: Any, wanted: Any) -> bool:
    return list(found) == list(wanted) and all(
        torch.equal(found[name], wanted[name]) and found[name].dtype == wanted[name].dtype
        for name in wanted
    )


def test_a_file_of_torch_save_is_read(tmp_path: Path) -> None:
    weights = filled()

    found = read_weights(saved(tmp_path / "w.pt", weights))

    assert _same(found, weights)
    assert found.notes == ()


def test_a_state_dict_with_its_metadata_is_read(tmp_path: Path) -> None:
    state = network().state_dict()  # an OrderedDict with versions laid over it

    assert _same(read_weights(saved(tmp_path / "w.pt", state)), state)


def test_parameters_are_read(tmp_path: Path) -> None:
    state = network().state_dict(keep_vars=True)

    assert _same(read_weights(saved(tmp_path / "w.pt", state)), state)


def test_a_safetensors_file_is_read(tmp_path: Path) -> None:
    weights = filled()
    safetensors.torch.save_file(weights, tmp_path / "w.safetensors")

    found = read_weights(tmp_path / "w.safetensors")

    assert {name: tensor.tolist() for name, tensor in found.items()} == {
        name: tensor.tolist() for name, tensor in weights.items()
    }


@pytest.mark.parametrize("name", ["w.safetensors", "w.txt", "w", "模型 ü.bin"])
def test_the_content_tells_the_kind_not_the_name(tmp_path: Path, name: str) -> None:
    weights = filled()

    assert _same(read_weights(saved(tmp_path / name, weights)), weights)
    safetensors.torch.save_file(weights, tmp_path / "other.pt")
    assert len(read_weights(tmp_path / "other.pt")) == len(weights)


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.bool, torch.int64,
        torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32,
        torch.float8_e4m3fn, torch.float8_e5m2,
    ],
)  # fmt: skip
def test_every_type_is_read(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = torch.arange(1, 7, dtype=torch.float32).to(dtype).reshape(2, 3)
    bits = tensor.view(torch.uint8)
    safetensors.torch.save_file({"w": tensor}, tmp_path / "w.safetensors")
    saved(tmp_path / "w.pt", {"w": tensor})

    for name in ("w.pt", "w.safetensors"):
        found = read_weights(tmp_path / name)["w"]
        assert found.dtype == dtype
        assert torch.equal(found.view(torch.uint8), bits)


def test_tensors_that_share_a_storage_are_read(tmp_path: Path) -> None:
    numbers = torch.arange(12.0)
    weights = {"a": numbers, "b": numbers[3:7], "c": numbers.view(3, 4).t(), "d": numbers[:0]}

    assert _same(read_weights(saved(tmp_path / "w.pt", weights)), weights)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,) * 12])
def test_odd_shapes_are_read(tmp_path: Path, shape: tuple[int, ...]) -> None:
    weights = {"w": torch.ones(shape)}
    safetensors.torch.save_file(weights, tmp_path / "w.safetensors")

    assert _same(read_weights(saved(tmp_path / "w.pt", weights)), weights)
    assert _same(read_weights(tmp_path / "w.safetensors"), weights)


def test_weights_from_a_gpu_are_read_on_the_cpu(tmp_path: Path) -> None:
    weights = filled()

    def on_gpu(name: str, content: bytes) -> bytes:
        cpu, gpu = (struct.pack("<cI", b"X", len(w)) + w for w in (b"cpu", b"cuda:0"))
        if name == "data.pkl":
            assert content.count(cpu) == 1  # the others refer to it
        return content.replace(cpu, gpu) if name == "data.pkl" else content

    path = rezipped(saved(tmp_path / "w.pt", weights), on_gpu)
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="CUDA"):  # the file says what it should
            torch.load(path, weights_only=True)

    found = read_weights(path)

    assert _same(found, weights)
    assert {tensor.device.type for tensor in found.values()} == {"cpu"}


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict", "net"])
def test_the_only_dict_of_tensors_of_a_checkpoint_is_taken(tmp_path: Path, key: str) -> None:
    model = network()
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.zeros(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
    state = model.state_dict()
    checkpoint = {
        "epoch": 3, "lr": 0.1, "name": "lenet", "best": None, "done": False, "big": 2**40,
        key: state, "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
        "history": [1.5, (2, "x")], "shape": torch.Size([1, 28]), "device": torch.device("cpu"),
        "rng": torch.get_rng_state(), "dtype": torch.float32,
    }  # fmt: skip

    found = read_weights(saved(tmp_path / "w.pt", checkpoint))

    assert _same(found, state)
    (note,) = found.notes
    assert f"“{key}”" in note.english()


def test_a_state_dict_deeper_in_a_checkpoint_is_taken(tmp_path: Path) -> None:
    found = read_weights(saved(tmp_path / "w.pt", {"a": {"b": {"w": torch.ones(2)}}, "n": 1}))

    assert list(found) == ["w"]
    assert "“a.b”" in found.notes[0].english()


def test_one_dict_under_two_names_is_one(tmp_path: Path) -> None:
    state = {"w": torch.ones(2)}

    assert list(read_weights(saved(tmp_path / "w.pt", {"a": state, "b": state}))) == ["w"]


def test_what_is_no_tensor_is_left_out_and_said(tmp_path: Path) -> None:
    found = read_weights(saved(tmp_path / "w.pt", {"w": torch.ones(2), "epoch": 3, "note": "x"}))

    assert list(found) == ["w"]
    assert "2 entries" in found.notes[0].english()
    assert "epoch, note" in found.notes[0].english()


def test_extra_state_of_a_module_is_left_out_and_said(tmp_path: Path) -> None:
    class Extra(nn.Linear):
        def get_extra_state(self) -> dict[str, torch.Tensor]:
            return {"scale": torch.ones(1)}

    found = read_weights(saved(tmp_path / "w.pt", Extra(2, 2).state_dict()))

    assert list(found) == ["weight", "bias"]
    assert "_extra_state" in found.notes[0].english()


def test_a_file_without_checksums_is_read_and_that_is_said(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        saved(tmp_path / "w.pt", filled())
    finally:
        torch.serialization.set_crc32_options(True)

    found = read_weights(tmp_path / "w.pt")

    assert _same(found, filled())
    assert "checksums" in found.notes[0].english()


def test_numbers_of_the_other_byte_order_are_turned(tmp_path: Path) -> None:
    weights = {"w": torch.arange(5.0)}

    def turned(name: str, content: bytes) -> bytes:
        if name == "data/0":
            return b"".join(content[i : i + 4][::-1] for i in range(0, len(content), 4))
        return b"big" if name == "byteorder" else content

    assert _same(read_weights(rezipped(saved(tmp_path / "w.pt", weights), turned)), weights)


def test_a_large_safetensors_file_is_mapped_not_read(tmp_path: Path) -> None:
    size = 5 * 2**30
    header = {"w": entry("U8", [size], 0, size)}
    path = safetensors_file(tmp_path / "w.safetensors", header, size)
    before = _own_memory()

    found = read_weights(path)

    assert found["w"].shape == (size,)
    assert int(found["w"][-1]) == 0
    assert _own_memory() - before < 2**28


def _own_memory() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("this system does not tell how much memory a process has")
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def test_torch_is_asked_for_weights_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    load = torch.load

    def spy(file: Any, **settings: Any) -> Any:
        asked.update(settings)
        return load(file, **settings)

    monkeypatch.setattr(torch, "load", spy)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")

    read_weights(saved(tmp_path / "w.pt", filled()))

    assert asked == {"weights_only": True, "map_location": "cpu", "mmap": False}


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match=r"no weights file “.*w\.pt”"):
        read_weights(tmp_path / "w.pt")
