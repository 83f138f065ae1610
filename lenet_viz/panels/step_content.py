"""Where the step panel's words and parameters stand."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.panels.broadcast_picture import BroadcastPicture
from lenet_viz.panels.link_label import LinkLabel
from lenet_viz.panels.objective_block import ObjectiveBlock
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import code_font, text_font

BLOCKS_ABREAST = 560
"""From so many logical pixels on, a page shows a step's parameters side by side."""
HALVES_ABREAST = 780
"""From so many on, they stand beside the words."""


class StepContent(QWidget):
    """Labels for everything that is said of a step, and room for its parameters.

    Attributes:
        call: how the step was made.
        source: the line of Python that ran it; it leads to the text around it.
        shape_title: heading of the shapes.
        letters: the names of the axes.
        before: the inputs' shapes.
        formula: the arithmetic.
        after: the output's shape.
        general_button: unfolds the general formula.
        general: that formula.
        listing: numbers of the target or the loss.
        objective: what the objective makes of each output, where the target or the loss is shown.
        note: a sentence.
        warning: a sentence to be watched.
        parameters_title: heading of the parameters.
        counts: how many numbers each has.
        total: all together.
        row_names: what the rows of the shapes are called.
        block_box: holds a block for each parameter.
    """

    def __init__(self) -> None:
        """Make empty labels."""
        super().__init__()
        self._on_paper = False
        self.setObjectName("step_content")
        self._words = column = QVBoxLayout()
        column.setSpacing(5)
        self.call = self._label("step_call", code=True)
        self.source = LinkLabel(self)
        self.source.setObjectName("step_source")
        self.source.setWordWrap(True)
        self.source.setFont(code_font(9))
        self.source.setToolTip(translate("Step", "Show this line in its file: click, or Enter"))
        self.shape_title = self._heading("step_shape_title", translate("Step", "Shape"))
        self.letters = self._label("step_letters", code=True, role="muted")
        self.before = self._label("step_in_shape", code=True)
        self.formula = self._label("step_formula", code=True)
        self.after = self._label("step_out_shape", code=True)
        self.general_button = QPushButton(translate("Step", "general formula"), self)
        self.general_button.setObjectName("step_general_formula")
        self.general_button.setAccessibleName(translate("Step", "general formula"))
        self.general_button.setToolTip(
            translate("Step", "Show torch's whole formula with this step's numbers")
        )
        self.general_button.setProperty("role", "switch")
        self.general_button.setCheckable(True)
        self.general = self._label("step_general", code=True, role="muted")
        self.general.setVisible(False)
        self.general_button.clicked.connect(self._show_general)
        self.listing = self._label("step_listing", code=True)
        self.objective = ObjectiveBlock(self)
        self.broadcast = BroadcastPicture(self, "step_broadcast")
        self.note = self._label("step_note", role="muted")
        self.warning = self._label("step_warning", role="warning")
        self.parameters_title = self._heading(
            "step_parameters_title", translate("Step", "Parameters")
        )
        self.counts = self._label("step_counts", code=True)
        self.total = self._label("step_total", code=True)
        for widget in (self.call, self.source):
            column.addWidget(widget)
        title_row = QHBoxLayout()
        title_row.addWidget(self.shape_title, 1)
        title_row.addWidget(self.general_button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(title_row)
        column.addLayout(self._shape_grid())
        rows: tuple[QWidget, ...] = (
            self.general,
            self.warning,
            self.listing,
            self.objective,
            self.broadcast,
            self.note,
            self.parameters_title,
            self.counts,
            self.total,
        )
        for each in rows:
            column.addWidget(each)
        self.block_box = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.block_box.setSpacing(4)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._halves.setSpacing(5)
        self._halves.addLayout(column)
        self._halves.addLayout(self.block_box)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 6, 0)
        whole.addLayout(self._halves)
        whole.addStretch(1)

    def _label(self, name: str, *, code: bool = False, role: str = "") -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(code_font(9) if code else text_font(9))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # Its own menu of two entries would hide the panel's; Ctrl+C copies what is selected.
        label.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        if role:
            label.setProperty("role", role)
        return label

    def _heading(self, name: str, text: str) -> QLabel:
        label = self._label(name)
        label.setText(text)
        label.setFont(text_font(9.5, bold=True))
        label.setContentsMargins(0, 6, 0, 0)
        return label

    def _shape_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        rows = (
            (translate("Step", "axes"), self.letters),
            (translate("Step", "in"), self.before),
            (translate("Step", "H, W"), self.formula),
            (translate("Step", "out"), self.after),
        )
        self.row_names: list[QLabel] = []
        for row, (text, label) in enumerate(rows):
            name = self._label(f"step_row_{row}", code=True, role="muted")
            name.setText(text)
            self.row_names.append(name)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, row, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def go_on_paper(self) -> None:
        """Use the width of a page: what stands one below the other may stand abreast."""
        self._on_paper = True
        self.source.stop_leading()
        self._turn()

    def _turn(self) -> None:
        if not self._on_paper:
            return
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        blocks = right if self.width() >= BLOCKS_ABREAST else down
        halves = right if self.width() >= HALVES_ABREAST else down
        if blocks != self.block_box.direction() or halves != self._halves.direction():
            self.block_box.setDirection(blocks)
            self._halves.setDirection(halves)
            top = Qt.AlignmentFlag.AlignTop if halves == right else Qt.AlignmentFlag(0)
            self._halves.setAlignment(self._words, top)
            self._halves.setAlignment(self.block_box, top)
            for at in range(self.block_box.count()):
                block = self.block_box.itemAt(at)
                if block is not None:
                    block.setAlignment(top)
            self._halves.setStretch(0, 2 if halves == right else 0)
            self._halves.setStretch(1, 3 if halves == right else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand abreast where a page is wide enough."""
        super().resizeEvent(event)
        self._turn()

    def _show_general(self, shown: bool) -> None:
        self.general.setVisible(shown)
