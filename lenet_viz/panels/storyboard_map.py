"""One array in a storyboard's tile: as a mosaic, as numbers, and the range of its colours."""

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from lenet_viz.display import colours, numbers
from lenet_viz.display.mosaic import Mosaic
from lenet_viz.display.scale import Scale
from lenet_viz.display.statistics import Statistics
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.cells import draw_cells
from lenet_viz.panels.crisp import stays_lines
from lenet_viz.panels.storyboard_style import Style, write, write_wrapped
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import Theme, code_font
from lenet_viz.panels.thumbnail import as_image, colour_theme, thumbnail

_LEAST_PITCH = 8.5
"""The least height of a row with a number."""
_NUMBER_WIDTH = 6
_SOFT_BELOW = 4.0
"""Squares smaller than this fill the room; larger ones keep whole device pixels."""


def paint_map(painter: QPainter, area: QRectF, picture: Picture, theme: Theme) -> None:
    """Paint an array as large as ``area`` allows, in its middle."""
    if not picture.values.size:
        sentence = translate("Storyboard", "This tensor has no elements.")
        short = translate("Storyboard", "no elements")
        write_wrapped(painter, area, (sentence, short), code_font(7.5), theme.color("muted"))
    elif picture.bars:
        _paint_vector(painter, area, picture, theme)
    else:
        _paint_mosaic(painter, area, picture, theme)


def shaped(picture: Picture, aspect: float) -> Mosaic:
    """Return a picture's mosaic for an area of another width over height."""
    old = picture.mosaic
    if old.kind == "bands":
        return Mosaic.bands(old.shape[0], old.count, aspect=aspect)
    return Mosaic.of(old.shape, kind=old.kind, aspect=aspect)


def _paint_mosaic(painter: QPainter, area: QRectF, picture: Picture, theme: Theme) -> None:
    mosaic = shaped(picture, area.width() / area.height())
    image = thumbnail(picture.values, mosaic, picture.scale, theme)
    ratio = 1.0 if stays_lines(painter) else painter.deviceTransform().m11()
    factor = min(area.width() / mosaic.width, area.height() / mosaic.height)
    if factor * ratio >= _SOFT_BELOW and not stays_lines(painter):
        factor = int(factor * ratio) / ratio
    size = QSizeF(mosaic.width * factor, mosaic.height * factor)
    left = area.left() + (area.width() - size.width()) / 2
    top = area.top() + (area.height() - size.height()) / 2
    place = QRectF(left, top, size.width() + 1e-6, size.height() + 1e-6)
    drawn = draw_cells(painter, place, image, fill=True)
    if mosaic.count == 1 or mosaic.gap == 0:
        _outline(painter, drawn, theme)


def _outline(painter: QPainter, place: QRectF, theme: Theme) -> None:
    painter.setPen(QPen(theme.color("line"), 0.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)


def _paint_vector(painter: QPainter, area: QRectF, picture: Picture, theme: Theme) -> None:
    """Paint a short vector: a row for each number, in columns, or cells where that is too small."""
    values = picture.values.reshape(-1)
    count = len(values)
    rows = max(1, min(count, int(area.height() // _LEAST_PITCH)))
    columns = -(-count // rows)
    rows = -(-count // columns)
    wide = area.width() / columns
    # Large tiles have large numbers, too.
    pitch = min(max(20.0, wide * 0.13), 38.0, area.height() / rows)
    font = code_font(max(5.5, min(9.0, pitch * 0.58), pitch * 0.4))
    metrics = QFontMetricsF(font)
    texts = numbers.column(values.tolist(), _NUMBER_WIDTH)
    index_width = metrics.horizontalAdvance("00" if count > 10 else "0") + 4
    number_width = max(metrics.horizontalAdvance(text) for text in texts) + 5
    rgba = colours.colourise(values, picture.scale, colour_theme(theme)).tolist()
    between = 3.0 if columns == 1 else 11.0
    cell = min(1.7 * max(20.0, pitch), wide - index_width - number_width - between)
    if cell < 5:
        _paint_cells(painter, area, rgba, theme)
        return
    painter.setFont(font)
    block = index_width + cell + number_width
    left = area.left() + (wide - block) / 2
    top = area.top() + (area.height() - pitch * rows) / 2
    level = int(Qt.AlignmentFlag.AlignVCenter)
    for at, text in enumerate(texts):
        column, row = divmod(at, rows)
        line = QRectF(left + column * wide, top + row * pitch, block, pitch)
        painter.setPen(theme.color("muted"))
        painter.drawText(line, level | int(Qt.AlignmentFlag.AlignLeft), str(at))
        square = QRectF(line.left() + index_width, line.top(), cell, pitch)
        painter.fillRect(square.adjusted(0, 0.5, 0, -0.5), QColor(*rgba[at]))
        _outline(painter, square.adjusted(0, 0.5, 0, -0.5), theme)
        painter.setPen(theme.color("text"))
        painter.drawText(line, level | int(Qt.AlignmentFlag.AlignRight), text)


def _paint_cells(painter: QPainter, area: QRectF, rgba: list[list[int]], theme: Theme) -> None:
    wide = area.width() / len(rgba)
    high = min(area.height(), max(3 * wide, 12.0))
    top = area.top() + (area.height() - high) / 2
    for at, color in enumerate(rgba):
        painter.fillRect(QRectF(area.left() + at * wide, top, wide, high), QColor(*color))
    _outline(painter, QRectF(area.left(), top, area.width(), high), theme)


def paint_range(
    painter: QPainter, area: QRectF, picture: Picture, style: Style, theme: Theme
) -> None:
    """Write what the two ends of a picture's colours stand for, the colours between them."""
    if not picture.values.size:
        return
    special = special_words(picture)
    low, high = end_words(picture.scale)
    metrics = QFontMetricsF(style.code)
    left, right = metrics.horizontalAdvance(low) + 4, metrics.horizontalAdvance(high) + 4
    bar = area.width() - left - right
    if special or bar < 12:
        nothing = not picture.values.any()
        words = f"{low} … {high} · {special}" if special else f"{low} … {high}"
        words = special if nothing else words
        color = theme.color("warning" if special and not nothing else "muted")
        write(painter, area, words, style.code, color, Qt.AlignmentFlag.AlignHCenter)
        return
    muted = theme.color("muted")
    bar = min(bar, 60.0)
    start = area.left() + (area.width() - left - bar - right) / 2
    write(painter, QRectF(start, area.top(), left, area.height()), low, style.code, muted)
    place = QRectF(start + left, area.center().y() - 2.5, bar, 5)
    legend = as_image(colours.legend(picture.scale, 64))
    painter.drawImage(place, legend)
    _outline(painter, place, theme)
    beside = QRectF(place.right() + 4, area.top(), right, area.height())
    write(painter, beside, high, style.code, muted)


def end_words(scale: Scale) -> tuple[str, str]:
    """Return the numbers at the low and the high end of a scale."""
    return numbers.text(scale.low, 3), numbers.text(scale.high, 3, plus=scale.low < 0)


def special_words(picture: Picture) -> str:
    """Return how many numbers are not finite, or that all are zero; "" where neither is so."""
    counts = Statistics.of(picture.values)
    if counts.zeros == counts.count:
        return translate("Storyboard", "all 0")
    infinite = counts.positive_infinity + counts.negative_infinity
    words = []
    if counts.nan:
        words.append(formatted("Storyboard", "{count} NaN", count=counts.nan))
    if infinite:
        words.append(formatted("Storyboard", "{count} infinite", count=infinite))
    return ", ".join(words)
