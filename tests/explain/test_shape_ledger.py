"""A step's shape as arithmetic, against captures of real runs and torch's own shapes."""

import random
import re
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet_viz.capture.recorder import record
from lenet_viz.capture.records import Capture
from lenet_viz.explain.shape_ledger import ShapeLedger, shape_ledger
from tests.session.pretend_engine import real_capture


def ledgers(capture: Capture) -> dict[str, ShapeLedger]:
    shapes = {parameter.name: parameter.shape for parameter in capture.parameters}
    return {step.name: shape_ledger(step, shapes) for step in capture.steps}


def said(ledger: ShapeLedger) -> str:
    return " ".join(note.english() for note in ledger.notes)


class Calling(nn.Module):
    """A module that is nothing but a function."""

    def __init__(self, function, **layers: nn.Module) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.function(self, x)
        return made


def of(function, shape: tuple[int, ...], **layers: nn.Module) -> tuple[ShapeLedger, Tensor]:  # type: ignore[no-untyped-def]
    """Return the ledger of a network's only step, and torch's own output."""
    net, x = Calling(function, **layers), torch.randn(shape)
    capture = record(net, (x,))
    assert len(capture.steps) == 1
    (ledger,) = ledgers(capture).values()
    return ledger, net(x)


# -- the presets -----------------------------------------------------------------------------------

FORMULAS = {
    "notebook": {
        "conv1": "32 - 3 + 1 = 30",
        "max_pool2d": "(30 - 2)/2 + 1 = 15",
        "conv2": "15 - 3 + 1 = 13",
        "max_pool2d_2": "(13 - 2)/2 + 1 = 6.5 → 6",
        "view": "16 × 6 × 6 = 576",
        "fc1": "x[1×576] · Wᵀ[576×120] + b = [1×120]",
        "fc3": "x[1×84] · Wᵀ[84×10] + b = [1×10]",
    },
    "tutorial": {
        "conv1": "32 - 5 + 1 = 28",
        "max_pool2d": "(28 - 2)/2 + 1 = 14",
        "conv2": "14 - 5 + 1 = 10",
        "view": "16 × 5 × 5 = 400",
    },
    "lenet5": {
        "conv1": "28 + 2·2 - 5 + 1 = 28",
        "avg_pool2d": "(28 - 2)/2 + 1 = 14",
        "conv2": "14 - 5 + 1 = 10",
        "flatten": "16 × 5 × 5 = 400",
    },
    "toy": {
        "conv1": "6 - 3 + 1 = 4",
        "max_pool2d": "(4 - 2)/2 + 1 = 2",
        "view": "1 × 2 × 2 = 4",
    },
}


@pytest.mark.parametrize("preset", FORMULAS)
def test_the_presets_formulas(preset: str) -> None:
    found = ledgers(real_capture(preset))
    for step, formula in FORMULAS[preset].items():
        assert found[step].formulas == (formula,), step


def test_the_notebooks_second_pooling_drops_row_12() -> None:
    capture = real_capture("notebook")
    found = ledgers(capture)
    for step, ledger in found.items():
        dropped = (12,) if step == "max_pool2d_2" else ()
        assert ledger.dropped_rows == ledger.dropped_columns == dropped, step
    words = said(found["max_pool2d_2"])
    assert "rounded down" in words
    assert "row 12 and column 12" in words
    assert found["max_pool2d_2"].general == ("(13 + 2·0 - 1·(2 - 1) - 1)/2 + 1 = 6.5 → 6",)
    assert "sum of 6 kernels" in said(found["conv2"])
    assert "one kernel over its input channel" in said(found["conv1"])


@pytest.mark.parametrize("preset", FORMULAS)
def test_every_formula_ends_in_the_shape_torch_gave(preset: str) -> None:
    capture = real_capture(preset)
    for name, ledger in ledgers(capture).items():
        shape = capture.steps[name].shape
        if ledger.axes:
            assert tuple(axis.out_size for axis in ledger.axes) == shape[-2:]
            assert all(text.endswith(str(shape[-1])) for text in ledger.formulas)
        elif ledger.formulas and capture.steps[name].op == "linear":
            assert ledger.formulas[0].endswith(f"= [1×{shape[-1]}]")


