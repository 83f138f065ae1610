"""The target and the loss in the step panel: rows, a caption, and what writes v anew."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.capture.words import MSE, VECTOR
from lenet_viz.display.broadcast import broadcast
from lenet_viz.display.objective_rows import TARGET, ObjectiveRows, V, objective_rows
from lenet_viz.panels.broadcast_picture import BroadcastPicture
from lenet_viz.panels.map_side import has_batch
from lenet_viz.panels.objective_board import ObjectiveBoard
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import Theme, text_font
from lenet_viz.session.settings import ObjectiveChoice
from lenet_viz.session.state import State

_VIEW = "target.view(1, -1)"


class ObjectiveBlock(QWidget):
    """Shows what the objective makes of the output, and lets v be written.

    Signals, only ever caused by the user: ``value_clicked`` an `Address`,
    ``objective_requested`` an `ObjectiveChoice`.
    """

    value_clicked = Signal(object)
    objective_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty block."""
        super().__init__(parent)
        self.setObjectName("objective_block")
        self._state: State | None = None
        self.board = ObjectiveBoard(self)
        self.board.clicked.connect(self._ask)
        self.board.edited.connect(self._edit)
        self.caption = QLabel(self)
        self.caption.setObjectName("objective_caption")
        self.caption.setWordWrap(True)
        self.caption.setFont(text_font(9))
        self.caption.setProperty("role", "muted")
        self.picture = BroadcastPicture(self)
        self.view = QCheckBox(_VIEW, self)
        self.view.setObjectName("objective_view")
        self.view.setAccessibleName(translate("Objective", "Give the target the output's shape"))
        self.view.setToolTip(
            translate(
                "Objective",
                "Off: the target stays as it was drawn, with one axis, and is broadcast. Press "
                "Backward (F6) to see what torch says.",
            )
        )
        self.view.setMinimumWidth(24)
        self.view.clicked.connect(self._choose_view)
        self.buttons: dict[str, QPushButton] = {}
        self._writers = QWidget(self)
        row = QHBoxLayout(self._writers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(QLabel(translate("Objective", "v:"), self._writers))
        for name, text, tip in (
            ("ones", "1", _tip_ones()),
            ("zeros", "0", _tip_zeros()),
            ("onehot", translate("Objective", "one-hot"), _tip_one_hot()),
            ("negate", "× -1", _tip_negate()),
        ):
            button = QPushButton(text, self._writers)
            button.setObjectName(f"objective_{name}")
            button.setAccessibleName(tip.partition(":")[0])
            button.setToolTip(tip)
            button.setProperty("role", "switch")
            button.setMinimumWidth(24)  # a style's own least width is too much for a narrow panel
            button.clicked.connect(lambda _=False, name=name: self._write(name))
            self.buttons[name] = button
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(5)
        for widget in (self.view, self.picture, self.board, self._writers, self.caption):
            column.addWidget(widget)

    # -- given ---------------------------------------------------------------------------------

    def show_state(self, state: State, *, on_paper: bool = False) -> bool:
        """Show the run's objective; returns False where it has no output with numbers."""
        self._state = state
        capture = state.capture
        rows = None if capture is None else _rows(capture, state)
        show_if(self, rows is not None)
        if rows is None or capture is None:
            return False
        edits = state.opened is None and not on_paper and bool(rows.vector)
        self.board.show_rows(rows, editable=edits, stale=state.stale_forward)
        show_if(self._writers, edits)
        self._show_target(capture, state, on_paper=on_paper)
        self.caption.setText(_caption(capture, state, rows, edits=edits))
        return True

    def _show_target(self, capture: Capture, state: State, *, on_paper: bool) -> None:
        """Show how the target is laid against the output, and whether it is viewed first."""
        objective, value = capture.objective, capture.output_value
        choice = state.settings.objective
        target = None if objective is None else objective.target
        several = value is not None and len(value.shape) > 1
        show_if(self.view, several and state.opened is None and choice.kind == MSE and not on_paper)
        self.view.setChecked(not choice.flat)
        shown = None
        written = choice.kind == VECTOR and state.opened is None
        if target is not None and not written and value is not None:
            shown = broadcast((value.shape, target.shape))
        names = (translate("Objective", "out"), translate("Objective", "target"))
        self.picture.show_shapes(names, shown)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.board.set_theme(theme)
        self.picture.set_theme(theme)

    # -- what the user does --------------------------------------------------------------------

    def _ask(self, name: str, row: int) -> None:
        """Ask why a number is what it is; v is the gradient of the output."""
        state, rows = self._state, self.board.rows
        capture = None if state is None else state.capture
        if rows is None or capture is None or capture.output is None:
            return
        if name == TARGET and capture.objective is not None:
            target = capture.objective.target
            index = rows.indices[row]
            axes = 0 if target is None else target.ndim
            index = index[len(index) - axes :]
            self.value_clicked.emit(Address(Place.OBJECTIVE, "target", index=index))
            return
        step = capture.steps[capture.output.step]
        side = Side.ACTIVATION if name == "out" else Side.GRADIENT
        address = Address(Place.STEP, step.name, capture.output.output, side, rows.indices[row])
        self.value_clicked.emit(address)

    def _edit(self, row: int, number: float) -> None:
        rows = self.board.rows
        if rows is not None:
            self._request(rows.with_number(row, number))

    def _write(self, name: str) -> None:
        """Write all numbers of the sample that is shown."""
        rows = self.board.rows
        if rows is None or not rows.vector:
            return
        count = len(rows.labels)
        mine = np.array(rows.vector[rows.first : rows.first + count])
        numbers = {
            "ones": np.ones(count),
            "zeros": np.zeros(count),
            "onehot": (np.arange(count) == (self.board.current or 0)).astype(np.float64),
            "negate": -mine + 0.0,
        }[name]
        self._request(rows.with_rows(numbers.tolist()))

    def _request(self, vector: tuple[float, ...]) -> None:
        if self._state is not None:
            seed = self._state.settings.objective.seed
            self.objective_requested.emit(ObjectiveChoice(VECTOR, 0, seed, vector))

    def _choose_view(self, viewed: bool) -> None:
        if self._state is not None:
            seed = self._state.settings.objective.seed
            self.objective_requested.emit(ObjectiveChoice(MSE, 0, seed, flat=not viewed))


def _rows(capture: Capture, state: State) -> ObjectiveRows | None:
    value = capture.output_value
    batched = value is not None and has_batch(capture, value.shape)
    choice = state.settings.objective
    own = choice.vector if choice.kind == VECTOR and state.opened is None else ()
    return objective_rows(capture, batched=batched, own=own)


def _caption(capture: Capture, state: State, rows: ObjectiveRows, *, edits: bool) -> str:
    """Return what backward makes of v, and what has to be done to see it."""
    if V not in rows.columns:
        return translate("Objective", "Press Backward (F6): v is then what backward starts from.")
    value = capture.output_value
    samples = value.shape[0] if value is not None and has_batch(capture, value.shape) else 1
    parts = [
        translate(
            "Objective", "Backward computes vᵀJ = ∂(v·out)/∂input, J the Jacobian ∂out/∂input."
        )
    ]
    if samples > 1:
        parts.append(formatted("Objective", "Sample 0 of {count} is shown.", count=samples))
    if bool(rows.changed.any()):
        parts.append(
            translate("Objective", "v was changed: press Backward (F6) to see its gradients.")
        )
    elif edits:
        parts.append(translate("Objective", "Double-click a v to write your own."))
    return " ".join(parts)


def _tip_ones() -> str:
    return translate("Objective", "v = 1 everywhere: the gradient of the sum of all outputs")


def _tip_zeros() -> str:
    return translate("Objective", "v = 0 everywhere: every gradient becomes zero")


def _tip_one_hot() -> str:
    return translate("Objective", "v = 1 in the chosen row alone: one row of the Jacobian")


def _tip_negate() -> str:
    return translate("Objective", "Turn every sign around: all gradients turn theirs, too")
