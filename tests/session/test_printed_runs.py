"""The log's own code, run by Python with torch, prints what the log says it prints."""

from pathlib import Path

import pytest
import torch
from torch import nn

from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load
from lenet_viz.engine.messages import InputRequest, RunDone, RunRequest
from lenet_viz.engine.torch_run import run
from lenet_viz.network import presets
from lenet_viz.network.code import source
from lenet_viz.session.printed import backward_entries, forward_entries
from lenet_viz.session.state import LogEntry


def _run(request: RunRequest) -> tuple[RunDone, Capture]:
    reply = run(request, lambda stage, fraction: None)
    assert isinstance(reply, RunDone)
    return reply, load(reply.capture)


def _request(preset: str, word: str | None, folder: Path, kind: str = "random") -> RunRequest:
    spec = presets.get(preset).spec
    chosen = InputRequest(kind, label=7, seed=1)
    return RunRequest(1, spec.to_json(), preset, 3, None, chosen, word, 2, True, None, str(folder))


def _execute(entries: tuple[LogEntry, ...], preset: str) -> list[tuple[LogEntry, str]]:
    printed: list[str] = []
    scope: dict[str, object] = {"torch": torch, "nn": nn}
    exec(source(presets.get(preset).spec).text, scope)
    scope["print"] = lambda value: printed.append(str(value))
    outcome = []
    for entry in entries:
        printed.clear()
        exec(entry.code, scope)
        outcome.append((entry, "\n".join(printed)))
    return outcome


@pytest.mark.parametrize("word", ["random", "output:3", "cross-entropy:7", "mse"])
@pytest.mark.parametrize("preset", ["notebook", "lenet5"])
def test_the_cells_reproduce_the_run(preset: str, word: str, tmp_path: Path) -> None:
    _, capture = _run(_request(preset, word, tmp_path))
    entries = forward_entries(capture) + backward_entries(capture, cleared=True, passes=1)
    with torch.random.fork_rng():
        for entry, printed in _execute(entries, preset):
            if entry.code == "out = net(input)":
                # Here the notebook printed inside forward; the sizes have tests of their own.
                continue
            assert printed == entry.output, entry.code
    assert sum(bool(entry.output) for entry in entries) >= 8


def test_structural_zeros_come_from_the_engines_own_spec(tmp_path: Path) -> None:
    _, capture = _run(_request("notebook", "random", tmp_path, kind="digit"))
    forward = forward_entries(capture)
    assert any("handwritten 7" in str(entry.note) for entry in forward)
    notes = [str(entry.note) for entry in backward_entries(capture, cleared=True, passes=1)]
    assert any("124 of the 1024 pixels" in note for note in notes)
    _, capture = _run(_request("tutorial", "random", tmp_path))
    entries = backward_entries(capture, cleared=True, passes=1)
    assert not any("structurally" in str(entry.note) for entry in entries)
