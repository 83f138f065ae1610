"""A widget laid out off the screen, so that it can be drawn on another device."""

import math
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

ROUNDS = 12
"""How often a layout is tried again, each time with more room."""
SMALLEST_ZOOM = 0.1


class Easel:
    """Holds a widget at a size, polished and laid out, without ever showing it.

    Attributes:
        widget: what is drawn.
        zoom: what a logical pixel of the widget becomes on the figure; text is scaled by it too.
    """

    def __init__(self, widget: QWidget, style: str) -> None:
        """Take a widget.

        Args:
            widget: it has no parent and is not visible.
            style: the style sheet it is drawn with.
        """
        self.widget = widget
        self.zoom = 1.0
        self._frame = QWidget()
        self._frame.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._frame.setStyleSheet(style)
        widget.setParent(self._frame)
        widget.show()
        self._frame.show()

    def place(self, width: int, height: int) -> None:
        """Lay the widget out at a size in its own logical pixels."""
        self._frame.resize(width, height)
        self.widget.setGeometry(0, 0, width, height)
        for _ in range(3):  # a new width can ask for a new height within
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            layout = self.widget.layout()
            if layout is not None:
                layout.activate()

    def fit(
        self, width: float, height: float | None, zoom: float, natural: Callable[[int], int]
    ) -> float:
        """Lay the widget out so that nothing is cut off and return its height on the figure.

        Args:
            width: that it gets on the figure.
            height: that it gets; None for as much as it needs.
            zoom: the wanted one; a smaller one is taken where the content needs more room.
            natural: gives the height that a width asks for, both in the widget's pixels.
        """
        self.zoom = zoom
        needed = 0
        for _ in range(ROUNDS):
            wide = math.floor(width / self.zoom)
            free = max(natural(wide), needed)
            high = free if height is None else math.floor(height / self.zoom)
            self.place(wide, high)
            # Only now: pictures take a height of their own once they have their width.
            least_wide, least_high = self._least(wide)
            over_x, over_y = overflow(self.widget)
            over_x = max(over_x, least_wide - wide)
            over_y = max(over_y, least_high - high)
            if over_x > 0:
                self._shrink(wide / (wide + over_x))
            elif over_y <= 0:
                break
            elif height is None:
                needed = high + over_y
            else:
                # The root of the factor: with more width there are fewer lines, too.
                self._shrink(math.sqrt(high / (high + over_y)))
        return self.widget.height() * self.zoom

    def fill(self, width: float, height: float, zoom: float) -> None:
        """Lay the widget out at a size, its scroll areas as they are.

        Args:
            width: that it gets on the figure.
            height: that it gets.
            zoom: the wanted one; a smaller one is taken where the widget needs more room.
        """
        wide, high = self._least(math.floor(width / zoom))
        self.zoom = min(zoom, width / max(1, wide), height / max(1, high))
        self.place(math.floor(width / self.zoom), math.floor(height / self.zoom))

    def _least(self, width: int) -> tuple[int, int]:
        """Return the least width, and the least height at a width."""
        hint = self.widget.minimumSizeHint().expandedTo(self.widget.minimumSize())
        layout = self.widget.layout()
        high = hint.height()
        if layout is not None and layout.hasHeightForWidth():
            high = max(high, layout.totalMinimumHeightForWidth(width))
        return hint.width(), high

    def _shrink(self, factor: float) -> None:
        self.zoom = max(SMALLEST_ZOOM, self.zoom * min(factor, 0.99))

    def take_down(self) -> None:
        """Let go of the widget and what held it."""
        self._frame.hide()
        self._frame.deleteLater()


def overflow(widget: QWidget) -> tuple[int, int]:
    """Return by how many pixels scrolled content is wider and higher than its areas."""
    areas = [area for area in widget.findChildren(QAbstractScrollArea) if area.isVisibleTo(widget)]
    found = [overflow_of(area) for area in areas]
    return max((x for x, _ in found), default=0), max((y for _, y in found), default=0)


def overflow_of(area: QAbstractScrollArea) -> tuple[int, int]:
    """Return by how many pixels an area's content is wider and higher than the area."""
    return area.horizontalScrollBar().maximum(), area.verticalScrollBar().maximum()
