"""The words of settings, the source text of each op, and the sentences for what does not fit."""

from dataclasses import replace

import pytest
import torch

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.code import source
from lenet_viz.network.repaired import repaired_spec
from lenet_viz.network.shapes import derive
from lenet_viz.network.spec import Node, Spec

IN = ("input",)
CONV = {"in_channels": 4, "out_channels": 4, "kernel_size": 3}


def _spec(op, settings, module=None, shape=(4, 8, 8)):
    return Spec("one", shape, (Node("n", op, IN, settings, module),))


@pytest.mark.parametrize(
    ("op", "settings", "said"),
    [
        (
            "conv2d",
            {**CONV, "padding": "sam"},
            'n.settings.padding is "sam"; wanted: one of "same", "valid" (did you mean "same"?).',
        ),
        (
            "conv2d",
            {**CONV, "padding": "2"},
            'padding is "2"; wanted: a whole number from 0 to 65536, two: [height, width], or '
            '"same", "valid".',
        ),
        ("conv2d", {**CONV, "padding": -1}, 'or "same", "valid".'),
        ("conv2d", {**CONV, "padding": True}, "padding is true; wanted"),
        ("conv2d", {**CONV, "padding": ["same", "same"]}, 'padding[0] is "same"; wanted'),
        ("conv2d", {**CONV, "stride": "same"}, "or two: [height, width]."),
        (
            "conv2d",
            {**CONV, "padding_mode": "Zero"},
            'wanted: one of "zeros", "reflect", "replicate", "circular" (did you mean "zeros"?).',
        ),
        ("conv2d", {**CONV, "padding_mode": 0}, 'padding_mode is 0; wanted: one of "zeros"'),
        ("gelu", {"approximate": None}, 'wanted: one of "none", "tanh".'),
        ("upsample", {"mode": "bicubic"}, 'wanted: one of "nearest", "bilinear"'),
        ("upsample", {"scale_factor": 1.5}, "scale_factor is 1.5; wanted: a whole number"),
        ("layer_norm", {"normalized_shape": [-1]}, "wanted: a list of 1 to 16 sizes from 1."),
        ("layer_norm", {"normalized_shape": []}, "normalized_shape is []; wanted"),
        ("leaky_relu", {"negative_slope": float("nan")}, "negative_slope is NaN; wanted"),
    ],
)
def test_a_setting_that_cannot_be_used(op, settings, said):
    with pytest.raises(UserMistake) as caught:
        _spec(op, settings)
    assert said in str(caught.value)


def test_words_survive_json_and_stay_schema_1():
    spec = _spec("conv2d", {**CONV, "padding": "same", "padding_mode": "reflect"})
    assert '"padding": "same"' in spec.to_json()
    assert '"schema": 1' in spec.to_json()
    assert Spec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("op", "settings", "functional", "module"),
    [
        ("leaky_relu", {}, "F.leaky_relu(x)", "nn.LeakyReLU()"),
        ("leaky_relu", {"negative_slope": 0.1}, "F.leaky_relu(x, 0.1)", "nn.LeakyReLU(0.1)"),
        (
            "gelu",
            {"approximate": "tanh"},
            'F.gelu(x, approximate="tanh")',
            'nn.GELU(approximate="tanh")',
        ),
        (
            "adaptive_avg_pool2d",
            {"output_size": 1},
            "F.adaptive_avg_pool2d(x, 1)",
            "nn.AdaptiveAvgPool2d(1)",
        ),
        (
            "upsample",
            {"scale_factor": 2},
            "F.interpolate(x, scale_factor=2)",
            "nn.Upsample(scale_factor=2)",
        ),
        (
            "upsample",
            {"size": (4, 5), "mode": "bilinear", "align_corners": True},
            'F.interpolate(x, size=(4, 5), mode="bilinear", align_corners=True)',
            'nn.Upsample(size=(4, 5), mode="bilinear", align_corners=True)',
        ),
        (
            "upsample",
            {"scale_factor": 2, "align_corners": False},
            "F.interpolate(x, scale_factor=2)",
            "nn.Upsample(scale_factor=2)",
        ),
        (
            "avg_pool2d",
            {"kernel_size": 2, "divisor_override": 3},
            "F.avg_pool2d(x, 2, divisor_override=3)",
            "nn.AvgPool2d(2, divisor_override=3)",
        ),
        (
            "conv2d",
            {**CONV, "padding": "same", "padding_mode": "zeros"},
            None,
            'nn.Conv2d(4, 4, 3, padding="same")',
        ),
        (
            "conv2d",
            {**CONV, "padding": 1, "padding_mode": "circular"},
            None,
            'nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")',
        ),
        (
            "conv_transpose2d",
            {**CONV, "stride": 2, "output_padding": 1},
            None,
            "nn.ConvTranspose2d(4, 4, 3, stride=2, output_padding=1)",
        ),
        ("layer_norm", {"normalized_shape": (8,)}, None, "nn.LayerNorm(8)"),
        (
            "layer_norm",
            {"normalized_shape": (8, 8), "bias": False},
            None,
            "nn.LayerNorm((8, 8), bias=False)",
        ),
    ],
)
def test_code_as_one_writes_it(op, settings, functional, module):
    assert f"        self.n = {module}\n" in source(_spec(op, settings, "n")).text
    if functional is not None:
        assert f"        x = {functional}\n" in source(_spec(op, settings)).text


