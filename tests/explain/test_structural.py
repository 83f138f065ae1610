"""Structurally zero pixels, against torch's own gradients with random inputs and weights."""

import random
from weakref import ref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet_viz.capture.recorder import record
from lenet_viz.explain.structural import (
    StructuralZeros,
    span_text,
    structural_zeros,
    structurally_zero,
    zeros_of_run,
)
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.spec import Node, Spec
from tests.explain.dependences.supports import support
from tests.panels.runs import Lambda
from tests.session.pretend_engine import real_capture


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


# -- from the steps of a run, for any model --------------------------------------------------------


@pytest.mark.parametrize("preset", presets.NAMES)
def test_the_steps_of_a_preset_say_the_same_as_its_layers(preset: str) -> None:
    found = zeros_of_run(real_capture(preset))
    assert found is not None
    np.testing.assert_array_equal(found.mask, structural_zeros(presets.get(preset).spec).mask)


def smooth_layers(rng: random.Random, channels: int) -> list[nn.Module]:
    """Layers that pass a gradient wherever they look."""
    out = rng.randint(1, 3)
    conv = nn.Conv2d(
        channels,
        out,
        rng.randint(1, 3),
        rng.randint(1, 3),
        rng.randint(0, 1),
        rng.choice([1, 1, 2]),
    )
    pool = nn.AvgPool2d(rng.randint(1, 3), rng.randint(1, 3), ceil_mode=rng.random() < 0.3)
    return rng.choice(
        [
            [conv, nn.Softplus()],
            [conv, pool],
            [pool, nn.Softplus()],
            [conv, nn.Upsample(scale_factor=2, mode="bilinear")],
            [conv, nn.AdaptiveAvgPool2d((rng.randint(1, 4), rng.randint(1, 4)))],
            [nn.ConvTranspose2d(channels, out, rng.randint(1, 3), rng.randint(1, 3)), pool],
        ]
    )


class Own(nn.Module):
    """A random model as a user writes it: two branches, a crop, layers, a head."""

    def __init__(self, rng: random.Random, channels: int) -> None:
        super().__init__()
        self.left, self.right = (self.branch(rng, channels) for _ in range(2))
        self.crop = rng.choice([0, 0, 1, 2])
        self.joined = rng.choice(["add", "cat", "left"])

    @staticmethod
    def branch(rng: random.Random, channels: int) -> nn.Sequential:
        layers: list[nn.Module] = []
        for _ in range(rng.randint(1, 2)):
            layers += smooth_layers(rng, channels)
            for layer in layers:
                channels = getattr(layer, "out_channels", channels)
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        if self.crop:
            x = x[:, :, self.crop :, : -self.crop]
        left = self.left(x).flatten(1)
        if self.joined == "left":
            return left.sum(1, keepdim=True)
        right = self.right(x).flatten(1)
        if self.joined == "cat":
            return torch.cat([left, right], 1)
        return left.mean(1, keepdim=True) + right


def random_runs(count: int) -> list[tuple[Own, tuple[int, ...]]]:
    """So many models that fit their input."""
    found: list[tuple[Own, tuple[int, ...]]] = []
    seed = 0
    while len(found) < count:
        seed += 1
        rng = random.Random(seed)
        shape = (1, rng.randint(1, 2), rng.randint(7, 12), rng.randint(7, 12))
        try:
            model = Own(rng, shape[1]).double()
            model(torch.rand(shape, dtype=torch.float64))
        except (RuntimeError, ValueError):
            continue
        found.append((model, shape))
    return found


def test_random_models_of_ones_own_against_torch() -> None:
    dropping = 0
    for model, shape in random_runs(60):
        wanted = ~support(model, (shape,), tries=2).any(0).reshape(shape).any((0, 1))
        found = zeros_of_run(record(model, (torch.rand(shape, dtype=torch.float64),)))
        assert found is not None
        np.testing.assert_array_equal(found.mask, wanted)
        dropping += bool(found.count)
    assert dropping > 20


def test_what_no_window_drops_has_another_sentence() -> None:
    crop = Lambda(lambda m, x: x[:, :, :-2].flatten(1).exp())
    found = zeros_of_run(record(crop, (torch.rand(1, 1, 6, 5),)))
    assert found is not None
    assert (found.rows, found.columns) == ((4, 5), ())
    words = found.sentence(()).english()
    assert "10 of 30 pixels" in words
    assert "no step passes them on" in words


def test_an_input_that_nothing_uses() -> None:
    capture = record(
        Lambda(lambda m, x, y: x * 2), (torch.rand(1, 1, 3, 4), torch.rand(1, 1, 5, 5))
    )
    used, unused = zeros_of_run(capture), zeros_of_run(capture, 1)
    assert used is not None
    assert unused is not None
    assert used.count == 0
    assert unused.count == 25
    assert "Nothing that the model returns depends" in unused.sentence(()).english()


def test_where_nothing_can_be_said_nothing_is() -> None:
    image = torch.rand(1, 1, 5, 5)
    for model, inputs in (
        (Lambda(lambda m, x: {"a": F.avg_pool2d(x, 2), "b": x}), (image,)),
        (Lambda(lambda m, x: x), (image,)),
        (Lambda(lambda m, x: x * 2), (torch.rand(3, 4),)),
        (Lambda(lambda m, x: F.avg_pool2d(x, 2)), (torch.rand(0, 1, 5, 5),)),
    ):
        assert zeros_of_run(record(model, inputs)) is None
    assert structurally_zero(record(Lambda(lambda m, x: x * 2), (image,)), 3) is None


def test_what_numbers_pick_is_never_called_structural() -> None:
    picking = Lambda(lambda m, x: x.flatten()[x.flatten().argsort()[:3]])
    found = zeros_of_run(record(picking, (torch.rand(1, 1, 4, 4),)))
    assert found is not None
    assert found.count == 0


def test_it_is_worked_out_once_for_a_run_and_forgotten_with_it() -> None:
    capture = record(Lambda(lambda m, x: F.avg_pool2d(x, 2)), (torch.rand(1, 1, 5, 5),))
    found = zeros_of_run(capture)
    assert zeros_of_run(capture) is found
    assert found is not None
    assert not found.mask.flags.writeable
    gone = ref(capture)
    del capture
    assert gone() is None
