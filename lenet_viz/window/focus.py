"""What the user is busy with: the panel in use, and the text selected in it."""

from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_table import ParameterTable


def panel_in_use(otherwise: Panel) -> Panel:
    """Return the panel that has the focus.

    Args:
        otherwise: what is returned if none has it.
    """
    widget: QWidget | None = QApplication.focusWidget()
    while widget is not None:
        if isinstance(widget, Panel):
            return widget
        widget = widget.parentWidget()
    return otherwise


def selected_text(widget: QWidget | None) -> str:
    """Return the text that is selected in a widget: words, or rows of a table; "" for none."""
    if isinstance(widget, QPlainTextEdit | QTextEdit):
        # Qt gives the ends of lines inside a selection as paragraph separators.
        return widget.textCursor().selectedText().replace("\u2029", "\n")
    if isinstance(widget, QLabel | QLineEdit):
        return widget.selectedText()
    if isinstance(widget, ParameterTable):
        return widget.selected_rows()
    return ""
