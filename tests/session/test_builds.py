"""Building in a session: edits, weights that are kept, undo, and the run that follows."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from lenet_viz.network.build import build
from lenet_viz.network.draft import examine
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.session.building import draft_of
from lenet_viz.session.session import Session
from lenet_viz.session.state import ObjectiveChoice, State
from tests.panels.runs import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.backward()
    return made


def answer(bench: Bench) -> State:
    """Let every run that was asked for end."""
    while bench.engine.requests:
        bench.engine.answer(bench.session)
    return bench.state


def weights(state: State) -> dict[str, np.ndarray]:
    assert state.capture is not None
    return {each.name: np.array(each.value) for each in state.capture.parameters}


def names(state: State) -> list[str]:
    return [node.id for node in draft_of(state).nodes]  # type: ignore[union-attr]


def test_an_edit_that_fits_runs_by_itself_and_keeps_the_other_weights(bench: Bench) -> None:
    before = weights(bench.state)
    bench.session.change_layer("conv2", "padding", 1)  # pools 15 to 7: the view no longer fits
    assert bench.state.settings.spec is not None
    assert examine(draft_of(bench.state)).failed == "view"  # type: ignore[arg-type]
    assert not bench.engine.requests
    bench.session.mend_all()
    state = answer(bench)
    assert state.building.draft is None
    assert not state.stale_backward
    after = weights(state)
    assert {name for name in before if not np.array_equal(before[name], after[name])} == {
        "fc1.weight",
        "fc1.bias",
    }
    assert after["fc1.weight"].shape == (120, 16 * 7 * 7)
    assert state.notice is not None
    assert state.notice.message.english().startswith(
        "New weights for fc1 (seed 0, PyTorch default);"
    )
    assert state.settings.title == "notebook-edited"
    # What is made anew is what the seed gives the edited network.
    assert state.settings.spec is not None
    fresh = build(state.settings.spec, seed=0)
    assert torch.equal(fresh.fc1.weight.detach(), torch.from_numpy(after["fc1.weight"]))


def test_undo_brings_weights_and_numbers_back_bit_for_bit(bench: Bench) -> None:
    session = bench.session
    bench.update()
    bench.backward()
    first, loss = weights(bench.state), bench.state.capture.objective.loss  # type: ignore[union-attr]
    spec = bench.state.settings.spec
    session.delete_layer("relu1")
    answer(bench)
    session.change_layer("conv1", "bias", False)
    answer(bench)
    assert "conv1.bias" not in weights(bench.state)
    for _ in range(2):
        session.undo()
    state = answer(bench)
    assert state.settings.spec == spec
    assert state.settings.title == "notebook"
    assert all(np.array_equal(first[name], value) for name, value in weights(state).items())
    assert state.capture is not None
    assert state.capture.objective is not None
    assert state.capture.objective.loss == loss
    session.redo()
    session.redo()
    assert "conv1.bias" not in weights(answer(bench))
    assert "relu1" not in names(bench.state)
    assert not bench.state.building.future


def test_an_update_is_undone(bench: Bench) -> None:
    before = weights(bench.state)
    bench.update()
    bench.forward()
    assert not np.array_equal(before["conv1.weight"], weights(bench.state)["conv1.weight"])
    bench.session.undo()
    assert bench.state.stale_forward
    assert np.array_equal(before["conv1.weight"], weights(answer(bench))["conv1.weight"])
    assert bench.state.updating.count == 0
    bench.session.redo()
    assert not np.array_equal(before["conv1.weight"], weights(answer(bench))["conv1.weight"])
    assert bench.state.updating.count == 1


def test_settings_are_undone_by_name(bench: Bench) -> None:
    session, first = bench.session, bench.state.settings
    session.choose_weights_seed(5)
    session.choose_zero_grad(False)
    session.choose_preset("lenet5")
    words = [moment.words.english() for moment in bench.state.building.past]
    assert words == ["weights seed 0 → 5", "zero_grad off", "network notebook → lenet5"]
    for _ in range(3):
        session.undo()
    assert bench.state.settings == first
    session.undo()  # nothing is left to undo
    assert not bench.state.building.past
    answer(bench)
    assert not bench.state.stale_backward


def test_a_renamed_layer_keeps_its_weights(bench: Bench) -> None:
    before = weights(bench.state)
    bench.session.rename_layer("fc2", "middle")
    bench.session.rename_layer("middle", "hidden")
    after = weights(answer(bench))
    assert np.array_equal(after["hidden.weight"], before["fc2.weight"])
    for bad in ("", "class", "conv1", "input", "a b", "forward"):
        bench.session.rename_layer("hidden", bad)
        notice = bench.state.notice
        assert notice is not None
        assert notice.mistake, bad
        assert "hidden" in names(bench.state)


def test_the_objective_comes_back_with_an_output_that_it_fits(bench: Bench) -> None:
    session = bench.session
    session.choose_objective(ObjectiveChoice("cross-entropy", 9, 2))
    session.change_layer("fc3", "out_features", 4)
    assert bench.state.settings.objective.index < 4
    session.change_layer("fc3", "out_features", 12)
    assert bench.state.settings.objective.index == 9


def test_building_by_hand_can_be_switched_off(bench: Bench) -> None:
    session = bench.session
    session.build_automatically(False)
    session.change_layer("conv1", "bias", False)
    assert not bench.engine.requests
    assert bench.state.stale_network
    session.build_automatically(True)
    assert not answer(bench).stale_backward


def test_an_edit_during_a_run_is_run_afterwards(bench: Bench) -> None:
    session = bench.session
    session.change_layer("fc3", "bias", False)
    session.change_layer("fc2", "bias", False)
    assert len(bench.engine.requests) == 1
    after = weights(answer(bench))
    assert not {"fc2.bias", "fc3.bias"} & set(after)
    assert not bench.state.stale_backward


def test_lenet5_from_an_empty_list(bench: Bench) -> None:
    session: Session = bench.session
    session.begin_network()
    assert names(bench.state) == []
    session.resize_input((1, 28, 28))
    for op in ("conv2d", "tanh", "avg_pool2d", "conv2d", "tanh", "avg_pool2d", "flatten"):
        session.add_layer(op)
    session.change_layer("conv1", "kernel_size", 5)
    session.change_layer("conv1", "padding", 2)
    session.change_layer("conv2", "kernel_size", 5)
    session.select_layer("flatten1")  # a new layer stands below the selected one
    for features in (120, 84, 10):
        session.add_layer("linear")
        session.change_layer(bench.state.building.focus, "out_features", features)
        if features != 10:
            session.add_layer("tanh")
    state = answer(bench)
    assert state.settings.spec is not None
    assert state.capture is not None
    assert sum(each.value.size for each in state.capture.parameters) == 61_706
    assert state.capture.steps[-1].shape == (1, 10)
    assert not state.stale_backward


def edit_at_random(draw: random.Random, bench: Bench) -> None:
    """Do one thing that the builder offers."""
    session, layers = bench.session, names(bench.state)
    layer = draw.choice(layers) if layers else ""

    def change() -> None:
        node = draft_of(bench.state).node(layer)  # type: ignore[union-attr]
        if node.layer_type.settings:
            setting = draw.choice(node.layer_type.settings).name
            value = draw.choice([1, 2, 3, 5, True, 0.5, (2, 3), "same", None])
            session.change_layer(layer, setting, value)

    choices = [
        lambda: session.delete_layer(layer),
        lambda: session.move_layer(layer, draw.randrange(len(layers))),
        lambda: session.duplicate_layer(layer),
        lambda: session.restyle_layer(layer, draw.random() < 0.5),
        lambda: session.connect_layer(
            layer, draw.randrange(3), draw.choice([None, "input", *layers])
        ),
        change,
        change,
    ]
    everywhere = [
        lambda: session.add_layer(draw.choice(sorted(LAYER_TYPES)), draw.randrange(9)),
        session.mend_all,
        session.undo,
        session.redo,
    ]
    draw.choice([*choices, *everywhere] if layers else everywhere)()


def test_random_edits_never_break_anything(bench: Bench) -> None:
    draw = random.Random(4)
    session, built = bench.session, 0
    session.build_automatically(False)
    for _ in range(1500):
        edit_at_random(draw, bench)
        found = examine(draft_of(bench.state))  # type: ignore[arg-type]
        if found.spec is None and draw.random() < 0.6:
            draw.choice([session.mend_all, session.undo])()
            found = examine(draft_of(bench.state))  # type: ignore[arg-type]
        assert (found.mistake is None) == (found.spec is not None)
        if found.spec is not None and draw.random() < 0.2:
            built += 1
            net = build(found.spec, seed=0).eval()
            with torch.no_grad():
                out = net(torch.zeros(1, *found.spec.input_shape))
            assert tuple(out.shape) == found.report.nodes[-1].output
    assert built > 10
    while bench.state.building.past:
        session.undo()
    assert names(bench.state)[0] == "conv1"
    session.build_automatically(True)
    assert not answer(bench).stale_backward
