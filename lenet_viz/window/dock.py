"""A dock around a panel, with a slim grip to move it by."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSizePolicy, QVBoxLayout, QWidget

from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT, Theme


class Grip(QWidget):
    """The strip of dots above a panel; the dock moves with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a grip."""
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setFixedHeight(9)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setToolTip(
            translate("Dock", "Drag to move this panel, double-click to float it or put it back")
        )
        self.setAccessibleName(translate("Dock", "Grip of the panel"))

    def sizeHint(self) -> QSize:
        """Return a slim strip."""
        return QSize(60, 9)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a few dots in the middle."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        color = self.theme.color("muted")
        color.setAlphaF(0.55 if self.underMouse() else 0.3)
        painter.setBrush(color)
        for dot in range(-2, 3):
            painter.drawEllipse(QPointF(self.width() / 2 + dot * 7, self.height() / 2), 1.4, 1.4)
        painter.end()

    def enterEvent(self, event: object) -> None:
        """Darken the dots."""
        del event
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Lighten the dots."""
        del event
        self.update()


class PanelDock(QDockWidget):
    """A dock that holds one panel."""

    def __init__(self, panel: Panel, title: str, window: QMainWindow) -> None:
        """Put ``panel`` into a dock of ``window``.

        Args:
            panel: what it holds.
            title: the name in menus and on tabs.
            window: the window it belongs to.
        """
        super().__init__(title, window)
        self.setObjectName(f"dock_{panel.name}")
        self.setAccessibleName(title)
        holder = QWidget(self)
        self._room = QVBoxLayout(holder)
        self._room.setContentsMargins(4, 0, 4, 2)
        self._room.addWidget(panel)
        self.grip = Grip(self)
        self.setTitleBarWidget(self.grip)
        self.setWidget(holder)
        self.panel = panel
        action = self.toggleViewAction()
        action.setObjectName(f"view_{panel.name}")
        action.setToolTip(translate("Dock", "Show or hide this panel"))

    def height_around(self) -> int:
        """Return the height of the grip and the margins: what is not the panel."""
        margins = self._room.contentsMargins()
        return self.grip.sizeHint().height() + margins.top() + margins.bottom()

    def come_forward(self) -> None:
        """Be seen: shown where it was hidden, in front of the tabs before it."""
        self.show()
        self.raise_()
