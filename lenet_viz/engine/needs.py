"""What an op or a module demands of the tensor it is given, where it is plain to see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class Need:
    """One demand that a tensor does not meet.

    Attributes:
        kind: ``axis`` (its size along ``axis`` is to be ``want``), ``ids`` (whole numbers below
            ``want``), ``count`` (so many numbers in all), ``axes`` (so many axes).
        want: see above.
        axis: the axis, counted from the end: -1 is the last.
        layout: the axes of an input that would do: ``N`` batch, ``S`` a free size, ``L`` a free
            length, or a number.
        tensor: the tensor.
    """

    kind: str
    want: int
    axis: int
    layout: tuple[int | str, ...]
    tensor: torch.Tensor

    @property
    def got(self) -> int:
        """What the tensor has where ``want`` was wanted."""
        shape = self.tensor.shape
        if self.kind == "axis":
            return shape[self.axis] if len(shape) >= -self.axis else 0
        return prod(shape[1:]) if self.kind == "count" else len(shape)


def axis_need(
    tensor: torch.Tensor, axis: int, want: int, layout: tuple[int | str, ...]
) -> Need | None:
    """Return a demand for ``want`` along ``axis``; None where it is met."""
    if tensor.dim() < -axis:
        return Need("axes", len(layout), axis, layout, tensor)
    return None if tensor.shape[axis] == want else Need("axis", want, axis, layout, tensor)


def image_layout(channels: int, axes: int) -> tuple[int | str, ...]:
    """Return the layout of a batch of pictures, ``axes`` sizes each (one: a signal)."""
    return ("N", channels, *["S"] * axes)


def _convolution(axes: int, transposed: bool) -> "_Look":
    def look(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
        weight = _argument(args, kwargs, 1, "weight")
        if transposed:
            channels = weight.shape[0]
        else:
            channels = weight.shape[1] * _argument(args, kwargs, 6, "groups", 1)
        layout = image_layout(channels, axes)
        if x.dim() not in (axes + 1, axes + 2):
            return Need("axes", axes + 2, -axes - 1, layout, x)
        return axis_need(x, -axes - 1, channels, layout)

    return look


def _linear(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    features = _argument(args, kwargs, 1, "weight").shape[-1]
    return axis_need(x, -1, features, ("N", features))


def _embedding(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    rows = _argument(args, kwargs, 1, "weight").shape[0]
    whole = x.dtype in (torch.int64, torch.int32)
    if whole and (not x.numel() or (int(x.min()) >= 0 and int(x.max()) < rows)):
        return None
    return Need("ids", rows, -1, ("N", "L"), x)


def _layer_norm(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    tail = tuple(_argument(args, kwargs, 1, "normalized_shape"))
    layout = ("N", "L", *tail) if len(tail) == 1 else ("N", *tail)
    for axis, want in enumerate(tail, start=-len(tail)):
        need = axis_need(x, axis, want, layout)
        if need is not None:
            return need
    return None


def _attention(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    width = _argument(args, kwargs, 3, "embed_dim_to_check")
    return axis_need(x, -1, width, ("L", "N", width))


def _batch_norm(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    scale = _argument(args, kwargs, 1, "running_mean")
    scale = _argument(args, kwargs, 3, "weight") if scale is None else scale
    if scale is None or x.dim() < 2:
        return None
    channels = scale.shape[0]
    return axis_need(x, 1 - x.dim(), channels, image_layout(channels, x.dim() - 2))


def _group_norm(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    scale = _argument(args, kwargs, 2, "weight")
    if scale is None or x.dim() < 2:
        return None
    return axis_need(x, 1 - x.dim(), scale.shape[0], image_layout(scale.shape[0], x.dim() - 2))


def _matmul(x: torch.Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    other = _argument(args, kwargs, 1, "other")
    if not isinstance(other, nn.Parameter) or not other.dim():
        return None
    want = other.shape[-2 if other.dim() > 1 else -1]
    return axis_need(x, -1, want, ("N", want))


def _argument(
    args: Sequence[Any], kwargs: Mapping[str, Any], place: int, name: str, default: Any = None
) -> Any:
    return args[place] if len(args) > place else kwargs.get(name, default)


_Look = Callable[[torch.Tensor, Sequence[Any], Mapping[str, Any]], Need | None]
_LOOKS: Final[Mapping[str, _Look]] = {
    **{f"conv{axes}d": _convolution(axes, False) for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": _convolution(axes, True) for axes in (1, 2, 3)},
    "linear": _linear,
    "embedding": _embedding,
    "layer_norm": _layer_norm,
    "multi_head_attention_forward": _attention,
    "batch_norm": _batch_norm,
    "group_norm": _group_norm,
    "matmul": _matmul,
    "__matmul__": _matmul,
    "mm": _matmul,
}


def need_of_op(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Need | None:
    """Return what an op demands of its first tensor and does not get; None where all is well.

    Args:
        name: the op.
        args: what it is called with.
        kwargs: likewise, by keyword.
    """
    look = _LOOKS.get(name)
    x = _argument(args, kwargs, 0, "query" if "attention" in name else "input")
    if look is None or not isinstance(x, torch.Tensor):
        return None
    return look(x, args, kwargs)


_BATCH_NORMS: Final = {
    nn.BatchNorm2d: 4, nn.BatchNorm3d: 5, nn.InstanceNorm2d: 4, nn.InstanceNorm3d: 5
}  # fmt: skip


def need_of_module(module: nn.Module, args: Sequence[Any]) -> Need | None:
    """Return what a module demands before its first op, as `need_of_op` does for ops."""
    x = args[0] if args else None
    if not isinstance(x, torch.Tensor):
        return None
    if isinstance(module, nn.RNNBase):
        layout = rnn_layout(module)
        if x.dim() not in (2, 3):
            return Need("axes", 3, -1, layout, x)
        return axis_need(x, -1, module.input_size, layout)
    for kind, axes in _BATCH_NORMS.items():
        if isinstance(module, kind) and x.dim() != axes:
            layout = image_layout(module.num_features, axes - 2)
            return Need("axes", axes, -1, layout, x)
    return None


def rnn_layout(module: nn.RNNBase) -> tuple[int | str, ...]:
    """Return the layout of what a recurrent module takes."""
    free: tuple[str, str] = ("N", "L") if module.batch_first else ("L", "N")
    return (*free, module.input_size)
