"""One op each with random settings, as a user would write it, for tests of its arithmetic."""

import random
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import nn

Make = Callable[[random.Random], tuple[nn.Module, torch.Tensor]]


class Op(nn.Module):
    """A function of one tensor as a model, with parameters of its own."""

    def __init__(self, work: Callable[..., torch.Tensor], **parameters: torch.Tensor) -> None:
        super().__init__()
        self.work = work
        for name, value in parameters.items():
            setattr(self, name, nn.Parameter(value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.work(x, **dict(self.named_parameters()))


def conv(rng: random.Random, axes: int, transposed: bool = False) -> tuple[nn.Module, torch.Tensor]:
    groups = rng.choice([1, 1, 2])
    channels, out = groups * rng.randint(1, 2), groups * rng.randint(1, 2)
    kernel = [rng.randint(1, 3) for _ in range(axes)]
    stride = [rng.randint(1, 3) for _ in range(axes)]
    dilation = [rng.randint(1, 2) for _ in range(axes)]
    padding = [rng.randint(0, 2) for _ in range(axes)]
    sizes = [rng.randint(5, 7) for _ in range(axes)]
    kinds = [nn.Conv1d, nn.Conv2d, nn.Conv3d]
    turned = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d]
    settings = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "bias": rng.random() < 0.7,
    }
    if transposed:
        settings["output_padding"] = [
            rng.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)
        ]
    kind = (turned if transposed else kinds)[axes - 1]
    batch = [rng.randint(1, 2)] if rng.random() < 0.8 else []
    return kind(channels, out, kernel, **settings), torch.randn(*batch, channels, *sizes)


