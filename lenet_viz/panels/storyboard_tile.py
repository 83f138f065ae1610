"""How one tile of a storyboard is painted."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from lenet_viz.capture.records import GradientState
from lenet_viz.panels.card_painting import EDGE, top_edge
from lenet_viz.panels.storyboard_map import paint_map, paint_range
from lenet_viz.panels.storyboard_story import Scene, Story
from lenet_viz.panels.storyboard_style import Style, write, write_wrapped
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import Theme
from lenet_viz.session.state import LOSS_CARD, TARGET_CARD

RADIUS = 5.0


def paint_tile(
    painter: QPainter, rect: QRectF, story: Story, at: int, style: Style, theme: Theme
) -> None:
    """Paint tile number ``at`` of a story into ``rect``."""
    scene = story.scene(at)
    _ground(painter, rect, scene, theme)
    pad = style.pad
    inner = rect.adjusted(pad, EDGE + pad * 0.7, -pad, -pad)
    _head(painter, inner, scene, style, theme)
    chip = QRectF(inner.left(), rect.bottom() - pad - style.chip_height, inner.width(), 0)
    chip.setHeight(style.chip_height)
    _chip(painter, chip, scene, style, theme)
    top = rect.top() + style.head_height
    free = chip.top() - 3 - top
    part = free / style.maps
    for number, gradient in enumerate(story.sides):
        place = QRectF(inner.left(), top + number * part, inner.width(), part)
        _side(painter, place, story, at, gradient, style, theme)


def _ground(painter: QPainter, rect: QRectF, scene: Scene, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("surface"))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    painter.fillPath(top_edge(rect, RADIUS), theme.op_color(scene.op))
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def _head(painter: QPainter, inner: QRectF, scene: Scene, style: Style, theme: Theme) -> None:
    muted, small = theme.color("muted"), style.small_height
    line = QRectF(inner.left(), inner.top(), inner.width(), style.title_height)
    write(painter, line, scene.title, style.title, theme.color("text"))
    line = QRectF(line.left(), line.bottom(), line.width(), style.words_height)
    write(
        painter,
        line,
        scene.detail,
        style.words,
        theme.color("warning") if scene.warning else muted,
    )
    if style.parameters:
        line = QRectF(line.left(), line.bottom(), line.width(), small)
        write(painter, line, scene.parameters, style.small, muted)
    if style.source:
        line = QRectF(line.left(), line.bottom(), line.width(), small)
        write(painter, line, scene.source, style.code, muted)


def _chip(painter: QPainter, rect: QRectF, scene: Scene, style: Style, theme: Theme) -> None:
    if not scene.shape:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(rect, 3, 3)
    inner = rect.adjusted(2, 2, -2, -2)
    text, middle = theme.color("text"), Qt.AlignmentFlag.AlignHCenter
    if not scene.letters:
        write(painter, inner, scene.shape, style.chip, text, middle)
    elif style.chip_lines == 1:
        write(painter, inner, f"{scene.letters} = {scene.shape}", style.chip, text, middle)
    else:
        upper = QRectF(inner.left(), inner.top(), inner.width(), style.small_height)
        write(painter, upper, scene.letters, style.code, theme.color("muted"), middle)
        write(
            painter, inner.adjusted(0, upper.height(), 0, 0), scene.shape, style.chip, text, middle
        )


def _side(
    painter: QPainter,
    place: QRectF,
    story: Story,
    at: int,
    gradient: bool,
    style: Style,
    theme: Theme,
) -> None:
    """Paint one map with its label and range, or the sentence that says why there is none."""
    if not _belongs(story, at, gradient):
        return
    area = place.adjusted(0, 2, 0, -2)
    if style.labels:
        label = QRectF(area.left(), area.top(), area.width(), style.small_height)
        write(painter, label, _label(story, at, gradient), style.small, theme.color("muted"))
        area.setTop(label.bottom())
    picture = story.picture(at, gradient)
    if picture is None:
        missing = story.missing(at) if gradient else None
        sentences = _sentences(missing, failed=not story.scene(at).shape)
        write_wrapped(painter, area, sentences, style.words, theme.color("muted"))
        return
    range_ = QRectF(area.left(), area.bottom() - style.small_height, area.width(), 0)
    range_.setHeight(style.small_height)
    area.setBottom(range_.top() - 1)
    paint_map(painter, area, picture, theme)
    paint_range(painter, range_, picture, style, theme)


def _belongs(story: Story, at: int, gradient: bool) -> bool:
    """Whether a tile has something at that side: target and loss have one array each."""
    card, both = story.cards[at], len(story.sides) > 1
    if not both or story.has_sides(at):
        return True
    return gradient is (card == LOSS_CARD)


def _label(story: Story, at: int, gradient: bool) -> str:
    names = {
        TARGET_CARD: translate("Storyboard", "target"),
        LOSS_CARD: translate("Storyboard", "upstream gradient v"),
    }
    own = translate("Storyboard", "gradient") if gradient else translate("Storyboard", "activation")
    return names.get(story.cards[at], own)


def _sentences(missing: GradientState | None, *, failed: bool) -> tuple[str, ...]:
    """Return why there is no picture, at length and in short."""
    if failed:
        return (translate("Storyboard", "This step gave no tensor."),)
    short = translate("Storyboard", "no gradient")
    sentences = {
        GradientState.NO_BACKWARD: translate(
            "Storyboard", "No gradient: this run had no backward pass."
        ),
        GradientState.NO_GRAD: translate(
            "Storyboard", "No gradient: autograd does not follow this tensor."
        ),
        GradientState.NOT_REACHED: translate(
            "Storyboard", "No gradient: the objective does not depend on this tensor."
        ),
        GradientState.ALIASED: translate(
            "Storyboard", "No gradient: its memory was written over in place."
        ),
    }
    if missing is None:
        kept = translate("Storyboard", "The numbers of this tensor were not kept.")
        return kept, translate("Storyboard", "not kept")
    return sentences.get(missing, short), short
