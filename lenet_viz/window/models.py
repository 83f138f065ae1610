"""Models of the user's own: read on another thread, shown, agreed to, and only then run."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton

from lenet_viz.engine.messages import Question
from lenet_viz.errors import LenetVizError
from lenet_viz.network.code_text import candidates, decoded
from lenet_viz.network.model_code import ModelCode, parse_model_word, read_code
from lenet_viz.network.python_spec import spec_from_python
from lenet_viz.network.shown_code import shown_text
from lenet_viz.network.spec import Spec
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.session.opening import wait_first
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice, OwnModel, State
from lenet_viz.window.model_dialog import ModelDialog, ModelText
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow


_CALLED = QT_TRANSLATE_NOOP(
    "Model",
    "{name} is a call with arguments: only a class without any can be edited as layers.",
)


def read_model(word: str) -> ModelText | Notice:
    """Return the text that a model word names, or why there is none; called on another thread."""
    try:
        folder = Path.cwd()
    except OSError:  # it may be gone
        folder = Path.home()
    try:
        # A file without an ending is taken for Python all the same: the user has chosen it.
        code = parse_model_word(word, folder) or parse_model_word(f"{word}.py", folder)
        assert code is not None
        text = shown_text(read_code(code))
        return ModelText(code, text, candidates(text))
    except LenetVizError as error:
        return Notice(error.message, mistake=True)


def read_layers(code: ModelCode, shape: tuple[int, ...]) -> Spec | Notice:
    """Return a model's Python as layers, or why it is none; called on another thread.

    Args:
        code: the file, and what in it.
        shape: channels, height and width that it was called with; anything else is not used.
    """
    try:
        if code.arguments:
            return Notice(message("Model", _CALLED, name=code.name), mistake=True)
        text = decoded(read_code(code))
        fits = (shape[0], shape[1], shape[2]) if len(shape) == 3 else None
        return spec_from_python(text, code.name, fits)
    except LenetVizError as error:
        template = QT_TRANSLATE_NOOP(
            "Model", "{file} cannot be edited as layers: {reason} It stays as it is, read-only."
        )
        file = Path(code.path).name
        return Notice(message("Model", template, file=file, reason=error.message), mistake=True)


class Models(QObject):
    """Opens models of somebody's code in one window.

    Attributes:
        dialog: the dialog that is open; None where there is none.
    """

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what is agreed to is given to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()
        self._asked = 0
        self.dialog: ModelDialog | None = None
        window.installEventFilter(self)
        session.subscribe(self._listen)

    def ask(self) -> None:
        """Ask for a Python file, and then whether it may run."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            translate("Model", "Open a model of yours"),
            str(self._folder),
            translate("Model", "Python files (*.py);;All files (*)"),
        )
        if chosen:
            self._folder = Path(chosen).parent
            self.show_word(chosen)

    def ask_weights(self) -> None:
        """Ask for a file of weights and take it; the next run reads it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            translate("Model", "Weights of the model"),
            str(self._folder),
            translate("Model", "Weights (*.safetensors *.pt *.pth *.bin);;All files (*)"),
        )
        if chosen:
            self._folder = Path(chosen).parent
            self._session.choose_weights_file(WeightsChoice(chosen))

    def draw_weights(self) -> None:
        """Leave the file of weights."""
        self._session.choose_weights_file(None)

    def change(self) -> None:
        """Show the present model again, to call it otherwise."""
        own = self._session.state.settings.own
        if own is None:
            self.ask()
        else:
            self.show_word(own.code.word)

    def edit_as_layers(self) -> None:
        """Read the present model's Python as layers that can be edited, where that is possible."""
        state = self._session.state
        own = state.settings.own
        if own is None:
            return
        shape = tuple(own.shapes[0].shape[1:]) if own.shapes else ()
        self._window.background.do(
            lambda: read_layers(own.code, shape), lambda found: self._edit(found, own)
        )

    def _edit(self, found: Spec | Notice, own: OwnModel) -> None:
        if self._session.state.settings.own != own:
            return  # another model was chosen meanwhile
        if isinstance(found, Notice):
            self._session.tell(found)
        elif self._session.state.pending is not None:
            self._session.tell(wait_first(own.title))
        else:
            self._session.take_layers(found)

    def propose_model(self, own: OwnModel, weights: WeightsChoice | None) -> None:
        """Read a file on another thread and ask whether it may run, called in a certain way.

        Args:
            own: the model and how it is to be called, unless the user changes it.
            weights: the file its weights are to be read from; None for those of the seed.
        """
        self._asked += 1
        asked = self._asked
        self._window.background.do(
            lambda: read_model(own.code.word),
            lambda found: self._show(found, asked, called=(own, weights)),
        )

    def show_word(self, word: str, why: str = "", question: Question | None = None) -> None:
        """Read a file on another thread and ask then whether it may run.

        Args:
            word: the file, with or without what in it.
            why: why it is asked; "" where the user asked for it.
            question: what a run needs to be told; None where the user asked.
        """
        self._asked += 1
        asked = self._asked
        self._window.background.do(
            lambda: read_model(word), lambda found: self._show(found, asked, why, question)
        )

    def _show(
        self,
        found: ModelText | Notice,
        asked: int,
        why: str = "",
        question: Question | None = None,
        called: tuple[OwnModel | None, WeightsChoice | None] | None = None,
    ) -> None:
        if asked != self._asked:
            return
        if isinstance(found, Notice):
            self._session.tell(found)
            return
        if self.dialog is not None:
            self.dialog.reject()
        own, weights = called or self._called_before(found)
        if question is not None and question.kind == "choose" and question.options:
            found = replace(found, names=question.options)
        dialog = ModelDialog(found, own, weights, why, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._answered)
        self.dialog = dialog
        dialog.open()
        if question is not None:
            dialog.ask(question.kind, question.options)

    def _called_before(self, found: ModelText) -> tuple[OwnModel | None, WeightsChoice | None]:
        """Return how a file's model was called last, and its weights; None for the first time."""
        settings = self._session.state.settings
        own = settings.own
        if own is None or own.code.path != found.code.path:
            return None, None
        return own, settings.weights_file

    def _answered(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None and dialog.answer is not None:
            self._take(*dialog.answer)

    def _take(self, own: OwnModel, weights: WeightsChoice | None) -> None:
        if self._session.state.pending is not None:
            self._session.tell(wait_first(own.title))
            return
        self._window.recent.add(own.code.word)
        self._session.choose_model(own, weights)
        self._session.backward()

    def _listen(self, old: State, new: State) -> None:
        """Ask what a run needs to be told."""
        question, own = new.question, new.settings.own
        if question is None or question is old.question or new.notice is None:
            return
        if question.kind == "digit":
            return  # another input in the toolbar mends it, too
        if question.kind == "shape" and new.run is not old.run:
            return  # what failed is shown, and nothing is to stand before it
        why = translated(new.notice.message)
        if own is not None:
            self.show_word(own.code.word, why, question)
        elif question.kind == "strip" and question.options:
            self._ask_prefix(why, question.options[0])

    def _ask_prefix(self, why: str, prefix: str) -> None:
        """Ask whether the weights of a network that is no code are to be read without a prefix."""
        box = QMessageBox(self._window)
        box.setObjectName("prefix_question")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(translate("Model", "Weights of the model"))
        box.setTextFormat(Qt.TextFormat.PlainText)  # names from a file stand in it
        box.setText(why)
        take = QPushButton(formatted("Model", "Take “{prefix}” off", prefix=prefix), box)
        take.setObjectName("prefix_take")
        take.setToolTip(translate("Model", "Read the weights again without it, and run"))
        box.addButton(take, QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton(QMessageBox.StandardButton.Cancel)
        leave.setObjectName("prefix_leave")
        leave.setToolTip(translate("Model", "All stays as it is (Esc)"))
        box.setDefaultButton(take)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        take.clicked.connect(lambda: self._take_prefix(prefix))
        box.open()

    def _take_prefix(self, prefix: str) -> None:
        choice = self._session.state.settings.weights_file
        if choice is not None and self._session.state.pending is None:
            self._session.choose_weights_file(WeightsChoice(choice.path, prefix))
            self._session.backward()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Python files that are dragged onto the window: they are shown, never run so."""
        del watched
        if isinstance(event, QDropEvent):
            path = dropped(event.mimeData())
            if path is None:
                return False
            event.acceptProposedAction()
            if not isinstance(event, QDragMoveEvent):
                self.show_word(str(path))
            return True
        return False


def dropped(data: QMimeData) -> Path | None:
    """Return the first Python file among what is dragged; None where there is none."""
    for url in data.urls():
        if url.isLocalFile() and url.toLocalFile().lower().endswith(".py"):
            return Path(url.toLocalFile())
    return None
