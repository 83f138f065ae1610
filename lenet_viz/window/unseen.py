"""Drawing where nobody looks: the application, and Qt's messages that say nothing there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from lenet_viz.window.app import make_application


@contextmanager
def unseen() -> Iterator[None]:
    """Make the application if there is none, and hold back what Qt says of having no screen."""
    make_application()
    before = qInstallMessageHandler(_without_size_hints)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def _without_size_hints(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    """Pass Qt's messages on to stderr, but for one that says nothing without a screen."""
    del kind, context
    if text and "propagateSizeHints" not in text and sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
