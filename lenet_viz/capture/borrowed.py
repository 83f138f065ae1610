"""What a capture borrows from its caller and gives back as it was."""

import gc
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn


@dataclass
class Inputs:
    """Copies of a call's tensors that the model may write to.

    Attributes:
        args: the positional arguments with copies in place of tensors.
        kwargs: the keyword arguments likewise.
        names: what each tensor is called.
        originals: the caller's tensors.
        leaves: the copies that collect gradients.
        passed: what the model gets: a copy of each leaf, so that an op in place may come first.
    """

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    originals: list[torch.Tensor] = field(default_factory=list)
    leaves: list[torch.Tensor] = field(default_factory=list)
    passed: list[torch.Tensor] = field(default_factory=list)


def fresh_inputs(args: Sequence[Any], kwargs: Mapping[str, Any], names: Sequence[str]) -> Inputs:
    """Return copies of all tensors in a call; floating ones require a gradient.

    Args:
        args: positional arguments; tensors may lie in nested tuples, lists and dicts.
        kwargs: keyword arguments likewise.
        names: names of the positional arguments, as far as they are known.
    """
    inputs = Inputs()
    given = [*names[: len(args)], *(str(n) for n in range(len(names), len(args)))]
    inputs.args = tuple(
        _fresh(value, name, inputs) for name, value in zip(given, args, strict=True)
    )
    inputs.kwargs = {name: _fresh(value, name, inputs) for name, value in kwargs.items()}
    return inputs


def _fresh(value: Any, name: str, inputs: Inputs) -> Any:
    if isinstance(value, torch.Tensor):
        return _fresh_tensor(value, name, inputs)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        parts = zip(value._fields, value, strict=True)
        return type(value)(*(_fresh(item, f"{name}.{part}", inputs) for part, item in parts))
    if type(value) in (tuple, list):
        return type(value)(_fresh(item, f"{name}.{n}", inputs) for n, item in enumerate(value))
    if type(value) is dict:
        return {key: _fresh(item, f"{name}.{key}", inputs) for key, item in value.items()}
    return value


def _fresh_tensor(tensor: torch.Tensor, name: str, inputs: Inputs) -> torch.Tensor:
    for original, passed in zip(inputs.originals, inputs.passed, strict=True):
        if original is tensor:
            return passed
    leaf = tensor.detach().clone()
    if leaf.is_floating_point() or leaf.is_complex():
        leaf.requires_grad_()
    passed = leaf.clone()
    inputs.names.append(name)
    inputs.originals.append(tensor)
    inputs.leaves.append(leaf)
    inputs.passed.append(passed)
    return passed


@contextmanager
def grads_set_aside(tensors: Iterable[torch.Tensor]) -> Iterator[list[torch.Tensor | None]]:
    """Give every ``.grad`` as it is, None in its place meanwhile, and put it back at the end."""
    kept = [(tensor, tensor.grad) for tensor in tensors]
    try:
        for tensor, _ in kept:
            tensor.grad = None
        yield [grad for _, grad in kept]
    finally:
        for tensor, grad in kept:
            tensor.grad = grad


class CollectorPaused:
    """Runs without Python's search for circles, which a run's many small records would set off.

    A search takes about 100 ms once torch is imported: more than a whole run.
    """

    def __enter__(self) -> None:
        """Begin."""
        self._resumes = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        """End."""
        if self._resumes:
            gc.enable()


def seeded(seed: int | None, model: nn.Module) -> AbstractContextManager[None]:
    """Run with generators seeded with ``seed`` and restored at the end; None changes nothing."""
    return nullcontext() if seed is None else _seeded(seed, model)


@contextmanager
def _seeded(seed: int, model: nn.Module) -> Iterator[None]:
    cuda = {p.device for p in model.parameters() if p.device.type == "cuda"}
    with torch.random.fork_rng(devices=sorted(device.index for device in cuda)):
        torch.manual_seed(seed)
        yield


def eager() -> AbstractContextManager[Any]:
    """Return a context in which compiled modules run op by op, so that the ops can be seen."""
    return nullcontext() if "torch._dynamo" not in sys.modules else _force_eager()


@contextmanager
def _force_eager() -> Iterator[None]:
    # The hooks that torch warns of are the recorder's own, and nothing fires twice for them.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using `torch.compile.* when there are global hooks")
        with torch.compiler.set_stance("force_eager"):
            yield
