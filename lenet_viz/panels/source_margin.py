"""What stands before each line: its number, how many steps it ran, and its marks."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lenet_viz.display.source_lines import LEFT_OUT
from lenet_viz.panels.crisp import stays_lines
from lenet_viz.panels.text import formatted
from lenet_viz.panels.theme import code_font

if TYPE_CHECKING:
    from lenet_viz.panels.source_view import SourceView

BAR = 3.0
"""Pixels of the bar before the selected line."""
SPACE = 8
"""Pixels between the columns."""
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class SourceMargin(QWidget):
    """The columns left of the text; they scroll with it."""

    def __init__(self, view: "SourceView") -> None:
        """Stand before the text of ``view``."""
        super().__init__(view)
        self._view = view
        self.setObjectName("source_margin")
        self.setMouseTracking(True)
        self._numbers = self._counts = 0

    def measure(self) -> int:
        """Return the width that the numbers and counts of the view's file need, in pixels."""
        metrics = self._view.fontMetrics()
        file = self._view.file
        most = max(file.numbers, default=1)
        counts = [count_words(len(steps)) for steps in file.steps.values()]
        self._numbers = metrics.horizontalAdvance("9" * max(2, len(str(most))))
        self._counts = max((metrics.horizontalAdvance(text) for text in counts), default=0)
        if file.failed:
            self._counts += metrics.horizontalAdvance(FAILED)
        return round(BAR) + self._numbers + self._counts + 3 * SPACE

    def sizeHint(self) -> QSize:
        """Return the width of the columns."""
        return QSize(self.measure(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that are in view."""
        del event
        painter = QPainter(self)
        view, theme = self._view, self._view.theme
        painter.fillRect(self.rect(), theme.color("surface"))
        # A page cuts nothing off: a number would stand below the last row.
        whole = stays_lines(painter)
        for number, top, height, line in view.rows_in_view():
            if number != LEFT_OUT and not (whole and top + height > self.height() + 1):
                self._paint_row(painter, number, QRectF(0, top, self.width(), height), line)
        painter.end()

    def _paint_row(self, painter: QPainter, number: int, place: QRectF, line: float) -> None:
        view, theme = self._view, self._view.theme
        steps, failed = view.file.steps.get(number, ()), number in view.file.failed
        if number == view.selected:
            painter.fillRect(place, theme.color("accent_ground"))
        elif number == view.hovered:
            painter.fillRect(place, theme.color("raised"))
        if number == view.selected or failed:
            bar = QRectF(0, place.top(), BAR, place.height())
            painter.fillRect(bar, theme.color("warning" if failed else "accent"))
        first = QRectF(place.left(), place.top(), place.width(), line)
        painter.setFont(code_font(9, bold=bool(steps)))
        painter.setPen(theme.color("text" if steps else "muted"))
        right = BAR + SPACE + self._numbers
        painter.drawText(
            QRectF(0, first.top(), right, line), _RIGHT, formatted("Source", "{n}", n=number)
        )
        painter.setFont(code_font(9))
        painter.setPen(theme.color("warning" if failed else "good"))
        words = (FAILED if failed else "") + (count_words(len(steps)) if steps else "")
        end = right + SPACE + self._counts
        painter.drawText(QRectF(right, first.top(), end - right, line), _RIGHT, words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the line under the pointer."""
        self._view.hover(event.position().y())

    def leaveEvent(self, event: QEvent) -> None:
        """Take the outline away."""
        del event
        self._view.hover(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the step of the line that was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._view.choose(event.position().y())

    def event(self, event: QEvent) -> bool:
        """Say of the line under the pointer what it ran."""
        if event.type() == QEvent.Type.ToolTip and self._view.show_tip(event):  # type: ignore[arg-type]
            return True
        return super().event(event)


FAILED = "✕ "
"""Stands before the count of the line that failed."""


def count_words(count: int) -> str:
    """Return how many steps a line ran, as the margin shows it."""
    return formatted("Source", "{count}×", count=count)
