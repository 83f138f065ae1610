"""Where the panels stand at the first start."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QTabBar

from lenet_viz.window.dock import PanelDock
from lenet_viz.window.memory import LAYOUT_VERSION

HOMES = {"builder": ("step",), "compare": ("step",), "code": ("step",)}
"""Behind which docks a dock stands, where a layout does not know it."""
TALL = 980
"""From this height on, the input stands above the table and the log instead of before them."""


def arrange(window: QMainWindow, docks: Mapping[str, PanelDock]) -> None:
    """Put every dock of a new window in its first place.

    Args:
        window: the window, at its size.
        docks: its docks by their panel's name.
    """
    area = Qt.DockWidgetArea
    for corner, side in (
        (Qt.Corner.TopLeftCorner, area.TopDockWidgetArea),
        (Qt.Corner.TopRightCorner, area.TopDockWidgetArea),
    ):
        window.setCorner(corner, side)
    window.addDockWidget(area.TopDockWidgetArea, docks["strip"])
    window.addDockWidget(area.LeftDockWidgetArea, docks["step"])
    window.tabifyDockWidget(docks["step"], docks["builder"])
    # Docks are put behind others at once: Qt leaves a tab bar behind where one is moved there.
    window.addDockWidget(area.RightDockWidgetArea, docks["input"])
    tall = window.height() >= TALL
    rest = ["ledger", "autograd", "log", "source"]
    behind = ["why"] if tall else ["parameters", *rest, "why"]
    window.tabifyDockWidget(docks["builder"], docks["code"])
    if not tall:  # eight tabs would not fit abreast on the right
        window.tabifyDockWidget(docks["code"], docks["compare"])
    if tall:
        window.addDockWidget(area.RightDockWidgetArea, docks["parameters"])
        for name in (*rest[:2], "compare", *rest[2:]):
            window.tabifyDockWidget(docks["parameters"], docks[name])
    for name in behind:
        window.tabifyDockWidget(docks["input"], docks[name])
    docks["step"].raise_()
    docks["input"].raise_()
    if tall:
        docks["parameters"].raise_()
        window.resizeDocks([docks["input"], docks["parameters"]], [54, 46], Qt.Orientation.Vertical)
    width = window.width()
    window.resizeDocks(
        [docks["step"], docks["input"]],
        [round(width * 0.255), round(width * 0.32)],
        Qt.Orientation.Horizontal,
    )


def first_size() -> QSize:
    """Return the size of the window at its first start, as the screen allows."""
    screen = QGuiApplication.primaryScreen()
    room = screen.availableSize() if screen is not None else QSize(1440, 900)
    return QSize(min(1680, room.width()), min(1050, room.height()))


def restore(window: QMainWindow, docks: Mapping[str, PanelDock], state: QByteArray) -> None:
    """Put every dock where it was.

    Args:
        window: the window.
        docks: its docks by their panel's name.
        state: the layout; docks that it does not know, because a version of the program without
            them wrote it, come behind the log, where they can be found.
    """
    if window.restoreState(state, LAYOUT_VERSION):
        _place_unmentioned(window, docks, state)
    hide_empty_tabs(window)


def _place_unmentioned(
    window: QMainWindow, docks: Mapping[str, PanelDock], state: QByteArray
) -> None:
    """Put docks that a layout does not name behind one that is in view; the tab in front stays."""
    # Qt writes the names of the docks as UTF-16.
    new = [
        dock for dock in docks.values() if dock.objectName().encode("utf-16-be") not in state.data()
    ]
    for dock in new:
        shown = [
            docks[name]
            for name in (*HOMES.get(dock.panel.name, ()), "log", "parameters", "input", "step")
            if not (docks[name] in new or docks[name].isHidden() or docks[name].isFloating())
        ]
        dock.setFloating(False)
        if shown:
            front = _in_front(window, docks, shown[0])
            window.tabifyDockWidget(shown[0], dock)
            front.raise_()
        else:
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        dock.show()


def _in_front(window: QMainWindow, docks: Mapping[str, PanelDock], dock: PanelDock) -> PanelDock:
    """Return the dock whose tab is chosen among those that share a dock's place."""
    titles = {one.windowTitle(): one for one in (dock, *window.tabifiedDockWidgets(dock))}
    for bar in reversed(_tab_bars(window)):  # the last is the one that was restored
        words = [bar.tabText(at) for at in range(bar.count())]
        if dock.windowTitle() in words:
            chosen = titles.get(words[bar.currentIndex()])
            return next((one for one in docks.values() if one is chosen), dock)
    return dock


