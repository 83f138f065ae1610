"""Tensors as NumPy arrays and back; the only place where the two meet."""

import hashlib
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

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
    return copy.clone() if copy.is_cpu else copy.to("cpu", copy=True)


def to_array(tensor: torch.Tensor) -> Array:
    """Return the memory of a CPU ``tensor`` as an array, stored as `arrays.widened` expects it.

    bfloat16 and other types that NumPy lacks come as the unsigned integers of their bits.
    """
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
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


def kept_weights(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return copies of all parameters and buffers by name, in torch's order."""
    return copies(dict((*model.named_parameters(), *model.named_buffers())))


def copies(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return copies of all ``tensors`` that have numbers to copy, by name."""
    taken = ((name, kept(tensor)) for name, tensor in tensors.items())
    return {name: copy for name, copy in taken if copy is not None}


def hash_of(weights: Mapping[str, torch.Tensor]) -> str:
    """Return the SHA-256 over names, types, shapes and bytes, whatever the order."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name]
        digest.update(f"{name}\0{dtype_name(tensor.dtype)}\0{tuple(tensor.shape)}\0".encode())
        if tensor.numel():
            digest.update(to_array(tensor).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def weights_hash(model: nn.Module) -> str:
    """Return the SHA-256 over all parameters and buffers of ``model`` as they are now."""
    return hash_of(kept_weights(model))


def weight_arrays(model: nn.Module) -> dict[str, Array]:
    """Return copies of all parameters and buffers by name, ready for a blob."""
    return {name: to_array(tensor) for name, tensor in kept_weights(model).items()}


def _let_torch_keep_freed_memory() -> None:
    """Raise the size up to which the C library keeps freed memory for the next run.

    glibc gives memory above a limit back to the system and faults it in again page by page: for
    a batch of 64, half the time of a capture. The limit follows the largest block that was ever
    freed, up to 32 MiB; this block is never written to, so it costs no memory itself.
    """
    torch.empty(2**25 - 2**16, dtype=torch.uint8)


_let_torch_keep_freed_memory()
