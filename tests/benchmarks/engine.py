"""How soon the engine obeys: Stop, and the spare that takes over."""

import statistics
import time
from collections.abc import Callable
from queue import SimpleQueue

from lenet_viz.engine.client import EngineClient
from lenet_viz.engine.messages import Lost, Progress, Ready, Reply, RunDone, RunFailed
from tests.benchmarks import runs
from tests.benchmarks.measure import Row, ms

ROUNDS = 5
LIMIT = 120.0


def stop_and_spare() -> Row:
    """Stop pressed in the middle of a long run; then the next run in the spare."""
    replies: SimpleQueue[tuple[float, Reply]] = SimpleQueue()
    client = EngineClient(lambda reply: replies.put((time.perf_counter(), reply)))
    client.start()
    acknowledged, usable, done = [], [], []
    try:
        _until(replies, lambda reply: isinstance(reply, Ready))
        for i in range(ROUNDS):
            time.sleep(6)  # a spare is ready by now
            client.submit(runs.request(runs.slow(), number=2 * i + 1))
            _until(replies, lambda reply: isinstance(reply, Progress))
            time.sleep(0.3)
            start = time.perf_counter()
            client.stop()
            at = _until(replies, lambda reply: isinstance(reply, Lost))
            acknowledged.append(at - start)
            # The spare says Ready in the stopped engine's place.
            usable.append(_until(replies, lambda reply: isinstance(reply, Ready)) - start)
            client.submit(runs.request(runs.notebook(), "notebook", number=2 * i + 2))
            done.append(_until(replies, lambda reply: isinstance(reply, RunDone)) - start)
    finally:
        client.close()
    return Row(
        "Stop acknowledged / a spare engine usable",
        "≤ 100 ms / ≤ 1 s",
        f"{ms(statistics.median(acknowledged))} / {ms(statistics.median(usable))}",
        f"slowest {ms(max(acknowledged))} / {ms(max(usable))}; the notebook's run in the spare "
        f"done {ms(statistics.median(done))} after Stop",
    )


def round_trip() -> Row:
    """What a run costs from the request to the capture's name."""
    replies: SimpleQueue[tuple[float, Reply]] = SimpleQueue()
    client = EngineClient(lambda reply: replies.put((time.perf_counter(), reply)), spare=False)
    start = time.perf_counter()
    client.start()
    taken = []
    try:
        ready = _until(replies, lambda reply: isinstance(reply, Ready)) - start
        for i in range(50):
            start = time.perf_counter()
            client.submit(runs.request(runs.notebook(), "notebook", number=i + 1))
            taken.append(_until(replies, lambda reply: isinstance(reply, RunDone)) - start)
    finally:
        client.close()
    return Row(
        "a run in the engine, from request to capture file: notebook net",
        "(no target)",
        ms(statistics.median(taken)),
        f"the engine is ready {ms(ready)} after its start",
    )


def _until(replies: "SimpleQueue[tuple[float, Reply]]", wanted: Callable[[Reply], bool]) -> float:
    """Return when the first reply came that is ``wanted``."""
    until = time.perf_counter() + LIMIT
    while (left := until - time.perf_counter()) > 0:
        at, reply = replies.get(timeout=left)
        if wanted(reply):
            return at
        if isinstance(reply, RunFailed | Lost):
            raise RuntimeError(str(reply.message))
    raise RuntimeError("the engine did not answer in time")


MEASURES = (stop_and_spare, round_trip)
