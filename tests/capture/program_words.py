"""What random networks are written with: every op in the ways in which people write it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """One way to write an op.

    Attributes:
        text: an expression, or a statement where it ends in an augmented assignment;
            ``{x}`` is the variable, ``{m}`` the layer.
        op: what torch calls what runs.
        layer: how the layer is made; ``{c}`` is the size of axis 1, ``{w}`` of the last one.
        writes: whether it writes over its variable.
        reference: the same out of place, where it differs from the kind's.
        path: the module in which it runs; the layer itself if None.
    """

    text: str
    op: str
    layer: str = ""
    writes: bool = False
    reference: str = ""
    path: str | None = None


@dataclass(frozen=True)
class Kind:
    """One op.

    Attributes:
        ranks: numbers of axes that it takes.
        reference: the op out of place; ``{0}`` is its input, ``{m}`` the layer.
        saves: what backward needs: the input (i), the output (o).
        styles: the ways to write it.
        view: how the same view is taken of the base's new contents, and how contents written
            through the view get into the base.
        draws: whether it draws random numbers.
    """

    ranks: tuple[int, ...]
    reference: str
    saves: str
    styles: tuple[Style, ...]
    view: tuple[str, str] | None = None
    draws: bool = False


def _plain(op: str, *texts: str) -> tuple[Style, ...]:
    return tuple(Style(text, op) for text in texts)


def _over(op: str, *texts: str) -> tuple[Style, ...]:
    return tuple(Style(text, op, writes=True) for text in texts)


ANY, IMAGE, SERIES, ROW = (2, 3, 4), (4,), (3,), (2,)
_CONV = "F.conv2d({0}, net.{m}.weight, net.{m}.bias, %s)"
_LINEAR = "F.linear({0}, net.{m}.weight, net.{m}.bias)"
_NORM = (
    "F.batch_norm({0}, net.{m}.running_mean.clone(), net.{m}.running_var.clone(), "
    "net.{m}.weight, net.{m}.bias, net.training, 0.1, 1e-5)"
)


def _conv(out: int | str, settings: str) -> Kind:
    layer = f"nn.Conv2d({{c}}, {out}, {settings})"
    rest = ", ".join(part for part in settings.split(", ")[1:] if "bias" not in part) or "padding=0"
    called = f"F.conv2d({{x}}, self.{{m}}.weight, self.{{m}}.bias, {rest})"
    styles = (Style("self.{m}({x})", "conv2d", layer),) * 3
    return Kind(IMAGE, _CONV % rest, "i", (*styles, Style(called, "conv2d", layer, path="")))


def _linear(out: int | str, bias: bool = True) -> Kind:
    layer = f"nn.Linear({{w}}, {out}, bias={bias})"
    called = "F.linear({x}, self.{m}.weight, self.{m}.bias)"
    styles = (Style("self.{m}({x})", "linear", layer),) * 3
    return Kind((2, 3), _LINEAR, "i", (*styles, Style(called, "linear", layer, path="")))


KINDS: dict[str, Kind] = {
    "relu": Kind(
        ANY,
        "torch.relu({0})",
        "o",
        (
            *_plain("relu", "F.relu({x})", "torch.relu({x})", "{x}.relu()"),
            Style("self.{m}({x})", "relu", "nn.ReLU()"),
            *_over("relu_", "F.relu_({x})", "{x}.relu_()", "torch.relu_({x})"),
            *_over("relu", "F.relu({x}, inplace=True)"),
            Style("self.{m}({x})", "relu", "nn.ReLU(inplace=True)", True),
        ),
    ),
    "tanh": Kind(
        ANY,
        "torch.tanh({0})",
        "o",
        (
            *_plain("tanh", "torch.tanh({x})", "{x}.tanh()"),
            Style("self.{m}({x})", "tanh", "nn.Tanh()"),
            *_over("tanh_", "{x}.tanh_()", "torch.tanh_({x})"),
        ),
    ),
    "sigmoid": Kind(
        ANY,
        "torch.sigmoid({0})",
        "o",
        (
            *_plain("sigmoid", "torch.sigmoid({x})", "{x}.sigmoid()"),
            Style("self.{m}({x})", "sigmoid", "nn.Sigmoid()"),
            *_over("sigmoid_", "{x}.sigmoid_()"),
        ),
    ),
    "leaky": Kind(
        ANY,
        "F.leaky_relu({0}, 0.1)",
        "io",
        (
            *_plain("leaky_relu", "F.leaky_relu({x}, 0.1)"),
            Style("self.{m}({x})", "leaky_relu", "nn.LeakyReLU(0.1)"),
            *_over("leaky_relu", "F.leaky_relu({x}, 0.1, inplace=True)"),
        ),
    ),
    "gelu": Kind(
        ANY,
        "F.gelu({0})",
        "i",
        (*_plain("gelu", "F.gelu({x})"), Style("self.{m}({x})", "gelu", "nn.GELU()")),
    ),
    "scale": Kind(
        ANY,
        "{0} * 0.5",
        "",
        (
            *_plain("mul", "{x} * 0.5", "0.5 * {x}", "{x}.mul(0.5)", "torch.mul({x}, 0.5)"),
            *_over("mul_", "{x} *= 0.5", "{x}.mul_(0.5)"),
        ),
    ),
    "plus": Kind(
        ANY,
        "{0} + 0.3",
        "",
        (
            *_plain("add", "{x} + 0.3", "0.3 + {x}", "torch.add({x}, 0.3)"),
            *_over("add_", "{x} += 0.3", "{x}.add_(0.3)"),
        ),
    ),
    "minus": Kind(
        ANY,
        "{0} - 0.3",
        "",
        (*_plain("sub", "{x} - 0.3", "{x}.sub(0.3)"), *_over("sub_", "{x} -= 0.3")),
    ),
    "over": Kind(
        ANY,
        "{0} / 1.5",
        "",
        (*_plain("div", "{x} / 1.5", "torch.div({x}, 1.5)"), *_over("div_", "{x} /= 1.5")),
    ),
    "negated": Kind(ANY, "{0}.neg()", "", _plain("neg", "-{x}", "torch.neg({x})")),
    "clamped": Kind(
        ANY,
        "{0}.clamp(-1.0, 1.0)",
        "i",
        _plain("clamp", "{x}.clamp(-1, 1)", "torch.clamp({x}, -1, 1)"),
    ),
    "softmax": Kind(
        ANY,
        "torch.softmax({0}, -1)",
        "o",
        (
            *_plain("softmax", "F.softmax({x}, dim=-1)", "{x}.softmax(-1)"),
            Style("self.{m}({x})", "softmax", "nn.Softmax(dim=-1)"),
        ),
    ),
    "layer norm": Kind(
        ANY,
        "F.layer_norm({0}, {0}.shape[-1:])",
        "i",
        (
            *_plain("layer_norm", "F.layer_norm({x}, {x}.shape[-1:])"),
            Style(
                "self.{m}({x})",
                "layer_norm",
                "nn.LayerNorm({w})",
                reference="F.layer_norm({0}, {0}.shape[-1:], net.{m}.weight, net.{m}.bias)",
            ),
        ),
    ),
    "dropout": Kind(
        ANY,
        "F.dropout({0}, 0.5, True)",
        "",
        (
            *_plain("dropout", "F.dropout({x}, 0.5)"),
            Style(
                "self.{m}({x})",
                "dropout",
                "nn.Dropout(0.5)",
                reference="F.dropout({0}, 0.5, net.training)",
            ),
            *_over("dropout", "F.dropout({x}, 0.5, inplace=True)"),
        ),
        draws=True,
    ),
    "max pool": Kind(
        IMAGE,
        "torch.max_pool2d({0}, 2)",
        "i",
        (
            *_plain("max_pool2d", "F.max_pool2d({x}, 2)", "torch.max_pool2d({x}, 2)"),
            Style("self.{m}({x})", "max_pool2d", "nn.MaxPool2d(2)"),
        ),
    ),
    "mean pool": Kind(
        IMAGE,
        "F.avg_pool2d({0}, 2)",
        "i",
        (
            *_plain("avg_pool2d", "F.avg_pool2d({x}, 2)"),
            Style("self.{m}({x})", "avg_pool2d", "nn.AvgPool2d(2)"),
        ),
    ),
    "adaptive pool": Kind(
        IMAGE,
        "F.adaptive_avg_pool2d({0}, 3)",
        "i",
        (
            *_plain("adaptive_avg_pool2d", "F.adaptive_avg_pool2d({x}, 3)"),
            Style("self.{m}({x})", "adaptive_avg_pool2d", "nn.AdaptiveAvgPool2d(3)"),
        ),
    ),
    "batch norm": Kind(
        IMAGE, _NORM, "i", (Style("self.{m}({x})", "batch_norm", "nn.BatchNorm2d({c})"),)
    ),
    "batch norm of rows": Kind(
        ROW, _NORM, "i", (Style("self.{m}({x})", "batch_norm", "nn.BatchNorm1d({c})"),)
    ),
    "group norm": Kind(
        IMAGE,
        "F.group_norm({0}, 1)",
        "i",
        (
            *_plain("group_norm", "F.group_norm({x}, 1)"),
            Style(
                "self.{m}({x})",
                "group_norm",
                "nn.GroupNorm(1, {c})",
                reference="F.group_norm({0}, 1, net.{m}.weight, net.{m}.bias)",
            ),
        ),
    ),
    "flipped": Kind(
        IMAGE, "torch.flip({0}, (2,))", "", _plain("flip", "{x}.flip(2)", "torch.flip({x}, [2])")
    ),
    "turned": Kind(
        IMAGE,
        "{0}.transpose(2, 3)",
        "",
        (
            *_plain("transpose", "{x}.transpose(2, 3)", "torch.transpose({x}, -1, -2)"),
            *_plain("permute", "{x}.permute(0, 1, 3, 2)"),
        ),
        ("{base}.transpose(2, 3)", "{written}.transpose(2, 3)"),
    ),
    "narrowed": Kind(
        IMAGE,
        "{0}[:, :2]",
        "",
        _plain("getitem", "{x}[:, :2]"),
        ("{base}[:, :2]", "{base}.slice_scatter({written}, 1, 0, 2)"),
    ),
    "every other": Kind(
        (3, 4),
        "{0}[:, :, ::2]",
        "",
        _plain("getitem", "{x}[:, :, ::2]"),
        ("{base}[:, :, ::2]", "{base}.slice_scatter({written}, 2, 0, None, 2)"),
    ),
    "turned series": Kind(
        SERIES,
        "{0}.transpose(1, 2)",
        "",
        (*_plain("transpose", "{x}.transpose(1, 2)"), *_plain("mT", "{x}.mT")),
        ("{base}.transpose(1, 2)", "{written}.transpose(1, 2)"),
    ),
    "flat": Kind(
        (3, 4),
        "{0}.flatten(1)",
        "",
        (
            *_plain("flatten", "{x}.flatten(1)", "torch.flatten({x}, 1)"),
            Style("self.{m}({x})", "flatten", "nn.Flatten()"),
            *_plain("reshape", "{x}.reshape({x}.shape[0], -1)"),
            *_plain("view", "{x}.view({x}.size(0), -1)"),
        ),
        ("{base}.flatten(1)", "{written}.reshape({base}.shape)"),
    ),
    "series": Kind(
        IMAGE,
        "{0}.flatten(2)",
        "",
        _plain("flatten", "{x}.flatten(2)"),
        ("{base}.flatten(2)", "{written}.reshape({base}.shape)"),
    ),
    "mean": Kind(IMAGE, "{0}.mean((2, 3))", "", _plain("mean", "{x}.mean((2, 3))")),
    "sum": Kind(SERIES, "{0}.sum(1)", "", _plain("sum", "{x}.sum(1)", "torch.sum({x}, 1)")),
    "last": Kind(
        SERIES,
        "{0}[:, -1]",
        "",
        _plain("getitem", "{x}[:, -1]"),
        ("{base}[:, -1]", "{base}.select_scatter({written}, 1, -1)"),
    ),
    "conv same": _conv("{c}", "3, padding=1"),
    "conv": _conv(3, "3, padding=1"),
    "conv grouped": _conv(4, "3, padding=1, groups={c}"),
    "conv strided": _conv(2, "3, stride=2, padding=1, bias=False"),
    "conv dilated": _conv(3, "3, padding=2, dilation=2"),
    "pointwise": _conv(3, "1"),
    "linear same": _linear("{w}"),
    "linear": _linear(5),
    "linear without bias": _linear(4, bias=False),
}  # fmt: skip

JOINS: dict[str, tuple[str, str, str, bool]] = {
    "{x} + {y}": ("{0} + {1}", "add", "", False),
    "torch.add({x}, {y})": ("{0} + {1}", "add", "", False),
    "{x} - {y}": ("{0} - {1}", "sub", "", False),
    "{x}.mul({y})": ("{0} * {1}", "mul", "i", False),
    "{x} * {y}": ("{0} * {1}", "mul", "i", False),
    "torch.maximum({x}, {y})": ("torch.maximum({0}, {1})", "maximum", "i", False),
    "torch.cat([{x}, {y}], 1)": ("torch.cat(({0}, {1}), 1)", "cat", "", False),
    "torch.cat(({y}, {x}), dim=1)": ("torch.cat(({1}, {0}), 1)", "cat", "", False),
    "{x} += {y}": ("{0} + {1}", "add_", "", True),
    "{x}.add_({y})": ("{0} + {1}", "add_", "", True),
    "{x} -= {y}": ("{0} - {1}", "sub_", "", True),
}
"""How two values are joined: the reference, torch's name, what backward needs, writes or not."""
