"""Work of one window on other threads: what came of it is taken in on the window's own."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Condition, Event
from typing import Final, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal

from lenet_viz.session.state import Notice
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

PATIENCE = 10.0
"""Seconds that a closing window waits for files that are being written."""
GIVING_UP = 5_000
"""Milliseconds that it then waits for whatever still goes on: Python must not end under it."""

Result = TypeVar("Result")

_NO_MEMORY: Final = Notice(
    message(
        "Window",
        QT_TRANSLATE_NOOP(
            "Window", "There is not enough memory for that. Close other programs and try again."
        ),
    ),
    mistake=True,
)


class Background(QObject):
    """Does what takes long on threads of the pool.

    Attributes:
        stop: set once the window closes and has waited long enough: work is to be given up.
    """

    _done = Signal(object)  # emitted on a thread of the pool, taken in on the window's

    def __init__(self, parent: QObject, tell: Callable[[Notice], None]) -> None:
        """Serve one window.

        Args:
            parent: the window.
            tell: shows a sentence to the user; called on the window's thread.
        """
        super().__init__(parent)
        self.stop = Event()
        self._tell = tell
        self._files = 0
        self._written = Condition()
        self._done.connect(self._take_in)

    def do(
        self, work: Callable[[], Result], take: Callable[[Result], None], *, file: bool = False
    ) -> None:
        """Begin some work; returns at once.

        Args:
            work: called on another thread; where it might run long it looks at `stop`.
            take: called with its result on the window's thread, unless the window is gone by then.
            file: whether it writes a file of the user's, which a closing window waits for.
        """
        with self._written:
            self._files += file
        # A plain function: of a QRunnable subclass each object would stay in memory.
        QThreadPool.globalInstance().start(lambda: self._work(work, take, file=file))

    def _work(
        self, work: Callable[[], Result], take: Callable[[Result], None], *, file: bool
    ) -> None:
        try:
            result = work()
        except MemoryError:
            self._hand_over(lambda: self._tell(_NO_MEMORY))
        except Exception as error:  # noqa: BLE001  it is raised where mistakes are told
            self._hand_over(partial(_raise, error))
        else:
            self._hand_over(lambda: take(result))
        finally:
            with self._written:
                self._files -= file
                self._written.notify_all()

    def _hand_over(self, then: Callable[[], None]) -> None:
        # An embedded window may be gone by now: nobody is to be told.
        with suppress(RuntimeError):
            self._done.emit(then)

    def _take_in(self, then: Callable[[], None]) -> None:
        then()

    def finish(self) -> None:
        """Let files be written to their end, for a while, as the window closes; then give up."""
        with self._written:
            self._written.wait_for(lambda: not self._files, PATIENCE)
        self.stop.set()
        QThreadPool.globalInstance().waitForDone(GIVING_UP)


def _raise(error: Exception) -> None:
    raise error
