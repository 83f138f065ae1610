"""The keys, and how the window is meant to be read."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import code_font, text_font


class HelpDialog(QDialog):
    """How to read the window, and every key."""

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        """List ``actions`` that have keys."""
        super().__init__(parent)
        self.setObjectName("help_dialog")
        self.setWindowTitle(translate("Help", "Keys and help"))
        text = QLabel(
            translate(
                "Help",
                "The strip shows one run of the network from left to right: the input, every "
                "step of forward, the target and the loss. Click a step to see its shape as "
                "arithmetic, its parameters, its feature maps and their gradients.\n\n"
                "Red is positive, blue is negative, dotted cells are exactly zero. Hatched pixels "
                "of the input can never influence the output. What is faded is older than the "
                "settings in the toolbar: press Forward or Backward.\n\n"
                "Ctrl and the wheel over the input or a kernel pokes the number under the "
                "pointer.\n\n"
                "Pictures: right-click a panel, or use the keys below.",
            ),
            self,
        )
        text.setObjectName("help_text")
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        shown = [action for action in actions if action.shortcuts()]
        half = (len(shown) + 1) // 2
        for at, action in enumerate(shown):
            keys = QLabel(", ".join(key.toString() for key in action.shortcuts()), self)
            keys.setFont(code_font(9, bold=True))
            words = QLabel(action.text(), self)
            words.setFont(text_font(9))
            column = 0 if at < half else 2
            grid.addWidget(keys, at % half, column)
            grid.addWidget(words, at % half, column + 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(20, 18, 20, 16)
        column_layout.setSpacing(16)
        column_layout.addWidget(text)
        column_layout.addLayout(grid)
        column_layout.addWidget(buttons)
        self.setMinimumWidth(760)
