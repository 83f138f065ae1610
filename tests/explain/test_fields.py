"""Receptive and projective fields against the support of torch's own gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.recorder import record
from lenet_viz.explain.dependences.relation import Exactness
from lenet_viz.explain.fields import projective_field, receptive_field
from tests.explain.dependences.supports import fresh, support
from tests.panels.runs import Lambda, odd_captures
from tests.session.pretend_engine import real_capture

INPUT = Address(Place.INPUT, "0")
Function = Callable[..., Tensor]


def fields(net: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[np.ndarray, np.ndarray, Exactness]:
    """Return what each output sees and what each input reaches, bool (outputs, inputs)."""
    capture = record(net, inputs)
    assert capture.output is not None
    end = Address(Place.STEP, capture.steps[capture.output.step].name, capture.output.output)
    shape = capture.steps[capture.output.step].outputs[capture.output.output].shape
    seen, reached = [], []
    worst = Exactness.EXACT
    empty = np.zeros(inputs[0].shape, dtype=bool), np.zeros(shape, dtype=bool)
    for index in np.ndindex(shape):
        found = receptive_field(capture, Address(Place.STEP, end.name, end.output, index=index))
        seen.append(found.masks.get(INPUT, empty[0]).ravel())
        worst = worst.worse(found.exactness.get(INPUT, Exactness.EXACT))
    for index in np.ndindex(tuple(inputs[0].shape)):
        found = projective_field(capture, Address(Place.INPUT, "0", index=index))
        reached.append(found.masks.get(end, empty[1]).ravel())
    return np.array(seen), np.array(reached).T, worst


def over(whole: Tensor, part: Any) -> Tensor:
    whole[:, :, 1:, 1:3] = part[:, :, :2] if isinstance(part, Tensor) else part
    return whole * 2


def through(whole: Tensor, part: Tensor) -> Tensor:
    view = whole[:, 1]
    view += part
    return whole.sin()


EXACT: dict[str, tuple[Function, tuple[int, ...], dict[str, nn.Module]]] = {
    "convolution": (lambda m, x: m.c(x), (1, 2, 5, 6), {"c": nn.Conv2d(2, 2, 3)}),
    "strided and padded": (
        lambda m, x: m.c(x), (1, 1, 7, 6), {"c": nn.Conv2d(1, 2, (3, 2), (2, 3), (1, 0))},
    ),
    "dilated": (lambda m, x: m.c(x), (1, 1, 7, 8), {"c": nn.Conv2d(1, 1, 3, dilation=(3, 2))}),
    "gaps": (lambda m, x: m.c(x), (1, 1, 8, 8), {"c": nn.Conv2d(1, 1, 2, stride=3)}),
    "groups": (lambda m, x: m.c(x), (1, 4, 4, 4), {"c": nn.Conv2d(4, 4, 2, groups=2)}),
    "depthwise": (lambda m, x: m.c(x), (2, 3, 4, 3), {"c": nn.Conv2d(3, 3, 2, groups=3)}),
    "same": (lambda m, x: m.c(x), (1, 1, 5, 5), {"c": nn.Conv2d(1, 1, 3, padding="same")}),
    "without a batch": (lambda m, x: m.c(x), (2, 4, 4), {"c": nn.Conv2d(2, 3, 2)}),
    "sequence": (lambda m, x: m.c(x), (2, 2, 9), {"c": nn.Conv1d(2, 2, 3, 2)}),
    "volume": (lambda m, x: m.c(x), (1, 1, 3, 4, 3), {"c": nn.Conv3d(1, 2, 2)}),
    "transposed": (
        lambda m, x: m.c(x), (1, 2, 3, 4), {"c": nn.ConvTranspose2d(2, 2, 3, 2, 1, 1)},
    ),
    "transposed in groups": (
        lambda m, x: m.c(x), (1, 4, 3), {"c": nn.ConvTranspose1d(4, 2, 2, 3, groups=2)},
    ),
    "average pooling": (lambda m, x: F.avg_pool2d(x, 2), (1, 2, 5, 7), {}),
    "rounded up": (lambda m, x: F.avg_pool2d(x, 2, ceil_mode=True), (1, 1, 5, 7), {}),
    "overlapping": (lambda m, x: F.avg_pool2d(x, 3, 2, 1), (1, 1, 6, 7), {}),
    "adaptive": (lambda m, x: F.adaptive_avg_pool2d(x, (3, 2)), (1, 2, 7, 5), {}),
    "bilinear": (lambda m, x: F.interpolate(x, scale_factor=2, mode="bilinear"), (1, 1, 3, 4), {}),
    "bilinear to a size": (
        lambda m, x: F.interpolate(x, size=(7, 2), mode="bilinear"), (1, 1, 4, 5), {},
    ),
    "at corners": (
        lambda m, x: F.interpolate(x, size=(5, 7), mode="bilinear", align_corners=True),
        (1, 1, 3, 4), {},
    ),
    "odd factor": (
        lambda m, x: F.interpolate(x, scale_factor=1.7, mode="linear"), (1, 2, 7), {},
    ),
    "nearest": (lambda m, x: F.interpolate(x, scale_factor=2), (1, 1, 3, 4), {}),
    "linear": (lambda m, x: m.f(x), (2, 3, 4), {"f": nn.Linear(4, 2)}),
    "matmul": (lambda m, x: x @ m.f.weight, (2, 3, 4), {"f": nn.Linear(2, 4)}),
    "with itself": (lambda m, x: x @ x.mT, (2, 3, 2), {}),
    "vector": (lambda m, x: x @ x[0, 0], (2, 3, 4), {}),
    "batches stretched": (lambda m, x: x[:1] @ x.mT, (2, 2, 3), {}),
    "addmm": (lambda m, x: torch.addmm(x[0], x, x.T), (3, 3), {}),
    "einsum": (lambda m, x: torch.einsum("bij,bkj->bik", x, x.exp()), (2, 2, 3), {}),
    "einsum turned": (lambda m, x: torch.einsum("bji,bjk->bki", x, x.exp()), (2, 2, 3), {}),
    "stretched": (lambda m, x: x + x[:, :1].exp() * x[0, 0], (2, 3, 2), {}),
    "residual": (
        lambda m, x: torch.tanh(m.c(x)) + x, (1, 2, 4, 4), {"c": nn.Conv2d(2, 2, 3, padding=1)},
    ),
    "branches": (
        lambda m, x: torch.cat([m.c(x), x[:, :, 1:-1, 1:-1].sigmoid()], 1),
        (1, 2, 5, 5), {"c": nn.Conv2d(2, 1, 3)},
    ),
    "stack": (lambda m, x: torch.stack([x, x.exp()], 1).sum(2), (2, 3, 2), {}),
    "softmax": (lambda m, x: x.softmax(1), (2, 3, 2), {}),
    "softmax of one": (lambda m, x: x.softmax(1), (2, 1, 3), {}),
    "log softmax": (lambda m, x: x.log_softmax(-1), (2, 3), {}),
    "layer norm": (lambda m, x: m.n(x), (2, 2, 3), {"n": nn.LayerNorm(3)}),
    "group norm": (lambda m, x: m.n(x), (2, 4, 3), {"n": nn.GroupNorm(2, 4)}),
    "instance norm": (lambda m, x: m.n(x), (2, 2, 4), {"n": nn.InstanceNorm1d(2)}),
    "batch norm in training": (lambda m, x: m.n(x), (2, 3, 4), {"n": nn.BatchNorm1d(3)}),
    "batch norm": (lambda m, x: m.n(x), (2, 3, 4), {"n": nn.BatchNorm1d(3).eval()}),
    "sum": (lambda m, x: x.sum(1), (2, 3, 2), {}),
    "mean kept": (lambda m, x: x.mean((0, 2), keepdim=True), (2, 3, 2), {}),
    "std": (lambda m, x: x.std(1), (2, 3, 2), {}),
    "logsumexp": (lambda m, x: x.logsumexp(-1), (2, 3), {}),
    "running sum": (lambda m, x: x.cumsum(1), (2, 4), {}),
    "glu": (lambda m, x: F.glu(x, 1), (2, 4, 2), {}),
    "pad": (lambda m, x: F.pad(x, (1, 2, 0, 1), mode="reflect"), (1, 1, 4, 4), {}),
    "shuffle": (lambda m, x: F.pixel_shuffle(x, 2), (1, 4, 2, 2), {}),
    "moved": (lambda m, x: x.permute(2, 0, 1).flatten(1)[1:, ::2], (2, 3, 4), {}),
    "view": (lambda m, x: x.view(3, -1) * 2, (2, 3, 2), {}),
    "chunk": (lambda m, x: x.chunk(2, 1)[1].exp(), (2, 4), {}),
    "times nothing": (lambda m, x: x[:, :1] * 0 + x, (2, 3), {}),
    "attention": (lambda m, x: F.scaled_dot_product_attention(x, x, x), (1, 2, 3, 2), {}),
    "one key": (
        lambda m, x: F.scaled_dot_product_attention(x, x[:, :, :1], x[:, :, 1:2]), (1, 2, 3, 2), {},
    ),
    "causal": (
        lambda m, x: F.scaled_dot_product_attention(x, x, x, is_causal=True), (1, 1, 4, 2), {},
    ),
    "heads": (
        lambda m, x: m.a(x, x, x)[0], (2, 3, 4),
        {"a": nn.MultiheadAttention(4, 2, batch_first=True)},
    ),
    "gru": (lambda m, x: m.r(x)[0], (3, 2, 2), {"r": nn.GRU(2, 2, 2)}),
    "lstm": (lambda m, x: m.r(x)[0], (2, 3, 2), {"r": nn.LSTM(2, 2, batch_first=True)}),
    "bilinear of two": (lambda m, x: m.b(x, x.exp()), (2, 3), {"b": nn.Bilinear(3, 3, 2)}),
    "written over": (lambda m, x: over(x * 3, 0.0), (1, 2, 3, 4), {}),
    "written from": (
        lambda m, x: over(torch.zeros(1, 2, 3, 4).to(x), x[..., :2]),
        (1, 2, 3, 4), {},
    ),
    "loss": (lambda m, x: F.mse_loss(x, x.exp()), (2, 3), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_exact_fields_are_the_union_of_supports(name: str) -> None:
    function, shape, layers = EXACT[name]
    net = Lambda(function, **layers).double()
    wanted = support(net, (shape,))
    seen, reached, exactness = fields(net, (torch.rand(shape, dtype=torch.float64),))
    assert exactness is Exactness.EXACT
    np.testing.assert_array_equal(seen, wanted)
    np.testing.assert_array_equal(reached, wanted)


NOT_EXACT: dict[str, tuple[Function, tuple[int, ...], dict[str, nn.Module], Exactness, bool]] = {
    "relu": (lambda m, x: F.relu(x - 0.6), (2, 5), {}, Exactness.DATA_DEPENDENT, True),
    "max pooling": (
        lambda m, x: F.max_pool2d(x, 2), (1, 1, 5, 5), {}, Exactness.DATA_DEPENDENT, True,
    ),
    "adaptive max pooling": (
        lambda m, x: F.adaptive_max_pool2d(x, 2), (1, 1, 5, 5), {},
        Exactness.DATA_DEPENDENT, True,
    ),
    "maximum": (
        lambda m, x: torch.maximum(x, x[:1].flip(1)), (2, 3), {}, Exactness.DATA_DEPENDENT, True,
    ),
    "largest": (lambda m, x: x.amax(1), (2, 4), {}, Exactness.DATA_DEPENDENT, True),
    "with its place": (lambda m, x: x.max(1)[0], (2, 4), {}, Exactness.DATA_DEPENDENT, True),
    "clamp": (lambda m, x: x.clamp(0.2, 0.8), (6,), {}, Exactness.DATA_DEPENDENT, True),
    "conv, relu, pool": (
        lambda m, x: F.max_pool2d(F.relu(m.c(x)), 2), (1, 1, 6, 6), {"c": nn.Conv2d(1, 2, 2)},
        Exactness.DATA_DEPENDENT, True,
    ),
    "no rule": (lambda m, x: torch.fft.fft(x).real, (2, 4), {}, Exactness.UPPER_BOUND, False),
    "sort": (lambda m, x: x.sort(1)[0], (2, 4), {}, Exactness.UPPER_BOUND, False),
    "bicubic": (
        lambda m, x: F.interpolate(x, scale_factor=2, mode="bicubic"), (1, 1, 3, 3), {},
        Exactness.UPPER_BOUND, False,
    ),
    "both ways": (
        lambda m, x: m.r(x)[0], (3, 2, 2), {"r": nn.GRU(2, 2, bidirectional=True)},
        Exactness.UPPER_BOUND, False,
    ),
    "written through a view": (
        lambda m, x: through(x * 3, x[:, 0]), (2, 3, 4), {}, Exactness.UPPER_BOUND, False,
    ),
    "picked by numbers": (
        lambda m, x: x[x.detach().argsort()[:2]], (5,), {}, Exactness.UPPER_BOUND, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_EXACT)
def test_other_fields_hold_every_support_and_say_what_they_are(name: str) -> None:
    function, shape, layers, expected, filled = NOT_EXACT[name]
    net = Lambda(function, **layers).double()
    wanted = support(net, (shape,), tries=60 if filled else 5)
    seen, reached, exactness = fields(net, (torch.rand(shape, dtype=torch.float64),))
    assert exactness is expected
    np.testing.assert_array_equal(seen, reached)
    assert not (wanted & ~seen).any()
    if filled:
        # Over many inputs every value passes once: the mask claims no more than that.
        np.testing.assert_array_equal(seen, wanted)


def test_the_notebooks_conv2_sees_eight_by_eight_pixels() -> None:
    capture = real_capture("notebook")
    asked = Address(Place.STEP, "conv2", side=Side.GRADIENT, index=(0, 3, 4, 5))
    found = receptive_field(capture, asked)
    assert found.sentence(INPUT).english() == "Sees rows 8-15, columns 10-17: 8 × 8."
    assert found.box(INPUT) == ((0, 0), (0, 0), (8, 15), (10, 17))
    pool = Address(Place.STEP, "max_pool2d")
    assert found.sentence(pool).english() == "Sees rows 4-6, columns 5-7: 3 × 3, in all 6 maps."
    assert found.exactness[pool] is Exactness.EXACT
    assert found.exactness[INPUT] is Exactness.DATA_DEPENDENT
    assert "max_pool2d" in found.reasons[INPUT].english()
    assert Address(Place.STEP, "fc1") not in found.masks
    assert "nothing" in found.sentence(Address(Place.STEP, "fc1")).english()


def test_what_a_pixel_reaches() -> None:
    capture = real_capture("notebook")
    inside = projective_field(capture, Address(Place.INPUT, "0", index=(0, 0, 10, 12)))
    conv1 = Address(Place.STEP, "conv1")
    assert inside.sentence(conv1).english() == (
        "Reaches rows 8-10, columns 10-12: 3 × 3, in all 6 maps."
    )
    assert inside.masks[Address(Place.STEP, "fc3")].all()
    outside = projective_field(capture, Address(Place.INPUT, "0", index=(0, 0, 31, 12)))
    assert Address(Place.STEP, "fc3") not in outside.masks
    assert Address(Place.STEP, "conv1") in outside.masks


def test_gaps_are_counted() -> None:
    layer = nn.Conv2d(1, 1, 2, dilation=2)
    capture = record(Lambda(lambda m, x: m.c(x), c=layer), (torch.rand(1, 1, 5, 5),))
    found = receptive_field(capture, Address(Place.STEP, "c", index=(0, 0, 1, 0)))
    assert found.sentence(INPUT).english() == "Sees rows 1-3, columns 0-2: 4 of 3 × 3."


@pytest.mark.parametrize("name", odd_captures())
def test_fields_of_any_capture(name: str) -> None:
    capture = odd_captures()[name]()
    places: list[Any] = [
        (Address(Place.INPUT, str(number)), value.shape)
        for number, value in enumerate(capture.input_values)
    ]
    for step in capture.steps:
        for output, value in enumerate(step.outputs):
            places.append((Address(Place.STEP, step.name, output), value.shape))
    for address, shape in places:
        for field in (receptive_field, projective_field):
            found = field(capture, address)
            for each, mask in found.masks.items():
                assert found.sentence(each).english()
                assert mask.dtype == np.bool_
            assert found.masks[address].shape == shape


def test_other_places_have_no_field() -> None:
    capture = real_capture("notebook")
    address = Address(Place.OBJECTIVE, "loss")
    assert receptive_field(capture, address).masks == {}
    assert projective_field(capture, address).box(INPUT) is None
    assert receptive_field(capture, Address(Place.PARAMETER, "conv1.weight")).masks == {}


LEARNED: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], Exactness]] = {
    "convolution": (lambda: nn.Conv2d(2, 3, 3, 2, 1), (1, 2, 4, 5), Exactness.EXACT),
    "all in the padding": (lambda: nn.Conv2d(1, 2, 3, padding=1), (2, 1, 1, 3), Exactness.EXACT),
    "groups": (lambda: nn.Conv1d(4, 4, 2, groups=2), (1, 4, 5), Exactness.EXACT),
    "without a batch": (lambda: nn.Conv2d(1, 2, 2), (1, 3, 4), Exactness.EXACT),
    "linear": (lambda: nn.Linear(3, 4), (2, 2, 3), Exactness.EXACT),
    "batch norm": (lambda: nn.BatchNorm2d(3), (2, 3, 2, 2), Exactness.EXACT),
    "layer norm": (lambda: nn.LayerNorm((2, 3)), (2, 2, 3), Exactness.EXACT),
    "transposed": (lambda: nn.ConvTranspose2d(1, 2, 2), (1, 1, 2, 3), Exactness.UPPER_BOUND),
    "recurrent": (lambda: nn.GRUCell(3, 2), (2, 3), Exactness.UPPER_BOUND),
    "twice": (
        lambda: nn.Sequential(shared := nn.Linear(3, 3), nn.Tanh(), shared), (1, 3),
        Exactness.EXACT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEARNED)
def test_what_a_parameter_reaches(name: str) -> None:
    make, shape, expected = LEARNED[name]
    module = make().double()
    generator = torch.Generator().manual_seed(1)
    fresh(module, generator)
    x = torch.rand(shape, generator=generator, dtype=torch.float64) + 0.1
    net = Lambda(lambda m, x: m.part(x), part=module)
    capture = record(net, (x,))
    assert capture.output is not None
    end = Address(Place.STEP, capture.steps[capture.output.step].name, capture.output.output)
    out = net(x)
    for parameter in capture.parameters:
        value = dict(net.named_parameters())[parameter.name]
        rows = [
            torch.autograd.grad(one, value, retain_graph=True)[0].reshape(-1) != 0
            for one in out.reshape(-1)
        ]
        wanted = torch.stack(rows, 1).numpy()
        for number, index in enumerate(np.ndindex(tuple(value.shape))):
            found = projective_field(capture, Address(Place.PARAMETER, parameter.name, index=index))
            reached = found.masks.get(end, np.zeros(out.shape, dtype=bool)).ravel()
            if expected is Exactness.EXACT:
                np.testing.assert_array_equal(reached, wanted[number])
                assert found.exactness.get(end, Exactness.EXACT) is Exactness.EXACT
            else:
                assert not (wanted[number] & ~reached).any()
                assert found.exactness[end] is Exactness.UPPER_BOUND
