"""Weights in the types of the model that they go into."""

from collections.abc import Mapping
from typing import Final

import torch

from lenet_viz.capture.tensors import dtype_name
from lenet_viz.engine.checkpoint import listed
from lenet_viz.engine.weights_misfit import Row
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_CONVERTED: Final = QT_TRANSLATE_NOOP(
    "engine", "{count} of the weights were converted from {found} to {wanted}: {names}."
)
_NOT_FINITE: Final = QT_TRANSLATE_NOOP(
    "engine", "The weights hold {nan} NaN and {inf} infinite numbers, in {names}."
)
_TOO_LARGE: Final = QT_TRANSLATE_NOOP(
    "engine", "{count} numbers became infinite when they were converted to {wanted}, in {names}."
)
_ORDINARY: Final = {
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex128, torch.complex64
}  # fmt: skip
"""The types whose NaNs torch can count."""


def converted(
    targets: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]
) -> tuple[dict[str, torch.Tensor], list[Row], list[Message]]:
    """Return the weights in the types of their targets, what has none, and what is worth telling.

    Floating point numbers become those of another size, integers those of another size that can
    hold them; nothing else is converted.

    Args:
        targets: the model's tensors.
        given: tensors of the same names and shapes.
    """
    ready: dict[str, torch.Tensor] = {}
    rows: list[Row] = []
    notes = _Notes()
    for name, value in given.items():
        wanted = targets[name].dtype
        made = _as(value, wanted)
        if made is None:
            rows.append(Row(name, dtype_name(value.dtype), dtype_name(wanted)))
        else:
            ready[name] = made
            notes.look_at(name, value, made)
    return ready, rows, notes.messages()


def _as(value: torch.Tensor, dtype: torch.dtype) -> torch.Tensor | None:
    """Return ``value`` in another type; None where that would change what it means."""
    if value.dtype == dtype:
        return value
    old, new = _kind(value.dtype), _kind(dtype)
    try:
        if old == new == "float" or (old in ("float", "complex") and new == "complex"):
            return value.to(dtype)
        if old == new == "integer":
            made = value.to(dtype)
            return made if torch.equal(made.to(value.dtype), value) else None
    except (RuntimeError, NotImplementedError):  # torch cannot convert packed types
        return None
    return None


def _kind(dtype: torch.dtype) -> str:
    if dtype.is_complex:
        return "complex"
    if dtype.is_floating_point:
        return "float"
    return "bool" if dtype == torch.bool else "integer"


class _Notes:
    """What was noticed about the numbers and their conversion."""

    def __init__(self) -> None:
        self._converted: dict[tuple[str, str], list[str]] = {}
        self._too_large: dict[str, tuple[int, list[str]]] = {}
        self._nan = 0
        self._inf = 0
        self._odd: list[str] = []

    def look_at(self, name: str, value: torch.Tensor, made: torch.Tensor) -> None:
        wanted = dtype_name(made.dtype)
        if value.dtype != made.dtype:
            self._converted.setdefault((dtype_name(value.dtype), wanted), []).append(name)
        if _kind(made.dtype) not in ("float", "complex"):
            return
        nan, inf = _not_finite(value)
        if nan or inf:
            self._nan += nan
            self._inf += inf
            self._odd.append(name)
        grown = _not_finite(made)[1] - inf if made is not value else 0
        if grown > 0:
            count, names = self._too_large.get(wanted, (0, []))
            self._too_large[wanted] = (count + grown, [*names, name])

    def messages(self) -> list[Message]:
        notes = [
            message(
                "engine",
                _CONVERTED,
                count=len(names),
                found=found,
                wanted=wanted,
                names=listed(names),
            )
            for (found, wanted), names in self._converted.items()
        ]
        if self._odd:
            names = listed(self._odd)
            notes.append(message("engine", _NOT_FINITE, nan=self._nan, inf=self._inf, names=names))
        notes += [
            message("engine", _TOO_LARGE, count=count, wanted=wanted, names=listed(names))
            for wanted, (count, names) in self._too_large.items()
        ]
        return notes


def _not_finite(tensor: torch.Tensor) -> tuple[int, int]:
    """Return how many NaN and how many infinite numbers there are."""
    if tensor.dtype not in _ORDINARY:
        tensor = tensor.float()
    if bool(torch.isfinite(tensor).all()):
        return 0, 0
    nan = int(torch.isnan(tensor).sum())
    return nan, int(tensor.numel() - torch.isfinite(tensor).sum()) - nan
