"""Structurally zero pixels, against torch's own gradients with random inputs and weights."""

import numpy as np
import pytest
import torch

from lenet_viz.explain.structural import StructuralZeros, span_text, structural_zeros
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.spec import Node, Spec


def reached(spec: Spec, tries: int = 8) -> np.ndarray:
    """Return where a gradient ever arrived, bool (H, W), over random weights and inputs."""
    found = np.zeros(spec.input_shape[-2:], dtype=bool)
    for seed in range(tries):
        net = build(spec, seed=seed)
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn((4, *spec.input_shape), generator=generator, requires_grad=True)
        out = net(x)
        out.backward(torch.randn(out.shape, generator=generator))
        assert x.grad is not None
        found |= (x.grad != 0).any(0).any(0).numpy()
    return found


@pytest.mark.parametrize("preset", presets.NAMES)
def test_presets_against_torch(preset: str) -> None:
    spec = presets.get(preset).spec
    zeros = structural_zeros(spec)
    np.testing.assert_array_equal(zeros.mask, ~reached(spec, 30 if preset == "toy" else 8))


def test_the_notebooks_hatched_pixels() -> None:
    zeros = structural_zeros(presets.get("notebook").spec)
    assert zeros.count == 124
    assert zeros.rows == zeros.columns == (30, 31)
    sentence = zeros.sentence(("max_pool2d_2",)).english()
    for part in (
        "124 of 1024 pixels",
        "12.1 %",
        "rows 30-31",
        "columns 30-31",
        "max_pool2d_2",
        "structurally zero",
        "every input and every weight",
    ):
        assert part in sentence


@pytest.mark.parametrize("preset", ["tutorial", "lenet5", "toy"])
def test_where_nothing_is_dropped_it_is_said(preset: str) -> None:
    zeros = structural_zeros(presets.get(preset).spec)
    assert (zeros.count, zeros.rows, zeros.columns) == (0, (), ())
    assert "nothing is dropped" in zeros.sentence(()).english()


def small(*nodes: Node, size: tuple[int, int] = (11, 14)) -> Spec:
    return Spec("small", (1, *size), nodes)


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 2},
        {"kernel_size": (3, 2), "stride": (4, 3)},
        {"kernel_size": 1, "stride": 3},
        {"kernel_size": 2, "padding": 1, "stride": 3},
        {"kernel_size": 3, "stride": 5},
    ],
)
def test_gaps_anywhere_against_torch(settings: dict[str, object]) -> None:
    spec = small(
        Node("conv", "conv2d", ("input",), {"in_channels": 1, "out_channels": 4, "kernel_size": 2}),
        Node("pool", "avg_pool2d", ("conv",), settings),  # type: ignore[arg-type]
    )
    np.testing.assert_array_equal(structural_zeros(spec).mask, ~reached(spec))


def test_a_network_whose_shapes_do_not_fit_has_none() -> None:
    wide = {"in_channels": 1, "out_channels": 1, "kernel_size": 40}
    zeros = structural_zeros(small(Node("conv", "conv2d", ("input",), wide)))
    assert zeros.mask.shape == (11, 14)
    assert zeros.count == 0


def test_only_whole_rows_are_called_rows() -> None:
    mask = np.zeros((4, 5), dtype=bool)
    mask[1] = True
    mask[3, :4] = True
    zeros = StructuralZeros(mask)
    assert (zeros.rows, zeros.columns, zeros.count) == ((1,), (), 9)
    assert "45.0 %" in zeros.sentence(()).english()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((), "-"),
        ((3,), "3"),
        ((30, 31), "30-31"),
        ((0, 30, 31), "0, 30-31"),
        ((1, 2, 3, 7, 9, 10), "1-3, 7, 9-10"),
    ],
)
def test_spans(values: tuple[int, ...], text: str) -> None:
    assert span_text(values) == text