@pytest.mark.parametrize(
    ("op", "settings", "said", "repair"),
    [
        (
            "conv2d",
            {**CONV, "padding": "same", "stride": 2},
            'n has padding "same" and stride 2; torch keeps the size only with stride 1. '
            "Set padding to 1, or stride to 1.",
            ("padding", 1),
        ),
        ("conv2d", {**CONV, "groups": 3}, "or set groups to 2.", ("groups", 2)),
        ("conv2d", {**CONV, "groups": 9}, "or set groups to 4.", ("groups", 4)),
        ("conv2d", {**CONV, "kernel_size": 11}, "kernel spans 11", ("kernel_size", 8)),
        (
            "conv2d",
            {**CONV, "kernel_size": (3, 9), "dilation": 2},
            "the kernel spans 17",
            ("kernel_size", (3, 4)),
        ),
        (
            "conv2d",
            {**CONV, "padding": (1, 8), "padding_mode": "reflect"},
            "n pads the width by 8, input gives 8: padding_mode reflect has at most 7 to add.",
            ("padding_mode", "replicate"),
        ),
        ("max_pool2d", {"kernel_size": 3, "padding": 2}, "half the window, 1", ("padding", 1)),
        ("max_pool2d", {"kernel_size": (9, 2)}, "the kernel spans 9", ("kernel_size", (8, 2))),
        (
            "conv_transpose2d",
            {**CONV, "stride": (2, 1), "output_padding": 1},
            "output_padding 1 along the width, with stride 1 and dilation 1",
            ("output_padding", (1, 0)),
        ),
        (
            "conv_transpose2d",
            {**CONV, "padding": 5},
            "makes 10 along the height and takes padding 5",
            ("padding", 4),
        ),
        ("upsample", {}, "neither a size nor a scale_factor", ("scale_factor", 2)),
        (
            "upsample",
            {"size": 3, "scale_factor": 2},
            "both a size and a scale_factor",
            ("size", None),
        ),
        (
            "upsample",
            {"size": 3, "align_corners": True},
            "align_corners with mode nearest",
            ("mode", "bilinear"),
        ),
        (
            "layer_norm",
            {"normalized_shape": (4, 8)},
            "Set normalized_shape to 8×8.",
            ("normalized_shape", (8, 8)),
        ),
        (
            "layer_norm",
            {"normalized_shape": (1, 4, 8, 8)},
            "Set normalized_shape to 4×8×8.",
            ("normalized_shape", (4, 8, 8)),
        ),
        ("softmax", {"dim": 0}, "wanted: 1 to 3", ("dim", 1)),
        ("log_softmax", {"dim": 7}, "wanted: 1 to 3", ("dim", 3)),
        ("flatten", {"start_dim": 0}, "size 0 is the batch", ("start_dim", 1)),
        ("flatten", {"start_dim": 3, "end_dim": 1}, "end_dim = 1", ("end_dim", 3)),
        ("view", {"shape": (1, 3, 5)}, "view(-1, 256) would fit", ("shape", (-1, 256))),
    ],
)
def test_one_setting_mends_it(op, settings, said, repair):
    spec = _spec(op, settings)
    report = derive(spec)
    assert said in str(report.mistake)
    assert (report.repair.setting, report.repair.value) == repair
    assert derive(repaired_spec(spec, report.repair)).mistake is None


