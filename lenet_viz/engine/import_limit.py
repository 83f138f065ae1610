"""How long a user's file may take to be imported."""

import threading
from collections.abc import Callable
from typing import Final

from lenet_viz.engine.messages import Lost, Progress, Reply, Request
from lenet_viz.engine.own_code import model_of
from lenet_viz.engine.stages import IMPORTING
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

IMPORT_SECONDS: Final = 60.0

_TOO_LONG = QT_TRANSLATE_NOOP(
    "engine",
    "{file} was still being imported after {seconds} seconds and was ended. Nothing shown is "
    'lost. Put what takes so long into a function, or under if __name__ == "__main__":, and run '
    "again.",
)


class ImportLimit:
    """Calls back when a file has been imported for too long."""

    def __init__(self, seconds: float, too_long: Callable[[int], None]) -> None:
        """Wait for nothing yet.

        Args:
            seconds: how long an import may take.
            too_long: called on another thread with the number of the run.
        """
        self.seconds = seconds
        self._too_long = too_long
        self._timer: threading.Timer | None = None

    def hear(self, reply: Reply) -> None:
        """Take in what an engine says: an import begins, or whatever came before has ended."""
        self.cancel()
        if isinstance(reply, Progress) and reply.stage == IMPORTING:
            self._timer = threading.Timer(self.seconds, self._too_long, (reply.run,))
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def waits(self) -> bool:
        """Whether an import goes on."""
        return self._timer is not None

    def lost(self, request: Request, *, followed: bool) -> Lost:
        """Return what is said of a run whose import took too long."""
        code = model_of(request)
        file = "" if code is None else code.path
        sentence = message("engine", _TOO_LONG, file=file, seconds=f"{self.seconds:g}")
        return Lost(request.run, sentence, followed=followed, for_one_run=sentence)
