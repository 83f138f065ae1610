"""How a command ends that somebody ends from outside: nothing of it is left."""

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_Dealt = Callable[[int, Any], None]

_KILLS: Final = ("SIGTERM", "SIGHUP")
_ROUNDS: Final = 40
_PAUSE: Final = 0.05
"""Seconds: an engine may still put a file into a folder that is being removed."""


@contextmanager
def removed_at_a_kill(folder: str) -> Iterator[None]:
    """Remove a folder where a polite kill or a closed terminal ends the process meanwhile.

    The process still ends by the signal. No exception is raised for it: one that comes out of
    nowhere is lost, or a crash, as NumPy and PySide are loaded. What is ignored on purpose, as
    under nohup, or dealt with by somebody else stays as it is.

    Args:
        folder: its path.
    """
    ours = [number for number in _known(*_KILLS) if signal.getsignal(number) == signal.SIG_DFL]

    def end(number: int, _: object) -> None:
        for each in ours:
            signal.signal(each, signal.SIG_IGN)
        for _round in range(_ROUNDS):
            shutil.rmtree(folder, ignore_errors=True)
            if not Path(folder).exists():
                break
            time.sleep(_PAUSE)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    with _dealt_with(ours, end):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl+C back until the end, and raise `KeyboardInterrupt` then.

    Where Qt is loaded or paints: raised between a painter and its device, it ends the process as a
    crash.
    """
    came: list[int] = []
    ours = [number for number in _known("SIGINT") if callable(signal.getsignal(number))]
    try:
        with _dealt_with(ours, lambda number, _: came.append(number)):
            yield
    finally:
        if came:
            signal.raise_signal(came[0])


def _known(*names: str) -> list[signal.Signals]:
    """Return the signals that there are here, as far as this thread may say what they do."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


@contextmanager
def _dealt_with(numbers: list[signal.Signals], deal: _Dealt) -> Iterator[None]:
    before = {number: signal.signal(number, deal) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
