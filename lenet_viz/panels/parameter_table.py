"""The table of parameters: its columns, keys and clipboard."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from lenet_viz.panels.parameter_delegate import INSET, ROW_HEIGHT, fonts
from lenet_viz.panels.parameter_model import Column, ParameterModel
from lenet_viz.panels.text import translate

ROOM_FOR_MEAN = 490
"""Below this width in pixels smallest and largest number stand on two lines, without the mean."""

ROOM_FOR_SHARE = 570
"""Below this width the column of shares is left out; the count stays."""

PICTURE_WIDTH = 82
"""The most pixels a thumbnail's column takes."""


class ParameterTable(QTableView):
    """The table; Enter asks for the row's step, Ctrl+C copies the selected rows.

    Attributes:
        row_requested: number of the row that was clicked or entered.
    """

    row_requested = Signal(int)

    def __init__(self, model: ParameterModel, parent: QWidget | None = None) -> None:
        """Make a table.

        Args:
            model: what it shows.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self._parameters = model
        self.setModel(model)
        self.setObjectName("parameters_table")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setObjectName("parameters_header")
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        # Titles stand right above the words, and have room in a narrow dock.
        header.setStyleSheet(f"QHeaderView::section {{ padding: 4px 1px 4px {INSET - 1}px; }}")
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(lambda index: self.row_requested.emit(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, ask for the row's step, or move as every table does."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self.row_requested.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def selected_rows(self) -> str:
        """Return the selected rows as text, fields apart by tabs; "" where none is selected."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        return "\n".join("\t".join(self._parameters.rows[row].fields()) for row in chosen)

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard."""
        text = self.selected_rows()
        if text:
            QGuiApplication.clipboard().setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the columns the new room."""
        super().resizeEvent(event)
        self.place_columns()

    def place_columns(self) -> None:
        """Give every column the room its words need; names and pictures share the rest."""
        width = self.viewport().width()
        narrow, share = width < ROOM_FOR_MEAN, width >= ROOM_FOR_SHARE
        self._parameters.narrow = narrow
        self.setColumnHidden(Column.SHARE, not share)
        passes = translate("Parameters", "sum of {passes} passes").replace("{passes}", "2")
        fixed = {
            Column.SHARE: _room(Column.SHARE, "< 0.1 %"),
            Column.RANGE: _room(Column.RANGE, "-0.0417" if narrow else "-0.0417 … 0.0417"),
            Column.GRAD: _room(Column.GRAD, passes),
        }
        taken = sum(room for column, room in fixed.items() if share or column != Column.SHARE)
        rest = width - taken - _room(Column.NAME, "fc1.weight.weight")
        picture = max(50, min(PICTURE_WIDTH, rest // 2))
        # In a wide dock the words are spread out, so that a row can be read across.
        spare = max(0, rest - 2 * picture) // 4
        fixed[Column.RANGE] += spare
        fixed[Column.GRAD] += spare
        for column, room in {
            **fixed,
            Column.PICTURE: picture,
            Column.GRAD_PICTURE: picture,
        }.items():
            self.horizontalHeader().resizeSection(column, room)


def _room(column: Column, words: str) -> int:
    """Return the width of a column for its longest words."""
    text = QFontMetricsF(fonts(column)[0]).horizontalAdvance(words)
    return round(text) + INSET + 5
