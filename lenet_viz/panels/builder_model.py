"""The builder's rows for Qt: what is listed, and what a dragged row is."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from lenet_viz.panels.builder_rows import LayerRow

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-lenet-viz-layer"


class LayerModel(QAbstractListModel):
    """The rows, for Qt.

    Attributes:
        rows: what is listed; the first is the input.
        dropped: emitted with a row that was dragged and the place between rows it was dropped at.
    """

    dropped = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        """Make an empty list."""
        super().__init__(parent)
        self.rows: tuple[LayerRow, ...] = ()

    def show_rows(self, rows: tuple[LayerRow, ...]) -> None:
        """List other rows."""
        if rows == self.rows:
            return
        if len(rows) == len(self.rows):
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row in words."""
        spoken = (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        )
        return self.rows[index.row()].words() if index.isValid() and role in spoken else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that layers can be dragged; the input stays first."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual if index.row() == 0 else usual | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Return that layers are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Return what a dragged row is."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return a row's number, to be dragged."""
        data = QMimeData()
        data.setData(MIME, QByteArray(str(indexes[0].row() if indexes else 0).encode()))
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Say where a row was dropped; whoever listens moves it."""
        del action, column
        source = bytes(data.data(MIME).data()).decode()
        if not source.isdigit():
            return False
        place = row if row >= 0 else parent.row() if parent.isValid() else len(self.rows)
        self.dropped.emit(int(source), place)
        return False  # nothing is moved in the list itself: the state will say so
