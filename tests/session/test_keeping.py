"""How weights begin, as a session asks for it and tells of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from torch import nn

from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load
from lenet_viz.engine.messages import RunDone
from lenet_viz.engine.torch_run import run
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.initialisation import AS_TORCH, Initialisation
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.spec import Spec
from lenet_viz.network.untouched import KeptWeights
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.session.building import base_of
from lenet_viz.session.choosing import for_model, for_spec
from lenet_viz.session.provenance import facts_of, initialisation, kept_layers, weights_seed
from lenet_viz.session.python_lines import network_lines
from lenet_viz.session.request import request_for
from lenet_viz.session.session import default_settings
from lenet_viz.session.state import OwnModel, Settings, State
from tests.session.pretend_engine import Desk


def kept_by_edit(
    state: State, spec: Spec, renamed: Mapping[str, str] = MappingProxyType({})
) -> KeptWeights | None:
    """What an edited network keeps of the weights at hand."""
    base = base_of(state)
    if base is None:
        return None
    return base.with_names(dict(renamed)).kept(replace(state.settings, spec=spec))


HE = Initialisation("he_normal")
NOTEBOOK = presets.get("notebook").spec


def wider(channels: int) -> Spec:
    """Return the notebook's network with another number of channels between its convolutions."""
    changed = {"conv1": {"out_channels": channels}, "conv2": {"in_channels": channels}}
    nodes = tuple(
        replace(node, settings={**node.settings, **changed.get(node.id, {})})
        for node in NOTEBOOK.nodes
    )
    return replace(NOTEBOOK, nodes=nodes)


def edit(desk: Desk, spec: Spec, **renamed: str) -> Settings:
    """Have a session take an edited network, as a builder does."""
    kept = kept_by_edit(desk.state, spec, renamed)
    desk.session.change_settings(replace(for_spec(desk.state.settings, spec), kept=kept))
    return desk.state.settings


def real(folder: Path, **changed: object) -> Capture:
    """Return a real run of the notebook's network."""
    desk = Desk()
    request = request_for(desk.state, 1, str(folder), backward=False)
    reply = run(replace(request, **changed), lambda *_: None)
    assert isinstance(reply, RunDone), reply
    return load(reply.capture)


def test_a_choice_of_initialisation_draws_all_weights_anew() -> None:
    desk = Desk()
    desk.backward()
    desk.session.choose_initialisation(HE)
    assert desk.state.stale_forward
    assert desk.state.stale_network
    desk.backward()
    assert desk.last.initialisation == HE
    assert desk.last.weights is None
    assert desk.last.grads is None
    desk.backward()
    assert desk.last.weights is not None, "the run before has them now"
    assert desk.last.initialisation == HE, "the capture tells of it"


def test_the_choice_stays_with_other_networks() -> None:
    desk = Desk()
    desk.session.choose_initialisation(HE)
    desk.session.choose_preset("tutorial")
    assert desk.state.settings.initialisation == HE
    desk.session.choose_spec(wider(4))
    assert desk.state.settings.initialisation == HE


def test_where_no_weights_are_drawn_is_known() -> None:
    settings = default_settings()
    assert settings.draws_weights
    assert not default_settings("toy").draws_weights
    assert not replace(settings, weights_file=WeightsChoice("/w.pt")).draws_weights
    own = OwnModel(ModelCode("/net.py", "", "Net", "", "0" * 64))
    assert not for_model(settings, own, None).draws_weights


def test_an_edit_keeps_the_weights_at_hand() -> None:
    desk = Desk()
    desk.backward()
    blob = desk.state.weights
    settings = edit(desk, wider(4))
    assert settings.kept is not None
    assert settings.kept.blob == blob
    assert [new for new, _ in settings.kept.pairs] == ["fc1", "fc2", "fc3"]
    desk.session.forward()
    assert desk.last.weights is None
    assert desk.last.grads is None, "no .grad is of this network"
    assert desk.last.kept_weights == blob
    assert desk.last.kept == settings.kept.pairs
    assert desk.last.updates == 0


