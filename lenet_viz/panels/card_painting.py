"""How one card of the strip is painted."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QTransform,
)

from lenet_viz.capture.records import GradientState
from lenet_viz.panels.card_bars import paint_bars
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.cells import draw_cells
from lenet_viz.panels.strip_marks import SIGN, dashed, paint_plus, paint_stack, plus_rect
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import Theme, code_font, text_font

EDGE = 4
RADIUS = 6
INSET = 7
LINE = 7.4
"""Height that a number needs."""
LOW = 150
"""A card that is less high has one line of detail."""
LOWER = 100
"""One that is even less high has that line only where it warns or stands for a module."""
PICTURE = 8.0
"""A picture that is less high would show nothing."""

_LYING = QTransform(0, 1, 1, 0, 0, 0)


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
        short: a shorter first line, such as the name without the module's path; "" for none.
        folded: whether it stands for the steps of a module.
        opaque: whether what happened inside could not be seen.
        failed: whether it raised.
        note: a sentence instead of a picture; "" for none.
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
    short: str = ""
    folded: bool = False
    opaque: bool = False
    failed: bool = False
    note: str = ""


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
    if ink.folded:
        rect = paint_stack(painter, rect, theme)
    _ground(painter, rect, ink, theme, look)
    if ink.folded:
        paint_plus(painter, plus_rect(rect), theme)
    inner = rect.adjusted(INSET, EDGE + 5, -INSET, -INSET)
    painter.setPen(theme.color("text"))
    title = inner.adjusted(0, 0, -SIGN if ink.folded else 0, 0)
    _line(painter, title, _title_that_fits(ink, title.width()), size=9.5)
    painter.setPen(theme.color("error" if ink.failed else "warning" if ink.warning else "muted"))
    used = _detail(painter, inner.adjusted(0, 17, 4, 0), ink, rect.height())
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
    edge = dashed(top_edge(rect), rect) if ink.opaque else top_edge(rect)
    painter.fillPath(edge, _edge_color(ink, theme))
    strong = look.selected or look.related or look.hovered
    width = 2.0 if look.selected or look.focused or ink.failed else 1.0
    role = "accent" if look.selected else "muted" if strong else "line"
    pen = QPen(theme.color("error" if ink.failed else role), width)
    if look.related and not look.selected and not ink.failed:
        pen.setStyle(Qt.PenStyle.DashLine)
        pen.setColor(theme.color("accent"))
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), RADIUS, RADIUS)


def _edge_color(ink: CardInk, theme: Theme) -> QColor:
    if ink.failed:
        return theme.color("error")
    return theme.color("muted") if ink.folded else theme.op_color(ink.op)


def _title_that_fits(ink: CardInk, width: float) -> str:
    """Return the step's name, or what of it can be read where it is too long.

    Below the bar of its module a name needs no path; a second op of a kind may go without its
    number.
    """
    wide = QFontMetricsF(text_font(7.5, bold=True)).horizontalAdvance
    names = [ink.short or ink.title]
    if ink.repeated:
        names.append(names[0].removesuffix(f"_{names[0].rpartition('_')[2]}"))
    return next((name for name in names if wide(name) <= width + 3), names[-1])


def _line(painter: QPainter, inner: QRectF, text: str, *, size: float) -> None:
    """Write one bold line, in smaller type where it would not fit."""
    place = QRectF(inner.left(), inner.top(), inner.width() + 3, 16)
    font = text_font(size, bold=True)
    while QFontMetricsF(font).horizontalAdvance(text) > place.width() and font.pointSizeF() > 6.5:
        font.setPointSizeF(font.pointSizeF() - 0.5)
    painter.setFont(font)
    # Of a path its end tells most.
    side = Qt.TextElideMode.ElideLeft if "." in text else Qt.TextElideMode.ElideRight
    shown = QFontMetricsF(font).elidedText(text, side, place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def _detail(painter: QPainter, place: QRectF, ink: CardInk, height: float) -> float:
    """Write the second line, over two lines where it needs them, and return their height.

    A low card has room for one, unless it warns or stands for a module; a lower one for none,
    unless it does, and then for one.
    """
    font = text_font(7.5, bold=ink.warning)
    low, important = height < LOW, ink.warning or ink.folded
    if (low and not ink.detail) or (height < LOWER and not important):
        return 0.0
    one_line = height < LOWER or (low and not important)
    longest = ink.detail if one_line else max(ink.detail.split(), key=len, default="")
    while QFontMetricsF(font).horizontalAdvance(longest) > place.width() and font.pointSizeF() > 6:
        font.setPointSizeF(font.pointSizeF() - 0.5)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    lines = 1 if one_line else 2
    text = ink.detail
    if one_line:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    room = QRectF(place.left(), place.top(), place.width(), lines * metrics.lineSpacing() + 1)
    painter.drawText(room, flags, text)
    return float(min(metrics.boundingRect(room, flags, text).height(), room.height()))


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
    if area.height() < PICTURE:
        return
    if ink.note:
        _sentence(painter, area, ink.note, theme)
    elif ink.missing is not GradientState.PRESENT:
        _sentence(painter, area, _short_reason(ink.missing), theme)
    elif ink.picture is None:
        return
    elif ink.picture.bars and ink.picture.values.size > 1:
        _vector(painter, area, ink, theme)
    elif ink.image is not None and not ink.image.isNull():
        draw_cells(painter, area, ink.image, fill=True)


def _vector(painter: QPainter, area: QRectF, ink: CardInk, theme: Theme) -> None:
    """Draw a short vector: as numbers below one another, or as a row of colours in a low card."""
    assert ink.picture is not None
    if ink.grows_from_zero or ink.image is None or area.height() >= LINE * ink.picture.values.size:
        paint_bars(painter, area, ink.picture, theme, from_zero=ink.grows_from_zero)
    else:
        draw_cells(painter, area, ink.image.transformed(_LYING), fill=True)


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
    words = text.split(" ")
    metrics = QFontMetricsF(painter.font())
    while len(words) > 1 and metrics.boundingRect(area, int(flags), text).height() > area.height():
        words.pop()
        text = " ".join(words) + " …"
    painter.drawText(area, int(flags), text)
