"""Autograd's nodes, against ``next_functions`` walked by hand in a bare run."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

import lenet_viz
from lenet_viz.capture.autograd import AutogradNode, check_nodes
from lenet_viz.capture.records import Capture
from tests.capture.awkward_models import CASES
from tests.capture.awkward_steps import made, scalar
from tests.capture.notebook_net import random_input, seeded_net
from tests.panels.runs import Lambda


def compare(nodes: tuple[AutogradNode, ...], root: Any, names: dict[int, str]) -> int:
    """Walk both graphs at once; every node must be the other's, and no other."""
    partner: dict[int, Any] = {0: root}
    waiting = [0]
    while waiting:
        number = waiting.pop()
        mine, theirs = nodes[number], partner[number]
        assert mine.name == type(theirs).__name__
        if mine.name == "AccumulateGrad":
            assert mine.leaf == names[id(theirs.variable)]
            assert mine.inputs == ()
            continue
        assert len(mine.inputs) == len(theirs.next_functions)
        for following, (wanted, _) in zip(mine.inputs, theirs.next_functions, strict=True):
            assert (following is None) == (wanted is None)
            if following is None:
                continue
            assert following > number
            if following in partner:
                assert partner[following] is wanted
            else:
                partner[following] = wanted
                waiting.append(following)
    assert len({id(node) for node in partner.values()}) == len(partner) == len(nodes)
    return len(nodes)


def leaves_of(model: nn.Module, *inputs: Tensor) -> dict[int, str]:
    return {id(p): f"parameter:{name}" for name, p in model.named_parameters()} | {
        id(x): f"input:{number}" for number, x in enumerate(inputs)
    }


def nodes_of(capture: Capture) -> tuple[AutogradNode, ...]:
    assert capture.autograd is not None
    return capture.autograd


@pytest.mark.parametrize("word", ["mse", "cross-entropy:3", "output:4", "random", None])
def test_the_notebook(word: str | None) -> None:
    model, x = seeded_net(), random_input().requires_grad_()
    taken = lenet_viz.capture(model, x, backward=word, seed=3)
    out = model(x)
    roots = {
        "mse": lambda: F.mse_loss(out, torch.zeros(1, 10)),
        "cross-entropy:3": lambda: F.cross_entropy(out, torch.tensor([3])),
        "output:4": lambda: out[..., 4].sum(),
    }
    root = roots[word]() if word in roots else out
    count = compare(nodes_of(taken), root.grad_fn, leaves_of(model, x))
    assert count == {"mse": 27, "cross-entropy:3": 28, "output:4": 28}.get(word or "", 26)


def test_each_node_is_linked_with_its_step() -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(), backward="cross-entropy:3")
    found = [
        (node.name, None if node.step is None else taken.steps[node.step].name)
        for node in nodes_of(taken)
        if not node.is_leaf
    ]
    assert found[:2] == [("NllLossBackward0", None), ("LogSoftmaxBackward0", None)]
    assert sorted(found[2:]) == sorted(
        [("AddmmBackward0", f"fc{n}") for n in (1, 2, 3)]
        + [("TBackward0", f"fc{n}") for n in (1, 2, 3)]
        + [("ReluBackward0", name) for name in ("relu", "relu_2", "relu_3", "relu_4")]
        + [("ConvolutionBackward0", "conv1"), ("ConvolutionBackward0", "conv2")]
        + [("MaxPool2DWithIndicesBackward0", "max_pool2d")]
        + [("MaxPool2DWithIndicesBackward0", "max_pool2d_2"), ("ViewBackward0", "view")]
    )