def test_edits_without_a_run_between_them_keep_what_each_left_alone() -> None:
    desk = Desk()
    desk.backward()
    blob = desk.state.weights
    assert blob is not None
    edit(desk, wider(4))
    nodes = tuple(
        replace(node, module="entry" if node.module == "fc1" else node.module)
        for node in wider(5).nodes
    )
    settings = edit(desk, replace(NOTEBOOK, nodes=nodes), entry="fc1")
    assert settings.kept == KeptWeights(blob, (("entry", "fc1"), ("fc2", "fc2"), ("fc3", "fc3")))
    # Taken back before a run, everything is as it was.
    settings = edit(desk, NOTEBOOK)
    assert settings.kept is None
    assert not desk.state.stale_network


def test_without_weights_nothing_is_kept() -> None:
    desk = Desk()
    assert kept_by_edit(desk.state, wider(4)) is None
    desk.forward()
    assert kept_by_edit(desk.state, presets.get("toy").spec) is None
    desk.session.choose_weights_seed(5)
    assert kept_by_edit(desk.state, wider(4)) is None, "the weights at hand are not these"


@pytest.mark.parametrize("choose", ["seed", "initialisation", "file", "preset"])
def test_what_draws_anew_keeps_nothing(choose: str) -> None:
    desk = Desk()
    desk.forward()
    edit(desk, wider(4))
    assert desk.state.settings.kept is not None
    if choose == "seed":
        desk.session.choose_weights_seed(9)
    elif choose == "initialisation":
        desk.session.choose_initialisation(HE)
    elif choose == "file":
        desk.session.choose_weights_file(WeightsChoice("/w.pt"))
    else:
        desk.session.choose_preset("tutorial")
    assert desk.state.settings.kept is None


def test_a_capture_tells_how_its_weights_began(tmp_path: Path) -> None:
    capture = real(tmp_path, initialisation=HE)
    facts = facts_of(capture)
    assert facts["weights_seed"] == "0"
    assert facts["initialisation"] == "he-normal"
    assert initialisation(capture) == HE
    plain = real(tmp_path)
    assert "initialisation" not in facts_of(plain)
    assert initialisation(plain) == AS_TORCH
    after = real(tmp_path, initialisation=HE, updates=2)
    assert "initialisation" not in facts_of(after)
    assert network_lines(after) == "print(net)"


@pytest.mark.parametrize("choice", [HE, Initialisation("constant", 0.1), AS_TORCH])
def test_the_printed_lines_make_the_same_weights(tmp_path: Path, choice: Initialisation) -> None:
    capture = real(tmp_path, initialisation=choice, weights_seed=3)
    names = {"torch": torch, "nn": nn, "Net": lambda: build(NOTEBOOK)}
    with torch.random.fork_rng(devices=[]):
        exec(network_lines(capture).removesuffix("print(net)"), names)
    for name, tensor in names["net"].state_dict().items():  # type: ignore[attr-defined]
        assert (capture.parameters[name].value == tensor.numpy()).all(), name


def test_an_edited_network_does_not_claim_its_seed_alone(tmp_path: Path) -> None:
    desk = Desk()
    request = request_for(desk.state, 2, str(tmp_path), backward=False)
    first = run(request, lambda *_: None)
    assert isinstance(first, RunDone)
    every = tuple((name, name) for name in NOTEBOOK.modules())
    some = real(tmp_path, kept_weights=first.weights, kept=every[1:], initialisation=HE)
    assert kept_layers(some) == tuple(name for name, _ in every[1:])
    assert weights_seed(some) == "0"
    assert facts_of(some)["kept"].split() == [name for name, _ in every[1:]]
    assert network_lines(some) == "print(net)"
    whole = real(tmp_path, kept_weights=first.weights, kept=every)
    assert weights_seed(whole) == ""
    assert network_lines(whole) == "print(net)"
