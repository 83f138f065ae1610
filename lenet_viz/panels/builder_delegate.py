"""How one row of the builder's list is painted."""

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lenet_viz.panels.builder_model import Index, LayerModel
from lenet_viz.panels.builder_rows import LayerRow, RowState
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font

ROW_HEIGHT = 27


class LayerDelegate(QStyledItemDelegate):
    """Paints a row: a stripe of the op's colour, name, op and settings, the output's shape.

    Attributes:
        theme: the theme it paints with.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Make a delegate."""
        super().__init__(parent)
        self.theme: Theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return one line."""
        del option, index
        return QSize(120, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        model = index.model()
        if not isinstance(model, LayerModel):
            return
        row, theme = model.rows[index.row()], self.theme
        place = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.fillRect(place, theme.color("accent_ground"))
        stripe = QRectF(place.left(), place.top() + 3, 4, place.height() - 6)
        painter.fillRect(stripe, theme.op_color(row.op))
        fails = row.state is RowState.FAILS
        if fails:
            painter.setPen(QPen(theme.color("error"), 1.5))
            painter.drawRoundedRect(place.adjusted(6, 1.5, -1.5, -1.5), 5, 5)
        elif chosen:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRoundedRect(place.adjusted(6, 1.5, -1.5, -1.5), 5, 5)
        self._write(painter, place.adjusted(13, 0, -8, 0), row, "error" if fails else "text")
        painter.restore()

    def _write(self, painter: QPainter, place: QRectF, row: LayerRow, role: str) -> None:
        theme = self.theme
        middle = Qt.AlignmentFlag.AlignVCenter
        quiet = row.state is RowState.UNKNOWN
        shape = translate("Build", "does not fit") if row.state is RowState.FAILS else row.shape
        painter.setFont(code_font(8.5))
        painter.setPen(theme.color("muted" if quiet else role))
        room = QFontMetricsF(painter.font()).horizontalAdvance(shape)
        painter.drawText(place, int(middle | Qt.AlignmentFlag.AlignRight), shape or "?")
        left = place.adjusted(0, 0, -room - 10, 0)
        painter.setFont(text_font(9.5, bold=True))
        metrics = QFontMetricsF(painter.font())
        name = metrics.elidedText(row.layer, Qt.TextElideMode.ElideRight, left.width() * 0.55)
        painter.setPen(theme.color("muted" if quiet else "text"))
        painter.drawText(left, int(middle | Qt.AlignmentFlag.AlignLeft), name)
        rest = left.adjusted(max(58.0, metrics.horizontalAdvance(name) + 8), 0, 0, 0)
        painter.setFont(text_font(8.5))
        painter.setPen(theme.color("muted"))
        said = QFontMetricsF(painter.font()).elidedText(
            f"{row.title} {row.summary}", Qt.TextElideMode.ElideRight, max(0.0, rest.width())
        )
        painter.drawText(rest, int(middle | Qt.AlignmentFlag.AlignLeft), said)
