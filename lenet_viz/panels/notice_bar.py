"""The one sentence below the toolbar: what went wrong, or what has just been done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from lenet_viz.panels.text import translate, translated
from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.session.state import State


class NoticeBar(QFrame):
    """A sentence with a button to take it away; hidden while there is none.

    Attributes:
        dismissed: emitted when the user takes the sentence away.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a hidden bar."""
        super().__init__(parent)
        self.setObjectName("notice")
        self._text = QLabel(self)
        self._text.setObjectName("notice_text")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QPushButton("×", self)
        close.setObjectName("notice_close")
        close.setAccessibleName(translate("Notice", "Take this message away"))
        close.setToolTip(translate("Notice", "Take this message away (Esc)"))
        close.setFixedWidth(30)
        close.clicked.connect(self.dismissed)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self._text, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._theme: Theme = LIGHT
        self._state: State | None = None
        self.hide()

    def render_state(self, old: State | None, new: State) -> None:
        """Show the sentence at hand."""
        self._state = new
        if old is not None and old.notice == new.notice:
            return
        notice = new.notice
        self.setVisible(notice is not None)
        if notice is None:
            return
        text = translated(notice.message)
        self._text.setText(text)
        self.setAccessibleName(text)
        role = "warning" if notice.mistake else "good"
        self.setStyleSheet(
            f"QFrame#notice {{ background: {self._theme.accent_ground};"
            f" border: none; border-left: 4px solid {getattr(self._theme, role)}; }}"
        )

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        if self._state is not None:
            self.render_state(None, self._state)
