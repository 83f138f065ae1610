"""A label beside or below a picture."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from lenet_viz.panels.theme import code_font, text_font


def wrapped_label(parent: QWidget, name: str, *, code: bool = False) -> QLabel:
    """Return an empty label whose words are wrapped and never make a panel wider.

    Args:
        parent: the widget it belongs to.
        name: the object name.
        code: whether it shows numbers, in a font of one width.
    """
    label = QLabel(parent)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    # Long words below one picture must not make it wider than the other.
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setFont(code_font(8.5) if code else text_font(8.5))
    label.setProperty("role", "" if code else "muted")
    return label
