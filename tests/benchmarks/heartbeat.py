"""Whether the window's own thread keeps breathing while the engine works."""

import time
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer

from tests.benchmarks import gui
from tests.benchmarks.measure import Row, ms

INTERVAL = 20
RUNS = 10


def while_running() -> Row:
    """The gaps of a 20 ms timer in the window while forward and backward run."""
    with gui.window() as window:
        session = window.session
        beats: list[float] = []
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(INTERVAL)
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        timer.start()
        gui.pause(2.0)
        idle = _gaps(beats)
        beats.clear()
        for i in range(RUNS):
            session.choose_weights_seed(i + 1)  # nothing can be reused
            (session.backward if i % 2 else session.forward)()
            gui.finish(window)
            gui.pause(0.1)
        busy = _gaps(beats)
        beats.clear()
        for i in range(RUNS):
            session.choose_weights_seed(i + 100)
            session.backward()
            session.stop()
            gui.wait(lambda: session.state.pending is None)
            gui.pause(0.5)
        stopped = _gaps(beats)
        timer.stop()
    return Row(
        f"largest gap of a {INTERVAL} ms heartbeat: {RUNS} runs / {RUNS} Stops",
        "≤ 50 ms",
        f"{ms(max(busy))} / {ms(max(stopped))}",
        f"{len(busy)} and {len(stopped)} beats, gaps above 50 ms: "
        f"{sum(gap > 0.05 for gap in busy)} and {sum(gap > 0.05 for gap in stopped)}; "
        f"largest while idle {ms(max(idle))}",
    )


def _gaps(beats: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(beats)]


MEASURES = (while_running,)
