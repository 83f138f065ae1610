"""Saving the network that is built, opening it again, and coming back to it at the next start."""

import json
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QApplication, QFileDialog
from safetensors.torch import load_file

from lenet_viz.network.spec import Spec
from lenet_viz.session.building import draft_of
from lenet_viz.window.memory import Memory
from tests.window.driver import Program


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> object:
    """Answer the file dialog with a path."""

    def give(path: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))

    return give


def save(program: Program, path: Path) -> None:
    program.session.dismiss_notice()
    program.window.actions_by_name["save_network"].trigger()
    program.wait(lambda: program.state.notice is not None)
    QApplication.processEvents()


def test_json_python_and_weights_come_back(
    program: Program, tmp_path: Path, answer: object
) -> None:
    program.session.choose_preset("toy")
    program.session.change_layer("conv1", "out_channels", 3)
    program.session.mend_all()
    program.session.change_layer("view", "shape", (-1, 12))
    program.session.mend_all()
    program.finish()
    spec = program.state.settings.spec
    assert spec is not None
    for ending in ("json", "py", "safetensors", "pt"):
        answer(tmp_path / f"net.{ending}")  # type: ignore[operator]
        save(program, tmp_path / f"net.{ending}")
        assert f"net.{ending}" in program.notice()
    assert Spec.from_json((tmp_path / "net.json").read_text()) == spec
    names: dict[str, object] = {}
    exec(compile((tmp_path / "net.py").read_text(), "net.py", "exec"), names)
    net = names["Net"]()  # type: ignore[operator]
    net.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    kept = {name: value.clone() for name, value in net.state_dict().items()}
    net.load_state_dict(load_file(tmp_path / "net.safetensors"))
    assert all(torch.equal(kept[name], value) for name, value in net.state_dict().items())
    captured = program.run.capture
    for name, value in net.state_dict().items():
        assert torch.equal(value, torch.from_numpy(captured.parameters[name].value.copy()))
    x = torch.from_numpy(captured.inputs[0].copy())
    assert torch.equal(net(x), torch.from_numpy(captured.steps[-1].activation.copy()))


def test_a_network_that_does_not_fit_is_saved_and_opens_in_the_builder(
    program: Program, tmp_path: Path, answer: object
) -> None:
    program.session.change_layer("conv1", "out_channels", 4)
    answer(tmp_path / "broken.json")  # type: ignore[operator]
    save(program, tmp_path / "broken.json")
    assert (
        json.loads((tmp_path / "broken.json").read_text())["nodes"][0]["settings"]["out_channels"]
        == 4
    )
    program.begin_anew()
    program.window.opening.show_file(tmp_path / "broken.json")
    program.wait(lambda: program.state.building.draft is not None)
    QApplication.processEvents()
    assert program.text("builder_mistake_words").startswith("conv2 takes 6 channels")
    assert program.window.builder.isVisible()
    program.session.mend_all()
    program.finish()
    assert not program.state.stale_backward


def test_weights_of_older_settings_are_not_saved(
    program: Program, tmp_path: Path, answer: object
) -> None:
    program.session.build_automatically(False)
    program.session.change_layer("fc3", "bias", False)
    answer(tmp_path / "w.safetensors")  # type: ignore[operator]
    save(program, tmp_path / "w.safetensors")
    assert "belong to older settings" in program.notice()
    assert not (tmp_path / "w.safetensors").exists()
    program.session.build_automatically(True)
    program.finish()


def test_a_folder_that_is_gone_is_told(program: Program, tmp_path: Path, answer: object) -> None:
    answer(tmp_path / "gone" / "net.json")  # type: ignore[operator]
    save(program, tmp_path)
    assert program.state.notice is not None
    assert program.state.notice.mistake


def test_the_edited_network_is_there_at_the_next_start(program: Program, tmp_path: Path) -> None:
    program.session.change_layer("fc3", "out_features", 7)
    program.finish()
    memory = Memory(tmp_path)
    memory.keep(program.state.settings, program.state.view)
    memory.write()
    again = Memory(tmp_path).settings()
    assert again.spec == program.state.settings.spec
    assert again.title == "notebook-edited"
    assert again.objective.index < 7
    assert Memory(tmp_path).settings("toy").spec != again.spec
    text = json.loads((tmp_path / "window.json").read_text())
    text["edited"] = text["edited"].replace("conv2d", "conv9d")
    (tmp_path / "window.json").write_text(json.dumps(text))
    assert Memory(tmp_path).settings().title == "notebook"
    assert draft_of(program.state) is not None
