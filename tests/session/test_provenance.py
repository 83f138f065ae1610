"""What is known of how a run was made, compared with how it was asked for."""

import hashlib
from dataclasses import replace

import pytest
import torch
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.engine.messages import InputRequest
from lenet_viz.session.provenance import facts_of, input_is_picture, spec_of
from lenet_viz.session.python_lines import network_lines
from lenet_viz.session.state import ObjectiveChoice
from tests.panels.runs import Bench, odd_captures

ODD = odd_captures()


def test_the_facts_of_a_random_run_name_every_seed(tmp_path) -> None:
    bench = Bench(tmp_path)
    session = bench.session
    session.choose_weights_seed(11)
    session.choose_input(InputRequest("random", seed=12))
    session.choose_objective(ObjectiveChoice("mse", 0, 13))
    made = bench.backward().run.capture
    facts = facts_of(made, "conv2")
    assert facts["weights_seed"] == "11"
    assert facts["input"] == "random:12"
    assert facts["input_seed"] == "12"
    assert facts["objective"] == "mse"
    assert facts["objective_seed"] == "13"
    assert facts["zero_grad"] == "yes"
    assert facts["torch"] == torch.__version__
    assert facts["step"] == "conv2"
    assert facts["shape"] == "(1, 16, 13, 13)"
    assert len(facts["weights_sha256"]) == len(hashlib.sha256().hexdigest())


def test_seeds_that_drew_nothing_are_left_out(tmp_path) -> None:
    facts = facts_of(Bench(tmp_path, "toy").backward().run.capture)
    assert not {"weights_seed", "input_seed", "objective_seed", "seed", "step"} & set(facts)


def test_a_run_from_python_has_its_own_seed_and_no_others() -> None:
    made = capture(nn.Linear(3, 2), torch.zeros(1, 3), backward="random", seed=41)
    facts = facts_of(made, "input")
    assert facts["seed"] == "41"
    assert facts["objective"] == "random"
    assert facts["shape"] == "(1, 3)"
    assert "weights_seed" not in facts


@pytest.mark.parametrize("name", list(ODD))
def test_any_run_has_facts_without_empty_ones(name: str) -> None:
    made = ODD[name]()
    for card in (None, "input", "target", "loss", "nothing", *made.steps.keys()):
        facts = facts_of(made, card)
        assert all(facts.values())
        assert facts["model"] == "Lambda"


def test_a_spec_of_a_newer_version_is_no_spec(tmp_path) -> None:
    made = Bench(tmp_path).forward().run.capture
    assert spec_of(made) is not None
    odd = replace(made, model=replace(made.model, spec='{"schema": 99}'))
    assert spec_of(odd) is None


@pytest.mark.parametrize(
    ("values", "picture"),
    [([0.0, 0.5, 1.0], True), ([-0.1, 0.5, 1.0], False), ([float("nan"), 1.0, 0.0], True)],
)
def test_an_input_with_signs_is_no_picture(values: list[float], picture: bool) -> None:
    assert input_is_picture(capture(nn.Identity(), torch.tensor([values]))) is picture


def test_weights_from_a_file_have_no_seed() -> None:
    net = torch.nn.Linear(2, 2)
    run = capture(net, torch.ones(1, 2))
    settings = {"weights_seed": "3", "weights_file": "/w/best.pt", "model_word": "/m/net.py:Net(2)"}
    facts = facts_of(replace(run, settings={**run.settings, **settings}))
    assert "weights_seed" not in facts
    assert facts["weights_file"] == "/w/best.pt"
    assert facts["model_word"] == "/m/net.py:Net(2)"
    made = replace(run, settings={"weights_seed": "3", "model_word": "C:/m/net.py:Net(2)"})
    assert network_lines(made) == "torch.manual_seed(3)\nnet = Net(2)\nprint(net)"
