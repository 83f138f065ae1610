"""The network strip: one card for each recorded step, from the input to the loss."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QWidget

from lenet_viz.display import numbers
from lenet_viz.panels.card_layout import GAP, HEIGHT, NARROWEST
from lenet_viz.panels.card_row import CardRow
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.strip_places import places_of
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import Theme
from lenet_viz.session.state import State

SHARE = 0.42
"""The part of the window's height that the strip takes at most; more is scrolled to."""
HEAD = 54
"""Height of everything but the cards."""


class StripPanel(Panel):
    """The strip with its head.

    Attributes:
        card_chosen: a card's name, when the user clicks it.
        walk_requested: how many cards to walk.
        gradients_requested: True for gradients, False for activations in the thumbnails.
        fold_requested: path of the module to fold.
        unfold_requested: path of the module to unfold.
        fold_all_requested: everything is to be folded.
        unfold_all_requested: everything is to be unfolded.
    """

    card_chosen = Signal(str)
    walk_requested = Signal(int)
    gradients_requested = Signal(bool)
    fold_requested = Signal(str)
    unfold_requested = Signal(str)
    fold_all_requested = Signal()
    unfold_all_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the strip."""
        super().__init__("strip", parent)
        self._fold_all = self._button("strip_fold_all", translate("Strip", "fold all"))
        self._unfold_all = self._button("strip_unfold_all", translate("Strip", "unfold all"))
        self._fold_all.setToolTip(translate("Strip", "Make one card of each module (/)"))
        self._unfold_all.setToolTip(translate("Strip", "Show every step as a card (*)"))
        self._fold_all.clicked.connect(lambda: self.fold_all_requested.emit())
        self._unfold_all.clicked.connect(lambda: self.unfold_all_requested.emit())
        self._activations = self._switch("strip_activations", translate("Strip", "activations"))
        self._gradients = self._switch("strip_gradients", translate("Strip", "gradients"))
        self._activations.setToolTip(translate("Strip", "Show activations on the cards"))
        self._gradients.setToolTip(
            translate("Strip", "Show d(objective)/d(activation) on the cards")
        )
        self._activations.clicked.connect(lambda: self.gradients_requested.emit(False))
        self._gradients.clicked.connect(lambda: self.gradients_requested.emit(True))
        self.cards = CardRow()
        self.cards.setAccessibleName(translate("Strip", "Steps of the network"))
        self.cards.card_chosen.connect(self.card_chosen)
        self.cards.walk_requested.connect(self.walk_requested)
        self.cards.fold_requested.connect(self.fold_requested)
        self.cards.unfold_requested.connect(self.unfold_requested)
        self._area = QScrollArea(self)
        self._area.setObjectName("strip_scroll")
        self._area.setWidget(self.cards)
        self._area.setWidgetResizable(False)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._area.setFixedHeight(HEIGHT + 2)
        self._wanted = HEIGHT
        self.body.addWidget(self._area)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setProperty("role", "switch")
        button.hide()
        self.head.addWidget(button)
        return button

    def _switch(self, name: str, text: str) -> QPushButton:
        button = self._button(name, text)
        button.setCheckable(True)
        # A click on the one that is on must leave it on.
        button.setAutoExclusive(True)
        button.show()
        return button

    def sizeHint(self) -> QSize:
        """Return the size that shows the notebook's cards at their narrowest."""
        return QSize(15 * (NARROWEST + GAP) + 40, max(HEIGHT, self._wanted) + self._around())

    def _around(self) -> int:
        """Return the height of everything but the cards."""
        return max(HEAD, self.minimumSizeHint().height() - self._area.minimumHeight())

    def resizeEvent(self, event: object) -> None:
        """Lay the cards out anew."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the height of the window from now on."""
        super().showEvent(event)
        self._main().installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take another share of a window that has another height."""
        if event.type() == QEvent.Type.Resize and watched is self._main():
            self._fit()
        return super().eventFilter(watched, event)

    def _main(self) -> QWidget:
        """Return the window whose height counts, also for a panel that floats."""
        window = self.window()
        owner = window.parentWidget()
        return window if owner is None else owner.window()

    def _most(self) -> int:
        """Return the greatest height of the cards; one row is always seen whole."""
        window = self._main()
        if window is self:
            return 1 << 20
        return max(HEIGHT + 2, round(window.height() * SHARE) - HEAD)

    def _fit(self) -> None:
        """Lay the cards out and leave room for the scroll bars that they need."""
        most = self._most()
        self.cards.fit(None if self.on_paper else most - 2)
        layout = self.cards.layout_
        if self.on_paper:
            self._area.setFixedHeight(self.cards.height() + 2)
            return
        scrolls = layout.total > self._area.viewport().width()
        bar = max(12, self._area.horizontalScrollBar().sizeHint().height())
        room = most - 2 - (bar if scrolls else 0)
        self.cards.fit(room)
        layout = self.cards.layout_
        wanted = layout.height + 2 + (bar if scrolls else 0)
        least = min(wanted, self._first_row() + 2 + bar)
        if least == wanted:  # one row is always seen whole
            most = wanted
        on, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._area.setVerticalScrollBarPolicy(on if least < wanted else off)
        self._wanted = max(least, min(wanted, most))
        if least == self._wanted:
            self._area.setFixedHeight(least)
        else:
            self._area.setMinimumHeight(least)
            self._area.setMaximumHeight(self._wanted)
        # The window may have less room than its share, and a scroll bar takes some of the width.
        short = self._area.isVisible() and self._area.height() < self._wanted
        self.cards.fit(self._area.height() - most + room if short else room)

    def _first_row(self) -> int:
        """Return the height of the first row of cards and what is above it."""
        count = 0 if self.state is None else len(self.state.cards)
        return round(self.cards.layout_.rect(0).bottom()) + 2 if count else HEIGHT

    def go_on_paper(self) -> None:
        """Wrap the cards: a page cannot be scrolled."""
        super().go_on_paper()
        self.cards.wraps = True

    def paper_height(self, width: int) -> int:
        """Return the height of all rows of cards and the head."""
        state = self.state
        margins = self.body.contentsMargins()
        inside = width - margins.left() - margins.right()
        outline, count = (None, 0) if state is None else (state.outline, len(state.cards))
        return places_of(outline, count, inside, wraps=True)[0].height + HEAD

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.cards.theme = theme
        self.cards.setStyleSheet("")
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Redraw the cards whose words or thumbnails differ."""
        self.set_title(translate("Strip", "Network"), _summary(new, guide=not self.on_paper))
        self._activations.setChecked(not new.view.strip_gradients)
        self._gradients.setChecked(new.view.strip_gradients)
        foldable = new.outline.foldable if new.outline is not None else frozenset()
        show_if(self._fold_all, not foldable <= new.view.folded)
        show_if(self._unfold_all, bool(foldable & new.view.folded))
        fresh = old is None or old.run is not new.run or new.run is None
        refolded = self.cards.state is None or self.cards.state.outline is not new.outline
        self.cards.show_state(new, fresh)
        self._fit()
        if old is None or old.selected != new.selected or refolded:
            self._reveal(new)

    def _reveal(self, state: State) -> None:
        layout = self.cards.layout_
        rect, margin = layout.rect(state.place), round(layout.width)
        head = layout.head(layout.spot(state.place).row)
        # The bars above a row are seen with it.
        for height in (rect.bottom(), min(head.top(), rect.top())):
            self._area.ensureVisible(round(rect.center().x()), round(height), margin, 2)

    def caption_details(self) -> tuple[str, ...]:
        """Return what the thumbnails show."""
        if self.state is None:
            return ()
        if self.state.view.strip_gradients:
            return (translate("Strip", "thumbnails: gradients, each with its own scale"),)
        return (translate("Strip", "thumbnails: activations, each with its own scale"),)


def _summary(state: State, *, guide: bool) -> str:
    """Return the strip's second line: counts, loss, and the sentence that guides a newcomer."""
    capture = state.capture
    if capture is None:
        return translate("Strip", "The first run is on its way …")
    count = sum(parameter.count for parameter in capture.parameters)
    words = formatted(
        "Strip", "{steps} steps, {count} parameters", steps=len(capture.steps), count=f"{count:,}"
    )
    objective = capture.objective
    if objective is not None and objective.loss is not None:
        value = numbers.text(objective.loss, 5)
        words += (
            formatted("Strip", ", out[{index}] = {value}", index=objective.index or 0, value=value)
            if objective.kind == "output"
            else formatted("Strip", ", loss {loss}", loss=value)
        )
    return words + ". " + translate("Strip", "Click a step, then any value.") if guide else words
