"""A picture of shapes laid against each other: what is copied along which axis."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_viz.display.broadcast import Broadcast
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font

_CELL = QSize(44, 20)
_GAP = 5


class BroadcastPicture(QWidget):
    """Draws each tensor's axes as boxes, aligned at the right; copied ones are dashed."""

    def __init__(self, parent: QWidget | None = None, name: str = "broadcast_picture") -> None:
        """Make an empty picture.

        Args:
            parent: the widget it belongs to.
            name: the object name.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.theme: Theme = LIGHT
        self._names: tuple[str, ...] = ()
        self._shown: Broadcast | None = None

    def show_shapes(self, names: tuple[str, ...], shown: Broadcast | None) -> None:
        """Draw tensors of these names; None draws nothing."""
        self._names, self._shown = names, shown
        rows = 0 if shown is None else len(shown.rows) + 1
        self.setFixedHeight(rows * (_CELL.height() + _GAP) + (4 if rows else 0))
        self.setVisible(shown is not None)
        self.setAccessibleName(translate("Broadcast", "How the shapes are broadcast"))
        if shown is not None:
            lines = [
                f"{name} {list(row.shape)}" for name, row in zip(names, shown.rows, strict=True)
            ]
            self.setAccessibleDescription("\n".join((*lines, str(list(shown.common)))))
            self.setToolTip(
                translate(
                    "Broadcast",
                    "Axes are aligned at the right. A dashed one is missing or 1: the tensor is "
                    "copied along it.",
                )
            )
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for every row."""
        return QSize(240, self.height())

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, the common shape last."""
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = (*self._names, translate("Broadcast", "together"))
        left = max(QFontMetricsF(text_font(9)).horizontalAdvance(name) for name in names) + 12
        for at, row in enumerate(shown.rows):
            self._draw_row(painter, at, left, names[at], row.cells, row.copied, shown.common)
        last = len(shown.rows)
        whole = (False,) * len(shown.common)
        self._draw_row(painter, last, left, names[last], shown.common, whole, shown.common)
        painter.end()

    def _draw_row(
        self,
        painter: QPainter,
        at: int,
        left: float,
        name: str,
        cells: tuple[int | None, ...],
        copied: tuple[bool, ...],
        common: tuple[int, ...],
    ) -> None:
        top = 2 + at * (_CELL.height() + _GAP)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(text_font(9))
        painter.setPen(self.theme.color("muted"))
        painter.drawText(QRectF(0, top, left, _CELL.height()), middle, name)
        painter.setFont(code_font(9))
        wide = min(float(_CELL.width()), (self.width() - left) / max(1, len(common)) - _GAP)
        for axis, (size, copies) in enumerate(zip(cells, copied, strict=True)):
            rect = QRectF(left + axis * (wide + _GAP), top, wide, _CELL.height())
            dash = Qt.PenStyle.DashLine if copies else Qt.PenStyle.SolidLine
            painter.setPen(QPen(self.theme.color("warning" if copies else "muted"), 1, dash))
            painter.setBrush(self.theme.color("surface" if copies else "raised"))
            painter.drawRoundedRect(rect, 3, 3)
            painter.setPen(self.theme.color("warning" if copies else "text"))
            shown = str(size)
            if copies:
                shown = formatted("Broadcast", "×{size}", size=common[axis])
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), shown)
