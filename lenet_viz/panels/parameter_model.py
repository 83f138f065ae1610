"""The parameter table as Qt's model: one row for each parameter tensor."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from lenet_viz.panels.parameter_rows import ParameterRow
from lenet_viz.panels.text import plain_tip, translate

AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """The table's columns from left to right."""

    NAME = 0
    SHARE = 1
    PICTURE = 2
    RANGE = 3
    GRAD_PICTURE = 4
    GRAD = 5


ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""Gives the `ParameterRow` itself."""

_LINES: dict[Column, Callable[[ParameterRow], tuple[str, str]]] = {
    Column.NAME: lambda row: (row.parameter.name, row.shape_words()),
    Column.SHARE: lambda row: (row.share_words(), ""),
    Column.PICTURE: lambda row: ("", ""),
    Column.RANGE: lambda row: (" … ".join(row.ends_words()), row.mean_words()),
    Column.GRAD_PICTURE: lambda row: ("None" if row.parameter.grad_key is None else "", ""),
    Column.GRAD: lambda row: (row.grad_words(), row.largest_words()),
}


class ParameterModel(QAbstractTableModel):
    """Rows of parameters; words and pictures are made when a row is first looked at.

    Attributes:
        rows: the rows.
        narrow: whether there is no room for the mean: it stays in the tool tip.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Make an empty table."""
        super().__init__(parent)
        self.rows: tuple[ParameterRow, ...] = ()
        self.narrow = False

    def set_rows(self, rows: tuple[ParameterRow, ...]) -> None:
        """Replace all rows; the same parameters keep the selection and the scroll position."""
        same = [row.parameter.name for row in rows] == [row.parameter.name for row in self.rows]
        if same and rows:
            self.rows = rows
            last = self.index(len(rows) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """Return how many parameters there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return a cell's two lines, its tool tip, its accessible text, or its row."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        lines = self.lines(row, Column(index.column()))
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(line for line in lines if line)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.tip())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            title = column_title(Column(index.column()))
            return ", ".join(part for part in (row.parameter.name, title, *lines) if part)
        return None

    def lines(self, row: ParameterRow, column: Column) -> tuple[str, str]:
        """Return a cell's first and second line."""
        if column is Column.RANGE and self.narrow:
            return row.ends_words()
        if column is Column.NAME and self.narrow:
            return row.parameter.name, row.shape_words().replace(" × ", "×")
        return _LINES[column](row)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Return a column's title or what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return column_title(Column(section))
        if role == Qt.ItemDataRole.ToolTipRole:
            return _column_tip(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def column_title(column: Column) -> str:
    """Return a column's title."""
    titles = {
        Column.NAME: translate("Parameters", "parameter"),
        Column.SHARE: translate("Parameters", "share"),
        Column.PICTURE: translate("Parameters", "values"),
        Column.RANGE: translate("Parameters", "range"),
        Column.GRAD_PICTURE: ".grad",
        Column.GRAD: translate("Parameters", ".grad holds"),
    }
    return titles[column]


def _column_tip(column: Column) -> str:
    tips = {
        Column.NAME: translate("Parameters", "Name in the state_dict; shape and count"),
        Column.SHARE: translate("Parameters", "Part of all the network's numbers"),
        Column.PICTURE: translate(
            "Parameters", "Each number as a cell, red above 0, blue below; each tensor's own scale"
        ),
        Column.RANGE: translate("Parameters", "Smallest and largest number, and the mean"),
        Column.GRAD_PICTURE: translate(
            "Parameters", "d(objective)/d(parameter), added up since the last zero_grad"
        ),
        Column.GRAD: translate(
            "Parameters", "Which passes .grad adds up, and its largest size; None is not 0"
        ),
    }
    return tips[column]
