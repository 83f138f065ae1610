"""The network that is built: asked for a file here, written on a thread of the pool."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from lenet_viz.capture.store import read_blob
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.export.entry_names import file_part
from lenet_viz.export.network_file import (
    JSON,
    ONNX,
    PYTHON,
    TORCH,
    WEIGHTS,
    write_network,
    write_weights,
)
from lenet_viz.network.draft import Draft
from lenet_viz.panels.text import translate
from lenet_viz.session.building import draft_of
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice, State
from lenet_viz.window.file_question import asked_file
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow

_NO_LAYERS = QT_TRANSLATE_NOOP(
    "Files",
    "{name} is no list of layers, so there is no network to save. Its Python is the file itself.",
)
_NO_WEIGHTS = QT_TRANSLATE_NOOP(
    "Files",
    "The weights on the screen belong to older settings, or there are none yet. Press Forward "
    "(F5), then save them.",
)


def saved(work: Callable[[], None], done: Message) -> Notice:
    """Do some writing and return what is to be said of it; called on another thread."""
    try:
        work()
    except LenetVizError as error:
        return Notice(error.message, mistake=True)
    return Notice(done)


class NetworkFile(QObject):
    """Saves the layers or the weights of one window's network."""

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what was done is told to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()

    def save(self) -> None:
        """Ask for a file and write the network to it, as JSON, Python or weights."""
        state = self._session.state
        draft = draft_of(state)
        if draft is None:
            self._tell(message("Files", _NO_LAYERS, name=state.settings.title))
            return
        kinds = {
            JSON: translate("Files", "Layers (*.json)"),
            PYTHON: translate("Files", "Python (*.py)"),
            WEIGHTS: translate("Files", "Weights of this run (*.safetensors)"),
            TORCH: translate("Files", "Weights of this run for torch.load (*.pt)"),
            ONNX: translate("Files", "The network with its weights as ONNX (*.onnx)"),
        }
        title = translate("Files", "Save the network")
        path = asked_file(self._window, title, self._folder / file_part(draft.name), kinds)
        if path is None:
            return
        self._folder = path.parent
        if path.suffix.lower() == JSON:
            self._window.recent.add(path.absolute())
        if path.suffix.lower() in (WEIGHTS, TORCH, ONNX):
            self._save_weights(state, path)
        else:
            self._save_layers(draft, path)

    def _save_layers(self, draft: Draft, path: Path) -> None:
        try:
            spec = draft.spec()
        except UserMistake as mistake:
            self._tell(mistake.message)
            return
        template = QT_TRANSLATE_NOOP("Files", "The network {name} is in {file}.")
        done = message("Files", template, name=draft.name, file=str(path))
        self._write(lambda: write_network(spec, path), done)

    def _save_weights(self, state: State, path: Path) -> None:
        blob = state.weights
        if blob is None or state.stale_network:
            self._tell(message("Files", _NO_WEIGHTS))
            return
        if path.suffix.lower() != WEIGHTS:
            self._session.save_in_engine(str(path))
            return
        folder = Path(self._session.folder)
        template = QT_TRANSLATE_NOOP("Files", "The weights of {name} are in {file}.")
        done = message("Files", template, name=state.settings.title, file=str(path))
        self._write(lambda: write_weights(read_blob(folder, blob), path), done)

    def _write(self, work: Callable[[], None], done: Message) -> None:
        self._window.background.do(lambda: saved(work, done), self._session.tell, file=True)

    def _tell(self, reason: Message) -> None:
        self._session.tell(Notice(reason, mistake=True))
