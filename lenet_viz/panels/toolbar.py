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

from lenet_viz import inputs
from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.panels.choice_button import (
    ChoiceButton,
    labelled,
    number_field,
    show_number,
    show_word,
    word_field,
)
from lenet_viz.panels.text import formatted, objective_name, translate, translated
from lenet_viz.panels.theme import text_font
from lenet_viz.session.state import EngineStatus, ObjectiveChoice, State

LARGEST_SEED = 2**31 - 1


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
        self._input = self._input_button()
        self._weights = self._weights_button()
        self.addSeparator()
        self._forward = self._main_button(
            "toolbar_forward",
            translate("Toolbar", "Forward F5"),
            translate("Toolbar", "Run the input through the network (F5)"),
        )
        self._forward.clicked.connect(self.forward_requested)
        self._arrow(1)
        self._objective = self._objective_button()
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

    def _input_button(self) -> ChoiceButton:
        button = ChoiceButton("toolbar_input", self)
        self._input_kind = word_field(
            "toolbar_input_kind", translate("Toolbar", "Where the input comes from")
        )
        self._input_kind.addItem(translate("Toolbar", "handwritten digit"), "digit")
        self._input_kind.addItem("torch.randn", "random")
        self._input_kind.addItem(translate("Toolbar", "the preset's own image"), "preset")
        labelled(button, translate("Toolbar", "Input"), self._input_kind)
        self._digit = number_field(
            "toolbar_digit", 0, 9, translate("Toolbar", "Which digit, 0 to 9")
        )
        self._digit_label = labelled(button, translate("Toolbar", "Digit"), self._digit)
        self._scan = number_field(
            "toolbar_scan", 0, 200, translate("Toolbar", "Which scan of that digit, from 0")
        )
        self._scan_label = labelled(button, translate("Toolbar", "Scan"), self._scan)
        self._input_seed = number_field(
            "toolbar_input_seed",
            0,
            LARGEST_SEED,
            translate("Toolbar", "Seed of torch.randn: the same seed gives the same numbers"),
        )
        self._input_seed_label = labelled(button, translate("Toolbar", "Seed"), self._input_seed)
        self._input_kind.activated.connect(self._input_changed)
        for field in (self._digit, self._scan, self._input_seed):
            field.valueChanged.connect(self._input_changed)
        self.addWidget(button)
        return button

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

    def _objective_button(self) -> ChoiceButton:
        button = ChoiceButton("toolbar_objective", self)
        self._kind = word_field(
            "toolbar_objective_kind", translate("Toolbar", "What backward starts from")
        )
        for text, kind in (
            (translate("Toolbar", "cross-entropy of a class"), "cross-entropy"),
            (translate("Toolbar", "MSE against a random target"), "mse"),
            (translate("Toolbar", "random vector v, as in the notebook"), "random"),
            (translate("Toolbar", "one output"), "output"),
        ):
            self._kind.addItem(text, kind)
        labelled(button, translate("Toolbar", "Objective"), self._kind)
        self._index = number_field(
            "toolbar_objective_index", 0, 9, translate("Toolbar", "Which class or output, from 0")
        )
        self._index_label = labelled(button, translate("Toolbar", "Class or output"), self._index)
        self._objective_seed = number_field(
            "toolbar_objective_seed",
            0,
            LARGEST_SEED,
            translate("Toolbar", "Seed of the random vector or target"),
        )
        self._objective_seed_label = labelled(
            button, translate("Toolbar", "Seed"), self._objective_seed
        )
        self._kind.activated.connect(self._objective_changed)
        self._index.valueChanged.connect(self._objective_changed)
        self._objective_seed.valueChanged.connect(self._objective_changed)
        self.addWidget(button)
        return button

    # -- what the user does --------------------------------------------------------------------

    def _input_changed(self) -> None:
        if self.state is None:
            return
        kind = str(self._input_kind.currentData())
        label = self._digit.value()
        self.input_requested.emit(
            InputRequest(
                kind=kind,
                label=label,
                index=min(self._scan.value(), inputs.count(label) - 1),
                seed=self._input_seed.value(),
            )
        )

    def _objective_changed(self) -> None:
        self.objective_requested.emit(
            ObjectiveChoice(
                kind=str(self._kind.currentData()),
                index=self._index.value(),
                seed=self._objective_seed.value(),
            )
        )

    # -- what the state says -------------------------------------------------------------------

    def render_state(self, old: State | None, new: State) -> None:
        """Show the settings and switch off what cannot be done now."""
        self.state = new
        if old is None or old.settings != new.settings:
            self._show_input(new)
            self._show_objective(new)
            settings = new.settings
            show_word(self._preset, settings.preset)
            show_number(self._weights_seed, settings.weights_seed)
            self._weights.show_choice(
                formatted("Toolbar", "weights: seed {seed}", seed=settings.weights_seed),
                translate("Toolbar", "The weights: drawn at random with this seed"),
            )
            self._weights.setEnabled(presets.get(settings.preset).weights is None)
            self._zero_grad.setChecked(settings.zero_grad)
        idle = new.pending is None
        lost = new.engine is EngineStatus.LOST
        self._forward.setEnabled(idle and not lost)
        self._backward.setEnabled(idle and not lost)
        self._stop.setEnabled(not idle)

    def _show_input(self, state: State) -> None:
        chosen = state.settings.input
        show_word(self._input_kind, chosen.kind)
        own = presets.get(state.settings.preset).image is not None
        model = self._input_kind.model()
        at = self._input_kind.findData("preset")
        model.item(at).setEnabled(own)  # type: ignore[attr-defined]
        self._scan.setMaximum(inputs.count(chosen.label) - 1)
        for field, value in (
            (self._digit, chosen.label),
            (self._scan, chosen.index),
            (self._input_seed, chosen.seed),
        ):
            show_number(field, value)
        for widget in (self._digit, self._digit_label, self._scan, self._scan_label):
            widget.setVisible(chosen.kind == "digit")
        for widget in (self._input_seed, self._input_seed_label):
            widget.setVisible(chosen.kind == "random")
        words = {
            "digit": formatted(
                "Toolbar", "digit {label}, scan {index}", label=chosen.label, index=chosen.index
            ),
            "random": formatted("Toolbar", "randn, seed {seed}", seed=chosen.seed),
            "preset": translate("Toolbar", "the preset's image"),
        }
        self._input.show_choice(
            words[chosen.kind], translate("Toolbar", "The input: click to change")
        )

    def _show_objective(self, state: State) -> None:
        objective = state.settings.objective
        self._index.setMaximum(state.settings.output_count - 1)
        show_word(self._kind, objective.kind)
        show_number(self._index, objective.index)
        show_number(self._objective_seed, objective.seed)
        for widget in (self._index, self._index_label):
            widget.setVisible(objective.has_index)
        for widget in (self._objective_seed, self._objective_seed_label):
            widget.setVisible(not objective.has_index)
        self._objective.show_choice(
            objective_name(objective.word),
            translate("Toolbar", "The objective that backward starts from: click to change"),
        )
