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
from lenet_viz.panels.toolbar_choices import (
    LARGEST_SEED,
    InputButton,
    ObjectiveButton,
    show_past,
    why_off,
)
from lenet_viz.session.provenance import has_own_weights, weights_seed
from lenet_viz.session.state import Run, State


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
        runners = (self._forward, self._backward, self._zero_grad)
        self._tips = tuple((button, button.toolTip()) for button in runners)
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
        field.activated.connect(self._preset_chosen)
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
        past = new.opened is not None
        same = (
            old is not None
            and old.settings == new.settings
            and old.opened == new.opened
            and (not past or old.run is new.run)
        )
        if not same:
            self._input.render_state(new)
            self._objective.render_state(new)
            self._show_preset(new)
            self._show_weights(new)
            self._show_switches(new)
        idle = new.pending is None
        self._forward.setEnabled(idle and not past)
        self._backward.setEnabled(idle and not past)
        self._stop.setEnabled(not idle)

    def _show_preset(self, state: State) -> None:
        """Show the network's name; a run from elsewhere stands below the presets."""
        extra = len(presets.NAMES)
        blocked = self._preset.blockSignals(True)
        if self._preset.count() > extra:
            self._preset.removeItem(extra)
        if state.opened is not None:
            self._preset.addItem(state.opened.name, "")
            self._preset.setItemData(extra, why_off(state), Qt.ItemDataRole.ToolTipRole)
        self._preset.blockSignals(blocked)
        show_word(self._preset, state.settings.preset if state.opened is None else "")
        tip = translate("Toolbar", "The network")
        self._preset.setToolTip(tip if state.opened is None else f"{tip}\n{why_off(state)}")

    def _preset_chosen(self, at: int) -> None:
        if self._preset.itemData(at):  # the run from elsewhere has no preset's name
            self.preset_requested.emit(self._preset.itemData(at))

    def _show_weights(self, state: State) -> None:
        if show_past(self._weights, state, _weights_of):
            return
        settings = state.settings
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

    def _show_switches(self, state: State) -> None:
        """Show whether gradients are cleared, and say why nothing can be run, where that is so."""
        why, capture = why_off(state), state.capture
        past = state.opened is not None and capture is not None
        self._zero_grad.setEnabled(not past)
        cleared = state.settings.zero_grad
        if past and capture is not None:
            cleared = capture.settings.get("zero_grad") == "yes"
        self._zero_grad.setChecked(cleared)
        for button, tip in self._tips:
            button.setToolTip(why or tip)


def _weights_of(run: Run) -> str:
    """Return where the weights of a run from elsewhere came from, in as few words."""
    if has_own_weights(run.capture):
        return translate("Toolbar", "weights: fixed")
    seed = weights_seed(run.capture)
    if seed:
        return formatted("Toolbar", "weights: seed {seed}", seed=seed)
    return translate("Toolbar", "weights: given")
