"""Shapes and parameter counts of whole networks, and what does not fit."""

import random

import pytest
import torch
import torch.nn as nn

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.shapes import derive
from lenet_viz.network.spec import Node, Spec
from tests.network.random_specs import random_spec

NOTEBOOK_OUTPUTS = [
    (1, 6, 30, 30), (1, 6, 30, 30), (1, 6, 15, 15),
    (1, 16, 13, 13), (1, 16, 13, 13), (1, 16, 6, 6),
    (1, 576), (1, 120), (1, 120), (1, 84), (1, 84), (1, 10),
]  # fmt: skip


def test_notebook_table():
    report = derive(presets.get("notebook").spec).require()
    assert [node.output for node in report.nodes] == NOTEBOOK_OUTPUTS
    counts = [node.parameter_count for node in report.nodes if node.parameters]
    assert counts == [60, 880, 69240, 10164, 850]
    assert len(report.parameters) == 10


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("notebook", 81194),
        ("tutorial", 61706),
        ("lenet5", 61706),
        ("toy", 20),
        ("mlp", 109386),
        ("batchnorm", 52162),
        ("residual", 5050),
        ("allconv", 1418),
        ("autoencoder", 797),
    ],
)
def test_parameter_counts(name, count):
    spec = presets.get(name).spec
    assert derive(spec).parameter_count == count
    assert sum(p.numel() for p in build(spec).parameters()) == count


@pytest.mark.parametrize("batch_size", [1, 3])
def test_random_networks_have_the_shapes_that_torch_gives(batch_size):
    for seed in range(120):
        spec = random_spec(seed)
        module = build(spec, seed=seed).eval()
        report = derive(spec, batch_size).require()
        with torch.no_grad():
            output = module(torch.zeros(batch_size, *spec.input_shape))
        assert report.node(spec.output).output == tuple(output.shape)
        named = {p.name: p.shape for p in report.parameters}
        assert named == {n: tuple(p.shape) for n, p in module.named_parameters()}
        assert list(named) == [n for n, _ in module.named_parameters()]


def _pair(rng, low, high):
    return rng.choice([rng.randint(low, high), (rng.randint(low, high), rng.randint(low, high))])


def test_conv2d_settings_against_torch():
    rng = random.Random(5)
    fitted = refused = 0
    for _ in range(600):
        channels, groups = rng.randint(1, 6), rng.randint(1, 3)
        settings = {
            "in_channels": channels,
            "out_channels": rng.randint(1, 6),
            "kernel_size": _pair(rng, 1, 4),
            "stride": _pair(rng, 1, 3),
            "padding": _pair(rng, 0, 2),
            "dilation": _pair(rng, 1, 3),
            "groups": groups,
            "bias": rng.random() < 0.5,
        }
        shape = (channels, rng.randint(1, 9), rng.randint(1, 9))
        report = derive(Spec("one", shape, (Node("c", "conv2d", ("input",), settings),)), 2)
        try:
            module = nn.Conv2d(**settings)
            with torch.no_grad():
                wanted = tuple(module(torch.zeros(2, *shape)).shape)
        except (RuntimeError, ValueError):
            assert report.failed_node == "c"
            refused += 1
            continue
        assert report.require().node("c").output == wanted
        named = {f"c.{name}": tuple(p.shape) for name, p in module.named_parameters()}
        assert {p.name: p.shape for p in report.parameters} == named
        fitted += 1
    assert fitted > 150
    assert refused > 100


@pytest.mark.parametrize("op", ["max_pool2d", "avg_pool2d"])
def test_pool_settings_against_torch(op):
    rng = random.Random(6)
    kind = {"max_pool2d": nn.MaxPool2d, "avg_pool2d": nn.AvgPool2d}[op]
    fitted = 0
    for _ in range(500):
        settings = {"kernel_size": _pair(rng, 1, 4), "padding": _pair(rng, 0, 2)}
        settings["ceil_mode"] = rng.random() < 0.5
        if rng.random() < 0.7:
            settings["stride"] = _pair(rng, 1, 4)
        if op == "max_pool2d":
            settings["dilation"] = _pair(rng, 1, 2)
        shape = (2, rng.randint(1, 9), rng.randint(1, 9))
        report = derive(Spec("one", shape, (Node("p", op, ("input",), settings),)))
        try:
            pooled = kind(**settings)(torch.zeros(1, *shape))
        except RuntimeError:
            assert report.failed_node == "p"
            continue
        if pooled.isinf().any():
            # A window of padding alone, whose backward writes outside the gradient.
            assert "only padding" in str(report.mistake)
            continue
        wanted = tuple(pooled.shape)
        assert report.require().node("p").output == wanted
        fitted += 1
    assert fitted > 150


