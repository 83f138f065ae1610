"""Shapes of what makes pictures larger or sets their size: transposed, adaptive, interpolated."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger, from_end
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_LETTERS = {1: "L", 2: "HW", 3: "DHW"}


def transposed(called: Called) -> ShapeLedger | None:
    """Return the ledger of a transposed convolution.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html, "Shape".
    """
    shape, weight, count = called.input, called.shape("weight"), int(called.op[-2])
    settings = [
        called.each(name, count, default)
        for name, default in (("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1))
    ]
    groups = called.number("groups", default=1)
    if shape is None or weight is None or len(weight) != count + 2 or len(shape) <= count:
        return None
    if groups is None or any(setting is None for setting in settings):
        return None
    rows = [
        _Spread(shape[i - count], weight[2 + i], *(setting[i] for setting in settings if setting))
        for i in range(count)
    ]
    gives = (*shape[: -count - 1], weight[1] * groups, *(row.size for row in rows))
    note = QT_TRANSLATE_NOOP(
        "Shape",
        "Each input value is spread over one kernel's window, and windows that overlap are added: "
        "the inverse of a convolution's shape.",
    )
    notes = [message("Shape", note)]
    extra = settings[2] or ()
    if any(extra):
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "output_padding adds {count} at the end: several input sizes give one output size in "
            "a convolution with stride, and this says which.",
        )
        notes.append(message("Shape", template, count=max(extra)))
    return ShapeLedger(
        formulas=_per_axis(count, [row.short() for row in rows]),
        general=_per_axis(count, [row.general() for row in rows]),
        notes=tuple(notes),
        gives=gives,
    )


class _Spread:
    """One axis of a transposed convolution."""

    def __init__(
        self, size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
    ) -> None:
        self._numbers = size, kernel, stride, padding, extra, dilation
        self.size = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1

    def short(self) -> str:
        size, kernel, stride, padding, extra, dilation = self._numbers
        steps = f"{size} - 1" if stride == 1 else f"({size} - 1)·{stride}"
        cut = f" - 2·{padding}" if padding else ""
        span = f"{kernel}" if dilation == 1 else f"{dilation}·({kernel} - 1) + 1"
        more = f" + {extra}" if extra else ""
        return f"{steps}{cut} + {span}{more} = {self.size}"

    def general(self) -> str:
        size, kernel, stride, padding, extra, dilation = self._numbers
        return (
            f"({size} - 1)·{stride} - 2·{padding} + {dilation}·({kernel} - 1) + {extra} + 1"
            f" = {self.size}"
        )


def adaptive(called: Called) -> ShapeLedger | None:
    """Return the ledger of an adaptive pooling, whose windows share the input out.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """
    shape, count = called.input, int(called.op.partition("d_with")[0].removesuffix("d")[-1])
    if shape is None or len(shape) <= count:
        return None
    wanted = called.step.literal("output_size", called.step.literal("1"))
    asked = wanted if isinstance(wanted, tuple) else (wanted,) * count
    asked = asked * count if len(asked) == 1 else asked
    if len(asked) != count or not all(one is None or type(one) is int for one in asked):
        return None
    sizes = shape[-count:]
    outs = [one if isinstance(one, int) else size for one, size in zip(asked, sizes, strict=True)]
    if 0 in outs or 0 in sizes:
        return None
    pairs = list(zip(_LETTERS[count], sizes, outs, strict=True))
    if len(set(zip(sizes, outs, strict=True))) == 1:
        pairs = [(", ".join(_LETTERS[count]), sizes[0], outs[0])]
    notes = tuple(_shared(letter, size, out) for letter, size, out in pairs)
    return ShapeLedger(
        formulas=_per_axis(count, [f"output_size = {out}" for out in outs]),
        general=_per_axis(
            count,
            [f"⌊i·{a}/{b}⌋ to ⌈(i + 1)·{a}/{b}⌉ - 1" for a, b in zip(sizes, outs, strict=True)],
        ),
        notes=notes,
        gives=(*shape[:-count], *outs),
    )


def _shared(letters: str, size: int, out: int) -> Message:
    """Return how many places of an axis each output of an adaptive pooling takes."""
    lengths = sorted({ceil((i + 1) * size / out) - i * size // out for i in range(out)})
    if len(lengths) == 1:
        template = QT_TRANSLATE_NOOP(
            "Shape", "{axis}: each of the {out} outputs takes {count} of the {size}."
        )
        return message("Shape", template, axis=letters, out=out, count=lengths[0], size=size)
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "{axis}: each of the {out} outputs takes {few} or {many} of the {size}; neighbours may "
        "share one.",
    )
    return message(
        "Shape", template, axis=letters, out=out, few=lengths[0], many=lengths[-1], size=size
    )


def interpolated(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``interpolate``: a size that was asked for, or ⌊size·factor⌋."""
    shape = called.input
    if shape is None or len(shape) not in (3, 4, 5):
        return None
    count = len(shape) - 2
    sizes = called.each("size", count, None)
    note = QT_TRANSLATE_NOOP(
        "Shape", "Each channel is drawn again at another size; the channels stay."
    )
    if sizes is not None:
        lines = [f"size = {size}" for size in sizes]
        gives = (*shape[:2], *sizes)
        return ShapeLedger(
            formulas=_per_axis(count, lines), notes=(message("Shape", note),), gives=gives
        )
    factor = called.step.literal("scale_factor")
    factors = factor if isinstance(factor, tuple) else (factor,) * count
    found = [one for one in factors if isinstance(one, int | float)]
    if len(found) != count:
        return None
    outs = [floor(float(size) * one) for size, one in zip(shape[2:], found, strict=True)]
    lines = [_scaled(size, one) for size, one in zip(shape[2:], found, strict=True)]
    return ShapeLedger(
        formulas=_per_axis(count, lines),
        notes=(message("Shape", note),),
        gives=(*shape[:2], *outs),
    )


