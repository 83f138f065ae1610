"""A short vector as labelled bars with their numbers, or a single number written large."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from lenet_viz.display.colours import colourise
from lenet_viz.display.numbers import column, exact
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.mosaic_picture import STALE_OPACITY, Index
from lenet_viz.panels.mosaic_view import BY_KEY
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font
from lenet_viz.panels.thumbnail import as_image, colour_theme, drawable

_LARGEST_ROW = 36.0
_NUMBER_WIDTH = 11


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a row's parts stand, in logical pixels."""

    label: float
    start: float
    zero: float
    stop: float
    number: float
    high: float
    top: float


class BarsView(QWidget):
    """Shows one `MapSide` of at most 16 numbers.

    Signals carry what the user did: ``hovered`` an index of the tensor or None, ``clicked`` an
    index, ``left`` the Escape key.
    """

    hovered = Signal(object)
    clicked = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty view."""
        super().__init__(parent)
        self.side: MapSide | None = None
        self._theme: Theme = LIGHT
        self._texts: list[str] = []
        self._numbers: npt.NDArray[np.generic] = np.zeros(0)
        self._colours: npt.NDArray[np.uint8] = np.zeros((0, 4), dtype=np.uint8)
        self._hover: Index | None = None
        self._pin: Index | None = None
        self._framed = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 80)

    def show_side(self, side: MapSide, theme: Theme) -> None:
        """Draw a vector of at most 16 numbers, or one number.

        Args:
            side: it has values of at least one element and at most one axis.
            theme: for text, lines and exact zeros.
        """
        assert side.values is not None
        self.side, self._theme = side, theme
        self._numbers = drawable(side.values).reshape(-1)
        self._colours = colourise(self._numbers, side.scales[0], colour_theme(theme))
        signed = side.scales[0].low < 0
        self._texts = column(list(self._numbers), _NUMBER_WIDTH, plus=signed)
        self.update()

    def set_marks(self, hover: Index | None, pin: Index | None) -> None:
        """Mark the rows of two indices of the tensor; None takes a mark away."""
        if (hover, pin) != (self._hover, self._pin):
            self._hover, self._pin = hover, pin
            self.update()

    def index_at(self, x: float, y: float) -> Index | None:
        """Return the tensor's index in the row under a point, in logical pixels."""
        if self.side is None or self.side.values is None or not 0 <= x < self.width():
            return None
        if not self.side.values.ndim:
            return self.side.prefix
        place = self._columns()
        row = int((y - place.top) // place.high)
        return (*self.side.prefix, row) if 0 <= row < len(self._numbers) else None

    def point_of(self, index: Index) -> QPointF:
        """Return the middle of the row of an index of the tensor."""
        return self._row_rect(index[-1] if index else 0, self._columns()).center()

    # -- drawing -------------------------------------------------------------------------------

    def _columns(self) -> _Columns:
        count = max(1, len(self._numbers))
        high = min(_LARGEST_ROW, (self.height() - 8) / count)
        top = (self.height() - high * count) / 2
        metrics = QFontMetricsF(code_font(self._size(high)))
        label = 10 + metrics.horizontalAdvance("0" * len(str(count - 1)))
        widest = max((len(text) for text in self._texts), default=1)
        number = metrics.horizontalAdvance("0") * widest
        mark = QFontMetricsF(text_font(8)).horizontalAdvance(_mark()) + 10 if self._marked() else 0
        start, stop = label + 14, max(label + 60.0, self.width() - number - mark - 24)
        scale = self.side.scales[0] if self.side else None
        low = scale is not None and scale.low < 0
        zero = (start + stop) / 2 if low else start
        return _Columns(label, start, zero, stop, stop + 14 + number, high, top)

    def _size(self, high: float) -> float:
        return max(7.0, min(10.5, high * 0.42))

    def _marked(self) -> bool:
        side = self.side
        return side is not None and side.marked is not None and side.role == "activation"

    def _row_rect(self, row: int, place: _Columns) -> QRectF:
        return QRectF(2, place.top + row * place.high, self.width() - 4, place.high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        side = self.side
        if side is None or side.values is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(STALE_OPACITY if side.stale else 1.0)
        if side.values.ndim == 0:
            self._draw_number(painter)
        else:
            place = self._columns()
            line = QPen(self._theme.color("line"), 1)
            for row in range(len(self._numbers)):
                self._draw_row(painter, row, place)
            painter.setPen(line)
            bottom = place.top + place.high * len(self._numbers)
            painter.drawLine(QPointF(place.zero, place.top), QPointF(place.zero, bottom))
        painter.setOpacity(1.0)
        if self._framed:
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _draw_number(self, painter: QPainter) -> None:
        text = exact(self._numbers[0])
        size = 30.0
        while size > 9 and (
            QFontMetricsF(code_font(size, bold=True)).horizontalAdvance(text) > self.width() - 24
        ):
            size -= 1
        painter.setFont(code_font(size, bold=True))
        painter.setPen(self._theme.color("text"))
        painter.drawText(QRectF(self.rect()), int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_row(self, painter: QPainter, row: int, place: _Columns) -> None:
        rect = self._row_rect(row, place)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        self._draw_ground(painter, row, rect)
        side = self.side
        marked = side is not None and side.marked == row
        painter.setFont(code_font(self._size(place.high), bold=marked))
        painter.setPen(self._theme.color("text" if marked else "muted"))
        painter.drawText(QRectF(0, rect.top(), place.label, rect.height()), middle, str(row))
        self._draw_bar(painter, row, rect, place)
        painter.setPen(self._theme.color("text"))
        painter.drawText(
            QRectF(0, rect.top(), place.number, rect.height()), middle, self._texts[row]
        )
        if marked and self._marked():
            painter.setFont(text_font(8))
            painter.setPen(self._theme.color("muted"))
            rest = QRectF(place.number + 8, rect.top(), 200, rect.height())
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), _mark())

    def _draw_ground(self, painter: QPainter, row: int, rect: QRectF) -> None:
        place = rect.adjusted(0.5, 1, -0.5, -1)
        prefix = self.side.prefix if self.side else ()
        index = (*prefix, row)
        painter.setPen(Qt.PenStyle.NoPen)
        if index == self._hover:
            painter.setBrush(self._theme.color("raised"))
            painter.drawRoundedRect(place, 4, 4)
        if index == self._pin:
            painter.setBrush(self._theme.color("accent_ground"))
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.drawRoundedRect(place, 4, 4)

    def _draw_bar(self, painter: QPainter, row: int, rect: QRectF, place: _Columns) -> None:
        assert self.side is not None
        number = float(self._numbers[row])
        high = max(2.0, min(20.0, rect.height() * 0.62))
        top = rect.center().y() - high / 2
        if not np.isfinite(number) or number == 0:
            # No length: a swatch in the colour of what it is stands on the zero line.
            bar = QRectF(place.zero - high / 4, top, high / 2, high)
        else:
            scale = self.side.scales[0]
            reach = place.stop - place.zero
            end = place.zero + reach * max(-1.0, min(1.0, number / scale.high))
            bar = QRectF(min(place.zero, end), top, max(1.0, abs(end - place.zero)), high)
        # A colour is a pixel of its own: drawing it as an image keeps it exactly that colour.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawImage(bar, as_image(self._colours[row].reshape(1, 1, 4)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    # -- what the user does --------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which number is under the pointer."""
        at = event.position()
        index = self.index_at(at.x(), at.y())
        if index != self._hover:
            self.hovered.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that no number is under the pointer."""
        super().leaveEvent(event)
        if self._hover is not None:
            self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which number is clicked."""
        at = event.position()
        index = self.index_at(at.x(), at.y())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(index)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that this view uses from the window's short cuts."""
        wanted = event.type() == QEvent.Type.ShortcutOverride
        if wanted and isinstance(event, QKeyEvent) and self._uses(event):
            event.accept()
            return True
        return super().event(event)

    def _uses(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            return alt or self._pin is not None
        return event.key() == Qt.Key.Key_Escape and self._pin is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pin with up and down; Escape takes it away."""
        if self.side is None or not self._uses(event):
            event.ignore()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif self._pin is None or not self.side.holds(self._pin) or not self._pin:
            self.clicked.emit((*self.side.prefix, 0) if self.side.values is not None else ())
        else:
            row = self._pin[-1] + (1 if event.key() == Qt.Key.Key_Down else -1)
            if 0 <= row < len(self._numbers):
                self.clicked.emit((*self._pin[:-1], row))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go here."""
        super().focusInEvent(event)
        self._framed = event.reason() in BY_KEY
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys no longer go here."""
        super().focusOutEvent(event)
        self._framed = False
        self.update()


def _mark() -> str:
    return translate("Maps", "target")
