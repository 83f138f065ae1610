"""Single layers with random settings: torch says what fits, and what the repairs must mend."""

import random
import tracemalloc
from collections import Counter

import numpy as np
import pytest
import torch

from lenet_viz.network.build import build
from lenet_viz.network.code import source
from lenet_viz.network.influence import influence_by_node
from lenet_viz.network.repaired import repaired_spec
from lenet_viz.network.shapes import derive
from lenet_viz.network.spec import Node, Spec

# Of torch's own accord, once, for an even kernel.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")


def _pair(rng, low, high):
    return rng.choice([rng.randint(low, high), (rng.randint(low, high), rng.randint(low, high))])


def _sometimes(rng, settings, **more):
    return {**settings, **{name: value for name, value in more.items() if rng.random() < 0.5}}


def _conv2d(rng, shape):
    settings = {
        "in_channels": rng.choice([shape[0], shape[0], rng.randint(1, 6)]),
        "out_channels": rng.randint(1, 6),
        "kernel_size": _pair(rng, 1, 5),
        "padding": rng.choice([_pair(rng, 0, 4), "same", "same", "valid"]),
        "groups": rng.choice([1, 1, 2, 3]),
        "padding_mode": rng.choice(["zeros", "reflect", "replicate", "circular"]),
    }
    return _sometimes(rng, settings, stride=_pair(rng, 1, 3), dilation=_pair(rng, 1, 3), bias=False)


def _conv_transpose2d(rng, shape):
    settings = {
        "in_channels": rng.choice([shape[0], shape[0], rng.randint(1, 6)]),
        "out_channels": rng.randint(1, 6),
        "kernel_size": _pair(rng, 1, 4),
        "stride": _pair(rng, 1, 3),
        "padding": _pair(rng, 0, 3),
        "groups": rng.choice([1, 1, 2, 3]),
    }
    more = {"output_padding": _pair(rng, 0, 3), "dilation": _pair(rng, 1, 3), "bias": False}
    return _sometimes(rng, settings, **more)


def _upsample(rng, shape):
    settings = {"mode": rng.choice(["nearest", "bilinear"])}
    more = {"size": _pair(rng, 1, 20), "scale_factor": _pair(rng, 1, 4)}
    return _sometimes(rng, settings, **more, align_corners=rng.random() < 0.5)


def _layer_norm(rng, shape):
    sizes = shape[-rng.randint(1, 3) :]
    if rng.random() < 0.3:
        sizes = tuple(rng.randint(1, 9) for _ in sizes)
    settings = {"normalized_shape": sizes}
    return _sometimes(rng, settings, eps=0.1, elementwise_affine=rng.random() < 0.5, bias=False)


def _pool(rng, shape):
    settings = {"kernel_size": _pair(rng, 1, 5), "padding": _pair(rng, 0, 2)}
    return _sometimes(rng, settings, stride=_pair(rng, 1, 4), ceil_mode=True)


def _max_pool2d(rng, shape):
    return _sometimes(rng, _pool(rng, shape), dilation=_pair(rng, 1, 3))


def _avg_pool2d(rng, shape):
    return _sometimes(rng, _pool(rng, shape), divisor_override=3, count_include_pad=False)


def _batch_norm2d(rng, shape):
    settings = {"num_features": rng.choice([shape[0], 3])}
    return _sometimes(rng, settings, track_running_stats=False)


SETTINGS = {
    "conv2d": (_conv2d, 350),
    "conv_transpose2d": (_conv_transpose2d, 250),
    "upsample": (_upsample, 150),
    "layer_norm": (_layer_norm, 60),
    "max_pool2d": (_max_pool2d, 100),
    "avg_pool2d": (_avg_pool2d, 100),
    "batch_norm2d": (_batch_norm2d, 60),
    "adaptive_avg_pool2d": (lambda rng, shape: {"output_size": _pair(rng, 1, 9)}, 60),
    "leaky_relu": (lambda rng, shape: {"negative_slope": rng.choice([0.0, 0.1, -1.0])}, 10),
    "gelu": (lambda rng, shape: {"approximate": rng.choice(["none", "tanh"])}, 10),
}

OURS = ("nothing would be left", "only padding")
"""Refused here alone: torch gives no values, or -inf and a backward that writes astray."""


def _one(op, seed):
    rng = random.Random(f"{op}{seed}")
    shape = (rng.randint(1, 6), rng.randint(1, 9), rng.randint(1, 9))
    node = Node("n", op, ("input",), SETTINGS[op][0](rng, shape), rng.choice([None, "n"]))
    return Spec("one", shape, (node,)), rng.choice([1, 2]), rng.random() < 0.5


