"""Words that lead somewhere: they look, and are used, like a link, and can be copied."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from lenet_viz.panels.text import give_role


class LinkLabel(QLabel):
    """Plain text that is followed by a click, or by Enter or the space bar."""

    followed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty link."""
        super().__init__(parent)
        self._leads = True
        self._pressed: QPointF | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        # A selectable label takes the focus when it is clicked, and this one by Tab, too.
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        give_role(self, "link")

    def stop_leading(self) -> None:
        """Become plain words: on a page nothing can be followed."""
        self._leads = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.unsetCursor()
        give_role(self, "muted")

    def _underline(self, shown: bool) -> None:
        font = self.font()
        if font.underline() != (shown and self._leads):
            font.setUnderline(shown and self._leads)
            self.setFont(font)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Underline the words."""
        super().enterEvent(event)
        self._underline(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the line away."""
        super().leaveEvent(event)
        self._underline(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Underline the words."""
        super().focusInEvent(event)
        self._underline(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the line away."""
        super().focusOutEvent(event)
        self._underline(self.underMouse())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a selection."""
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = event.position() if left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the link; selecting its text is no click."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or self.hasSelectedText():
            return
        if (event.position() - pressed).manhattanLength() < QApplication.startDragDistance():
            self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow the link on Enter and the space bar."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._follow()
        else:
            super().keyPressEvent(event)

    def _follow(self) -> None:
        if self._leads and self.text():
            self.followed.emit()
