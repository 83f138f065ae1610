"""Choose what is drawn as a figure, how large, in which colours, and where it goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.errors import UserMistake
from lenet_viz.export.figure import Figure
from lenet_viz.export.order import Order
from lenet_viz.panels.text import formatted, give_role, translate, translated
from lenet_viz.window.figure_form import FigureForm
from lenet_viz.window.figure_preview import FigurePreview

PAUSE = 120
"""Milliseconds that a choice rests before its preview is drawn."""


class FigureDialog(QDialog):
    """Asks for a figure: of what, at which size, to a file or the clipboard.

    Attributes:
        wish: ``save`` or ``copy`` after the dialog was accepted.
        order: what was chosen.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        order: Order,
        steps: Sequence[str],
        draw: Callable[[Order], list[Figure]],
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            names: what can be drawn: key and name.
            order: what is chosen at first.
            steps: the run's cards, for the storyboard.
            draw: gives the figures of an order.
            parent: the window.
        """
        super().__init__(parent)
        self.setObjectName("figure_dialog")
        self.setWindowTitle(translate("Picture", "Save or copy a figure"))
        self.wish = ""
        self.order = order
        self._draw = draw
        self.form = FigureForm(names, order, steps, self)
        self.preview = FigurePreview(self)
        self._words = QLabel(self)
        self._words.setObjectName("figure_size_words")
        self._words.setWordWrap(True)
        self._words.setMinimumHeight(2 * self._words.fontMetrics().lineSpacing())
        self._save = QPushButton(translate("Picture", "Save …"), self)
        self._save.setObjectName("figure_save")
        self._save.setToolTip(translate("Picture", "Choose a PNG, SVG or PDF file (Enter)"))
        self._save.setProperty("role", "main")
        self._save.setDefault(True)
        self._copy = QPushButton(translate("Picture", "Copy"), self)
        self._copy.setObjectName("figure_copy")
        self._copy.setToolTip(
            translate("Picture", "Put the figure on the clipboard, as image and SVG (Alt+C)")
        )
        self._copy.setShortcut("Alt+C")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._redraw)
        self.form.changed.connect(self._timer.start)
        self._redraw()

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(self)
        for button, role in (
            (self._save, QDialogButtonBox.ButtonRole.AcceptRole),
            (self._copy, QDialogButtonBox.ButtonRole.ActionRole),
        ):
            button.setAccessibleName(button.text())
            buttons.addButton(button, role)
        cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("figure_cancel")
        cancel.setIcon(QIcon())  # some desktops put a sign there, the others have none
        cancel.setToolTip(translate("Picture", "Close without a figure (Esc)"))
        self._save.clicked.connect(lambda: self._finish("save"))
        self._copy.clicked.connect(lambda: self._finish("copy"))
        buttons.rejected.connect(self.reject)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.form)
        left.addWidget(self._words)
        left.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addLayout(left)
        row.addWidget(self.preview, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addLayout(row, 1)
        column.addWidget(buttons)
        self.resize(1040, 640)

    def _finish(self, wish: str) -> None:
        self.order = self.form.order()
        self.wish = wish
        self.accept()

    def _redraw(self) -> None:
        """Draw what is chosen, or say why it cannot be drawn."""
        order = self.form.order()
        # Of many pages the first one is enough to choose by.
        try:
            figures = self._draw(replace(order, what=self.form.first_of(order.what)))
        except UserMistake as mistake:
            self._tell(translated(mistake.message), mistake=True)
            return
        figure = figures[0]
        self.preview.show_figure(figure)
        self._tell(_size_words(figure, order.scale), mistake=False)

    def _tell(self, words: str, *, mistake: bool) -> None:
        self._words.setText(words)
        give_role(self._words, "warning" if mistake else "muted")
        self._save.setEnabled(not mistake)
        self._copy.setEnabled(not mistake and self.form.is_one())

    def close_preview(self) -> None:
        """Let go of the figure that the preview shows."""
        self._timer.stop()
        self.preview.clear()


def _size_words(figure: Figure, scale: float) -> str:
    inch = 96 / 25.4
    return formatted(
        "Picture",
        "{width} × {height} mm; as PNG {pixels_x} × {pixels_y} pixels",
        width=round(figure.width / inch),
        height=round(figure.height / inch),
        pixels_x=round(figure.width * scale),
        pixels_y=round(figure.height * scale),
    )