class WantedHeight(QObject):
    """Gives a dock the height that its panel asks for, as often as the panel asks for another.

    The other panels keep their least height, and what the user drags stays until then.
    """

    def __init__(self, window: QMainWindow, dock: PanelDock) -> None:
        """Follow a dock for as long as it lives."""
        super().__init__(dock)
        self._window, self._dock = window, dock
        self._height = 0
        holder = dock.widget()
        if holder is not None:
            holder.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See that the panel asks for another height."""
        asked = event.type() == QEvent.Type.LayoutRequest
        if asked and self._dock.panel.sizeHint().height() != self._height:
            self._height = self._dock.panel.sizeHint().height()
            # Once the layouts between the panel and the window know of it, too.
            QTimer.singleShot(0, self, self._give)
        return super().eventFilter(watched, event)

    def _give(self) -> None:
        dock = self._dock
        if not dock.isFloating() and dock.isVisible():
            self._height = dock.panel.sizeHint().height()  # it may have changed once more
            wanted = self._height + dock.height_around()
            self._window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)


def make_room(window: QMainWindow, dock: PanelDock, height: int = 560) -> None:
    """Let a dock grow to a height where a tall window has it; one that is higher stays so."""
    if window.height() >= TALL and not dock.isFloating() and dock.height() < height:
        window.resizeDocks([dock], [height], Qt.Orientation.Vertical)


class StrayTabs(QObject):
    """Hides tab bars that Qt forgets where a group of docks was before it was laid out anew."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, PanelDock]) -> None:
        """Look after a window for as long as it lives."""
        super().__init__(window)
        self._window, self._docks = window, docks
        self._due = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See that the window is laid out anew."""
        kinds = (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show)
        if event.type() in kinds and not self._due:
            self._due = True
            QTimer.singleShot(0, self, self.hide)
        return super().eventFilter(watched, event)

    def hide(self) -> None:
        """Hide each bar that stands at none of the docks it names."""
        self._due = False
        places = {dock.windowTitle(): dock.geometry() for dock in self._docks.values()}
        named: set[str] = set()
        for bar in reversed(_tab_bars(self._window)):
            words = {bar.tabText(at) for at in range(bar.count())}
            if bar.isVisible() and words & named:
                bar.hide()  # the same docks have a later bar: Qt has forgotten this one
            elif bar.isVisible():
                named |= words
            near = [places.get(bar.tabText(at)) for at in range(bar.count())]
            if bar.isVisible() and not any(_adjoins(bar, place) for place in near):
                bar.hide()


def _adjoins(bar: QTabBar, place: QRect | None) -> bool:
    """Return whether a tab bar stands right above or below a dock."""
    if place is None or abs(bar.x() - place.x()) > 4:
        return False
    above, below = bar.geometry().bottom() - place.top(), bar.y() - place.bottom()
    return abs(above) <= 8 or abs(below) <= 8


def hide_empty_tabs(window: QMainWindow) -> None:
    """Hide the tab bars that Qt leaves behind, visible and empty, when it restores a layout."""
    for bar in _tab_bars(window):
        if not bar.count():
            bar.hide()


def _tab_bars(window: QMainWindow) -> list[QTabBar]:
    return window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
