"""Shape arithmetic against torch's own modules."""

import random
from fractions import Fraction

import pytest
import torch
import torch.nn as nn

from lenet_viz.errors import UserMistake
from lenet_viz.network.axis import conv_axis, exactly, pool_axis, window_rows, window_starts


def _sizes(rng):
    return rng.randint(1, 14), rng.randint(1, 5), rng.randint(1, 4), rng.randint(0, 3)


def test_conv_axis_equals_torch_or_refuses_with_it():
    rng = random.Random(1)
    accepted = refused = 0
    for _ in range(700):
        size, kernel, stride, padding = _sizes(rng)
        dilation = rng.randint(1, 3)
        module = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
        try:
            with torch.no_grad():
                wanted = module(torch.zeros(1, 1, size)).shape[-1]
        except RuntimeError:
            with pytest.raises(UserMistake):
                conv_axis("height", size, kernel, stride, padding, dilation)
            refused += 1
            continue
        axis = conv_axis("height", size, kernel, stride, padding, dilation)
        assert axis.out_size == wanted
        accepted += 1
    assert accepted > 300
    assert refused > 50


def test_pool_axis_equals_torch_or_refuses_with_it():
    rng = random.Random(2)
    accepted = refused = cut = 0
    for _ in range(1500):
        size, kernel, stride, padding = _sizes(rng)
        dilation, ceil_mode = rng.randint(1, 3), rng.random() < 0.5
        try:
            module = nn.MaxPool2d(
                (kernel, 1), (stride, 1), (padding, 0), (dilation, 1), ceil_mode=ceil_mode
            )
            wanted = module(torch.zeros(1, 1, size, 1)).shape[2]
        except RuntimeError:
            with pytest.raises(UserMistake):
                pool_axis("height", size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
            refused += 1
            continue
        axis = pool_axis("height", size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
        assert axis.out_size == wanted, axis
        accepted += 1
        cut += axis.last_window_cut
    assert accepted > 500
    assert refused > 100
    assert cut > 5


def test_dropped_rows_are_those_that_no_window_gives_a_gradient():
    rng = random.Random(3)
    seen = 0
    for _ in range(300):
        size, kernel, stride, padding = _sizes(rng)
        dilation = rng.randint(1, 3)
        if dilation * (kernel - 1) + 1 > size + 2 * padding:
            continue
        axis = conv_axis("width", size, kernel, stride, padding, dilation)
        x = torch.zeros(1, 1, size, requires_grad=True)
        ones = torch.ones(1, 1, kernel)
        torch.conv1d(x, ones, stride=stride, padding=padding, dilation=dilation).sum().backward()
        untouched = tuple(torch.flatten(x.grad == 0).nonzero().flatten().tolist())
        assert axis.dropped == untouched
        assert axis.used == size - len(untouched)
        seen += bool(untouched)
    assert seen > 20


def test_windows():
    axis = conv_axis("height", 5, 3, stride=2, padding=1, dilation=1)
    assert window_starts(axis) == (-1, 1, 3)
    assert [window_rows(axis, i) for i in range(3)] == [(0, 1), (1, 2, 3), (3, 4)]
    with pytest.raises(IndexError):
        window_rows(axis, 3)


def test_every_touched_row_lies_in_a_window():
    rng = random.Random(4)
    for _ in range(200):
        size, kernel, stride, padding = _sizes(rng)
        if 2 * padding > kernel or kernel > size + 2 * padding:
            continue
        axis = pool_axis("height", size, kernel, stride, padding, ceil_mode=rng.random() < 0.5)
        rows = {row for i in range(axis.out_size) for row in window_rows(axis, i)}
        assert set(range(size)) - rows == set(axis.dropped)


@pytest.mark.parametrize(
    ("axis", "formula"),
    [
        (conv_axis("height", 15, 3), "15 - 3 + 1 = 13"),
        (pool_axis("height", 13, 2), "(13 - 2)/2 + 1 = 6.5 → 6"),
        (pool_axis("height", 13, 2, ceil_mode=True), "(13 - 2)/2 + 1 = 6.5 → 7"),
        (conv_axis("height", 28, 5, padding=2), "28 + 2·2 - 5 + 1 = 28"),
        (conv_axis("height", 15, 3, dilation=2), "15 - (2·(3 - 1) + 1) + 1 = 11"),
        (pool_axis("width", 15, 2, 3), "(15 - 2)/3 + 1 = 5 1/3 → 5"),
    ],
)
def test_formula(axis, formula):
    assert axis.formula() == formula


def test_general_formula_and_dropped_of_the_notebooks_second_pool():
    axis = pool_axis("height", 13, 2)
    assert axis.general_formula() == "(13 + 2·0 - 1·(2 - 1) - 1)/2 + 1 = 6.5 → 6"
    assert axis.dropped == (12,)
    assert axis.exact == Fraction(13, 2)


def test_exactly():
    assert [exactly(Fraction(a, b)) for a, b in ((13, 1), (13, 2), (49, 8), (16, 3))] == [
        "13", "6.5", "6.125", "5 1/3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"stride": 0}, "stride is 0; wanted: 1 or more"),
        ({"kernel": 0}, "kernel_size is 0"),
        ({"dilation": 0}, "dilation is 0"),
        ({"kernel": 9}, "the kernel spans 9 and the input with its padding has 5"),
        ({"padding": -1}, "padding is -1"),
    ],
)
def test_refusals(arguments, said):
    with pytest.raises(UserMistake, match=said):
        conv_axis("height", 5, **{"kernel": 3, **arguments})


def test_pool_padding_over_half_the_window_is_refused():
    with pytest.raises(UserMistake, match="at most half the window, 1"):
        pool_axis("width", 8, 3, padding=2)