_OF_VIEWS = {"AsStridedBackward0", "ViewBackward0", "SelectBackward0", "SliceBackward0"}


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("name", [name for name in CASES if name != "scripted"])
def test_awkward_models(name: str) -> None:
    """The same as a bare run's; a step's nodes are behind the nodes of later steps.

    TorchScript is left out: from one call to the next it makes other nodes of the same code.
    """
    case = CASES[name]
    model, args, kwargs = made(case)
    taken = lenet_viz.capture(model, *args, **kwargs, backward=lambda out: scalar(case, out))
    nodes = nodes_of(taken)
    model, args, kwargs = made(case)
    tensors = [a for a in tree_leaves((args, kwargs)) if isinstance(a, Tensor)]
    for tensor in tensors:
        tensor.requires_grad_(tensor.is_floating_point() or tensor.is_complex())
    changed = tree_map(lambda a: a.clone() if isinstance(a, Tensor) else a, args)
    root = scalar(case, model(*changed, **kwargs)).grad_fn
    names = [type(node).__name__ for node in _walked(root)]
    # A bare run needs copies of its inputs, too, where ops in place come first.
    copies = names.count("CloneBackward0") - [n.name for n in nodes].count("CloneBackward0")
    assert 0 <= copies <= len(tensors)
    mine = sorted(node.name for node in nodes)
    for _ in range(copies):
        names.remove("CloneBackward0")
    assert mine == sorted(names)
    for node in nodes:
        if node.step is not None:
            assert node.step < len(taken.steps)
            for following in node.inputs:
                step = None if following is None else nodes[following].step
                # A view's node is made anew, behind what was written into its memory.
                assert step is None or step <= node.step or node.name in _OF_VIEWS


def _walked(root: Any) -> list[Any]:
    seen, waiting = {root}, [root]
    for node in waiting:
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)
    return waiting


def test_a_tensor_that_is_used_twice_has_one_node() -> None:
    x = torch.rand(2, 3, requires_grad=True)

    def does(_: Any, x: Tensor) -> Tensor:
        h = x.sin()
        return h * h + h

    taken = lenet_viz.capture(Lambda(does), x, backward="random")
    nodes = nodes_of(taken)
    assert [node.name for node in nodes].count("SinBackward0") == 1
    sin = next(at for at, node in enumerate(nodes) if node.name == "SinBackward0")
    assert sum(node.inputs.count(sin) for node in nodes) == 3


def test_nothing_to_follow() -> None:
    with torch.no_grad():
        taken = lenet_viz.capture(nn.Linear(3, 3).requires_grad_(False), torch.rand(2, 3))
    assert nodes_of(taken) == ()
    two = lenet_viz.capture(Lambda(lambda _, x: (x, x * 2)), torch.rand(2, 3))
    assert nodes_of(two) == ()


def test_a_tensor_from_outside_has_its_name() -> None:
    scale = torch.ones(3, requires_grad=True)
    x = torch.rand(2, 3)
    taken = lenet_viz.capture(Lambda(lambda _, x: x * scale), x, backward="random")
    leaves = {node.leaf for node in nodes_of(taken) if node.is_leaf}
    assert "input:0" in leaves
    (other,) = leaves - {"input:0"}
    assert other.partition(":")[2] in taken.constants


def test_a_file_keeps_it(tmp_path: Path) -> None:
    taken = lenet_viz.capture(seeded_net(), random_input(), backward="mse")
    again = lenet_viz.load(taken.save(tmp_path / "run.lvcap"))
    assert again.autograd == taken.autograd


def test_deep_graphs() -> None:
    def does(_: Any, x: Tensor) -> Tensor:
        for _ in range(3000):
            x = x + 1
        return x

    taken = lenet_viz.capture(Lambda(does), torch.rand(2, requires_grad=True), backward="random")
    assert len(nodes_of(taken)) == 3001
    assert [node.step for node in nodes_of(taken)[:3]] == [2999, 2998, 2997]


@pytest.mark.parametrize(
    "listed",
    [
        [["A", [0], None, ""]],
        [["A", [1], None, ""]],
        [["A", [-1], None, ""]],
        [["A", [True], None, ""], ["B", [], None, ""]],
        [["A", [], 3, ""]],
        [["A", [], -1, ""]],
        [[1, [], None, ""]],
        [["A", [], None, 2]],
    ],
)
def test_nodes_that_do_not_fit(listed: list[Any]) -> None:
    assert not check_nodes(listed, 3)
