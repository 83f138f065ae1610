"""The settings of one op in the builder's form."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from lenet_viz.network.layer_types import LAYER_TYPES, Setting
from lenet_viz.network.node import Node
from lenet_viz.panels.setting_field import SettingField
from lenet_viz.panels.setting_fields import field_for
from lenet_viz.panels.theme import code_font, text_font


class OpFields(QWidget):
    """The settings of one op, each with its field.

    Signals, only ever caused by the user: ``changed`` a setting's name and its value,
    ``refused`` a sentence.
    """

    changed = Signal(str, object)
    refused = Signal(str)

    def __init__(self, op: str, parent: QWidget | None = None) -> None:
        """Make the fields of an op."""
        super().__init__(parent)
        self.setObjectName(f"builder_{op}_fields")
        form = form_of(self)
        self.fields: dict[str, SettingField] = {}
        for setting in LAYER_TYPES[op].settings:
            field = field_for(setting, f"builder_{op}_{setting.name}", self)
            field.changed.connect(partial(self.changed.emit, setting.name))
            field.refused.connect(self.refused)
            form.addRow(code_label(setting), field)
            self.fields[setting.name] = field

    def show_node(self, node: Node) -> None:
        """Show a layer's settings."""
        for name, field in self.fields.items():
            known = field.setting.default
            field.show_value(node.settings.get(name, known))


def form_of(holder: QWidget) -> QFormLayout:
    """Return a form with short labels, in a widget."""
    form = QFormLayout(holder)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(10)
    form.setVerticalSpacing(4)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return form


def label_of(text: str) -> QLabel:
    """Return a quiet label of a form."""
    label = QLabel(text)
    label.setFont(text_font(9))
    label.setProperty("role", "muted")
    label.setMinimumWidth(76)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def code_label(setting: Setting) -> QLabel:
    """Return the name of a setting, as code."""
    label = label_of(setting.name)
    label.setFont(code_font(8.5))
    return label
