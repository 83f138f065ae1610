"""A convolution's value: for each input channel a patch times a kernel, and a bias."""

import numpy as np

from lenet_viz.explain.forward.finding import (
    BIAS,
    INPUT,
    KERNEL,
    CannotSay,
    Finding,
    Index,
    factor,
    grid,
    needed,
    number,
    one,
    total_of,
)
from lenet_viz.explain.forward.placing import kernel_places, out_places, seen_places
from lenet_viz.explain.operands import Call, Operand
from lenet_viz.explain.terms import Block, Factor, How, Indices
from lenet_viz.explain.windows import Windows, windows_of
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_SUMS = QT_TRANSLATE_NOOP("Why", "{count} channel sums + bias = {total}")
_SUMS_ALONE = QT_TRANSLATE_NOOP("Why", "{count} channel sums = {total}")
_PRODUCTS = QT_TRANSLATE_NOOP("Why", "{count} products + bias = {total}")
_PRODUCTS_ALONE = QT_TRANSLATE_NOOP("Why", "{count} products = {total}")


def convolution(call: Call, output: int, index: Index) -> Finding:
    """Return the terms of one value of a convolution, transposed or not.

    torch's convolution is a cross-correlation: the kernel is not turned round.

    Raises:
        CannotSay: settings that are not known here.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """
    windows = windows_of(call)
    if windows is None:
        raise CannotSay
    x, weight = needed(call, "input"), needed(call, "weight")
    channel = index[-windows.axes - 1]
    per_in = x.shape[-windows.axes - 1] // windows.groups
    group = channel // (windows.channels_out // windows.groups)
    seen, kernels = _places(windows, index[-windows.axes :])
    lead = index[: -windows.axes - 1]
    channels = np.arange(group * per_in, (group + 1) * per_in)
    outside = channel % (windows.channels_out // windows.groups)
    blocks = _blocks(
        factor(x, _each(grid(*lead, channels, *seen), len(channels)), INPUT, "x"),
        factor(weight, _kernel_places(windows, channel, outside, channels, kernels), KERNEL, "w"),
        channels,
        _shape(seen),
    )
    bias = call.operand("bias")
    if bias is not None:
        blocks += (_bias(bias, channel),)
    total = total_of(blocks)
    return Finding(
        How.SUM,
        _formula(call, windows, bias is not None),
        _headline(len(channels), blocks, total, bias is not None),
        blocks,
        total,
    )


def _formula(call: Call, windows: Windows, bias: bool) -> str:
    """Return the rule with the step's own stride, padding and dilation."""
    axes = windows.axes
    out, inside = out_places(axes), kernel_places(axes)
    if windows.transposed:
        seen = ",".join(("r", "s", "t")[:axes])
        text = f"y[o,{out}] = Σ x[c,{seen}]·w[c,o,{inside}]"
    else:
        text = f"y[o,{out}] = Σ x[c,{seen_places(call, axes)}]·w[o,c,{inside}]"
    return text + (" + b[o]" if bias else "")


def _places(windows: Windows, place: Index) -> tuple[list[Indices], list[Indices]]:
    """Return for each spatial axis the input places and the kernel places that meet there."""
    if not windows.transposed:
        seen = [table[at] for table, at in zip(windows.positions, place, strict=True)]
        return seen, [np.arange(len(each)) for each in seen]
    pairs = [np.nonzero(table == at) for table, at in zip(windows.positions, place, strict=True)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _kernel_places(
    windows: Windows, channel: int, outside: int, channels: Indices, kernels: list[Indices]
) -> Indices:
    if windows.transposed:
        return _each(grid(channels, outside, *kernels), len(channels))
    return _each(grid(channel, np.arange(len(channels)), *kernels), len(channels))


def _each(indices: Indices, count: int) -> Indices:
    """Return the indices with the channel axis apart: (channels, places, axes)."""
    return indices.reshape(count, -1, indices.shape[-1])


def _shape(seen: list[Indices]) -> tuple[int, ...]:
    """Return the block of one channel: rows and columns, or one axis; depth joins the rows."""
    sizes = [len(each) for each in seen]
    return (int(np.prod(sizes[:-1])), sizes[-1]) if len(sizes) > 1 else (sizes[0],)


def _blocks(x: Factor, w: Factor, channels: Indices, shape: tuple[int, ...]) -> tuple[Block, ...]:
    return tuple(
        Block(_title(int(channel)), (_part(x, at, shape), _part(w, at, shape)))
        for at, channel in enumerate(channels)
    )


def _part(whole: Factor, at: int, shape: tuple[int, ...]) -> Factor:
    indices = whole.indices
    return Factor(
        whole.role,
        whole.symbol,
        whole.values[at].reshape(shape),
        whole.address,
        None if indices is None else indices[at].reshape(*shape, indices.shape[-1]),
    )


def _title(channel: int) -> Message:
    template = QT_TRANSLATE_NOOP("Why", "input channel {number}")
    return message("Why", template, number=channel)


def _bias(bias: Operand, channel: int) -> Block:
    return Block(bias_title(channel), (one(bias, (channel,), BIAS, "b"),))


def bias_title(place: int) -> Message:
    """Return the title of a bias's term."""
    return message("Why", QT_TRANSLATE_NOOP("Why", "bias [{number}]"), number=place)


def _headline(channels: int, blocks: tuple[Block, ...], total: float, bias: bool) -> Message:
    if channels > 1:
        template = _SUMS if bias else _SUMS_ALONE
        return message("Why", template, count=channels, total=number(total))
    return products_headline(blocks[0].products.size, total, bias=bias)


def products_headline(count: int, total: float, *, bias: bool) -> Message:
    """Return the headline of a sum of products."""
    template = _PRODUCTS if bias else _PRODUCTS_ALONE
    return message("Why", template, count=count, total=number(total))
