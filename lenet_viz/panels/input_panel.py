"""The input beside its gradient, with the pixels that cannot matter marked from geometry."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.explain.structural import Mask
from lenet_viz.panels.card_content import laid_out, ledger_of, sample
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.structural import structural_mask, zeros_of
from lenet_viz.panels.text import (
    formatted,
    give_role,
    input_name,
    no_gradient_sentence,
    translate,
    translated,
)
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.session.provenance import input_grad_is_sum, input_is_picture
from lenet_viz.session.state import Run, State

TALLEST = 240
TALLEST_ON_PAPER = 380


class InputPanel(Panel):
    """What goes in, and d(objective)/d(input) beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("input", parent)
        self._views = (
            PictureView("input_picture", largest_cell=48),
            PictureView("input_gradient", largest_cell=48),
        )
        self._heads = (self._label("input_head"), self._label("input_gradient_head"))
        self._ranges = (self._label("input_range"), self._label("input_gradient_range"))
        row = QHBoxLayout()
        row.setSpacing(14)
        for head, view, span in zip(self._heads, self._views, self._ranges, strict=True):
            view.set_tallest(TALLEST)
            view.hovered.connect(self._point)
            side = QVBoxLayout()
            side.setSpacing(3)
            side.addWidget(head)
            side.addWidget(view)
            side.addWidget(span)
            side.addStretch(1)
            row.addLayout(side, 1)
        self._views[0].setAccessibleName(translate("Input", "input"))
        self._views[1].setAccessibleName(translate("Input", "gradient of the input"))
        self._reading = self._label("input_reading", code=True)
        self._sentence = self._label("input_sentence")
        self.body.addLayout(row)
        self.body.addWidget(self._reading)
        self.body.addWidget(self._sentence)
        self.body.addStretch(1)
        self.setMinimumWidth(260)

    def _label(self, name: str, *, code: bool = False) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        # Long words below one picture must not make it wider than the other.
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setFont(code_font(8.5) if code else text_font(8.5))
        label.setProperty("role", "" if code else "muted")
        return label

    def go_on_paper(self) -> None:
        """Show the pictures as large as the page allows; nothing is pointed at."""
        super().go_on_paper()
        self._reading.hide()
        for view in self._views:
            view.set_tallest(TALLEST_ON_PAPER)
            view.whole_pixels = False  # both pictures equally large

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
        if same:
            return
        run = new.run
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

    def _show(self, run: Run, state: State) -> None:
        capture = run.capture
        grey = input_is_picture(capture)
        picture = laid_out(sample(capture, capture.inputs[0]), grey=grey)
        self._heads[0].setText(translate("Input", "input"))
        self._views[0].show_picture(picture, faded=state.stale_forward)
        self._ranges[0].setText(f"{input_name(run)}\n{_range(picture.values, grey=grey)}")
        grad = capture.input_grads[0]
        zeros = zeros_of(run)
        self._heads[1].setText(_grad_head(run))
        if grad is None:
            sentence = no_gradient_sentence(capture.input_values[0].gradient_state)
            self._views[1].show_picture(None, sentence)
            self._ranges[1].setText("")
        else:
            shown = laid_out(sample(capture, grad))
            self._views[1].show_picture(shown, faded=state.stale_backward)
            self._ranges[1].setText(_range(shown.values, mask=structural_mask(run)))
        mask = None if grad is None else structural_mask(run)
        self._views[1].set_mask(mask)
        # The sentence explains the hatching: it says nothing where nothing is hatched.
        silent = zeros is None or (bool(zeros.count) and mask is None)
        words = "" if zeros is None or silent else translated(zeros.sentence(_drops(capture)))
        self._sentence.setText(words)
        give_role(self._sentence, "warning" if zeros is not None and zeros.count else "muted")
        self._point(None)

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
        image = run.capture.inputs[0]
        at = _index_in(run.capture, image, pointed)
        value: Any = image[at]
        words = formatted(
            "Input",
            "input[{where}] = {value}",
            where=", ".join(map(str, at)),
            value=numbers.exact(value),
        )
        grad = run.capture.input_grads[0]
        if grad is not None:
            number: Any = grad[at]
            words += "\n" + formatted("Input", "input.grad = {value}", value=numbers.exact(number))
            mask = structural_mask(run)
            if mask is not None and mask[at[-2:]]:
                words += "  " + translate("Input", "structurally zero")
            elif number == 0:
                words += "  " + translate("Input", "zero in this run")
        self._reading.setText(words)

    def caption_details(self) -> tuple[str, ...]:
        """Return what is hatched and the colour range of the gradient."""
        run = None if self.state is None else self.state.run
        if run is None:
            return ()
        details = [self._ranges[1].text().replace("\n", ", ")]
        mask = structural_mask(run)
        if mask is not None and run.capture.input_grads[0] is not None:
            count = int(np.count_nonzero(mask))
            details.append(
                formatted("Input", "hatched: {count} structurally zero pixels", count=count)
            )
        return tuple(details)


def _index_in(capture: Capture, array: Array, pointed: tuple[int, ...]) -> tuple[int, ...]:
    """Return where in the whole input a pointed number is: sample 0, all its axes."""
    shown = sample(capture, array)
    drawn = laid_out(shown).values.shape
    flat = np.ravel_multi_index(pointed, drawn)
    inside = tuple(int(at) for at in np.unravel_index(flat, shown.shape))
    return inside if shown.ndim == array.ndim else (0, *inside)


def _drops(capture: Capture) -> tuple[str, ...]:
    """Return the names of the steps that leave rows or columns out."""
    found = []
    for step in capture.steps:
        ledger = ledger_of(capture, step)
        if ledger.dropped_rows or ledger.dropped_columns:
            found.append(step.name)
    return tuple(found)


def _grad_head(run: Run) -> str:
    if run.input_passes > 1:
        return formatted(
            "Input", "input.grad, sum of {n} passes (zero_grad leaves it)", n=run.input_passes
        )
    if input_grad_is_sum(run.capture):
        return translate("Input", "input.grad, earlier passes and this one")
    return translate("Input", "input.grad")


def _range(values: Array, *, grey: bool = False, mask: Mask | None = None) -> str:
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        return translate("Input", "no finite values")
    low, high = numbers.column([float(finite.min()), float(finite.max())], 7)
    if grey:
        return formatted("Input", "grey, {low} to {high}", low=low.strip(), high=high.strip())
    zeros = int(np.count_nonzero(values == 0))
    span = formatted("Input", "{low} to {high}", low=low.strip(), high=high.strip())
    structural = 0
    if mask is not None and values.shape[-2:] == mask.shape:
        structural = int(np.count_nonzero(mask)) * (values.size // mask.size)
    if not structural:
        return f"{span}\n" + formatted("Input", "{zeros} exact zeros", zeros=zeros)
    return f"{span}\n" + formatted(
        "Input",
        "{zeros} exact zeros: {structural} structural, {others} in this run",
        zeros=zeros,
        structural=structural,
        others=zeros - structural,
    )
