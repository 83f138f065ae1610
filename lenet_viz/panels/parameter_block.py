"""One parameter in the step panel: its picture, its gradient's, and the numbers pointed at."""

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Parameter, Step
from lenet_viz.display import numbers
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.explain.zeros import ZeroCauses
from lenet_viz.panels import step_words
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.cause_legend import CauseLegend
from lenet_viz.panels.kernel_rows import kernels_of
from lenet_viz.panels.picture_view import PictureView
from lenet_viz.panels.text import formatted, no_gradient_sentence, show_if
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.panels.thumbnail import drawable

WIDE = 3.0
"""From this ratio of width to height on, gradient stands below weight, not beside it."""


def picture_of_parameter(values: object) -> Picture:
    """Return how a parameter's numbers are laid out: kernels as a matrix, never wrapped."""
    shown = drawable(values)  # type: ignore[arg-type]
    kind = {0: "vector", 1: "vector", 2: "matrix"}.get(shown.ndim, "kernels")
    if kind == "vector":
        shown = shown.reshape(-1)
    mosaic = Mosaic.of(shown.shape, kind=kind, aspect=16.0 if kind == "vector" else 1.0)  # type: ignore[arg-type]
    return Picture(shown, mosaic, Scale.of(shown), bars=False)


class ParameterBlock(QWidget):
    """A parameter and its gradient side by side, with the numbers under the pointer.

    Attributes:
        legend: what the marks of the gradient's zeros mean, where they are drawn.
        poke_requested: emitted with the `Address` of a number and by how many notches it is to
            change.
        value_clicked: emitted with the `Address` of a number that was clicked.
    """

    value_clicked = Signal(object)
    poke_requested = Signal(object, int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        """Make an empty block.

        Args:
            number: which block of the panel it is; part of the object names.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setObjectName(f"step_parameter_{number}")
        self.on_paper = False
        self._parameter: Parameter | None = None
        self._passes = 0
        self._chosen: tuple[int, ...] | None = None
        self._head = self._label(f"step_parameter_{number}_head", muted=True)
        self._grad_head = self._label(f"step_parameter_{number}_grad_head", muted=True)
        self._picture = PictureView(f"step_parameter_{number}_picture", axes=True, largest_cell=18)
        self._grad = PictureView(f"step_parameter_{number}_grad", axes=True, largest_cell=18)
        for picture in (self._picture, self._grad):
            picture.read_with(self._words_at)
        self._numbers = self._label(f"step_parameter_{number}_numbers", code=True)
        self._numbers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._reading = self._label(f"step_parameter_{number}_reading", code=True)
        self._reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.legend = CauseLegend(self, f"step_parameter_{number}", switched=False)
        self.legend.looked_at.connect(self._grad.look_at)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(10)
        for head, picture in ((self._head, self._picture), (self._grad_head, self._grad)):
            side = QVBoxLayout()
            side.setSpacing(2)
            side.addWidget(head)
            side.addWidget(picture)
            side.addStretch(1)
            self._sides.addLayout(side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 6)
        layout.setSpacing(4)
        layout.addWidget(self._reading)
        layout.addLayout(self._sides)
        layout.addWidget(self.legend)
        layout.addWidget(self._numbers)
        self._picture.hovered.connect(self._point)
        self._grad.hovered.connect(self._point)
        self._picture.clicked.connect(partial(self._choose, Side.ACTIVATION))
        self._grad.clicked.connect(partial(self._choose, Side.GRADIENT))
        for picture in (self._picture, self._grad):
            picture.turned.connect(self._poke)

    def _label(self, name: str, *, muted: bool = False, code: bool = False) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        # Numbers in columns must not widen the panel: fewer columns are listed instead.
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setFont(code_font(8.5) if code else text_font(8.5))
        if muted:
            label.setProperty("role", "muted")
        return label

    def set_theme(self, theme: Theme) -> None:
        """Take another theme; the caller shows the parameter again."""
        self._picture.theme = theme
        self._grad.theme = theme

    def show_parameter(
        self, parameter: Parameter, passes: int, *, faded: bool, causes: ZeroCauses | None = None
    ) -> None:
        """Show a parameter.

        Args:
            parameter: which one.
            passes: how many backward passes its ``.grad`` adds up.
            faded: whether the gradient is older than the present settings.
            causes: why its gradient's exact zeros are zero; None where that is not drawn.
        """
        old = self._parameter
        # Another network's parameter of the same name may be smaller than the chosen index.
        same = old is not None and (old.name, old.shape) == (parameter.name, parameter.shape)
        self._parameter = parameter
        self._passes = passes
        picture = picture_of_parameter(parameter.value)
        wide = picture.mosaic.width > WIDE * max(1, picture.mosaic.height)
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._sides.setDirection(down if wide else right)
        self._head.setText(step_words.orientation_words(parameter))
        self._grad_head.setText(step_words.grad_words(parameter, passes))
        self._picture.show_picture(picture)
        self._picture.setAccessibleName(parameter.name)
        grad = parameter.grad
        self._grad.setAccessibleName(f"{parameter.name}.grad")
        sentence = no_gradient_sentence(parameter.gradient_state)
        drawn = None if grad is None else picture_of_parameter(grad)
        shape = () if drawn is None else drawn.values.shape
        whys = None if causes is None else causes.causes.reshape(shape)
        self._grad.show_picture(drawn, sentence, faded=faded, causes=whys)
        self.legend.show_causes(causes, self._grad.theme, on=True, on_paper=self.on_paper)
        show_if(self.legend, causes is not None)
        if not same or self._chosen is None:
            self._chosen = (0,) * max(1, len(parameter.shape))
        # Room for the value and its gradient, so that pointing at one moves nothing below.
        lines = 1 if self.on_paper else 1 + (grad is not None) + (parameter.grad_before is not None)
        self._reading.setMinimumHeight(lines * self._reading.fontMetrics().lineSpacing() + 2)
        self._list_numbers()
        self._point(None)

    def take_look(self, other: "ParameterBlock") -> None:
        """List the numbers around the one that another block lists, if there is such a one."""
        mine, theirs = self._parameter, other._parameter
        if mine is not None and theirs is not None and mine.shape == theirs.shape:
            self._chosen = other._chosen
            self._list_numbers()

    def range_words(self) -> tuple[str, ...]:
        """Return the colour range of the parameter's picture and of its gradient's."""
        parameter = self._parameter
        if parameter is None:
            return ()
        short = parameter.name.rpartition(".")[2]
        pictures = ((short, self._picture.scale), (f"{short}.grad", self._grad.scale))
        return tuple(
            formatted(
                "Caption",
                "{name} {low} to {high}",
                name=name,
                low=numbers.text(scale.low, 3),
                high=numbers.text(scale.high, 3),
            )
            for name, scale in pictures
            if scale is not None
        )

    def _choose(self, side: Side, index: object) -> None:
        parameter = self._parameter
        if isinstance(index, tuple) and parameter is not None:
            self._chosen = index
            self._list_numbers()
            at = index if parameter.shape else ()
            self.value_clicked.emit(Address(Place.PARAMETER, parameter.name, side=side, index=at))

    def _poke(self, index: tuple[int, ...], notches: int) -> None:
        parameter = self._parameter
        if parameter is not None:
            at = index if parameter.shape else ()
            self.poke_requested.emit(Address(Place.PARAMETER, parameter.name, index=at), notches)

    def show_pointed(self, step: Step | None, address: Address | None) -> None:
        """Mark a number of this parameter, or what of it makes an output's value.

        Args:
            step: the step whose parameter it is.
            address: what is pointed at elsewhere; None for nothing.
        """
        parameter = self._parameter
        if parameter is None:
            return
        own = address is not None and address.place is Place.PARAMETER
        mine = own and address is not None and address.name == parameter.name
        index = (address.index or (0,)) if mine and address is not None else None
        mask = kernels_of(step, parameter, address)
        self._picture.mark(index)
        self._picture.set_field(mask)
        self._grad.mark(index if parameter.grad is not None else None)

    def _list_numbers(self) -> None:
        """List the numbers around the chosen one, and the gradient's below them."""
        parameter, index = self._parameter, self._chosen
        if parameter is None or index is None or not parameter.count:
            self._numbers.setText("")
            return
        short = parameter.name.rpartition(".")[2]
        value = parameter.value.reshape(parameter.shape or (1,))
        shown, name = step_words.window(value, index, self._columns())
        parts = [f"{short}{name}", step_words.grid_text(shown)]
        grad = parameter.grad
        if grad is not None:
            around, _ = step_words.window(grad.reshape(value.shape), index, self._columns())
            parts += [f"{short}.grad{name}", step_words.grid_text(around)]
        self._numbers.setText("\n".join(parts))

    def _columns(self) -> int:
        return max(2, min(5, self.width() // 80))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """List as many columns of numbers as fit."""
        super().resizeEvent(event)
        if event.size().width() // 80 != event.oldSize().width() // 80:
            self._list_numbers()

    def _point(self, index: object) -> None:
        """Read the value at an index, or the statistics where none is pointed at."""
        parameter = self._parameter
        if parameter is None:
            return
        pointed = index if isinstance(index, tuple) else None
        self._picture.mark(pointed)
        self._grad.mark(pointed if parameter.grad is not None else None)
        self._reading.setText(
            step_words.statistics_words(parameter.value)
            if pointed is None
            else self._words_at(pointed)
        )

    def _words_at(self, pointed: tuple[int, ...]) -> str:
        """Return one number of the parameter and of its gradient in words."""
        parameter = self._parameter
        if parameter is None:
            return ""
        short = parameter.name.rpartition(".")[2]
        where = ", ".join(map(str, pointed))
        value: Any = parameter.value.reshape(parameter.shape or (1,))[pointed]
        words = formatted(
            "Step", "{name}[{where}] = {value}", name=short, where=where, value=numbers.exact(value)
        )
        grad = parameter.grad
        if grad is not None:
            number: Any = grad.reshape(parameter.shape or (1,))[pointed]
            at = numbers.exact(number)
            words += "\n" + formatted("Step", ".grad[{where}] = {value}", where=where, value=at)
            words += "\n" + step_words.accumulation_words(parameter, pointed)
        return words.rstrip("\n")
