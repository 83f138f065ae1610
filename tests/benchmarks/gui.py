"""The program's window, opened to be measured."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from lenet_viz.window.app import OpenWindow, make_application
from lenet_viz.window.main_window import MainWindow

SIZE = (1600, 1000)
LIMIT = 60.0
SPARE = 4.0
"""Seconds after which the spare engine has been started and leaves the cores alone."""


def application() -> QApplication:
    """Return the application; what the offscreen platform cannot do is not repeated each time."""
    qInstallMessageHandler(_tell)
    return make_application()


def _tell(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if "propagateSizeHints" not in text:
        print(f"Qt: {text}", flush=True)


@contextmanager
def window() -> Iterator[MainWindow]:
    """Give the main window after its first run."""
    application()
    with TemporaryDirectory(prefix="lenet-viz-bench-", ignore_cleanup_errors=True) as folder:
        opened = OpenWindow(Path(folder), "notebook", "light")
        try:
            opened.window.resize(*SIZE)
            opened.window.show()
            opened.start()
            finish(opened.window)
            pause(SPARE)
            yield opened.window
        finally:
            opened.close()


def finish(shown: MainWindow) -> None:
    """Serve events until the run under way has ended, and see that it ended well."""
    session = shown.session
    wait(lambda: session.state.pending is None)
    notice = session.state.notice
    if notice is not None and notice.mistake:
        raise RuntimeError(notice.message.english())


def pause(duration: float) -> None:
    """Serve events for so many seconds."""
    until = time.perf_counter() + duration
    wait(lambda: time.perf_counter() > until)


def wait(done: Callable[[], bool]) -> None:
    """Serve events until ``done()``."""
    app = application()
    until = time.perf_counter() + LIMIT
    while not done():
        if time.perf_counter() > until:
            raise RuntimeError("the window did not come so far in time")
        app.processEvents()
        time.sleep(0.001)
