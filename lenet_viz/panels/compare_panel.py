"""Compare: a frozen run beside the present one, stage by stage."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QWidget

from lenet_viz.panels.compare_board import CompareBoard
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.state import State


class ComparePanel(Panel):
    """Shapes, parameters, maps and gradients of two runs side by side.

    Signals, only ever caused by the user: ``freeze_requested``, ``unfreeze_requested``,
    ``step_requested`` a card's name.
    """

    freeze_requested = Signal()
    unfreeze_requested = Signal()
    step_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("compare", parent)
        self._due = False
        self.freeze = self._button(
            "compare_freeze",
            translate("Compare", "Freeze"),
            translate("Compare", "Keep the run that is shown, to compare later ones with (Ctrl+K)"),
        )
        self.freeze.clicked.connect(self.freeze_requested)
        self.unfreeze = self._button(
            "compare_unfreeze",
            translate("Compare", "Let go"),
            translate("Compare", "Forget the frozen run"),
        )
        self.unfreeze.clicked.connect(self.unfreeze_requested)
        self.hint = QLabel(self)
        self.hint.setObjectName("compare_hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setFont(text_font(9))
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.board = CompareBoard()
        self.board.stage_chosen.connect(self.step_requested)
        self.area = QScrollArea(self)
        self.area.setObjectName("compare_scroll")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.board)
        self.area.viewport().setAutoFillBackground(False)
        self.board.setAutoFillBackground(False)
        self.board.reached.connect(
            lambda rect: self.area.ensureVisible(0, round(rect.center().y()), 0, 60)
        )
        self.body.addWidget(self.hint)
        self.body.addWidget(self.area, 1)
        self.body.addStretch(0)
        self.setMinimumSize(300, 150)
        self.set_title(translate("Compare", "Compare"))

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        self.head.addWidget(button)
        return button

    def draw(self, old: State | None, new: State) -> None:
        """Show both runs, where one of them is another; unseen, only once it is seen."""
        same = old is not None and (old.run, old.frozen) == (new.run, new.frozen)
        if same and old is not None and old.stale_forward == new.stale_forward and not self._due:
            return
        self.freeze.setEnabled(new.run is not None)
        show_if(self.unfreeze, new.frozen is not None and not self.on_paper)
        self.hint.setText(_hint(new))
        show_if(self.hint, bool(self.hint.text()))
        show_if(self.area, new.frozen is not None)
        if self.isVisible() or self.on_paper:
            self._compare(new)
        else:
            self._due = True

    def _compare(self, state: State) -> None:
        self._due = False
        settings = None if state.run is None else state.run.settings
        title = ""
        if state.run is not None:
            title = state.run.capture.model.name if settings is None else settings.title
        self.board.show_runs(state.frozen, state.run, title)
        differing = sum(pair.built_differently for pair in self.board.pairs)
        self.set_title(
            translate("Compare", "Compare"),
            formatted(
                "Compare",
                "{count} of {all} stages differ",
                count=differing,
                all=len(self.board.pairs),
            )
            if self.board.pairs
            else "",
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Work out what was not worked out unseen."""
        super().showEvent(event)
        if self._due and self.state is not None:
            self._compare(self.state)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.board.set_theme(theme)
        super().set_theme(theme)

    def paper_height(self, width: int) -> int:
        """Return the height at which every stage is seen."""
        if not self.board.pairs:
            return super().paper_height(width)
        margins = self.body.contentsMargins()
        inner = width - margins.left() - margins.right()
        hint = 0 if self.hint.isHidden() else self.hint.heightForWidth(inner) + 8
        board = self.board.heightForWidth(inner)
        return self.head.sizeHint().height() + hint + board + margins.top() + margins.bottom() + 16

    def caption_details(self) -> tuple[str, ...]:
        """Return which run it is compared with."""
        frozen = None if self.state is None else self.state.frozen
        if frozen is None:
            return ()
        hashed = frozen.run.capture.model.weights_hash[:12]
        return (
            formatted("Caption", "compared with {name}", name=frozen.title),
            formatted("Caption", "weights SHA-256 {hash}…", hash=hashed),
        )


def _hint(state: State) -> str:
    if state.frozen is None:
        return translate(
            "Compare",
            "Freeze this run, then change something: another kernel, seed, input or preset. Both "
            "stand here side by side, stage by stage.",
        )
    if state.run is state.frozen.run:
        return translate("Compare", "This is the frozen run itself: change something now.")
    if state.stale_forward:
        return translate("Compare", "The present run is older than the settings: run it again.")
    return translate(
        "Compare", "Left frozen, right now. Each stage's two pictures share one colour scale."
    )
