"""What does not fit in the network that is built, with the button that mends it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.setting_edits import repair_words
from lenet_viz.panels.flow_layout import Flow
from lenet_viz.panels.text import show_if, translate, translated
from lenet_viz.panels.theme import Theme, text_font


class MistakeBox(QFrame):
    """The first mistake in words, and its repair.

    Signals, only ever caused by the user: ``mend_requested``, ``mend_all_requested``.
    """

    mend_requested = Signal()
    mend_all_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty box."""
        super().__init__(parent)
        self.setObjectName("builder_mistake")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 8, 8)
        column.setSpacing(6)
        self.words = QLabel(self)
        self.words.setObjectName("builder_mistake_words")
        self.words.setWordWrap(True)
        self.words.setFont(text_font(9))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.words)
        holder = QWidget(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        holder.setSizePolicy(policy)
        row = Flow(holder)
        self.mend = QPushButton(self)
        self.mend.setObjectName("builder_mend")
        self.mend.setAccessibleName(translate("Build", "Repair"))
        self.mend.setToolTip(translate("Build", "Make this one change"))
        self.mend.setProperty("role", "main")
        self.mend.clicked.connect(self.mend_requested)
        self.mend_all = QPushButton(translate("Build", "Repair all"), self)
        self.mend_all.setObjectName("builder_mend_all")
        self.mend_all.setAccessibleName(translate("Build", "Repair all"))
        self.mend_all.setToolTip(
            translate("Build", "Repair one mistake after the other, down the list")
        )
        self.mend_all.clicked.connect(self.mend_all_requested)
        row.addWidget(self.mend)
        row.addWidget(self.mend_all)
        column.addWidget(holder)

    def show_draft(self, draft: Draft) -> None:
        """Show the first mistake of a draft; none hides the box."""
        found = examine(draft)
        show_if(self, found.mistake is not None)
        if found.mistake is None:
            return
        self.words.setText(translated(found.mistake))
        words = repair_words(draft)
        show_if(self.mend, words is not None)
        show_if(self.mend_all, words is not None and found.stray is None)
        if words is not None:
            text = translated(words)
            self.mend.setText(text)
            self.mend.setAccessibleName(text)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.setStyleSheet(
            f"QFrame#builder_mistake {{ background: {theme.accent_ground};"
            f" border: none; border-left: 4px solid {theme.warning}; }}"
        )
