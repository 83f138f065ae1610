"""Weights put into a model: all of them or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from lenet_viz.engine.checkpoint import listed
from lenet_viz.engine.weights_conversion import converted
from lenet_viz.engine.weights_misfit import Row, misfit, type_mistake
from lenet_viz.engine.weights_words import printable
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

__all__ = ["PrefixMistake", "fit"]

_COUNTER: Final = "num_batches_tracked"

_PREFIX: Final = QT_TRANSLATE_NOOP(
    "engine",
    "The weights{file} fit the model but for their names: each begins with “{prefix}”, such as "
    "{example}; wanted: {wanted}. Take “{prefix}” off the names.",
)
_NO_PREFIX: Final = QT_TRANSLATE_NOOP(
    "engine",
    "No name in the weights{file} begins with “{prefix}”; found: {names}. Leave the prefix out, "
    "or give one that they have.",
)
_SAME_NAME: Final = QT_TRANSLATE_NOOP(
    "engine",
    "Without the prefix “{prefix}” two of the weights{file} have the same name, {name}. "
    "Give another prefix, or rename one of them.",
)
_TARGET: Final = QT_TRANSLATE_NOOP(
    "engine",
    "The model's {name} is no ordinary tensor on the CPU ({kind}), so weights{file} cannot be "
    "copied into it. Make the model with ordinary parameters on the CPU.",
)
_IN_FILE: Final = QT_TRANSLATE_NOOP("engine", " in “{path}”")

_COUNTERS: Final = QT_TRANSLATE_NOOP(
    "engine",
    "The weights file is old: it has no num_batches_tracked for {count} BatchNorm layers, which "
    "keep theirs.",
)
_TIED: Final = QT_TRANSLATE_NOOP(
    "engine", "{name} is not in the weights file; it is the same tensor as {other}, which is."
)
_CONFLICT: Final = QT_TRANSLATE_NOOP(
    "engine",
    "{name} and {other} are one tensor in the model, but differ in the weights file: the numbers "
    "of {name} were taken.",
)


class PrefixMistake(UserMistake):
    """Every name in a weights file has a prefix, and without it the weights would fit.

    Attributes:
        prefix: the prefix, such as ``module.``; `fit` takes it off as ``strip``.
    """

    def __init__(self, message: Message, prefix: str) -> None:
        """Keep ``message`` and the prefix."""
        super().__init__(message)
        self.prefix = prefix


def fit(
    model: nn.Module, weights: Mapping[str, torch.Tensor], strip: str = ""
) -> tuple[Message, ...]:
    """Copy weights into a model, converted to its types, and return what is worth telling.

    Args:
        model: its parameters and persistent buffers are written to, its code is not called.
        weights: tensors by name, such as `lenet_viz.engine.weights_file.read_weights` gives.
        strip: taken off every name that begins with it; "" for nothing.

    Raises:
        PrefixMistake: they would fit without a prefix that all their names have.
        UserMistake: a name is missing or unknown, a shape differs, or integers are given for
            floating point numbers. The model is then unchanged.
    """
    file = _file(weights)
    targets = _targets(model)
    given = _stripped(dict(weights), strip, file)
    rows, notes = _compared(targets, given)
    if rows:
        raise _prefix_mistake(targets, given, file) or misfit(rows, len(targets), len(given), file)
    _check_targets(targets, file)
    ready, unfit, more = converted(targets, given)
    if unfit:
        raise type_mistake(unfit, file)
    conflicts = _conflicts(targets, ready)
    with torch.no_grad():
        for name, value in ready.items():
            target = targets[name]
            if is_lazy(target):
                target.materialize(value.shape, device=torch.device("cpu"))
            target.copy_(value)
    return (*getattr(weights, "notes", ()), *notes, *more, *conflicts)


def _file(weights: Mapping[str, torch.Tensor]) -> Message | str:
    path: Path | None = getattr(weights, "path", None)
    return "" if path is None else message("engine", _IN_FILE, path=printable(str(path), 1000))


def _targets(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return parameters and persistent buffers by the names they have in ``state_dict()``.

    ``state_dict`` itself may be somebody's own, and return copies.
    """
    found: dict[str, torch.Tensor] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        start = f"{path}." if path else ""
        passing = module._non_persistent_buffers_set
        own = {
            **module._parameters,
            **{n: b for n, b in module._buffers.items() if n not in passing},
        }
        found |= {start + name: tensor for name, tensor in own.items() if tensor is not None}
    return found


