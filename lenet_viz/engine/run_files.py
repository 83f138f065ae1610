"""The files that runs leave in a session's folder, and which of them may go."""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from lenet_viz.capture.blobs import blob_path
from lenet_viz.engine.messages import RunDone, RunFailed
from lenet_viz.engine.update_messages import UpdateDone

RUNS_KEPT = 24
"""The files of so many finished runs stay; those of older runs are removed."""
ASIDES_KEPT = 3
"""The files of so many runs with a number off stay: that in view, and those on their way."""


@dataclass(frozen=True, slots=True)
class _Files:
    capture: Path
    blobs: frozenset[Path]


class RunFiles:
    """Keeps the files of the last runs and removes what only older ones need.

    A capture may name the ``.grad`` blob of the run before it, so one run's blobs are kept longer
    than its capture.

    Attributes:
        undo: names of blobs that undo needs, which stay; replaced by another thread as a whole.
            One that it needs no longer stays until the session's folder goes.
    """

    def __init__(self, kept: int = RUNS_KEPT) -> None:
        """Start with no runs.

        Args:
            kept: how many runs stay, at least 1.
        """
        self._kept = kept
        self._runs: deque[_Files] = deque()
        self._asides: deque[_Files] = deque()
        self._updates: deque[frozenset[Path]] = deque()
        self.undo: frozenset[str] = frozenset()
        self._held: tuple[Path, ...] = ()
        self._holding = Lock()

    def add(self, done: RunDone | RunFailed) -> None:
        """Take in a run that has left files and remove what is too old.

        To be called before anybody can ask for the next run: a run that makes a blob again must
        not find the one that is just being removed.
        """
        if done.capture is None:
            return
        capture = Path(done.capture)
        grads = done.grads if isinstance(done, RunDone) else None
        nudged = done.nudged if isinstance(done, RunDone) else None
        names = [name for name in (done.weights, grads, nudged) if name is not None]
        blobs = frozenset(blob_path(capture.parent, name) for name in names)
        if done.run < 0:
            self._add_aside(_Files(capture, blobs))
            return
        self._runs.append(_Files(capture, blobs))
        if len(self._runs) > self._kept:
            self._remove(self._runs[len(self._runs) - 1 - self._kept].capture)
        while len(self._runs) > self._kept + 1:
            old = self._runs.popleft()
            self._remove_unneeded(old.blobs)
        self._let_go()

    def hold(self, folder: Path, name: str) -> None:
        """Keep the weights that an edited network takes over, to be called as it is asked for.

        Going back to where its training began needs them after any number of updates. Those of
        the last edits stay. Any thread may call this.

        Args:
            folder: where blobs lie.
            name: the blob's name.
        """
        blob = blob_path(folder, name)
        with self._holding:
            self._held = (*(held for held in self._held if held != blob), blob)

    def _let_go(self) -> None:
        """Remove what was held for edits long ago."""
        with self._holding:
            old, self._held = self._held[: -self._kept], self._held[-self._kept :]
        self._remove_unneeded(frozenset(old))

    def _add_aside(self, files: _Files) -> None:
        """Take in a poked run: many come in a row, and none may push a run out."""
        self._asides.append(files)
        if len(self._asides) > ASIDES_KEPT:
            old = self._asides.popleft()
            self._remove(old.capture)
            self._remove_unneeded(old.blobs)

    def add_update(self, done: UpdateDone) -> None:
        """Take in an update and remove what only older ones need.

        What the optimiser remembers is named by no run, so that of the last updates stays.
        """
        folder = Path(done.folder)
        names = [name for name in (done.weights, done.state) if name is not None]
        self._updates.append(frozenset(blob_path(folder, name) for name in names))
        while len(self._updates) > self._kept + 1:
            self._remove_unneeded(self._updates.popleft())

    def _remove_unneeded(self, blobs: frozenset[Path]) -> None:
        kept = (run.blobs for run in (*self._runs, *self._asides))
        needed = frozenset[Path]().union(*kept, *self._updates, self._held)
        undo = self.undo
        for blob in blobs - needed:
            if blob not in {blob_path(blob.parent, name) for name in undo}:
                self._remove(blob)

    def _remove(self, path: Path) -> None:
        # Windows refuses while the file is mapped; the folder goes as a whole at the end.
        with suppress(OSError):
            path.unlink(missing_ok=True)
