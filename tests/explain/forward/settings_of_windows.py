"""Random settings of ops whose windows slide over their input."""

from typing import Any

import torch
import torch.nn.functional as F

from tests.explain.forward.drawing import Draw, spread
from tests.explain.forward.reading import Setting


def convolution(draw: Draw) -> Setting:
    """conv1d, conv2d or conv3d, with a batch or without."""
    axes = draw.one([1, 2, 2, 2, 3])
    groups = draw.one([1, 1, 2, 3])
    same, valid = draw.chance(0.15), draw.chance(0.1)
    # torch warns of a copy where an even kernel keeps the size.
    kernel = (draw.one([1, 3]),) * axes if same else draw.sizes(axes, 1, 3)
    dilation = draw.either(axes, 1, 2)
    stride = 1 if same else draw.either(axes, 1, 3)
    padding = "same" if same else "valid" if valid else draw.either(axes, 0, 2)
    span = [d * (k - 1) + 1 for d, k in zip(spread(dilation, axes), kernel, strict=True)]
    sizes = [each + draw.size(0, 3) for each in span]
    cin, cout = groups * draw.size(1, 3), groups * draw.size(1, 2)
    batch = () if draw.chance(0.15) else (draw.size(1, 2),)
    tensors = [draw.tensor(*batch, cin, *sizes), draw.tensor(cout, cin // groups, *kernel)]
    if draw.chance(0.7):
        tensors.append(draw.tensor(cout))
    op = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return Setting(f"conv{axes}d", op, tuple(tensors), settings)


def transposed(draw: Draw) -> Setting:
    """conv_transpose1d, 2d or 3d."""
    axes = draw.one([1, 2, 2, 3])
    groups = draw.one([1, 1, 2])
    kernel = draw.sizes(axes, 1, 3)
    stride, dilation = draw.sizes(axes, 1, 3), draw.either(axes, 1, 2)
    sizes = draw.sizes(axes, 2, 3)
    span = [d * (k - 1) for d, k in zip(spread(dilation, axes), kernel, strict=True)]
    full = [(n - 1) * s + d for n, s, d in zip(sizes, stride, span, strict=True)]
    padding = tuple(draw.size(0, min(most // 2, d)) for most, d in zip(full, span, strict=True))
    extra = tuple(draw.size(0, s - 1) for s in stride)
    cin, cout = groups * draw.size(1, 2), draw.size(1, 2)
    batch = () if draw.chance(0.15) else (draw.size(1, 2),)
    tensors = [draw.tensor(*batch, cin, *sizes), draw.tensor(cin, cout, *kernel)]
    if draw.chance(0.7):
        tensors.append(draw.tensor(cout * groups))
    settings = {
        "stride": stride,
        "padding": padding,
        "output_padding": extra,
        "dilation": dilation,
        "groups": groups,
    }
    op = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[axes - 1]
    return Setting(f"conv_transpose{axes}d", op, tuple(tensors), settings)


def _pooled(draw: Draw, axes: int, span: list[int]) -> torch.Tensor:
    batch = () if draw.chance(0.15) else (draw.size(1, 2),)
    sizes = [each + draw.size(0, 4) for each in span]
    return draw.strange(*batch, draw.size(1, 2), *sizes)


def max_pool(draw: Draw) -> Setting:
    """max_pool1d, 2d or 3d; many of them with ties."""
    axes = draw.one([1, 2, 2, 3])
    kernel, dilation = draw.sizes(axes, 1, 3), draw.either(axes, 1, 2)
    padding = tuple(draw.size(0, each // 2) for each in kernel)
    span = [d * (k - 1) + 1 for d, k in zip(spread(dilation, axes), kernel, strict=True)]
    settings: dict[str, Any] = {
        "kernel_size": kernel,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": draw.chance(),
    }
    if draw.chance(0.7):
        settings["stride"] = draw.either(axes, 1, 3)
    if draw.chance(0.2):
        settings["return_indices"] = True
    op = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes - 1]
    return Setting(f"max_pool{axes}d", op, (_pooled(draw, axes, span),), settings)


def average_pool(draw: Draw) -> Setting:
    """avg_pool1d, 2d or 3d."""
    axes = draw.one([1, 2, 2, 3])
    kernel = draw.sizes(axes, 1, 3)
    settings: dict[str, Any] = {
        "kernel_size": kernel,
        "padding": tuple(draw.size(0, each // 2) for each in kernel),
        "ceil_mode": draw.chance(),
        "count_include_pad": draw.chance(),
    }
    if draw.chance(0.7):
        settings["stride"] = draw.either(axes, 1, 3)
    if axes > 1 and draw.chance(0.2):
        settings["divisor_override"] = draw.size(1, 9)
    op = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[axes - 1]
    return Setting(f"avg_pool{axes}d", op, (_pooled(draw, axes, list(kernel)),), settings)


def adaptive_pool(draw: Draw) -> Setting:
    """An adaptive pooling, to smaller and to larger maps."""
    axes = draw.one([1, 2, 2, 3])
    kind = draw.one(["avg", "max"])
    op = getattr(F, f"adaptive_{kind}_pool{axes}d")
    size = draw.either(axes, 1, 5)
    if axes > 1 and draw.chance(0.2):
        size = (None, *draw.sizes(axes - 1, 1, 4))
    sizes = draw.sizes(axes, 1, 6)
    batch = () if draw.chance(0.15) else (draw.size(1, 2),)
    x = draw.strange(*batch, draw.size(1, 2), *sizes)
    return Setting(f"adaptive_{kind}_pool{axes}d", op, (x,), {"output_size": size})


def resampled(draw: Draw) -> Setting:
    """A map made larger or smaller, by a size or a factor, linear or to the nearest."""
    axes = draw.one([1, 2, 2, 3])
    mode = draw.one([("linear", "bilinear", "trilinear")[axes - 1]] * 3 + ["nearest"])
    x = draw.tensor(draw.size(1, 2), draw.size(1, 2), *draw.sizes(axes, 1, 4))
    settings: dict[str, Any] = {"mode": mode}
    if mode != "nearest":
        settings["align_corners"] = draw.chance()
    if draw.chance():
        settings["size"] = draw.sizes(axes, 1, 6)
    else:
        settings["scale_factor"] = draw.one([2, 3, 1.5, 2.0, (2.0,) * axes])
    if mode == "nearest":
        settings.pop("size", None)
        settings["scale_factor"] = draw.size(1, 3)
    return Setting("interpolate", F.interpolate, (x,), settings)


FAMILIES = {
    "resampling": (resampled, 100),
    "convolution": (convolution, 300),
    "transposed convolution": (transposed, 200),
    "max pooling": (max_pool, 200),
    "average pooling": (average_pool, 200),
    "adaptive pooling": (adaptive_pool, 150),
}
