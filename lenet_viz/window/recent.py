"""The files that were opened or saved last, in a menu."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu

from lenet_viz.panels.text import formatted, plain_tip, translate
from lenet_viz.window.memory import Memory

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow

MOST: Final = 10
LONGEST: Final = 44
"""Characters of a name in the menu; the tool tip has the whole path."""


class Recent(QObject):
    """Remembers paths, newest first; nothing of them is opened unasked.

    Attributes:
        menu: the menu with an entry for each.
    """

    def __init__(self, window: "MainWindow", memory: Memory) -> None:
        """Serve ``window``; paths are remembered in ``memory``."""
        super().__init__(window)
        self._window = window
        self._memory = memory
        self.menu = QMenu(translate("Recent", "Recent files"), window)
        self.menu.setObjectName("recent_menu")
        self.menu.setToolTipsVisible(True)
        self.menu.menuAction().setObjectName("recent")
        self.menu.menuAction().setToolTip(
            translate("Recent", "Captures, networks and models that were opened or saved last")
        )
        self._fill()

    def add(self, path: str | Path) -> None:
        """Put a file at the top of the list."""
        word = str(path)
        kept = [each for each in self._memory.recent() if each != word]
        self._memory.keep_recent([word, *kept][:MOST])
        self._fill()

    def clear(self) -> None:
        """Forget every file."""
        self._memory.keep_recent([])
        self._fill()

    def open(self, word: str) -> None:
        """Open a file again: Python is shown first and asks, as always."""
        if word.lower().partition(":")[0].endswith(".py") or ".py:" in word.lower():
            self._window.models.show_word(word)
        else:
            self._window.opening.show_file(Path(word))

    def _fill(self) -> None:
        self.menu.clear()
        words = self._memory.recent()
        for number, word in enumerate(words):
            name = Path(word).name
            shown = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
            text = formatted("Recent", "{number} {name}", number=number + 1, name=shown)
            action = self.menu.addAction(text.replace("&", "&&"))
            action.setObjectName(f"recent_{number}")
            action.setToolTip(plain_tip(word))
            action.triggered.connect(partial(self.open, word))
        self.menu.addSeparator()
        clear = self.menu.addAction(translate("Recent", "Clear the list"))
        clear.setObjectName("recent_clear")
        clear.setToolTip(translate("Recent", "Forget these files; they stay where they are"))
        clear.setEnabled(bool(words))
        clear.triggered.connect(self.clear, Qt.ConnectionType.QueuedConnection)
