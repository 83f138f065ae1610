"""Pictures of the window and its panels: asked for here, written on a thread of their own."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileInfo, QObject, QPoint, Qt, QThreadPool, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from lenet_viz.errors import LenetVizError
from lenet_viz.export.picture_file import write_png
from lenet_viz.panels.panel import Panel, picture_of
from lenet_viz.panels.parameter_table import ParameterTable
from lenet_viz.panels.text import caption_of, formatted, translate
from lenet_viz.panels.theme import LIGHT
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice
from lenet_viz.window.picture_dialog import PictureDialog
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow

WINDOW = "window"
WRITING_LIMIT = 10_000
"""Milliseconds that a closing window waits for pictures that are being written."""


def written(image: QImage, path: Path) -> Notice:
    """Write a picture and return what is said of it; called on a thread of the pool."""
    try:
        write_png(image, path)
    except LenetVizError as error:
        return Notice(error.message, mistake=True)
    template = QT_TRANSLATE_NOOP("Export", "The picture is in {path}.")
    return Notice(message("Export", template, path=str(path)))


class Pictures(QObject):
    """Draws, saves and copies pictures of one window."""

    _told = Signal(object)  # emitted on a thread of the pool, taken in on the window's

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what was done is told to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()
        self._told.connect(session.tell)

    def show_menu(self, panel: Panel, position: QPoint) -> None:
        """Offer a panel's picture at the pointer.

        Args:
            panel: the panel that was right-clicked.
            position: where, in the panel's own coordinates.
        """
        menu = QMenu(panel)
        menu.setObjectName(f"{panel.name}_menu")
        copy = menu.addAction(translate("Picture", "Copy the picture of this panel"))
        copy.triggered.connect(lambda: self.copy(panel.name))
        save = menu.addAction(translate("Picture", "Save the picture of this panel …"))
        save.triggered.connect(lambda: self.ask(panel.name))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(panel.mapToGlobal(position))

    def draw(self, what: str, scale: float) -> QImage:
        """Return the picture of a panel by its name, or of the window.

        Args:
            what: a panel's name, or ``window``.
            scale: image pixels per logical pixel.
        """
        for panel in self._window.panels:
            if panel.name == what:
                self._lay_out(panel)
                return panel.picture(scale)
        caption = caption_of(self._session.state, _details(self._window.panels))
        theme = self._window.maps.theme or LIGHT
        return picture_of(self._window, caption, theme, scale)

    def _lay_out(self, panel: Panel) -> None:
        """Give a panel that stands behind another tab the size it would have before it."""
        if panel.isVisible():
            return
        beside = self._window.tabifiedDockWidgets(self._window.docks[panel.name])
        sizes = [dock.panel.size() for dock in self._window.docks.values() if dock in beside]
        for size in [panel.size(), *sizes]:
            panel.resize(panel.size().expandedTo(size))
        panel.resize(panel.size().expandedTo(panel.sizeHint()))
        layout = panel.layout()
        if layout is not None:
            layout.activate()

    def ask(self, what: str = "") -> None:
        """Ask what is to be drawn and where it goes, then do it."""
        names = {panel.name: _name_of(panel) for panel in self._window.panels}
        names[WINDOW] = translate("Picture", "the whole window")
        dialog = PictureDialog(names, what or self.panel_in_use(), self.draw, self._window)
        accepted = dialog.exec()
        dialog.deleteLater()  # or it stays with the window, its preview included
        if not accepted:
            return
        if dialog.wish == "copy":
            self.copy(dialog.what, dialog.scale)
        else:
            self.save(dialog.what, dialog.scale)

    def save(self, what: str, scale: float) -> None:
        """Ask for a file and write the picture to it; an existing file is asked about."""
        step = self._session.state.selected
        name = f"lenet_viz-{what}.png" if what == WINDOW else f"lenet_viz-{what}-{step}.png"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            translate("Picture", "Save the picture"),
            str(self._folder / name),
            translate("Picture", "PNG picture (*.png)"),
        )
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_name(f"{path.name}.png")
            # The dialog has asked about the name without its ending only.
            if self._is_there(path) and not self._may_replace(path):
                return
        self._folder = path.parent
        self.write(what, scale, path)

    def _is_there(self, path: Path) -> bool:
        return QFileInfo(str(path)).exists()

    def _may_replace(self, path: Path) -> bool:
        question = formatted(
            "Picture", "{name} exists already. Do you want to replace it?", name=path.name
        )
        title = translate("Picture", "Save the picture")
        answer = QMessageBox.question(self._window, title, question)
        return answer == QMessageBox.StandardButton.Yes

    def write(self, what: str, scale: float, path: Path) -> None:
        """Draw a picture now and write it on another thread.

        Args:
            what: a panel's name, or ``window``.
            scale: image pixels per logical pixel.
            path: the file; one that is there is replaced once the new one is complete.
        """
        image = self.draw(what, scale)
        # A plain function: of a QRunnable subclass each object would stay in memory.
        QThreadPool.globalInstance().start(lambda: self._told.emit(written(image, path)))

    def wait(self) -> None:
        """Wait until every picture is written, as the window closes."""
        QThreadPool.globalInstance().waitForDone(WRITING_LIMIT)

    def copy(self, what: str, scale: float = 2.0) -> None:
        """Put the picture of a panel, or of the window, on the clipboard."""
        QGuiApplication.clipboard().setImage(self.draw(what, scale))
        template = QT_TRANSLATE_NOOP("Export", "The picture is on the clipboard.")
        self._session.tell(Notice(message("Export", template)))

    def copy_window(self) -> None:
        """Put the window's picture on the clipboard."""
        self.copy(WINDOW)

    def copy_panel_in_use(self) -> None:
        """Put what is selected in the panel in use on the clipboard, else its picture."""
        text = selected_text(QApplication.focusWidget())
        if not text:
            self.copy(self.panel_in_use())
            return
        QGuiApplication.clipboard().setText(text)
        template = QT_TRANSLATE_NOOP("Export", "The selected text is on the clipboard.")
        self._session.tell(Notice(message("Export", template)))

    def panel_in_use(self) -> str:
        """Return the name of the panel that has the focus; the maps if none has."""
        widget: QWidget | None = QApplication.focusWidget()
        while widget is not None:
            if isinstance(widget, Panel):
                return widget.name
            widget = widget.parentWidget()
        return self._window.maps.name


def selected_text(widget: QWidget | None) -> str:
    """Return the text that is selected in a widget: words, or rows of a table; "" for none."""
    if isinstance(widget, QPlainTextEdit | QTextEdit):
        # Qt gives the ends of lines inside a selection as paragraph separators.
        return widget.textCursor().selectedText().replace("\u2029", "\n")
    if isinstance(widget, QLabel | QLineEdit):
        return widget.selectedText()
    if isinstance(widget, ParameterTable):
        return widget.selected_rows()
    return ""


def _name_of(panel: Panel) -> str:
    return panel.accessibleName() or panel.name


def _details(panels: tuple[Panel, ...]) -> tuple[str, ...]:
    """Return what the maps add to a caption: step, shape, colour range."""
    for panel in panels:
        if panel.name == "maps":
            return panel.caption_details()
    return ()
