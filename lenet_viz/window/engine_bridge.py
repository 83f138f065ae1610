"""The bridge from the engine client's thread to the window's."""

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load, read_blob
from lenet_viz.engine.client import EngineClient
from lenet_viz.engine.messages import Reply, Request, RunDone, RunFailed, RunRequest
from lenet_viz.engine.run_files import RunFiles
from lenet_viz.engine.update_messages import UpdateDone
from lenet_viz.errors import LenetVizError
from lenet_viz.session.ledger import OpenedUpdate


class EngineBridge(QObject):
    """An engine whose replies arrive as queued signals in the window's thread.

    Captures are opened on the client's thread, so that the window's never waits for a file.

    Attributes:
        replied: emitted with a reply and what it names, opened: a run's capture, or an
            update's blobs; None where it names nothing.
    """

    replied = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Make a bridge; `start` starts the engine."""
        super().__init__(parent)
        self._client = EngineClient(self._take)
        self._files = RunFiles()

    def start(self) -> None:
        """Start the engine; returns at once."""
        self._client.start()

    def submit(self, request: Request) -> None:
        """Ask for a run, a check or an update; returns at once."""
        if isinstance(request, RunRequest) and request.kept_weights is not None:
            self._files.hold(Path(request.folder), request.kept_weights)
        self._client.submit(request)

    def stop(self) -> None:
        """End the run under way; returns at once."""
        self._client.stop()

    def keep(self, blobs: frozenset[str]) -> None:
        """Let no file go of these blobs, which undo needs."""
        self._files.undo = blobs

    def close(self) -> None:
        """End every engine and thread."""
        self._client.close()

    def _take(self, reply: Reply) -> None:
        """Open what a reply names, on the client's thread, and pass both on."""
        if isinstance(reply, UpdateDone):
            self._take_update(reply)
            return
        capture: Capture | None = None
        if isinstance(reply, RunFailed) and reply.capture is not None:
            with suppress(LenetVizError):  # what failed is told with or without the steps so far
                capture = load(reply.capture)
            self._files.add(reply)
        if isinstance(reply, RunDone):
            try:
                capture = load(reply.capture)
            except LenetVizError as error:
                self.replied.emit(RunFailed(reply.run, error.message), None)
                return
            self._files.add(reply)
        self.replied.emit(reply, capture)

    def _take_update(self, done: UpdateDone) -> None:
        """Open the blobs of an update, on the client's thread, and pass them on."""
        folder = Path(done.folder)
        try:
            weights = read_blob(folder, done.weights)
            memory = {} if done.state is None else read_blob(folder, done.state)
        except LenetVizError as error:
            self.replied.emit(RunFailed(done.run, error.message, mistake=False), None)
            return
        self._files.add_update(done)
        self.replied.emit(done, OpenedUpdate(weights, memory))
