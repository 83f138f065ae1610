"""Writing that can be given up between two pieces, so that a closing window need not wait."""

from collections.abc import Iterable
from threading import Event
from typing import BinaryIO, cast

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


class WritingStopped(UserMistake):
    """The file was not wanted any more before it was complete."""


class _Stoppable:
    """A stream whose `write` raises once it is to stop; everything else is the stream's own."""

    def __init__(self, stream: BinaryIO, stop: Event) -> None:
        self._stream = stream
        self._stop = stop

    def write(self, piece: bytes | memoryview) -> int:
        if self._stop.is_set():
            template = QT_TRANSLATE_NOOP(
                "Data",
                "The file was not finished: the window was closed while it was being written. "
                "An older file of that name is unchanged.",
            )
            raise WritingStopped(message("Data", template))
        return self._stream.write(piece)

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        return self._stream.seek(place, whence)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.write(piece)

    def flush(self) -> None:
        self._stream.flush()


def stoppable(stream: BinaryIO, stop: Event | None) -> BinaryIO:
    """Return a stream that writes to ``stream`` until ``stop`` is set.

    Args:
        stream: open for binary writing.
        stop: set from any thread; None for a stream that goes on to its end.
    """
    return stream if stop is None else cast(BinaryIO, _Stoppable(stream, stop))
