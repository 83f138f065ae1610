"""Runs of an edited network: layers that keep their weights, layers that begin anew."""

import io
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lenet_viz.capture.blobs import blob_path
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load, read_blob, write_blob
from lenet_viz.engine.finite_difference import check
from lenet_viz.engine.frames import BadFrame, decode, encode, read
from lenet_viz.engine.messages import (
    CheckDone,
    CheckRequest,
    InputRequest,
    Nudge,
    RunDone,
    RunFailed,
    RunRequest,
)
from lenet_viz.engine.run_files import RunFiles
from lenet_viz.engine.torch_run import run
from lenet_viz.engine.update import update
from lenet_viz.engine.update_messages import Trained, UpdateRequest
from lenet_viz.errors import RunBroke
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.initialisation import Initialisation
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.network.spec import INPUT, Node, Spec
from lenet_viz.network.untouched import kept_pairs

HE = Initialisation("he_normal")


def quiet(*_: object) -> None:
    """Take a stage and say nothing."""


def small(*, kernel: int = 3, first: str = "first", hidden: int = 5) -> Spec:
    """Return a network with a convolution, batch norm and two linear layers."""
    size = 8 * (8 - kernel + 1)
    settings = {"in_channels": 1, "out_channels": 8, "kernel_size": (kernel, 8)}
    return Spec(
        "small",
        (1, 8, 8),
        (
            Node("conv", "conv2d", (INPUT,), settings, first),
            Node("norm", "batch_norm2d", ("conv",), {"num_features": 8}),
            Node("flat", "flatten", ("norm",)),
            Node("fc1", "linear", ("flat",), {"in_features": size, "out_features": hidden}),
            Node("fc2", "linear", ("fc1",), {"in_features": hidden, "out_features": 3}),
        ),
    )


def asked(folder: Path, spec: Spec, number: int = 1, **changed: Any) -> RunRequest:
    made = RunRequest(
        run=number,
        spec=spec.to_json(),
        preset="",
        weights_seed=4,
        weights=None,
        input=InputRequest("random", seed=1),
        objective="cross-entropy:1",
        objective_seed=2,
        zero_grad=True,
        grads=None,
        folder=str(folder),
    )
    return replace(made, **changed)


def ran(request: RunRequest) -> tuple[RunDone, Capture]:
    reply = run(request, quiet)
    assert isinstance(reply, RunDone), reply
    return reply, load(reply.capture)


def blob(folder: Path, name: str) -> dict[str, np.ndarray]:
    found = read_blob(folder, name)
    return {name: np.array(found[name]) for name in found}


def updated(folder: Path, done: RunDone, capture: Capture) -> str:
    """Return the blob of the weights after one update."""
    assert done.grads is not None
    names = tuple(Trained((each.name,), "float32") for each in capture.parameters)
    optimiser = OptimiserChoice(lr=0.5)
    request = UpdateRequest(9, optimiser, names, done.weights, done.grads, None, str(folder))
    return update(request, quiet).weights


def test_untouched_layers_keep_their_weights_and_buffers_bit_for_bit(tmp_path: Path) -> None:
    old, new = small(), small(kernel=3, hidden=6)
    first, capture = ran(asked(tmp_path, old))
    trained = updated(tmp_path, first, capture)
    kept = kept_pairs(old, new)
    assert [name for name, _ in kept] == ["first", "norm"]
    second, _ = ran(
        asked(tmp_path, new, 2, kept_weights=trained, kept=kept, initialisation=HE, weights_seed=7)
    )
    before, after = blob(tmp_path, trained), blob(tmp_path, second.weights)
    for name, array in after.items():
        if name.startswith(("first.", "norm.")):
            assert array.tobytes() == before[name].tobytes(), name
    # The new ones are those of the whole network drawn by hand with the same seed.
    net = build(new, seed=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        for layer in (net.first, net.fc1, net.fc2):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert np.array_equal(after["fc1.weight"], net.fc1.weight.detach().numpy())
    assert np.array_equal(after["fc2.weight"], net.fc2.weight.detach().numpy())
    assert not after["fc1.bias"].any()
    # The blob is the network's own: what follows names it alone.
    third, again = ran(asked(tmp_path, new, 3, weights=second.weights))
    assert third.weights == second.weights
    assert not third.notes
    for parameter in again.parameters:
        assert np.array_equal(parameter.value, after[parameter.name])


def test_a_kept_run_says_which_layers_begin_anew(tmp_path: Path) -> None:
    old, new = small(), small(hidden=6)
    first, _ = ran(asked(tmp_path, old))
    kept = kept_pairs(old, new)
    second, capture = ran(
        asked(tmp_path, new, 2, kept_weights=first.weights, kept=kept, initialisation=HE)
    )
    (note,) = second.notes
    for word in ("fc1, fc2", "seed 4", "He normal"):
        assert word in note.english()
    assert "first" not in note.english()
    assert capture.settings["kept"] == "first norm"
    assert capture.settings["initialisation"] == "he-normal"
    same, _ = ran(asked(tmp_path, old, 3, kept_weights=first.weights, kept=kept_pairs(old, old)))
    assert not same.notes
    assert same.weights == first.weights


def test_a_renamed_layer_keeps_its_weights_where_it_is_told_so(tmp_path: Path) -> None:
    old, new = small(), small(first="entry")
    first, _ = ran(asked(tmp_path, old))
    kept = kept_pairs(old, new, {"entry": "first"})
    second, capture = ran(
        asked(tmp_path, new, 2, kept_weights=first.weights, kept=kept, weights_seed=5)
    )
    before, after = blob(tmp_path, first.weights), blob(tmp_path, second.weights)
    assert np.array_equal(after["entry.weight"], before["first.weight"])
    assert np.array_equal(after["fc2.bias"], before["fc2.bias"])
    assert capture.settings["kept"] == "entry=first norm fc1 fc2"


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ((("fc1", "fc1"),), ("fc1.weight", "(5, 48)", "(5, 32)")),
        ((("norm", "fc1"),), ("norm.", "(5", "(8,)")),
        ((("fc2", "fc9"),), ("fc2.weight", "missing")),
        ((("fc9", "fc2"),), ("fc9.", "(3,", "nothing of that name")),
        ((("fc9", "fc8"),), ("fc9 is missing", "a layer with weights")),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    tmp_path: Path, kept: tuple[tuple[str, str], ...], words: tuple[str, ...]
) -> None:
    first, _ = ran(asked(tmp_path, small()))
    # The program named the blob, so the user is not to blame.
    with pytest.raises(RunBroke) as caught:
        run(asked(tmp_path, small(kernel=5), 2, kept_weights=first.weights, kept=kept), quiet)
    for word in words:
        assert word in str(caught.value)


