"""Runs made in a real engine, and the states a window has after them."""

import tempfile
from dataclasses import replace
from functools import cache

import lenet_viz
from lenet_viz.capture.records import Capture
from lenet_viz.engine.messages import InputRequest, RunRequest
from lenet_viz.engine.single_run import run_once
from lenet_viz.network.presets import get
from lenet_viz.network.spec import INPUT, Node, Spec
from lenet_viz.session.session import default_settings
from lenet_viz.session.state import Run, State

_folder = tempfile.TemporaryDirectory(prefix="lenet-viz-bench-", ignore_cleanup_errors=True)


def request(spec: Spec, preset: str = "", number: int = 1) -> RunRequest:
    """Return a request for forward and backward with a digit."""
    return RunRequest(
        run=number,
        spec=spec.to_json(),
        preset=preset,
        weights_seed=0,
        weights=None,
        input=InputRequest("digit", 7),
        objective="random",
        objective_seed=2,
        zero_grad=True,
        grads=None,
        folder=_folder.name,
    )


@cache
def captured(spec: Spec, preset: str = "") -> Capture:
    """Return the capture of one run, its arrays still in their file."""
    return lenet_viz.load(run_once(request(spec, preset)).capture)


def state(spec: Spec, preset: str = "") -> State:
    """Return the state of a window after that run."""
    capture = captured(spec, preset)
    settings = replace(default_settings(), spec=spec, preset=preset or spec.name)
    run = Run(1, settings, capture, backward=True, passes=1)
    return State(settings, run=run)


def notebook() -> Spec:
    """Return the notebook's network."""
    return get("notebook").spec


def wide() -> Spec:
    """Return a network with a layer of 512 channels of 30×30."""
    nodes = (
        Node(
            "conv1", "conv2d", (INPUT,), {"in_channels": 1, "out_channels": 512, "kernel_size": 3}
        ),
        Node("relu1", "relu", ("conv1",)),
        Node("pool1", "max_pool2d", ("relu1",), {"kernel_size": 30}),
        Node("view", "view", ("pool1",), {"shape": (-1, 512)}),
        Node("fc1", "linear", ("view",), {"in_features": 512, "out_features": 10}),
    )
    return Spec("wide", (1, 32, 32), nodes)


def long(steps: int = 1000) -> Spec:
    """Return a network of so many steps."""
    nodes = [
        Node(
            "conv0",
            "conv2d",
            (INPUT,),
            {"in_channels": 1, "out_channels": 4, "kernel_size": 3, "padding": 1},
        )
    ]
    for i in range(1, steps - 2):
        nodes.append(Node(f"s{i}", "tanh" if i % 2 else "relu", (nodes[-1].id,)))
    nodes.append(Node("view", "view", (nodes[-1].id,), {"shape": (-1, 4096)}))
    nodes.append(Node("fc", "linear", ("view",), {"in_features": 4096, "out_features": 10}))
    return Spec("long", (1, 32, 32), tuple(nodes))


def residual(steps: int = 1000) -> Spec:
    """Return a network of so many steps in which every fourth adds what came three before it."""
    sizes = {"in_channels": 1, "out_channels": 4, "kernel_size": 3, "padding": 1}
    nodes = [Node("conv0", "conv2d", (INPUT,), sizes)]
    while len(nodes) < steps - 2:
        i, last = len(nodes), nodes[-1].id
        if i % 4 == 0:
            nodes.append(Node(f"add{i}", "add", (last, nodes[i - 4].id)))
        else:
            nodes.append(Node(f"s{i}", "tanh" if i % 2 else "relu", (last,)))
    nodes.append(Node("view", "view", (nodes[-1].id,), {"shape": (-1, 4096)}))
    nodes.append(Node("fc", "linear", ("view",), {"in_features": 4096, "out_features": 10}))
    return Spec("residual", (1, 32, 32), tuple(nodes))


def slow() -> Spec:
    """Return a network whose run takes seconds."""
    nodes = [
        Node(
            "conv0",
            "conv2d",
            (INPUT,),
            {"in_channels": 1, "out_channels": 128, "kernel_size": 3, "padding": 1},
        )
    ]
    for i in range(1, 12):
        nodes.append(
            Node(
                f"conv{i}",
                "conv2d",
                (nodes[-1].id,),
                {"in_channels": 128, "out_channels": 128, "kernel_size": 5, "padding": 2},
            )
        )
    nodes.append(Node("pool", "max_pool2d", (nodes[-1].id,), {"kernel_size": 128}))
    nodes.append(Node("view", "view", ("pool",), {"shape": (-1, 128)}))
    nodes.append(Node("fc", "linear", ("view",), {"in_features": 128, "out_features": 10}))
    return Spec("slow", (1, 128, 128), tuple(nodes))
