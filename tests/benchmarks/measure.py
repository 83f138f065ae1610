"""How every benchmark measures: turn and turn about, and medians.

A ratio of two things timed one after the other drifts with the machine; timed in turns, both see
the same machine.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the printed table.

    Attributes:
        what: what was measured.
        must: what it has to reach.
        measured: the number, with its unit.
        beside: what stands beside it: the medians it comes from.
    """

    what: str
    must: str
    measured: str
    beside: str = ""


def seconds(
    work: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
    calls: int = 1,
) -> float:
    """Return how long one call takes, one of several in a row."""
    start = clock()
    for _ in range(calls):
        work()
    return (clock() - start) / calls


def in_turns(
    *works: Callable[[], object],
    rounds: int,
    calls: int = 1,
    warm_up: int = 2,
    limit: float = 15.0,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Return the median seconds of each of ``works``, called in turns.

    Args:
        *works: what to time.
        rounds: how often each is timed.
        calls: how many calls in a row are timed as one: the first of them finds the processor's
            caches as the other works left them, which a short work pays for more than a long one.
        warm_up: how often each is called first, untimed.
        clock: `time.process_time` for work in one thread: what other programs take of the
            machine meanwhile is left out, which would hit a long work more than a short one.
        limit: no new round begins after so many seconds; at least one is done.
    """
    for _ in range(warm_up):
        for work in works:
            work()
    taken: list[list[float]] = [[] for _ in works]
    until = time.perf_counter() + limit
    gc.collect()
    for i in range(rounds):
        if i > 0 and time.perf_counter() > until:
            break
        # Each goes first in its turn, so that none always finds the caches warm.
        for j in range(len(works)):
            k = (i + j) % len(works)
            taken[k].append(seconds(works[k], clock, calls))
    return [statistics.median(times) for times in taken]


def ms(duration: float) -> str:
    """Return seconds as milliseconds with three digits."""
    return f"{duration * 1000:.3g} ms" if duration < 1 else f"{duration * 1000:,.0f} ms"


def times(ratio: float) -> str:
    """Return a ratio with its sign."""
    return f"× {ratio:.2f}" if ratio < 10 else f"× {ratio:.0f}"