# -- odd settings ----------------------------------------------------------------------------------


def value_of(formula: str) -> tuple[Fraction, int]:
    """Work a formula out: its exact value and what it is rounded to."""
    left, right = formula.split(" = ")
    text = left.replace("·", "*")
    assert re.fullmatch(r"[\d\s()*/+-]+", text), text
    text = re.sub(r"\d+", lambda found: f"Fraction({found.group()})", text)
    return eval(text, {"Fraction": Fraction}), int(right.rpartition("→")[2].split()[-1])


def windows(rng: random.Random) -> dict[str, object]:
    def either(low: int, high: int) -> int | tuple[int, int]:
        if rng.random() < 0.5:
            return rng.randint(low, high)
        return (rng.randint(low, high), rng.randint(low, high))

    return {
        "kernel_size": either(1, 5),
        "stride": either(1, 4),
        "padding": either(0, 2),
        "dilation": either(1, 3),
    }


def checked(ledger: ShapeLedger, out: Tensor) -> None:
    sizes = tuple(out.shape[-2:])
    assert tuple(axis.out_size for axis in ledger.axes) == sizes
    for texts in (ledger.formulas, ledger.general):
        if len(texts) == 1:
            each = [texts[0], texts[0]]
        else:
            assert [text[:3] for text in texts] == ["H: ", "W: "]
            each = [text[3:] for text in texts]
        for text, size, axis in zip(each, sizes, ledger.axes, strict=True):
            assert value_of(text) == (axis.exact, size)


@pytest.mark.parametrize("seed", range(60))
def test_convolutions_with_random_settings(seed: int) -> None:
    rng = random.Random(seed)
    settings = windows(rng)
    groups = rng.choice([1, 1, 2, 4])
    layer = nn.Conv2d(4, 8, groups=groups, bias=rng.random() < 0.5, **settings)  # type: ignore[arg-type]
    size = (rng.randint(13, 20), rng.randint(13, 20))
    ledger, out = of(lambda net, x: net.conv(x), (2, 4, *size), conv=layer)
    checked(ledger, out)
    for dropped, axis in ((ledger.dropped_rows, 2), (ledger.dropped_columns, 3)):
        assert dropped == untouched(layer, (1, 4, *size), axis)
    expected = "one kernel over" if groups == 4 else f"sum of {4 // groups} kernels"
    assert expected in said(ledger)


