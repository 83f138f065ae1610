"""What every panel has in common: a head, a body, a caption, and how it goes on paper."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.panels.text import caption_of
from lenet_viz.panels.theme import LIGHT, Theme, text_font
from lenet_viz.session.state import State


class Panel(QFrame):
    """A titled surface that draws itself from the state.

    A panel knows neither the session nor another panel. It is given `render_state(old, new)` and
    `set_theme(theme)`; what the user does comes out as signals.

    Attributes:
        head: the row with the title; controls are added at its right end.
        body: the layout that holds the panel's content.
        theme: the theme it draws with.
        on_paper: whether it is part of a figure instead of the window.
        fills_page: whether it can use all the room of a page; if not, it takes what it needs.
    """

    fills_page = False

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty panel.

        Args:
            name: short ASCII name: the ending of object names, files and command-line words.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.setObjectName("panel")
        self.name = name
        self.theme: Theme = LIGHT
        self.state: State | None = None
        self.on_paper = False
        self._title = QLabel(self)
        self._title.setObjectName(f"{name}_title")
        self._title.setProperty("role", "title")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._subtitle = QLabel(self)
        self._subtitle.setObjectName(f"{name}_subtitle")
        self._subtitle.setProperty("role", "muted")
        self._subtitle.setTextFormat(Qt.TextFormat.PlainText)
        self._subtitle.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(self._title)
        self.head.addWidget(self._subtitle, 1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 10, 14, 10)
        self.body.setSpacing(8)
        self.body.addLayout(self.head)
        self._title.setFont(text_font(10.5, bold=True))

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Show a title and, beside it in a quieter colour, one line more."""
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self.setAccessibleName(title)
        self.setAccessibleDescription(subtitle)

    def render_state(self, old: State | None, new: State) -> None:
        """Redraw what differs between two states.

        Args:
            old: what is on the screen; None at first, or to redraw everything.
            new: what is to be on the screen.
        """
        self.state = new
        self.draw(old, new)
        if self.on_paper:
            self._leave_controls_out()

    def draw(self, old: State | None, new: State) -> None:
        """Redraw what differs; each panel does this in its own way."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Take another theme and redraw everything."""
        self.theme = theme
        if self.state is not None:
            self.draw(None, self.state)

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Become what a page can show: no controls, nothing to scroll, nothing to point at.

        Called once, on an instance that is made for one figure and before its first state.
        """
        self.on_paper = True
        self._subtitle.setWordWrap(True)  # a column of a page is narrow, and nothing is cut there
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        for area in self.findChildren(QAbstractScrollArea):
            area.setHorizontalScrollBarPolicy(off)
            area.setVerticalScrollBarPolicy(off)

    def _leave_controls_out(self) -> None:
        for button in self.findChildren(QAbstractButton):
            button.hide()

    def paper_height(self, width: int) -> int:
        """Return the height at which everything is seen, in logical pixels.

        Args:
            width: the figure's width in logical pixels.
        """
        return max(self.minimumSizeHint().height(), self.body.totalHeightForWidth(width))

    def spare_height(self) -> int:
        """Return how many logical pixels of the present height nothing is drawn on."""
        return 0

    def shorten(self) -> bool:
        """Leave something out and say so, for a page on which all of it would be too small.

        Returns:
            False where nothing can be left out.
        """
        return False

    def take_look(self, other: "Panel") -> None:
        """Look as another panel of the same class does, as far as the state does not say it."""

    def caption(self) -> str:
        """Return the line under a picture of this panel: all one needs to make it again."""
        return "" if self.state is None else caption_of(self.state, self.caption_details())

    def caption_details(self) -> tuple[str, ...]:
        """Return what this panel adds to the caption, such as its colour range."""
        return ()
