"""The type of a storyboard's tiles and where the lines of words stand in them."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from lenet_viz.panels.card_painting import EDGE
from lenet_viz.panels.storyboard_story import Story
from lenet_viz.panels.theme import code_font, text_font

SMALLEST_TYPE: Final = 5.5
_LETTERS_BESIDE: Final = 215.0
"""From this width on the axes' letters stand on one line with the shape."""
_SOURCE_FROM: Final = 150.0
"""From this width on there is room for the line of Python."""


@dataclass(frozen=True, slots=True)
class Style:
    """Type sizes and heights of the lines in a tile, for all tiles of one width.

    Attributes:
        pad: between the tile's edge and its words.
        title: font of the name.
        words: font of the second line.
        small: font of counts, ranges and labels.
        code: font of numbers and code.
        chip: font of the shape.
        title_height: of its line.
        words_height: of its line.
        small_height: of a line of counts, a label, a range or code.
        parameters: whether there is a line for the number of parameters.
        source: whether there is a line of Python.
        labels: whether each map has a label.
        maps: how many maps stand above one another.
        chip_lines: 1 or 2.
        chip_height: of the chip.
    """

    pad: float
    title: QFont
    words: QFont
    small: QFont
    code: QFont
    chip: QFont
    title_height: float
    words_height: float
    small_height: float
    parameters: bool
    source: bool
    labels: bool
    maps: int
    chip_lines: int
    chip_height: float

    @property
    def head_height(self) -> float:
        """The height from the tile's top to its first map."""
        lines = self.small_height * (self.parameters + self.source)
        return EDGE + self.pad * 0.7 + self.title_height + self.words_height + lines + 3

    @property
    def text_height(self) -> float:
        """The height of everything but the maps."""
        per_map = self.small_height * (1 + self.labels) + 4
        return self.head_height + self.maps * per_map + self.chip_height + self.pad + 1


def style_for(width: float, story: Story) -> Style:
    """Return the style of tiles of a width."""
    grade = 0 if width < 112 else 1 if width < 190 else 2
    title = text_font((8.5, 9.5, 11.0)[grade], bold=True)
    words = text_font((7.0, 8.0, 9.0)[grade])
    small = text_font((6.5, 7.0, 8.0)[grade])
    code = code_font((6.5, 7.0, 8.0)[grade])
    chip = code_font((7.0, 8.0, 9.0)[grade], bold=True)
    small_height = max(_height(small), _height(code))
    chip_lines = 1 if width >= _LETTERS_BESIDE else 2
    return Style(
        pad=(5.0, 7.0, 9.0)[grade],
        title=title,
        words=words,
        small=small,
        code=code,
        chip=chip,
        title_height=_height(title),
        words_height=_height(words),
        small_height=small_height,
        parameters=story.has_parameters,
        source=story.has_source and width >= _SOURCE_FROM,
        labels=len(story.sides) > 1,
        maps=len(story.sides),
        chip_lines=chip_lines,
        chip_height=_height(chip) + (chip_lines - 1) * small_height + 4,
    )


def _height(font: QFont) -> float:
    return QFontMetricsF(font).height() + 0.5


def fitted(font: QFont, text: str, width: float) -> QFont:
    """Return a font in which a line fits into a width, smaller down to a limit."""
    wide = QFontMetricsF(font).horizontalAdvance(text)
    if wide <= width or not text:
        return font
    smaller = QFont(font)
    smaller.setPointSizeF(max(SMALLEST_TYPE, font.pointSizeF() * max(0.0, width) / wide))
    while (
        smaller.pointSizeF() > SMALLEST_TYPE
        and QFontMetricsF(smaller).horizontalAdvance(text) > width
    ):
        smaller.setPointSizeF(max(SMALLEST_TYPE, smaller.pointSizeF() - 0.25))
    return smaller


def write(
    painter: QPainter,
    place: QRectF,
    text: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Write one line: in smaller type where it does not fit, then with its middle left out."""
    if not text or place.width() <= 0:
        return
    fitting = fitted(font, text, place.width())
    metrics = QFontMetricsF(fitting)
    if metrics.horizontalAdvance(text) > place.width():
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, place.width())
    painter.setFont(fitting)
    painter.setPen(color)
    painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), text)


def write_wrapped(
    painter: QPainter, place: QRectF, texts: tuple[str, ...], font: QFont, color: QColor
) -> None:
    """Write the first of some texts that fits into a place over several lines, else nothing."""
    flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    tall = QRectF(0, 0, place.width(), 10_000)
    for text in texts:
        size = font.pointSizeF()
        while size >= SMALLEST_TYPE:
            smaller = QFont(font)
            smaller.setPointSizeF(size)
            needed = QFontMetricsF(smaller).boundingRect(tall, flags, text)
            if needed.height() <= place.height() and needed.width() <= place.width():
                painter.setFont(smaller)
                painter.setPen(color)
                painter.drawText(place, flags, text)
                return
            size -= 0.5
