"""Weights as torch's own file, and a network as ONNX."""

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

from lenet_viz.capture.blobs import write_blob
from lenet_viz.capture.tensors import to_array
from lenet_viz.engine.save import save
from lenet_viz.engine.save_messages import SaveDone, SaveRequest
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.network import presets
from lenet_viz.network.build import build

SPEC = presets.get("batchnorm").spec


def blob(folder: Path) -> tuple[str, torch.nn.Module]:
    net = build(SPEC, seed=4)
    arrays = {name: to_array(value) for name, value in net.state_dict().items()}
    return write_blob(arrays, folder), net


def test_torch_reads_the_file_bit_for_bit(tmp_path: Path) -> None:
    name, net = blob(tmp_path)
    request = SaveRequest(-1, name, str(tmp_path), str(tmp_path / "net.pt"), SPEC.to_json())
    assert save(request, lambda *_: None) == SaveDone(-1, request.path)
    found = torch.load(tmp_path / "net.pt", weights_only=True)
    assert list(found) == list(net.state_dict())
    for key, value in net.state_dict().items():
        assert found[key].dtype == value.dtype
        assert torch.equal(found[key], value)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    name, _ = blob(tmp_path)
    for path, weights in ((tmp_path / "gone" / "net.pt", name), (tmp_path / "net.pt", "0" * 64)):
        with pytest.raises(LenetVizError):
            save(
                SaveRequest(-1, weights, str(tmp_path), str(path), SPEC.to_json()), lambda *_: None
            )
    assert not list(tmp_path.glob("*.pt"))


def test_without_its_packages_onnx_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    name, _ = blob(tmp_path)
    request = SaveRequest(-1, name, str(tmp_path), str(tmp_path / "n.onnx"), SPEC.to_json())
    with pytest.raises(UserMistake, match=r"pip install lenet_viz\[onnx\]"):
        save(request, lambda *_: None)


@pytest.mark.skipif(
    importlib.util.find_spec("onnx") is None or importlib.util.find_spec("onnxscript") is None,
    reason="the extra onnx is not installed",
)
@pytest.mark.filterwarnings("ignore")
def test_onnx_gives_torchs_output(tmp_path: Path) -> None:
    import onnx
    from onnx.reference import ReferenceEvaluator

    name, net = blob(tmp_path)
    request = SaveRequest(-1, name, str(tmp_path), str(tmp_path / "n.onnx"), SPEC.to_json())
    save(request, lambda *_: None)
    model = onnx.load(tmp_path / "n.onnx")
    onnx.checker.check_model(model)
    for batch in (1, 3):
        x = torch.randn(batch, *SPEC.input_shape)
        (found,) = ReferenceEvaluator(model).run(None, {"input": x.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), net.eval()(x), rtol=1e-4, atol=1e-5)
