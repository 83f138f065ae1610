"""What the C library does with the memory of a run that is over."""

import ctypes
import sys
from contextlib import suppress
from pathlib import Path

import torch

_TRIM_THRESHOLD = -1  # glibc's M_TRIM_THRESHOLD
_KEPT = 256 * 2**20


def keep_freed_memory() -> None:
    """Let glibc keep up to 256 MiB of freed memory for the next run.

    Otherwise it gives most of it back to the system, which hands it out again page by page and
    filled with zeros: a third of the time of a capture of a large network. Elsewhere than on
    glibc nothing changes.

    Only for the engine's own process: a program that calls `lenet_viz.capture` keeps its settings.
    """
    # Blocks below the size of the largest one ever freed, up to 32 MiB, come from memory that
    # is kept. This one is never written to: it costs an address range for a moment.
    torch.empty(2**25 - 2**16, dtype=torch.uint8)
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(_TRIM_THRESHOLD, _KEPT)


def go_first() -> None:
    """Have Linux end this process first where memory runs out, not the window beside it.

    A model that eats all memory ends its engine with it, which costs one message.
    """
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
