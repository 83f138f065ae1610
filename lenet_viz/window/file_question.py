"""Asks for the name of a file to write; nothing is replaced that was not asked about."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QFileInfo
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from lenet_viz.panels.text import formatted


def asked_file(
    parent: QWidget, title: str, proposed: Path, kinds: Mapping[str, str]
) -> Path | None:
    """Return the file that the user names, with an ending; None where they leave the dialog.

    Args:
        parent: the window.
        title: the dialog's.
        proposed: folder and name that it begins with. Without an ending, the chosen kind decides.
        kinds: the dialog's words for each ending: ``{".npy": "NumPy array (*.npy)"}``; the first
            is chosen at first.
    """
    while True:
        chosen, kind = QFileDialog.getSaveFileName(
            parent, title, str(proposed), ";;".join(kinds.values())
        )
        if not chosen:
            return None
        path = Path(chosen)
        if path.suffix.lower() in kinds:
            return path
        first = next(iter(kinds))
        ending = next((ending for ending, words in kinds.items() if words == kind), first)
        path = path.with_name(path.name + ending)
        # The dialog has asked about the name without its ending only.
        if not QFileInfo(str(path)).exists() or _may_replace(parent, title, path):
            return path
        proposed = path  # another name can be typed


def _may_replace(parent: QWidget, title: str, path: Path) -> bool:
    question = formatted(
        "Files", "{name} exists already. Do you want to replace it?", name=path.name
    )
    answer = QMessageBox.question(parent, title, question)
    return answer == QMessageBox.StandardButton.Yes