def _scaled(size: int, factor: float) -> str:
    exact = float(size) * factor
    text = f"{factor:g}" if Fraction(f"{factor:g}") == Fraction(str(factor)) else repr(factor)
    if exact == floor(exact):
        return f"{size}·{text} = {floor(exact)}"
    return f"{size}·{text} = {exact!r} → {floor(exact)}"


def padded(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``pad``: what is put before and after, last axis first."""
    shape, amounts = called.input, called.numbers("pad")
    if shape is None or amounts is None or len(amounts) % 2 or len(amounts) > 2 * len(shape):
        return None
    gives, lines = list(shape), []
    for number in range(len(amounts) // 2):
        before, after = amounts[2 * number : 2 * number + 2]
        axis = len(shape) - 1 - number
        gives[axis] += before + after
        if before or after:
            terms = "".join(f" {'-' if one < 0 else '+'} {abs(one)}" for one in (before, after))
            lines.append(f"axis {axis}: {shape[axis]}{terms} = {gives[axis]}")
    note = QT_TRANSLATE_NOOP(
        "Shape", "Values are put before and after; a negative number cuts them off."
    )
    return ShapeLedger(
        formulas=tuple(reversed(lines)), notes=(message("Shape", note),), gives=tuple(gives)
    )


def shuffled(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``pixel_shuffle`` or ``pixel_unshuffle``."""
    shape = called.input
    factor = called.number("upscale_factor", "downscale_factor")
    if shape is None or len(shape) < 3 or not factor:
        return None
    *lead, channels, height, width = shape
    if called.op == "pixel_shuffle":
        gives = (*lead, channels // factor**2, height * factor, width * factor)
        lines = (
            f"C: {channels}/({factor}·{factor}) = {gives[-3]}",
            f"H: {height}·{factor} = {gives[-2]}",
            f"W: {width}·{factor} = {gives[-1]}",
        )
    else:
        gives = (*lead, channels * factor**2, height // factor, width // factor)
        lines = (
            f"C: {channels}·{factor}·{factor} = {gives[-3]}",
            f"H: {height}/{factor} = {gives[-2]}",
            f"W: {width}/{factor} = {gives[-1]}",
        )
    return ShapeLedger(formulas=lines, gives=gives)


def halved(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``glu``, which multiplies one half with the sigmoid of the other."""
    shape, dim = called.input, called.number("dim", default=-1)
    axis = None if shape is None or dim is None else from_end(dim, len(shape))
    if shape is None or axis is None:
        return None
    gives: Shape = (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])
    return ShapeLedger(formulas=(f"axis {axis}: {shape[axis]}/2 = {gives[axis]}",), gives=gives)


def _per_axis(count: int, texts: list[str]) -> tuple[str, ...]:
    if len(set(texts)) == 1:
        return (texts[0],)
    return tuple(f"{letter}: {text}" for letter, text in zip(_LETTERS[count], texts, strict=True))


RULES: Mapping[str, Rule] = {
    **dict.fromkeys((f"conv_transpose{n}d" for n in "123"), transposed),
    **dict.fromkeys(
        (
            f"adaptive_{kind}_pool{n}d{end}"
            for kind in ("max", "avg")
            for n in "123"
            for end in ("", "_with_indices")
        ),
        adaptive,
    ),
    **dict.fromkeys(
        ("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"), interpolated
    ),
    "pad": padded,
    "pixel_shuffle": shuffled,
    "pixel_unshuffle": shuffled,
    "glu": halved,
}
