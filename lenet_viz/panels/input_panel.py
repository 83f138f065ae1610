"""The input beside its gradient, with the pixels that cannot matter marked from geometry."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.explain.structural import Mask
from lenet_viz.panels.card_content import laid_out, sample
from lenet_viz.panels.input_words import (
    choice_words,
    details,
    dropping_steps,
    further_input,
    grad_head,
    index_in,
    input_title,
    reading,
    value_range,
)
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.structural import structural_mask, zeros_of
from lenet_viz.panels.text import (
    give_role,
    input_name,
    no_gradient_sentence,
    show_if,
    translate,
    translated,
)
from lenet_viz.panels.theme import Theme
from lenet_viz.panels.wrapped_label import wrapped_label
from lenet_viz.session.cards import input_number
from lenet_viz.session.provenance import input_is_picture
from lenet_viz.session.state import Run, State

TALLEST = 240
TALLEST_ROW = 168
"""A vector shows as much when it is lower, and leaves more room for the other panels."""
TALLEST_ON_PAPER = 380
LOWEST = 56
GAP = 14


class InputPanel(Panel):
    """What goes in, and d(objective)/d(input) beside it.

    Of several inputs one is shown: the one whose card was selected last, or that was chosen here.

    Attributes:
        number: which input is shown, from 0.
        choice: where another one is chosen.
        poke_requested: emitted with the `Address` of a pixel and the notches it is to change by.
        pointed: emitted with the `Address` of the pixel under the pointer, or None.
        value_clicked: emitted with the `Address` of a pixel, or of its gradient, that was clicked.
    """

    value_clicked = Signal(object)
    poke_requested = Signal(object, int)
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("input", parent)
        self.number = 0
        self._followed = ""
        self.choice = QComboBox(self)
        self.choice.setObjectName("input_choice")
        self.choice.setAccessibleName(translate("Input", "Which input"))
        self.choice.setToolTip(translate("Input", "Which of the model's inputs is shown here"))
        self.choice.activated.connect(self._choose)
        self.choice.hide()
        self.head.addWidget(self.choice)
        self._views = (
            PictureView("input_picture", largest_cell=48),
            PictureView("input_gradient", largest_cell=48),
        )
        self._heads, self._ranges = (
            [wrapped_label(self, f"input{side}_{what}") for side in ("", "_gradient")]
            for what in ("head", "range")
        )
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for head, view, span in zip(self._heads, self._views, self._ranges, strict=True):
            view.set_tallest(TALLEST)
            view.hovered.connect(self._hover)
            kind = Side.GRADIENT if view is self._views[1] else Side.ACTIVATION
            view.clicked.connect(partial(self._ask, kind))
            view.turned.connect(self._poke)
            side = QVBoxLayout()
            side.setSpacing(3)
            side.addWidget(head)
            side.addWidget(view)
            side.addWidget(span)
            side.addStretch(1)
            row.addLayout(side, 1)
        self._views[0].setAccessibleName(translate("Input", "input"))
        self._views[1].setAccessibleName(translate("Input", "gradient of the input"))
        self._reading = wrapped_label(self, "input_reading", code=True)
        self._sentence = wrapped_label(self, "input_sentence")
        self.body.addLayout(row)
        self.body.addWidget(self._reading)
        self.body.addWidget(self._sentence)
        self.body.addStretch(1)
        # Pictures shrink with the panel: their height of now is no reason not to.
        self.setMinimumSize(260, 220)
        self._tallest = TALLEST

    def go_on_paper(self) -> None:
        """Show the pictures as large as the page allows; nothing is pointed at."""
        super().go_on_paper()
        self._reading.hide()
        for view in self._views:
            view.set_tallest(TALLEST_ON_PAPER)
            view.whole_pixels = False  # both pictures equally large

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pictures the room that the words leave."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Limit the pictures' height so that all words stay in view."""
        if self.on_paper:
            return
        margins = self.body.contentsMargins()
        inner = self.width() - margins.left() - margins.right()
        side = (inner - GAP) // 2
        pairs = zip(self._heads, self._ranges, strict=True)
        beside = max(sum(one.heightForWidth(side) + 3 for one in pair) for pair in pairs)
        lines = [one.heightForWidth(inner) for one in (self._reading, self._sentence)]
        # Pointing at a pixel makes two lines of one.
        lines[0] = max(lines[0], 2 * self._reading.fontMetrics().height())
        below = sum(lines) + 3 * self.body.spacing()
        room = self.height() - margins.bottom() - self._heads[0].y() - beside - below
        for view in self._views:
            view.set_tallest(max(LOWEST, min(self._tallest, room)))

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        for view in self._views:
            view.theme = theme
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the run's input and its gradient, where they have changed."""
        same = (
            old is not None
            and old.run is new.run
            and old.stale_forward == new.stale_forward
            and old.stale_backward == new.stale_backward
        )
        run = new.run
        before, self.number = self.number, self._wanted(new)
        if same and self.number == before:
            return
        self._offer(run)
        if run is None or not run.capture.input_values:
            self.set_title(translate("Input", "Input and its gradient"))
            for view in self._views:
                view.show_picture(None, translate("Input", "The first run is on its way …"))
            self._sentence.setText("")
            self._reading.setText("")
            return
        stale = translate("Input", "older than the present settings")
        self.set_title(
            translate("Input", "Input and its gradient"),
            stale if new.stale_forward or new.stale_backward else "",
        )
        self._show(run, new)

    def _wanted(self, state: State) -> int:
        """Return which input is to be shown: the selected one, where another was selected."""
        capture = state.capture
        count = 0 if capture is None else len(capture.input_values)
        number = self.number
        if state.selected != self._followed:
            self._followed = state.selected
            selected = None if state.step is not None else input_number(state.selected)
            number = number if selected is None else selected
        return number if number < count else 0

    def _offer(self, run: Run | None) -> None:
        """Fill in the choice; there is none where the model has one input."""
        capture = None if run is None else run.capture
        count = 0 if capture is None else len(capture.input_values)
        self.choice.clear()
        for number in range(count if count > 1 else 0):
            assert capture is not None
            self.choice.addItem(choice_words(capture, number))
        self.choice.setCurrentIndex(self.number if count > 1 else -1)
        show_if(self.choice, count > 1 and not self.on_paper)

    def _choose(self, number: int) -> None:
        if number != self.number and self.state is not None:
            self.number = number
            self.draw(None, self.state)

    def take_look(self, other: Panel) -> None:
        """Show the same input."""
        if isinstance(other, InputPanel) and self.state is not None:
            self.number, self._followed = other.number, self.state.selected
            self.draw(None, self.state)

    def _mask(self, run: Run) -> Mask | None:
        """Return where to hatch the shown input; None for nowhere."""
        return structural_mask(run, self.number)

    def _show(self, run: Run, state: State) -> None:
        capture, number = run.capture, self.number
        grey = input_is_picture(capture) and number == 0
        picture = laid_out(sample(capture, capture.inputs[number]), grey=grey)
        several = len(capture.input_values) > 1
        if not self.on_paper:
            self._tallest = TALLEST if picture.values.ndim > 1 else TALLEST_ROW
        self._heads[0].setText(
            input_title(capture, number) if several else translate("Input", "input")
        )
        self._views[0].show_picture(picture, faded=state.stale_forward)
        name = further_input(capture) if number else input_name(run)
        self._ranges[0].setText(f"{name}\n{value_range(picture.values, grey=grey)}")
        grad = capture.input_grads[number]
        zeros = zeros_of(run, number)
        self._heads[1].setText(grad_head(run, number))
        if grad is None:
            sentence = no_gradient_sentence(capture.input_values[number].gradient_state)
            self._views[1].show_picture(None, sentence)
            self._ranges[1].setText("")
        else:
            shown = laid_out(sample(capture, grad))
            self._views[1].show_picture(shown, faded=state.stale_backward)
            self._ranges[1].setText(value_range(shown.values, mask=self._mask(run)))
        mask = None if grad is None else self._mask(run)
        self._views[1].set_mask(mask)
        # The sentence explains the hatching: it says nothing where nothing is hatched.
        silent = zeros is None or (bool(zeros.count) and mask is None)
        words = (
            "" if zeros is None or silent else translated(zeros.sentence(dropping_steps(capture)))
        )
        self._sentence.setText(words)
        give_role(self._sentence, "warning" if zeros is not None and zeros.count else "muted")
        self._point(None)
        self._fit()

    def show_field(self, masks: Mapping[Address, Mask]) -> None:
        """Box the pixels that are marked in bool masks of whole tensors."""
        run = None if self.state is None else self.state.run
        mask = masks.get(Address(Place.INPUT, str(self.number)))
        part = None if run is None or mask is None else sample(run.capture, mask).astype(bool)
        for view in self._views:
            view.set_field(part)

    def _hover(self, index: object) -> None:
        self._point(index)
        run = None if self.state is None else self.state.run
        if run is None or not isinstance(index, tuple):
            self.pointed.emit(None)
        else:
            self.pointed.emit(self._address(run, index))

    def _point(self, index: object) -> None:
        """Read input and gradient at one pixel."""
        pointed = index if isinstance(index, tuple) else None
        run = None if self.state is None else self.state.run
        for view in self._views:
            view.mark(pointed)
        if run is None:
            return
        if pointed is None:
            self._reading.setText(translate("Input", "Point at a pixel to read it."))
            return
        words = reading(run, self.number, pointed, self._mask(run))
        self._reading.setText(words)

    def _ask(self, side: Side, index: object) -> None:
        """Ask why a pixel, or its gradient, is what it is."""
        if self.state is not None and self.state.run is not None and isinstance(index, tuple):
            self.value_clicked.emit(replace(self._address(self.state.run, index), side=side))

    def _poke(self, index: tuple[int, ...], notches: int) -> None:
        if self.state is not None and self.state.run is not None:
            self.poke_requested.emit(self._address(self.state.run, index), notches)

    def _address(self, run: Run, index: tuple[int, ...]) -> Address:
        at = index_in(run.capture, run.capture.inputs[self.number], index)
        return Address(Place.INPUT, str(self.number), index=at)

    def caption_details(self) -> tuple[str, ...]:
        """Return what is hatched and the colour range of the gradient."""
        run = None if self.state is None else self.state.run
        if run is None:
            return ()
        found = run.capture.input_grads[self.number]
        mask = None if found is None else self._mask(run)
        return details(run, self.number, self._ranges[1].text(), mask)
