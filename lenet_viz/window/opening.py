"""Runs and networks from elsewhere: chosen or dropped here, read on a thread, then shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog

from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import check_numbers, load
from lenet_viz.errors import LenetVizError
from lenet_viz.explain.structural import zeros_of_run
from lenet_viz.network.draft import Draft
from lenet_viz.network.spec_file import SUFFIX as SPEC_SUFFIX
from lenet_viz.network.spec_file import names_spec, read_spec
from lenet_viz.panels.text import formatted, translate
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice, State

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow

SUFFIX = ".lvcap"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A run that was made elsewhere, ready to be shown.

    Attributes:
        capture: the run.
        name: the file's name as the user knows it, or the model's.
        from_file: whether it is the user's own file, not one that `lenet_viz.show` made.
    """

    capture: Capture
    name: str
    from_file: bool = True


def read_file(path: Path) -> Shown | Draft | Notice:
    """Return the run or network in a file, or why it cannot be read; called off the thread.

    Neither is code: nothing of it runs before it is asked for.
    """
    try:
        if names_spec(path.name):
            return Draft.of(read_spec(path))
        return Shown(prepared(load(path)), path.name)
    except LenetVizError as error:
        return Notice(error.message, mistake=True)


def prepared(capture: Capture) -> Capture:
    """Return a capture after working out what a window would wait for.

    Its records are made, its numbers are read once, and the pixels that cannot matter are found,
    which are kept from then on.

    Raises:
        UserMistake: some of its numbers are not those that were saved.
    """
    check_numbers(capture)
    for records in (capture.steps, capture.parameters, capture.input_values):
        len(records)
    for number in range(len(capture.input_values)):
        zeros_of_run(capture, number)
    return capture


class Opening(QObject):
    """Opens captures and networks in one window: from a dialog, or dropped onto it."""

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what is opened is given to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()
        self._asked = 0
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        session.subscribe(self._entitle)
        self._entitle(None, session.state)

    def ask(self) -> None:
        """Ask for a file with a capture or a network and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            translate("Open", "Open a capture or a network"),
            str(self._folder),
            translate("Open", "Captures and networks (*.lvcap *.json);;All files (*)"),
        )
        if chosen:
            self._folder = Path(chosen).parent
            self.show_file(Path(chosen))

    def show_file(self, path: Path) -> None:
        """Read a capture or a network on another thread and show it then.

        Args:
            path: the file; one that cannot be read is told of, and what is shown stays.
        """
        self._asked += 1
        asked, state = self._asked, self._session.state
        before = (state.run, state.settings, state.opened)
        self._window.background.do(
            lambda: read_file(path), lambda found: self._show(found, asked, before, path)
        )

    def _show(
        self, found: Shown | Draft | Notice, asked: int, before: tuple[object, ...], path: Path
    ) -> None:
        state = self._session.state
        now = (state.run, state.settings, state.opened)
        if asked != self._asked or any(a is not b for a, b in zip(now, before, strict=True)):
            return  # something else was opened, chosen or run meanwhile: that was asked for last
        if not isinstance(found, Notice):
            self._window.recent.add(path.absolute())
        if isinstance(found, Notice):
            self._session.tell(found)
        elif isinstance(found, Draft):
            self._session.choose_draft(found)
            if self._session.state.building.draft is None:
                self._session.backward()
            else:  # what does not fit is shown, with what would mend it
                self._window.docks["builder"].come_forward()
        else:
            self._session.open_capture(found.capture, found.name, from_file=found.from_file)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take captures and networks that are dragged onto the window; leave everything else."""
        del watched
        if isinstance(event, QDropEvent):  # entering and moving are kinds of it
            path = dropped(event.mimeData())
            if path is None:
                return False
            event.acceptProposedAction()
            if not isinstance(event, QDragMoveEvent):
                self.show_file(path)
            return True
        return False

    def _entitle(self, old: State | None, new: State) -> None:
        """Say in the window's title what is open."""
        if old is not None and old.opened == new.opened:
            return
        opened = new.opened
        self._window.setWindowTitle(
            "lenet_viz"
            if opened is None
            else formatted("Open", "{name} - lenet_viz", name=opened.name)
        )


def dropped(data: QMimeData) -> Path | None:
    """Return the first capture or network among what is dragged; None where there is none."""
    for url in data.urls():
        if url.isLocalFile() and url.toLocalFile().lower().endswith((SUFFIX, SPEC_SUFFIX)):
            return Path(url.toLocalFile())
    return None
