"""Rows of autograd's graph, against torch's own graph walked in the test."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.autograd import AutogradNode
from lenet_viz.capture.records import Capture
from lenet_viz.display.autograd_rows import as_text, rows_of
from tests.capture.notebook_net import random_input, seeded_net
from tests.panels.runs import odd_captures


def nodes_of(capture: Capture) -> tuple[AutogradNode, ...]:
    assert capture.autograd is not None
    return capture.autograd


def by_hand(root: Any) -> list[str]:
    """What readers of the tutorial print: the first way down from ``grad_fn``."""
    names = []
    while root is not None:
        names.append(type(root).__name__)
        following = [node for node, _ in root.next_functions if node is not None]
        # Of x·Wᵀ + b the second addend leads on, of all others the first.
        root = following[1 if names[-1] == "AddmmBackward0" else 0] if following else None
    return names


def test_the_notebook_reads_as_it_is_printed_by_hand() -> None:
    net, x = seeded_net(), random_input().requires_grad_()
    nodes = nodes_of(lenet_viz.capture(net, x, backward="output:4"))
    rows = rows_of(nodes)
    first = next(at for at, row in enumerate(rows) if nodes[row.node].step is not None)
    shown = [nodes[row.node].name for row in rows[first:]]
    assert shown == by_hand(net(x).grad_fn)
    assert {row.lane for row in rows} == {0}
    ends = [nodes[end.nodes[-1]].leaf for row in rows for end in row.ends]
    assert sorted(ends) == sorted(f"parameter:{name}" for name, _ in net.named_parameters())


class Residual(nn.Module):
    """Two ways that meet, and a weight that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(F.relu(self.fc(x))) + x


def test_ways_that_part_and_meet() -> None:
    x = torch.randn(1, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    nodes = nodes_of(lenet_viz.capture(Residual(), x, backward="random"))
    rows = rows_of(nodes)
    assert max(row.lane for row in rows) == 1
    last = rows[-1]
    assert nodes[last.node].leaf == "input:0"
    assert last.users == 2
    assert len([lane for lane in last.above if lane is not None]) in (1, 2)
    shared = {end.users for row in rows for end in row.ends}
    assert shared <= {1, 2}
    text = as_text(nodes, ["fc", "relu", "fc_2", "add"])
    assert "(+ 2 gradients)" in text


@pytest.mark.parametrize("kind", odd_captures())
def test_every_node_is_shown_once_and_every_line_arrives(kind: str) -> None:
    nodes = odd_captures()[kind]().autograd or ()
    rows = rows_of(nodes)
    shown = [row.node for row in rows]
    assert shown == sorted(shown)
    on_ends = [at for row in rows for end in row.ends for at in end.nodes]
    assert set(shown) | set(on_ends) == set(range(len(nodes)))
    assert not set(shown) & set(on_ends)
    going: dict[int, None] = {}
    for row in rows:
        arriving = {at for at, lane in enumerate(row.above) if lane is not None}
        assert arriving == set(going)
        going = {
            lane: None for at, lane in enumerate(row.above) if lane is not None and lane != row.lane
        }
        going |= dict.fromkeys(row.starts)
    assert not going
