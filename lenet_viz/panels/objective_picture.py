"""What an objective makes of each output, drawn: numbers in columns, v as bars."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_viz.display import numbers
from lenet_viz.display.colours import colourise
from lenet_viz.display.objective_rows import ONE_HOT, OUT, SOFTMAX, TARGET, ObjectiveRows, V
from lenet_viz.display.scale import Scale
from lenet_viz.panels.mosaic_picture import STALE_OPACITY
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font
from lenet_viz.panels.thumbnail import as_image, colour_theme, drawable

ROW = 21.0
HEAD = 22.0
MOST_ROWS = 400
"""So many rows are drawn; the maps show all of a larger output."""
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_SMALLEST_BAR = 34.0


class ObjectivePicture(QWidget):
    """Draws a row for each output: its number, what it is compared with, and v with a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty picture."""
        super().__init__(parent)
        self.setObjectName("objective_board")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.theme: Theme = LIGHT
        self.rows: ObjectiveRows | None = None
        self.current: int | None = None
        self.framed = False
        self.texts: dict[str, list[str]] = {}
        self._stale = False
        self._bars: npt.NDArray[np.generic] = np.zeros(0)

    # -- given ---------------------------------------------------------------------------------

    def draw_rows(self, rows: ObjectiveRows | None, *, stale: bool) -> None:
        """Draw the rows of a sample.

        Args:
            rows: None for none.
            stale: whether the numbers belong to older settings.
        """
        self.rows, self._stale = rows, stale
        columns = {} if rows is None else rows.columns
        self.texts = {
            name: numbers.column(list(values[:MOST_ROWS]), 7, plus=name not in (SOFTMAX, ONE_HOT))
            for name, values in columns.items()
        }
        self._bars = drawable(columns[V][:MOST_ROWS]) if V in columns else np.zeros(0)
        if self.current is not None and self.current >= self.count:
            self.current = None
        self.setFixedHeight(round(HEAD + self.count * ROW + 4) if rows is not None else 0)
        self.setAccessibleName(translate("Objective", "Outputs and upstream gradient v"))
        self.setAccessibleDescription("" if rows is None else self._as_text())
        self.update()

    @property
    def count(self) -> int:
        """How many rows are drawn."""
        return 0 if self.rows is None else min(MOST_ROWS, len(self.rows.labels))

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for all rows."""
        return QSize(280, self.height())

    def _as_text(self) -> str:
        assert self.rows is not None
        lines = []
        for row in range(min(self.count, 20)):
            said = (f"{name} {texts[row].strip()}" for name, texts in self.texts.items())
            lines.append(f"{self.rows.labels[row]}: {', '.join(said)}")
        return "\n".join(lines)

    # -- where things stand --------------------------------------------------------------------

    def _edges(self) -> tuple[float, dict[str, float], float]:
        """Return where the labels end, where each column ends, and where the bars begin."""
        metrics = QFontMetricsF(code_font(8.5))
        wide = {
            name: max(
                metrics.horizontalAdvance(texts[0]) if texts else 0.0,
                QFontMetricsF(text_font(8)).horizontalAdvance(self.title_of(name)),
            )
            for name, texts in self.texts.items()
        }
        labels = [] if self.rows is None else self.rows.labels[: self.count]
        label = 8 + metrics.horizontalAdvance(max(labels, key=len, default="0"))
        room = self.width() - label - sum(wide.values()) - (_SMALLEST_BAR if len(self._bars) else 0)
        gap = max(5.0, min(16.0, room / (len(wide) + 2)))
        at, ends = label, {}
        for name, width in wide.items():
            at += gap + width
            ends[name] = at
        return label, ends, at + gap

    def title_of(self, name: str) -> str:
        """Return what a column is called."""
        words = {
            OUT: translate("Objective", "out"),
            SOFTMAX: translate("Objective", "softmax"),
            ONE_HOT: translate("Objective", "onehot"),
            TARGET: translate("Objective", "target"),
        }
        return words.get(name, name)

    def hit(self, point: QPointF) -> tuple[str, int] | None:
        """Return the column and row of a point; None outside every number."""
        row = int((point.y() - HEAD) // ROW)
        if self.rows is None or not 0 <= row < self.count:
            return None
        label, ends, _ = self._edges()
        for name, end in ends.items():
            if label < point.x() <= end + 4:
                return name, row
        return (V, row) if V in ends else None

    def cell(self, name: str, row: int) -> QRectF:
        """Return where a number stands, in logical pixels."""
        label, ends, _ = self._edges()
        before = max([label, *(end for end in ends.values() if end < ends[name])])
        return QRectF(before + 3, HEAD + row * ROW, ends[name] - before + 1, ROW)

    # -- drawing -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in view."""
        if self.rows is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        label, ends, bars = self._edges()
        painter.setFont(text_font(8))
        painter.setPen(self.theme.color("muted"))
        for name, end in ends.items():
            rect = QRectF(end - 80, 0, 80, HEAD - 4)
            painter.drawText(rect, _RIGHT, self.title_of(name))
        painter.setPen(QPen(self.theme.color("line"), 1))
        painter.drawLine(QPointF(2, HEAD - 2), QPointF(self.width() - 2, HEAD - 2))
        painter.setOpacity(STALE_OPACITY if self._stale else 1.0)
        seen = event.rect()
        first = max(0, int((seen.top() - HEAD) // ROW))
        last = min(self.count, int((seen.bottom() - HEAD) // ROW) + 1)
        for row in range(first, last):
            self._draw_row(painter, row, label, ends)
        if len(self._bars):
            self._draw_bars(painter, first, last, bars)
        if self.framed and self.current is None:
            painter.setPen(QPen(self.theme.color("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _draw_row(self, painter: QPainter, row: int, label: float, ends: dict[str, float]) -> None:
        assert self.rows is not None
        top = HEAD + row * ROW
        if row == self.current:
            painter.setPen(QPen(self.theme.color("accent"), 1))
            painter.setBrush(self.theme.color("accent_ground"))
            painter.drawRoundedRect(QRectF(1.5, top + 1, self.width() - 3, ROW - 2), 4, 4)
        painter.setFont(code_font(8.5))
        painter.setPen(self.theme.color("muted"))
        painter.drawText(QRectF(0, top, label, ROW), _RIGHT, self.rows.labels[row])
        for name, end in ends.items():
            changed = name == V and bool(self.rows.changed[row])
            painter.setFont(code_font(8.5, bold=changed))
            painter.setPen(self.theme.color("accent" if changed else "text"))
            text = self.texts[name][row]
            painter.drawText(QRectF(end - 200, top, 200, ROW), _RIGHT, text)

    def _draw_bars(self, painter: QPainter, first: int, last: int, start: float) -> None:
        """Draw v as bars from a zero line, in the colours of its sign."""
        finite = np.abs(self._bars[np.isfinite(self._bars)])
        most = float(finite.max()) if finite.size else 0.0
        signed = bool((self._bars.astype(np.float64) < 0).any())
        high = most or 1.0
        scale = Scale("signed", -high, high) if signed else Scale("positive", 0.0, high)
        colours = colourise(self._bars, scale, colour_theme(self.theme))
        stop = self.width() - 4.0
        zero = (start + stop) / 2 if signed else start
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for row in range(first, last):
            number, middle = float(self._bars[row]), HEAD + (row + 0.5) * ROW
            if number == 0 or not math.isfinite(number) or not most:
                bar = QRectF(zero - 3, middle - 3, 6, 6)
            else:
                end = zero + (stop - zero) * number / most
                bar = QRectF(min(zero, end), middle - 5, max(1.0, abs(end - zero)), 10)
            painter.drawImage(bar, as_image(colours[row].reshape(1, 1, 4)))
        painter.setPen(QPen(self.theme.color("line"), 1))
        bottom = HEAD + last * ROW
        painter.drawLine(QPointF(zero, HEAD + first * ROW), QPointF(zero, bottom))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
