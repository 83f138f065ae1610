"""Shapes laid against each other, against torch's own broadcasting."""

import itertools

import pytest
import torch

from lenet_viz.display.broadcast import broadcast

SHAPES = [(), (1,), (10,), (1, 10), (4, 1), (4, 10), (3, 4, 1), (3, 1, 10), (0,), (2, 0)]


@pytest.mark.parametrize("pair", list(itertools.product(SHAPES, SHAPES)))
def test_two_shapes(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    found = broadcast(pair)
    try:
        wanted = tuple(torch.broadcast_shapes(*pair))
    except RuntimeError:
        assert found is None
        return
    assert found is not None
    assert found.common == wanted
    assert found.any == any(shape != wanted for shape in pair)
    for row, shape in zip(found.rows, pair, strict=True):
        assert row.shape == shape
        assert tuple(size for size in row.cells if size is not None) == shape
        strides = torch.empty(shape).expand(wanted).stride()
        if 0 not in wanted:
            copies = [at for at, size in enumerate(wanted) if strides[at] == 0 and size != 1]
            assert [at for at, c in enumerate(row.copied) if c and wanted[at] != 1] == copies
