"""The cards of the strip: where they stand, how one walks along them."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lenet_viz.capture.records import GradientState
from lenet_viz.panels.card_content import (
    Picture,
    detail_of_card,
    gradient_state_of,
    picture_of_card,
    shape_words,
)
from lenet_viz.panels.card_layout import GAP, HEIGHT, NARROWEST, Layout, layout_for, wrapped_layout
from lenet_viz.panels.card_painting import CardInk, CardLook, paint_card
from lenet_viz.panels.text import card_title, formatted, no_gradient_sentence, translate
from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.panels.thumbnail import thumbnail
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, State

PAINTED_LIMIT = 120
"""How many painted cards are kept."""

_Painted = tuple[str, bool, CardLook, float, float]


class CardRow(QWidget):
    """The cards. It paints only those that can be seen.

    Attributes:
        wraps: whether the cards stand in several rows, as on a page.
        card_chosen: emitted with the card's name when the user clicks one or walks to it.
        walk_requested: emitted with -1, +1, or a large step for Home and End.
    """

    card_chosen = Signal(str)
    walk_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty row."""
        super().__init__(parent)
        self.setObjectName("strip_cards")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.theme: Theme = LIGHT
        self.state: State | None = None
        self.layout_ = Layout(0, NARROWEST)
        self.wraps = False
        self._hovered: int | None = None
        self._inks: dict[tuple[str, bool], CardInk] = {}
        self._painted: dict[_Painted, QPixmap] = {}

    def show_state(self, state: State, fresh: bool) -> None:
        """Show a state.

        Args:
            state: what to show.
            fresh: whether thumbnails made so far no longer hold.
        """
        self.state = state
        if fresh:
            self._inks.clear()
            self._painted.clear()
        self.fit()
        self.update()

    def fit(self) -> None:
        """Lay the cards out for the width there is."""
        viewport = self.parentWidget()
        available = viewport.width() if viewport is not None else self.width()
        count = 0 if self.state is None else len(self.state.cards)
        self.layout_ = (wrapped_layout if self.wraps else layout_for)(count, available)
        self.setFixedSize(max(self.layout_.total, 10), self.layout_.rows * HEIGHT)

    def ink(self, card: str) -> CardInk:
        """Return what is painted on a card, from the store or made now."""
        state = self.state
        assert state is not None
        gradients = state.view.strip_gradients
        key = (card, gradients)
        if key not in self._inks:
            detail, warning = detail_of_card(state, card)
            capture = state.capture
            picture = None
            missing = GradientState.PRESENT
            if capture is not None:
                picture = picture_of_card(capture, card, gradients)
                if gradients and card not in {TARGET_CARD, LOSS_CARD}:
                    missing = gradient_state_of(capture, card)
            step = None if capture is None else capture.steps.get(card)
            self._inks[key] = CardInk(
                title=card_title(card),
                op=card if step is None else step.op,
                detail=detail,
                warning=warning,
                chip=shape_words(state, card),
                picture=picture,
                image=None if picture is None else _image(picture, self.theme),
                missing=missing,
                grows_from_zero=card == LOSS_CARD,
                repeated=step is not None and step.name not in {step.module, step.op},
            )
        return self._inks[key]

    def _card(self, card: str, gradients: bool, look: CardLook, size: QSizeF) -> QPixmap:
        """Return a painted card, from the store or painted now.

        A click changes the look of a few cards; the others are not painted again.
        """
        ratio = self.devicePixelRatioF()
        key = (card, gradients, look, size.width(), ratio)
        if key not in self._painted:
            if len(self._painted) > PAINTED_LIMIT:
                self._painted.clear()
            # One pixel more: the card need not end on a whole device pixel.
            pixels = QSize(int(size.width() * ratio) + 1, int(size.height() * ratio) + 1)
            pixmap = QPixmap(pixels)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_card(painter, QRectF(QPointF(0, 0), size), self.ink(card), self.theme, look)
            painter.end()
            self._painted[key] = pixmap
        return self._painted[key]

    def _relatives(self) -> tuple[set[str], set[str]]:
        """Return the names of the selected card's parents and children."""
        state = self.state
        capture = None if state is None else state.capture
        if state is None or capture is None:
            return set(), set()
        names = list(capture.steps.keys())
        parents: set[str] = set()
        children: set[str] = set()
        for number, step in enumerate(capture.steps):
            takes = {names[parent] for parent in step.parents} or {INPUT_CARD}
            if step.name == state.selected:
                parents |= takes
            elif state.selected in takes:
                children.add(names[number])
        if capture.output is not None and names[capture.output.step] == state.selected:
            children.add(LOSS_CARD)
        if state.selected == LOSS_CARD and capture.output is not None:
            parents |= {names[capture.output.step], TARGET_CARD}
        return parents, children

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cards in the exposed part."""
        state = self.state
        if state is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cards = state.cards
        parents, children = self._relatives()
        chosen = state.selected
        if self.wraps:
            # A page shows the run, not what somebody is just looking at.
            chosen, parents, children = "", set(), set()
        pitch = self.layout_.width + GAP
        first = max(0, int(event.rect().left() // pitch) - 1)
        last = min(len(cards), int(event.rect().right() // pitch) + 2)
        if self.wraps:
            first, last = 0, len(cards)
        gradients = state.view.strip_gradients
        ratio = painter.deviceTransform().m11()
        for at in range(first, last):
            card = cards[at]
            stale = state.stale_backward if gradients or at >= len(cards) - 2 else False
            look = CardLook(
                selected=card == chosen,
                related=card in parents or card in children,
                hovered=at == self._hovered,
                focused=card == chosen and self.hasFocus(),
                stale=stale or state.stale_forward,
            )
            rect = self.layout_.rect(at)
            if ratio == self.devicePixelRatioF() and not self.wraps:
                painter.drawPixmap(rect.topLeft(), self._card(card, gradients, look, rect.size()))
            else:
                # A picture at another scale: drawn anew, never enlarged.
                paint_card(painter, rect, self.ink(card), self.theme, look)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the card under the pointer."""
        at = self.layout_.at(event.position())
        if at is not None and self.state is not None:
            self.card_chosen.emit(self.state.cards[at])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the card under the pointer."""
        at = self.layout_.at(event.position())
        if at != self._hovered:
            self._hovered = at
            self.update()
        self.setCursor(
            Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor
        )

    def leaveEvent(self, event: QEvent) -> None:
        """Take the outline away."""
        del event
        self._hovered = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, Home and End."""
        steps = {
            int(Qt.Key.Key_Left): -1,
            int(Qt.Key.Key_Right): 1,
            int(Qt.Key.Key_Home): -1_000_000,
            int(Qt.Key.Key_End): 1_000_000,
        }
        if event.key() in steps:
            self.walk_requested.emit(steps[event.key()])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show a card's full words as a tool tip."""
        if isinstance(event, QHelpEvent) and self.state is not None:
            at = self.layout_.at(QPointF(event.pos()))
            if at is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.words(self.state.cards[at]), self)
            return True
        return super().event(event)

    def words(self, card: str) -> str:
        """Return a card in words: its name, detail, shape, and why a gradient is missing."""
        ink = self.ink(card)
        lines = [
            formatted("Strip", "{name}: {detail}", name=ink.title, detail=ink.detail or ink.op),
            formatted("Strip", "output ({shape})", shape=ink.chip) if ink.chip else "",
        ]
        if ink.missing is not GradientState.PRESENT:
            lines.append(no_gradient_sentence(ink.missing))
        lines.append(translate("Strip", "Click, or walk with ← and →"))
        return "\n".join(line for line in lines if line)


def _image(picture: Picture, theme: Theme) -> QImage:
    """Return a card's thumbnail."""
    return thumbnail(picture.values, picture.mosaic, picture.scale, theme)