def _stripped(
    weights: dict[str, torch.Tensor], strip: str, file: Message | str
) -> dict[str, torch.Tensor]:
    if not strip:
        return weights
    if not any(name.startswith(strip) for name in weights):
        names = listed(list(weights))
        raise UserMistake(
            message("engine", _NO_PREFIX, file=file, prefix=printable(strip), names=names)
        )
    short: dict[str, torch.Tensor] = {}
    for name, tensor in weights.items():
        new = name.removeprefix(strip)
        if new in short:
            raise UserMistake(
                message(
                    "engine", _SAME_NAME, file=file, prefix=printable(strip), name=printable(new)
                )
            )
        short[new] = tensor
    return short


def _compared(
    targets: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]
) -> tuple[list[Row], list[Message]]:
    """Return what does not fit, in the model's order, and what is missing but no fault."""
    rows: list[Row] = []
    notes: list[Message] = []
    counters = 0
    here = {id(targets[name]): name for name in given if name in targets}
    for name, target in targets.items():
        if name not in given:
            if id(target) in here:
                notes.append(message("engine", _TIED, name=name, other=here[id(target)]))
            elif name.rpartition(".")[2] == _COUNTER:
                counters += 1
            else:
                rows.append(Row(name, "", _shape(target)))
        elif not is_lazy(target) and given[name].shape != target.shape:
            rows.append(Row(name, _shape(given[name]), _shape(target)))
    rows += [Row(name, _shape(given[name]), "") for name in given if name not in targets]
    if counters:
        notes.append(message("engine", _COUNTERS, count=counters))
    return rows, notes


def _shape(tensor: torch.Tensor) -> str:
    return "?" if is_lazy(tensor) else printable(str(tuple(tensor.shape)))


def _prefix_mistake(
    targets: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor], file: Message | str
) -> PrefixMistake | None:
    """Return the offer to take off a prefix, the shortest one with which everything fits."""
    if not given:
        return None
    example = min(given)
    for end in (place + 1 for place, letter in enumerate(example[:1000]) if letter == "."):
        prefix = example[:end]
        if not all(name.startswith(prefix) for name in given):
            return None
        if not _compared(targets, {name[end:]: tensor for name, tensor in given.items()})[0]:
            text = message(
                "engine", _PREFIX,
                file=file, prefix=prefix, example=printable(example), wanted=example[end:],
            )  # fmt: skip
            return PrefixMistake(text, prefix)
    return None


def _check_targets(targets: Mapping[str, torch.Tensor], file: Message | str) -> None:
    for name, target in targets.items():
        if is_lazy(target):
            continue
        kind = ""
        if target.is_meta or not target.is_cpu:
            kind = target.device.type
        elif target.is_quantized or target.layout is not torch.strided or target.is_nested:
            kind = "quantized" if target.is_quantized else str(target.layout)
        elif target.is_inference():
            kind = "inference"
        elif target.numel() * target.element_size() > target.untyped_storage().nbytes():
            kind = "expanded"  # one number in memory for several of the tensor
        if kind:
            raise UserMistake(
                message("engine", _TARGET, name=printable(name), kind=kind, file=file)
            )


def _conflicts(
    targets: Mapping[str, torch.Tensor], ready: Mapping[str, torch.Tensor]
) -> list[Message]:
    """Return notes on names of one and the same tensor whose numbers differ in the file."""
    names: dict[int, list[str]] = {}
    for name in ready:
        names.setdefault(id(targets[name]), []).append(name)
    return [
        message("engine", _CONFLICT, name=same[-1], other=other)
        for same in names.values()
        for other in same[:-1]
        if not torch.equal(ready[other], ready[same[-1]])
    ]
