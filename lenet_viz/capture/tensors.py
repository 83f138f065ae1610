"""Tensors as NumPy arrays and back; the only place where the two meet."""

import hashlib
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from lenet_viz.capture.arrays import Array

_NUMPY_KNOWS = {
    torch.float64, torch.float32, torch.float16, torch.complex128, torch.complex64, torch.bool,
    torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint64, torch.uint32, torch.uint16, torch.uint8,
}  # fmt: skip

_ORDINARY = (torch.Tensor, nn.Parameter)
_SMALL = 2**18
# Asked for at every copy: a name looked up once in place of two or three.
_STRIDED = torch.strided
_grad_enabled = torch.is_grad_enabled
_set_grad_enabled = torch._C._set_grad_enabled


def dtype_name(dtype: torch.dtype) -> str:
    """Return torch's name of a type without its prefix, such as ``"float32"``."""
    return str(dtype).rpartition(".")[2]


def kept(tensor: torch.Tensor) -> torch.Tensor | None:
    """Return a copy of ``tensor`` on the CPU that nothing else can write to.

    None where it has no numbers that can be read (meta, sparse, quantised tensors).
    """
    if tensor.layout is not _STRIDED or tensor.is_quantized:
        return None
    if not tensor.is_cpu:
        return None if tensor.is_meta else tensor.detach().to("cpu", copy=True)
    if not (tensor.requires_grad and _grad_enabled()):
        return tensor.clone()
    # Cheaper than `detach` before every copy and than entering a context.
    _set_grad_enabled(False)
    try:
        return tensor.clone()
    finally:
        _set_grad_enabled(True)


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
    return Copies(tensors).by_name()


class Copies:
    """Copies of many tensors, small ones of one type copied together in one call of torch."""

    def __init__(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Copy all ``tensors`` that have numbers to copy."""
        self._names = list(tensors)
        self._single: dict[str, torch.Tensor] = {}
        self._flat: list[tuple[torch.Tensor, list[tuple[str, torch.Size]]]] = []
        groups: dict[torch.dtype, list[torch.Tensor]] = {}
        parts: dict[torch.dtype, list[tuple[str, torch.Size]]] = {}
        for name, tensor in tensors.items():
            if (
                type(tensor) in _ORDINARY
                and tensor.is_cpu
                and tensor.layout is torch.strided
                and not tensor.is_quantized
                and (shape := tensor.shape).numel() <= _SMALL
            ):
                dtype = tensor.dtype
                if dtype not in groups:
                    groups[dtype], parts[dtype] = [], []
                groups[dtype].append(tensor)
                parts[dtype].append((name, shape))
            elif (copy := kept(tensor)) is not None:
                self._single[name] = copy
        if groups:
            with torch.no_grad():
                for dtype, group in groups.items():
                    flat = torch._C._nn.flatten_dense_tensors(group)
                    self._flat.append((flat, parts[dtype]))

    def by_name(self) -> dict[str, torch.Tensor]:
        """Return the copies by name, in the order of the tensors."""
        found = dict(self._single)
        for flat, parts in self._flat:
            sizes = [shape.numel() for _, shape in parts]
            for (name, shape), part in zip(parts, torch.split(flat, sizes), strict=True):
                found[name] = part.view(shape)
        return {name: found[name] for name in self._names if name in found}


def hash_of(weights: Mapping[str, torch.Tensor]) -> str:
    """Return the SHA-256 over names, types, shapes and bytes, whatever the order."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name]
        words = f"{name}\0{dtype_name(tensor.dtype)}\0{tuple(tensor.shape)}\0"
        digest.update(words.encode("utf-8", "surrogatepass"))
        if tensor.numel():
            digest.update(to_array(tensor).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def weights_hash(model: nn.Module) -> str:
    """Return the SHA-256 over all parameters and buffers of ``model`` as they are now."""
    return hash_of(kept_weights(model))


def weight_arrays(model: nn.Module) -> dict[str, Array]:
    """Return copies of all parameters and buffers by name, ready for a blob."""
    return {name: to_array(tensor) for name, tensor in kept_weights(model).items()}
