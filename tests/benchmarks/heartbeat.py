"""Whether the window's own thread keeps breathing while the engine works."""

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from lenet_viz.session.state import EngineStatus
from lenet_viz.window.app import make_window
from tests.benchmarks.measure import Row, ms

INTERVAL = 20
RUNS = 10
LIMIT = 60.0


def while_running() -> Row:
    """The gaps of a 20 ms timer in the window while forward and backward run."""
    with TemporaryDirectory(prefix="lenet-viz-bench-", ignore_cleanup_errors=True) as folder:
        window = make_window(settings_folder=Path(folder))
        app = QApplication.instance()
        assert app is not None
        window.resize(1600, 1000)
        window.show()
        session = window.session
        _wait(lambda: session.state.engine is EngineStatus.READY and session.state.pending is None)
        beats: list[float] = []
        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=INTERVAL)
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        timer.start()
        start = time.perf_counter()
        _wait(lambda: time.perf_counter() - start > 2.0)
        idle = _gaps(beats)
        del beats[:]
        for i in range(RUNS):
            session.choose_weights_seed(i)  # nothing can be reused
            (session.backward if i % 2 else session.forward)()
            _wait(lambda: session.state.pending is None)
        busy = _gaps(beats)
        timer.stop()
        window.close()
        app.processEvents()
    return Row(
        f"largest gap of a {INTERVAL} ms heartbeat during {RUNS} runs",
        "≤ 50 ms",
        ms(max(busy)),
        f"{len(busy)} beats; idle, the largest gap was {ms(max(idle))}",
    )


def _gaps(beats: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(beats)]


def _wait(done: Callable[[], bool]) -> None:
    """Serve the window until ``done()``."""
    app = QApplication.instance()
    assert app is not None
    until = time.perf_counter() + LIMIT
    while not done():
        if time.perf_counter() > until:
            raise RuntimeError("the window did not come so far in time")
        app.processEvents()
        time.sleep(0.001)


MEASURES = (while_running,)
