"""What an objective makes of each output, against torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lenet_viz
from lenet_viz.display.objective_rows import ObjectiveRows, objective_rows
from tests.capture.notebook_net import random_input, seeded_net
from tests.panels.runs import Lambda


def rows_of(backward: str | None, batch: int = 1, **kwargs: object) -> ObjectiveRows:
    run = lenet_viz.capture(seeded_net(), random_input(batch), backward=backward, seed=4)
    rows = objective_rows(run, batched=True, **kwargs)  # type: ignore[arg-type]
    assert rows is not None
    return rows


@pytest.mark.parametrize("sample", [0, 2])
def test_cross_entropy(sample: int) -> None:
    rows = rows_of("cross-entropy:3", 3, sample=sample)
    out = seeded_net()(random_input(3)).detach()
    softmax = F.softmax(out.double(), 1)[sample].numpy()
    assert list(rows.columns) == ["out", "softmax", "onehot", "v"]
    assert np.array_equal(rows.columns["out"], out[sample].numpy())
    np.testing.assert_allclose(rows.columns["softmax"], softmax, rtol=1e-12)
    assert rows.columns["onehot"].tolist() == [int(k == 3) for k in range(10)]
    np.testing.assert_allclose(rows.columns["v"], (softmax - np.eye(10)[3]) / 3, atol=1e-7)
    assert rows.indices[4] == (sample, 4)
    assert len(rows.vector) == 30


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("word", ["mse", "mse:flat"])
def test_mean_squares(word: str) -> None:
    rows = rows_of(word, 2, sample=1)
    assert list(rows.columns) == ["out", "target", "out - t", "v"]
    gap = rows.columns["out"].astype(np.float64) - rows.columns["target"].astype(np.float64)
    assert np.array_equal(rows.columns["out - t"], gap)
    np.testing.assert_allclose(rows.columns["v"], 2 * gap / 20, rtol=1e-5, atol=1e-8)


def test_a_vector_adds_up_to_the_objective() -> None:
    rows = rows_of("random")
    assert list(rows.columns) == ["out", "v", "v·out"]
    out, v = rows.columns["out"].astype(np.float64), rows.columns["v"].astype(np.float64)
    assert np.array_equal(rows.columns["v·out"], out * v)


def test_another_number_is_a_change_of_its_row_alone() -> None:
    rows = rows_of("cross-entropy:3", 2, sample=1)
    vector = rows.with_number(4, -2.5)
    assert vector[14] == -2.5
    assert vector[:14] == rows.vector[:14]
    assert vector[15:] == rows.vector[15:]
    changed = rows_of("cross-entropy:3", 2, sample=1, own=vector)
    assert changed.columns["v"][4] == -2.5
    assert list(changed.columns) == ["out", "v", "v·out"]
    assert changed.changed.tolist() == [row == 4 for row in range(10)]
    assert rows.with_rows(range(10)) == (*rows.vector[:10], *map(float, range(10)))


def test_one_vector_for_every_sample() -> None:
    rows = rows_of("random", 3, sample=2, own=tuple(range(10)))
    assert rows.columns["v"].tolist() == list(range(10))
    assert rows.vector == (*range(10),) * 3


def test_before_backward_there_is_no_v_but_one_can_be_written() -> None:
    assert list(rows_of(None).columns) == ["out"]
    rows = rows_of(None, own=(1.0,) * 10)
    assert list(rows.columns) == ["out", "v", "v·out"]
    assert rows.changed.all()


def test_what_has_no_rows() -> None:
    x = torch.rand(2, 3)
    two = lenet_viz.capture(Lambda(lambda _, x: (x, x * 2)), x)
    assert objective_rows(two, batched=True) is None
    none = lenet_viz.capture(Lambda(lambda _, x: x[:0] * 2), x)
    assert objective_rows(none, batched=False) is None
    odd = lenet_viz.capture(Lambda(lambda _, x: torch.complex(x, x)), x)
    assert objective_rows(odd, batched=True) is None


def test_a_large_output_is_shown_but_not_written() -> None:
    x = torch.rand(1, 101, 100)
    run = lenet_viz.capture(Lambda(lambda _, x: x * 2), x.requires_grad_(), backward="random")
    rows = objective_rows(run, batched=False)
    assert rows is not None
    assert len(rows.labels) == 10_100
    assert rows.vector == ()


def test_a_number_alone() -> None:
    x = torch.rand(3, requires_grad=True)
    run = lenet_viz.capture(Lambda(lambda _, x: x.sum()), x, backward="random")
    rows = objective_rows(run, batched=False)
    assert rows is not None
    assert rows.labels == ("",)
    assert len(rows.columns["v"]) == 1
