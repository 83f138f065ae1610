"""The window's actions: their words, keys and what they call."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Attributes:
        name: the object name.
        text: its words in menus.
        keys: its keys, such as ``F5``; the first is shown.
        call: what it does.
        checkable: whether it is on or off.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    call: Callable[[], object]
    checkable: bool = False


def make_actions(window: QWidget, specs: list[ActionSpec]) -> dict[str, QAction]:
    """Return the actions by name, attached to a window so that their keys work.

    Args:
        window: the window.
        specs: what to make.
    """
    actions: dict[str, QAction] = {}
    for spec in specs:
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        shown = ", ".join(spec.keys)
        action.setToolTip(f"{spec.text} ({shown})" if shown else spec.text)
        action.setCheckable(spec.checkable)
        action.triggered.connect(_without_arguments(spec.call))
        window.addAction(action)
        actions[spec.name] = action
    return actions


def _without_arguments(call: Callable[[], object]) -> Callable[[], None]:
    """Return a slot that takes none of the signal's arguments."""

    def slot() -> None:
        call()

    return slot
