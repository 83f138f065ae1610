"""The ledger of whole runs, and what windows leave out of their input."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.recorder import record
from lenet_viz.explain.ledger.whole import (
    dropped_edges,
    parameter_count,
    parameter_total,
    whole_ledger,
)
from tests.panels.runs import Lambda, odd_captures
from tests.session.pretend_engine import real_capture


def test_the_notebook_row_by_row() -> None:
    rows = {row.name: row for row in whole_ledger(real_capture("notebook"))}
    assert len(rows) == 12
    conv = rows["conv2"]
    assert (conv.op, conv.inputs, conv.outputs) == ("conv2d", ((1, 6, 15, 15),), ((1, 16, 13, 13),))
    assert conv.formulas == ("15 - 3 + 1 = 13",)
    assert conv.parameters == (
        ("conv2.weight", "16 × 6 × 3 × 3 = 864"),
        ("conv2.bias", "16"),
    )
    assert conv.count == 880
    assert rows["max_pool2d_2"].dropped_rows == rows["max_pool2d_2"].dropped_columns == (12,)
    assert sum(row.count for row in rows.values()) == 81_194


@pytest.mark.parametrize("name", ["notebook", "tutorial", "lenet5", "toy"])
def test_counts_against_torchs_own(name: str) -> None:
    capture = real_capture(name)
    total = sum(parameter.value.size for parameter in capture.parameters)
    text = parameter_total(capture)
    assert text.rpartition(" = ")[2].replace(",", "").replace("\u202f", "") == str(total)
    for parameter in capture.parameters:
        end = parameter_count(parameter).rpartition("= ")[2]
        assert end.replace(",", "").replace("\u202f", "") == str(parameter.value.size)


def test_the_parameters_of_a_recurrent_step_are_counted() -> None:
    layer = nn.LSTM(3, 4, 2)
    capture = record(Lambda(lambda m, x: m.rnn(x)[0], rnn=layer), (torch.rand(5, 1, 3),))
    counts = {row.op: row.count for row in whole_ledger(capture)}
    assert counts["lstm"] == sum(one.numel() for one in layer.parameters())


def test_a_failed_step_has_a_row_and_none_has_a_wrong_one() -> None:
    for make in odd_captures().values():
        capture = make()
        rows = whole_ledger(capture)
        assert [row.name for row in rows] == [step.name for step in capture.steps]
        for row, step in zip(rows, capture.steps, strict=True):
            assert row.outputs == tuple(value.shape for value in step.outputs)


DROPPING = {
    "pool": (lambda x: F.avg_pool2d(x, 2), (1, 2, 7, 9)),
    "pool with gaps": (lambda x: F.avg_pool2d(x, 2, 3), (1, 2, 10, 9)),
    "pool of a sequence": (lambda x: F.avg_pool1d(x, 3), (1, 2, 10)),
    "pool of a volume": (lambda x: F.avg_pool3d(x, 2), (1, 1, 3, 4, 5)),
    "convolution": (lambda x: F.conv2d(x, torch.ones(1, 2, 2, 2), stride=3), (1, 2, 9, 7)),
    "dilated": (lambda x: F.conv2d(x, torch.ones(1, 2, 2, 2), dilation=4), (1, 2, 6, 5)),
    "without a batch": (lambda x: F.avg_pool2d(x, 2), (2, 5, 5)),
    "nothing": (lambda x: F.avg_pool2d(x, 2), (1, 2, 8, 8)),
    "rounded up": (lambda x: F.avg_pool2d(x, 2, ceil_mode=True), (1, 2, 7, 7)),
    "adaptive": (lambda x: F.adaptive_avg_pool2d(x, 3), (1, 2, 7, 8)),
    "no windows": (torch.relu, (1, 2, 7, 7)),
}


@pytest.mark.parametrize("name", DROPPING)
def test_dropped_edges_get_no_gradient(name: str) -> None:
    function, shape = DROPPING[name]
    x = torch.rand(shape, requires_grad=True)
    function(x).sum().backward()
    assert x.grad is not None
    lead = len(shape) - (2 if "sequence" not in name and "volume" not in name else len(shape) - 2)
    unreached = (x.grad == 0).flatten(0, lead - 1).all(0).numpy()
    capture = record(Lambda(lambda m, x: function(x)), (x.detach(),))
    step = capture.steps[-1]
    found = dropped_edges(capture, step)
    if not unreached.any():
        assert found is None
        return
    assert found is not None
    address, mask = found
    assert address == Address(Place.INPUT, "0") or address.place is Place.STEP
    np.testing.assert_array_equal(mask, unreached)
