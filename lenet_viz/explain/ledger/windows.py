"""Shapes of convolutions and poolings: windows along one, two or three axes."""

import re
from collections.abc import Mapping, Sequence

from lenet_viz.errors import UserMistake
from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger
from lenet_viz.explain.ledger.window_notes import convolution_notes, window_notes
from lenet_viz.network.axis import Axis, conv_axis, pool_axis

NAMES: Mapping[int, tuple[str, ...]] = {
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}
"""The spatial axes, in torch's order."""
_LETTERS = {"length": "L", "depth": "D", "height": "H", "width": "W"}
_POOL = re.compile(r"(max|avg|lp)_pool([123])d(_with_indices)?")


def convolution(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``conv1d``, ``conv2d`` or ``conv3d``."""
    shape, weight = called.input, called.shape("weight")
    count = int(called.op[-2])
    if shape is None or weight is None or len(weight) != count + 2 or len(shape) <= count:
        return None
    axes = _convolution_axes(called, count, shape[-count:], weight[2:])
    if axes is None:
        return None
    gives = (*shape[: -count - 1], weight[0], *(axis.out_size for axis in axes))
    return _ledger(axes, gives).plus(*convolution_notes(called, shape, weight, axes))


def pooling(called: Called) -> ShapeLedger | None:
    """Return the ledger of a pooling whose windows are all of one size."""
    shape = called.input
    match = _POOL.fullmatch(called.op)
    if shape is None or match is None:
        return None
    count = int(match[2])
    kernel = called.each("kernel_size", count, None)
    stride = called.each("stride", count, 0)
    padding, dilation = called.each("padding", count, 0), called.each("dilation", count, 1)
    if kernel is None or stride is None or padding is None or dilation is None:
        return None
    ceil_mode = bool(called.step.literal("ceil_mode", False))
    try:
        axes = tuple(
            pool_axis(
                name,
                shape[i - count],
                kernel[i],
                stride[i] or kernel[i],
                padding[i],
                dilation[i],
                ceil_mode=ceil_mode,
            )
            for i, name in enumerate(NAMES[count])
        )
    except (UserMistake, IndexError):
        return None
    return _ledger(axes, (*shape[:-count], *(axis.out_size for axis in axes)))


def patches(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``unfold``: windows laid out as columns, or along a new last axis."""
    shape = called.input
    if shape is None:
        return None
    if called.step.argument("kernel_size") is None:
        return _sliding(called, shape)
    settings = [
        called.each(name, 2, default)
        for name, default in (("kernel_size", None), ("stride", 1), ("padding", 0), ("dilation", 1))
    ]
    if len(shape) not in (3, 4) or any(setting is None for setting in settings):
        return None
    kernel, stride, padding, dilation = (setting or () for setting in settings)
    try:
        axes = tuple(
            conv_axis(name, shape[i - 2], kernel[i], stride[i], padding[i], dilation[i])
            for i, name in enumerate(NAMES[2])
        )
    except UserMistake:
        return None
    channels, height, width = shape[-3], axes[0].out_size, axes[1].out_size
    values = channels * kernel[0] * kernel[1]
    made = _ledger(axes, (*shape[:-3], values, height * width))
    texts = tuple(f"{letter}: {text}" for letter, text in _named(axes, _short(axes)))
    lines = (
        f"windows: {height} × {width} = {height * width}",
        f"values of each: {channels} × {kernel[0]} × {kernel[1]} = {values}",
    )
    return ShapeLedger((), (*texts, *lines), made.general, made.notes, gives=made.gives)


def _sliding(called: Called, shape: Shape) -> ShapeLedger | None:
    dim, size, step = (called.number(name) for name in ("dimension", "size", "step"))
    if dim is None or size is None or step is None or not -len(shape) <= dim < len(shape):
        return None
    try:
        axis = conv_axis("length", shape[dim], size, step)
    except UserMistake:
        return None
    gives = [*shape, size]
    gives[dim % len(shape)] = axis.out_size
    name = f"axis {dim % len(shape)}"
    return ShapeLedger(formulas=(f"{name}: {axis.formula()}",), gives=tuple(gives))


def _convolution_axes(
    called: Called, count: int, sizes: Shape, kernel: Shape
) -> tuple[Axis, ...] | None:
    stride, dilation = called.each("stride", count, 1), called.each("dilation", count, 1)
    if stride is None or dilation is None:
        return None
    padding = _padding(called, count, kernel, dilation)
    if padding is None:
        return None
    try:
        return tuple(
            conv_axis(
                name,
                sizes[i],
                kernel[i],
                stride[i],
                padding[i][0],
                dilation[i],
                after=padding[i][1],
            )
            for i, name in enumerate(NAMES[count])
        )
    except UserMistake:
        return None


def _padding(
    called: Called, count: int, kernel: Shape, dilation: Shape
) -> list[tuple[int, int]] | None:
    """Return for each axis the rows on each side and how many more there are after the last.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html,
    ``padding``: an odd total has its extra row at the end.
    """
    word = called.step.literal("padding", 0)
    if word == "valid":
        return [(0, 0)] * count
    if word == "same":
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return [(total // 2, total % 2) for total in totals]
    numbers = called.each("padding", count, 0)
    return None if numbers is None else [(number, 0) for number in numbers]


def _ledger(axes: tuple[Axis, ...], gives: Shape) -> ShapeLedger:
    rows = axes[-2].dropped if len(axes) > 1 else ()
    return ShapeLedger(
        axes=axes,
        formulas=each(axes, _short(axes)),
        general=each(axes, [axis.general_formula() for axis in axes]),
        notes=window_notes(axes),
        dropped_rows=rows,
        dropped_columns=axes[-1].dropped,
        gives=gives,
    )


def _short(axes: Sequence[Axis]) -> list[str]:
    return [axis.formula() for axis in axes]


def _named(axes: Sequence[Axis], texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(_LETTERS[axis.name], text) for axis, text in zip(axes, texts, strict=True)]


def each(axes: Sequence[Axis], texts: Sequence[str]) -> tuple[str, ...]:
    """Return one text where all axes agree, else one for each with a letter before it."""
    if len(set(texts)) == 1:
        return (texts[0],)
    return tuple(f"{letter}: {text}" for letter, text in _named(axes, texts))


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), convolution),
    **dict.fromkeys((f"{kind}_pool{n}d" for kind in ("max", "avg", "lp") for n in "123"), pooling),
    **dict.fromkeys((f"max_pool{n}d_with_indices" for n in "123"), pooling),
    "unfold": patches,
}
