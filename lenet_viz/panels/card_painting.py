"""How one card of the strip is painted."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPixmapCache,
)

from lenet_viz.capture.records import GradientState
from lenet_viz.display import colours, numbers
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.crisp import draw_crisp, stays_lines
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import Theme, code_font, text_font
from lenet_viz.panels.thumbnail import colour_theme

EDGE = 4
RADIUS = 6
INSET = 7


@dataclass(frozen=True, slots=True)
class CardInk:
    """Everything that is painted on one card.

    Attributes:
        title: the first line.
        op: decides the colour of the top edge.
        detail: the second line.
        warning: whether the second line is a warning.
        chip: the words at the bottom.
        picture: what the thumbnail draws; None for none.
        image: the thumbnail, one pixel for each number; None for none.
        missing: why a gradient cannot be drawn.
        grows_from_zero: draw a short vector as bars left and right of zero.
        repeated: whether the name ends in a number because the op ran before.
    """

    title: str
    op: str
    detail: str
    warning: bool
    chip: str
    picture: Picture | None
    image: QImage | None
    missing: GradientState
    grows_from_zero: bool
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class CardLook:
    """How a card stands among the others."""

    selected: bool = False
    related: bool = False
    hovered: bool = False
    focused: bool = False
    stale: bool = False


def paint_card(painter: QPainter, rect: QRectF, ink: CardInk, theme: Theme, look: CardLook) -> None:
    """Paint one card into ``rect``."""
    _ground(painter, rect, ink, theme, look)
    inner = rect.adjusted(INSET, EDGE + 5, -INSET, -INSET)
    painter.setPen(theme.color("text"))
    _line(painter, inner, _title_that_fits(ink, inner.width()), size=9.5)
    painter.setPen(theme.color("warning" if ink.warning else "muted"))
    used = _detail(painter, inner.adjusted(0, 17, 4, 0), ink)
    chip = QRectF(rect.left() + 4, rect.bottom() - 24, rect.width() - 8, 19)
    _chip(painter, chip, ink.chip, theme)
    top = inner.top() + 20 + used
    area = QRectF(inner.left(), top, inner.width(), chip.top() - top - 5)
    painter.save()
    if look.stale:
        painter.setOpacity(0.35)
    _picture(painter, area, ink, theme)
    painter.restore()


def top_edge(rect: QRectF, radius: float = RADIUS) -> QPainterPath:
    """Return the coloured edge of a card: the top of its rounded rectangle.

    A shape of its own, not a clipped one: SVG viewers clip differently.

    Args:
        rect: the card.
        radius: of its corners.
    """
    rounded, top = QPainterPath(), QPainterPath()
    rounded.addRoundedRect(rect, radius, radius)
    top.addRect(QRectF(rect.left(), rect.top(), rect.width(), EDGE))
    return rounded.intersected(top)


def _ground(painter: QPainter, rect: QRectF, ink: CardInk, theme: Theme, look: CardLook) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent_ground" if look.selected else "surface"))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    painter.fillPath(top_edge(rect), theme.op_color(ink.op))
    strong = look.selected or look.related or look.hovered
    width = 2.0 if look.selected or look.focused else 1.0
    role = "accent" if look.selected else "muted" if strong else "line"
    pen = QPen(theme.color(role), width)
    if look.related and not look.selected:
        pen.setStyle(Qt.PenStyle.DashLine)
        pen.setColor(theme.color("accent"))
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), RADIUS, RADIUS)


def _title_that_fits(ink: CardInk, width: float) -> str:
    """Return the step's name, or the op's alone where the name is too long to be read."""
    font = text_font(7.5, bold=True)
    if QFontMetricsF(font).horizontalAdvance(ink.title) <= width + 3:
        return ink.title
    return ink.title.removesuffix(f"_{ink.title.rpartition('_')[2]}") if ink.repeated else ink.title


def _line(painter: QPainter, inner: QRectF, text: str, *, size: float) -> None:
    """Write one bold line, in smaller type where it would not fit."""
    place = QRectF(inner.left(), inner.top(), inner.width() + 3, 16)
    font = text_font(size, bold=True)
    while QFontMetricsF(font).horizontalAdvance(text) > place.width() and font.pointSizeF() > 6.5:
        font.setPointSizeF(font.pointSizeF() - 0.5)
    painter.setFont(font)
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def _detail(painter: QPainter, place: QRectF, ink: CardInk) -> float:
    """Write the second line, over two lines where it needs them, and return their height."""
    painter.setFont(text_font(7.5, bold=ink.warning))
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    metrics = QFontMetricsF(painter.font())
    room = QRectF(place.left(), place.top(), place.width(), 2 * metrics.lineSpacing() + 1)
    painter.drawText(room, flags, ink.detail)
    return float(min(metrics.boundingRect(room, flags, ink.detail).height(), room.height()))


def _chip(painter: QPainter, rect: QRectF, text: str, theme: Theme) -> None:
    if not text:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(rect, 4, 4)
    size = 8.0
    font = code_font(size, bold=True)
    while QFontMetricsF(font).horizontalAdvance(text) > rect.width() - 4 and size > 6.5:
        size -= 0.5
        font = code_font(size, bold=True)
    painter.setFont(font)
    painter.setPen(theme.color("text"))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), shown)


def _picture(painter: QPainter, area: QRectF, ink: CardInk, theme: Theme) -> None:
    if ink.missing is not GradientState.PRESENT:
        _sentence(painter, area, _short_reason(ink.missing), theme)
    elif ink.picture is None:
        return
    elif ink.picture.bars and ink.picture.values.size > 1:
        _bars(painter, area, ink, theme)
    elif ink.image is not None and not ink.image.isNull():
        draw_cells(painter, area, ink.image, fill=True)


def _short_reason(state: GradientState) -> str:
    words = {
        GradientState.NO_BACKWARD: translate("Cards", "no backward yet"),
        GradientState.NO_GRAD: translate("Cards", "no gradient"),
        GradientState.NOT_REACHED: translate("Cards", "not reached"),
        GradientState.ALIASED: translate("Cards", "written over"),
    }
    return words.get(state, "")


def _sentence(painter: QPainter, area: QRectF, text: str, theme: Theme) -> None:
    painter.setFont(text_font(8))
    painter.setPen(theme.color("muted"))
    flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
    painter.drawText(area, int(flags), text)


def draw_cells(painter: QPainter, area: QRectF, image: QImage, *, fill: bool = False) -> QRectF:
    """Draw an image of one pixel per number into ``area`` and return where it stands.

    Numbers stay squares: scaled by a whole number of device pixels where the area is large
    enough, smoothly shrunk where it is not.

    Args:
        painter: where to draw.
        area: where it may stand; it starts at the top left.
        image: one pixel for each number.
        fill: fill the area as far as the proportions allow: squares of whole device pixels are
            shrunk to fit, so that their edges are soft but their sizes equal.
    """
    # Not the device's own ratio: a widget that is rendered into an image knows only its screen's.
    ratio = painter.deviceTransform().m11()
    wide, high = image.width() / ratio, image.height() / ratio
    factor = min(area.width() / wide, area.height() / high)
    if factor >= 1 and not fill:
        factor = float(int(factor))
    whole = factor == int(factor)
    place = QRectF(area.left(), area.top(), wide * factor, high * factor)
    if stays_lines(painter):
        draw_crisp(painter, place, image)
        return place
    painter.save()
    if whole:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, image)
    else:
        small = _resampled(image, place.size() * ratio, factor)
        at = (round(place.left()), round(place.top()))
        target = QRectF(*at, small.width() / ratio, small.height() / ratio)
        painter.drawPixmap(target, small, QRectF(small.rect()))
    painter.restore()
    return place


def _resampled(image: QImage, size: QSizeF, factor: float) -> QPixmap:
    """Return an image at a size, first enlarged to whole squares where it grows.

    Qt keeps the last ones: a large matrix is not shrunk again each time it is painted.
    """
    key = f"cells:{image.cacheKey()}:{size.width():.2f}:{size.height():.2f}"
    known = QPixmap()
    if QPixmapCache.find(key, known):
        return known
    keep = Qt.AspectRatioMode.IgnoreAspectRatio
    if factor > 1:
        whole = int(factor) + 1
        image = image.scaled(image.width() * whole, image.height() * whole, keep)
    small = QPixmap.fromImage(
        image.scaled(
            max(1, round(size.width())),
            max(1, round(size.height())),
            keep,
            Qt.TransformationMode.SmoothTransformation,
        )
    )
    QPixmapCache.insert(key, small)
    return small


def _bars(painter: QPainter, area: QRectF, ink: CardInk, theme: Theme) -> None:
    """Draw a short vector as rows: index, then a coloured cell and the number, or a bar."""
    picture = ink.picture
    assert picture is not None
    values = picture.values.reshape(-1)
    count = len(values)
    pitch = min(14.0, area.height() / count)
    font = code_font(max(5.5, min(7.5, pitch * 0.68)))
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    index_width = metrics.horizontalAdvance("00" if count > 10 else "0") + 4
    rgba = colours.colourise(values, picture.scale, colour_theme(theme))
    texts = numbers.column(values.tolist(), 6)
    middle = area.left() + index_width + (area.width() - index_width) / 2
    largest = max(abs(picture.scale.low), abs(picture.scale.high))
    for row in range(count):
        top = area.top() + row * pitch
        place = QRectF(area.left(), top, area.width(), pitch)
        painter.setPen(theme.color("muted"))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), str(row))
        color = QColor(*rgba[row].tolist())
        if ink.grows_from_zero:
            share = float(values[row]) / largest if largest else 0.0
            half = (area.width() - index_width) / 2 - 1
            bar = QRectF(middle, top + pitch * 0.18, share * half, pitch * 0.64).normalized()
            painter.fillRect(bar, QColor(*_bar_rgba(share)))
        else:
            cell = QRectF(area.left() + index_width, top, 9, pitch)
            painter.fillRect(cell, color)
            painter.setPen(theme.color("text"))
            text = place.adjusted(index_width + 12, 0, 0, 0)
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), texts[row])
    if ink.grows_from_zero:
        painter.setPen(QPen(theme.color("muted"), 1))
        painter.drawLine(QPointF(middle, area.top()), QPointF(middle, area.top() + count * pitch))


def _bar_rgba(share: float) -> tuple[int, int, int, int]:
    """Return the full colour of a sign: bars tell size by length, not by shade."""
    return (178, 24, 43, 255) if share > 0 else (33, 102, 172, 255)
