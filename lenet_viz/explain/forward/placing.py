"""Where a window reads its input, in code style and with the step's own numbers."""

from lenet_viz.explain.operands import Call
from lenet_viz.explain.windows import setting

_OUT = {1: ("i",), 2: ("i", "j"), 3: ("h", "i", "j")}
_INSIDE = {1: ("a",), 2: ("a", "b"), 3: ("e", "a", "b")}


def out_places(axes: int) -> str:
    """Return the letters of an output's place: ``i,j``."""
    return ",".join(_OUT[axes])


def kernel_places(axes: int) -> str:
    """Return the letters of a place in a window: ``a,b``."""
    return ",".join(_INSIDE[axes])


def seen_places(call: Call, axes: int, default_stride: str = "stride") -> str:
    """Return which place of the input is read: ``i+a,j+b`` or ``2·i+a-1,2·j+b-1``.

    Args:
        call: a convolution or pooling.
        axes: how many spatial axes it has.
        default_stride: the setting that the stride is where none is given.
    """
    kernel = setting(call, default_stride, axes, 1) or (1,) * axes
    stride = setting(call, "stride", axes, 0) or kernel
    stride = tuple(s or k for s, k in zip(stride, kernel, strict=True))
    dilation = setting(call, "dilation", axes, 1) or (1,) * axes
    padding = _padding(call, axes, dilation)
    parts = []
    for axis in range(axes):
        out, inside = _OUT[axes][axis], _INSIDE[axes][axis]
        moved = f"{stride[axis]}·{out}" if stride[axis] != 1 else out
        reach = f"{dilation[axis]}·{inside}" if dilation[axis] != 1 else inside
        shift = f"-{padding[axis]}" if padding[axis] else ""
        parts.append(f"{moved}+{reach}{shift}")
    return ",".join(parts)


def _padding(call: Call, axes: int, dilation: tuple[int, ...]) -> tuple[int, ...]:
    if call.step.literal("padding", 0) != "same":
        return setting(call, "padding", axes, 0) or (0,) * axes
    weight = call.operand("weight")
    kernel = weight.shape[2:] if weight is not None else (1,) * axes
    return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
