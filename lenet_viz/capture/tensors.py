"""Tensors as NumPy arrays and back; the only place where the two meet."""

import numpy as np
import torch

from lenet_viz.capture.arrays import Array

_BITS = {torch.bfloat16: torch.uint16}
_NUMPY_KNOWS = {
    torch.float64, torch.float32, torch.float16, torch.complex128, torch.complex64, torch.bool,
    torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint64, torch.uint32, torch.uint16, torch.uint8,
}  # fmt: skip


def dtype_name(dtype: torch.dtype) -> str:
    """Return torch's name of a type without its prefix, such as ``"float32"``."""
    return str(dtype).rpartition(".")[2]


def kept(tensor: torch.Tensor) -> torch.Tensor | None:
    """Return a copy of ``tensor`` on the CPU that nothing else can write to.

    None where it has no numbers that can be read (meta, sparse, quantised tensors).
    """
    if tensor.layout is not torch.strided or tensor.is_meta or tensor.is_quantized:
        return None
    copy = tensor.detach()
    if copy.device.type != "cpu":
        copy = copy.to("cpu", copy=True)
    else:
        copy = copy.clone(memory_format=torch.contiguous_format)
    if copy.is_conj() or copy.is_neg():
        copy = copy.resolve_conj().resolve_neg()
    return copy


def to_array(tensor: torch.Tensor) -> Array:
    """Return the memory of a CPU ``tensor`` as an array, stored as `arrays.widened` expects it.

    bfloat16 and other types that NumPy lacks come as the unsigned integers of their bits.
    """
    tensor = tensor.detach()
    if tensor.dtype not in _NUMPY_KNOWS:
        if tensor.dtype == torch.complex32:
            tensor = torch.view_as_real(tensor)
        else:
            bits = {1: torch.uint8, 2: torch.uint16, 4: torch.uint32}[tensor.element_size()]
            tensor = tensor.view(bits)
    array: Array = tensor.numpy()
    return array


def to_tensor(array: Array, dtype: str) -> torch.Tensor:
    """Return a tensor of the logical type ``dtype`` with its own copy of ``array``.

    Args:
        array: numbers as `to_array` or the capture file gives them.
        dtype: torch's name of the type without its prefix.
    """
    wanted: torch.dtype = getattr(torch, dtype)
    tensor = torch.from_numpy(np.array(array, copy=True))
    if tensor.dtype == wanted:
        return tensor
    if wanted.is_complex:
        return torch.view_as_complex(tensor)
    return tensor.view(wanted)
