"""Structurally zero pixels against autograd on positive networks, where nothing can cancel."""

import numpy as np
import pytest
import torch

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.influence import influence, influence_by_node
from lenet_viz.network.spec import Node, Spec
from tests.network.random_specs import random_spec


def _averaged(spec):
    """The same geometry with average pooling, through which every value of a window counts."""
    nodes = tuple(
        Node(node.id, "avg_pool2d", node.inputs, node.settings, node.module)
        if node.op == "max_pool2d"
        else node
        for node in spec.nodes
    )
    return Spec(spec.name, spec.input_shape, nodes, spec.output)


def _support(spec, *, training=False):
    """Which inputs get a gradient; positive weights divided by their sum, so nothing cancels."""
    torch.manual_seed(0)
    module = build(_averaged(spec), seed=1).double().train(training)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(0.2, 1)
            parameter /= parameter[0].numel() if parameter.ndim > 1 else 1
    x = torch.rand(1, *spec.input_shape, dtype=torch.float64, requires_grad=True)
    out = module(x)
    (grad,) = torch.autograd.grad((out * (torch.rand_like(out) + 0.1)).sum(), x)
    return (grad[0] != 0).numpy()


def test_notebook_leaves_out_rows_and_columns_30_and_31():
    mask = influence(presets.get("notebook").spec)
    wanted = np.zeros((32, 32), dtype=bool)
    wanted[:30, :30] = True
    assert np.array_equal(mask, wanted)
    assert (~mask).sum() == 124


@pytest.mark.parametrize("name", presets.NAMES[1:])
def test_other_presets_use_every_pixel(name):
    assert influence(presets.get(name).spec).all()


def test_notebook_map_by_map():
    masks = influence_by_node(presets.get("notebook").spec)
    assert [int(masks[name][0].sum()) for name in ("conv1", "pool1", "relu2", "pool2")] == [
        28 * 28, 14 * 14, 12 * 12, 6 * 6,
    ]  # fmt: skip


def test_one_output_value():
    spec = presets.get("notebook").spec
    one = np.zeros((16, 13, 13), dtype=bool)
    one[3, 4, 5] = True
    masks = influence_by_node(Spec("maps", spec.input_shape, spec.nodes[:4], "conv2"), output=one)
    rows, columns = np.nonzero(masks["input"][0])
    # Sees input rows 8-15, columns 10-17: a receptive field of 8 × 8.
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 15, 10, 17)
    assert len(rows) == 64


def test_random_networks():
    partly = 0
    for seed in range(30):
        spec = random_spec(seed, spatial_only=True)
        masks = influence_by_node(spec)["input"]
        assert np.array_equal(masks, _support(spec)), spec.to_json()
        partly += 0 < masks.sum() < masks.size
    assert partly > 5


def test_dilated_max_pooling():
    settings = {"kernel_size": 2, "dilation": 3, "stride": 4, "padding": 1}
    spec = Spec("d", (1, 12, 11), (Node("p", "max_pool2d", ("input",), settings),))
    module, reached = build(spec), torch.zeros(12, 11, dtype=torch.bool)
    torch.manual_seed(0)
    for _ in range(200):
        x = torch.rand(1, 1, 12, 11, requires_grad=True)
        module(x).sum().backward()
        reached |= x.grad[0, 0] != 0
    assert np.array_equal(influence(spec), reached.numpy())
    assert not influence(spec).all()


def test_groups_keep_channels_apart():
    settings = {"in_channels": 2, "out_channels": 2, "kernel_size": 1, "groups": 2}
    spec = Spec("g", (2, 3, 3), (Node("c", "conv2d", ("input",), settings),))
    one = np.zeros((2, 3, 3), dtype=bool)
    one[1, 0, 2] = True
    assert np.array_equal(influence_by_node(spec, output=one)["input"], one)


def test_a_groups_channels_are_neighbours():
    settings = {"in_channels": 4, "out_channels": 2, "kernel_size": 1, "groups": 2}
    spec = Spec("g", (4, 2, 2), (Node("c", "conv2d", ("input",), settings),))
    x = torch.ones(1, 4, 2, 2, requires_grad=True)
    build(spec)(x)[0, 0, 1, 1].backward()
    one = np.zeros((2, 2, 2), dtype=bool)
    one[0, 1, 1] = True
    assert np.array_equal(influence_by_node(spec, output=one)["input"], (x.grad[0] != 0).numpy())


def test_negative_dims_count_from_the_end():
    nodes = (
        Node("p", "max_pool2d", ("input",), {"kernel_size": (1, 2)}),
        Node("c", "cat", ("input", "p"), {"dim": -1}),
        Node("s", "softmax", ("p",), {"dim": -2}),
        Node("j", "cat", ("c", "s"), {"dim": -1}),
    )
    spec = Spec("n", (1, 3, 5), nodes)
    one = np.zeros((1, 3, 9), dtype=bool)
    one[0, 0, 3] = one[0, 1, 6] = one[0, 2, 7] = True
    reached = torch.zeros(3, 5, dtype=torch.bool)
    for _ in range(30):
        x = torch.rand(1, 1, 3, 5, dtype=torch.float64, requires_grad=True)
        build(spec)(x)[0][torch.from_numpy(one)].square().sum().backward()
        reached |= x.grad[0, 0] != 0
    assert np.array_equal(influence_by_node(spec, output=one)["input"][0], reached.numpy())


def test_softmax_of_one_value_lets_nothing_through():
    nodes = (
        Node("f", "flatten", ("input",)),
        Node("l", "linear", ("f",), {"in_features": 9, "out_features": 1}),
        Node("s", "softmax", ("l",), {"dim": 1}),
    )
    spec = Spec("s", (1, 3, 3), nodes)
    assert not influence(spec).any()
    assert not _support(spec).any()


def test_batch_norm_in_training_mixes_a_channel():
    nodes = (
        Node("b", "batch_norm2d", ("input",), {"num_features": 1}),
        Node("p", "max_pool2d", ("b",), {"kernel_size": 2}),
    )
    spec = Spec("b", (1, 5, 5), nodes)
    assert influence(spec).sum() == 16
    assert influence(spec, training=True).all()
    assert _support(spec, training=True).all()
