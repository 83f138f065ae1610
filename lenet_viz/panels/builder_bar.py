"""The builder's buttons."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from lenet_viz.panels.builder_words import op_groups, op_tip, op_title
from lenet_viz.panels.flow_layout import Flow
from lenet_viz.panels.text import translate


class BuilderBar(QWidget):
    """Add, move, duplicate, delete, undo and redo.

    Signals, only ever caused by the user: ``add_requested`` an op, ``shift_requested`` -1 for up
    or 1 for down, ``duplicate_requested``, ``delete_requested``, ``undo_requested``,
    ``redo_requested``.
    """

    add_requested = Signal(str)
    shift_requested = Signal(int)
    duplicate_requested = Signal()
    delete_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the buttons."""
        super().__init__(parent)
        self.setObjectName("builder_bar")
        flow = Flow(self)
        self.add_button = QToolButton(self)
        self.add_button.setObjectName("builder_add")
        self.add_button.setText(translate("Build", "Add"))
        self.add_button.setAccessibleName(translate("Build", "Add a layer"))
        self.add_button.setToolTip(
            translate("Build", "Put a layer below the selected one (Insert in the list)")
        )
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.add_button.setMenu(self._make_menu())
        flow.addWidget(self.add_button)
        self.layer_buttons = [
            self._button(flow, word, sign, tip, signal)
            for word, sign, tip, signal in (
                (
                    "up",
                    "↑",
                    translate("Build", "Move the layer up (Alt+Up in the list)"),
                    partial(self.shift_requested.emit, -1),
                ),
                (
                    "down",
                    "↓",
                    translate("Build", "Move the layer down (Alt+Down in the list)"),
                    partial(self.shift_requested.emit, 1),
                ),
                (
                    "duplicate",
                    "❐",
                    translate("Build", "Put a copy below the layer (Ctrl+D in the list)"),
                    self.duplicate_requested.emit,
                ),
                (
                    "delete",
                    "✕",
                    translate("Build", "Take the layer out (Delete in the list)"),
                    self.delete_requested.emit,
                ),
            )
        ]
        self.undo = self._button(
            flow, "undo", "↶", translate("Build", "Undo"), self.undo_requested.emit
        )
        self.redo = self._button(
            flow, "redo", "↷", translate("Build", "Redo"), self.redo_requested.emit
        )

    def _button(
        self, flow: Flow, word: str, sign: str, tip: str, call: Callable[[], object]
    ) -> QPushButton:
        button = QPushButton(sign, self)
        button.setObjectName(f"builder_{word}")
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.clicked.connect(lambda: call())
        flow.addWidget(button)
        return button

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("builder_add_menu")
        menu.setToolTipsVisible(True)
        for group, ops in op_groups():
            menu.addSection(group)
            for op in ops:
                action = menu.addAction(op_title(op))
                action.setObjectName(f"builder_add_{op}")
                action.setToolTip(op_tip(op))
                action.triggered.connect(partial(self.add_requested.emit, op))
        return menu
