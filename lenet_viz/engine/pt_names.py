"""The classes and functions that a ``torch.save`` file of weights may name, and what others are."""

from collections.abc import Mapping
from typing import Final

from lenet_viz.engine.pt_tensors import STORAGES
from lenet_viz.engine.weights_words import Refused, printable

_OTHER_TENSORS: Final[Mapping[str, str]] = {
    "_rebuild_sparse_tensor": "sparse",
    "_rebuild_meta_tensor_no_storage": "meta",
    "_rebuild_nested_tensor": "nested",
    "_rebuild_njt": "nested",
    "_rebuild_wrapper_subclass": "Tensor subclass",
    "_rebuild_from_type_v2": "Tensor subclass",
}
_DTYPES: Final = frozenset(
    f"torch {name}"
    for name in (
        "float64", "float32", "float16", "bfloat16", "complex128", "complex64", "complex32",
        "bool", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8",
        "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
    )
)  # fmt: skip
CALLS: Final = frozenset(
    {
        "collections OrderedDict",
        "collections Counter",
        "torch Size",
        "torch device",
        "torch._utils _rebuild_parameter",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_tensor_v3",
    }
)
_QUANTIZED: Final = ("QInt8Storage", "QUInt8Storage", "QInt32Storage", "qint8", "quint8", "qint32")
NAMES: Final = CALLS | _DTYPES | STORAGES.keys()


def refused_name(name: str, text: bytes) -> Refused:
    """Return why a list of tensors that calls for ``name`` is not read.

    Args:
        name: module and name, with a space between.
        text: the whole list.
    """
    short = name.rpartition(" ")[2]
    shown = printable(name.replace(" ", "."))
    if short in ("_rebuild_qtensor", *_QUANTIZED):
        return Refused("quantized")
    if short in _OTHER_TENSORS:
        return Refused("kind", kind=_OTHER_TENSORS[short])
    if b"_parameters" in text and b"_modules" in text:
        return Refused("whole-model", name=shown)
    return Refused("code", name=shown)
