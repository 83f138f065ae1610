"""The network strip: one card for each recorded step, from the input to the loss."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QWidget

from lenet_viz.display import numbers
from lenet_viz.panels.card_layout import GAP, HEIGHT, NARROWEST, wrapped_layout
from lenet_viz.panels.card_row import CardRow
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import Theme
from lenet_viz.session.state import State


class StripPanel(Panel):
    """The strip with its head.

    Attributes:
        card_chosen: a card's name, when the user clicks it.
        walk_requested: how many cards to walk.
        gradients_requested: True for gradients, False for activations in the thumbnails.
    """

    card_chosen = Signal(str)
    walk_requested = Signal(int)
    gradients_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the strip."""
        super().__init__("strip", parent)
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
        self._area = QScrollArea(self)
        self._area.setObjectName("strip_scroll")
        self._area.setWidget(self.cards)
        self._area.setWidgetResizable(False)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._area.setFixedHeight(HEIGHT + 2)
        self.body.addWidget(self._area)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _switch(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setProperty("role", "switch")
        button.setCheckable(True)
        # A click on the one that is on must leave it on.
        button.setAutoExclusive(True)
        self.head.addWidget(button)
        return button

    def sizeHint(self) -> QSize:
        """Return the size that shows the notebook's cards at their narrowest."""
        return QSize(15 * (NARROWEST + GAP) + 40, HEIGHT + 54)

    def resizeEvent(self, event: object) -> None:
        """Lay the cards out anew."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        """Lay the cards out and leave room for a scroll bar where they need one."""
        self.cards.fit()
        if self.on_paper:
            self._area.setFixedHeight(self.cards.height() + 2)
            return
        scrolls = self.cards.layout_.total > self._area.viewport().width()
        self._area.setFixedHeight(HEIGHT + (14 if scrolls else 2))

    def go_on_paper(self) -> None:
        """Wrap the cards: a page cannot be scrolled."""
        super().go_on_paper()
        self.cards.wraps = True

    def paper_height(self, width: int) -> int:
        """Return the height of all rows of cards and the head."""
        count = 0 if self.state is None else len(self.state.cards)
        margins = self.body.contentsMargins()
        inside = width - margins.left() - margins.right()
        return wrapped_layout(count, inside).rows * HEIGHT + 54

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
        fresh = old is None or old.run is not new.run or new.run is None
        self.cards.show_state(new, fresh)
        self._fit()
        if old is None or old.selected != new.selected or old.run is not new.run:
            self._reveal(new)

    def _reveal(self, state: State) -> None:
        if state.selected in state.cards:
            place = self.cards.layout_.rect(state.cards.index(state.selected)).center()
            margin = round(self.cards.layout_.width)
            self._area.ensureVisible(round(place.x()), round(place.y()), margin, 10)

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
