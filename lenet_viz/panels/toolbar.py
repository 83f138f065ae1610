"""The toolbar: it reads as the steps of a run, from the set-up to backward."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from lenet_viz.network import presets
from lenet_viz.panels.choice_button import (
    ChoiceButton,
    labelled,
    number_field,
    show_number,
    show_word,
    word_field,
)
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.panels.theme import text_font
from lenet_viz.panels.toolbar_choices import LARGEST_SEED, InputButton, ObjectiveButton
from lenet_viz.session.state import State


class Toolbar(QToolBar):
    """Model, input, weights › Forward › objective › Backward, and the menus.

    Each signal is emitted only when the user does something.
    """

    preset_requested = Signal(str)
    input_requested = Signal(object)
    weights_seed_requested = Signal(int)
    objective_requested = Signal(object)
    zero_grad_requested = Signal(bool)
    forward_requested = Signal()
    backward_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the toolbar."""
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setWindowTitle(translate("Toolbar", "Toolbar"))
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(16, 16))
        self.state: State | None = None
        brand = QLabel("lenet_viz", self)
        brand.setObjectName("toolbar_brand")
        brand.setFont(text_font(12, bold=True))
        brand.setContentsMargins(2, 0, 4, 0)
        self.addWidget(brand)
        self._preset = self._preset_field()
        self._input = InputButton(self)
        self._input.input_requested.connect(self.input_requested)
        self.addWidget(self._input)
        self._weights = self._weights_button()
        self.addSeparator()
        self._forward = self._main_button(
            "toolbar_forward",
            translate("Toolbar", "Forward F5"),
            translate("Toolbar", "Run the input through the network (F5)"),
        )
        self._forward.clicked.connect(self.forward_requested)
        self._arrow(1)
        self._objective = ObjectiveButton(self)
        self._objective.objective_requested.connect(self.objective_requested)
        self.addWidget(self._objective)
        self._arrow(2)
        self._backward = self._main_button(
            "toolbar_backward",
            translate("Toolbar", "Backward F6"),
            translate("Toolbar", "Compute every gradient of the objective (F6)"),
        )
        self._backward.clicked.connect(self.backward_requested)
        self._zero_grad = QCheckBox(translate("Toolbar", "zero_grad"), self)
        self._zero_grad.setObjectName("toolbar_zero_grad")
        self._zero_grad.setAccessibleName(translate("Toolbar", "zero_grad first"))
        self._zero_grad.setToolTip(
            translate(
                "Toolbar",
                "Clear the parameters' .grad before backward (Z). Off: gradients accumulate.",
            )
        )
        self._zero_grad.clicked.connect(self.zero_grad_requested)
        self.addWidget(self._zero_grad)
        self._stop = QPushButton(translate("Toolbar", "Stop"), self)
        self._stop.setObjectName("toolbar_stop")
        self._stop.setAccessibleName(translate("Toolbar", "Stop"))
        self._stop.setToolTip(translate("Toolbar", "End the run under way (Shift+F5)"))
        self._stop.clicked.connect(self.stop_requested)
        self.addWidget(self._stop)
        spacer = QWidget(self)
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)

    # -- building ------------------------------------------------------------------------------

    def add_menu(self, name: str, text: str, tip: str) -> QMenu:
        """Add a button with a menu at the right end and return the menu."""
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        menu.setObjectName(f"{name}_menu")
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        self.addWidget(button)
        return menu

    def _main_button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setProperty("role", "main")
        self.addWidget(button)
        return button

    def _arrow(self, number: int) -> None:
        label = QLabel("›", self)
        label.setObjectName(f"toolbar_arrow_{number}")
        label.setProperty("role", "muted")
        self.addWidget(label)

    def _preset_field(self) -> QComboBox:
        field = word_field("toolbar_preset", translate("Toolbar", "The network"))
        field.setAccessibleName(translate("Toolbar", "Model"))
        for at, name in enumerate(presets.NAMES):
            preset = presets.get(name)
            field.addItem(translated(preset.title), name)
            field.setItemData(at, translated(preset.description), Qt.ItemDataRole.ToolTipRole)
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(10)
        field.activated.connect(lambda at: self.preset_requested.emit(field.itemData(at)))
        self.addWidget(field)
        return field

    def _weights_button(self) -> ChoiceButton:
        button = ChoiceButton("toolbar_weights", self)
        self._weights_seed = number_field(
            "toolbar_weights_seed",
            0,
            LARGEST_SEED,
            translate("Toolbar", "Seed the weights are drawn with: torch.manual_seed(seed); Net()"),
        )
        labelled(button, translate("Toolbar", "Weights' seed"), self._weights_seed)
        self._weights_seed.valueChanged.connect(self.weights_seed_requested)
        self.addWidget(button)
        return button

    # -- what the state says -------------------------------------------------------------------

    def render_state(self, old: State | None, new: State) -> None:
        """Show the settings and switch off what cannot be done now."""
        self.state = new
        if old is None or old.settings != new.settings:
            self._input.render_state(new)
            self._objective.render_state(new)
            settings = new.settings
            show_word(self._preset, settings.preset)
            show_number(self._weights_seed, settings.weights_seed)
            drawn = presets.get(settings.preset).weights is None
            self._weights.show_choice(
                formatted("Toolbar", "weights: seed {seed}", seed=settings.weights_seed)
                if drawn
                else translate("Toolbar", "weights: fixed"),
                translate("Toolbar", "The weights: drawn at random with this seed")
                if drawn
                else translate("Toolbar", "The weights: fixed numbers that come with the preset"),
            )
            self._weights.setEnabled(drawn)
            self._zero_grad.setChecked(settings.zero_grad)
        idle = new.pending is None
        self._forward.setEnabled(idle)
        self._backward.setEnabled(idle)
        self._stop.setEnabled(not idle)