def test_pokes_updates_and_checks_of_a_kept_run(tmp_path: Path) -> None:
    old, new = small(), small(hidden=6)
    first, _ = ran(asked(tmp_path, old))
    request = asked(
        tmp_path, new, 2, kept_weights=first.weights, kept=kept_pairs(old, new), initialisation=HE
    )
    second, capture = ran(request)
    # A check repeats the very run, whether it names its weights or how they are made.
    gradient = capture.parameters["first.weight"].gradient
    assert gradient is not None
    at = tuple(int(one) for one in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    nudge = Nudge("parameter", "first.weight", at, 0.0)
    named = replace(request, weights=second.weights)
    for base in (request, named):
        reply = check(CheckRequest(5, base, nudge), quiet)
        assert isinstance(reply, CheckDone), reply
        assert abs(reply.estimate - gradient[at]) <= reply.error + 1e-3 * abs(gradient[at])
    # A poked run names its own weights beside those without the poke.
    poked, other = ran(replace(named, run=3, nudges=(replace(nudge, amount=0.5),)))
    assert poked.weights == second.weights
    assert poked.nudged is not None
    value = other.parameters["first.weight"].value
    assert value[at] == pytest.approx(capture.parameters["first.weight"].value[at] + 0.5)
    # An update goes on from the run's blob.
    trained = updated(tmp_path, second, capture)
    after = blob(tmp_path, trained)["first.weight"]
    np.testing.assert_allclose(
        after, capture.parameters["first.weight"].value - 0.5 * gradient, rtol=1e-5, atol=1e-7
    )


def test_a_preset_with_weights_of_its_own_keeps_them(tmp_path: Path) -> None:
    spec = presets.get("toy").spec
    made = asked(tmp_path, spec, preset="toy", input=InputRequest("preset"))
    made = replace(made, objective=None)
    plain, _ = ran(made)
    chosen, capture = ran(replace(made, run=2, initialisation=HE))
    assert chosen.weights == plain.weights
    assert "initialisation" not in capture.settings


def test_a_network_that_fails_still_says_how_it_began(tmp_path: Path) -> None:
    broken = Spec(
        "broken",
        (1, 8, 8),
        (
            Node("flat", "flatten", (INPUT,)),
            Node("fc", "linear", ("flat",), {"in_features": 63, "out_features": 3}),
        ),
    )
    reply = run(asked(tmp_path, broken, initialisation=HE), quiet)
    assert isinstance(reply, RunFailed)
    assert reply.capture is not None
    assert load(reply.capture).settings["initialisation"] == "he-normal"


def test_the_choice_comes_through_the_pipe(tmp_path: Path) -> None:
    request = asked(
        tmp_path,
        small(),
        initialisation=Initialisation("constant", 0.1),
        kept_weights="ab" * 32,
        kept=(("a", "b"), ("c", "c")),
    )
    assert read(io.BytesIO(encode(request))) == request
    inside = CheckRequest(2, request, Nudge("input", "0", (0,), 0.0))
    assert read(io.BytesIO(encode(inside))) == inside


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kept", [["a"]]),
        ("kept", [["a", 1]]),
        ("kept", ["ab"]),
        ("kept_weights", 3),
        ("initialisation", {"kind": "trained", "value": 0.0}),
        ("initialisation", {"kind": "constant", "value": 1e300}),
        ("initialisation", {"kind": "constant", "value": "1"}),
    ],
)
def test_what_is_no_choice_is_a_bad_frame(tmp_path: Path, field: str, value: object) -> None:
    frame = encode(asked(tmp_path, small()))
    fields = {**json.loads(frame[4:]), field: value}
    with pytest.raises((TypeError, ValueError)):
        decode(fields)
    body = json.dumps(fields).encode()
    with pytest.raises(BadFrame):
        read(io.BytesIO(struct.pack(">I", len(body)) + body))


def test_the_weights_before_an_edit_outlive_many_runs(tmp_path: Path) -> None:
    files = RunFiles(kept=2)
    made = [write_blob({"w": np.float32([number])}, tmp_path) for number in range(9)]
    files.hold(tmp_path, made[0])
    for number, name in enumerate(made):
        capture = tmp_path / f"run-{number}.lvcap"
        capture.write_bytes(b"")
        files.add(RunDone(number, str(capture), name, None))
    assert read_blob(tmp_path, made[0])["w"].tolist() == [0.0]
    assert not blob_path(tmp_path, made[1]).exists()
    for name in (made[7], made[7], made[8]):  # held last, and twice as one
        files.hold(tmp_path, name)
    files.add(RunDone(9, str(tmp_path / "run-9.lvcap"), made[8], None))
    assert not blob_path(tmp_path, made[0]).exists()
    assert blob_path(tmp_path, made[7]).exists()
