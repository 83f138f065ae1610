"""The cards of the strip: painted where they can be seen, pointed at, walked along."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lenet_viz.panels.card_ink import ink_of
from lenet_viz.panels.card_layout import HEIGHT, NARROWEST, Layout, Places
from lenet_viz.panels.card_painting import CardInk, CardLook, paint_card
from lenet_viz.panels.card_tip import card_tip
from lenet_viz.panels.storyboard_lines import paint_line
from lenet_viz.panels.strip_bars import Bar, bar_tip, paint_bar
from lenet_viz.panels.strip_marks import plus_rect, sheet_rect
from lenet_viz.panels.strip_places import places_of
from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.session.state import State

PAINTED_LIMIT = 160
"""How many painted cards are kept."""

_Painted = tuple[str, bool, CardLook, float, float, float]


class CardRow(QWidget):
    """The cards. It paints only those that can be seen.

    Attributes:
        wraps: whether the cards stand in several rows, as on a page.
        layout_: where the cards stand.
        bars: the bars of the modules that are not folded.
        card_chosen: emitted with the card's name when the user clicks one or walks to it.
        walk_requested: emitted with -1, +1, or a large step for Home and End.
        fold_requested: emitted with the path of a module whose bar the user clicks.
        unfold_requested: emitted with the path of a folded module.
    """

    card_chosen = Signal(str)
    walk_requested = Signal(int)
    fold_requested = Signal(str)
    unfold_requested = Signal(str)

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
        self.layout_: Places = Layout(0, NARROWEST)
        self.bars: tuple[Bar, ...] = ()
        self.wraps = False
        self._laid_out: tuple[object, int, int | None] | None = None
        self._hovered: int | None = None
        self._bar: Bar | None = None
        self._inks: dict[tuple[int, bool], CardInk] = {}
        self._painted: dict[_Painted, QPixmap] = {}

    def show_state(self, state: State, fresh: bool) -> None:
        """Show a state.

        Args:
            state: what to show.
            fresh: whether thumbnails made so far no longer hold.
        """
        refolded = self.state is None or self.state.outline is not state.outline
        self.state = state
        if fresh or refolded:
            self._inks.clear()
            self._painted.clear()
            self._hovered, self._bar = None, None
        self.setAccessibleDescription(self.words(state.cards[state.place]))
        self.update()

    def fit(self, room: int | None = None) -> None:
        """Lay the cards out for the width there is.

        Args:
            room: height in which they had best fit; None for any.
        """
        viewport = self.parentWidget()
        available = viewport.width() if viewport is not None else self.width()
        outline = None if self.state is None else self.state.outline
        key = (outline, available, room)
        if self._laid_out is None or key != self._laid_out or outline is None:
            self._laid_out = key
            count = 0 if self.state is None else len(self.state.cards)
            self.layout_, self.bars = places_of(outline, count, available, room, wraps=self.wraps)
        self.setFixedSize(max(self.layout_.total, 10), self.layout_.height)

    # -- painting ------------------------------------------------------------------------------

    def ink(self, card: str) -> CardInk:
        """Return what is painted on a card, from the store or made now."""
        state = self.state
        assert state is not None
        place = 0 if state.outline is None else state.outline.place(card)
        assert place is not None
        return self._ink(state, place)

    def _ink(self, state: State, place: int) -> CardInk:
        key = (place, state.view.strip_gradients)
        if key not in self._inks:
            self._inks[key] = ink_of(state, place, self.theme)
        return self._inks[key]

    def _card(self, state: State, at: int, look: CardLook, size: QSizeF) -> QPixmap:
        """Return a painted card, from the store or painted now.

        A click changes the look of a few cards; the others are not painted again.
        """
        ratio = self.devicePixelRatioF()
        gradients = state.view.strip_gradients
        key = (state.cards[at], gradients, look, size.width(), size.height(), ratio)
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
            paint_card(painter, QRectF(QPointF(0, 0), size), self._ink(state, at), self.theme, look)
            painter.end()
            self._painted[key] = pixmap
        return self._painted[key]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines, bars and cards in the exposed part."""
        state = self.state
        if state is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = QRectF(event.rect())
        # A page shows the run, not what somebody is just looking at.
        chosen = -1 if self.wraps else state.place
        self._paint_lines(painter, exposed, chosen)
        self._paint_bars(painter, exposed)
        related = self._related(chosen)
        stale_ends = {len(state.cards) - 2, len(state.cards) - 1}
        gradients = state.view.strip_gradients
        ratio = painter.deviceTransform().m11()
        under_bar = self._under_bar()
        for at in self.layout_.exposed(exposed):
            stale = state.stale_backward if gradients or at in stale_ends else False
            look = CardLook(
                selected=at == chosen,
                related=at in related,
                hovered=at == self._hovered or at in under_bar,
                focused=at == chosen and self.hasFocus(),
                stale=stale or state.stale_forward,
            )
            rect = self.layout_.rect(at)
            if ratio == self.devicePixelRatioF() and not self.wraps:
                painter.drawPixmap(rect.topLeft(), self._card(state, at, look, rect.size()))
            else:
                # A picture at another scale: drawn anew, never enlarged.
                paint_card(painter, rect, self._ink(state, at), self.theme, look)
        painter.end()

    def _related(self, chosen: int) -> set[int]:
        """Return the places of a card's parents and children."""
        outline = None if self.state is None else self.state.outline
        if outline is None or chosen < 0:
            return set()
        return {*outline.cards[chosen].parents, *outline.children[chosen]}

    def _paint_lines(self, painter: QPainter, exposed: QRectF, chosen: int) -> None:
        lines = list(self.layout_.lines(exposed))
        quiet, loud = self.theme.color("muted"), self.theme.color("accent")
        for source, target, points in lines:
            if chosen not in {source, target}:
                paint_line(painter, points, quiet, False)
        for source, target, points in lines:
            if chosen in {source, target}:
                paint_line(painter, points, loud, False)

    def _paint_bars(self, painter: QPainter, exposed: QRectF) -> None:
        outline = None if self.state is None else self.state.outline
        for bar in self.bars:
            if outline is not None and bar.rect.intersects(exposed):
                call = outline.calls[bar.call]
                hovered = bar is self._bar
                paint_bar(painter, bar, call, self.theme, hovered=hovered, sign=not self.wraps)

    def _under_bar(self) -> Iterable[int]:
        """Return the cards of the bar under the pointer."""
        outline = None if self.state is None else self.state.outline
        if self._bar is None or outline is None:
            return ()
        number = self._bar.call
        return next((set(one.places) for one in outline.open_calls if one.call == number), ())

    # -- pointer and keys ----------------------------------------------------------------------

    def _bar_at(self, position: QPointF) -> Bar | None:
        return next((bar for bar in self.bars if bar.rect.contains(position)), None)

    def _folded_path(self, at: int) -> str | None:
        """Return the path of the module that is folded into a card; None for any other card."""
        state = self.state
        call = state.outline.call_of(state.cards[at]) if state and state.outline else None
        return None if call is None else call.path

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold the bar, unfold by the sign, or choose the card under the pointer."""
        state = self.state
        if state is None:
            return
        left = event.button() == Qt.MouseButton.LeftButton
        bar, at = self._bar_at(event.position()), self.layout_.at(event.position())
        if bar is not None and state.outline is not None and left:
            self.fold_requested.emit(state.outline.calls[bar.call].path)
        elif at is not None:
            path = self._folded_path(at)
            sign = plus_rect(sheet_rect(self.layout_.rect(at), 0))
            if path is not None and left and sign.contains(event.position()):
                self.unfold_requested.emit(path)
            else:
                self.card_chosen.emit(state.cards[at])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Unfold the card under the pointer."""
        at = self.layout_.at(event.position())
        path = None if at is None else self._folded_path(at)
        if path is not None:
            self.unfold_requested.emit(path)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the card, or the bar and its cards, under the pointer."""
        at, bar = self.layout_.at(event.position()), self._bar_at(event.position())
        if at != self._hovered or bar is not self._bar:
            self._hovered, self._bar = at, bar
            self.update()
        nothing = at is None and bar is None
        self.setCursor(Qt.CursorShape.ArrowCursor if nothing else Qt.CursorShape.PointingHandCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the outline away."""
        del event
        self._hovered, self._bar = None, None
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
        elif event.key() in {int(Qt.Key.Key_Up), int(Qt.Key.Key_Down)} and self.state is not None:
            down = event.key() == int(Qt.Key.Key_Down)
            other = self.layout_.lane(self.state.place, down)
            if other is not None:
                self.card_chosen.emit(self.state.cards[other])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the full words of a card or a bar as a tool tip."""
        if isinstance(event, QHelpEvent) and self.state is not None:
            place = QPointF(event.pos())
            at, bar, outline = self.layout_.at(place), self._bar_at(place), self.state.outline
            if bar is not None and outline is not None:
                words = bar_tip(outline.calls[bar.call], outline.sizes[bar.call])
                QToolTip.showText(event.globalPos(), words, self)
            elif at is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.words(self.state.cards[at]), self)
            return True
        return super().event(event)

    def words(self, card: str) -> str:
        """Return a card in words: its name, detail, shape, and what is to be known of it."""
        assert self.state is not None
        return card_tip(self.state, card, self.ink(card))
