"""The selected step: how it was made, its shape as arithmetic, its parameters."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.capture.records import Capture, Parameter, Step
from lenet_viz.display import numbers
from lenet_viz.panels import step_words
from lenet_viz.panels.card_content import ledger_of, value_of
from lenet_viz.panels.objective_words import objective_lines
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_block import ParameterBlock
from lenet_viz.panels.text import (
    axis_words,
    card_title,
    formatted,
    input_name,
    show_if,
    translate,
    translated,
)
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, State


class StepPanel(Panel):
    """Everything about one step that is not its maps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("step", parent)
        self._title_color = ""
        self._content = QWidget()
        self._content.setObjectName("step_content")
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(5)
        self._call = self._label("step_call", code=True)
        self._source = self._label("step_source", code=True, role="muted")
        self._shape_title = self._heading("step_shape_title", translate("Step", "Shape"))
        self._letters = self._label("step_letters", code=True, role="muted")
        self._in = self._label("step_in_shape", code=True)
        self._formula = self._label("step_formula", code=True)
        self._out = self._label("step_out_shape", code=True)
        self._general_button = QPushButton(translate("Step", "general formula"), self._content)
        self._general_button.setObjectName("step_general_formula")
        self._general_button.setAccessibleName(translate("Step", "general formula"))
        self._general_button.setToolTip(
            translate("Step", "Show torch's whole formula with this step's numbers")
        )
        self._general_button.setProperty("role", "switch")
        self._general_button.setCheckable(True)
        self._general = self._label("step_general", code=True, role="muted")
        self._general.setVisible(False)
        self._general_button.clicked.connect(self._show_general)
        self._listing = self._label("step_listing", code=True)
        self._note = self._label("step_note", role="muted")
        self._warning = self._label("step_warning", role="warning")
        self._parameters_title = self._heading(
            "step_parameters_title", translate("Step", "Parameters")
        )
        self._counts = self._label("step_counts", code=True)
        self._total = self._label("step_total", code=True)
        self._blocks: list[ParameterBlock] = []
        for widget in (self._call, self._source):
            column.addWidget(widget)
        title_row = QHBoxLayout()
        title_row.addWidget(self._shape_title, 1)
        title_row.addWidget(self._general_button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(title_row)
        column.addLayout(self._shape_grid())
        for widget in (
            self._general,
            self._warning,
            self._listing,
            self._note,
            self._parameters_title,
            self._counts,
            self._total,
        ):
            column.addWidget(widget)
        self._block_column = QVBoxLayout()
        self._block_column.setSpacing(4)
        column.addLayout(self._block_column)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("step_scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        # A long word of code cannot be wrapped: in a very narrow panel it is scrolled to.
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setWidget(self._content)
        self.body.addWidget(area, 1)
        self.setMinimumWidth(250)

    def _label(self, name: str, *, code: bool = False, role: str = "") -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(code_font(9) if code else text_font(9))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
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
            (translate("Step", "axes"), self._letters),
            (translate("Step", "in"), self._in),
            (translate("Step", "H, W"), self._formula),
            (translate("Step", "out"), self._out),
        )
        self._row_names: list[QLabel] = []
        for row, (text, label) in enumerate(rows):
            name = self._label(f"step_row_{row}", code=True, role="muted")
            name.setText(text)
            self._row_names.append(name)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, row, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _show_general(self, shown: bool) -> None:
        self._general.setVisible(shown)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        for block in self._blocks:
            block.set_theme(theme)
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the selected step, where it or its run has changed."""
        same = (
            old is not None
            and old.run is new.run
            and old.selected == new.selected
            and old.stale_backward == new.stale_backward
            and old.settings == new.settings
        )
        if same:
            return
        capture = new.capture
        step = new.step
        place = "" if step is None else step_words.place_words(step)
        self.set_title(card_title(new.selected), place)
        if capture is not None and step is not None:
            self._show_step(capture, step, new)
        else:
            self._show_other(new)
        color = self.theme.op_color(new.selected if step is None else step.op).name()
        if color != self._title_color:
            # A style sheet is worked out anew each time it is set.
            self._title_color = color
            self._title.setStyleSheet(f"color: {color};")

    def _show_step(self, capture: Capture, step: Step, state: State) -> None:
        ledger = ledger_of(capture, step)
        self._call.setText(step_words.call_words(capture, step))
        line = step.source_line
        self._source.setText(
            ""
            if line is None
            else formatted(
                "Step",
                "{text}   ({function}, line {number})",
                text=line.text,
                function=line.function,
                number=line.number,
            )
        )
        inputs = [numbers.shape_text(shape) for shape in step.input_shapes]
        self._show_shapes(
            axis_words(step.shape),
            "\n".join(inputs),
            "\n".join(ledger.formulas),
            numbers.shape_text(step.shape),
        )
        self._row_names[2].setText(
            translate("Step", "H, W") if ledger.axes else translate("Step", "why")
        )
        self._general.setText("\n".join(ledger.general))
        show_if(self._general_button, bool(ledger.general))
        show_if(self._general, bool(ledger.general) and self._general_button.isChecked())
        dropping = bool(ledger.dropped_rows or ledger.dropped_columns)
        sentences = [translated(note) for note in ledger.notes]
        self._warning.setText("\n".join(sentences[: 2 if dropping else 0]))
        self._note.setText("\n".join(sentences[2 if dropping else 0 :]))
        self._listing.setText("")
        if step.error is not None:
            self._warning.setText(translated(step.error))
        self._fold_empty()
        names = step.parameter_names()
        found = [capture.parameters.get(name) for name in names]
        self._show_parameters([parameter for parameter in found if parameter is not None], state)

    def _show_shapes(self, letters: str, before: str, formula: str, after: str) -> None:
        for label, text, name in zip(
            (self._letters, self._in, self._formula, self._out),
            (letters, before, formula, after),
            self._row_names,
            strict=True,
        ):
            label.setText(text)
            show_if(label, bool(text))
            show_if(name, bool(text))

    def _show_other(self, state: State) -> None:
        """Show the input, target or loss card, or that nothing has run yet."""
        capture, run = state.capture, state.run
        show_if(self._general_button, False)
        show_if(self._general, False)
        for label in (self._source, self._warning, self._listing):
            label.setText("")
        if capture is None or run is None:
            self._call.setText("")
            self._show_shapes("", "", "", "")
            self._note.setText(translate("Step", "The first run is on its way …"))
        elif state.selected == INPUT_CARD:
            shape = capture.input_values[0].shape
            self._call.setText(input_name(run))
            self._show_shapes(axis_words(shape), "", "", numbers.shape_text(shape))
            self._note.setText(
                translate("Step", "One sample of one channel: N is the batch, C the channels.")
            )
        elif state.selected in {TARGET_CARD, LOSS_CARD}:
            title, lines, note = objective_lines(capture, state.selected)
            self._call.setText(title)
            self._show_shapes("", "", "", "")
            self._listing.setText(lines)
            self._note.setText(note)
        self._fold_empty()
        self._show_parameters([], state)
        show_if(self._parameters_title, False)
        show_if(self._total, False)

    def _fold_empty(self) -> None:
        for label in (self._call, self._source, self._warning, self._listing, self._note):
            show_if(label, bool(label.text()))
        show_if(self._shape_title, bool(self._out.text()))

    def _show_parameters(self, parameters: list[Parameter], state: State) -> None:
        show_if(self._parameters_title, True)
        self._counts.setText("\n".join(step_words.count_words(one) for one in parameters))
        show_if(self._counts, bool(parameters))
        self._total.setText(step_words.total_words(parameters))
        show_if(self._total, True)
        while len(self._blocks) < len(parameters):
            block = ParameterBlock(len(self._blocks), self._content)
            block.set_theme(self.theme)
            block.on_paper = self.on_paper
            self._blocks.append(block)
            self._block_column.addWidget(block)
        for number, block in enumerate(self._blocks):
            show_if(block, number < len(parameters))
            if number < len(parameters):
                passes = 0 if state.run is None else state.run.passes
                block.show_parameter(parameters[number], passes, faded=state.stale_backward)

    def take_look(self, other: Panel) -> None:
        """Take over whether the general formula is shown, and the numbers that are listed."""
        if isinstance(other, StepPanel):
            self._general_button.setChecked(other._general_button.isChecked())
            if self.state is not None:
                self.render_state(None, self.state)
            for mine, theirs in zip(self._blocks, other._blocks, strict=False):
                mine.take_look(theirs)

    def caption_details(self) -> tuple[str, ...]:
        """Return the card, its shape, and what the colours of each parameter's picture mean."""
        state = self.state
        if state is None or state.capture is None:
            return ()
        value = value_of(state.capture, state.selected)
        details = [formatted("Caption", "step {name}", name=card_title(state.selected))]
        if value is not None:
            shape = numbers.shape_text(value.shape)
            details.append(formatted("Caption", "shape ({shape})", shape=shape))
        shown = [block for block in self._blocks if not block.isHidden()]
        return (*details, *(words for block in shown for words in block.range_words()))
