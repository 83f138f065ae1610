"""The gradient ledger: how ``.grad`` adds up, and what an update makes of it."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from lenet_viz.capture.address import Address, Place
from lenet_viz.panels.item_board import ItemBoard
from lenet_viz.panels.ledger_chain import add_chain
from lenet_viz.panels.ledger_controls import LedgerControls
from lenet_viz.panels.ledger_index import IndexFields
from lenet_viz.panels.ledger_numbers import Index, LedgerRow, rows_of
from lenet_viz.panels.ledger_table import LedgerModel, LedgerTable
from lenet_viz.panels.ledger_timeline import add_timeline, name_of
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.panels.why_column import Layout
from lenet_viz.session.ledger import Event, Updating, after_run
from lenet_viz.session.state import State


class LedgerBoard(ItemBoard):
    """The events of a session and one element's arithmetic.

    Signals, only ever caused by the user: ``asked`` an `Address`.
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty board."""
        super().__init__("ledger_board", parent)
        self._events: tuple[Event, ...] = ()
        self._row: LedgerRow | None = None
        self._index: Index | None = None

    def show_element(
        self, events: tuple[Event, ...], row: LedgerRow | None, index: Index | None
    ) -> None:
        """Show what happened to one element; no row clears the board."""
        self._events, self._row, self._index = events, row, index
        self.lay_out()

    def laid_out(self, width: float) -> Layout | None:
        """Return the events and the arithmetic at a width."""
        if self._row is None:
            return None
        layout = Layout(width)
        add_timeline(layout, self._events, self._row, self._index)
        ask = cast(Callable[[Address], None], self.asked.emit)
        add_chain(layout, self._row, self._index, ask)
        return layout


class _Column(QWidget):
    """What scrolls; it is never higher than its content needs at the width that it has."""

    def minimumSizeHint(self) -> QSize:
        """Return the least width alone: the height follows from the width."""
        return QSize(super().minimumSizeHint().width(), 0)


class LedgerPanel(Panel):
    """A row for each tensor with a ``.grad``, and the arithmetic of one of its elements.

    Signals, only ever caused by the user: ``value_clicked`` an `Address`,
    ``optimiser_requested`` an `OptimiserChoice`, ``update_requested``, ``forget_requested``.
    """

    value_clicked = Signal(object)
    optimiser_requested = Signal(object)
    update_requested = Signal()
    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("ledger", parent)
        self._chosen = ""
        self._index: Index | None = None
        self.controls = LedgerControls(self)
        self.controls.optimiser_requested.connect(self.optimiser_requested)
        self.controls.update_requested.connect(self.update_requested)
        self.controls.forget_requested.connect(self.forget_requested)
        self.element = IndexFields(self)
        self.element.index_requested.connect(self._choose_index)
        self.element.largest_requested.connect(lambda: self._choose_index(None))
        self.board = LedgerBoard()
        self.board.asked.connect(self.value_clicked)
        self.board.reached.connect(self._scroll_to)
        self._area = QScrollArea(self)
        self._area.setObjectName("ledger_scroll")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model = LedgerModel(self)
        self.table = LedgerTable(self.model, self)
        self.table.row_requested.connect(self._choose_row)
        self._norms = QLabel(
            translate(
                "Ledger",
                "‖ ‖ = √(sum of squares): lengths, which do not add up",
            ),
            self,
        )
        self._norms.setObjectName("ledger_norms")
        self._norms.setProperty("role", "muted")
        self._norms.setWordWrap(True)
        self._norms.setFont(text_font(8.5))
        self._empty = QLabel(self)
        self._empty.setObjectName("ledger_empty")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._column = self._make_column()
        self.body.addWidget(self._area)
        self.setMinimumSize(340, 160)

    def _make_column(self) -> QWidget:
        """Put everything into one column that scrolls: a low panel squeezes nothing."""
        column = _Column(self)
        column.setObjectName("ledger_column")
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.controls)
        for widget in (self._empty, self.table, self._norms, self.element, self.board):
            # The table takes what room there is, up to all its rows; the rest stays empty.
            rows.addWidget(widget, 100 if widget is self.table else 0)
        rows.addStretch(1)
        self._area.setWidget(column)
        self._area.viewport().setAutoFillBackground(False)
        column.setAutoFillBackground(False)
        return column

    def sizeHint(self) -> QSize:
        """Return a size at which a chain is seen whole."""
        return QSize(460, 620)

    # -- given ---------------------------------------------------------------------------------

    def draw(self, old: State | None, new: State) -> None:
        """Show the tensors, and follow the number that is asked about."""
        same = (
            old is not None
            and old.run is new.run
            and old.updating == new.updating
            and old.asked == new.asked
            and old.opened == new.opened
        )
        self.controls.render_state(new)
        self.set_title(translate("Ledger", "Gradient ledger"), _subtitle(new))
        if same:
            return
        self.model.set_rows(rows_of(new))
        self.table.fit_rows()
        asked = new.asked
        if asked is not None and (old is None or old.asked != asked):
            self._follow(asked)
        empty = _empty_words(new, bool(self.model.rows))
        self._empty.setText(empty)
        show_if(self._empty, bool(empty))
        for widget in (self.table, self._norms, self.board):
            show_if(widget, not empty)
        show_if(self.element, not empty and not self.on_paper)
        self._show_element()

    def _follow(self, asked: Address) -> None:
        """Take the number that is asked about, where it has a row."""
        for row in self.model.rows:
            is_its = asked.name == row.name and asked.place in (Place.PARAMETER, Place.INPUT)
            if is_its and row.is_input == (asked.place is Place.INPUT):
                self._chosen, self._index = row.label, asked.index

    @property
    def row(self) -> LedgerRow | None:
        """The tensor that is followed; None without any."""
        rows = self.model.rows
        chosen = next((row for row in rows if row.label == self._chosen), None)
        if chosen is not None or not rows:
            return chosen
        return next((row for row in rows if row.grad is not None), rows[0])

    @property
    def index(self) -> Index | None:
        """The element that is followed; None where there is none."""
        row, index = self.row, self._index
        if row is None:
            return None
        inside = index is not None and len(index) == len(row.shape)
        if index is not None and inside and all(map(int.__lt__, index, row.shape)):
            return index
        return row.first_index

    def _show_element(self) -> None:
        row, index, state = self.row, self.index, self.state
        if row is None or state is None:
            self.board.show_element((), None, None)
            return
        self.table.show_row(self.model.rows.index(row))
        self.element.show_index(row.label, row.shape, index)
        self.board.show_element(_events(state), row, index)
        self.board.setAccessibleName(name_of(row, index))

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.board.set_theme(theme)
        super().set_theme(theme)

    # -- what the user does --------------------------------------------------------------------

    def _choose_row(self, number: int) -> None:
        if 0 <= number < len(self.model.rows):
            self._chosen, self._index = self.model.rows[number].label, None
            self._show_element()

    def _choose_index(self, index: Index | None) -> None:
        row = self.row
        if row is not None:
            self._chosen, self._index = row.label, index
            self._show_element()

    def _scroll_to(self, rect: QRectF) -> None:
        middle = self.board.mapTo(self._column, rect.center().toPoint())
        self._area.ensureVisible(0, middle.y(), 0, round(rect.height() / 2) + 8)

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Leave out what can only be used, and show every row."""
        super().go_on_paper()
        self.controls.hide()
        self.element.hide()

    def paper_height(self, width: int) -> int:
        """Return the height at which every row and the whole arithmetic are seen."""
        if self.row is None:
            return super().paper_height(width)
        margins = self.body.contentsMargins()
        inner = width - margins.left() - margins.right()
        self.table.setFixedHeight(self.table.whole_height())
        column = self._column.heightForWidth(inner)
        return self.head.sizeHint().height() + column + margins.top() + margins.bottom() + 12

    def take_look(self, other: Panel) -> None:
        """Follow the same element."""
        if isinstance(other, LedgerPanel):
            self._chosen, self._index = other._chosen, other._index
            if self.state is not None:
                self._show_element()

    def caption_details(self) -> tuple[str, ...]:
        """Return what is followed and which optimiser it is."""
        row, state = self.row, self.state
        if row is None or state is None:
            return ()
        choice = state.updating.choice
        return (
            name_of(row, self.index),
            formatted("Ledger", "optimiser {call}", call=choice.call),
        )


def _events(state: State) -> tuple[Event, ...]:
    """Return what happened; of a run that nobody has followed, what it was itself."""
    if state.updating.events or state.run is None:
        return state.updating.events
    run = state.run
    cleared = run.settings is not None and run.settings.zero_grad
    return after_run(Updating(), run, cleared=cleared, kept=False).events


def _subtitle(state: State) -> str:
    if state.run is None:
        return ""
    if state.updated_since:
        return formatted(
            "Ledger", "update {number} came after this run", number=state.updating.count
        )
    if state.stale_forward or state.stale_backward:
        return translate("Ledger", "older than the present settings")
    return ""


def _empty_words(state: State, rows: bool) -> str:
    if state.run is None:
        return translate(
            "Ledger",
            "No run yet: press Backward (F6). Each backward pass adds to .grad, and an update "
            "takes it from there.",
        )
    if rows:
        return ""
    return translate("Ledger", "Neither a parameter nor an input of this run has a gradient.")
