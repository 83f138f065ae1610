"""The parameters: every tensor that learns, with its numbers, its gradient and what uses it."""

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_delegate import ROW_HEIGHT, ParameterDelegate
from lenet_viz.panels.parameter_model import ParameterModel
from lenet_viz.panels.parameter_rows import ParameterRow, counted, rows_of
from lenet_viz.panels.parameter_table import ParameterTable
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import Theme
from lenet_viz.session.state import State


class ParameterPanel(Panel):
    """The table of parameters with a line of totals below.

    Attributes:
        step_requested: name of the step that uses a parameter, when the user clicks its row.
    """

    step_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("parameters", parent)
        self.model = ParameterModel(self)
        self._delegate = ParameterDelegate(self)
        self.table = ParameterTable(self.model, self)
        self.table.setItemDelegate(self._delegate)
        self.table.setAccessibleName(translate("Parameters", "Parameters"))
        self.table.setToolTip(
            translate("Parameters", "Click a row to select the step that uses it; Ctrl+C copies")
        )
        self.table.row_requested.connect(self._request)
        self._empty = self._label("parameters_empty")
        self._footer = self._label("parameters_footer")
        self.body.addWidget(self._empty)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._footer)
        self.setMinimumWidth(420)

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        return label

    def sizeHint(self) -> QSize:
        """Return a size that shows ten parameters."""
        return QSize(620, 11 * ROW_HEIGHT + 90)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._delegate.theme = theme
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Show the last run's parameters and which of them the selected step uses."""
        capture = new.capture
        rows_differ = old is None or old.run is not new.run
        if rows_differ:
            run = new.run
            self.model.set_rows(() if run is None else rows_of(run.capture, run.passes))
            self._delegate.forget_images()
        stale = self._mark_old(new)
        self.set_title(translate("Parameters", "Parameters"), _subtitle(new, stale))
        # A page shows the run, not what somebody is just looking at.
        self._delegate.step = "" if self.on_paper else new.selected
        if rows_differ or (old is not None and old.selected != new.selected):
            self._reveal(new.selected)
        self._empty.setText(_empty_words(capture))
        self._empty.setVisible(not self.model.rows)
        self.table.setVisible(bool(self.model.rows))
        self._footer.setText("" if capture is None else footer_words(capture, self.model.rows))
        self._footer.setVisible(bool(self.model.rows))
        self.table.viewport().update()

    def _mark_old(self, state: State) -> bool:
        """Dim what belongs to older settings; return whether anything does."""
        changed = state.stale_network
        self._delegate.old_values = changed
        self._delegate.old_grads = changed or state.stale_backward
        return self._delegate.old_grads

    def _reveal(self, step: str) -> None:
        """Scroll to the selected step's first parameter; the user's own selection stays."""
        for number, row in enumerate(self.model.rows):
            if row.step == step:
                self.table.scrollTo(self.model.index(number, 0))
                flag = QItemSelectionModel.SelectionFlag.NoUpdate
                self.table.selectionModel().setCurrentIndex(self.model.index(number, 0), flag)
                return

    def _request(self, number: int) -> None:
        if number < len(self.model.rows) and self.model.rows[number].step:
            self.step_requested.emit(self.model.rows[number].step)

    def caption_details(self) -> tuple[str, ...]:
        """Return what the thumbnails' colours mean."""
        return (translate("Parameters", "each tensor with its own symmetric colour scale"),)


def footer_words(capture: Capture, rows: tuple[ParameterRow, ...]) -> str:
    """Return the totals: tensors, layers, numbers, and what is shared or frozen."""
    layers = {row.parameter.layer for row in rows}
    words = [
        formatted(
            "Parameters",
            "{tensors} parameter tensors in {layers} layers, {count} numbers",
            tensors=len(rows),
            layers=len(layers),
            count=numbers.count_text(counted(capture)),
        )
        if len(rows) > 1 and len(layers) > 1
        else formatted(
            "Parameters",
            "parameter tensors: {tensors}; layers: {layers}; numbers: {count}",
            tensors=len(rows),
            layers=len(layers),
            count=numbers.count_text(counted(capture)),
        )
    ]
    frozen = sum(not row.parameter.requires_grad for row in rows)
    if frozen:
        words.append(formatted("Parameters", "frozen tensors: {count}", count=frozen))
    words += [
        formatted(
            "Parameters", "{name} is tied to {other}", name=row.parameter.name, other=row.tied_to
        )
        for row in rows
        if row.tied_to
    ]
    shared = [row for row in rows if row.uses > 1]
    words += [
        formatted(
            "Parameters", "{name} is used by {count} steps", name=row.parameter.name, count=row.uses
        )
        for row in shared[:4]
    ]
    return " · ".join(words)


def _subtitle(state: State, stale: bool) -> str:
    if stale:
        return translate("Parameters", "older than the present settings")
    return "" if state.run is None else translate("Parameters", "what the network learns")


def _empty_words(capture: Capture | None) -> str:
    if capture is None:
        return translate("Parameters", "No run yet: press Forward (F5).")
    return translate("Parameters", "This network has no parameters: there is nothing to learn.")