IN = ("input",)
CONV = {"in_channels": 1, "out_channels": 4, "kernel_size": 3}


def _report(*nodes, shape=(1, 8, 8), **options):
    return derive(Spec("clash", shape, nodes), **options)


def test_linear_of_the_wrong_width_keeps_what_came_before_and_offers_the_repair():
    spec = presets.get("notebook").spec
    nodes = tuple(
        Node("fc1", "linear", ("view",), {"in_features": 400, "out_features": 120})
        if node.id == "fc1"
        else node
        for node in spec.nodes
    )
    report = derive(Spec("wrong", spec.input_shape, nodes, "fc3"))
    assert report.failed_node == "fc1"
    assert [node.output for node in report.nodes] == NOTEBOOK_OUTPUTS[:7]
    assert "fc1 takes 400 features, view gives 576" in str(report.mistake)
    assert (report.repair.node_id, report.repair.setting, report.repair.value) == (
        "fc1", "in_features", 576,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([Node("c", "conv2d", IN, {**CONV, "kernel_size": 9})], "kernel spans 9"),
        (
            [Node("c", "conv2d", IN, {**CONV, "in_channels": 3})],
            "c takes 3 channels, input gives 1",
        ),
        ([Node("c", "conv2d", IN, {**CONV, "out_channels": 5, "groups": 2})], "2 groups"),
        (
            [Node("p", "max_pool2d", IN, {"kernel_size": 2, "padding": 2})],
            "half the window",
        ),
        (
            [Node("f", "linear", IN, {"in_features": 64, "out_features": 2})],
            "view or flatten",
        ),
        ([Node("v", "view", IN, {"shape": [-1, 60]})], r"view\(-1, 64\) would fit"),
        ([Node("v", "view", IN, {"shape": [2, 32]})], "without mixing"),
        ([Node("s", "softmax", IN, {"dim": 4})], "wanted: 1 to 3"),
        ([Node("c", "conv2d", IN, {**CONV, "out_channels": 10**7})], "GiB"),
        ([Node("b", "batch_norm2d", IN, {"num_features": 2})], "2 channels"),
        (
            [Node("c", "conv2d", IN, CONV), Node("a", "add", ("c", "input"))],
            "1×4×6×6 from c and 1×1×8×8 from input",
        ),
        (
            [Node("c", "conv2d", IN, CONV), Node("j", "cat", ("c", "input"))],
            "all other sizes must be equal",
        ),
        (
            [Node("f", "flatten", IN), Node("c", "conv2d", ("f",), CONV)],
            "f gives 1×64",
        ),
    ],
)
def test_what_does_not_fit_is_reported_with_its_node(nodes, said):
    report = _report(*nodes)
    assert report.failed_node == nodes[-1].id
    assert len(report.nodes) == len(nodes) - 1
    with pytest.raises(type(report.mistake), match=said):
        report.require()


def test_view_never_cuts_samples_apart():
    # torch would turn 3 samples of 64 into 4 rows of 48 without an error.
    nodes = (Node("v", "view", IN, {"shape": [-1, 48]}),)
    assert torch.zeros(3, 1, 8, 8).view(-1, 48).shape == (4, 48)
    assert _report(*nodes, batch_size=3).failed_node == "v"


def test_batch_norm_of_one_value_fails_in_training_only():
    node = Node("b", "batch_norm2d", IN, {"num_features": 1})
    assert _report(node, shape=(1, 1, 1)).failed_node is None
    assert _report(node, shape=(1, 1, 1), training=True).failed_node == "b"
    with pytest.raises(ValueError, match="more than 1 value"):
        nn.BatchNorm2d(1)(torch.zeros(1, 1, 1, 1))


@pytest.mark.parametrize("found", [0, -1, True, 2.0, "3"])
def test_batch_size(found):
    with pytest.raises(Exception, match="wanted: 1 or more"):
        derive(presets.get("toy").spec, found)


def test_an_input_that_is_too_large():
    report = _report(Node("p", "max_pool2d", IN, {"kernel_size": 1000}), shape=(64, 65536, 65536))
    assert report.failed_node == "input"
    assert "1024.0 GiB" in str(report.mistake)
