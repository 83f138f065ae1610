"""Whether code has changed torch or Python itself in ways that nothing puts back."""

import builtins
import math
import random
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch

_PACKAGES: Final = ("torch.nn", "torch.autograd", "torch.utils.checkpoint", "lenet_viz")
_MODULES: Final = (torch, torch.functional, torch.random, builtins, math, random, np, np.random)
_Held = tuple[dict[str, Any], str, Any]


class Watch:
    """Remembers the functions and modes there are, to tell later whether they still are.

    A patch that wraps a function would be put around it once more by each run of the same file: a
    layer that doubles its output would give four times as much at the second run.

    What `surroundings_kept` puts back is not looked at here. ``torch.compile`` replaces some of
    torch's functions itself; a fresh engine after it costs nothing but its start.
    """

    def __init__(self) -> None:
        """Look at how things are, before any of somebody's code has run."""
        self._held = tuple(_callables())
        self._modes = _modes()

    def changed(self) -> bool:
        """Return whether anything is another one than at first; takes two milliseconds."""
        if _modes() != self._modes:
            return True
        return any(names.get(name) is not held for names, name, held in self._held)


def _callables() -> Iterator[_Held]:
    """Give every function and class of the modules watched, and the methods of those classes."""
    prefixes = tuple(f"{name}." for name in _PACKAGES)
    inside = [
        module
        for name, module in sys.modules.items()
        if module is not None and (name in _PACKAGES or name.startswith(prefixes))
    ]
    for module in (*_MODULES, *inside):
        for name, held in list(vars(module).items()):
            if callable(held):
                yield vars(module), name, held
    classes = [torch.Tensor, torch.Generator, *_classes(inside)]
    for each in dict.fromkeys(classes):
        for name, held in list(vars(each).items()):
            if callable(held) or isinstance(held, property | classmethod | staticmethod):
                yield vars(each), name, held  # type: ignore[misc]
        # What a class inherits is also patched by giving it one of its own.
        for name in set().union(*map(vars, each.__mro__[1:-1])) - set(vars(each)):
            if not name.startswith("__") or name == "__call__":
                yield vars(each), name, None  # type: ignore[misc]


def _classes(modules: list[Any]) -> Iterator[type]:
    for module in modules:
        for held in vars(module).values():
            if isinstance(held, type) and held.__module__ == module.__name__:
                yield held


def _modes() -> tuple[Any, ...]:
    """Return what is switched on around whatever runs on this thread, and what runs beside it."""
    return (
        torch._C._len_torch_function_stack(),
        torch._C._len_torch_dispatch_stack(),
        torch.is_autocast_enabled("cpu"),
        torch.get_autocast_dtype("cpu"),
        torch.is_inference_mode_enabled(),
        _saved_tensors_hooks() is None,
        torch.backends.mkldnn.enabled,
        threading.active_count(),
        _limits(),
    )


def _saved_tensors_hooks() -> object:
    found: Callable[[bool], object] = torch._C._autograd._top_saved_tensors_default_hooks
    return found(False)


def _limits() -> tuple[Any, ...]:
    if sys.platform == "win32":
        return ()
    import resource

    kinds = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
    return tuple(resource.getrlimit(getattr(resource, kind)) for kind in kinds)
