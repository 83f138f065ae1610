"""Figures of the window and its panels: asked for here, written on a thread of their own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMenu

from lenet_viz.capture.atomic import write_bytes
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.export.entry_names import file_part
from lenet_viz.export.figure import Figure
from lenet_viz.export.figures import PANELS, THEMES, panel_figure
from lenet_viz.export.files import image_of, pdf, png_bytes, svg
from lenet_viz.export.order import ALL, AS_SHOWN, FORMATS, OF_A_STEP, WINDOW, Order
from lenet_viz.export.sheet import SMALLEST, Sheet
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT
from lenet_viz.session.outline import storyboard_steps
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice, Show, State
from lenet_viz.window.figure_dialog import FigureDialog
from lenet_viz.window.figure_names import figure_names
from lenet_viz.window.file_question import asked_file
from lenet_viz.window.focus import panel_in_use, selected_text
from lenet_viz.window.nothing_yet import NOTHING_YET
from lenet_viz.window.still import window_figure
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow

DRAWING = "image/svg+xml"
ENDINGS = tuple(f".{each}" for each in FORMATS)


def written(encoded: Callable[[], bytes], path: Path) -> Notice:
    """Write a figure and return what is said of it; called on a thread of the pool."""
    try:
        write_bytes(path, encoded())
    except LenetVizError as error:
        return Notice(error.message, mistake=True)
    template = QT_TRANSLATE_NOOP("Export", "The figure is in {path}.")
    return Notice(message("Export", template, path=str(path)))


class Figures(QObject):
    """Draws, saves and copies figures of one window."""

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what was done is told to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()
        self._order = Order("maps")

    def show_menu(self, panel: Panel, position: QPoint) -> None:
        """Offer a panel's figure and its numbers at the pointer.

        Args:
            panel: the panel that was right-clicked.
            position: where, in the panel's own coordinates.
        """
        menu = QMenu(panel)
        menu.setObjectName(f"{panel.name}_menu")
        menu.setToolTipsVisible(True)
        copy = menu.addAction(translate("Picture", "Copy this panel as a figure"))
        copy.setToolTip(translate("Picture", "Put it on the clipboard as image and SVG (Ctrl+C)"))
        copy.triggered.connect(lambda: self.copy(Order(panel.name)))
        save = menu.addAction(translate("Picture", "Save this panel as a figure …"))
        save.setToolTip(translate("Picture", "PNG, SVG or PDF, with a preview (Ctrl+S)"))
        save.triggered.connect(lambda: self.ask(panel.name))
        menu.addSeparator()
        menu.addActions(self._window.data.data_actions(panel, menu))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(panel.mapToGlobal(position))

    # -- drawing -------------------------------------------------------------------------------

    def draw(self, order: Order, state: State | None = None) -> list[Figure]:
        """Return the figures of an order; each is to be taken down when it has been painted.

        Args:
            order: what is drawn, and how.
            state: what it shows; None for what the window shows now.

        Raises:
            UserMistake: the order's own size cannot be used.
        """
        state = self._session.state if state is None else state
        if order.what == ALL:
            return [self._one(replace(order, what=name), state) for name in PANELS]
        return [self._one(order, state)]

    def _one(self, order: Order, state: State) -> Figure:
        theme = THEMES[order.theme]
        if order.what == WINDOW:
            sheet = order.sheet(self._shown_size(None))
            ground = LIGHT if order.theme == "light" else theme
            return window_figure(state, sheet, ground, like=self._window, caption=order.caption)
        source = "maps" if order.what == "gradients" else order.what
        like = next((panel for panel in self._window.panels if panel.name == source), None)
        return panel_figure(
            order.what,
            state,
            order.sheet(self._shown_size(like)),
            theme,
            like=like,
            caption=order.caption,
            show=Show(order.show),
            steps=order.steps,
        )

    def _shown_size(self, panel: Panel | None) -> Sheet:
        """Return the size that a panel has in the window, as high as it needs; or the window's."""
        if panel is None:
            return Sheet(self._window.width(), self._window.height(), 0)
        return Sheet(max(SMALLEST, panel.width()), None)

    def image(self, order: Order, state: State | None = None) -> QImage:
        """Return an order of one figure as an image.

        Args:
            order: the figure.
            state: what it shows; None for what the window shows now.

        Raises:
            UserMistake: the own size cannot be used, or the image would be too large.
        """
        figures = self.draw(order, state)
        try:
            return image_of(figures[0], order.scale)
        finally:
            _take_down(figures)

    # -- saving --------------------------------------------------------------------------------

    def ask(self, what: str = "") -> None:
        """Ask what is to be drawn, how, and where it goes, then do it."""
        # A run may end while the question stands: what is drawn is what the preview showed.
        state = self._session.state
        if state.run is None:
            self._session.tell(NOTHING_YET)
            return
        used = panel_in_use(self._window.maps)
        order = replace(self._order, what=what or used.name, steps=None)
        draw = partial(self.draw, state=state)
        steps = storyboard_steps(state.run.capture)
        dialog = FigureDialog(figure_names(), order, steps, draw, self._window)
        try:
            # Who leaves the file dialog is back here, with everything as it was chosen.
            while dialog.exec():
                # A caption that was left out once comes back: it says how a figure was made.
                self._order = replace(dialog.order, caption=True)
                if dialog.wish == "copy":
                    self.copy(dialog.order, state)
                elif not self.save(dialog.order, state):
                    continue
                return
        finally:
            dialog.close_preview()
            dialog.deleteLater()  # or it stays with the window, its preview included

    def save(self, order: Order, state: State) -> bool:
        """Ask for a file and write a figure to it; an existing file is asked about.

        Args:
            order: the figure.
            state: what it shows.

        Returns:
            False where no file was named.
        """
        kinds = {
            ".png": translate("Picture", "PNG picture (*.png)"),
            ".svg": translate("Picture", "SVG drawing, text as text (*.svg)"),
            ".pdf": translate("Picture", "PDF page, text as text (*.pdf)"),
        }
        if order.what == ALL:
            kinds = {".pdf": kinds[".pdf"]}
        title = translate("Picture", "Save the figure")
        path = asked_file(self._window, title, self._folder / _file_name(order.what, state), kinds)
        if path is None:
            return False
        self._folder = path.parent
        self.write(order, path, state)
        return True

    def write(self, order: Order, path: Path, state: State | None = None) -> None:
        """Draw a figure now and write it on another thread.

        Args:
            order: the figure.
            path: the file; its ending decides the format. One that is there is replaced once the
                new one is complete.
            state: what it shows; None for what the window shows now.
        """
        try:
            encoded = self._encoder(order, path.suffix.lower(), state)
        except UserMistake as mistake:
            self._session.tell(Notice(mistake.message, mistake=True))
            return
        self._window.background.do(lambda: written(encoded, path), self._session.tell, file=True)

    def _encoder(self, order: Order, ending: str, state: State | None) -> Callable[[], bytes]:
        """Return what gives the file's bytes; painting is done by then, packing is not."""
        if ending not in ENDINGS or (order.what == ALL and ending != ".pdf"):
            raise _no_format(ending)
        if ending == ".png":
            image = self.image(order, state)
            return lambda: png_bytes(image)
        figures = self.draw(order, state)
        try:
            found = pdf(figures) if ending == ".pdf" else svg(figures[0])
        finally:
            _take_down(figures)
        return lambda: found

    # -- copying -------------------------------------------------------------------------------

    def copy(self, order: Order, state: State | None = None) -> None:
        """Put a figure on the clipboard, as an image and as SVG.

        Args:
            order: the figure.
            state: what it shows; None for what the window shows now.
        """
        if self._session.state.run is None:
            self._session.tell(NOTHING_YET)
            return
        figures: list[Figure] = []
        try:
            figures = self.draw(order, state)
            image, drawing = image_of(figures[0], order.scale), svg(figures[0])
        except UserMistake as mistake:
            self._session.tell(Notice(mistake.message, mistake=True))
            return
        finally:
            _take_down(figures)
        # Qt makes the content: one made in Python would be deleted twice as the program ends.
        clipboard = QGuiApplication.clipboard()
        clipboard.setImage(image)
        clipboard.mimeData().setData(DRAWING, drawing)
        template = QT_TRANSLATE_NOOP(
            "Export", "The figure “{name}” is on the clipboard, as image and SVG."
        )
        self._session.tell(Notice(message("Export", template, name=figures[0].origin.title)))

    def copy_window(self) -> None:
        """Put the window's figure on the clipboard."""
        self.copy(Order(WINDOW, AS_SHOWN, theme=self._screen_theme()))

    def _screen_theme(self) -> str:
        return "dark" if self._window.maps.theme.name == "dark" else "light"

    def copy_panel_in_use(self) -> None:
        """Put what is selected in the panel in use on the clipboard, else its figure."""
        text = selected_text(QApplication.focusWidget())
        if not text:
            self.copy(Order(panel_in_use(self._window.maps).name))
            return
        QGuiApplication.clipboard().setText(text)
        template = QT_TRANSLATE_NOOP("Export", "The selected text is on the clipboard.")
        self._session.tell(Notice(message("Export", template)))


def _take_down(figures: Sequence[Figure]) -> None:
    for figure in figures:
        figure.take_down()


def _file_name(what: str, state: State) -> str:
    """Return the name that is proposed for a figure's file, without its ending."""
    parts = ["lenet_viz" if state.capture is None else state.capture.model.name, what]
    if what in OF_A_STEP:
        parts.append(state.selected)
    return file_part("-".join(parts))


def _no_format(ending: str) -> UserMistake:
    template = QT_TRANSLATE_NOOP(
        "Export",
        "The file's ending is {found}; wanted: {wanted} (every panel at once: .pdf). Choose one of "
        "them.",
    )
    return UserMistake(message("Export", template, found=repr(ending), wanted=", ".join(ENDINGS)))
