"""Raw data of one window: asked for here, read and written on a thread of the pool."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from lenet_viz.export.entry_names import file_part
from lenet_viz.export.selected_arrays import SelectedArray, arrays_of
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, plain_tip, translate, translated
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice, State
from lenet_viz.window.data_writing import array_saved, array_text, refused, run_saved
from lenet_viz.window.file_question import asked_file
from lenet_viz.window.focus import panel_in_use
from lenet_viz.window.nothing_yet import NOTHING_YET
from lenet_viz.wording import QT_TRANSLATE_NOOP, fill, message

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow

ACTIONS = ("save_array", "copy_array", "save_run")
LONG = 4_000_000
"""From so many numbers on, it is said that writing has begun."""

Verb = Callable[[SelectedArray], None]


class DataExport(QObject):
    """Saves and copies the numbers that one window shows."""

    def __init__(self, window: "MainWindow", session: Session) -> None:
        """Serve ``window``; what was done is told to ``session``."""
        super().__init__(window)
        self._window = window
        self._session = session
        self._folder = Path.home()
        self._background = window.background
        self._tips: dict[str, str] = {}

    def render_state(self, old: State | None, new: State) -> None:
        """Switch the actions off, and say why, while nothing has run."""
        if old is not None and (old.run is None) == (new.run is None):
            return
        reason = translated(NOTHING_YET.message)
        for name in ACTIONS:
            action = self._window.actions_by_name[name]
            tip = self._tips.setdefault(name, action.toolTip())
            action.setEnabled(new.run is not None)
            action.setToolTip(
                tip
                if new.run is not None
                else formatted("Data", "{action}: {reason}", action=tip, reason=reason)
            )

    # -- the verbs -----------------------------------------------------------------------------

    def save_array(self) -> None:
        """Ask for a file and write what is selected in the panel in use to it."""
        self._choose(translate("Data", "Save {name} …"), self._save)

    def copy_array(self) -> None:
        """Put the numbers of what is selected in the panel in use on the clipboard."""
        self._choose(translate("Data", "Copy the numbers: {name}"), self._copy)

    def save_run(self) -> None:
        """Ask for a file and write all arrays of the last run to it."""
        run = self._session.state.run
        if run is None:
            self._session.tell(NOTHING_YET)
            return
        name = f"lenet_viz-{file_part(run.capture.model.name)}-run-{run.number}.npz"
        kinds = {".npz": translate("Data", "NumPy arrays (*.npz)")}
        path = self._ask(translate("Data", "Save all arrays of this run"), name, kinds)
        if path is not None:
            stop = self._background.stop
            self._write(lambda: run_saved(run.capture, path, stop))

    def data_actions(self, panel: Panel, menu: QMenu) -> list[QAction]:
        """Return what a panel's right-click menu offers of its numbers.

        Args:
            panel: the panel that was right-clicked.
            menu: owns the actions, which it still has to add.
        """
        run = QAction(translate("Data", "Save all arrays of this run …"), menu)
        run.setObjectName("menu_save_run")
        run.triggered.connect(lambda: self.save_run())
        offered = self._offered(panel)
        if not offered:
            run.setEnabled(self._session.state.run is not None)
            run.setToolTip("" if run.isEnabled() else translated(NOTHING_YET.message))
            return [run]
        if len(offered) == 1:
            (only,) = offered
            save = self._action(
                menu, "save", formatted("Data", "Save {name} …", name=only.name), only
            )
            copy = self._action(
                menu, "copy", formatted("Data", "Copy the numbers: {name}", name=only.name), only
            )
            return [save, copy, run]
        save = self._submenu(menu, "save", translate("Data", "Save an array"), offered)
        copy = self._submenu(menu, "copy", translate("Data", "Copy numbers"), offered)
        return [save, copy, run]

    # -- which array ---------------------------------------------------------------------------

    def _offered(self, panel: Panel) -> tuple[SelectedArray, ...]:
        table = self._window.parameters.table
        rows = sorted(index.row() for index in table.selectionModel().selectedRows())
        names = [self._window.parameters.model.rows[row].parameter.name for row in rows]
        return arrays_of(self._session.state, panel.name, names)

    def _choose(self, words: str, verb: Verb) -> None:
        """Do ``verb`` with what is selected; where that is several arrays, ask which.

        Args:
            words: what an entry says, with a field for the array's ``name``.
            verb: what is done.
        """
        panel = panel_in_use(self._window.maps)
        offered = self._offered(panel)
        if not offered:
            self._session.tell(NOTHING_YET)
        elif len(offered) == 1:
            verb(offered[0])
        else:
            menu = QMenu(self._window)
            menu.setObjectName("data_choice")
            menu.setAccessibleName(translate("Data", "Which array?"))
            self._fill(menu, offered, verb, words)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(panel.mapToGlobal(panel.rect().center()))
            menu.setActiveAction(menu.actions()[0])

    def _fill(
        self, menu: QMenu, offered: tuple[SelectedArray, ...], verb: Verb, words: str = "{name}"
    ) -> None:
        menu.setToolTipsVisible(True)
        for one in offered:
            action = menu.addAction(_plain(fill(words, {"name": one.name})))
            self._prepare(action, one, verb)

    def _submenu(
        self, menu: QMenu, what: str, text: str, offered: tuple[SelectedArray, ...]
    ) -> QAction:
        inner = QMenu(text, menu)
        inner.setObjectName(f"menu_{what}_array")
        self._fill(inner, offered, self._save if what == "save" else self._copy)
        return inner.menuAction()

    def _action(self, menu: QMenu, what: str, text: str, one: SelectedArray) -> QAction:
        action = QAction(_plain(text), menu)
        action.setObjectName(f"menu_{what}_array")
        self._prepare(action, one, self._save if what == "save" else self._copy)
        return action

    def _prepare(self, action: QAction, one: SelectedArray, verb: Verb) -> None:
        action.setEnabled(not one.why_not)
        action.setToolTip(plain_tip(one.why_not or one.name))
        action.triggered.connect(lambda: verb(one))

    # -- doing it ------------------------------------------------------------------------------

    def _save(self, chosen: SelectedArray) -> None:
        if chosen.why_not:
            self._session.tell(refused(chosen))
            return
        kinds = {
            ".npy": translate("Data", "NumPy array (*.npy)"),
            ".csv": translate("Data", "Table for spreadsheets (*.csv)"),
        }
        # Without an ending: the kind that is chosen in the dialog decides.
        title = formatted("Data", "Save {name}", name=chosen.name)
        path = self._ask(title, f"lenet_viz-{chosen.word}", kinds)
        if path is None:
            return
        if math.prod(chosen.shape) >= LONG:
            template = QT_TRANSLATE_NOOP("Data", "Writing {path} …")
            self._session.tell(Notice(message("Data", template, path=str(path))))
        self._write(lambda: array_saved(chosen, path, self._background.stop))

    def _copy(self, chosen: SelectedArray) -> None:
        if chosen.why_not:
            self._session.tell(refused(chosen))
            return
        self._background.do(lambda: array_text(chosen), self._take_in)

    def _write(self, work: Callable[[], Notice]) -> None:
        self._background.do(work, self._session.tell, file=True)

    def _take_in(self, copied: tuple[str, Notice]) -> None:
        text, notice = copied
        if text:
            QGuiApplication.clipboard().setText(text)
        self._session.tell(notice)

    def _ask(self, title: str, name: str, kinds: dict[str, str]) -> Path | None:
        path = asked_file(self._window, title, self._folder / name, kinds)
        if path is not None:
            self._folder = path.parent
        return path


def _plain(text: str) -> str:
    """Return text for a menu; a name's own ``&`` is no mark for a key."""
    return text.replace("&", "&&")
