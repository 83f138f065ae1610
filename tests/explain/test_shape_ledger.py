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
from lenet_viz.explain.shape_ledger import ShapeLedger, ledger_in, shape_ledger
from tests.explain.ledger.reading import arithmetic, boxes
from tests.panels.runs import odd_captures
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

    def forward(self, *inputs: Tensor) -> Tensor:
        made: Tensor = self.function(self, *inputs)
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
    assert "16 × 6 = 96 kernels in all" in said(found["conv2"])
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


def test_a_padding_that_is_a_word() -> None:
    layer = nn.Conv2d(3, 3, 3, padding="same")
    ledger, out = of(lambda net, x: net.conv(x), (1, 3, 9, 9), conv=layer)
    assert out.shape == (1, 3, 9, 9)
    assert ledger.formulas == ("9 + 2·1 - 3 + 1 = 9",)
    assert "keep the size" in said(ledger)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
def test_same_with_an_even_kernel_has_one_more_row_at_the_end() -> None:
    layer = nn.Conv2d(1, 1, 4, padding="same", bias=False)
    ledger, _ = of(lambda net, x: net.conv(x), (1, 1, 9, 9), conv=layer)
    assert ledger.formulas == ("9 + 2·1 + 1 - 4 + 1 = 9",)
    assert "without a bias" in said(ledger)


def test_what_another_kernel_would_give() -> None:
    """Whoever expects 28 of 32 has 5×5 kernels in mind."""
    ledger, _ = of(lambda net, x: net.conv(x), (1, 1, 32, 32), conv=nn.Conv2d(1, 2, 3))
    assert "3×3 without padding takes 2 rows and columns: 32 → 30; a 5×5 would give 28" in said(
        ledger
    )
    ledger, _ = of(lambda net, x: net.conv(x), (1, 1, 32, 20), conv=nn.Conv2d(1, 2, 5))
    words = "5×5 without padding takes 4 rows and columns: 32×20 → 28×16; a 3×3 would give 30×18"
    assert words in said(ledger)
    for layer in (nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 3, 2)):
        ledger, _ = of(lambda net, x: net.conv(x), (1, 1, 9, 9), conv=layer)
        assert "would give" not in said(ledger)


def test_a_last_window_that_starts_beyond_the_input() -> None:
    ledger, out = of(lambda net, x: F.max_pool2d(x, 2, 3, 1, ceil_mode=True), (1, 1, 5, 5))
    assert out.shape[-1] == 2
    assert ledger.formulas == ("(5 + 2·1 - 2)/3 + 1 = 2 2/3 → 2",)
    assert "would round up to 3" in said(ledger)
    assert "incomplete last window counts" not in said(ledger)


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize("seed", range(12))
def test_what_sequences_and_volumes_drop(axes: int, seed: int) -> None:
    rng = random.Random(seed)
    settings: dict[str, int] = {"kernel_size": rng.randint(1, 3), "stride": rng.randint(1, 4)}
    layer = (nn.Conv1d if axes == 1 else nn.Conv3d)(1, 1, **settings)
    size = tuple(rng.randint(5, 9) for _ in range(axes))
    ledger, _ = of(lambda net, x: net.conv(x), (1, 1, *size), conv=layer)
    x = torch.ones(1, 1, *size, requires_grad=True)
    with torch.no_grad():
        layer.weight.fill_(1.0)
    layer(x).sum().backward()
    assert x.grad is not None
    for axis, lines in enumerate(ledger.axes):
        others = tuple(each for each in range(axes + 2) if each != axis + 2)
        gone = tuple((x.grad.sum(others) == 0).nonzero().flatten().tolist())
        assert lines.dropped == gone
    assert ledger.dropped_columns == ledger.axes[-1].dropped


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


def of_last(function, *inputs: Tensor, **layers: nn.Module) -> ShapeLedger:  # type: ignore[no-untyped-def]
    """Return the ledger of the step that did it, from a whole capture."""
    capture = record(Calling(function, **layers).eval(), inputs)
    step = next(step for step in reversed(capture.steps) if step.op not in ("getitem", "transpose"))
    return ledger_in(capture, step)


