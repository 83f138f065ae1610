"""What belongs to the whole process and a user's model may change: kept, and put back."""

import gc
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import numpy as np
import torch
from torch.nn.modules import module as torch_module

_HOOKS: Final = tuple(
    name
    for name, value in vars(torch_module).items()
    if name.startswith("_global") and isinstance(value, dict)
)
_ANSWERS: Final = ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE")


def _put_contents(target: dict[Any, Any]) -> Callable[[Any], None]:
    """Return what gives a dict its contents back, the object itself unchanged."""

    def put(before: Any) -> None:
        target.clear()
        target.update(before)

    return put


def _contents(name: str) -> "_Part":
    """Return how one of torch's dicts of hooks is read and put back."""
    hooks = vars(torch_module)[name]
    return lambda: dict(hooks), _put_contents(hooks)


def _put_device(_: torch.device) -> None:
    torch.set_default_device(None)


def _put_deterministic(before: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(before[0], warn_only=before[1])


def _put_anomaly(before: tuple[bool, bool]) -> None:
    torch.autograd.set_detect_anomaly(*before)


def _put_environment(before: dict[str, str]) -> None:
    for name in set(os.environ) - set(before):
        del os.environ[name]
    for name, value in before.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _filters() -> list[Any]:
    return list(warnings.filters)


def _put_filters(before: list[Any]) -> None:
    warnings.filters[:] = before  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


def _folder() -> str | None:
    with suppress(OSError):
        return os.getcwd()
    return None


def _put_folder(before: str | None) -> None:
    if before is not None:
        with suppress(OSError):
            os.chdir(before)


def _answers() -> dict[str, Any]:
    return {name: signal.getsignal(getattr(signal, name)) for name in _ANSWERS if _has(name)}


def _has(name: str) -> bool:
    return hasattr(signal, name)


def _put_answers(before: dict[str, Any]) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(0)
    if threading.current_thread() is not threading.main_thread():
        return  # Python lets only the main thread choose
    for name, answer in before.items():
        if answer is not None:
            signal.signal(getattr(signal, name), answer)


def _put_grad_mode(before: bool) -> None:
    torch.set_grad_enabled(before)


def _put_collector(before: bool) -> None:
    (gc.enable if before else gc.disable)()


def _streams() -> tuple[Any, ...]:
    return sys.stdin, sys.stdout, sys.stderr, sys.excepthook, sys.displayhook, sys.argv


def _put_streams(before: tuple[Any, ...]) -> None:
    sys.stdin, sys.stdout, sys.stderr, sys.excepthook, sys.displayhook, sys.argv = before


_Part = tuple[Callable[[], Any], Callable[[Any], None]]
_PARTS: Final[tuple[_Part, ...]] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_default_device, _put_device),
    (torch.is_grad_enabled, _put_grad_mode),
    (
        lambda: (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        _put_deterministic,
    ),
    (
        lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        _put_anomaly,
    ),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (torch.get_num_threads, torch.set_num_threads),
    *map(_contents, _HOOKS),
    (random.getstate, random.setstate),
    (np.geterr, lambda before: np.seterr(**before) and None),
    (_filters, _put_filters),
    (lambda: warnings.showwarning, lambda before: setattr(warnings, "showwarning", before)),
    (_folder, _put_folder),
    (lambda: dict(os.environ), _put_environment),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.gettrace, sys.settrace),
    (sys.getprofile, sys.setprofile),
    (_answers, _put_answers),
    (gc.isenabled, _put_collector),
    (_streams, _put_streams),
)
"""How each thing is read, and how it is put back."""


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Put back at the end what code may have changed of torch, NumPy and Python itself.

    That is: default dtype and device, grad mode, deterministic and anomaly flags, threads, hooks
    on all modules, the generators of torch, NumPy and Python, warnings, the working folder, the
    environment, signal handlers, streams. Modules and paths are `neighbours.importable`'s.
    """
    before = [read() for read, _ in _PARTS]
    generators = torch.get_rng_state(), np.random.get_state()
    try:
        yield
    finally:
        torch.set_rng_state(generators[0])
        np.random.set_state(generators[1])
        for (read, put), value in zip(_PARTS, before, strict=True):
            if read() != value:
                put(value)


def seed_all(seed: int) -> None:
    """Seed every generator that a model may draw its weights from: torch's, NumPy's, Python's.

    Args:
        seed: from 0 to 2⁶³ - 1.
    """
    # torch.manual_seed would also seed other devices, which nothing restores.
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)
