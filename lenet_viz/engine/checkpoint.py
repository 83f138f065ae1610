"""The weights among all that a checkpoint holds."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import torch

from lenet_viz.engine.weights_words import Refused, printable
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_NAMED: Final = 8
_DEEPEST: Final = 3

_TAKEN: Final = QT_TRANSLATE_NOOP(
    "engine", "The weights were taken from “{name}”, the only dict of tensors in the checkpoint."
)
_LEFT: Final = QT_TRANSLATE_NOOP(
    "engine", "{count} entries of the weights file are no tensors and were left out: {names}."
)
_LIST: Final = QT_TRANSLATE_NOOP("engine", "a list of {count}")
_TENSOR: Final = QT_TRANSLATE_NOOP("engine", "a single tensor of shape {shape}")
_VALUE: Final = QT_TRANSLATE_NOOP("engine", "a value of type {kind}")
_KEYS: Final = QT_TRANSLATE_NOOP("engine", "a dict whose keys are not names, such as {key}")
_HOLDS: Final = QT_TRANSLATE_NOOP("engine", " (its keys: {names})")

_Dict = dict[str, Any]


def weights_in(loaded: Any) -> tuple[dict[str, torch.Tensor], tuple[Message, ...]]:
    """Return the tensors by name in what a file holds, and what is worth telling about that.

    A dict of tensors is taken as it is. Otherwise the only dict of tensors inside it is, such as
    the ``state_dict`` of a checkpoint.

    Args:
        loaded: what ``torch.load`` gave.

    Raises:
        Refused: there is no such dict, there are several, or a tensor is not an ordinary one.
    """
    top = _names_to_values(loaded)
    found = _found(top, (), set())
    if len(found) > 1:
        names = [".".join(path) for path, _ in found]
        raise Refused("several", names=listed(names), first=printable(names[0]))
    notes: tuple[Message, ...] = ()
    if found:
        (path, chosen), *_ = found
        if path:
            notes = (message("engine", _TAKEN, name=printable(".".join(path))),)
    else:
        chosen = top
    tensors = {name: value for name, value in _pairs(chosen) if isinstance(value, torch.Tensor)}
    if not tensors:
        keys = message("engine", _HOLDS, names=listed([str(key) for key in top])) if top else ""
        raise Refused("no-tensors", keys=keys)
    left = [name for name in chosen if name not in tensors]
    if left:
        notes = (*notes, message("engine", _LEFT, count=len(left), names=listed(left)))
    _check_ordinary(tensors)
    return tensors, notes


def listed(names: list[str]) -> str:
    """Return the first eight names, separated by commas, and how many there are beyond."""
    shown = ", ".join(printable(name) for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown}, … (+{len(names) - _NAMED})"


def _names_to_values(loaded: Any) -> _Dict:
    if isinstance(loaded, torch.Tensor):
        found = message("engine", _TENSOR, shape=str(tuple(loaded.shape)))
    elif isinstance(loaded, list | tuple):
        found = message("engine", _LIST, count=len(loaded))
    elif not isinstance(loaded, dict):
        found = message("engine", _VALUE, kind=type(loaded).__name__)
    elif any(not isinstance(key, str) for key in loaded):
        odd = next(key for key in loaded if not isinstance(key, str))
        found = message("engine", _KEYS, key=printable(str(odd)))
    else:
        return dict(_pairs(loaded))
    raise Refused("no-dict", found=found)


def _pairs(held: Any) -> Iterator[tuple[Any, Any]]:
    # A file can lay attributes over an OrderedDict's own methods, so dict's are called.
    yield from dict.items(held)


def _found(
    held: _Dict, path: tuple[str, ...], seen: set[int]
) -> list[tuple[tuple[str, ...], _Dict]]:
    """Return every dict of tensors in ``held`` with the keys that lead to it.

    Each dict is looked at once: a file can put one into another a million times, or into itself.
    """
    seen.add(id(held))
    pairs = [pair for pair in _pairs(held) if isinstance(pair[0], str)]
    values = [value for name, value in pairs if not name.endswith("_extra_state")]
    if values and all(isinstance(value, torch.Tensor) for value in values):
        return [(path, dict(pairs))] if len(pairs) == len(held) else []
    inside: list[tuple[tuple[str, ...], _Dict]] = []
    for name, value in pairs:
        dict_inside = isinstance(value, dict) and not isinstance(value, Counter)
        if dict_inside and id(value) not in seen and len(path) < _DEEPEST:
            inside += _found(value, (*path, name), seen)
    return inside


def _check_ordinary(tensors: dict[str, torch.Tensor]) -> None:
    for tensor in tensors.values():
        if tensor.is_quantized:
            raise Refused("quantized")
        if tensor.layout is not torch.strided or tensor.is_nested or tensor.is_meta:
            raise Refused("kind", kind=str(tensor.layout))
        stored = tensor.untyped_storage().nbytes()
        wanted = tensor.numel() * tensor.element_size()
        if wanted > stored:
            raise Refused("bomb", shape=str(tuple(tensor.shape)), wanted=wanted, found=stored)
