"""The autograd graph: every ``grad_fn`` from the objective down to the leaves."""

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QToolButton, QWidget

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.autograd import NODE_LIMIT
from lenet_viz.capture.records import Capture, Parameter
from lenet_viz.display import numbers
from lenet_viz.display.autograd_rows import as_text
from lenet_viz.panels.autograd_board import AutogradBoard
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.cards import LOSS_CARD, input_card
from lenet_viz.session.state import State


class AutogradPanel(Panel):
    """Shows the nodes that backward walks through, each with its step.

    Signals, only ever caused by the user: ``step_requested`` a card's name, ``value_clicked`` the
    `Address` of a parameter's largest gradient.
    """

    step_requested = Signal(str)
    value_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("autograd", parent)
        self.board = AutogradBoard()
        self.board.chosen.connect(self._choose)
        self.hint = QLabel(self)
        self.hint.setObjectName("autograd_hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setFont(text_font(9))
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.area = QScrollArea(self)
        self.area.setObjectName("autograd_scroll")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.board)
        self.area.viewport().setAutoFillBackground(False)
        self.board.setAutoFillBackground(False)
        self.copy = QToolButton(self)
        self.copy.setObjectName("autograd_copy")
        self.copy.setText(translate("Autograd", "Copy"))
        self.copy.setAccessibleName(translate("Autograd", "Copy the graph as text"))
        self.copy.setToolTip(
            translate("Autograd", "Copy the graph as text, as one prints grad_fn by hand")
        )
        self.copy.clicked.connect(self._copy)
        self.head.addWidget(self.copy)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.area, 1)
        self.body.addStretch(0)
        self.setMinimumSize(300, 150)
        self.set_title(translate("Autograd", "Autograd graph"), "")

    def sizeHint(self) -> QSize:
        """Return a size that shows a LeNet's way back."""
        return QSize(430, 560)

    def draw(self, old: State | None, new: State) -> None:
        """Show another run's graph, and mark the selected step."""
        capture = new.capture
        if old is None or old.run is not new.run:
            nodes = () if capture is None or capture.autograd is None else capture.autograd
            self.set_title(
                translate("Autograd", "Autograd graph"),
                formatted("Autograd", "{count} nodes", count=numbers.count_text(len(nodes)))
                if nodes
                else "",
            )
            self.board.show_graph(capture)
            self.hint.setText(_hint(capture))
            show_if(self.area, bool(nodes))
            show_if(self.copy, bool(nodes) and not self.on_paper)
        if old is None or old.selected != new.selected or old.run is not new.run:
            # A page shows the run, not what somebody is just looking at.
            self.board.select("" if self.on_paper else new.selected)
            top = self.board.top_of(new.selected)
            if top is not None and not self.on_paper:
                self.area.ensureVisible(0, round(top) + 12, 0, 40)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.board.set_theme(theme)
        super().set_theme(theme)

    def paper_height(self, width: int) -> int:
        """Return the height at which every node is seen."""
        if not self.board.rows:
            return super().paper_height(width)
        margins = self.body.contentsMargins()
        inner = width - margins.left() - margins.right()
        return self.board.height() + self.hint.heightForWidth(inner) + 62

    def _choose(self, number: int) -> None:
        """Select the node's step, or ask for the gradient that is added into a leaf."""
        capture = None if self.state is None else self.state.capture
        if capture is None or capture.autograd is None:
            return
        node = capture.autograd[number]
        kind, _, name = node.leaf.partition(":")
        if kind == "parameter":
            parameter = capture.parameters.get(name)
            if parameter is not None:
                self.value_clicked.emit(_largest(parameter))
        elif kind == "input" and name.isdecimal():
            self.step_requested.emit(input_card(int(name)))
        elif node.step is not None:
            self.step_requested.emit(capture.steps[node.step].name)
        elif not node.is_leaf:
            self.step_requested.emit(LOSS_CARD)

    def _copy(self) -> None:
        capture = None if self.state is None else self.state.capture
        if capture is not None and capture.autograd:
            names = [step.name for step in capture.steps]
            QGuiApplication.clipboard().setText(as_text(capture.autograd, names))


def _largest(parameter: Parameter) -> Address:
    """Return where a parameter's gradient is largest; its first number where it has none."""
    gradient = parameter.gradient
    index = (0,) * len(parameter.shape)
    if gradient is not None and gradient.size:
        sizes = np.nan_to_num(np.abs(gradient.astype(np.complex128)), nan=-1.0)
        index = tuple(int(at) for at in np.unravel_index(int(np.argmax(sizes)), sizes.shape))
    return Address(Place.PARAMETER, parameter.name, 0, Side.GRADIENT, index)


def _hint(capture: Capture | None) -> str:
    if capture is None:
        return translate("Autograd", "No run yet: press Forward (F5).")
    nodes = capture.autograd
    if nodes is None:
        return translate(
            "Autograd", "This run was saved by a version that did not write autograd's nodes down."
        )
    if not nodes:
        return translate(
            "Autograd", "There is no graph: nothing in this run asks for a gradient of one tensor."
        )
    words = translate(
        "Autograd",
        "Backward walks from the top down. Each node takes the gradient of its output and gives "
        "one to each of its inputs; at the leaves it is added into .grad.",
    )
    if capture.objective is None:
        words += " " + translate("Autograd", "Backward (F6) has not been run: no gradients yet.")
    if len(nodes) >= NODE_LIMIT:
        words += " " + formatted("Autograd", "Only {count} nodes are kept.", count=NODE_LIMIT)
    return words
