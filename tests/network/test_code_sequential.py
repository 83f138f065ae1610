"""A network as one nn.Sequential, run by Python itself beside the class and the built network."""

import random

import pytest
import torch
from torch import nn

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.code_sequential import sequential_source, why_not_sequential
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.edits import add_layer
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.network.setting_edits import restyle_layer
from lenet_viz.network.spec import Node, Spec

CHAIN = sorted(op for op, kind in LAYER_TYPES.items() if kind.inputs == (1, 1))


def executed(text: str, seed: int) -> nn.Module:
    names: dict[str, object] = {}
    torch.manual_seed(seed)
    exec(compile(text, "<sequential>", "exec"), names)
    net = names["net"]
    assert isinstance(net, nn.Sequential)
    return net


def same(spec: Spec, seed: int = 3) -> None:
    """Check keys, weights and outputs against the built network, bit for bit."""
    net, mine = executed(sequential_source(spec).text, seed), build(spec, seed=seed)
    theirs = net.state_dict()
    assert list(theirs) == list(mine.state_dict())
    assert all(torch.equal(theirs[name], value) for name, value in mine.state_dict().items())
    x = torch.randn(2, *spec.input_shape)
    for module in (net, mine):
        module.train()
    torch.manual_seed(5)
    one = net(x)
    torch.manual_seed(5)
    assert torch.equal(one, mine(x))
    assert torch.equal(net.eval()(x), mine.eval()(x))


@pytest.mark.parametrize("name", [name for name in presets.NAMES if name != "residual"])
def test_presets(name: str) -> None:
    same(presets.get(name).spec)


def test_random_chains() -> None:
    draw, made = random.Random(7), 0
    while made < 250:
        draft = Draft("chain", (draw.randint(1, 3), draw.randint(4, 14), draw.randint(4, 14)))
        for _ in range(draw.randint(1, 6)):
            draft = add_layer(draft, len(draft.nodes), draw.choice(CHAIN)).draft
        for node in draft.nodes:
            kind = node.layer_type
            if kind.functional and kind.module_class and draw.random() < 0.5:
                draft = restyle_layer(draft, node.id, as_module=True).draft
        spec = examine(draft).spec
        if spec is None or why_not_sequential(spec) is not None:
            continue
        same(spec)
        made += 1


def test_every_layer_has_its_line() -> None:
    spec = presets.get("notebook").spec
    made = sequential_source(spec)
    lines = made.text.split("\n")
    for node in spec.order:
        line = made.lines[node.id]
        assert line.text in lines[line.number - 1]
        assert f'"{node.id}"' in line.text


def spec_of(*nodes: Node) -> Spec:
    return Spec("n", (1, 6, 6), nodes)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (presets.get("residual").spec, "add1 takes conv3, relu1"),
        (
            spec_of(
                Node("a", "relu", ("input",), module="act"), Node("b", "relu", ("a",), module="act")
            ),
            "act is called twice",
        ),
        (spec_of(Node("v", "view", ("input",), {"shape": (-1, 6, 6)})), "v is a view"),
        (
            spec_of(Node("pop", "relu", ("input",), module="pop")),
            "pop is a name that nn.Sequential uses itself",
        ),
    ],
)
def test_what_is_no_chain_says_why(spec: Spec, said: str) -> None:
    reason = why_not_sequential(spec)
    assert reason is not None
    assert reason.english().startswith(said)
    with pytest.raises(UserMistake, match=said.split()[0]):
        sequential_source(spec)


def test_names_that_a_sequential_has_itself_are_not_taken() -> None:
    same(spec_of(Node("train", "relu", ("input",)), Node("append", "tanh", ("train",))))
