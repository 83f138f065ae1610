"""The selected step: how it was made, its shape as arithmetic, its parameters."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QWidget,
)

from lenet_viz.capture.address import Address
from lenet_viz.capture.records import Capture, Parameter, Step
from lenet_viz.display import numbers
from lenet_viz.panels import step_words
from lenet_viz.panels.card_content import ledger_of, value_of
from lenet_viz.panels.map_causes import parameter_causes
from lenet_viz.panels.objective_words import objective_lines
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_block import ParameterBlock
from lenet_viz.panels.step_broadcast import broadcast_of
from lenet_viz.panels.step_content import StepContent
from lenet_viz.panels.text import (
    axis_words,
    card_title,
    formatted,
    input_name,
    show_if,
    translate,
    translated,
)
from lenet_viz.panels.theme import Theme
from lenet_viz.session.cards import FAILED_CARD, LOSS_CARD, TARGET_CARD, input_number
from lenet_viz.session.state import Run, State


def _axes(count: int) -> str:
    """Return the letters of one, two or three axes that windows move along."""
    known = (translate("Step", "L"), translate("Step", "H, W"), translate("Step", "D, H, W"))
    return known[count - 1]


class StepPanel(Panel):
    """Everything about one step that is not its maps.

    Signals, only ever caused by the user: ``source_requested``, ``value_clicked`` an `Address`,
    ``poke_requested`` an `Address` and by how many notches that number is to change,
    ``objective_requested`` an `ObjectiveChoice`.
    """

    source_requested = Signal()
    value_clicked = Signal(object)
    poke_requested = Signal(object, int)
    objective_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("step", parent)
        self._title_color = ""
        self._blocks: list[ParameterBlock] = []
        self.content = StepContent()
        self.content.source.followed.connect(self.source_requested)
        self.content.objective.value_clicked.connect(self.value_clicked)
        self.content.objective.objective_requested.connect(self.objective_requested)
        area = QScrollArea(self)
        area.setObjectName("step_scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        # A long word of code cannot be wrapped: in a very narrow panel it is scrolled to.
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setWidget(self.content)
        self.body.addWidget(area, 1)
        self.setMinimumWidth(250)

    def go_on_paper(self) -> None:
        """Use the width of a page."""
        super().go_on_paper()
        self.content.go_on_paper()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        for block in self._blocks:
            block.set_theme(theme)
        self.content.objective.set_theme(theme)
        self.content.broadcast.set_theme(theme)
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the selected step, where it or its run has changed."""
        same = (
            old is not None
            and old.run is new.run
            and old.selected == new.selected
            and old.stale_backward == new.stale_backward
            and old.stale_forward == new.stale_forward
            and old.settings == new.settings
            and old.view.causes == new.view.causes
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
        content = self.content
        show_if(content.objective, False)
        ledger = ledger_of(capture, step)
        content.call.setText(step_words.call_words(capture, step))
        line = step.source_line
        content.source.setText(
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
            numbers.shape_text(step.shape) if step.outputs else "-",
        )
        content.row_names[2].setText(
            _axes(len(ledger.axes)) if ledger.axes else translate("Step", "why")
        )
        content.general.setText("\n".join(ledger.general))
        show_if(content.general_button, bool(ledger.general))
        show_if(content.general, bool(ledger.general) and content.general_button.isChecked())
        dropping = bool(ledger.dropped_rows or ledger.dropped_columns)
        sentences = [translated(note) for note in ledger.notes]
        content.warning.setText("\n".join(sentences[: 2 if dropping else 0]))
        content.note.setText("\n".join(sentences[2 if dropping else 0 :]))
        content.listing.setText("")
        laid = broadcast_of(capture, step)
        names, shown = ((), None) if laid is None else laid
        content.broadcast.show_shapes(names, shown)
        if step.error is not None:
            content.warning.setText(translated(step.error))
        self._fold_empty()
        names = step.parameter_names()
        found = [capture.parameters.get(name) for name in names]
        self._show_parameters([parameter for parameter in found if parameter is not None], state)

    def _show_shapes(self, letters: str, before: str, formula: str, after: str) -> None:
        for label, text, name in zip(
            (self.content.letters, self.content.before, self.content.formula, self.content.after),
            (letters, before, formula, after),
            self.content.row_names,
            strict=True,
        ):
            label.setText(text)
            show_if(label, bool(text))
            show_if(name, bool(text))

    def _show_other(self, state: State) -> None:
        """Show the input, target or loss card, or that nothing has run yet."""
        content = self.content
        capture, run = state.capture, state.run
        for widget in (content.general_button, content.general, content.objective):
            show_if(widget, False)
        content.broadcast.show_shapes((), None)
        for label in (content.source, content.warning, content.listing):
            label.setText("")
        if capture is None or run is None:
            content.call.setText("")
            self._show_shapes("", "", "", "")
            content.note.setText(translate("Step", "The first run is on its way …"))
        elif state.selected == FAILED_CARD:
            content.call.setText("")
            self._show_shapes("", "", "", "")
            content.warning.setText("" if capture.error is None else translated(capture.error))
            content.note.setText("")
        elif state.selected in {TARGET_CARD, LOSS_CARD}:
            title, lines, note = objective_lines(capture, state.selected)
            content.call.setText(title)
            self._show_shapes("", "", "", "")
            drawn = content.objective.show_state(state, on_paper=self.on_paper)
            content.listing.setText("" if drawn else lines)
            content.note.setText(note)
        else:
            self._show_input(run, input_number(state.selected) or 0)
        self._fold_empty()
        self._show_parameters([], state)
        show_if(content.parameters_title, False)
        show_if(content.total, False)

    def _show_input(self, run: Run, number: int) -> None:
        """Show one of a run's inputs."""
        capture, content = run.capture, self.content
        if number >= len(capture.input_values):
            return
        shape = capture.input_values[number].shape
        own = number and number < len(capture.input_names)
        content.call.setText(capture.input_names[number] if own else input_name(run))
        self._show_shapes(axis_words(shape), "", "", numbers.shape_text(shape))
        pictures = translate("Step", "One sample of one channel: N is the batch, C the channels.")
        content.note.setText(pictures if len(shape) == 4 else "")

    def _fold_empty(self) -> None:
        content = self.content
        for label in (content.call, content.source, content.warning, content.listing, content.note):
            show_if(label, bool(label.text()))
        show_if(content.shape_title, bool(content.after.text()))

    def show_pointed(self, address: Address | None) -> None:
        """Mark in the parameters what is pointed at elsewhere; None for nothing."""
        step = None if self.state is None else self.state.step
        for block in self._blocks:
            block.show_pointed(step, address)

    def _show_parameters(self, parameters: list[Parameter], state: State) -> None:
        content = self.content
        show_if(content.parameters_title, True)
        content.counts.setText("\n".join(step_words.count_words(one) for one in parameters))
        show_if(content.counts, bool(parameters))
        content.total.setText(step_words.total_words(parameters))
        show_if(content.total, True)
        while len(self._blocks) < len(parameters):
            block = ParameterBlock(len(self._blocks), content)
            block.set_theme(self.theme)
            block.value_clicked.connect(self.value_clicked)
            block.poke_requested.connect(self.poke_requested)
            block.on_paper = self.on_paper
            self._blocks.append(block)
            content.block_box.addWidget(block)
        for number, block in enumerate(self._blocks):
            show_if(block, number < len(parameters))
            if number < len(parameters):
                passes = 0 if state.run is None else state.run.passes
                shown = parameters[number]
                causes = parameter_causes(state, shown.name, shown.grad)
                faded = state.stale_backward
                block.show_parameter(shown, passes, faded=faded, causes=causes)

    def take_look(self, other: Panel) -> None:
        """Take over whether the general formula is shown, and the numbers that are listed."""
        if isinstance(other, StepPanel):
            self.content.general_button.setChecked(other.content.general_button.isChecked())
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