SAID = {
    "view with -1": (lambda n, x: x.view(-1, 24), ("2 × 3 × 4 = 24",), "2·3·4 / 24 = 1"),
    "view": (lambda n, x: x.view(4, -1, 2), ("[2×3×4] → [4×3×2]",), "2·3·4 / (4·2) = 3"),
    "to a vector": (lambda n, x: x.view(-1), ("2 × 3 × 4 = 24",), "2·3·4 = 24"),
    "flatten": (lambda n, x: x.flatten(1, 2), ("3 × 4 = 12",), "batch axis stays"),
    "softmax": (lambda n, x: x.softmax(-1), (), "axis 2, the 4 values add up to 1"),
    "sum": (lambda n, x: x.sum((0, 2), keepdim=True), ("[2×3×4] → [1×3×1]",), "2 × 4 = 8"),
    "concat": (lambda n, x: torch.cat([x, x[:1]], 0), ("axis 0: 2 + 1 = 3",), "2 tensors"),
    "unequal": (
        lambda n, x: x + x[:1, :, :1],
        ("[2×3×4] + [1×3×1] → [2×3×4]",),
        "used again: axis 0, 2",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said(name: str) -> None:
    function, formulas, words = SAID[name]
    if name == "view with -1":
        x = torch.rand(1, 2, 3, 4)
        formulas, words = ("2 × 3 × 4 = 24",), "1·2·3·4 / 24 = 1"
    else:
        x = torch.rand(2, 3, 4)
    ledger = of_last(function, x)
    assert ledger.formulas == formulas
    assert words in said(ledger)


def test_attention_as_documented() -> None:
    attention = nn.MultiheadAttention(6, 2, batch_first=True)
    ledger = of_last(
        lambda net, x, y: net.mha(x, y, y)[0],
        torch.rand(3, 4, 6),
        torch.rand(3, 5, 6),
        mha=attention,
    )
    assert ledger.formulas == (
        "each head: 6/2 = 3",
        "q[3×2×4×3] · kᵀ[3×2×3×5] = [3×2×4×5]",
        "[3×2×4×5] · v[3×2×5×3] = [3×2×4×3]",
        "side by side: 2·3 = 6",
    )
    assert ledger.gives == (4, 3, 6)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_networks_as_documented(
    kind: type[nn.RNNBase], both_ways: bool, batch_first: bool
) -> None:
    layer = kind(4, 5, 2, batch_first=batch_first, bidirectional=both_ways)
    x = torch.rand(3, 2, 4)
    out, states = layer(x)
    hidden = states[0] if isinstance(states, tuple) else states
    ledger = of_last(lambda net, x: net.rnn(x)[0], x, rnn=layer)
    assert ledger.gives == tuple(out.shape)
    read = {line.partition(": ")[0]: boxes(line)[-1] for line in ledger.formulas if "[" in line}
    assert read == {"output": tuple(out.shape), "h_n": tuple(hidden.shape)}
    for line in ledger.formulas:
        if line.startswith("gates"):
            assert arithmetic(line)[2] == layer.weight_ih_l0.shape[0]


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported:UserWarning")
def test_a_projected_lstm() -> None:
    layer = nn.LSTM(4, 6, proj_size=3)
    ledger = of_last(lambda net, x: net.rnn(x)[0], torch.rand(5, 2, 4), rnn=layer)
    assert ledger.gives == (5, 2, 3)
    assert "gates: 4·6 = 24" in ledger.formulas


@pytest.mark.parametrize(
    ("function", "x", "shape"),
    [
        (lambda n, x: n.one(x), torch.tensor([[1, 2, 3], [0, 1, 2]]), (2, 3, 7)),
        (lambda n, x: n.bag(x), torch.tensor([[1, 2, 3], [0, 1, 2]]), (2, 7)),
        (lambda n, x: F.one_hot(x, 5), torch.tensor([1, 2]), (2, 5)),
        (lambda n, x: F.pixel_shuffle(x, 2), torch.rand(1, 8, 2, 3), (1, 2, 4, 6)),
        (lambda n, x: F.pixel_unshuffle(x, 2), torch.rand(1, 2, 4, 6), (1, 8, 2, 3)),
        (lambda n, x: F.unfold(x, 2, stride=2), torch.rand(1, 3, 5, 7), (1, 12, 6)),
        (lambda n, x: x.unfold(1, 3, 2), torch.rand(2, 8), (2, 3, 3)),
        (lambda n, x: F.glu(x), torch.rand(2, 8), (2, 4)),
        (lambda n, x: torch.einsum("bij,bkj->bik", x, x), torch.rand(2, 3, 4), (2, 3, 3)),
        (lambda n, x: F.scaled_dot_product_attention(x, x, x), torch.rand(2, 3, 4), (2, 3, 4)),
        (lambda n, x: x.topk(2)[0], torch.rand(3, 4), (3, 2)),
        (lambda n, x: x.unbind(1)[0], torch.rand(3, 4), (3,)),
        (lambda n, x: x[x > 2], torch.rand(3, 4), (0,)),
        (lambda n, x: x[:, torch.tensor([0, 1])], torch.rand(3, 4), (3, 2)),
        (lambda n, x: F.mse_loss(x, x[:1].expand_as(x)), torch.rand(3, 4), ()),
        (lambda n, x: F.cross_entropy(x, x, reduction="none"), torch.rand(3, 4), (3,)),
        (lambda n, x: n.bil(x, x), torch.rand(3, 4), (3, 2)),
        (lambda n, x: n.cell(x), torch.rand(3, 4), (3, 5)),
    ],
)
def test_other_ops_end_in_torchs_shape(function, x: Tensor, shape: tuple[int, ...]) -> None:  # type: ignore[no-untyped-def]
    layers = {
        "one": nn.Embedding(5, 7),
        "bag": nn.EmbeddingBag(5, 7),
        "bil": nn.Bilinear(4, 4, 2),
        "cell": nn.GRUCell(4, 5),
    }
    net = Calling(function, **layers).eval()
    capture = record(net, (x,))
    assert tuple(net(x).shape) == shape
    ledger = next(
        ledger_in(capture, step)
        for step in reversed(capture.steps)
        if ledger_in(capture, step).formulas and step.shape == shape
    )
    last = ledger.formulas[-1]
    if "[" in last:
        assert boxes(last)[-1] == shape
    else:
        assert arithmetic(last)[2] in (*shape, 12)


@pytest.mark.parametrize("name", odd_captures())
def test_a_ledger_of_a_capture_never_claims_another_shape(name: str) -> None:
    capture = odd_captures()[name]()
    for step in capture.steps:
        ledger = ledger_in(capture, step)
        assert ledger.gives in (None, step.shape)
        for line in (*ledger.formulas, *ledger.general):
            if " = " in line and "[" not in line:
                arithmetic(line)


@pytest.mark.parametrize("function", [torch.fft.fft, torch.linalg.pinv])
def test_an_op_without_a_rule_gets_no_formula(function) -> None:  # type: ignore[no-untyped-def]
    net, x = Calling(lambda _, x: function(x)), torch.randn(2, 3)
    for ledger in ledgers(record(net, (x,))).values():
        assert ledger.formulas == ()
        assert ledger.axes == ()
