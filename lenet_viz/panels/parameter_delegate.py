"""How one cell of the parameter table is painted."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.cells import draw_cells
from lenet_viz.panels.parameter_model import ROW_ROLE, Column, ParameterModel
from lenet_viz.panels.parameter_rows import ParameterRow
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font
from lenet_viz.panels.thumbnail import thumbnail

ROW_HEIGHT = 42
INSET = 7
EDGE = 3
FADED = 0.4
IMAGES = 400
"""How many thumbnails are kept."""


class ParameterDelegate(QStyledItemDelegate):
    """Paints two lines or a thumbnail; rows of one layer stand together.

    Attributes:
        theme: the theme it paints with.
        step: the selected step, whose parameters are highlighted.
        old_values: whether the numbers belong to other weights than the present settings.
        old_grads: whether the gradients are older than the present settings.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Make a delegate."""
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.step = ""
        self.old_values = False
        self.old_grads = False
        self._images: dict[tuple[str, bool], QImage] = {}

    def forget_images(self) -> None:
        """Draw every thumbnail anew when it is next seen."""
        self._images.clear()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of two lines."""
        del option, index
        return QSize(60, ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        row, model = index.data(ROW_ROLE), index.model()
        if not (isinstance(row, ParameterRow) and isinstance(model, ParameterModel)):
            return
        column = Column(index.column())
        rect = QRectF(option.rect)
        state = option.state
        painter.save()
        self._ground(painter, rect, row, column, state)
        about_grad = column in (Column.GRAD_PICTURE, Column.GRAD)
        if self.old_grads if about_grad else self.old_values and column != Column.NAME:
            painter.setOpacity(FADED)
        if column is Column.PICTURE:
            self._image(painter, rect, row, row.value_picture, grad=False)
        elif column is Column.GRAD_PICTURE and row.grad_picture is not None:
            self._image(painter, rect, row, row.grad_picture, grad=True)
        else:
            self._lines(painter, rect, model.lines(row, column), column)
        painter.restore()

    def _ground(
        self,
        painter: QPainter,
        rect: QRectF,
        row: ParameterRow,
        column: Column,
        state: QStyle.StateFlag,
    ) -> None:
        theme = self.theme
        chosen = bool(row.step) and row.step == self.step
        picked = bool(state & QStyle.StateFlag.State_Selected)
        role = "accent_ground" if chosen else "raised" if picked else "surface"
        painter.fillRect(rect, theme.color(role))
        if column is Column.NAME:
            edge = QRectF(rect.left(), rect.top(), EDGE, rect.height())
            painter.fillRect(edge, theme.op_color(row.op) if row.op else theme.color("line"))
        if row.first_of_layer:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(rect.topLeft(), rect.topRight())
        if picked:
            # Lines above and below, so that a selected row shows on a highlighted one too.
            painter.setPen(QPen(theme.color("muted"), 1))
            painter.drawLine(rect.topLeft(), rect.topRight())
            bottom = rect.adjusted(0, 0, 0, -1)
            painter.drawLine(bottom.bottomLeft(), bottom.bottomRight())

    def _lines(
        self, painter: QPainter, rect: QRectF, lines: tuple[str, str], column: Column
    ) -> None:
        first, second = lines
        left = INSET + EDGE if column is Column.NAME else INSET
        inner = rect.adjusted(left, 4, -2, -4)
        half = inner.height() / 2
        top = QRectF(inner.left(), inner.top(), inner.width(), half) if second else inner
        below = QRectF(inner.left(), inner.top() + half, inner.width(), half)
        upper, lower = fonts(column)
        self._line(painter, top, first, upper, "text")
        self._line(painter, below, second, lower, "muted")

    def _line(self, painter: QPainter, rect: QRectF, text: str, font: QFont, role: str) -> None:
        if not text:
            return
        painter.setFont(font)
        painter.setPen(self.theme.color("muted" if text == "None" else role))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, int(flags), shown)

    def _image(
        self, painter: QPainter, rect: QRectF, row: ParameterRow, picture: Picture, *, grad: bool
    ) -> None:
        key = (row.parameter.name, grad)
        image = self._images.get(key)
        if image is None:
            if len(self._images) >= IMAGES:
                self._images.pop(next(iter(self._images)))
            image = thumbnail(picture.values, picture.mosaic, picture.scale, self.theme)
            self._images[key] = image
        if image.isNull():
            return
        area = rect.adjusted(INSET, 4, -2, -4)
        shrink = min(1.0, area.width() / image.width(), area.height() / image.height())
        factor = min(area.width() / image.width(), area.height() / image.height())
        high = image.height() * (int(factor) if factor >= 1 else shrink)
        area.setTop(area.top() + max(0.0, (area.height() - high) / 2))
        draw_cells(painter, area, image)


def fonts(column: Column) -> tuple[QFont, QFont]:
    """Return the fonts of a column's first and second line."""
    if column is Column.NAME:
        return code_font(9, bold=True), code_font(7.5)
    if column is Column.GRAD:
        return text_font(8.5), text_font(8.5)
    return code_font(8.5), code_font(8)
