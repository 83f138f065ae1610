"""Which element of a tensor the gradient ledger follows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QSpinBox, QToolButton, QWidget

from lenet_viz.panels.flow_layout import Flow
from lenet_viz.panels.ledger_fields import NEAR
from lenet_viz.panels.text import formatted, plain_tip, show_if, translate


class IndexFields(QWidget):
    """Which element of a tensor is followed: a field for each axis.

    Attributes:
        index_requested: the element that the user chose.
        largest_requested: when the one with the largest ``.grad`` is wanted.
    """

    index_requested = Signal(tuple)
    largest_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make fields for no axis."""
        super().__init__(parent)
        self.setObjectName("ledger_index")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._row = Flow(self)
        self.name = QLabel(translate("Ledger", "element"), self)
        self.name.setObjectName("ledger_index_name")
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self._row.addWidget(self.name)
        self.fields: list[QSpinBox] = []
        self.largest = QToolButton(self)
        self.largest.setObjectName("ledger_largest")
        self.largest.setText(translate("Ledger", "largest"))
        self.largest.setAccessibleName(translate("Ledger", "The element with the largest .grad"))
        self.largest.setToolTip(
            translate("Ledger", "Follow the element whose .grad has the largest size")
        )
        self.largest.clicked.connect(self.largest_requested)
        self._row.addWidget(self.largest)

    def show_index(self, label: str, shape: tuple[int, ...], index: tuple[int, ...] | None) -> None:
        """Show an element without telling anybody.

        Args:
            label: the tensor's name.
            shape: its shape.
            index: the element; None for none.
        """
        self.name.setToolTip(plain_tip(label))
        while len(self.fields) < len(shape):
            self._add_field()
        for axis, field in enumerate(self.fields):
            show_if(field, index is not None and axis < len(shape))
            if index is None or axis >= len(shape):
                continue
            field.blockSignals(True)
            field.setRange(0, max(0, shape[axis] - 1))
            field.setValue(index[axis])
            digits = field.fontMetrics().horizontalAdvance(str(field.maximum()))
            field.setFixedWidth(max(50, 40 + digits))
            field.blockSignals(False)
        self._shown = len(shape) if index is not None else 0
        self.largest.setEnabled(index is not None)

    def _add_field(self) -> None:
        axis = len(self.fields)
        field = QSpinBox(self)
        field.setObjectName(f"ledger_index_{axis}")
        field.setAccessibleName(formatted("Ledger", "Index along axis {axis}", axis=axis))
        field.setToolTip(formatted("Ledger", "Index along axis {axis}, from 0", axis=axis))
        field.setKeyboardTracking(False)
        field.setStyleSheet(NEAR)
        field.valueChanged.connect(self._changed)
        self._row.removeWidget(self.largest)
        self._row.addWidget(field)
        self._row.addWidget(self.largest)
        self.fields.append(field)

    def _changed(self) -> None:
        self.index_requested.emit(tuple(each.value() for each in self.fields[: self._shown]))