def same_conv(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    layer = nn.Conv2d(2, 3, rng.choice([1, 3, 5]), padding="same", dilation=rng.randint(1, 2))
    return layer, torch.randn(1, 2, 6, 5)


def pool(rng: random.Random, axes: int, kind: str) -> tuple[nn.Module, torch.Tensor]:
    kernel = [rng.randint(1, 3) for _ in range(axes)]
    settings = {
        "kernel_size": kernel,
        "stride": [rng.randint(1, 3) for _ in range(axes)],
        "padding": [rng.randint(0, k // 2) for k in kernel],
        "ceil_mode": rng.random() < 0.5,
    }
    sizes = [rng.randint(5, 7) for _ in range(axes)]
    x = torch.randn(rng.randint(1, 2), 2, *sizes)
    if kind == "max":
        settings["dilation"] = [rng.randint(1, 2) for _ in range(axes)]
        made = [nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d][axes - 1](**settings)
        return made, x.round() if rng.random() < 0.5 else x
    settings["count_include_pad"] = rng.random() < 0.5
    if axes == 2 and rng.random() < 0.3:
        settings["divisor_override"] = rng.randint(1, 5)
    if axes == 1:  # it takes single numbers only
        settings = {k: v[0] if isinstance(v, list) else v for k, v in settings.items()}
    return [nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d][axes - 1](**settings), x


def adaptive(rng: random.Random, kind: str) -> tuple[nn.Module, torch.Tensor]:
    size = (rng.randint(1, 4), rng.randint(1, 4))
    made = nn.AdaptiveMaxPool2d(size) if kind == "max" else nn.AdaptiveAvgPool2d(size)
    return made, torch.randn(2, 2, rng.randint(4, 8), rng.randint(4, 8))


def linear(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    wide = rng.randint(1, 9)
    lead = [rng.randint(1, 3) for _ in range(rng.randint(0, 3))]
    return nn.Linear(wide, rng.randint(1, 5), bias=rng.random() < 0.7), torch.randn(*lead, wide)


def matmul(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    i, j, k, b = (rng.randint(1, 4) for _ in range(4))
    shapes = [
        ((i, k), (k, j)),
        ((k,), (k,)),
        ((i, k), (k,)),
        ((k,), (k, j)),
        ((b, i, k), (k, j)),
        ((b, i, k), (b, k, j)),
        ((b, 1, i, k), (2, k, j)),
        ((i, k), (b, k, j)),
        ((b, i, k), (k,)),
        ((k,), (b, k, j)),
    ]
    first, second = rng.choice(shapes)
    return Op(lambda x, w: torch.matmul(x, w), w=torch.randn(second)), torch.randn(first)


UNARY: list[Callable[[torch.Tensor], torch.Tensor]] = [
    torch.relu, F.relu6, F.elu, F.celu, F.selu, F.silu, F.mish, F.softplus, F.gelu, F.hardtanh,
    F.hardsigmoid, F.hardswish, F.logsigmoid, torch.sigmoid, torch.tanh, F.softsign, F.tanhshrink,
    torch.exp, torch.expm1, torch.abs, torch.neg, torch.sin, torch.cos, torch.square, torch.sign,
    torch.floor, torch.ceil, torch.round, torch.erf,
    lambda x: x.relu_(),
    lambda x: F.leaky_relu(x, 0.3),
    lambda x: F.elu(x, alpha=0.7),
    lambda x: F.celu(x, alpha=0.7),
    lambda x: F.gelu(x, approximate="tanh"),
    lambda x: F.softplus(x, beta=2.0, threshold=1.0),
    lambda x: F.hardtanh(x, -0.5, 0.25),
    lambda x: F.threshold(x, 0.1, 20.0),
    lambda x: x**2, lambda x: x**3, lambda x: torch.pow(x, 2.0),
    lambda x: x.clamp(-0.5, 0.5), lambda x: x.clamp(min=0.1), lambda x: x.clamp(max=0.1),
    lambda x: -x, lambda x: x + 2, lambda x: 2 - x, lambda x: x * 3, lambda x: x / 4,
    lambda x: 1 / (x + 10), lambda x: x - 0.5, lambda x: torch.add(x, x, alpha=0.5),
    lambda x: torch.sub(x, x * 2, alpha=3), lambda x: F.dropout(x, 0.3),
    lambda x: F.dropout(x, 0.3, training=False),
]  # fmt: skip
POSITIVE: list[Callable[[torch.Tensor], torch.Tensor]] = [
    torch.log, torch.log1p, torch.log2, torch.log10, torch.sqrt, torch.rsqrt, torch.reciprocal,
    lambda x: x**0.5, lambda x: 2**x, lambda x: torch.div(x, 3),
]  # fmt: skip


def unary(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    x = torch.randn(2, rng.randint(1, 5)) * rng.choice([0.5, 1, 5])
    if rng.random() < 0.25:
        return Op(rng.choice(POSITIVE)), x.abs() + 0.01
    return Op(rng.choice(UNARY)), x


def binary(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    work = rng.choice([
        lambda x, w: x + w, lambda x, w: x - w, lambda x, w: x * w, lambda x, w: x / w,
        lambda x, w: w / x, torch.maximum, torch.minimum, lambda x, w: torch.add(x, w, alpha=-2),
        lambda x, w: (x.abs() + 0.1) ** w,
    ])  # fmt: skip
    first, second = rng.choice([
        ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1, 3), (4, 1)), ((2, 3), ()),
        ((1,), (2, 2)),
    ])  # fmt: skip
    return Op(lambda x, w: work(x, w), w=torch.randn(second)), torch.randn(first)


def norm(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    channels, shape = 4, [4, 3, 5]
    made = rng.choice([
        nn.BatchNorm2d(channels), nn.BatchNorm2d(channels, affine=False),
        nn.LayerNorm([3, 5]), nn.LayerNorm(5, elementwise_affine=False),
        nn.GroupNorm(2, channels), nn.InstanceNorm2d(channels, affine=True),
        nn.InstanceNorm2d(channels), nn.BatchNorm2d(channels, eps=0.1),
    ])  # fmt: skip
    for parameter in made.parameters():
        nn.init.normal_(parameter)
    if rng.random() < 0.5 and isinstance(made, nn.BatchNorm2d):
        made.running_mean = torch.randn(channels)
        made.running_var = torch.rand(channels) + 0.1
        made.eval()
    return made, torch.randn(rng.randint(1, 3), *shape) * 3 + 1


def softmax(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    axis = rng.choice([0, 1, -1])
    work = rng.choice([torch.softmax, torch.log_softmax, F.softmax, F.log_softmax])
    return Op(lambda x: work(x, dim=axis)), torch.randn(3, 2, 4) * rng.choice([1, 10])


def reduction(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    work = rng.choice([
        lambda x: x.sum(), lambda x: x.mean(), lambda x: x.mean((1, 2)), lambda x: x.sum(-1),
        lambda x: x.mean(1, keepdim=True), lambda x: torch.sum(x, dim=(0, 2), keepdim=True),
        lambda x: x.amax(1), lambda x: x.amin((0, 1)), lambda x: x.max(), lambda x: x.max(1)[0],
        lambda x: x.min(dim=2, keepdim=True).values,
    ])  # fmt: skip
    return Op(work), torch.randn(2, 3, 4)


def loss(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    classes = torch.tensor([1, 0, 3])
    reduction = rng.choice(["mean", "sum", "none"])
    work = rng.choice([
        lambda x: F.cross_entropy(x, classes, reduction=reduction),
        lambda x: F.cross_entropy(x, torch.tensor([1, -100, 3]), reduction=reduction),
        lambda x: F.nll_loss(F.log_softmax(x, 1), classes, reduction=reduction),
        lambda x: F.mse_loss(x, torch.ones(3, 4), reduction=reduction),
        lambda x: F.l1_loss(x, torch.ones(3, 4), reduction=reduction),
        lambda x: F.binary_cross_entropy_with_logits(x, torch.ones(3, 4), reduction=reduction),
        lambda x: F.binary_cross_entropy(x.sigmoid(), torch.ones(3, 4), reduction=reduction),
    ])  # fmt: skip
    return Op(work), torch.randn(3, 4)


def attention(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    causal = rng.random() < 0.5

    def work(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        mask = None
        if not causal and rng.random() < 0.5:
            mask = torch.tensor([[True, True, False]] * 3)
        return F.scaled_dot_product_attention(x, x @ w, x, attn_mask=mask, is_causal=causal)

    return Op(work, w=torch.randn(4, 4)), torch.randn(2, 2, 3, 4)


def moved(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    work = rng.choice([
        lambda x: x.view(-1), lambda x: x.transpose(0, 2), lambda x: x[:, 1], lambda x: x[..., ::2],
        lambda x: torch.cat([x, -x], 1), lambda x: F.pad(x, (1, 0), value=2.0),
        lambda x: torch.stack([x, x]), lambda x: x.permute(1, 2, 0).flatten(1),
        lambda x: x.expand(2, 2, 3, 4), lambda x: x.chunk(2, 2)[1], lambda x: x.flip(1).roll(1, 0),
    ])  # fmt: skip
    return Op(work), torch.randn(2, 3, 4)


def embedding(rng: random.Random) -> tuple[nn.Module, torch.Tensor]:
    return nn.Embedding(7, 3), torch.randint(0, 7, (2, rng.randint(1, 5)))


FAMILIES: dict[str, Make] = {
    "conv1d": lambda rng: conv(rng, 1),
    "conv2d": lambda rng: conv(rng, 2),
    "conv3d": lambda rng: conv(rng, 3),
    "same": same_conv,
    "transposed 1d": lambda rng: conv(rng, 1, transposed=True),
    "transposed 2d": lambda rng: conv(rng, 2, transposed=True),
    "max pool 1d": lambda rng: pool(rng, 1, "max"),
    "max pool 2d": lambda rng: pool(rng, 2, "max"),
    "max pool 3d": lambda rng: pool(rng, 3, "max"),
    "average pool 1d": lambda rng: pool(rng, 1, "average"),
    "average pool 2d": lambda rng: pool(rng, 2, "average"),
    "adaptive max": lambda rng: adaptive(rng, "max"),
    "adaptive average": lambda rng: adaptive(rng, "average"),
    "linear": linear,
    "matmul": matmul,
    "unary": unary,
    "binary": binary,
    "norm": norm,
    "softmax": softmax,
    "reduction": reduction,
    "loss": loss,
    "attention": attention,
    "moved": moved,
    "embedding": embedding,
}


def settings(family: str, count: int, seed: int = 0) -> Iterator[tuple[nn.Module, torch.Tensor]]:
    """Yield models of one op with random settings that torch accepts."""
    rng = random.Random(f"{family} {seed}")
    torch.manual_seed(seed)
    made = 0
    while made < count:
        model, x = FAMILIES[family](rng)
        try:
            with torch.no_grad():
                model(x.clone())
        except (RuntimeError, ValueError):
            continue
        made += 1
        yield model, x
