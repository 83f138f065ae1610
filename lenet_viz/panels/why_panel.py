"""The Why panel: the arithmetic of the number that is asked about."""

import threading

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from lenet_viz.capture.address import Place, Side
from lenet_viz.explain.notation import as_latex, as_markdown, as_text
from lenet_viz.explain.terms import Answer
from lenet_viz.explain.why import explain
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import plain_tip, show_if, translate
from lenet_viz.panels.theme import Theme
from lenet_viz.panels.why_board import WhyBoard
from lenet_viz.panels.why_check import WhyCheck
from lenet_viz.panels.why_column import Look
from lenet_viz.panels.why_poke import WhyPoke
from lenet_viz.panels.why_sweep import WhySweep
from lenet_viz.panels.why_words import title_of
from lenet_viz.session.state import State


def _load_rules() -> None:
    """Import the arithmetic before somebody asks: all of it takes longer than a frame."""
    import lenet_viz.explain.backward.gradient
    import lenet_viz.explain.forward.activation  # noqa: F401


class WhyPanel(Panel):
    """Answers "why this value?", forward or backward.

    Signals, only ever caused by the user: ``asked_requested`` an `Address`, ``back_requested``,
    ``forward_requested``, ``side_requested``, ``check_requested``, ``sweep_requested``,
    ``sweep_moved`` a position, ``sweep_ended``, ``pointed`` the `Address` under the pointer or
    None.
    """

    asked_requested = Signal(object)
    back_requested = Signal()
    forward_requested = Signal()
    side_requested = Signal()
    check_requested = Signal()
    nudge_requested = Signal(float)
    sweep_requested = Signal()
    sweep_moved = Signal(int)
    sweep_ended = Signal()
    poke_moved = Signal(float)
    poke_ended = Signal()
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("why", parent)
        self.answer: Answer | None = None
        self._warmed = False
        self.board = WhyBoard()
        self.board.asked.connect(self.asked_requested)
        self.board.pointed.connect(self.pointed)
        self.hint = QLabel(self)
        self.hint.setObjectName("why_hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._area = QScrollArea(self)
        self._area.setObjectName("why_scroll")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self.board)
        # The panel's own ground shows through.
        self._area.viewport().setAutoFillBackground(False)
        self.board.setAutoFillBackground(False)
        self._make_controls()
        self.check = WhyCheck(self)
        self.check.requested.connect(self.check_requested)
        self.check.nudged.connect(self.nudge_requested)
        self.sweep = WhySweep(self)
        self.sweep.started.connect(self.sweep_requested)
        self.sweep.moved.connect(self.sweep_moved)
        self.sweep.ended.connect(self.sweep_ended)
        self._buttons.insertWidget(4, self.sweep.begin)
        self.poke = WhyPoke(self)
        self.poke.poked.connect(self.poke_moved)
        self.poke.taken_back.connect(self.poke_ended)
        self.body.addWidget(self.controls)
        self.body.addWidget(self.sweep)
        self.body.addWidget(self.hint, 1)
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self.poke)
        self.body.addWidget(self.check)
        self.setMinimumSize(290, 200)
        self._name_all()

    def sizeHint(self) -> QSize:
        """Return a size at which three small maps stand side by side."""
        return QSize(430, 560)

    def _make_controls(self) -> None:
        self.back = QToolButton(self)
        self.back.setObjectName("why_back")
        self.back.setText("‹")
        self.back.clicked.connect(self.back_requested)
        self.forward = QToolButton(self)
        self.forward.setObjectName("why_forward")
        self.forward.setText("›")
        self.forward.clicked.connect(self.forward_requested)
        self.sides = {Side.ACTIVATION: QPushButton(self), Side.GRADIENT: QPushButton(self)}
        for side, button in self.sides.items():
            button.setObjectName(f"why_{side}")
            button.setProperty("role", "switch")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, side=side: self._choose(side))
        self.copy = QToolButton(self)
        self.copy.setObjectName("why_copy")
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.copy)
        menu.setObjectName("why_copy_menu")
        for name, notation in (("text", as_text), ("markdown", as_markdown), ("latex", as_latex)):
            action = menu.addAction("")
            action.setObjectName(f"why_copy_{name}")
            action.triggered.connect(lambda _=False, notation=notation: self._copy(notation))
        self.copy.setMenu(menu)
        self.controls = QWidget(self)
        row = self._buttons = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (*self.sides.values(), self.back, self.forward):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.copy)

    def _name_all(self) -> None:
        self.set_title(translate("Why", "Why?"), "")
        self.back.setToolTip(translate("Why", "The question before (Backspace)"))
        self.back.setAccessibleName(translate("Why", "The question before"))
        self.forward.setToolTip(translate("Why", "The question after (Shift+Backspace)"))
        self.forward.setAccessibleName(translate("Why", "The question after"))
        for side, text, tip in (
            (Side.ACTIVATION, translate("Why", "forward"), translate("Why", "How it was made (W)")),
            (
                Side.GRADIENT,
                translate("Why", "backward"),
                translate("Why", "Where its gradient comes from (W)"),
            ),
        ):
            self.sides[side].setText(text)
            self.sides[side].setToolTip(tip)
            self.sides[side].setAccessibleName(text)
        self.copy.setText(translate("Why", "Copy"))
        self.copy.setToolTip(translate("Why", "Copy the arithmetic as text, Markdown or LaTeX"))
        self.copy.setAccessibleName(translate("Why", "Copy the arithmetic"))
        words = (
            translate("Why", "Plain text"),
            translate("Why", "Markdown"),
            translate("Why", "LaTeX"),
        )
        menu = self.copy.menu()
        for action, word in zip([] if menu is None else menu.actions(), words, strict=False):
            action.setText(word)
        self.hint.setText(
            translate(
                "Why",
                "Click any value in the maps, the input or the parameters: this panel writes out "
                "the arithmetic behind it, forward or backward, and every number in it can be "
                "clicked in turn.",
            )
        )

    # -- given ---------------------------------------------------------------------------------

    def draw(self, old: State | None, new: State) -> None:
        """Answer another question, or the same of another run."""
        self.check.show_state(new, on_paper=self.on_paper)
        self.poke.show_state(new, on_paper=self.on_paper)
        self.sweep.show_state(new, on_paper=self.on_paper)
        same = old is not None and old.run is new.run and old.asking == new.asking
        if same and old is not None and (old.sweep is None) == (new.sweep is None):
            return
        asked, capture = new.asked, new.capture
        if not self._warmed:
            self._warmed = True
            threading.Thread(target=_load_rules, name="why", daemon=True).start()
        self.answer = None
        if asked is not None and capture is not None:
            self.answer = explain(capture, asked)
        self.set_title(
            translate("Why", "Why?"),
            "" if asked is None or capture is None else title_of(capture, asked),
        )
        self._subtitle.setToolTip(plain_tip(self._subtitle.text()))
        reached = None if new.sweep is None else new.sweep.position + 1
        self.board.show_answer(capture, self.answer, reached)
        self.board.setAccessibleName(
            self._subtitle.text() if self.answer is None else as_text(self.answer)
        )
        if new.sweep is None or old is None or old.sweep is None:
            self._area.verticalScrollBar().setValue(0)
        shown = self.answer is not None
        if self.on_paper and not shown:
            self.hint.setText(translate("Why", "No number is asked about."))
        show_if(self.hint, not shown)
        show_if(self._area, shown)
        show_if(self.controls, shown and not self.on_paper)
        self.back.setEnabled(bool(new.asking.before))
        self.forward.setEnabled(bool(new.asking.after))
        for side, button in self.sides.items():
            button.setChecked(asked is not None and asked.side is side)
            constant = asked is not None and asked.place in (Place.CONSTANT, Place.OBJECTIVE)
            button.setEnabled(not constant)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.board.set_theme(theme)
        self.check.set_theme(theme)
        self.poke.set_theme(theme)
        super().set_theme(theme)

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Unfold what nobody could unfold on a page."""
        super().go_on_paper()
        self.board.look = Look(paper=True)

    def paper_height(self, width: int) -> int:
        """Return the height at which all of the answer is seen."""
        margins = self.body.contentsMargins()
        inner = width - margins.left() - margins.right()
        if self.answer is None:
            return super().paper_height(width)
        return round(self.board.height_for(inner)) + 62

    def take_look(self, other: Panel) -> None:
        """Unfold what the other has unfolded."""
        if isinstance(other, WhyPanel):
            if self.state is not None:
                self.render_state(None, self.state)
            self.board.unfold(other.board.look.open)

    # -- what the user does --------------------------------------------------------------------

    def _choose(self, side: Side) -> None:
        asked = None if self.state is None else self.state.asked
        for each, button in self.sides.items():  # the state decides, not the click
            button.setChecked(asked is not None and asked.side is each)
        if asked is not None and asked.side is not side:
            self.side_requested.emit()

    def _copy(self, notation: "object") -> None:
        if self.answer is not None and callable(notation):
            QGuiApplication.clipboard().setText(str(notation(self.answer)))