def _torch_run(text, seed, x, training):
    """What the source text gives, or None where torch refuses it."""
    names = {}
    torch.manual_seed(seed)
    try:
        exec(text, names)
        net = names["Net"]().train(training)
        return net, net(x)
    except (RuntimeError, ValueError):
        return None


def _check_fits(spec, seed, x, report, run):
    net, output = run
    assert report.node("n").output == tuple(output.shape)
    built = build(spec, seed=seed).train(net.training)
    assert list(built.state_dict()) == list(net.state_dict())
    named = {name: tuple(p.shape) for name, p in built.named_parameters()}
    assert {p.name: p.shape for p in report.parameters} == named
    assert torch.equal(built(x), output)
    assert Spec.from_json(spec.to_json()) == spec


def _check_mended(spec, report, derived):
    """Carry the repairs out until none is offered; each mends what it was offered for."""
    for _ in range(8):
        if report.repair is None:
            return report.mistake
        spec, said = repaired_spec(spec, report.repair), str(report.mistake)
        report = derived(spec)
        assert str(report.mistake) != said
    raise AssertionError(spec.to_json())


@pytest.mark.parametrize("op", SETTINGS)
def test_a_layer_fits_exactly_where_torch_runs_it_and_repairs_mend_it(op):
    counts = Counter()
    for seed in range(SETTINGS[op][1]):
        spec, batch, training = _one(op, seed)

        def derived(spec, batch=batch, training=training):
            return derive(spec, batch, training=training)

        report = derived(spec)
        if report.mistake is not None:
            left = _check_mended(spec, report, derived)
            assert left is None or "more than one value" in str(left)
            counts["mended"] += 1
            if any(words in str(report.mistake) for words in OURS):
                continue
        torch.manual_seed(seed)
        x = torch.randn(batch, *spec.input_shape)
        run = _torch_run(source(spec).text, seed, x, training)
        assert (run is None) == (report.mistake is not None), (spec.to_json(), report.mistake)
        if run is not None:
            _check_fits(spec, seed, x, report, run)
            counts["fitted"] += 1
    assert counts["fitted"] > SETTINGS[op][1] // 5
    always = op in ("adaptive_avg_pool2d", "leaky_relu", "gelu")
    assert always == (counts["mended"] == 0)


INFLUENCES = ("conv2d", "conv_transpose2d", "upsample", "adaptive_avg_pool2d", "avg_pool2d")


@pytest.mark.parametrize("op", INFLUENCES)
def test_what_influences_the_output_is_what_autograd_says(op):
    partly = 0
    for seed in range(150):
        spec, *_ = _one(op, seed)
        report = derive(spec)
        if report.mistake is not None:
            continue
        net = build(spec, seed=1).eval()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.uniform_(0.2, 1)
        asked = np.random.default_rng(seed).random(report.node("n").output[1:]) < 0.1
        x = torch.rand(1, *spec.input_shape, requires_grad=True)
        (grad,) = torch.autograd.grad(net(x)[0][torch.from_numpy(asked)].sum(), x)
        reached, mask = (grad[0] != 0).numpy(), influence_by_node(spec, output=asked)["input"]
        assert not (reached & ~mask).any(), spec.to_json()
        if op != "upsample":  # where a float32 place might miss its row, both neighbours count
            assert np.array_equal(reached, mask), spec.to_json()
        partly += 0 < reached.sum() < reached.size
    assert partly > 15


def test_a_window_of_padding_alone():
    # Such a maximum is -inf; its gradient would go to a place that does not exist.
    settings = {"kernel_size": 2, "padding": 1, "dilation": 3, "ceil_mode": True}
    report = derive(Spec("p", (1, 2, 9), (Node("n", "max_pool2d", ("input",), settings),)))
    assert "dilation 3 steps over all 2 that input gives" in str(report.mistake)
    assert report.repair.value == (1, 3)


@pytest.mark.parametrize(
    ("op", "settings"),
    [
        ("upsample", {"size": (1, 65535)}),
        ("upsample", {"size": (1, 65535), "mode": "bilinear"}),
        ("adaptive_avg_pool2d", {"output_size": (1, 65535)}),
    ],
)
def test_the_widest_picture_takes_no_more_memory_than_its_rows(op, settings):
    spec = Spec("wide", (1, 1, 65536), (Node("n", op, ("input",), settings),))
    tracemalloc.start()
    try:
        mask = influence_by_node(spec)["input"]
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()
    # 65,536 rows on 65,535: nearest takes each its own, and one is left.
    assert mask.sum() == (65535 if settings == {"size": (1, 65535)} else 65536)
