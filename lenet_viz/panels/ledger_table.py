"""The gradient ledger's table: a row for each tensor that has a ``.grad``."""

from typing import Any, cast

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableView,
    QWidget,
)

from lenet_viz.display import numbers
from lenet_viz.panels.ledger_columns import Column, column_tip, column_title
from lenet_viz.panels.ledger_numbers import LedgerRow
from lenet_viz.panels.text import formatted, plain_tip, translate
from lenet_viz.panels.theme import code_font, text_font

AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
ROW_HEIGHT = 23
LONGEST = 150
"""So many pixels of a name are worth more than the norm of the weights."""
FEWEST_ROWS = 4
ROOM_FOR_ALL = 620
"""Below this width in pixels shape, passes and ratio stand in the tool tip alone."""


_NORMS = {
    Column.BEFORE: "before",
    Column.THIS: "this",
    Column.GRAD: "grad",
    Column.WEIGHT: "weights",
    Column.CHANGE: "change",
}
_WIDE = (Column.SHAPE, Column.PASSES, Column.RATIO)
_ALWAYS = (Column.BEFORE, Column.THIS, Column.GRAD, Column.WEIGHT, Column.CHANGE)
_SAMPLES = {
    Column.SHAPE: "120×576×3",
    Column.PASSES: "12",
    Column.RATIO: "0.012 %",
    Column.CHANGE: "0.000123",
}


class LedgerModel(QAbstractTableModel):
    """Rows of tensors; norms are worked out when a row is first looked at.

    Attributes:
        rows: the rows.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Make an empty table."""
        super().__init__(parent)
        self.rows: tuple[LedgerRow, ...] = ()

    def set_rows(self, rows: tuple[LedgerRow, ...]) -> None:
        """Replace all rows; the same tensors keep the scroll position."""
        same = [row.label for row in rows] == [row.label for row in self.rows]
        if same and rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """Return how many tensors there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return a cell's text, its tool tip, its font or how it stands."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.tip(row))
        if role == Qt.ItemDataRole.FontRole:
            return code_font(8.5, bold=column is Column.NAME)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            left = column in (Column.NAME, Column.SHAPE)
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.label}, {column_title(column)}, {self.text(row, column)}"
        return None

    def text(self, row: LedgerRow, column: Column) -> str:
        """Return what a cell says."""
        if column is Column.NAME:
            return row.label
        if column is Column.SHAPE:
            return "×".join(map(str, row.shape)) or "()"
        if column is Column.PASSES:
            return str(row.passes if row.grad is not None else 0)
        if row.is_input and column in (Column.WEIGHT, Column.CHANGE, Column.RATIO):
            return "-"
        if column is Column.RATIO:
            return _ratio(row)
        return _norm_text(row, _NORMS[column])

    def tip(self, row: LedgerRow) -> str:
        """Return everything that the table knows of a tensor."""
        lines = [f"{row.label}  {self.text(row, Column.SHAPE)}"]
        for column in Column:
            if column in (Column.NAME, Column.SHAPE):
                continue
            lines.append(f"{column_tip(column)}: {self.text(row, column)}")
        if not row.countable:
            lines.append(translate("Ledger", "Too large for norms while somebody waits."))
        return "\n".join(lines)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Return a column's title or what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        column = Column(section)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return column_title(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column_tip(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            left = column in (Column.NAME, Column.SHAPE)
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


def _norm_text(row: LedgerRow, name: str) -> str:
    value = row.norms[name]
    if value is None:
        missing = getattr(row, name) is None if row.countable else False
        return "None" if missing and name in ("before", "this", "grad") else "-"
    return numbers.text(np.float64(value), 3)


def _ratio(row: LedgerRow) -> str:
    """Return by how much of itself an update moves a tensor."""
    weights, change = row.norms["weights"], row.norms["change"]
    if not weights or change is None:
        return "-"
    return formatted("Ledger", "{percent} %", percent=numbers.text(100 * change / weights, 2))


class LedgerTable(QTableView):
    """The table.

    Attributes:
        row_requested: number of the row that the user went to.
    """

    row_requested = Signal(int)

    def __init__(self, model: LedgerModel, parent: QWidget | None = None) -> None:
        """Make a table.

        Args:
            model: what it shows.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setModel(model)
        self.setObjectName("ledger_table")
        self.setAccessibleName(translate("Ledger", "Gradient ledger"))
        self.setToolTip(translate("Ledger", "Click a row to follow one of its numbers"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        # Of a long name both ends tell: the layer, and whether it is its weight or its bias.
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setObjectName("ledger_header")
        header.setFont(text_font(8.5))
        header.setStyleSheet("QHeaderView::section { padding: 3px 3px 3px 3px; }")
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(lambda index: self.row_requested.emit(index.row()))

    def show_row(self, number: int) -> None:
        """Mark a row without telling anybody."""
        model, selection = self.model(), self.selectionModel()
        if not 0 <= number < model.rowCount():
            return
        flags = QItemSelectionModel.SelectionFlag
        wanted = flags.ClearAndSelect | flags.Rows
        selection.setCurrentIndex(model.index(number, 0), wanted)
        self.scrollTo(model.index(number, 0))

    def keyPressEvent(self, event: "Any") -> None:
        """Move as every table does, and follow the row that is reached."""
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() != before:
            self.row_requested.emit(self.currentIndex().row())

    def whole_height(self) -> int:
        """Return the height at which every row is seen, in logical pixels."""
        return self._height(self.model().rowCount())

    def _height(self, rows: int) -> int:
        return self.horizontalHeader().sizeHint().height() + ROW_HEIGHT * rows + 2

    def sizeHint(self) -> QSize:
        """Return the room of a few rows: the arithmetic below them is to be seen too."""
        return QSize(360, self._height(min(FEWEST_ROWS, self.model().rowCount())))

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and the least width of a panel."""
        return QSize(200, self.sizeHint().height())

    def fit_rows(self) -> None:
        """Take no more room than the rows need."""
        self.setMaximumHeight(self.whole_height())
        self._fit_columns()
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the columns the new room."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Give every column its room; the norm of the weights yields to long names."""
        room = self.viewport().width()
        wide = room >= ROOM_FOR_ALL
        for column in _WIDE:
            self.setColumnHidden(column, not wide)
        needed = {each: _width(each) + (14 if wide else 12) for each in Column}
        for column, width in needed.items():
            if column is not Column.NAME:
                self.horizontalHeader().resizeSection(column, width)
        metrics = QFontMetricsF(code_font(8.5, bold=True))
        rows = cast(LedgerModel, self.model()).rows
        names = max((metrics.horizontalAdvance(row.label) for row in rows), default=0.0)
        taken = sum(needed[each] for each in _ALWAYS)
        self.setColumnHidden(Column.WEIGHT, not wide and taken + min(names, LONGEST) + 14 > room)


def _width(column: Column) -> int:
    """Return the width of a column's title and of the longest number that is usual in it."""
    words = _SAMPLES.get(column, "0.0000")
    number = QFontMetricsF(code_font(8.5)).horizontalAdvance(words)
    return round(max(number, QFontMetricsF(text_font(9)).horizontalAdvance(column_title(column))))
