"""The list of layers: rows that are chosen, dragged and moved with keys."""

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from lenet_viz.panels.builder_delegate import ROW_HEIGHT, LayerDelegate
from lenet_viz.panels.builder_model import Index, LayerModel
from lenet_viz.panels.builder_rows import LayerRow
from lenet_viz.panels.text import translate


class LayerList(QListView):
    """The list; keys move through it and change it.

    Signals, only ever caused by the user: ``chosen`` a row, ``move_requested`` a row and its new
    place among the layers, ``delete_requested``, ``duplicate_requested``, ``rename_requested``
    and ``edit_requested`` a row, ``add_requested``.
    """

    chosen = Signal(int)
    move_requested = Signal(int, int)
    delete_requested = Signal(int)
    duplicate_requested = Signal(int)
    rename_requested = Signal(int)
    edit_requested = Signal(int)
    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty list."""
        super().__init__(parent)
        self.setObjectName("builder_list")
        self.setAccessibleName(translate("Build", "Layers"))
        self.layers = LayerModel(self)
        self.pen = LayerDelegate(self)
        self.setModel(self.layers)
        self.setItemDelegate(self.pen)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self._showing = False
        self.layers.dropped.connect(self._dropped)

    def show_rows(self, rows: tuple[LayerRow, ...], chosen: str) -> None:
        """List rows and mark one of them.

        Args:
            rows: the rows.
            chosen: the selected layer's name; "" for none.
        """
        self._showing = True
        self.layers.show_rows(rows)
        at = next((at for at, row in enumerate(rows) if row.layer == chosen), -1)
        index = self.layers.index(at) if at >= 0 else QModelIndex()
        if self.currentIndex() != index:
            self.setCurrentIndex(index)
            if at >= 0:
                self.scrollTo(index)
        self._showing = False

    def show_also(self, layer: str) -> None:
        """Scroll so that a layer is seen, and the selected one where both fit."""
        at = next((at for at, row in enumerate(self.layers.rows) if row.layer == layer), None)
        if at is not None:
            self.scrollTo(self.layers.index(at))
            self.scrollTo(self.currentIndex())

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Say which row the user has come to."""
        super().currentChanged(current, previous)
        if current.isValid() and not self._showing:
            self.chosen.emit(current.row())

    def _dropped(self, row: int, place: int) -> None:
        """Turn a place between rows into one among the other layers."""
        to = place - 1 - (place > row)
        self.move_requested.emit(row, max(0, to))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, delete, duplicate, rename or add, or walk as every list does."""
        row, key = self.currentIndex().row(), event.key()
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if key == Qt.Key.Key_Insert:
            self.add_requested.emit()
        elif row > 0 and alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_requested.emit(row, row - 1 + (1 if key == Qt.Key.Key_Down else -1))
        elif row > 0 and control and key == Qt.Key.Key_D:
            self.duplicate_requested.emit(row)
        elif not self._pressed(key, row):
            super().keyPressEvent(event)

    def _pressed(self, key: int, row: int) -> bool:
        """Do what a key without another one does; False where it does nothing here."""
        if row < 0:
            return False
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and row > 0:
            self.delete_requested.emit(row)
        elif key == Qt.Key.Key_F2 and row > 0:
            self.rename_requested.emit(row)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_requested.emit(row)
        else:
            return False
        return True

    def sizeHint(self) -> QSize:
        """Return the room for a network of a dozen layers."""
        return QSize(300, 13 * ROW_HEIGHT + 2)

    def whole_height(self) -> int:
        """Return the height at which every row is seen."""
        return len(self.layers.rows) * ROW_HEIGHT + 4
