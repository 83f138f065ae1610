"""What an objective makes of each output; v can be clicked, walked through and written anew."""

import math

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from lenet_viz.display import numbers
from lenet_viz.display.objective_rows import ObjectiveRows, V
from lenet_viz.panels.objective_picture import ROW, ObjectivePicture
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import code_font

_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

_ENDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class ObjectiveBoard(ObjectivePicture):
    """The rows of an output, whose v can be written anew.

    Up and Down walk through the rows, Enter or F2 writes another v, as a double click on it does.

    Signals, only ever caused by the user: ``clicked`` a column's name and a row, ``edited`` a row
    and its new number.
    """

    clicked = Signal(str, int)
    edited = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty board."""
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._editable = False
        self.editor = QLineEdit(self)
        self.editor.setObjectName("objective_editor")
        self.editor.setAccessibleName(translate("Objective", "The upstream gradient v"))
        self.editor.setToolTip(translate("Objective", "Any number; Enter takes it, Escape leaves"))
        self.editor.setFont(code_font(9))
        self.editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editor.hide()
        self.editor.installEventFilter(self)

    def show_rows(self, rows: ObjectiveRows | None, *, editable: bool, stale: bool) -> None:
        """Show the rows of a sample.

        Args:
            rows: None for none.
            editable: whether v can be written anew.
            stale: whether the numbers belong to older settings.
        """
        self.editor.hide()
        self._editable = editable and rows is not None and bool(rows.vector)
        self.draw_rows(rows, stale=stale)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a row and tell which number was clicked."""
        found = self.hit(event.position())
        if found is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.current = found[1]
        self.update()
        self.clicked.emit(*found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Write another v."""
        found = self.hit(event.position())
        if found is not None and found[0] == V:
            self.edit(found[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what can be clicked, and read it exactly."""
        found = self.hit(event.position())
        shape = Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)
        self.setToolTip("" if found is None else self._tip(*found))

    def _tip(self, name: str, row: int) -> str:
        assert self.rows is not None
        value = numbers.exact(self.rows.columns[name][row])
        title, label = self.title_of(name), self.rows.labels[row]
        if name == V and self._editable:
            return formatted(
                "Objective",
                "{name}[{label}] = {value}\nDouble-click or F2: write another",
                name=title,
                label=label,
                value=value,
            )
        return formatted(
            "Objective", "{name}[{label}] = {value}", name=title, label=label, value=value
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with Up and Down; Enter, Space or F2 write another v."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.count:
            step = 1 if key is Qt.Key.Key_Down else -1
            start = -1 if step > 0 else self.count
            at = (start if self.current is None else self.current) + step
            self.current = max(0, min(self.count - 1, at))
            self.update()
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.current is not None:
                self.edit(self.current)
        else:
            super().keyPressEvent(event)

    def edit(self, row: int) -> None:
        """Open a field over a row's v, where it can be written."""
        if not self._editable or self.rows is None or not 0 <= row < self.count:
            return
        self.current = row
        cell = self.cell(V, row)
        wide = max(cell.width() + 6, 76.0)
        rect = QRectF(cell.right() - wide + 3, cell.top() - 1, wide, ROW + 2)
        self.editor.setGeometry(rect.toRect())
        self.editor.setText(numbers.exact(self.rows.columns[V][row]))
        self.editor.setProperty("wrong", False)
        self.editor.show()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editor.selectAll()
        self.update()

    def _take(self) -> None:
        """Take the number in the field; what is none stays there to be mended."""
        number, row = number_in(self.editor.text()), self.current
        if number is None:
            tip = translate("Objective", "A finite number is wanted, such as 1, -0.5 or 2e-3")
            self.editor.setToolTip(tip)
            self.editor.setStyleSheet(f"border: 1px solid {self.theme.error};")
            self.editor.selectAll()
            return
        self._leave()
        if row is not None:
            self.edited.emit(row, number)

    def _leave(self) -> None:
        self.editor.setStyleSheet("")
        self.editor.hide()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the field with Escape or when the focus goes elsewhere."""
        if watched is self.editor:
            pressed = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
            # Taken here, or the key would go on to the board and open the field again.
            if pressed and isinstance(event, QKeyEvent) and event.key() in _ENDING:
                if event.key() == Qt.Key.Key_Escape:
                    self._leave()
                else:
                    self._take()
                return True
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # digits and letters belong to the field
                return True
            if event.type() == QEvent.Type.FocusOut and self.editor.isVisible():
                self.editor.setStyleSheet("")
                self.editor.hide()
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go here."""
        super().focusInEvent(event)
        self.framed = event.reason() in _BY_KEY
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys no longer go here."""
        super().focusOutEvent(event)
        self.framed = False
        self.update()


def number_in(text: str) -> float | None:
    """Return the finite number that a text is; None for another text."""
    try:
        number = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None