def untouched(layer: nn.Module, shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """Return the rows or columns that torch's own backward gives no gradient to."""
    x = torch.ones(shape, requires_grad=True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(1.0)
    layer(x).sum().backward()
    assert x.grad is not None
    others = tuple(each for each in range(4) if each != axis)
    return tuple((x.grad.abs().sum(others) == 0).nonzero().flatten().tolist())


@pytest.mark.parametrize("seed", range(60))
def test_poolings_with_random_settings(seed: int) -> None:
    rng = random.Random(1000 + seed)
    settings = windows(rng)
    kernel = settings["kernel_size"]
    smallest = kernel if isinstance(kernel, int) else min(kernel)  # type: ignore[type-var]
    settings["padding"] = rng.randint(0, smallest // 2)  # type: ignore[operator]
    settings["ceil_mode"] = rng.random() < 0.5
    if rng.random() < 0.3:
        del settings["stride"]
    average = rng.random() < 0.4
    if average:
        del settings["dilation"]
    function = F.avg_pool2d if average else F.max_pool2d
    size = (rng.randint(13, 20), rng.randint(13, 20))
    ledger, out = of(lambda net, x: function(x, **settings), (1, 2, *size))
    checked(ledger, out)
    if average:
        layer = nn.AvgPool2d(**settings)  # type: ignore[arg-type]
        assert ledger.dropped_rows == untouched(layer, (1, 1, *size), 2)
        assert ledger.dropped_columns == untouched(layer, (1, 1, *size), 3)


@pytest.mark.parametrize("shape", [(3, 9, 9), (2, 3, 9, 9)])
def test_with_and_without_a_batch(shape: tuple[int, ...]) -> None:
    ledger, out = of(lambda net, x: net.conv(x), shape, conv=nn.Conv2d(3, 5, 3))
    checked(ledger, out)
    assert ledger.formulas == ("9 - 3 + 1 = 7",)


def test_a_padding_that_is_a_word_is_not_guessed_at() -> None:
    layer = nn.Conv2d(3, 3, 3, padding="same")
    ledger, out = of(lambda net, x: net.conv(x), (1, 3, 9, 9), conv=layer)
    assert out.shape == (1, 3, 9, 9)
    assert ledger == ShapeLedger()


def test_rounding_up_is_said() -> None:
    ledger, out = of(lambda net, x: F.max_pool2d(x, 2, ceil_mode=True), (1, 1, 13, 13))
    assert out.shape[-1] == 7
    assert ledger.formulas == ("(13 - 2)/2 + 1 = 6.5 → 7",)
    assert "rounds up" in said(ledger)
    assert ledger.dropped_rows == ()


def test_rows_and_columns_that_differ_are_told_apart() -> None:
    ledger, _ = of(lambda net, x: F.max_pool2d(x, (2, 3)), (1, 1, 13, 13))
    assert ledger.formulas == ("H: (13 - 2)/2 + 1 = 6.5 → 6", "W: (13 - 3)/3 + 1 = 4 1/3 → 4")
    assert "row 12 and column 12" in said(ledger)


# -- steps without windows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function", [F.relu, torch.tanh, torch.sigmoid, F.gelu, F.elu, F.silu, F.leaky_relu]
)
def test_an_activation_works_on_each_value_by_itself(function) -> None:  # type: ignore[no-untyped-def]
    ledger, _ = of(lambda net, x: function(x), (1, 3, 5, 5))
    assert "each value by itself" in said(ledger)
    assert ledger.formulas == ()


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda net, x: F.softmax(x, -1), (2, 5)),
        (lambda net, x: F.log_softmax(x, -1), (2, 5)),
        (lambda net, x: F.layer_norm(x, (5,)), (2, 5)),
        (lambda net, x: F.batch_norm(x, None, None, training=True), (4, 3, 5, 5)),
        (lambda net, x: F.group_norm(x, 1), (4, 3, 5, 5)),
        (lambda net, x: x.cumsum(0), (4, 5)),
        (lambda net, x: x.flip(0), (4, 5)),
        (lambda net, x: x.roll(1), (4, 5)),
        (lambda net, x: F.conv1d(x, torch.ones(3, 3, 1)), (1, 3, 5)),
        (lambda net, x: F.max_pool1d(x, 3, 1, 1), (1, 3, 5)),
        (lambda net, x: F.normalize(x), (4, 5)),
    ],
)
def test_what_mixes_values_is_never_said_to_work_on_each(function, shape) -> None:  # type: ignore[no-untyped-def]
    net, x = Calling(function), torch.randn(shape)
    for ledger in ledgers(record(net, (x,))).values():
        assert "by itself" not in said(ledger)


def test_linear_with_more_axes_and_without_bias() -> None:
    ledger, _ = of(lambda net, x: net.fc(x), (2, 7, 6), fc=nn.Linear(6, 3, bias=False))
    assert ledger.formulas == ("x[…×6] · Wᵀ[6×3] = […×3]",)
    assert "3 outputs" in said(ledger)


@pytest.mark.parametrize(
    "function",
    [
        lambda net, x: x.transpose(1, 2),
        lambda net, x: x.sum(-1),
        lambda net, x: x.view(-1),
        lambda net, x: x.view(4, -1),
        lambda net, x: F.interpolate(x, scale_factor=2.0),
    ],
)
def test_an_op_without_a_rule_gets_no_formula(function) -> None:  # type: ignore[no-untyped-def]
    net, x = Calling(function), torch.randn(2, 3, 4, 4)
    for ledger in ledgers(record(net, (x,))).values():
        assert ledger.formulas == ()
        assert ledger.axes == ()
