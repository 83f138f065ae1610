"""The choices of the figure dialog."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from lenet_viz.export.order import (
    ALL,
    AS_SHOWN,
    OWN_SIZE,
    PAPER_SCALE,
    SCREEN_SCALE,
    STORYBOARD,
    Order,
)
from lenet_viz.export.sheet import SHEETS, TYPE_RANGE
from lenet_viz.panels.text import card_title, formatted, translate

LARGEST_SCALE = 8.0
BY_SIZE = TYPE_RANGE[0] - 0.5
"""The spin box's value that stands for "as the size proposes"."""


class FigureForm(QWidget):
    """Fields for everything in an `Order`.

    Attributes:
        changed: emitted when the user changes any of them.
    """

    changed = Signal()

    def __init__(
        self,
        names: Mapping[str, str],
        order: Order,
        steps: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        """Make the fields.

        Args:
            names: what can be drawn: key and name; the first stands for all of them in a preview.
            order: what they show at first.
            steps: the run's cards.
            parent: the dialog.
        """
        super().__init__(parent)
        self.setObjectName("figure_form")
        self._first = next(iter(names))
        self.what = self._choice("figure_what", names, order.what)
        self.size_ = self._choice("figure_size", _sizes(), order.size)
        self.own = QLineEdit(order.own, self)
        self.type_size = QDoubleSpinBox(self)
        self.theme = self._choice("figure_theme", _themes(), order.theme)
        self.caption = QCheckBox(translate("Picture", "caption below"), self)
        self.scale = QDoubleSpinBox(self)
        self.show_ = self._choice("figure_show", _shows(), order.show)
        self.steps = QListWidget(self)
        self._fill(order, steps)
        self._name()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._rows = form
        for label, field in (
            (translate("Picture", "Figure of"), self.what),
            (translate("Picture", "Size"), self.size_),
            (translate("Picture", "Own size"), self.own),
            (translate("Picture", "Type size"), self.type_size),
            (translate("Picture", "Colours"), self.theme),
            ("", self.caption),
            (translate("Picture", "PNG scale"), self.scale),
            (translate("Picture", "Maps"), self.show_),
            (translate("Picture", "Steps"), self.steps),
        ):
            form.addRow(label, field)
        self._fold()

    def _choice(self, name: str, words: Mapping[str, str], chosen: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        for key, text in words.items():
            box.addItem(text, key)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.currentIndexChanged.connect(self._change)
        return box

    def _fill(self, order: Order, steps: Sequence[str]) -> None:
        low, high = TYPE_RANGE
        self.type_size.setRange(BY_SIZE, high)
        self.type_size.setSingleStep(0.5)
        self.type_size.setDecimals(1)
        self.type_size.setSuffix(translate("Picture", " pt"))
        self.type_size.setSpecialValueText(translate("Picture", "as the size proposes"))
        self.type_size.setValue(BY_SIZE if order.type_size is None else max(low, order.type_size))
        self.scale.setRange(0.5, LARGEST_SCALE)
        self.scale.setSingleStep(0.5)
        self.scale.setValue(order.scale)
        self.caption.setChecked(order.caption)
        self.size_.currentIndexChanged.connect(self._take_size)
        for step in steps:
            item = QListWidgetItem(card_title(step), self.steps)
            item.setData(Qt.ItemDataRole.UserRole, step)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        self.steps.setFixedHeight(150)
        for signal in (
            self.own.textEdited,
            self.type_size.valueChanged,
            self.scale.valueChanged,
            self.caption.toggled,
            self.steps.itemChanged,
        ):
            signal.connect(self._change)

    def _name(self) -> None:
        """Give every field its object name, accessible name and tool tip."""
        low, high = TYPE_RANGE
        for widget, name, called, tip in (
            (
                self.what,
                "figure_what",
                translate("Picture", "Figure of"),
                translate("Picture", "What the figure shows"),
            ),
            (
                self.size_,
                "figure_size",
                translate("Picture", "Size"),
                translate("Picture", "How large the figure is"),
            ),
            (
                self.own,
                "figure_own_size",
                translate("Picture", "Own size"),
                translate(
                    "Picture",
                    "Width × height: 1600x1000, 160x90mm, 6.5x4in; a width alone: as high as "
                    "needed",
                ),
            ),
            (
                self.type_size,
                "figure_type_size",
                translate("Picture", "Type size"),
                formatted(
                    "Picture",
                    "Points of running text, {low} to {high}; lines grow with it",
                    low=round(low),
                    high=round(high),
                ),
            ),
            (
                self.theme,
                "figure_theme",
                translate("Picture", "Colours"),
                translate("Picture", "Light for paper, dark for slides"),
            ),
            (
                self.caption,
                "figure_caption",
                translate("Picture", "Caption"),
                translate("Picture", "Everything that is needed to make the figure again"),
            ),
            (
                self.scale,
                "figure_scale",
                translate("Picture", "PNG scale"),
                translate(
                    "Picture", "Image pixels per logical pixel; text is drawn anew, not enlarged"
                ),
            ),
            (
                self.show_,
                "figure_show",
                translate("Picture", "Maps"),
                translate("Picture", "What each step shows"),
            ),
            (
                self.steps,
                "figure_steps",
                translate("Picture", "Steps"),
                translate("Picture", "Which steps are drawn"),
            ),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(called)
            widget.setToolTip(tip)

    def _take_size(self, *_: object) -> None:
        """Propose the resolution that suits a size: paper and projectors need more dots."""
        fine = self.size_.currentData() in SHEETS
        self.scale.setValue(PAPER_SCALE if fine else SCREEN_SCALE)

    def _change(self, *_: object) -> None:
        self._fold()
        self.changed.emit()

    def _fold(self) -> None:
        """Show only the rows that mean something for what is chosen."""
        story = self.what.currentData() == STORYBOARD
        self._rows.setRowVisible(self.own, self.size_.currentData() == OWN_SIZE)
        self._rows.setRowVisible(self.show_, story)
        self._rows.setRowVisible(self.steps, story)
        self._rows.setRowVisible(self.scale, self.is_one())

    def is_one(self) -> bool:
        """Return whether one figure is chosen, not all of them."""
        return bool(self.what.currentData() != ALL)

    def first_of(self, what: str) -> str:
        """Return what the preview shows of a choice: of all figures the first."""
        return self._first if what == ALL else what

    def order(self) -> Order:
        """Return what is chosen."""
        points = self.type_size.value()
        items = [self.steps.item(row) for row in range(self.steps.count())]
        chosen = tuple(
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        )
        return Order(
            what=str(self.what.currentData()),
            size=str(self.size_.currentData()),
            own=self.own.text(),
            type_size=None if points < TYPE_RANGE[0] else points,
            theme=str(self.theme.currentData()),
            caption=self.caption.isChecked(),
            scale=self.scale.value(),
            show=str(self.show_.currentData()),
            steps=None if len(chosen) == len(items) else chosen,
        )


def _sizes() -> dict[str, str]:
    return {
        AS_SHOWN: translate("Picture", "as wide as in the window"),
        "slide": translate("Picture", "slide, 16:9"),
        "a4-column": translate("Picture", "A4, one of two columns (85 mm)"),
        "a4": translate("Picture", "A4 page"),
        OWN_SIZE: translate("Picture", "own size"),
    }


def _themes() -> dict[str, str]:
    return {
        "light": translate("Picture", "light, for paper"),
        "dark": translate("Picture", "dark, for slides"),
    }


def _shows() -> dict[str, str]:
    return {
        "both": translate("Picture", "activations and gradients"),
        "activation": translate("Picture", "activations"),
        "gradient": translate("Picture", "gradients"),
    }
