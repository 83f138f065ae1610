"""How often the selected card's numbers occur, activation and gradient: a figure of its own."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from lenet_viz.display.numbers import count_text, text
from lenet_viz.display.statistics import Statistics
from lenet_viz.panels.histogram_view import HistogramView
from lenet_viz.panels.map_content import content_of
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.map_words import details_of, heading_of, sentence_of, subtitle_of
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import text_font
from lenet_viz.panels.thumbnail import drawable
from lenet_viz.session.state import State

HEIGHT = 150
"""Logical pixels of one histogram."""


class HistogramPanel(Panel):
    """One histogram for each array that the map panel would show, with its numbers in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("histogram", parent)
        self.sides = (_Side("histogram_first", self), _Side("histogram_second", self))
        for side in self.sides:
            self.body.addWidget(side, 1)
        self.setMinimumWidth(240)

    def draw(self, old: State | None, new: State) -> None:
        """Show the histograms of the selected card."""
        content = content_of(new)
        words = "" if content is None else subtitle_of(content)
        self.set_title(translate("Maps", "Histogram"), words)
        shown = () if content is None else content.sides
        for number, side in enumerate(self.sides):
            show_if(side, number < len(shown))
            if number < len(shown):
                side.show_side(shown[number], heading_of(shown[number], new), self)

    def paper_height(self, width: int) -> int:
        """Return the height of all histograms with their words."""
        shown = sum(not side.isHidden() for side in self.sides)
        return 44 + max(1, shown) * (HEIGHT + 56)

    def caption_details(self) -> tuple[str, ...]:
        """Return step, op, shape and colour ranges."""
        content = None if self.state is None else content_of(self.state)
        return () if content is None else details_of(content)


class _Side(QWidget):
    """One histogram with a heading above and its statistics below."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.heading = QLabel(self)
        self.heading.setObjectName(f"{name}_heading")
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setFont(text_font(9, bold=True))
        self.view = HistogramView(self)
        self.view.setObjectName(f"{name}_view")
        self.view.set_height(60)
        self.words = QLabel(self)
        self.words.setObjectName(f"{name}_words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.words.setFont(text_font(8.5))
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.heading)
        column.addWidget(self.view, 1)
        column.addWidget(self.words)

    def show_side(self, side: MapSide, heading: str, panel: Panel) -> None:
        """Show an array's histogram, or the sentence that says why there is none."""
        self.heading.setText(heading)
        reason = sentence_of(side)
        show_if(self.view, not reason)
        if reason or side.values is None:
            self.words.setText(reason)
            return
        self.view.show_side(side, panel.theme)
        self.words.setText(statistics_words(side))


def statistics_words(side: MapSide) -> str:
    """Return an array's count, exact zeros, range, mean and what is not finite, in words."""
    assert side.values is not None
    found = Statistics.of(drawable(side.values))
    words = formatted(
        "Maps",
        "{count} numbers, {zeros} of them exactly 0",
        count=count_text(found.count),
        zeros=count_text(found.zeros),
    )
    if found.min is not None and found.max is not None and found.mean is not None:
        words += formatted(
            "Maps",
            "; {low} to {high}, mean {mean}",
            low=text(found.min, 4),
            high=text(found.max, 4),
            mean=text(found.mean, 4),
        )
    strange = found.count - found.finite
    if strange:
        words += formatted("Maps", "; NaN or infinite: {count}", count=count_text(strange))
    return words
