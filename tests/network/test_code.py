"""The generated text reads as a lesson and runs as the built module does, bit for bit."""

import pytest
import torch

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.code import source
from lenet_viz.network.spec import Node, Spec
from tests.network.random_specs import random_spec

NOTEBOOK = """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3)
        self.conv2 = nn.Conv2d(6, 16, 3)
        self.fc1 = nn.Linear(16 * 6 * 6, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 576)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x
"""


def _executed(spec):
    names = {}
    exec(compile(source(spec).text, "net.py", "exec"), names)
    return names["Net"]


def _agree(spec, seed):
    net = build(spec, seed=seed)
    torch.manual_seed(seed)
    written = _executed(spec)()
    state = written.state_dict()
    assert list(net.state_dict()) == list(state)
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())
    assert repr(net) == repr(written)
    x = torch.randn(3, *spec.input_shape)
    for training in (True, False):
        outputs = []
        for module in (net.train(training), written.train(training)):
            torch.manual_seed(seed + 1)
            outputs.append(module(x))
        assert torch.equal(*outputs)


def test_notebook_text():
    assert source(presets.get("notebook").spec).text == NOTEBOOK


def test_notebook_lines():
    lines = source(presets.get("notebook").spec).lines
    texts = NOTEBOOK.splitlines()
    numbers = {name: line.number for name, line in lines.items()}
    assert numbers == {
        "conv1": 15, "relu1": 15, "pool1": 15, "conv2": 16, "relu2": 16, "pool2": 16,
        "view": 17, "fc1": 18, "relu3": 18, "fc2": 19, "relu4": 19, "fc3": 20,
    }  # fmt: skip
    assert all(texts[line.number - 1].strip() == line.text for line in lines.values())


@pytest.mark.parametrize("name", presets.NAMES)
def test_presets_agree(name):
    _agree(presets.get(name).spec, 3)


def test_random_networks_agree():
    for seed in range(150):
        _agree(random_spec(seed), seed)


def test_every_node_has_its_line():
    for seed in range(60):
        spec = random_spec(seed)
        made = source(spec)
        texts = made.text.splitlines()
        assert set(made.lines) == {node.id for node in spec.nodes}
        assert all(texts[line.number - 1].strip() == line.text for line in made.lines.values())
        numbers = [made.lines[node.id].number for node in spec.order]
        assert numbers == sorted(numbers)


def test_a_residual_reads_well():
    conv = {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": 1}
    nodes = (
        Node("conv1", "conv2d", ("input",), conv),
        Node("relu1", "relu", ("conv1",)),
        Node("conv2", "conv2d", ("relu1",), conv),
        Node("sum", "add", ("conv2", "relu1")),
        Node("relu2", "relu", ("sum",)),
    )
    lines = source(Spec("r", (1, 4, 4), nodes)).lines
    assert list(dict.fromkeys(line.text for line in lines.values())) == [
        "x = F.relu(self.conv1(x))",
        "conv2 = self.conv2(x)",
        "x = F.relu(conv2 + x)",
    ]


def test_a_value_that_is_needed_again_gets_a_line_of_its_own():
    nodes = (
        Node(
            "conv1", "conv2d", ("input",), {"in_channels": 1, "out_channels": 1, "kernel_size": 1}
        ),
        Node("relu1", "relu", ("conv1",)),
        Node("sum", "add", ("relu1", "conv1")),
    )
    spec = Spec("again", (1, 4, 4), nodes)
    assert [line.text for line in source(spec).lines.values()] == [
        "x = self.conv1(x)",
        "relu1 = F.relu(x)",
        "x = relu1 + x",
    ]
    _agree(spec, 1)


def test_awkward_names():
    conv = {"in_channels": 1, "out_channels": 1, "kernel_size": 1}
    nodes = tuple(
        Node(name, "conv2d", ("input",), conv, f"{name}s")
        for name in ("x", "F", "nn", "torch", "self")
    )
    joined = Node("y", "cat", tuple(node.id for node in nodes))
    _agree(Spec("awkward", (1, 4, 4), (*nodes, joined)), 1)


def test_a_value_added_to_itself_and_a_long_chain():
    chain = [Node("twice", "add", ("input", "input"))]
    for i in range(300):
        chain.append(Node(f"t{i}", "tanh", (chain[-1].id,)))
    _agree(Spec("long", (1, 2, 2), tuple(chain)), 1)
    assert max(map(len, source(Spec("long", (1, 2, 2), tuple(chain))).text.splitlines())) < 100


def test_a_network_that_does_not_fit_has_text():
    nodes = (
        Node("v", "view", ("input",), {"shape": [-1, 16]}),
        Node("fc", "linear", ("v",), {"in_features": 20, "out_features": 2}),
    )
    assert "nn.Linear(20, 2)" in source(Spec("w", (1, 4, 4), nodes)).text
