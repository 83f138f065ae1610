"""The tensors that a ``torch.save`` file declares, measured against what it stores of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lenet_viz.engine.pt_archive import damaged
from lenet_viz.engine.weights_words import Refused, printable
from lenet_viz.wording import QT_TRANSLATE_NOOP

_ENTRY: Final = QT_TRANSLATE_NOOP("engine", "what it says of the tensor data/{name} is wrong")
_SIZE: Final = QT_TRANSLATE_NOOP(
    "engine", "it declares {wanted} bytes for the tensor data/{name}, but stores {found}"
)
_DIMENSIONS: Final = 64

STORAGES: Final[Mapping[str, int]] = {
    "torch DoubleStorage": 8, "torch FloatStorage": 4, "torch HalfStorage": 2,
    "torch BFloat16Storage": 2, "torch LongStorage": 8, "torch IntStorage": 4,
    "torch ShortStorage": 2, "torch CharStorage": 1, "torch ByteStorage": 1,
    "torch BoolStorage": 1, "torch ComplexDoubleStorage": 16, "torch ComplexFloatStorage": 8,
    "torch.storage UntypedStorage": 1,
}  # fmt: skip
"""Bytes of one number in each kind of storage."""

_ITEM_SIZES: Final[Mapping[str, int]] = {
    "torch uint64": 8, "torch uint32": 4, "torch uint16": 2, "torch complex32": 4,
    "torch float8_e4m3fn": 1, "torch float8_e5m2": 1, "torch float8_e4m3fnuz": 1,
    "torch float8_e5m2fnuz": 1, "torch float8_e8m0fnu": 1,
}  # fmt: skip
"""The same for types that have no storage of their own."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The numbers of one or more tensors.

    Attributes:
        key: its entry's name in the folder ``data/``.
        kind: what kind of storage it is said to be.
        size: its bytes.
    """

    key: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that its storage can hold."""

    storage: Storage


def storage(kind: str, key: Any, numel: Any, sizes: Mapping[str, int]) -> Storage:
    """Return a storage that the file has as it is declared.

    Args:
        kind: one of `STORAGES`.
        key: its entry's name in the folder ``data/``.
        numel: how many numbers it is said to hold.
        sizes: the bytes that are stored, by key.

    Raises:
        Refused: the file stores another number of bytes.
    """
    if not isinstance(key, str) or type(numel) is not int:
        raise damaged(_ENTRY, name=printable(str(key)))
    wanted, found = numel * STORAGES[kind], sizes.get(key)
    if found is None or wanted != found:
        raise damaged(_SIZE, name=printable(key), wanted=str(wanted)[:40], found=found or 0)
    return Storage(key, kind, found)


def rebuilt(
    start: Any, offset: Any, sizes: tuple[Any, ...], strides: tuple[Any, ...], dtype: str | None
) -> Tensor:
    """Return a tensor whose storage holds every one of its numbers.

    Args:
        start: its storage.
        offset: where its first number lies, in numbers.
        sizes: its shape.
        strides: how far apart neighbours on each axis lie, in numbers.
        dtype: its type where the storage has none; None where it has.

    Raises:
        Refused: the storage holds fewer numbers than the tensor has.
    """
    if not isinstance(start, Storage):
        raise damaged(_ENTRY, name="?")
    numbers = (offset, *sizes, *strides)
    plain = all(type(number) is int and 0 <= number < 2**63 for number in numbers)
    if not plain or len(sizes) != len(strides) or len(sizes) > _DIMENSIONS:
        raise damaged(_ENTRY, name=printable(start.key))
    item = _item_size(start, dtype)
    wanted = math.prod(sizes) * item
    if wanted > start.size:
        raise Refused("bomb", shape=printable(str(sizes)), wanted=wanted, found=start.size)
    last = sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    if wanted and (offset + last + 1) * item > start.size:
        raise damaged(_ENTRY, name=printable(start.key))
    return Tensor(start)


def _item_size(start: Storage, dtype: str | None) -> int:
    if dtype is None:
        return STORAGES[start.kind]
    if dtype not in _ITEM_SIZES:
        raise damaged(_ENTRY, name=printable(start.key))
    return _ITEM_SIZES[dtype]