def test_a_join_along_another_dimension_offers_the_one_that_differs():
    nodes = (
        Node("c", "conv2d", IN, {"in_channels": 4, "out_channels": 6, "kernel_size": 1}),
        Node("j", "cat", ("c", "input"), {"dim": 2}),
    )
    report = derive(Spec("j", (4, 8, 8), nodes))
    assert (report.repair.setting, report.repair.value) == ("dim", 1)
    assert derive(repaired_spec(Spec("j", (4, 8, 8), nodes), report.repair)).mistake is None


def _with(spec, node_id, **settings):
    """The spec with settings of one node changed."""
    nodes = tuple(
        replace(node, settings={**node.settings, **settings}) if node.id == node_id else node
        for node in spec.nodes
    )
    return replace(spec, nodes=nodes)


def test_a_sum_of_other_channels_offers_those_of_the_layer_they_come_from():
    residual = presets.get("residual").spec
    for node_id, name in (("conv3", "add1"), ("projection", "add2")):
        wrong = _with(residual, node_id, out_channels=5)
        report = derive(wrong)
        assert report.failed_node == name
        assert report.repair.node_id == node_id
        assert repaired_spec(wrong, report.repair) == residual


def test_a_sum_offers_nothing_that_would_break_a_layer_before_it():
    conv = {"in_channels": 4, "out_channels": 6, "kernel_size": 1}
    norm = Node("norm", "batch_norm2d", ("c",), {"num_features": 6})
    nodes = (Node("c", "conv2d", IN, conv), norm, Node("s", "add", ("norm", "input")))
    assert derive(Spec("s", (4, 8, 8), nodes)).repair is None
    both = (*nodes[:2], Node("t", "add", ("norm", "c")), Node("s", "add", ("c", "input")))
    after = (*both, Node("end", "cat", ("s", "t"), {"dim": 1}))
    assert derive(Spec("s", (4, 8, 8), after)).repair is None


def test_a_repair_changes_every_node_of_the_module():
    conv = {**CONV, "in_channels": 3, "padding": 1}
    nodes = (Node("a", "conv2d", IN, conv, "m"), Node("b", "conv2d", ("a",), conv, "m"))
    spec = Spec("shared", (4, 8, 8), nodes)
    mended = repaired_spec(spec, derive(spec).repair)
    assert [node.number("in_channels") for node in mended.nodes] == [4, 4]
    assert derive(mended).mistake is None


@pytest.mark.parametrize("settings", [{"groups": 3}, {"padding": "same", "stride": 2}])
def test_a_module_that_torch_would_not_make_is_refused_before(settings):
    with pytest.raises(UserMistake, match=r"[Ss]et"):
        build(_spec("conv2d", {**CONV, **settings}))


def test_padding_that_would_fill_the_memory_is_refused():
    settings = {**CONV, "padding": 65536, "stride": 65536, "padding_mode": "replicate"}
    report = derive(_spec("conv2d", settings))
    assert "n would pad its input to 1×4×131080×131080" in str(report.mistake)


def test_an_upsample_that_would_fill_the_memory_is_refused():
    assert "GiB" in str(derive(_spec("upsample", {"scale_factor": 65536})).mistake)
    settings = {"normalized_shape": (2**31 - 1,) * 16}
    with pytest.raises(UserMistake, match="GiB"):
        build(_spec("layer_norm", settings))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_an_even_kernel_pads_one_more_after_than_before():
    spec = _spec("conv2d", {**CONV, "kernel_size": (4, 2), "dilation": (1, 3), "padding": "same"})
    height, width = derive(spec).node("n").axes
    assert (height.padding, height.after, width.padding, width.after) == (1, 1, 1, 1)
    assert height.formula() == "8 + 2·1 + 1 - 4 + 1 = 8"
    assert build(spec)(torch.zeros(1, 4, 8, 8)).shape == (1, 4, 8, 8)


def test_rows_that_only_the_padding_repeats_are_not_dropped():
    settings = {**CONV, "kernel_size": 1, "stride": 4, "padding": 1}
    plain = derive(_spec("conv2d", settings)).node("n").axes[0]
    turned = derive(_spec("conv2d", {**settings, "padding_mode": "reflect"})).node("n").axes[0]
    # Windows stand on rows -1, 3 and 7; reflected, -1 is row 1.
    assert plain.dropped == (0, 1, 2, 4, 5, 6)
    assert turned.dropped == (0, 2, 4, 5, 6)
    assert turned.used == 3
