"""What becomes of a mistake of the program itself: one sentence, a report, and the window stays."""

import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from types import TracebackType

from lenet_viz.errors import LenetVizError
from lenet_viz.session.state import Notice
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_logger = logging.getLogger(__name__)

_BUG = QT_TRANSLATE_NOOP(
    "Mishap",
    "A mistake of the program itself: {error}. Nothing of the run is lost; what you see may be "
    "incomplete until you select another step. Please report it with {path}",
)


class Mishaps:
    """Takes exceptions that nobody has caught, for as long as the program runs.

    Qt goes on after an exception in a slot; without this its traceback would go to a terminal
    that a desktop program does not have.
    """

    def __init__(self, tell: Callable[[Notice], None]) -> None:
        """Prepare.

        Args:
            tell: shows a sentence to the user once the present event is dealt with.
        """
        self._tell = tell
        self._before = sys.excepthook
        self._telling = False

    def take_over(self) -> None:
        """Take what is uncaught from now on."""
        self._before = sys.excepthook
        sys.excepthook = self._caught

    def give_back(self) -> None:
        """Leave it to who had it before."""
        sys.excepthook = self._before

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or self._telling:
            self._before(kind, error, trace)
            return
        self._telling = True
        try:
            self._tell(Notice(_sentence(error), mistake=True))
        finally:
            self._telling = False


def _sentence(error: Exception) -> Message:
    """Return the sentence for an exception, its report written where it is not meant for users."""
    if isinstance(error, LenetVizError):
        return error.message
    text = "".join(traceback.format_exception(error))
    _logger.error("%s", text)
    try:
        handle, path = tempfile.mkstemp(prefix="lenet-viz-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        path = "-"
    return message("Mishap", _BUG, error=f"{type(error).__name__}: {error}"[:300], path=path)
