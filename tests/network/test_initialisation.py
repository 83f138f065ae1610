"""How weights begin: words, and numbers against ``torch.nn.init`` called by hand."""

import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.initialisation import KINDS, Initialisation, fans, parse_initialisation
from lenet_viz.network.initialise import initialise
from lenet_viz.network.spec import INPUT, Node, Spec

_BY_HAND = {
    "xavier_uniform": nn.init.xavier_uniform_,
    "xavier_normal": nn.init.xavier_normal_,
    "he_uniform": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    "he_normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "constant": lambda weight: nn.init.constant_(weight, -0.25),
}


def _spec() -> Spec:
    """Return a network with a bias left out, groups, batch norm and a shared layer."""
    return Spec(
        "mixed",
        (2, 6, 6),
        (
            Node("a", "conv2d", (INPUT,), {"in_channels": 2, "out_channels": 4, "kernel_size": 3}),
            Node("norm", "batch_norm2d", ("a",), {"num_features": 4}),
            Node(
                "b",
                "conv2d",
                ("norm",),
                {
                    "in_channels": 4,
                    "out_channels": 8,
                    "kernel_size": (3, 1),
                    "groups": 2,
                    "bias": False,
                },
            ),
            Node("flat", "flatten", ("b",)),
            Node("same", "linear", ("flat",), {"in_features": 64, "out_features": 64}),
            Node("again", "linear", ("same",), {"in_features": 64, "out_features": 64}, "same"),
            Node("last", "linear", ("again",), {"in_features": 64, "out_features": 3}),
        ),
    )


def _choice(kind: str) -> Initialisation:
    return Initialisation(kind, -0.25 if kind == "constant" else 0.0)


@pytest.mark.parametrize("kind", sorted(_BY_HAND))
def test_numbers_are_those_of_torch_init_by_hand(kind: str) -> None:
    model, other = build(_spec(), seed=3), build(_spec(), seed=99)
    before = torch.get_rng_state()
    initialise(model, _choice(kind), 3)
    assert torch.equal(torch.get_rng_state(), before), "torch's generator was used"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        for layer in (other.a, other.b, other.same, other.last):
            _BY_HAND[kind](layer.weight)
            if layer.bias is not None:
                nn.init.constant_(layer.bias, -0.25 if kind == "constant" else 0.0)
    wanted = other.state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, wanted[name]), name
    assert torch.equal(model.norm.weight, torch.ones(4))
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("kind", sorted(_BY_HAND))
def test_python_lines_give_the_same_numbers(kind: str) -> None:
    model, net = build(_spec(), seed=5), build(_spec(), seed=0)
    initialise(model, _choice(kind), 5)
    with torch.random.fork_rng(devices=[]):
        exec(_choice(kind).python("5"), {"torch": torch, "nn": nn, "net": net})
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, net.state_dict()[name]), name


def test_default_is_what_a_seeded_net_has() -> None:
    model = build(presets.get("notebook").spec, seed=0)
    initialise(model, Initialisation(), 0)
    wanted = build(presets.get("notebook").spec, seed=0).state_dict()
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in model.state_dict().items())
    assert Initialisation().python("0") == ""


@pytest.mark.parametrize(
    ("kind", "spread"),
    [
        ("default", "uniform 1/sqrt(576)"),
        ("xavier_uniform", "uniform sqrt(6/(576+120))"),
        ("he_uniform", "uniform sqrt(6/576)"),
        ("xavier_normal", "normal sqrt(2/(576+120))"),
        ("he_normal", "normal sqrt(2/576)"),
    ],
)
def test_formulas_say_what_is_drawn(kind: str, spread: str) -> None:
    model = build(presets.get("notebook").spec, seed=1)
    initialise(model, Initialisation(kind), 1)
    weight = model.fc1.weight.detach()
    assert weight.shape == (120, 576)
    shape, _, formula = spread.partition(" ")
    size = float(eval(formula, {"sqrt": lambda number: number**0.5}))
    if shape == "uniform":
        assert 0.999 * size < float(weight.abs().max()) <= size * (1 + 1e-6)
    else:
        assert abs(float(weight.std()) / size - 1) < 0.01
        assert float(weight.abs().max()) > 3 * size


@pytest.mark.parametrize("kind", KINDS)
def test_words_come_back(kind: str) -> None:
    choice = Initialisation(kind, 0.1 if kind == "constant" else 7.0)
    assert parse_initialisation(choice.word) == choice
    assert choice.name.english()
    assert choice.formula.english()
    assert "{" not in choice.name.english() + choice.formula.english() + fans().english()


def test_words_are_read_as_people_write_them() -> None:
    assert parse_initialisation("He_Normal") == Initialisation("he_normal")
    assert parse_initialisation("constant:-1e-3") == Initialisation("constant", -0.001)
    assert Initialisation("constant", -0.0).word == "constant:0"
    assert Initialisation("constant", 0.1).name.english() == "constant 0.1"
    assert Initialisation("he_normal", 3.0) == Initialisation("he_normal")


@pytest.mark.parametrize(
    "word",
    ["", "he", "constant:", "constant", "constant:x", "constant:nan", "constant:1e9", "default:1"],
)
def test_other_words_are_mistakes(word: str) -> None:
    with pytest.raises(UserMistake) as caught:
        parse_initialisation(word)
    assert word in str(caught.value)
    assert "he-normal" in str(caught.value)
    assert "constant:0.1" in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e7])
def test_no_layer_begins_at_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="begins at"):
        Initialisation("constant", value)
    with pytest.raises(ValueError, match="trained"):
        Initialisation("trained")


def test_choice_needs_no_torch() -> None:
    code = (
        "import sys, json, lenet_viz.network.initialisation, lenet_viz.network.untouched;"
        "print(json.dumps('torch' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) is False
