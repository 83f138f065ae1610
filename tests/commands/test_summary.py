"""A summary is arithmetic; it must name and count what a run really records."""

from pathlib import Path

import pytest
import torch

import lenet_viz
from lenet_viz.commands.summary import Summary, of_capture, of_spec
from lenet_viz.commands.summary_text import as_table
from lenet_viz.network.build import build
from lenet_viz.network.spec import INPUT, Node, Spec

CONV = {"in_channels": 2, "out_channels": 2, "kernel_size": 3, "padding": 1}


def branching() -> Spec:
    """A network with a shared convolution, modules without parameters, branches and repeats."""
    nodes = (
        Node("first", "conv2d", (INPUT,), CONV, "shared"),
        Node("again", "conv2d", ("first",), CONV, "shared"),
        Node("norm", "batch_norm2d", ("again",), {"num_features": 2}),
        Node("plain_norm", "batch_norm2d", ("norm",), {"num_features": 2, "affine": False}),
        Node("act", "relu", ("plain_norm",), module="act"),
        Node("act_again", "relu", ("act",), module="act"),
        Node("relu", "relu", ("act_again",), module="relu"),
        Node("plain_relu", "relu", ("relu",)),
        Node("tanh_2", "tanh", ("plain_relu",), module="tanh_2"),
        Node("tanh_a", "tanh", ("tanh_2",)),
        Node("tanh_b", "tanh", ("tanh_a",)),
        Node("drop", "dropout", ("tanh_b",), {"p": 0.5}, "drop"),
        Node("bare_drop", "dropout", ("drop",), {"p": 0.25}),
        Node("sum", "add", ("bare_drop", "again")),
        Node("joined", "cat", ("sum", "act"), {"dim": 1}),
        Node("squash", "sigmoid", ("joined",)),
        Node("pool", "avg_pool2d", ("squash",), {"kernel_size": 2}, "pool"),
        Node("flat", "flatten", ("pool",), module="flat"),
        Node("bare_flat", "flatten", ("flat",)),
        Node(
            "head", "linear", ("bare_flat",), {"in_features": 16, "out_features": 3, "bias": False}
        ),
        Node("soft", "log_softmax", ("head",), {"dim": 1}),
    )
    return Spec("branching", (2, 4, 4), nodes)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """The same network, summarised from a run of it."""
    net = build(branching(), seed=0)
    run = lenet_viz.capture(net, torch.randn(3, 2, 4, 4), seed=0)
    path = run.save(tmp_path_factory.mktemp("runs") / "branching.lvcap")
    return of_capture(path)


def test_arithmetic_and_a_run_give_the_same_steps(ran: Summary) -> None:
    derived = of_spec(branching(), 3)
    assert [step.name for step in derived.steps] == [step.name for step in ran.steps]
    assert derived.steps == ran.steps
    assert derived.input_shape == ran.input_shape


def test_padding_of_its_own_and_resizing_give_the_same_steps(tmp_path: Path) -> None:
    turn = {"in_channels": 2, "out_channels": 2, "kernel_size": 3, "padding_mode": "reflect"}
    wider = {"in_channels": 2, "out_channels": 4, "kernel_size": 2, "stride": 2}
    nodes = (
        Node("turn", "conv2d", ("input",), {**turn, "padding": "same"}),
        Node("again", "conv2d", ("turn",), {**turn, "padding": "same"}, "turn"),
        Node("plain", "conv2d", ("again",), {**turn, "padding": "valid"}),
        Node("leaky", "leaky_relu", ("plain",)),
        Node("gelu", "gelu", ("leaky",), module="gelu"),
        Node("wider", "conv_transpose2d", ("gelu",), wider),
        Node("norm", "layer_norm", ("wider",), {"normalized_shape": (4, 4, 8)}),
        Node("up", "upsample", ("norm",), {"scale_factor": 2}),
        Node("resized", "upsample", ("up",), {"size": (5, 6), "mode": "bilinear"}, "resized"),
        Node("pool", "adaptive_avg_pool2d", ("resized",), {"output_size": 2}),
    )
    spec = Spec("resized", (2, 4, 6), nodes)
    path = tmp_path / "resized.lvcap"
    lenet_viz.capture(build(spec, seed=0), torch.randn(3, 2, 4, 6), seed=0).save(path)
    assert of_spec(spec, 3).steps == of_capture(path).steps


def test_a_shared_layer_is_counted_once(ran: Summary) -> None:
    net = build(branching(), seed=0)
    count = sum(parameter.numel() for parameter in net.parameters())
    tensors = len(list(net.parameters()))
    for summary in (of_spec(branching()), ran):
        assert summary.parameter_count == count
        assert len(summary.parameters) == tensors
        assert sum(step.parameter_count for step in summary.steps) == count
        assert summary.layer_count == 3  # shared, norm, head
    table = as_table(ran)
    assert table.count("weight 2×2×3×3 + bias 2 = 38") == 1
    assert table.count("shares shared.weight, shared.bias") == 1
    assert "weight 3×16 = 48" in table


def test_parameters_in_no_step_are_shown_and_counted(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used = torch.nn.Linear(4, 2)
            self.forgotten = torch.nn.Linear(5, 7)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.used(x)

    path = tmp_path_factory.mktemp("runs") / "net.lvcap"
    lenet_viz.capture(Net(), torch.ones(1, 4)).save(path)
    summary = of_capture(path)
    assert [line.name for line in summary.unused] == ["forgotten.weight", "forgotten.bias"]
    assert summary.parameter_count == 10 + 42
    last = as_table(summary).splitlines()
    assert last[-3].split() == ["(in", "no", "step)", "42", "forgotten.weight,", "forgotten.bias"]
    assert last[-1].split()[:3] == ["1", "step", "52"]
