"""What the colours of a picture stand for: a bar with its ends, and a chip for each special."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_viz.display import colours
from lenet_viz.display.numbers import count_text, text
from lenet_viz.display.scale import Scale
from lenet_viz.display.statistics import Statistics
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import LIGHT, Theme, code_font, text_font
from lenet_viz.panels.thumbnail import as_image, colour_theme, drawable

_BAR = 10.0
_LINE = 16.0


@dataclass(frozen=True, slots=True)
class Chip:
    """A special number's colour and how often it occurs.

    Attributes:
        words: what is beside the colour.
        rgba: the colour; None for hatching.
        dotted: whether a dot is in it, as in the picture.
    """

    words: str
    rgba: colours.Rgba | None
    dotted: bool = False


def scale_name(side: MapSide) -> str:
    """Return the scale's name as it stands beside the bar."""
    if not side.shared and not side.zoomed:
        return formatted("Maps", "own scales: {ends}", ends=_own_ends(side))
    if not side.shared:
        return translate("Maps", "own scale of this channel")
    if side.scales and side.scales[0].kind == "grey":
        return translate("Maps", "grey: input picture")
    many = side.has_channels or side.zoomed
    return translate("Maps", "shared scale") if many else ""


def end_texts(scales: tuple[Scale, ...]) -> tuple[str, str]:
    """Return the numbers at the low and the high end of the bar.

    Args:
        scales: one for all, or one for each channel: then the ends have no number in common.
    """
    high = max(scale.high for scale in scales)
    low = min(scale.low for scale in scales)
    if len(scales) == 1:
        plus = low < 0
        return text(low, 3), text(high, 3, plus=plus)
    return translate("Maps", "-own end") if low < 0 else "0", translate("Maps", "+own end")


def _own_ends(side: MapSide) -> str:
    assert side.values is not None
    flat = drawable(side.values).reshape(len(side.scales), -1)
    used = np.any((flat != 0) & np.isfinite(flat), axis=1)
    # A channel of zeros alone has no end of its own.
    highs = [scale.high for scale, any_ in zip(side.scales, used, strict=True) if any_] or [0.0]
    return formatted("Maps", "{low} to {high}", low=text(min(highs), 3), high=text(max(highs), 3))


def chips_of(side: MapSide, theme: Theme, structural: int) -> tuple[Chip, ...]:
    """Return a chip for each kind of special number that occurs.

    Args:
        side: what is drawn; it has values.
        theme: decides the colour of exact zeros.
        structural: how many numbers are structurally zero.
    """
    assert side.values is not None
    counts = Statistics.of(drawable(side.values))
    grey = side.scales[0].kind == "grey"
    zero = (0, 0, 0, 255) if grey else colours.ZERO[colour_theme(theme)]
    found = (
        (translate("Maps", "exact 0: {count}"), counts.zeros, zero),
        (translate("Maps", "NaN: {count}"), counts.nan, colours.NAN),
        (translate("Maps", "+inf: {count}"), counts.positive_infinity, colours.POSITIVE_INFINITY),
        (translate("Maps", "-inf: {count}"), counts.negative_infinity, colours.NEGATIVE_INFINITY),
    )
    chips = tuple(
        Chip(words.replace("{count}", count_text(count)), rgba, rgba == zero and not grey)
        for words, count, rgba in found
        if count
    )
    if structural:
        words = (
            formatted(
                "Maps",
                "no window of {step} reads it: {count}",
                step=side.dropped_by,
                count=count_text(structural),
            )
            if side.dropped_by
            else formatted("Maps", "structurally zero: {count}", count=count_text(structural))
        )
        chips += (Chip(words, None),)
    return chips


class ColourBar(QWidget):
    """The colour bar of one picture: low, 0 and high, the scale's name, chips of specials."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty bar."""
        super().__init__(parent)
        self._side: MapSide | None = None
        self._theme: Theme = LIGHT
        self._chips: tuple[Chip, ...] = ()
        self._image = QImage()
        self._key: tuple[str, bool] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return one bar and two lines of text."""
        return QSize(120, round(_BAR + 2 * _LINE + 4))

    def show_side(self, side: MapSide, theme: Theme, structural: int = 0) -> None:
        """Draw the bar of a picture.

        Args:
            side: what the picture shows; it has values.
            theme: for text and lines.
            structural: how many of its numbers are structurally zero.
        """
        self._side, self._theme = side, theme
        self._chips = chips_of(side, theme, structural)
        signed = next((scale for scale in side.scales if scale.low < 0), side.scales[0])
        self._image = as_image(colours.legend(signed, 256))
        low, high = end_texts(side.scales)
        words = formatted("Maps", "colours from {low} to {high}", low=low, high=high)
        self.setAccessibleName(words)
        self.setToolTip("\n".join((words, scale_name(side), *(chip.words for chip in self._chips))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar, ends and chips."""
        side = self._side
        if side is None:
            return
        painter = QPainter(self)
        wide = self.width()
        painter.drawImage(QRectF(0, 0, wide, _BAR), self._image)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.drawRect(QRectF(0.5, 0.5, wide - 1, _BAR - 1))
        self._draw_ends(painter, side, QRectF(0, _BAR + 2, wide, _LINE))
        self._draw_chips(painter, QRectF(0, _BAR + 2 + _LINE, wide, _LINE))
        painter.end()

    def _draw_ends(self, painter: QPainter, side: MapSide, line: QRectF) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        low, high = end_texts(side.scales)
        font = code_font(8.5)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignLeft), low)
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), high)
        signed = any(scale.kind == "signed" for scale in side.scales)
        if signed:
            painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignHCenter), "0")

    def _draw_chips(self, painter: QPainter, line: QRectF) -> None:
        font = text_font(8)
        metrics = QFontMetricsF(font)
        x = line.left()
        for chip in self._chips:
            words = metrics.horizontalAdvance(chip.words)
            if x + 16 + words > line.right():
                break
            self._draw_chip(painter, chip, QRectF(x, line.center().y() - 5, 10, 10))
            painter.setFont(font)
            painter.setPen(self._theme.color("muted"))
            place = QRectF(x + 15, line.top(), words + 4, line.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), chip.words)
            x += 15 + words + 14
        self._draw_name(painter, font, QRectF(x, line.top(), line.right() - x, line.height()))

    def _draw_name(self, painter: QPainter, font: QFont, room: QRectF) -> None:
        if self._side is None:
            return
        name = QFontMetricsF(font).elidedText(
            scale_name(self._side), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        painter.drawText(room, flags, name)

    def _draw_chip(self, painter: QPainter, chip: Chip, place: QRectF) -> None:
        painter.setPen(QPen(self._theme.color("muted"), 1))
        painter.setBrush(QColor(*chip.rgba) if chip.rgba else Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        if chip.dotted:
            painter.setPen(QPen(self._theme.color("text"), 2))
            painter.drawPoint(place.center())
        if chip.rgba is None:
            painter.setPen(QPen(self._theme.color("hatch"), 1))
            painter.drawLine(place.bottomLeft(), place.topRight())
        painter.setBrush(Qt.BrushStyle.NoBrush)
