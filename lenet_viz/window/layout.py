"""Where the panels stand at the first start."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QTabBar

from lenet_viz.window.dock import PanelDock

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
    for name in ("input", "parameters", "log"):
        window.addDockWidget(area.RightDockWidgetArea, docks[name])
    if window.height() < TALL:
        window.tabifyDockWidget(docks["input"], docks["parameters"])
        window.tabifyDockWidget(docks["parameters"], docks["log"])
    else:
        window.splitDockWidget(docks["input"], docks["parameters"], Qt.Orientation.Vertical)
        window.tabifyDockWidget(docks["parameters"], docks["log"])
    docks["parameters" if window.height() >= TALL else "input"].raise_()
    width = window.width()
    window.resizeDocks(
        [docks["step"], docks["input"]],
        [round(width * 0.255), round(width * 0.32)],
        Qt.Orientation.Horizontal,
    )


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
            # The panel may have its new height already, while the dock still has the old one.
            around = max(0, dock.minimumSizeHint().height() - dock.panel.minimumHeight())
            wanted = self._height + (around if dock.panel.minimumHeight() else 0)
            self._window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)


def hide_empty_tabs(window: QMainWindow) -> None:
    """Hide the tab bars that Qt leaves behind, visible and empty, when it restores a layout."""
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not bar.count():
            bar.hide()
