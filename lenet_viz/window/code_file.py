"""The Python text of the network: asked for a file here, written on a thread of the pool."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from lenet_viz.capture.atomic import write_bytes
from lenet_viz.errors import LenetVizError
from lenet_viz.export.entry_names import file_part
from lenet_viz.panels.text import translate
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice
from lenet_viz.window.file_question import asked_file
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow


def text_saved(path: Path, text: str) -> Notice:
    """Write a text and return what is to be said of it; called on another thread."""
    try:
        write_bytes(path, text.encode("utf-8"))
    except LenetVizError as error:
        return Notice(error.message, mistake=True)
    except OSError as error:
        template = QT_TRANSLATE_NOOP(
            "Code", "{file} cannot be written: {reason}. Choose another name or folder."
        )
        reason = error.strerror or str(error)
        return Notice(message("Code", template, file=str(path), reason=reason), mistake=True)
    template = QT_TRANSLATE_NOOP("Code", "The network's Python is in {file}.")
    return Notice(message("Code", template, file=str(path)))


class CodeFile(QObject):
    """Saves the text of the code panel of one window."""

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what was done is told to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()

    def save(self, name: str, text: str) -> None:
        """Ask for a file and write a text to it.

        Args:
            name: the network's, from which the file's name is proposed.
            text: Python.
        """
        kinds = {".py": translate("Code", "Python (*.py)")}
        proposed = self._folder / f"{file_part(name)}.py"
        title = translate("Code", "Save the network's Python")
        path = asked_file(self._window, title, proposed, kinds)
        if path is not None:
            self._folder = path.parent
            self._window.background.do(
                lambda: text_saved(path, text), self._session.tell, file=True
            )
