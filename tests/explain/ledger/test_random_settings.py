"""More than 5,000 random settings: each line of text worked out, against torch's own shapes."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lenet_viz.explain.shape_ledger import ShapeLedger
from tests.explain.ledger.reading import arithmetic, boxes, ledger_of, meta, weight

EACH = 400
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
LETTERS = {1: "L", 2: "HW", 3: "DHW"}
Made = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def either(rng: random.Random, axes: int, low: int, high: int) -> Any:
    if rng.random() < 0.5:
        return rng.randint(low, high)
    return tuple(rng.randint(low, high) for _ in range(axes))


def lead(rng: random.Random, channels: int) -> tuple[int, ...]:
    """A batch and channels, or channels alone."""
    return (channels,) if rng.random() < 0.2 else (rng.randint(1, 3), channels)


def sizes(rng: random.Random, axes: int, low: int = 3, high: int = 17) -> tuple[int, ...]:
    return tuple(rng.randint(low, high) for _ in range(axes))


def tried(make: Callable[[random.Random], Made], seed: int) -> list[tuple[Made, ShapeLedger, Any]]:
    """So many calls that torch takes, with their ledgers; those that it refuses are left out."""
    rng = random.Random(seed)
    found: list[tuple[Made, ShapeLedger, Any]] = []
    refused = 0
    while len(found) < EACH:
        function, args, settings = made = make(rng)
        try:
            ledger, out = ledger_of(function, *args, **settings)
        except (RuntimeError, ValueError, IndexError):
            refused += 1
            assert refused < 20 * EACH
            continue
        found.append((made, ledger, out))
    return found


def along_axes(lines: tuple[str, ...], out: Tensor, axes: int) -> None:
    """Hold lines for spatial axes, one for all or one for each, against what torch gave."""
    read = [arithmetic(line) for line in lines]
    ends = [end for _, _, end in read]
    if len(read) == 1:
        assert read[0][0] == ""
        ends *= axes
    else:
        assert "".join(label for label, _, _ in read) == LETTERS[axes]
    assert tuple(ends) == tuple(out.shape[-axes:])


def convolution(rng: random.Random, axes: int) -> Made:
    groups = rng.choice([1, 1, 1, 2, 4])
    channels = groups * rng.randint(1, 3)
    kernel = sizes(rng, axes, 1, 5)
    kernels = weight(groups * rng.randint(1, 3), channels // groups, *kernel)
    settings: dict[str, Any] = {
        "dilation": either(rng, axes, 1, 3),
        "padding": rng.choice(["same", "valid", either(rng, axes, 0, 3)]),
        "groups": groups,
    }
    if settings["padding"] != "same":
        settings["stride"] = either(rng, axes, 1, 4)
    function = getattr(F, f"conv{axes}d")
    return function, (meta(*lead(rng, channels), *sizes(rng, axes)), kernels), settings


def transposed(rng: random.Random, axes: int) -> Made:
    groups = rng.choice([1, 1, 2])
    channels = groups * rng.randint(1, 3)
    kernels = weight(channels, rng.randint(1, 3), *sizes(rng, axes, 1, 5))
    settings = {
        "stride": either(rng, axes, 1, 4),
        "padding": either(rng, axes, 0, 3),
        "output_padding": either(rng, axes, 0, 2),
        "dilation": either(rng, axes, 1, 3),
        "groups": groups,
    }
    function = getattr(F, f"conv_transpose{axes}d")
    return function, (meta(*lead(rng, channels), *sizes(rng, axes)), kernels), settings


def pooling(rng: random.Random, axes: int) -> Made:
    average = rng.random() < 0.4
    settings: dict[str, Any] = {
        "kernel_size": either(rng, axes, 1, 5),
        "padding": either(rng, axes, 0, 2),
        "ceil_mode": rng.random() < 0.5,
    }
    if rng.random() < 0.7:
        settings["stride"] = either(rng, axes, 1, 5)
    if not average and axes > 1:
        settings["dilation"] = either(rng, axes, 1, 3)
    function = getattr(F, f"{'avg' if average else 'max'}_pool{axes}d")
    return function, (meta(*lead(rng, 2), *sizes(rng, axes)),), settings


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("make", [convolution, transposed, pooling])
def test_windows(make: Callable[[random.Random, int], Made], axes: int) -> None:
    for _, ledger, out in tried(lambda rng: make(rng, axes), axes):
        assert ledger.gives == tuple(out.shape)
        along_axes(ledger.formulas, out, axes)
        along_axes(ledger.general, out, axes)


def test_adaptive_pooling() -> None:
    def make(rng: random.Random) -> Made:
        axes = rng.choice([1, 2, 3])
        wanted = either(rng, axes, 1, 9)
        if axes > 1 and isinstance(wanted, tuple) and rng.random() < 0.3:
            wanted = (None, *wanted[1:])
        function = getattr(F, f"adaptive_avg_pool{axes}d")
        return function, (meta(*lead(rng, 2), *sizes(rng, axes)), wanted), {}

    for (function, _, _), ledger, out in tried(make, 1):
        axes = int(function.__name__[-2])
        assert ledger.gives == tuple(out.shape)
        ends = [int(line.rpartition("output_size = ")[2]) for line in ledger.formulas]
        assert tuple(ends * (axes if len(ends) == 1 else 1)) == tuple(out.shape[-axes:])


def shares(size: int, out: int) -> set[int]:
    """How many places each output takes, told by torch: averages of ones by one."""
    found = F.adaptive_avg_pool1d(torch.eye(size)[None], out)[0]
    return {int(count) for count in (found != 0).sum(0)}


@pytest.mark.parametrize("size", range(1, 24))
def test_how_many_places_an_adaptive_pooling_takes(size: int) -> None:
    for out in range(1, 24):
        ledger, _ = ledger_of(F.adaptive_avg_pool1d, meta(1, 1, size), out)
        (note,) = (note.english() for note in ledger.notes)
        taken = note.partition(" takes ")[2].partition(" of the ")[0]
        assert {int(one) for one in taken.split(" or ")} == shares(size, out)


def test_interpolation() -> None:
    def make(rng: random.Random) -> Made:
        axes = rng.choice([1, 2, 3])
        settings: dict[str, Any] = {}
        if rng.random() < 0.4:
            settings["size"] = either(rng, axes, 1, 20)
        else:
            one = rng.choice([0.5, 2, 2.0, 1.5, 0.7, 0.29, 1 / 3, round(rng.uniform(0.4, 3), 2)])
            settings["scale_factor"] = one
            settings["recompute_scale_factor"] = rng.choice([None, True, False])
        return F.interpolate, (meta(2, 3, *sizes(rng, axes, 3, 100)),), settings

    for (_, args, settings), ledger, out in tried(make, 2):
        assert ledger.gives == tuple(out.shape)
        if "scale_factor" in settings:
            along_axes(ledger.formulas, out, args[0].dim() - 2)
        else:
            ends = [int(line.rpartition("size = ")[2]) for line in ledger.formulas]
            assert tuple(ends) == tuple(out.shape[2:]) or [*out.shape[2:]] == ends * (out.dim() - 2)


def axis_lines(ledger: ShapeLedger, out: Tensor, before: Tensor) -> None:
    """Hold every line that names an axis, and every shape in brackets, against torch."""
    assert ledger.gives == tuple(out.shape)
    assert ledger.formulas
    for line in ledger.formulas:
        if line.startswith("axis "):
            label, _, end = arithmetic(line)
            assert out.shape[int(label.removeprefix("axis "))] == end
        elif "→" in line and "[" in line:
            assert boxes(line)[0] == tuple(before.shape)
            assert boxes(line)[-1] == tuple(out.shape)
        else:
            assert arithmetic(line)[2] in out.shape


def a_shape(rng: random.Random, low: int = 1, high: int = 4) -> tuple[int, ...]:
    return tuple(rng.choice([1, 2, 3, 4, 6]) for _ in range(rng.randint(low, high)))


def rearranging(rng: random.Random) -> Made:
    shape = a_shape(rng)
    x, rank = meta(*shape), len(shape)
    kind = rng.choice(["permute", "transpose", "squeeze", "unsqueeze", "flatten", "movedim", "view",
                       "expand", "repeat", "pad", "reshape"])  # fmt: skip
    order = rng.sample(range(rank), rank)
    dim, other = rng.randint(-rank, rank - 1), rng.randint(-rank, rank - 1)
    made: dict[str, Made] = {
        "permute": (Tensor.permute, (x, *order), {}),
        "transpose": (Tensor.transpose, (x, dim, other), {}),
        "squeeze": (Tensor.squeeze, (x, dim) if rng.random() < 0.7 else (x,), {}),
        "unsqueeze": (Tensor.unsqueeze, (x, rng.randint(-rank - 1, rank)), {}),
        "flatten": (Tensor.flatten, (x, dim, other), {}),
        "movedim": (Tensor.movedim, (x, dim, other), {}),
        "expand": (Tensor.expand, (x, rng.randint(1, 3), *(-1,) * rank), {}),
        "repeat": (Tensor.repeat, (x, *(rng.randint(1, 3) for _ in range(rank + 1))), {}),
        "pad": (F.pad, (x, tuple(rng.randint(-1, 3) for _ in range(2 * rng.randint(1, rank)))), {}),
    }
    sizes_ = list(a_shape(rng)) if rng.random() < 0.3 else [shape[at] for at in order]
    if len(sizes_) > 1 and rng.random() < 0.4:
        sizes_[:2] = [sizes_[0] * sizes_[1]]
    if rng.random() < 0.6:
        sizes_[rng.randrange(len(sizes_))] = -1
    made["view"] = (Tensor.view, (x, *sizes_), {})
    made["reshape"] = (torch.reshape, (x, tuple(sizes_)), {})
    return made[kind]


@pytest.mark.parametrize("seed", [3, 4])
def test_rearranging(seed: int) -> None:
    for (_, args, _), ledger, out in tried(rearranging, seed):
        if not ledger.formulas:
            assert out.shape == args[0].shape  # nothing was padded
            continue
        axis_lines(ledger, out, args[0])


def slicing(rng: random.Random) -> Made:
    shape = a_shape(rng, 1, 4)

    def end() -> int | None:
        return rng.choice([None, rng.randint(-7, 7)])

    index: list[Any] = []
    for _ in range(rng.randint(1, len(shape))):
        index.append(
            rng.choice([rng.randint(-2, 1), slice(end(), end(), rng.choice([None, 1, 2, 3]))])
        )
    if rng.random() < 0.3:
        index.insert(rng.randint(0, len(index)), None)
    if rng.random() < 0.3:
        index.insert(rng.randint(0, len(index)), ...)
    return Tensor.__getitem__, (meta(*shape), index[0] if len(index) == 1 else tuple(index)), {}


def test_slices() -> None:
    for (_, args, _), ledger, out in tried(slicing, 5):
        assert ledger.gives == tuple(out.shape)
        assert boxes(ledger.formulas[0]) == [tuple(args[0].shape), tuple(out.shape)]
        for line in ledger.formulas[1:]:
            assert arithmetic(line)[2] in out.shape


def joining(rng: random.Random) -> Made:
    shape = list(a_shape(rng))
    dim = rng.randint(-len(shape), len(shape) - 1)
    if rng.random() < 0.3:
        count = rng.randint(1, 4)
        return torch.stack, ([meta(*shape) for _ in range(count)], rng.randint(0, len(shape))), {}
    many = []
    for _ in range(rng.randint(1, 4)):
        shape[dim] = rng.randint(1, 5)
        many.append(meta(*shape))
    return torch.cat, (many,), {"dim": dim}


def test_joining() -> None:
    for (function, args, _), ledger, out in tried(joining, 6):
        assert ledger.gives == tuple(out.shape)
        if function is torch.cat:
            (line,) = ledger.formulas
            label, _, end = arithmetic(line)
            assert out.shape[int(label.removeprefix("axis "))] == end
            assert line.count("+") == len(args[0]) - 1
        else:
            assert ledger.formulas[0].startswith(f"{len(args[0])} of")
            assert boxes(ledger.formulas[0]) == [tuple(args[0][0].shape), tuple(out.shape)]


def cutting(rng: random.Random) -> Made:
    shape = (rng.randint(1, 9), rng.randint(1, 9))
    dim = rng.randint(-2, 1)
    if rng.random() < 0.5:
        return torch.chunk, (meta(*shape), rng.randint(1, 5), dim), {}
    return torch.split, (meta(*shape), rng.randint(1, 5), dim), {}


def test_cutting() -> None:
    for (_, args, _), ledger, out in tried(cutting, 7):
        assert ledger.gives == tuple(out[0].shape)
        label, _, end = arithmetic(ledger.formulas[-1])
        axis = int(label.removeprefix("axis "))
        assert args[0].shape[axis] == end
        pieces = ledger.formulas[-1].partition(": ")[2].partition(" = ")[0].split(" + ")
        assert [int(piece) for piece in pieces] == [each.shape[axis] for each in out]


def multiplying(rng: random.Random) -> Made:
    n, m, k, b = (rng.randint(1, 5) for _ in range(4))
    left = rng.choice([(n,), (m, n), (b, m, n), (1, m, n), (2, b, m, n)])
    right = rng.choice([(n,), (n, k), (b, n, k), (1, n, k), (b, n, k)])
    if rng.random() < 0.3:
        out = rng.randint(1, 5)
        return F.linear, (meta(*left), weight(out, n)), {}
    if rng.random() < 0.3:
        return torch.addmm, (meta(k), meta(m, n), meta(n, k)), {}
    return torch.matmul, (meta(*left), meta(*right)), {}


def test_products() -> None:
    for (function, args, _), ledger, out in tried(multiplying, 8):
        assert ledger.gives == tuple(out.shape)
        (line,) = ledger.formulas
        if function is torch.matmul:
            assert boxes(line) == [tuple(args[0].shape), tuple(args[1].shape), tuple(out.shape)]
        elif function is F.linear and args[0].dim() < 3:
            assert boxes(line) == [tuple(args[0].shape), tuple(args[1].T.shape), tuple(out.shape)]


def broadcasting(rng: random.Random) -> Made:
    whole = a_shape(rng, 1, 5)

    def part() -> Tensor:
        begin = rng.randint(0, len(whole))
        return meta(*(1 if rng.random() < 0.3 else size for size in whole[begin:]))

    functions = [torch.add, torch.mul, torch.sub, torch.div, torch.maximum, torch.eq]
    return rng.choice(functions), (part(), part()), {}


def test_broadcasting() -> None:
    for (_, args, _), ledger, out in tried(broadcasting, 9):
        assert ledger.gives == tuple(out.shape)
        assert ledger.notes
        if args[0].shape == args[1].shape:
            assert ledger.formulas == ()
            continue
        assert boxes(ledger.formulas[0]) == [tuple(one.shape) for one in (*args, out)]
        assert len(ledger.general) == out.dim()
        for axis, line in enumerate(ledger.general):
            label, _, rule = line.partition(": ")
            left, _, end = rule.partition(" → ")
            assert label == f"axis {axis}"
            given = [0 if one == "-" else int(one) for one in left.split(", ")]
            assert max(given) == int(end) == out.shape[axis]
            for tensor, size in zip(args, given, strict=True):
                place = axis - out.dim() + tensor.dim()
                assert size == (tensor.shape[place] if place >= 0 else 0)


def reducing(rng: random.Random) -> Made:
    shape = a_shape(rng)
    rank = len(shape)
    name = rng.choice(["sum", "mean", "amax", "logsumexp", "argmax", "prod", "max", "var"])
    dim: Any = rng.randint(-rank, rank - 1)
    if name in ("sum", "mean", "amax", "logsumexp", "var") and rng.random() < 0.5:
        dim = tuple(rng.sample(range(rank), rng.randint(1, rank)))
    settings = {"keepdim": rng.random() < 0.5} if name != "max" else {}
    if name in ("sum", "mean", "prod", "max") and rng.random() < 0.2:
        return getattr(torch, name), (meta(*shape),), {}
    return getattr(torch, name), (meta(*shape), dim), settings


def test_reductions() -> None:
    for (_, args, _), ledger, out in tried(reducing, 10):
        first = out[0] if isinstance(out, tuple) else out
        assert ledger.gives == tuple(first.shape)
        assert boxes(ledger.formulas[0]) == [tuple(args[0].shape), tuple(first.shape)]
        (note,) = (note.english() for note in ledger.notes)
        if " = " in note:
            product = note.partition(" values")[0].rpartition(", ")[2].removeprefix("All ")
            assert arithmetic(product)[2] == args[0].numel() // first.numel()


def test_how_many_settings_these_are() -> None:
    assert EACH * (3 * 3 + 2 + 2 + 6) > 5000
